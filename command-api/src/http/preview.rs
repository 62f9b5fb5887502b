//! What commands would do, decided on states as they are, and not done.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::stream::StreamId;
use domain::{Command, ConsistencyToken, Context, Decided, NotLoaded, Refusal, State, Streams, decide};
use schemars::JsonSchema;
use serde::Serialize;

use super::answer::{Answer, Answered};
use super::intent::Intent;
use super::problem::Problem;
use super::state::{HttpState, now};
use crate::{CommandError, Seen};

/// Most streams that a preview looks at: a product with all its variants, images and categories names fewer.
const STREAMS_MAX: usize = 1_000;

/// What would happen.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Preview {
    #[serde(rename = "__typename")]
    typename: &'static str,
    /// The names of the events, in their order; none when nothing would change.
    events: Vec<&'static str>,
    /// Whether there is such a thing already.
    exists: bool,
    #[serde(skip)]
    seen: Seen,
}

impl Preview {
    /// What is told of it.
    pub(crate) fn answer(&self, intent: &Intent) -> Answered {
        Answer::seen(intent, &self.seen, self)
    }
}

/// States as they were seen, and as they would be.
#[derive(Default)]
struct Speculation(BTreeMap<StreamId, Arc<State>>);

impl Streams for Speculation {
    fn state(&self, stream: &StreamId) -> Result<Arc<State>, NotLoaded> {
        let known = self.0.get(stream).cloned();
        known.ok_or_else(|| NotLoaded(stream.clone()))
    }
}

impl Speculation {
    fn evolve(&mut self, decided: &Decided) {
        let state = self.0.entry(decided.stream.clone());
        let state = state.or_insert_with(|| Arc::new(State::initial(&decided.stream)));
        Arc::make_mut(state).evolve(&decided.event);
    }
}

/// Decides the commands in order, as a shard would, and does nothing.
///
/// # Errors
/// What the commands would be refused with.
pub(crate) async fn events(shop: &HttpState, intent: &Intent, commands: &[Command]) -> Result<Preview, Problem> {
    let mut speculation = Speculation::default();
    let mut events = Vec::new();
    let mut first: Option<Seen> = None;
    for command in commands {
        loop {
            match decided(shop, intent, command, &speculation) {
                Ok(decided) => {
                    events.extend(decided.iter().map(|decided| decided.event.name()));
                    decided.iter().for_each(|decided| speculation.evolve(decided));
                    break;
                }
                Err(Refusal::Rejected(rejection)) => return Err(CommandError::Rejected(rejection).into()),
                Err(Refusal::NotLoaded(_)) if speculation.0.len() >= STREAMS_MAX => {
                    return Err(CommandError::TooLarge.into());
                }
                Err(Refusal::NotLoaded(stream)) => {
                    let seen = shop.seen(&stream).await?;
                    speculation.0.insert(stream, Arc::clone(&seen.state));
                    first.get_or_insert(seen);
                }
            }
        }
    }
    let seen = first.unwrap_or_else(|| Seen {
        state: Arc::new(State::initial(&StreamId::Shop)),
        version: 0,
        token: ConsistencyToken::default(),
    });
    Ok(Preview {
        typename: "Preview",
        events,
        exists: seen.version > 0,
        seen,
    })
}

fn decided(
    shop: &HttpState,
    intent: &Intent,
    command: &Command,
    streams: &Speculation,
) -> Result<Vec<Decided>, Refusal> {
    let partitions = shop.commands.partitions();
    let reference = shop.commands.reference();
    let context = Context {
        now: now(),
        cause: intent.command_id.0,
        partition: command.stream().shard(partitions).partition,
        partitions,
        reference: &*reference,
    };
    decide(command, streams, &context)
}
