//! Idempotency: what was asked under a key, and what was answered.

use std::collections::{BTreeMap, VecDeque};

use domain::value::{CommandId, Timestamp};

use super::action::{Answer, Kept};
use super::input::Intent;
use crate::error::CommandError;
use crate::limits::KEY_WINDOW_MS;
use crate::request::Outcome;

/// The keyed requests that are in flight, and the answers that `state.db` does not hold yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Known {
    running: BTreeMap<CommandId, [u8; 32]>,
    answered: BTreeMap<CommandId, Kept>,
    /// The answered ones by their commits, oldest first.
    order: VecDeque<(u64, CommandId)>,
}

/// What is remembered of an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    /// It was answered.
    Answered(Result<Answer, CommandError>),
    /// It is in flight.
    Running,
    /// Another request is in flight under the same key.
    RunningOtherwise,
    /// Nothing.
    Nothing,
}

impl Known {
    pub(super) fn recall(&self, intent: &Intent, log_time: Timestamp) -> Memory {
        match self.running.get(&intent.command_id) {
            Some(request_hash) if *request_hash == intent.request_hash => return Memory::Running,
            Some(_) => return Memory::RunningOtherwise,
            None => {}
        }
        match self.answered.get(&intent.command_id) {
            Some(kept) if is_protected(kept.outcome.at, log_time) => Memory::Answered(again(kept, intent)),
            _ => Memory::Nothing,
        }
    }

    pub(super) fn begin(&mut self, command: CommandId, request_hash: [u8; 32]) {
        self.running.insert(command, request_hash);
    }

    pub(super) fn give_up(&mut self, command: CommandId) {
        self.running.remove(&command);
    }

    pub(super) fn give_all_up(&mut self) {
        self.running.clear();
    }

    /// It happened, in commit `seq`.
    pub(super) fn answer(&mut self, kept: Kept, seq: u64) {
        self.running.remove(&kept.command);
        self.order.push_back((seq, kept.command));
        self.answered.insert(kept.command, kept);
    }

    /// `state.db` holds everything up to this commit.
    pub(super) fn forget_written(&mut self, written: u64) {
        while let Some((seq, command)) = self.order.front() {
            if *seq > written {
                return;
            }
            // Under a key that was used again after its window, a younger answer stays.
            if self.answered.get(command).is_some_and(|kept| kept.outcome.seq == *seq) {
                self.answered.remove(command);
            }
            self.order.pop_front();
        }
    }
}

/// The answer to a request whose key was used before.
pub(super) fn again(kept: &Kept, intent: &Intent) -> Result<Answer, CommandError> {
    if kept.request_hash != intent.request_hash {
        return Err(CommandError::KeyReused);
    }
    Ok(Answer::Done(Outcome {
        replayed: true,
        ..Outcome::clone(&kept.outcome)
    }))
}

/// Whether an answer given at this moment is still kept, by the log's own time.
pub(super) fn is_protected(answered_at: Timestamp, log_time: Timestamp) -> bool {
    answered_at.0.saturating_add(KEY_WINDOW_MS) >= log_time.0
}
