//! The generations of projections, opened, switched and dropped by commands to the `shop` shard.

use std::time::{Duration, Instant};

use command_api::{CommandError, Commands, Request};
use domain::shop::generation;
use domain::value::CommandId;
use domain::{Command, ConsistencyToken};
use futures::FutureExt;
use futures::future::BoxFuture;
use projectors::{GenerationError, GenerationLog};
use read_store::Generation;
use uuid::Uuid;

/// How long one such command may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// Who gives these commands, in the log.
const ACTOR: &str = "process:projectors";

/// Writes the generations of projections to the log.
pub(crate) struct GenerationCommands(pub(crate) Commands);

impl GenerationCommands {
    fn send(&self, projection: &str, command: generation::Command) -> BoxFuture<'_, Result<(), GenerationError>> {
        let command = Command::Generation(projection.to_owned(), command);
        async move {
            // At a start the projectors are quicker than the claims; what is asked too early would only be refused.
            self.0.until_serving(Instant::now() + DEADLINE).await;
            let outcome = self.0.execute(request(command, ACTOR)).await;
            outcome.map(|_| ()).map_err(|error| failed(&error))
        }
        .boxed()
    }
}

/// Each sending is an intent of its own: what is already so changes nothing.
pub(crate) fn request(command: Command, actor: &str) -> Request {
    let intent = Uuid::now_v7();
    Request {
        commands: vec![command],
        command_id: CommandId(intent),
        keyed: None,
        request_hash: [1; 32],
        expected_version: None,
        actor: actor.to_owned(),
        correlation: intent,
        causation: intent,
        traceparent: String::new(),
        after: ConsistencyToken::default(),
        deadline: Instant::now() + DEADLINE,
    }
}

fn failed(error: &CommandError) -> GenerationError {
    match error {
        CommandError::Rejected(rejection) => GenerationError::Refused {
            code: rejection.code().to_owned(),
            message: rejection.to_string(),
        },
        other => GenerationError::Unavailable(other.to_string()),
    }
}

impl GenerationLog for GenerationCommands {
    fn open(&self, projection: &'static str, version: u32, held: bool) -> BoxFuture<'_, Result<(), GenerationError>> {
        self.send(projection, generation::Command::Open { version, held })
    }

    fn switch(&self, projection: &'static str, generation: Generation) -> BoxFuture<'_, Result<(), GenerationError>> {
        self.send(projection, generation::Command::Switch { generation })
    }

    fn drop_tables(
        &self,
        projection: &'static str,
        generation: Generation,
    ) -> BoxFuture<'_, Result<(), GenerationError>> {
        self.send(projection, generation::Command::Drop { generation })
    }
}
