//! The ledger of a SKU at a location, added up again: what its lines say against what happened to the pieces.
//!
//! Decisions trust the totals in the last line. This asks every line whether its totals follow from all before it.

use std::collections::BTreeMap;

use super::hold::{self, Hold};
use super::item::{self, Levels};
use crate::value::ReservationId;

/// A ledger, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// What its last line says.
    levels: Levels,
    /// What happened, added up. After a line that does not add up: what that line says, so that it is told once.
    expected: Levels,
    /// The holds that hold pieces.
    holds: BTreeMap<ReservationId, Hold>,
    lines: u64,
}

/// A line that does not follow from what happened before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discrepancy {
    /// What it says.
    pub says: Levels,
    /// What everything adds up to.
    pub adds_up_to: Levels,
}

impl Ledger {
    /// Takes an event of the stock item in: a line when it has totals. They are compared with everything before.
    pub fn take_item(&mut self, event: &item::Event) -> Option<Discrepancy> {
        let says = match event {
            item::Event::StockReceived { quantity, levels_after } => {
                self.expected.on_hand += quantity;
                *levels_after
            }
            item::Event::StockAdjusted {
                delta, levels_after, ..
            } => {
                self.expected.on_hand += delta;
                *levels_after
            }
            // What it is a line of came right before it, in the same commit.
            item::Event::StockCommitted { levels_after, .. } => *levels_after,
            item::Event::StockShort { .. }
            | item::Event::StockRanLow { .. }
            | item::Event::StockReplenished { .. }
            | item::Event::ThresholdSet { .. }
            | item::Event::BackorderAllowed { .. } => return None,
        };
        self.lines += 1;
        self.levels = says;
        let adds_up_to = std::mem::replace(&mut self.expected, says);
        (says != adds_up_to).then_some(Discrepancy { says, adds_up_to })
    }

    /// Takes an event of one of its holds in.
    pub fn take_hold(&mut self, reservation: ReservationId, event: &hold::Event) {
        let mut hold = self.holds.remove(&reservation).unwrap_or_default();
        let before = held_by(&hold);
        hold.evolve(event);
        let after = held_by(&hold);
        self.expected.reserved += after.reserved - before.reserved;
        self.expected.allocated += after.allocated - before.allocated;
        match event {
            hold::Event::StockShipped { quantity, .. } => self.expected.on_hand -= quantity,
            hold::Event::StockReturned { quantity, .. } => self.expected.on_hand += quantity,
            _ => {}
        }
        if after != Levels::default() {
            self.holds.insert(reservation, hold);
        }
    }

    /// What its last line says.
    #[must_use]
    pub fn levels(&self) -> Levels {
        self.levels
    }

    /// What the holds come to that there are: reserved and allocated.
    #[must_use]
    pub fn held(&self) -> Levels {
        let mut sum = Levels::default();
        for held in self.holds.values().map(held_by) {
            sum.reserved += held.reserved;
            sum.allocated += held.allocated;
        }
        sum
    }

    /// The holds that hold pieces.
    #[must_use]
    pub fn holds(&self) -> &BTreeMap<ReservationId, Hold> {
        &self.holds
    }

    /// How many lines it has.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines
    }
}

/// What a hold keeps from others.
fn held_by(hold: &Hold) -> Levels {
    match hold {
        Hold::Reserved { quantity, .. } => Levels {
            reserved: *quantity,
            ..Levels::default()
        },
        Hold::Allocated { to_ship, .. } => Levels {
            allocated: *to_ship,
            ..Levels::default()
        },
        Hold::Unknown | Hold::Forbidden { .. } | Hold::Released => Levels::default(),
    }
}

#[cfg(test)]
mod tests;
