//! Given these events, when this command comes, then these events or this refusal.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::command::NotLoaded;
use crate::shop::settings::Settings;
use crate::stream::StreamId;
use crate::value::{Sku, Timestamp};
use crate::{Command, Context, Decided, Event, Reference, Refusal, Rejection, State, Streams, VariantOffer, decide};

/// The moment at which every story begins.
pub(crate) const BEGINNING: Timestamp = Timestamp(1_750_000_000_000);

/// Facts from other shards that a test sets as it likes.
#[derive(Clone, Debug, Default)]
pub(crate) struct FixedReference {
    pub(crate) offers: BTreeMap<Sku, VariantOffer>,
    pub(crate) settings: Settings,
    pub(crate) catalog_seq: u64,
}

impl Reference for FixedReference {
    fn offer(&self, sku: &Sku) -> Option<VariantOffer> {
        self.offers.get(sku).cloned()
    }

    fn has_sku(&self, sku: &Sku) -> bool {
        self.offer(sku).is_some()
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn catalog_seq(&self) -> u64 {
        self.catalog_seq
    }
}

/// One shard with its streams, at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    states: BTreeMap<StreamId, Arc<State>>,
    pub(crate) now: Timestamp,
    pub(crate) cause: Uuid,
    pub(crate) partitions: u32,
    pub(crate) reference: FixedReference,
}

impl Streams for Story {
    fn state(&self, stream: &StreamId) -> Result<Arc<State>, NotLoaded> {
        let known = self.states.get(stream).cloned();
        Ok(known.unwrap_or_else(|| Arc::new(State::initial(stream))))
    }
}

/// A shard in which these events have happened.
pub(crate) fn given(events: impl IntoIterator<Item = (StreamId, Event)>) -> Story {
    let mut story = given_nothing();
    for (stream, event) in events {
        story.evolve(&stream, &event);
    }
    story
}

/// A shard in which nothing has happened.
pub(crate) fn given_nothing() -> Story {
    Story {
        states: BTreeMap::new(),
        now: BEGINNING,
        cause: Uuid::from_u128(1),
        partitions: 1,
        reference: FixedReference::default(),
    }
}

impl Story {
    /// The state of a stream, as it stands.
    pub(crate) fn state_of(&self, stream: &StreamId) -> State {
        self.states
            .get(stream)
            .map_or_else(|| State::initial(stream), |state| State::clone(state))
    }

    /// Every stream that has events, and its state.
    pub(crate) fn states(&self) -> Vec<(StreamId, Arc<State>)> {
        let copy = |(stream, state): (&StreamId, &Arc<State>)| (stream.clone(), Arc::clone(state));
        self.states.iter().map(copy).collect()
    }

    /// So many seconds after the beginning.
    pub(crate) fn at_seconds(mut self, seconds: i64) -> Self {
        self.now = Timestamp(BEGINNING.0 + seconds * 1_000);
        self
    }

    /// Caused by another command.
    pub(crate) fn caused_by(mut self, cause: u128) -> Self {
        self.cause = Uuid::from_u128(cause);
        self
    }

    /// With other facts from other shards.
    pub(crate) fn knowing(mut self, change: impl FnOnce(&mut FixedReference)) -> Self {
        change(&mut self.reference);
        self
    }

    /// After a command that is accepted.
    #[track_caller]
    pub(crate) fn having(mut self, command: impl Into<Command>) -> Self {
        let command = command.into();
        if let Err(refusal) = self.run(&command) {
            panic!("{command:?} was to be accepted, but: {refusal:?}");
        }
        self
    }

    /// A command comes.
    pub(crate) fn when(mut self, command: impl Into<Command>) -> Outcome {
        let command = command.into();
        let result = self.run(&command);
        Outcome {
            story: self,
            command,
            result,
        }
    }

    /// Decides and lets the states evolve.
    pub(crate) fn run(&mut self, command: &Command) -> Result<Vec<Decided>, Refusal> {
        let context = Context {
            now: self.now,
            cause: self.cause,
            partition: 0,
            partitions: self.partitions,
            reference: &self.reference,
        };
        let decided = decide(command, self, &context)?;
        for Decided { stream, event } in &decided {
            self.evolve(stream, event);
        }
        Ok(decided)
    }

    fn evolve(&mut self, stream: &StreamId, event: &Event) {
        let state = self
            .states
            .entry(stream.clone())
            .or_insert_with(|| Arc::new(State::initial(stream)));
        Arc::make_mut(state).evolve(event);
    }
}

/// What came of a command; each check gives the story back, to go on with.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    story: Story,
    command: Command,
    result: Result<Vec<Decided>, Refusal>,
}

impl Outcome {
    /// Exactly these events, in this order.
    #[track_caller]
    pub(crate) fn then(self, expected: impl IntoIterator<Item = (StreamId, Event)>) -> Story {
        let expected: Vec<Decided> = expected
            .into_iter()
            .map(|(stream, event)| Decided { stream, event })
            .collect();
        assert_eq!(self.result.as_ref(), Ok(&expected), "{:?}", self.command);
        self.story
    }

    /// Exactly events of these names, in this order.
    #[track_caller]
    pub(crate) fn then_named<const N: usize>(self, expected: [&str; N]) -> Story {
        let names: Vec<&str> = match &self.result {
            Ok(decided) => decided.iter().map(|decided| decided.event.name()).collect(),
            Err(refusal) => panic!("{:?} was refused: {refusal:?}", self.command),
        };
        assert_eq!(names, expected, "{:?}", self.command);
        self.story
    }

    /// Accepted, and nothing to record.
    #[track_caller]
    pub(crate) fn then_nothing(self) -> Story {
        self.then([])
    }

    /// Refused with this code.
    #[track_caller]
    pub(crate) fn then_refused(self, code: &str) -> Story {
        match &self.result {
            Err(Refusal::Rejected(rejection)) => assert_eq!(rejection.code(), code, "{:?}", self.command),
            other => panic!("{:?} was to be refused with {code}, but: {other:?}", self.command),
        }
        self.story
    }

    /// Refused for exactly this.
    #[track_caller]
    pub(crate) fn then_rejected(self, expected: impl Into<Rejection>) -> Story {
        assert_eq!(
            self.result,
            Err(Refusal::Rejected(expected.into())),
            "{:?}",
            self.command
        );
        self.story
    }

    /// Accepted, and the same command again records nothing.
    #[track_caller]
    pub(crate) fn then_again_nothing(self) -> Story {
        if let Err(refusal) = &self.result {
            panic!("{:?} was refused: {refusal:?}", self.command);
        }
        let Self { story, command, .. } = self;
        story.when(command).then_nothing()
    }
}
