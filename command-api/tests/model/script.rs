//! What callers ask, and what became of it.

use std::sync::{Arc, LazyLock};

use command_api::shard::{Answer, Intent, Question, Ticket, Versioned};
use command_api::{CommandError, Key};
use domain::inventory::item;
use domain::shop::settings::Settings;
use domain::stream::{Location, Shard, StreamId};
use domain::value::{CommandId, Sku};
use domain::{Command, Context, Decided, NotLoaded, Reference, Refusal, State, Streams, VariantOffer};
use uuid::Uuid;

use crate::log::BEGINNING;

/// Partitions of the topics that have many.
pub(crate) const PARTITIONS: u32 = 1;
/// When those who do not wait for ever stop waiting: the first time that passes is too long for them.
const IMPATIENT_MS: u64 = 50_000;

/// What a caller asks. All of it is about one stock item, which has no pieces at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    /// One piece comes in, under a key.
    Receive,
    /// The same request, under the same key.
    ReceiveAgain,
    /// Another request under the same key.
    ReceiveTwoUnderTheSameKey,
    /// One piece is taken: refused as long as there is none. Its caller is impatient.
    Take,
    /// The count is said to be right as it is: nothing to write.
    Confirm,
    /// The state is read.
    Read,
}

impl Operation {
    pub(crate) fn question(self, ticket: Ticket) -> Question {
        let Some(command) = self.command() else {
            return Question::State(item());
        };
        let cause = cause_of(ticket);
        Question::Do(Box::new(Intent {
            commands: vec![command],
            command_id: self.command_id(),
            keyed: self.is_keyed().then_some(Key { drawn_at: None }),
            request_hash: self.request_hash(),
            expected_version: None,
            actor: String::new(),
            correlation: cause,
            causation: cause,
            traceparent: String::new(),
        }))
    }

    pub(crate) fn command(self) -> Option<Command> {
        let adjust = |delta| item::Command::Adjust {
            delta,
            expected: None,
            force: false,
            reason: "counted".to_owned(),
        };
        let command = match self {
            Self::Receive | Self::ReceiveAgain => item::Command::Receive { quantity: 1 },
            Self::ReceiveTwoUnderTheSameKey => item::Command::Receive { quantity: 2 },
            Self::Take => adjust(-1),
            Self::Confirm => adjust(0),
            Self::Read => return None,
        };
        Some(Command::StockItem(sku(), Location::default(), command))
    }

    pub(crate) fn is_keyed(self) -> bool {
        matches!(
            self,
            Self::Receive | Self::ReceiveAgain | Self::ReceiveTwoUnderTheSameKey
        )
    }

    pub(crate) fn command_id(self) -> CommandId {
        CommandId(Uuid::from_u128(match self {
            Self::Receive | Self::ReceiveAgain | Self::ReceiveTwoUnderTheSameKey => 0x0a,
            Self::Take => 0x0b,
            Self::Confirm => 0x0c,
            Self::Read => 0x0d,
        }))
    }

    pub(crate) fn request_hash(self) -> [u8; 32] {
        match self {
            Self::Receive | Self::ReceiveAgain => [1; 32],
            Self::ReceiveTwoUnderTheSameKey => [2; 32],
            Self::Take | Self::Confirm | Self::Read => [3; 32],
        }
    }

    pub(crate) fn deadline_ms(self) -> u64 {
        match self {
            Self::Take => IMPATIENT_MS,
            _ => u64::MAX,
        }
    }

    /// What the pure domain makes of it in this state.
    pub(crate) fn decide(self, item: &Versioned) -> Result<Vec<Decided>, Refusal> {
        let Some(command) = self.command() else {
            return Ok(Vec::new());
        };
        let context = Context {
            now: BEGINNING,
            cause: self.command_id().0,
            partition: 0,
            partitions: PARTITIONS,
            reference: &NoFacts,
        };
        domain::decide(&command, &Only(item), &context)
    }
}

/// What became of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    /// Has not asked.
    Silent,
    /// Asked this node when so many commits had happened.
    Waits { node: usize, since: u64 },
    /// Was told that it is done.
    Done,
    /// Was told something that leaves no trace: a refusal, a state, that it was not done.
    Undone,
    /// Was told that nobody knows, or lost the connection.
    InTheDark,
}

impl Call {
    /// What a caller makes of an answer.
    pub(crate) fn told(answer: &Result<Answer, CommandError>) -> Self {
        match answer {
            Ok(Answer::Done(_)) => Self::Done,
            Err(CommandError::OutcomeUnknown) => Self::InTheDark,
            Ok(Answer::State { .. }) | Err(_) => Self::Undone,
        }
    }
}

/// The name of one caller's attempt, by which its commit is known in the log.
pub(crate) fn cause_of(ticket: Ticket) -> Uuid {
    Uuid::from_u128(0x1000 + u128::from(ticket.0))
}

/// The stream that all is about.
pub(crate) fn item() -> StreamId {
    static ITEM: LazyLock<StreamId> = LazyLock::new(|| StreamId::StockItem(sku(), Location::default()));
    ITEM.clone()
}

pub(crate) fn shard() -> Shard {
    item().shard(PARTITIONS)
}

fn sku() -> Sku {
    static SKU: LazyLock<Sku> = LazyLock::new(|| "LAMP".parse().expect("LAMP is a SKU"));
    SKU.clone()
}

/// Only the stock item has a state.
struct Only<'a>(&'a Versioned);

impl Streams for Only<'_> {
    fn state(&self, stream: &StreamId) -> Result<Arc<State>, NotLoaded> {
        let state = self.0.state.as_ref().filter(|_| *stream == item());
        state.cloned().ok_or_else(|| NotLoaded(stream.clone()))
    }
}

/// Nothing is known from other shards.
pub(crate) struct NoFacts;

impl Reference for NoFacts {
    fn offer(&self, _sku: &Sku) -> Option<VariantOffer> {
        None
    }

    fn has_sku(&self, _sku: &Sku) -> bool {
        false
    }

    fn settings(&self) -> &Settings {
        static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::default);
        &SETTINGS
    }

    fn catalog_seq(&self) -> u64 {
        0
    }
}
