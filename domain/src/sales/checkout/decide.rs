//! Commands, refusals and decisions.

use uuid::Uuid;

use super::state::{Checkout, Progress, Run};
use super::{Event, Rejection, demand_groups};
use crate::sales::PaymentMethod;
use crate::sales::cart::{Cart, Frozen};
use crate::stream::StreamId;
use crate::value::{CartId, CheckoutId, ReservationId, Sku};
use crate::{Context, Decided, Known, Refusal, Streams};

/// What can be asked of a checkout, and what comes back from what it asked of others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Begin, with the cart that was frozen in the same commit.
    Start {
        /// How the order is paid.
        payment: PaymentMethod,
    },
    /// A shard of the inventory holds what was asked of it.
    RecordHeld {
        /// Which try.
        attempt: u32,
        /// The shard's partition.
        partition: u32,
    },
    /// A shard of the inventory refused to hold or to allocate.
    RecordRefused {
        /// Which try.
        attempt: u32,
        /// The shard's partition.
        partition: u32,
        /// What was short.
        sku: Sku,
        /// How many there were.
        available: i64,
        /// The refusal's code.
        code: String,
    },
    /// A shard of the inventory promised the pieces to the order.
    RecordAllotted {
        /// Which try.
        attempt: u32,
        /// The shard's partition.
        partition: u32,
    },
    /// A shard of the inventory let go of what it held.
    RecordFreed {
        /// Which try.
        attempt: u32,
        /// The shard's partition.
        partition: u32,
    },
    /// It cannot go on, for a reason other than stock or time.
    Abandon {
        /// Which try.
        attempt: u32,
        /// The step that failed.
        step: String,
        /// The code of why.
        why: String,
    },
    /// The order is placed and the cart closed, in the same commit.
    Complete {
        /// Which try.
        attempt: u32,
    },
    /// Nothing is held any more, and the cart is open again, in the same commit.
    Compensate {
        /// Which try.
        attempt: u32,
    },
    /// A shard of the inventory has done what the order asked of its stock.
    RecordMoved {
        /// The parcel's, the return's or the cancellation's id.
        movement: Uuid,
        /// The shard's partition.
        partition: u32,
    },
    /// Its time is up, if it is.
    TimeOut,
}

/// Decides one command. A reply that is already recorded, or that answers an older try, changes nothing.
///
/// # Errors
/// A refusal, or a state that is not in memory.
pub fn decide(
    id: CheckoutId,
    command: &Command,
    streams: &dyn Streams,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let stream = StreamId::Checkout(id);
    let checkout = Known::<Checkout>::load(streams, &stream)?;
    let event = match command {
        Command::Start { payment } => {
            let cart = Known::<Cart>::load(streams, &StreamId::Cart(CartId(id.0)))?;
            start(id, &checkout, *payment, cart.frozen(), context)?
        }
        Command::Complete { attempt } => complete(&checkout, *attempt)?,
        Command::Compensate { attempt } => compensate(&checkout, *attempt)?,
        Command::RecordMoved { movement, partition } => record_moved(&checkout, *movement, *partition),
        reply => match &*checkout {
            Checkout::Running(run) => while_running(run, reply, context),
            Checkout::Undoing(run, _) => while_undoing(run, reply),
            Checkout::NotStarted | Checkout::Refused { .. } | Checkout::Completed { .. } => None,
        },
    };
    let decided = event.map(|event| Decided {
        stream,
        event: event.into(),
    });
    Ok(decided.into_iter().collect())
}

fn start(
    id: CheckoutId,
    checkout: &Checkout,
    payment: PaymentMethod,
    frozen: Option<&Frozen>,
    context: &Context<'_>,
) -> Result<Option<Event>, Rejection> {
    if let Checkout::Completed { .. } = checkout {
        return Ok(None);
    }
    let frozen = frozen.ok_or(Rejection::NothingFrozen)?;
    match checkout {
        Checkout::Running(run) if run.attempt == frozen.attempt => {
            let same = run.payment == payment;
            return if same { Ok(None) } else { Err(Rejection::Running) };
        }
        // The cart was changed and frozen again, and the try before has not noticed yet.
        Checkout::Running(_) => return Err(Rejection::Running),
        Checkout::Undoing(..) => return Err(Rejection::Undoing),
        Checkout::NotStarted | Checkout::Refused { .. } | Checkout::Completed { .. } => {}
    }
    let counted = frozen.lines.iter().filter(|line| line.tracks_stock);
    let pieces = counted.map(|line| (&line.sku, i64::from(line.quantity)));
    let holding_seconds = context.reference.settings().holding_seconds;
    Ok(Some(Event::CheckoutStarted {
        attempt: frozen.attempt,
        reservation: ReservationId::derived(id.0, &format!("attempt {}", frozen.attempt)),
        groups: demand_groups(pieces, context.partitions),
        payment,
        deadline: context.now.plus_seconds(holding_seconds),
    }))
}

fn while_running(run: &Run, reply: &Command, context: &Context<'_>) -> Option<Event> {
    let is =
        |attempt: u32, partition: u32, progress| attempt == run.attempt && run.progress_of(partition) == Some(progress);
    match reply {
        Command::RecordHeld { attempt, partition } => {
            is(*attempt, *partition, Progress::Asked).then_some(Event::StockHeld { partition: *partition })
        }
        Command::RecordAllotted { attempt, partition } => (run.is_held() && is(*attempt, *partition, Progress::Held))
            .then_some(Event::StockAllotted { partition: *partition }),
        Command::RecordRefused {
            attempt,
            partition,
            sku,
            available,
            code,
        } => (is(*attempt, *partition, Progress::Asked) || is(*attempt, *partition, Progress::Held)).then(|| {
            Event::StockRefused {
                partition: *partition,
                sku: sku.clone(),
                available: *available,
                code: code.clone(),
            }
        }),
        Command::Abandon { attempt, step, why } => (*attempt == run.attempt).then(|| Event::CheckoutAbandoned {
            step: step.clone(),
            why: why.clone(),
        }),
        Command::TimeOut => {
            let late = context.now >= run.deadline && !run.is_allotted();
            late.then_some(Event::CheckoutTimedOut {})
        }
        _ => None,
    }
}

fn while_undoing(run: &Run, reply: &Command) -> Option<Event> {
    match reply {
        Command::RecordFreed { attempt, partition } => {
            let progress = run.progress_of(*partition).filter(|_| *attempt == run.attempt)?;
            (progress != Progress::Freed).then_some(Event::StockFreed { partition: *partition })
        }
        _ => None,
    }
}

fn complete(checkout: &Checkout, attempt: u32) -> Result<Option<Event>, Rejection> {
    match checkout {
        Checkout::Running(run) if run.attempt == attempt && run.is_allotted() => Ok(Some(Event::CheckoutCompleted {})),
        Checkout::Completed { attempt: done, .. } if *done == attempt => Ok(None),
        _ => Err(Rejection::NotReady),
    }
}

fn compensate(checkout: &Checkout, attempt: u32) -> Result<Option<Event>, Rejection> {
    match checkout {
        Checkout::Undoing(run, failure) if run.attempt == attempt && run.is_freed() => {
            Ok(Some(Event::CheckoutCompensated {
                step: failure.step.clone(),
                why: failure.why.clone(),
            }))
        }
        Checkout::Refused { attempt: ended, .. } if *ended == attempt => Ok(None),
        _ => Err(Rejection::NotReady),
    }
}

fn record_moved(checkout: &Checkout, movement: Uuid, partition: u32) -> Option<Event> {
    let Checkout::Completed { movements, .. } = checkout else {
        return None;
    };
    let owed = movements.iter().find(|owed| owed.id == movement)?;
    let is_open = owed.groups.iter().any(|group| group.partition == partition);
    is_open.then_some(Event::StockMovementDone { movement, partition })
}
