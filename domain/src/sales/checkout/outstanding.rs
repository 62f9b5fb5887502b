//! What a checkout still has to send, and what to record of the answers.

use uuid::Uuid;

use super::event::{Demand, DemandGroup, StockMovement};
use super::state::{Checkout, Failure, Group, Movement, Progress, Run};
use crate::inventory::hold::{self, ReleaseReason};
use crate::sales::{cart, checkout, order};
use crate::stream::StreamId;
use crate::value::{CartId, CheckoutId, CommandId, OrderId, ReservationId, Sku, Timestamp};
use crate::{Command, Rejection};

/// A list of commands for one shard, sent again and again until it is answered: whoever gets it twice, or late,
/// or from a process that died since, does it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outstanding {
    /// v5(reservation, step).
    pub id: CommandId,
    /// All or none, in one commit; never empty, all of one shard.
    pub commands: Vec<Command>,
    checkout: CheckoutId,
    meaning: Meaning,
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Meaning {
    Hold { attempt: u32, group: Group },
    Allocate { attempt: u32, group: Group },
    Free { attempt: u32, partition: u32 },
    Place { attempt: u32 },
    Compensate,
    Move { movement: Uuid, partition: u32 },
}

impl Outstanding {
    /// The stream of the process that sends it.
    #[must_use]
    pub fn process(&self) -> StreamId {
        StreamId::Checkout(self.checkout)
    }

    /// What all records of this cart's way to its order share.
    #[must_use]
    pub fn story(&self) -> Uuid {
        self.checkout.0
    }

    /// What to record when it was done; nothing when doing it was also recording it.
    #[must_use]
    pub fn when_done(&self) -> Option<Command> {
        let command = match &self.meaning {
            Meaning::Hold { attempt, group } => checkout::Command::RecordHeld {
                attempt: *attempt,
                partition: group.partition,
            },
            Meaning::Allocate { attempt, group } => checkout::Command::RecordAllotted {
                attempt: *attempt,
                partition: group.partition,
            },
            Meaning::Free { attempt, partition } => checkout::Command::RecordFreed {
                attempt: *attempt,
                partition: *partition,
            },
            Meaning::Move { movement, partition } => checkout::Command::RecordMoved {
                movement: *movement,
                partition: *partition,
            },
            Meaning::Place { .. } | Meaning::Compensate => return None,
        };
        Some(Command::Checkout(self.checkout, command))
    }

    /// What to record when it was refused; nothing when a refusal is no answer, so that it is to be sent again
    /// (a parcel of back-ordered pieces waits until the count of the shelf allows it).
    #[must_use]
    pub fn when_refused(&self, rejection: &Rejection) -> Option<Command> {
        let command = match &self.meaning {
            Meaning::Hold { attempt, group } | Meaning::Allocate { attempt, group } => {
                let (sku, available) = shortage(rejection, group)?;
                checkout::Command::RecordRefused {
                    attempt: *attempt,
                    partition: group.partition,
                    sku,
                    available,
                    code: rejection.code().to_owned(),
                }
            }
            Meaning::Place { attempt } => checkout::Command::Abandon {
                attempt: *attempt,
                step: "place".to_owned(),
                why: rejection.code().to_owned(),
            },
            Meaning::Free { .. } | Meaning::Compensate | Meaning::Move { .. } => return None,
        };
        Some(Command::Checkout(self.checkout, command))
    }
}

/// What was short, and how many there were; when something else went wrong, the first SKU stands for all.
fn shortage(rejection: &Rejection, group: &Group) -> Option<(Sku, i64)> {
    match rejection {
        Rejection::Hold(hold::Rejection::Insufficient { sku, available }) => Some((sku.clone(), *available)),
        _ => group.demands.first().map(|demand| (demand.sku.clone(), 0)),
    }
}

impl Checkout {
    /// All that is to be sent now. Follows from the state alone, so nothing is lost with a process.
    #[must_use]
    pub fn outstanding(&self, id: CheckoutId) -> Vec<Outstanding> {
        match self {
            Self::NotStarted | Self::Refused { .. } => Vec::new(),
            Self::Running(run) => while_running(id, run),
            Self::Undoing(run, failure) => while_undoing(id, run, failure),
            Self::Completed {
                reservation, movements, ..
            } => movements
                .iter()
                .flat_map(|movement| moves(id, *reservation, movement))
                .collect(),
        }
    }
}

/// First all hold, then all promise, then the order is placed.
fn while_running(id: CheckoutId, run: &Run) -> Vec<Outstanding> {
    if !run.is_held() {
        let asked = run.groups.iter().filter(|group| group.progress == Progress::Asked);
        return asked.map(|group| hold(id, run, group)).collect();
    }
    if !run.is_allotted() {
        let held = run.groups.iter().filter(|group| group.progress == Progress::Held);
        return held.map(|group| allocate(id, run, group)).collect();
    }
    let attempt = run.attempt;
    vec![Outstanding {
        id: CommandId::derived(run.reservation.0, "place"),
        commands: vec![
            Command::Order(OrderId(id.0), order::Command::Place { payment: run.payment }),
            Command::Cart(CartId(id.0), cart::Command::Convert { attempt }),
            Command::Checkout(id, checkout::Command::Complete { attempt }),
        ],
        checkout: id,
        meaning: Meaning::Place { attempt },
    }]
}

/// Every shard lets go, also one that refused to hold: an earlier sending may still be under way, and finds
/// the tombstone. Then the cart opens again.
fn while_undoing(id: CheckoutId, run: &Run, failure: &Failure) -> Vec<Outstanding> {
    if !run.is_freed() {
        let holding = run.groups.iter().filter(|group| group.progress != Progress::Freed);
        return holding.map(|group| free(id, run, group)).collect();
    }
    let attempt = run.attempt;
    let why = failure.why.clone();
    vec![Outstanding {
        id: CommandId::derived(run.reservation.0, "compensate"),
        commands: vec![
            Command::Cart(CartId(id.0), cart::Command::Reopen { attempt, why }),
            Command::Checkout(id, checkout::Command::Compensate { attempt }),
        ],
        checkout: id,
        meaning: Meaning::Compensate,
    }]
}

fn hold(id: CheckoutId, run: &Run, group: &Group) -> Outstanding {
    let until = run.deadline;
    Outstanding {
        id: CommandId::derived(run.reservation.0, &format!("hold {}", group.partition)),
        commands: to_holds(&group.demands, run.reservation, |demand| hold::Command::Reserve {
            quantity: demand.quantity,
            until,
        }),
        checkout: id,
        meaning: Meaning::Hold {
            attempt: run.attempt,
            group: group.clone(),
        },
    }
}

fn allocate(id: CheckoutId, run: &Run, group: &Group) -> Outstanding {
    let order = OrderId(id.0);
    Outstanding {
        id: CommandId::derived(run.reservation.0, &format!("allocate {}", group.partition)),
        commands: to_holds(&group.demands, run.reservation, |_| hold::Command::Allocate { order }),
        checkout: id,
        meaning: Meaning::Allocate {
            attempt: run.attempt,
            group: group.clone(),
        },
    }
}

fn free(id: CheckoutId, run: &Run, group: &Group) -> Outstanding {
    let until = run.deadline;
    Outstanding {
        id: CommandId::derived(run.reservation.0, &format!("free {}", group.partition)),
        commands: to_holds(&group.demands, run.reservation, |_| hold::Command::Release {
            why: ReleaseReason::CheckoutEnded,
            until,
        }),
        checkout: id,
        meaning: Meaning::Free {
            attempt: run.attempt,
            partition: group.partition,
        },
    }
}

fn moves(id: CheckoutId, reservation: ReservationId, movement: &Movement) -> Vec<Outstanding> {
    let one = |group: &DemandGroup| Outstanding {
        id: CommandId::derived(reservation.0, &format!("move {} {}", movement.id, group.partition)),
        commands: to_holds(&group.demands, reservation, |demand| move_pieces(movement.kind, demand)),
        checkout: id,
        meaning: Meaning::Move {
            movement: movement.id,
            partition: group.partition,
        },
    };
    movement.groups.iter().map(one).collect()
}

fn move_pieces(kind: StockMovement, demand: &Demand) -> hold::Command {
    match kind {
        StockMovement::Release => hold::Command::Release {
            why: ReleaseReason::OrderCancelled,
            // What is allocated did come: there is nothing late to forbid.
            until: Timestamp(0),
        },
        StockMovement::Ship => hold::Command::Ship {
            shipped_after: demand.quantity,
        },
        StockMovement::Return => hold::Command::Return {
            returned_after: demand.quantity,
        },
    }
}

fn to_holds(
    demands: &[Demand],
    reservation: ReservationId,
    command: impl Fn(&Demand) -> hold::Command,
) -> Vec<Command> {
    let one = |demand: &Demand| {
        let (sku, location) = (demand.sku.clone(), demand.location.clone());
        Command::Hold(sku, location, reservation, command(demand))
    };
    demands.iter().map(one).collect()
}
