//! One sending: the commands to their shard, and the answer to the process.

use std::time::Duration;

use command_api::{CommandError, Commands, Request};
use domain::sales::checkout::Outstanding;
use domain::stream::StreamId;
use domain::value::{CommandId, derived};
use domain::{Command, ConsistencyToken};
use fail::fail_point;
use uuid::Uuid;

/// How long a shard may take to answer; then the commands are sent again.
const ANSWER_SECONDS_MAX: u64 = 5;
/// What processes are called in the log.
const ACTOR: &str = "process:checkout";

/// What became of a sending.
#[derive(Debug)]
pub(super) struct Sent {
    /// The process that sent it.
    pub(super) stream: StreamId,
    /// Which of its sendings.
    pub(super) id: CommandId,
    /// What now.
    pub(super) verdict: Verdict,
}

/// Whether a sending is to be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The answer is in the log; the process goes on from there.
    Recorded,
    /// There is no answer, or it could not be recorded.
    Again,
}

/// Sends, and records the answer. Dies at its labelled steps when a test asks for it.
pub(super) async fn send(commands: Commands, outstanding: Outstanding) -> Sent {
    let verdict = send_and_record(&commands, &outstanding).await;
    Sent {
        stream: outstanding.process(),
        id: outstanding.id,
        verdict,
    }
}

async fn send_and_record(commands: &Commands, outstanding: &Outstanding) -> Verdict {
    fail_point!("checkout-stands-still", |_| Verdict::Again);
    fail_point!("checkout-before-send", |_| std::process::abort());
    let id = outstanding.id;
    let story = outstanding.story();
    let sending = request(outstanding.commands.clone(), id, story, story);
    let record = match commands.execute(sending).await {
        Ok(_) => outstanding.when_done(),
        Err(CommandError::Rejected(rejection)) => {
            let Some(record) = outstanding.when_refused(&rejection) else {
                tracing::warn!(process = %outstanding.process(), code = rejection.code(), %rejection, "refused; it is sent again");
                return Verdict::Again;
            };
            Some(record)
        }
        Err(error) => return again(outstanding, &error),
    };
    fail_point!("checkout-sent-not-recorded", |_| std::process::abort());
    if let Some(record) = record {
        let recording = request(vec![record], recording_id(id), story, id.0);
        if let Err(error) = commands.execute(recording).await {
            return again(outstanding, &error);
        }
    }
    fail_point!("checkout-recorded", |_| std::process::abort());
    Verdict::Recorded
}

fn again(outstanding: &Outstanding, error: &CommandError) -> Verdict {
    let process = outstanding.process();
    if error.is_retryable() {
        tracing::debug!(%process, code = error.code(), "not answered; it is sent again");
    } else {
        tracing::error!(%process, code = error.code(), %error, "cannot be sent; an operator must look");
    }
    Verdict::Again
}

fn recording_id(sending: CommandId) -> CommandId {
    CommandId(derived(sending.0, "record"))
}

/// Without a key: what is sent says itself what it aims at, and that holds longer than any window.
fn request(commands: Vec<Command>, id: CommandId, story: Uuid, causation: Uuid) -> Request {
    Request {
        commands,
        command_id: id,
        keyed: None,
        request_hash: hash_of(id),
        expected_version: None,
        actor: ACTOR.to_owned(),
        correlation: story,
        causation,
        traceparent: String::new(),
        after: ConsistencyToken::default(),
        deadline: std::time::Instant::now() + Duration::from_secs(ANSWER_SECONDS_MAX),
    }
}

/// A sending's id names its content already.
fn hash_of(id: CommandId) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(id.0.as_bytes());
    hash
}
