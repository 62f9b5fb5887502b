//! Commands, refusals and decisions.

use uuid::Uuid;

use super::state::{Order, Placed, Status, pieces_of};
use super::{Event, LineQuantity, Rejection, parcels, placing, returns, stock};
use crate::sales::PaymentMethod;
use crate::stream::StreamId;
use crate::value::{CheckoutId, Money, OrderId, REASON_CHARS_MAX, Sealed};
use crate::{Context, Decided, Known, Refusal, Streams};

/// Most parcels of one order.
pub const ORDER_PARCELS_MAX: usize = 100;
/// Most returns of one order.
pub const ORDER_RETURNS_MAX: usize = 100;

/// What can be asked of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Let it exist, from the frozen cart of the same UUID; draws the next order number.
    Place {
        /// How it is paid.
        payment: PaymentMethod,
    },
    /// Let it be fulfilled.
    Confirm,
    /// Record that an invoice is paid.
    RecordPaid {
        /// How much.
        amount: Money,
    },
    /// Call it off.
    Cancel {
        /// Why, in words.
        why: String,
        /// Whether captured money goes back.
        refund: bool,
    },
    /// Pack a parcel.
    Fulfil {
        /// Its id.
        fulfilment: Uuid,
        /// What is in it.
        lines: Vec<LineQuantity>,
        /// Who carries it.
        carrier: String,
        /// The carrier's number.
        tracking_number: String,
        /// Where to follow it.
        tracking_url: String,
    },
    /// The parcel left.
    MarkShipped {
        /// Which.
        fulfilment: Uuid,
    },
    /// The parcel arrived.
    MarkDelivered {
        /// Which.
        fulfilment: Uuid,
    },
    /// Ask to send something back.
    RequestReturn {
        /// Its id.
        request: Uuid,
        /// What.
        lines: Vec<LineQuantity>,
        /// Why, in words.
        reason: String,
    },
    /// Let it come back.
    ApproveReturn {
        /// Which request.
        request: Uuid,
    },
    /// It came back.
    ReceiveReturn {
        /// Which request.
        request: Uuid,
        /// Whether the pieces go on the shelf again.
        restock: bool,
    },
    /// Money went back.
    RecordRefund {
        /// How much, this time.
        amount: Money,
    },
    /// Write something down.
    AddNote {
        /// What.
        note: Sealed,
    },
}

/// Decides one command.
///
/// What follows for the stock of the order (release, shipping, return) is recorded with the checkout it came
/// from, in the same commit.
///
/// # Errors
/// A refusal, or a state that is not in memory.
pub fn decide(
    id: OrderId,
    command: &Command,
    streams: &dyn Streams,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let stream = StreamId::Order(id);
    let order = Known::<Order>::load(streams, &stream)?;
    if let Command::Place { payment } = command {
        return match &*order {
            Order::Absent => placing::place(id, *payment, streams, context),
            Order::Placed(_) => Ok(Vec::new()),
        };
    }
    let order = order.placed().ok_or(Rejection::Absent)?;
    let mut decided = Vec::new();
    for event in decide_placed(order, command)? {
        let movement = stock::movement_owed(id, order, &event, context.partitions);
        decided.push(Decided {
            stream: stream.clone(),
            event: event.into(),
        });
        decided.extend(movement.map(|movement| Decided {
            stream: StreamId::Checkout(CheckoutId(id.0)),
            event: movement.into(),
        }));
    }
    Ok(decided)
}

fn decide_placed(order: &Placed, command: &Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Place { .. } => Ok(Vec::new()),
        Command::Confirm => match order.status {
            Status::Pending => Ok(vec![Event::OrderConfirmed {}]),
            Status::Cancelled => Err(Rejection::Cancelled),
            _ => Ok(Vec::new()),
        },
        Command::RecordPaid { amount } => returns::record_paid(order, *amount),
        Command::Cancel { why, refund } => cancel(order, why, *refund),
        Command::Fulfil {
            fulfilment,
            lines,
            carrier,
            tracking_number,
            tracking_url,
        } => {
            let carriage = parcels::Carriage {
                carrier,
                tracking_number,
                tracking_url,
            };
            parcels::fulfil(order, *fulfilment, lines, &carriage)
        }
        Command::MarkShipped { fulfilment } => parcels::mark_shipped(order, *fulfilment),
        Command::MarkDelivered { fulfilment } => parcels::mark_delivered(order, *fulfilment),
        Command::RequestReturn { request, lines, reason } => returns::request(order, *request, lines, reason),
        Command::ApproveReturn { request } => returns::approve(order, *request),
        Command::ReceiveReturn { request, restock } => returns::receive(order, *request, *restock),
        Command::RecordRefund { amount } => returns::record_refund(order, *amount),
        Command::AddNote { note } => Ok(vec![Event::NoteAdded { note: note.clone() }]),
    }
}

fn cancel(order: &Placed, why: &str, refund: bool) -> Result<Vec<Event>, Rejection> {
    match order.status {
        Status::Cancelled => return Ok(Vec::new()),
        Status::PartiallyShipped | Status::Shipped | Status::Delivered => return Err(Rejection::AlreadyShipped),
        Status::Pending | Status::Confirmed => {}
    }
    if !order.can_cancel() {
        return Err(Rejection::AlreadyPacked);
    }
    check_text("why", why, REASON_CHARS_MAX)?;
    Ok(vec![Event::OrderCancelled {
        why: why.to_owned(),
        refund,
    }])
}

/// The pieces by line, each line once, in the order's own order; at least one piece of each line that is named.
pub(super) fn checked_lines(order: &Placed, lines: &[LineQuantity]) -> Result<Vec<LineQuantity>, Rejection> {
    if lines.is_empty() || lines.iter().any(|part| part.quantity == 0) {
        return Err(Rejection::NothingSelected);
    }
    let unknown = lines.iter().find(|part| order.line(part.line).is_none());
    if let Some(part) = unknown {
        return Err(Rejection::LineAbsent(part.line));
    }
    let summed = order.lines.iter().map(|line| LineQuantity {
        line: line.line,
        quantity: pieces_of(lines, line.line),
    });
    Ok(summed.filter(|part| part.quantity > 0).collect())
}

pub(super) fn check_text(field: &'static str, text: &str, chars_max: usize) -> Result<(), Rejection> {
    if text.chars().count() > chars_max {
        return Err(Rejection::TextUnacceptable { field });
    }
    Ok(())
}
