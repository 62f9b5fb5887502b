//! Whether a hold has an owner: a checkout that still runs, or an order that waits for its pieces. Without IO.

use domain::inventory::hold::Hold;
use domain::sales::checkout::{Checkout, Movement, Run, StockMovement};
use domain::sales::order::{Order, Status};
use domain::stream::Location;
use domain::value::{ReservationId, Sku};

use super::account::Held;

/// What is wrong with a hold: the stable code, and why.
pub(super) type Wrong = (&'static str, String);

/// Nobody will let go of what it holds.
const WITHOUT_CHECKOUT: &str = "hold.without_checkout";
/// No order waits for what was promised.
const WITHOUT_ORDER: &str = "hold.without_order";
/// Another number of pieces than its owner thinks.
const QUANTITY: &str = "hold.quantity";

/// What is wrong with a hold of a SKU, given what its checkout and the order of the same id are at one moment.
pub(super) fn wrong_with(sku: &Sku, held: &Held, checkout: &Checkout, order: &Order) -> Option<Wrong> {
    match &held.hold {
        Hold::Reserved { quantity, .. } => wrong_with_reserved(sku, held, *quantity, checkout),
        Hold::Allocated {
            order: owner,
            to_ship,
            shipped,
            ..
        } => {
            if owner.0 != held.checkout.0 {
                let why = format!(
                    "it belongs to order {owner} and was made for checkout {}",
                    held.checkout
                );
                return Some((WITHOUT_ORDER, why));
            }
            wrong_with_allocated(sku, held, to_ship + shipped, checkout, order)
        }
        Hold::Unknown | Hold::Forbidden { .. } | Hold::Released => None,
    }
}

fn wrong_with_reserved(sku: &Sku, held: &Held, quantity: i64, checkout: &Checkout) -> Option<Wrong> {
    let Some(run) = run_of(checkout, held.reservation) else {
        let why = format!("it holds {quantity} pieces, and its checkout {}", end_of(checkout));
        return Some((WITHOUT_CHECKOUT, why));
    };
    let asked = asked_by(run, sku, &held.location);
    (asked != quantity).then(|| {
        let why = format!("it holds {quantity} pieces, and its checkout asked for {asked}");
        (QUANTITY, why)
    })
}

fn wrong_with_allocated(sku: &Sku, held: &Held, quantity: i64, checkout: &Checkout, order: &Order) -> Option<Wrong> {
    if run_of(checkout, held.reservation).is_some() {
        // The order follows, or everything is let go.
        return None;
    }
    let Checkout::Completed {
        reservation, movements, ..
    } = checkout
    else {
        let why = format!("{quantity} pieces are promised, and the checkout {}", end_of(checkout));
        return Some((WITHOUT_ORDER, why));
    };
    let Some(placed) = order.placed().filter(|_| *reservation == held.reservation) else {
        let why = format!("{quantity} pieces are promised, and there is no such order");
        return Some((WITHOUT_ORDER, why));
    };
    let is_release = |movement: &Movement| movement.kind == StockMovement::Release;
    if placed.status == Status::Cancelled {
        let why = format!("{quantity} pieces are promised to an order that was cancelled");
        return (!movements.iter().any(is_release)).then_some((WITHOUT_ORDER, why));
    }
    let lines = placed.lines.iter().filter(|line| line.tracks_stock && line.sku == *sku);
    let ordered: i64 = lines.map(|line| i64::from(line.quantity)).sum();
    (ordered != quantity).then(|| {
        let why = format!("{quantity} pieces are promised or shipped, and {ordered} were ordered");
        (QUANTITY, why)
    })
}

/// The try of a checkout that goes by this name, while it goes on.
fn run_of(checkout: &Checkout, reservation: ReservationId) -> Option<&Run> {
    match checkout {
        Checkout::Running(run) | Checkout::Undoing(run, _) => Some(run).filter(|run| run.reservation == reservation),
        Checkout::NotStarted | Checkout::Refused { .. } | Checkout::Completed { .. } => None,
    }
}

fn end_of(checkout: &Checkout) -> &'static str {
    match checkout {
        Checkout::NotStarted => "never began",
        Checkout::Running(_) | Checkout::Undoing(..) => "has begun anew",
        Checkout::Refused { .. } => "was refused",
        Checkout::Completed { .. } => "has its order",
    }
}

fn asked_by(run: &Run, sku: &Sku, location: &Location) -> i64 {
    let demands = run.groups.iter().flat_map(|group| &group.demands);
    let of_sku = demands.filter(|demand| demand.sku == *sku && demand.location == *location);
    of_sku.map(|demand| demand.quantity).sum()
}

#[cfg(test)]
mod tests;
