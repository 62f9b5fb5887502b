//! Requests from their arrival to the decision.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use domain::stream::StreamId;
use domain::value::CommandId;
use event_log::Record;

use super::action::{Action, Answer};
use super::decide::{Undecided, Unkept};
use super::input::{Decoded, Intent, Loaded, Question, Ticket};
use super::known::{Memory, again, is_protected};
use super::{Environment, Machine, Role, Versioned};
use crate::error::CommandError;
use crate::limits::{QUEUE_REQUESTS_MAX, UNWRITTEN_COMMITS_MAX, WINDOW_COMMITS_MAX};

/// What callers are told to wait while a shard has no owner here.
pub(super) const MOVING_RETRY: std::time::Duration = std::time::Duration::from_millis(500);

/// A request that nothing was decided about yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    /// Who waits; nobody when the shard asked itself.
    pub(super) ticket: Option<Ticket>,
    pub(super) question: Asked,
    pub(super) deadline_ms: u64,
    /// Whether `state.db` was asked for the answer to it.
    pub(super) is_new: bool,
}

/// What is asked, by others or by the shard itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    Do(Box<Intent>),
    State(StreamId),
    /// Wake this stream if it is due.
    Wake(StreamId),
}

/// What goes on once its states are loaded.
#[derive(Clone, Debug)]
pub(super) enum Loading {
    Decide(Pending),
    Fold(Arc<Record>, Decoded),
}

/// The record stands for its events.
impl Hash for Loading {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        match self {
            Self::Decide(pending) => pending.hash(hasher),
            Self::Fold(record, _) => record.hash(hasher),
        }
    }
}

impl Machine {
    pub(super) fn asked(&mut self, ticket: Ticket, question: Question, deadline_ms: u64, actions: &mut Vec<Action>) {
        if let Err(error) = self.admits() {
            actions.push(Action::Answer(ticket, Err(error)));
            return;
        }
        self.queue.push_back(Pending {
            ticket: Some(ticket),
            question: match question {
                Question::Do(intent) => Asked::Do(intent),
                Question::State(stream) => Asked::State(stream),
            },
            deadline_ms,
            is_new: false,
        });
    }

    fn admits(&self) -> Result<(), CommandError> {
        match &self.role {
            Role::Halted(why) => Err(CommandError::Halted(why.clone())),
            Role::Serving { .. } if self.stopping => Err(moving()),
            Role::Serving { .. } if self.queue.len() >= QUEUE_REQUESTS_MAX => Err(CommandError::Busy),
            Role::Serving { .. } => Ok(()),
            Role::Following | Role::Claiming { .. } => Err(moving()),
        }
    }

    /// Decides what waits, as far as the window allows.
    pub(super) fn drain_queue(&mut self, environment: &Environment<'_>, actions: &mut Vec<Action>) {
        while self.loading.is_none() && self.window_is_open(environment) {
            let Some(pending) = self.queue.pop_front() else {
                return;
            };
            self.attempt(pending, environment, actions);
        }
    }

    pub(super) fn window_is_open(&self, environment: &Environment<'_>) -> bool {
        self.read_back.is_none()
            && self.in_flight.len() < WINDOW_COMMITS_MAX
            && self.fold.seq.saturating_sub(environment.written) < UNWRITTEN_COMMITS_MAX
    }

    /// The states that were missing are here: what waited for them goes on.
    pub(super) fn loaded(&mut self, loaded: Loaded, environment: &Environment<'_>, actions: &mut Vec<Action>) {
        for (stream, versioned) in loaded.streams {
            self.hot.loaded(stream, versioned);
        }
        match self.loading.take() {
            Some(Loading::Decide(mut pending)) => {
                pending.is_new = true;
                match (&pending.question, loaded.kept) {
                    (Asked::Do(intent), Some(kept)) if is_protected(kept.outcome.at, self.at) => {
                        answer(pending.ticket, again(&kept, intent), actions);
                    }
                    _ => self.attempt(pending, environment, actions),
                }
            }
            Some(Loading::Fold(record, decoded)) => self.read(record, decoded, environment, actions),
            None => {}
        }
    }

    fn attempt(&mut self, pending: Pending, environment: &Environment<'_>, actions: &mut Vec<Action>) {
        if self.serves().is_none() {
            return answer(pending.ticket, Err(moving()), actions);
        }
        if pending.deadline_ms <= environment.clock_ms {
            return answer(pending.ticket, Err(CommandError::DeadlinePassed), actions);
        }
        match &pending.question {
            Asked::State(stream) => match self.latest(stream) {
                Some(versioned) => self.answer_with_state(pending.ticket, versioned, pending.deadline_ms, actions),
                None => {
                    let stream = stream.clone();
                    self.load(pending, vec![stream], actions);
                }
            },
            Asked::Wake(stream) => match self.latest(stream) {
                Some(versioned) => self.wake(pending, &versioned, environment, actions),
                None => {
                    let stream = stream.clone();
                    self.load(pending, vec![stream], actions);
                }
            },
            Asked::Do(intent) => match self.recall(intent, pending.is_new) {
                Recalled::Answer(error_or_answer) => answer(pending.ticket, error_or_answer, actions),
                Recalled::AnswerOnceConfirmed(error) => {
                    self.answer_once_confirmed(pending.ticket, Err(error), pending.deadline_ms, actions);
                }
                Recalled::AskStateDb => {
                    let streams = self.not_in_memory(intent);
                    self.load(pending, streams, actions);
                }
                Recalled::New => self.attempt_intent(pending, environment, actions),
            },
        }
    }

    fn recall(&self, intent: &Intent, is_new: bool) -> Recalled {
        let Some(key) = intent.keyed else {
            return Recalled::New;
        };
        match self.known.recall(intent, self.at) {
            Memory::Answered(answer) => Recalled::Answer(answer),
            Memory::Running => Recalled::Answer(Err(CommandError::StillRunning)),
            // The other request may yet be lost, and then its key was not used: so this rests on it.
            Memory::RunningOtherwise => Recalled::AnswerOnceConfirmed(CommandError::KeyReused),
            Memory::Nothing if !is_new => Recalled::AskStateDb,
            Memory::Nothing if key.drawn_at.is_some_and(|at| !is_protected(at, self.at)) => {
                Recalled::Answer(Err(CommandError::KeyExpired))
            }
            Memory::Nothing => Recalled::New,
        }
    }

    pub(super) fn attempt_intent(
        &mut self,
        pending: Pending,
        environment: &Environment<'_>,
        actions: &mut Vec<Action>,
    ) {
        let Asked::Do(intent) = &pending.question else {
            return;
        };
        match self.decide(intent, environment) {
            Ok(decision) => {
                let Pending {
                    ticket,
                    question: Asked::Do(intent),
                    deadline_ms,
                    ..
                } = pending
                else {
                    return;
                };
                match decision {
                    Unkept::Nothing(outcome) => {
                        self.answer_once_confirmed(ticket, Ok(Answer::Done(outcome)), deadline_ms, actions);
                    }
                    Unkept::Staged(staged) => {
                        self.send_commit(ticket, *intent, staged, deadline_ms, environment, actions)
                    }
                }
            }
            Err(Undecided::NotLoaded(stream)) => self.load(pending, vec![stream], actions),
            Err(Undecided::Refused(error)) => {
                self.answer_once_confirmed(pending.ticket, Err(error), pending.deadline_ms, actions);
            }
        }
    }

    fn load(&mut self, pending: Pending, streams: Vec<StreamId>, actions: &mut Vec<Action>) {
        let command = match &pending.question {
            Asked::Do(intent) if intent.keyed.is_some() && !pending.is_new => Some(intent.command_id),
            _ => None,
        };
        self.ask_for(Loading::Decide(pending), streams, command, actions);
    }

    pub(super) fn ask_for(
        &mut self,
        loading: Loading,
        streams: Vec<StreamId>,
        command: Option<CommandId>,
        actions: &mut Vec<Action>,
    ) {
        self.loading = Some(loading);
        actions.push(Action::Load { streams, command });
    }

    /// The streams that the commands aim at and that are not in memory.
    fn not_in_memory(&self, intent: &Intent) -> Vec<StreamId> {
        let mut missing: Vec<StreamId> = Vec::new();
        for command in &intent.commands {
            let stream = command.stream();
            if self.latest(&stream).is_none() && !missing.contains(&stream) {
                missing.push(stream);
            }
        }
        missing
    }

    /// The state of a stream after everything that is in flight.
    pub(super) fn latest(&self, stream: &StreamId) -> Option<Versioned> {
        match self.speculative.get(stream) {
            Some(speculative) => Some(speculative.versioned.clone()),
            None => self.hot.peek(stream).cloned(),
        }
    }

    /// Tells callers whose deadline passed. What is in flight goes on without them.
    pub(super) fn tick_callers(&mut self, clock_ms: u64, actions: &mut Vec<Action>) {
        for in_flight in &mut self.in_flight {
            in_flight.give_up_waiting(clock_ms, actions);
        }
        self.queue.retain(|pending| {
            let waits = pending.deadline_ms > clock_ms;
            if !waits {
                answer(pending.ticket, Err(CommandError::DeadlinePassed), actions);
            }
            waits
        });
        self.waiting.retain(|waiting| waiting.still_waits(clock_ms, actions));
    }
}

/// What idempotency says of a request.
enum Recalled {
    Answer(Result<Answer, CommandError>),
    AnswerOnceConfirmed(CommandError),
    AskStateDb,
    New,
}

pub(super) fn moving() -> CommandError {
    CommandError::Moving {
        retry_after: MOVING_RETRY,
    }
}

/// Tells the caller, if there is one.
pub(super) fn answer(ticket: Option<Ticket>, answer: Result<Answer, CommandError>, actions: &mut Vec<Action>) {
    if let Some(ticket) = ticket {
        actions.push(Action::Answer(ticket, answer));
    }
}
