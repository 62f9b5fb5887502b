//! Commands, refusals and decisions.

use super::{Event, Hold, ReleaseReason};
use crate::inventory::item::{self, Levels, StockItem};
use crate::stream::{Location, StreamId};
use crate::value::{OrderId, ReservationId, STOCK_QUANTITY_MAX, Sku, Timestamp};
use crate::{Context, Decided, Kind, Known, Refusal, Streams};

/// What can be asked of a hold. Each changes the stock item's totals in the same commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Hold pieces until a moment.
    Reserve {
        /// How many, from 1.
        quantity: i64,
        /// When the hold ends by itself.
        until: Timestamp,
    },
    /// Hold them longer.
    Extend {
        /// When it ends from now on.
        until: Timestamp,
    },
    /// Let them go. An unknown hold leaves a tombstone until `until`.
    Release {
        /// Why.
        why: ReleaseReason,
        /// Until when a late `Reserve` is refused.
        until: Timestamp,
    },
    /// Promise them to an order, for ever.
    Allocate {
        /// Whose.
        order: OrderId,
    },
    /// Take pieces off the shelf, until this many have left in all: a repeat takes no more.
    Ship {
        /// How many have left since the beginning, these included.
        shipped_after: i64,
    },
    /// Put pieces back on the shelf, until this many have come back in all: a repeat puts back no more.
    Return {
        /// How many have come back since the beginning, these included.
        returned_after: i64,
    },
    /// Its time is up, if it is.
    Expire,
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A number of pieces outside what can be asked for.
    #[error("{field} must be from 1 to {STOCK_QUANTITY_MAX}")]
    Quantity {
        /// The field.
        field: &'static str,
    },
    /// Fewer pieces can be promised than are wanted.
    #[error("only {available} pieces of {sku} are available")]
    Insufficient {
        /// Of what.
        sku: Sku,
        /// How many can be promised.
        available: i64,
    },
    /// Fewer pieces are on the shelf than are to leave it.
    #[error("only {on_hand} pieces of {sku} are on hand")]
    NotOnHand {
        /// Of what.
        sku: Sku,
        /// How many there are.
        on_hand: i64,
    },
    /// The shelf is full.
    #[error("no more than {STOCK_QUANTITY_MAX} pieces can be on hand")]
    AboveLimit,
    /// It holds nothing.
    #[error("nothing is held under this reservation")]
    Absent,
    /// It was let go, before or after it came.
    #[error("the reservation was released")]
    Released,
    /// Its time is up.
    #[error("the reservation has expired")]
    Expired,
    /// It holds another number of pieces, or for another order.
    #[error("the reservation holds something else")]
    Differs,
    /// More pieces are to be shipped than are allocated, or to come back than were shipped.
    #[error("the reservation covers only {covered} pieces")]
    Exceeds {
        /// How many it covers.
        covered: i64,
    },
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Quantity { .. } => "stock.quantity_invalid",
            Self::Insufficient { .. } => "stock.insufficient",
            Self::NotOnHand { .. } => "stock.not_on_hand",
            Self::AboveLimit => "stock.above_limit",
            Self::Absent => "hold.absent",
            Self::Released => "hold.released",
            Self::Expired => "hold.expired",
            Self::Differs => "hold.differs",
            Self::Exceeds { .. } => "hold.exceeds",
        }
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Absent => Kind::Absent,
            Self::Quantity { .. } => Kind::Invalid,
            Self::Insufficient { .. }
            | Self::NotOnHand { .. }
            | Self::AboveLimit
            | Self::Released
            | Self::Expired
            | Self::Differs
            | Self::Exceeds { .. } => Kind::Conflict,
        }
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Quantity { field } => Some(field),
            Self::Insufficient { .. } => Some("quantity"),
            _ => None,
        }
    }
}

/// Decides one command.
///
/// # Errors
/// A refusal, or a state that is not in memory.
pub fn decide(
    sku: &Sku,
    location: &Location,
    reservation: ReservationId,
    command: &Command,
    streams: &dyn Streams,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let stream = StreamId::Hold(sku.clone(), location.clone(), reservation);
    let item_stream = StreamId::StockItem(sku.clone(), location.clone());
    let hold = Known::<Hold>::load(streams, &stream)?;
    let item = Known::<StockItem>::load(streams, &item_stream)?;
    let shelf = Shelf {
        sku,
        levels: item.stock().levels,
        promisable: item.stock().promisable(),
    };
    let change = match command {
        Command::Reserve { quantity, until } => reserve(&hold, &shelf, *quantity, *until, context.now),
        Command::Extend { until } => extend(&hold, &shelf, *until, context.now),
        Command::Release { why, until } => Ok(release(&hold, &shelf, *why, *until, context.now)),
        Command::Allocate { order } => allocate(&hold, &shelf, *order, context.now),
        Command::Ship { shipped_after } => ship(&hold, &shelf, *shipped_after),
        Command::Return { returned_after } => put_back(&hold, &shelf, *returned_after),
        Command::Expire => Ok(expire(&hold, &shelf, context.now)),
    }?;
    let Some(Change { event, levels_after }) = change else {
        return Ok(Vec::new());
    };
    let mut decided = vec![Decided {
        stream,
        event: event.into(),
    }];
    if levels_after != shelf.levels {
        decided.extend(item::commit(&item, &item_stream, reservation, levels_after, context));
    }
    Ok(decided)
}

/// What the decisions need to know of the stock item.
struct Shelf<'a> {
    sku: &'a Sku,
    levels: Levels,
    promisable: i64,
}

/// What happens to the hold, and what the totals come to.
struct Change {
    event: Event,
    levels_after: Levels,
}

type Decision = Result<Option<Change>, Rejection>;

fn reserve(hold: &Hold, shelf: &Shelf<'_>, quantity: i64, until: Timestamp, now: Timestamp) -> Decision {
    match hold {
        Hold::Reserved { until, .. } if *until <= now => return Err(Rejection::Expired),
        Hold::Reserved { quantity: held, .. } if *held != quantity => return Err(Rejection::Differs),
        Hold::Reserved { .. } | Hold::Allocated { .. } => return Ok(None),
        Hold::Released => return Err(Rejection::Released),
        Hold::Forbidden { until } if now < *until => return Err(Rejection::Released),
        Hold::Forbidden { .. } | Hold::Unknown => {}
    }
    if !(1..=STOCK_QUANTITY_MAX).contains(&quantity) {
        return Err(Rejection::Quantity { field: "quantity" });
    }
    if until <= now {
        return Err(Rejection::Expired);
    }
    if quantity > shelf.promisable {
        return Err(Rejection::Insufficient {
            sku: shelf.sku.clone(),
            available: shelf.promisable.max(0),
        });
    }
    let levels_after = Levels {
        reserved: shelf.levels.reserved + quantity,
        ..shelf.levels
    };
    let event = Event::StockReserved {
        quantity,
        until,
        available_after: levels_after.available(),
    };
    Ok(Some(Change { event, levels_after }))
}

fn extend(hold: &Hold, shelf: &Shelf<'_>, later: Timestamp, now: Timestamp) -> Decision {
    match hold {
        Hold::Reserved { until, .. } if *until <= now => Err(Rejection::Expired),
        Hold::Reserved { until, .. } if later > *until => Ok(Some(Change {
            event: Event::ReservationExtended { until: later },
            levels_after: shelf.levels,
        })),
        Hold::Reserved { .. } | Hold::Allocated { .. } => Ok(None),
        Hold::Released | Hold::Forbidden { .. } => Err(Rejection::Released),
        Hold::Unknown => Err(Rejection::Absent),
    }
}

fn release(
    hold: &Hold,
    shelf: &Shelf<'_>,
    why: ReleaseReason,
    forbidden_until: Timestamp,
    now: Timestamp,
) -> Option<Change> {
    let forbid = Change {
        event: Event::ReservationForbidden { until: forbidden_until },
        levels_after: shelf.levels,
    };
    match hold {
        Hold::Unknown => (forbidden_until > now).then_some(forbid),
        Hold::Forbidden { until } => (forbidden_until > now && forbidden_until > *until).then_some(forbid),
        Hold::Reserved { quantity, .. } => Some(released_from_checkout(shelf.levels, *quantity, why)),
        Hold::Allocated { to_ship: 0, .. } | Hold::Released => None,
        Hold::Allocated { to_ship, .. } => {
            let levels_after = Levels {
                allocated: shelf.levels.allocated - to_ship,
                ..shelf.levels
            };
            Some(released(*to_ship, why, levels_after))
        }
    }
}

fn allocate(hold: &Hold, shelf: &Shelf<'_>, order: OrderId, now: Timestamp) -> Decision {
    match hold {
        Hold::Reserved { until, .. } if *until <= now => Err(Rejection::Expired),
        Hold::Reserved { quantity, .. } => Ok(Some(Change {
            event: Event::StockAllocated {
                order,
                quantity: *quantity,
            },
            levels_after: Levels {
                reserved: shelf.levels.reserved - quantity,
                allocated: shelf.levels.allocated + quantity,
                ..shelf.levels
            },
        })),
        Hold::Allocated { order: owner, .. } if *owner == order => Ok(None),
        Hold::Allocated { .. } => Err(Rejection::Differs),
        Hold::Released | Hold::Forbidden { .. } => Err(Rejection::Released),
        Hold::Unknown => Err(Rejection::Absent),
    }
}

fn ship(hold: &Hold, shelf: &Shelf<'_>, shipped_after: i64) -> Decision {
    let Hold::Allocated { to_ship, shipped, .. } = hold else {
        return Err(Rejection::Absent);
    };
    if shipped_after <= *shipped {
        return Ok(None);
    }
    let quantity = shipped_after - shipped;
    if quantity > *to_ship {
        return Err(Rejection::Exceeds {
            covered: shipped + to_ship,
        });
    }
    if quantity > shelf.levels.on_hand {
        return Err(Rejection::NotOnHand {
            sku: shelf.sku.clone(),
            on_hand: shelf.levels.on_hand,
        });
    }
    Ok(Some(Change {
        event: Event::StockShipped {
            quantity,
            allocated_after: to_ship - quantity,
        },
        levels_after: Levels {
            on_hand: shelf.levels.on_hand - quantity,
            allocated: shelf.levels.allocated - quantity,
            ..shelf.levels
        },
    }))
}

fn put_back(hold: &Hold, shelf: &Shelf<'_>, returned_after: i64) -> Decision {
    let Hold::Allocated { shipped, returned, .. } = hold else {
        return Err(Rejection::Absent);
    };
    if returned_after <= *returned {
        return Ok(None);
    }
    if returned_after > *shipped {
        return Err(Rejection::Exceeds { covered: *shipped });
    }
    let quantity = returned_after - returned;
    let levels_after = item::with_more_on_hand(shelf.levels, quantity).map_err(|_| Rejection::AboveLimit)?;
    let event = Event::StockReturned {
        quantity,
        returned_after,
    };
    Ok(Some(Change { event, levels_after }))
}

fn expire(hold: &Hold, shelf: &Shelf<'_>, now: Timestamp) -> Option<Change> {
    match hold {
        Hold::Reserved { quantity, until } if *until <= now => {
            Some(released_from_checkout(shelf.levels, *quantity, ReleaseReason::Expired))
        }
        _ => None,
    }
}

fn released_from_checkout(levels: Levels, quantity: i64, why: ReleaseReason) -> Change {
    let levels_after = Levels {
        reserved: levels.reserved - quantity,
        ..levels
    };
    released(quantity, why, levels_after)
}

fn released(quantity: i64, why: ReleaseReason, levels_after: Levels) -> Change {
    let event = Event::ReservationReleased {
        quantity,
        why,
        available_after: levels_after.available(),
    };
    Change { event, levels_after }
}
