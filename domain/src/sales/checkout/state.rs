use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::event::{Demand, DemandGroup, Event, StockMovement};
use crate::sales::PaymentMethod;
use crate::value::{ReservationId, Sku, Timestamp};

/// The refusal that says how many pieces there are.
const INSUFFICIENT: &str = "stock.insufficient";

/// What is known of a checkout: the situation it is in. Its state is its outbox: what is still to be sent
/// follows from it alone (`outstanding`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Checkout {
    /// It never began.
    #[default]
    NotStarted,
    /// It holds stock, then promises it to the order, then places the order.
    Running(Run),
    /// It failed and lets go of everything.
    Undoing(Run, Failure),
    /// It failed, and all is as if it had never begun.
    Refused {
        /// Which try.
        attempt: u32,
        /// What went wrong.
        failure: Failure,
    },
    /// The order is placed; what the order asks of its stock is seen to from here.
    Completed {
        /// Which try.
        attempt: u32,
        /// Under which name the order's stock is held.
        reservation: ReservationId,
        /// What the order asked of its stock and is not done.
        movements: Vec<Movement>,
    },
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Run {
    /// Which try of this cart, from 1.
    pub attempt: u32,
    /// Under which name it holds stock.
    pub reservation: ReservationId,
    /// How the order is paid.
    pub payment: PaymentMethod,
    /// When it gives up, unless all stock is promised.
    pub deadline: Timestamp,
    /// What it asks of each shard of the inventory, and how far that is.
    pub groups: Vec<Group>,
}

/// What one shard of the inventory is asked for, and how far that is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Group {
    /// The shard's partition.
    pub partition: u32,
    /// All SKUs of that shard.
    pub demands: Vec<Demand>,
    /// How far it is.
    pub progress: Progress,
}

/// How far one shard of the inventory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Progress {
    /// Asked to hold, no answer yet.
    Asked,
    /// It holds.
    Held,
    /// It has promised the pieces to the order.
    Allotted,
    /// It holds nothing any more, and will not.
    Freed,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Failure {
    /// The step: `hold`, `allocate`, `place`, `deadline`.
    pub step: String,
    /// The code of why.
    pub why: String,
    /// What was short, when pieces were.
    pub shortage: Option<Shortage>,
}

/// What was short.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shortage {
    /// What.
    pub sku: Sku,
    /// How many there were.
    pub available: i64,
}

/// What the order asked of its stock, and is not done.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Movement {
    /// The parcel's, the return's or the cancellation's id.
    pub id: Uuid,
    /// What it asks.
    pub kind: StockMovement,
    /// Of shards that have not answered yet.
    pub groups: Vec<DemandGroup>,
}

impl Checkout {
    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::CheckoutStarted {
                attempt,
                reservation,
                groups,
                payment,
                deadline,
            } => {
                *self = Self::Running(Run {
                    attempt: *attempt,
                    reservation: *reservation,
                    payment: *payment,
                    deadline: *deadline,
                    groups: groups.iter().map(Group::from).collect(),
                });
            }
            Event::StockHeld { partition } => self.progress(*partition, Progress::Held),
            Event::StockAllotted { partition } => self.progress(*partition, Progress::Allotted),
            Event::StockFreed { partition } => self.progress(*partition, Progress::Freed),
            Event::StockRefused {
                partition,
                sku,
                available,
                code,
            } => self.fail(Failure {
                step: self.step_of(*partition).to_owned(),
                why: code.clone(),
                shortage: (code == INSUFFICIENT).then(|| Shortage {
                    sku: sku.clone(),
                    available: *available,
                }),
            }),
            Event::CheckoutTimedOut {} => self.fail(Failure {
                step: "deadline".to_owned(),
                why: "checkout.timed_out".to_owned(),
                shortage: None,
            }),
            Event::CheckoutAbandoned { step, why } => self.fail(Failure {
                step: step.clone(),
                why: why.clone(),
                shortage: None,
            }),
            Event::CheckoutCompleted {} => self.complete(),
            Event::CheckoutCompensated { .. } => self.end_refused(),
            Event::StockMovementOwed { movement, kind, groups } => self.owe(Movement {
                id: *movement,
                kind: *kind,
                groups: groups.clone(),
            }),
            Event::StockMovementDone { movement, partition } => self.settle(*movement, *partition),
        }
    }

    fn run_mut(&mut self) -> Option<&mut Run> {
        match self {
            Self::Running(run) | Self::Undoing(run, _) => Some(run),
            Self::NotStarted | Self::Refused { .. } | Self::Completed { .. } => None,
        }
    }

    fn progress(&mut self, partition: u32, progress: Progress) {
        let groups = self.run_mut().map(|run| run.groups.iter_mut());
        if let Some(group) = groups.and_then(|mut groups| groups.find(|group| group.partition == partition)) {
            group.progress = progress;
        }
    }

    fn step_of(&self, partition: u32) -> &'static str {
        match self {
            Self::Running(run) if run.progress_of(partition) == Some(Progress::Held) => "allocate",
            _ => "hold",
        }
    }

    fn fail(&mut self, failure: Failure) {
        if let Self::Running(run) = std::mem::take(self) {
            *self = Self::Undoing(run, failure);
        }
    }

    fn complete(&mut self) {
        if let Self::Running(run) = std::mem::take(self) {
            *self = Self::Completed {
                attempt: run.attempt,
                reservation: run.reservation,
                movements: Vec::new(),
            };
        }
    }

    fn end_refused(&mut self) {
        if let Self::Undoing(run, failure) = std::mem::take(self) {
            *self = Self::Refused {
                attempt: run.attempt,
                failure,
            };
        }
    }

    fn owe(&mut self, movement: Movement) {
        if let Self::Completed { movements, .. } = self {
            movements.push(movement);
        }
    }

    fn settle(&mut self, id: Uuid, partition: u32) {
        let Self::Completed { movements, .. } = self else {
            return;
        };
        for movement in movements.iter_mut().filter(|movement| movement.id == id) {
            movement.groups.retain(|group| group.partition != partition);
        }
        movements.retain(|movement| !movement.groups.is_empty());
    }

    /// When it wants to be told that its time is up: not once all stock is promised, for then the order follows.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Running(run) if !run.is_allotted() => Some(run.deadline),
            _ => None,
        }
    }

    /// Whether something is still to be sent on its behalf.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        match self {
            Self::NotStarted | Self::Refused { .. } => false,
            Self::Running(_) | Self::Undoing(..) => true,
            Self::Completed { movements, .. } => !movements.is_empty(),
        }
    }
}

impl Run {
    /// How far a shard of the inventory is; none when it was not asked.
    #[must_use]
    pub fn progress_of(&self, partition: u32) -> Option<Progress> {
        let mut groups = self.groups.iter();
        groups
            .find(|group| group.partition == partition)
            .map(|group| group.progress)
    }

    /// Whether all stock is promised to the order.
    #[must_use]
    pub fn is_allotted(&self) -> bool {
        self.groups.iter().all(|group| group.progress == Progress::Allotted)
    }

    /// Whether no shard was left without an answer to whether it holds.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.groups.iter().all(|group| group.progress != Progress::Asked)
    }

    /// Whether no shard holds anything any more.
    #[must_use]
    pub fn is_freed(&self) -> bool {
        self.groups.iter().all(|group| group.progress == Progress::Freed)
    }
}

impl From<&DemandGroup> for Group {
    fn from(group: &DemandGroup) -> Self {
        Self {
            partition: group.partition,
            demands: group.demands.clone(),
            progress: Progress::Asked,
        }
    }
}
