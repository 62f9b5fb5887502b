//! What an order asks of its stock. The checkout it came from sees to it: the wish is an event of the
//! checkout, in the commit in which the order changed.

use uuid::Uuid;

use super::state::{OrderLine, ParcelProgress, Placed, ReturnProgress, pieces_of};
use super::{Event, LineQuantity};
use crate::sales::checkout::{self, StockMovement, demand_groups};
use crate::value::{OrderId, derived};

/// The movement that follows from what was decided, if its pieces are counted.
pub(super) fn movement_owed(id: OrderId, order: &Placed, decided: &Event, partitions: u32) -> Option<checkout::Event> {
    let (movement, kind, pieces) = match decided {
        Event::OrderCancelled { .. } => {
            let pieces = order.lines.iter().map(|line| (line, line.quantity)).collect();
            (derived(id.0, "cancel"), StockMovement::Release, pieces)
        }
        Event::FulfilmentShipped { fulfilment } => {
            let parcel = order.fulfilments.iter().find(|parcel| parcel.id == *fulfilment)?;
            let before = |line: &OrderLine| order.in_parcels(line.line, ParcelProgress::Shipped);
            (*fulfilment, StockMovement::Ship, so_far(order, &parcel.lines, before))
        }
        Event::ReturnReceived {
            request, restock: true, ..
        } => {
            let returned = order.returns.iter().find(|returned| returned.id == *request)?;
            let before = |line: &OrderLine| order.in_returns(line.line, was_restocked);
            (*request, StockMovement::Return, so_far(order, &returned.lines, before))
        }
        _ => return None,
    };
    owed(movement, kind, &pieces, partitions)
}

fn was_restocked(progress: ReturnProgress) -> bool {
    progress == ReturnProgress::Received { restocked: true }
}

/// Of every SKU that moves now: the pieces of each line that moved before, and those that move now.
fn so_far<'a>(
    order: &'a Placed,
    moving: &[LineQuantity],
    before: impl Fn(&OrderLine) -> u32,
) -> Vec<(&'a OrderLine, u32)> {
    let moves = |line: &OrderLine| pieces_of(moving, line.line);
    let sku_moves = |line: &OrderLine| {
        order
            .lines
            .iter()
            .any(|other| other.sku == line.sku && moves(other) > 0)
    };
    let concerned = order.lines.iter().filter(|line| sku_moves(line));
    concerned.map(|line| (line, before(line) + moves(line))).collect()
}

fn owed(movement: Uuid, kind: StockMovement, pieces: &[(&OrderLine, u32)], partitions: u32) -> Option<checkout::Event> {
    let counted = pieces.iter().filter(|(line, _)| line.tracks_stock);
    let groups = demand_groups(
        counted.map(|(line, pieces)| (&line.sku, i64::from(*pieces))),
        partitions,
    );
    (!groups.is_empty()).then_some(checkout::Event::StockMovementOwed { movement, kind, groups })
}
