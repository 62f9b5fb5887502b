//! What is known of a hold.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::value::{OrderId, Timestamp};

/// What one reservation holds of a SKU at a location.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Hold {
    /// It holds nothing and never did.
    #[default]
    Unknown,
    /// It was released before it came, and may not come until a moment.
    Forbidden {
        /// When it may.
        until: Timestamp,
    },
    /// It holds pieces for a checkout, until a moment.
    Reserved {
        /// How many.
        quantity: i64,
        /// When it ends by itself.
        until: Timestamp,
    },
    /// Its pieces belong to an order.
    Allocated {
        /// Whose they are.
        order: OrderId,
        /// How many are still to leave the shelf.
        to_ship: i64,
        /// How many left the shelf.
        shipped: i64,
        /// How many of these came back.
        returned: i64,
    },
    /// It held pieces and let all of them go.
    Released,
}

impl Hold {
    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::StockReserved { quantity, until, .. } => {
                *self = Self::Reserved {
                    quantity: *quantity,
                    until: *until,
                };
            }
            Event::ReservationExtended { until: later } => {
                if let Self::Reserved { until, .. } = self {
                    *until = *later;
                }
            }
            Event::ReservationReleased { .. } => match self {
                Self::Allocated { to_ship, shipped, .. } if *shipped > 0 => *to_ship = 0,
                _ => *self = Self::Released,
            },
            Event::ReservationForbidden { until } => *self = Self::Forbidden { until: *until },
            Event::StockAllocated { order, quantity } => {
                *self = Self::Allocated {
                    order: *order,
                    to_ship: *quantity,
                    shipped: 0,
                    returned: 0,
                };
            }
            Event::StockShipped {
                quantity,
                allocated_after,
            } => {
                if let Self::Allocated { to_ship, shipped, .. } = self {
                    *to_ship = *allocated_after;
                    *shipped += quantity;
                }
            }
            Event::StockReturned { returned_after, .. } => {
                if let Self::Allocated { returned, .. } = self {
                    *returned = *returned_after;
                }
            }
        }
    }

    /// When it wants to be told that its time is up.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Reserved { until, .. } => Some(*until),
            Self::Unknown | Self::Forbidden { .. } | Self::Allocated { .. } | Self::Released => None,
        }
    }
}
