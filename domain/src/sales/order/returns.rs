//! Decisions about what comes back, goods and money.

use uuid::Uuid;

use super::decide::{ORDER_RETURNS_MAX, check_text, checked_lines};
use super::state::{ParcelProgress, Placed, Return, ReturnProgress, Status};
use super::{Event, LineQuantity, Rejection};
use crate::value::{Money, REASON_CHARS_MAX};

pub(super) fn request(order: &Placed, id: Uuid, lines: &[LineQuantity], reason: &str) -> Result<Vec<Event>, Rejection> {
    let lines = checked_lines(order, lines)?;
    if let Ok(known) = find(order, id) {
        let same = known.lines == lines;
        return if same {
            Ok(Vec::new())
        } else {
            Err(Rejection::ReturnExists)
        };
    }
    if order.status == Status::Cancelled {
        return Err(Rejection::Cancelled);
    }
    check_text("reason", reason, REASON_CHARS_MAX)?;
    if order.returns.len() >= ORDER_RETURNS_MAX {
        return Err(Rejection::TooManyReturns);
    }
    for LineQuantity { line, quantity } in &lines {
        let shipped = order.in_parcels(*line, ParcelProgress::Shipped);
        let remaining = shipped - order.in_returns(*line, |_| true);
        if *quantity > remaining {
            return Err(Rejection::QuantityTooLarge { line: *line, remaining });
        }
    }
    Ok(vec![Event::ReturnRequested {
        request: id,
        lines,
        reason: reason.to_owned(),
    }])
}

pub(super) fn approve(order: &Placed, id: Uuid) -> Result<Vec<Event>, Rejection> {
    match find(order, id)?.progress {
        ReturnProgress::Requested => Ok(vec![Event::ReturnApproved { request: id }]),
        ReturnProgress::Approved | ReturnProgress::Received { .. } => Ok(Vec::new()),
    }
}

pub(super) fn receive(order: &Placed, id: Uuid, restock: bool) -> Result<Vec<Event>, Rejection> {
    let request = find(order, id)?;
    match request.progress {
        ReturnProgress::Requested => Err(Rejection::ReturnNotApproved),
        ReturnProgress::Approved => Ok(vec![Event::ReturnReceived {
            request: id,
            refund_due: refund_due(order, request),
            restock,
        }]),
        ReturnProgress::Received { .. } => Ok(Vec::new()),
    }
}

/// What the pieces are worth together with all that came back before, less what those were worth.
fn refund_due(order: &Placed, request: &Return) -> Money {
    let received = |progress| matches!(progress, ReturnProgress::Received { .. });
    let parts = request.lines.iter().filter_map(|part| {
        let before = order.in_returns(part.line, received);
        let line = order.line(part.line)?;
        Some(line.worth_of(before + part.quantity) - line.worth_of(before))
    });
    Money {
        amount: parts.sum(),
        currency: order.totals.currency,
    }
}

pub(super) fn record_paid(order: &Placed, amount: Money) -> Result<Vec<Event>, Rejection> {
    if order.status == Status::Cancelled {
        return Err(Rejection::Cancelled);
    }
    let due = Money {
        amount: order.totals.total,
        currency: order.totals.currency,
    };
    if amount != due {
        return Err(Rejection::PaymentDiffers { due });
    }
    if order.paid == due.amount {
        return Ok(Vec::new());
    }
    Ok(vec![Event::OrderPaid { amount }])
}

pub(super) fn record_refund(order: &Placed, amount: Money) -> Result<Vec<Event>, Rejection> {
    let currency = order.totals.currency;
    if amount.currency != currency || amount.amount <= 0 {
        return Err(Rejection::RefundUnacceptable);
    }
    let refundable = order.paid - order.refunded;
    if amount.amount > refundable {
        let refundable = Money {
            amount: refundable,
            currency,
        };
        return Err(Rejection::RefundTooLarge { refundable });
    }
    let refunded_after = Money {
        amount: order.refunded + amount.amount,
        currency,
    };
    Ok(vec![Event::OrderRefunded { amount, refunded_after }])
}

fn find(order: &Placed, id: Uuid) -> Result<&Return, Rejection> {
    let mut returns = order.returns.iter();
    returns.find(|request| request.id == id).ok_or(Rejection::ReturnAbsent)
}
