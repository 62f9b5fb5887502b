//! Commands, refusals and decisions.

use super::{Event, Levels, Stock, StockItem};
use crate::stream::{Location, StreamId};
use crate::value::{REASON_CHARS_MAX, ReservationId, STOCK_QUANTITY_MAX, Sku, ValueError, check_text};
use crate::{Context, Decided, Kind, Known, Refusal, Streams};

/// What can be asked of a stock item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Begin its ledger, when it has none: an item that anything ever happened to stays as it is.
    Open {
        /// How many pieces there are.
        quantity: i64,
        /// How many may be promised beyond them; 0: none.
        backorder_limit: i64,
    },
    /// Pieces came in.
    Receive {
        /// How many, from 1.
        quantity: i64,
    },
    /// Correct the count.
    Adjust {
        /// Pieces more or fewer.
        delta: i64,
        /// The count the caller believes is on the shelf: refused when it is another.
        expected: Option<i64>,
        /// Go below what is promised, and say so.
        force: bool,
        /// Why, in words.
        reason: String,
    },
    /// From where on it is low; none: the shop's default.
    SetThreshold {
        /// Pieces.
        threshold: Option<i64>,
    },
    /// Promise pieces beyond what there is.
    AllowBackorder {
        /// How many; 0: none.
        limit: i64,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A number of pieces outside what can be asked for.
    #[error("{field} must be from {min} to {max}")]
    Quantity {
        /// The field.
        field: &'static str,
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// The reason is not acceptable.
    #[error("reason {0}")]
    Reason(ValueError),
    /// The caller believes in another count.
    #[error("{on_hand} pieces are on hand, not {expected}")]
    CountDiffers {
        /// What the caller believes.
        expected: i64,
        /// What there is.
        on_hand: i64,
    },
    /// Fewer than no pieces would be on the shelf.
    #[error("only {on_hand} pieces are on hand")]
    BelowZero {
        /// What there is.
        on_hand: i64,
    },
    /// More pieces than a shelf can have.
    #[error("no more than {STOCK_QUANTITY_MAX} pieces can be on hand")]
    AboveLimit,
    /// Less would be left than is promised to shoppers and orders.
    #[error("{promised} pieces are promised to shoppers and orders")]
    Promised {
        /// How many are.
        promised: i64,
    },
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Quantity { .. } => "stock.quantity_invalid",
            Self::Reason(_) => "stock.reason_invalid",
            Self::CountDiffers { .. } => "stock.count_differs",
            Self::BelowZero { .. } => "stock.below_zero",
            Self::AboveLimit => "stock.above_limit",
            Self::Promised { .. } => "stock.promised",
        }
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Quantity { .. } | Self::Reason(_) => Kind::Invalid,
            Self::CountDiffers { .. } | Self::BelowZero { .. } | Self::AboveLimit | Self::Promised { .. } => {
                Kind::Conflict
            }
        }
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Quantity { field, .. } => Some(field),
            Self::Reason(_) => Some("reason"),
            Self::CountDiffers { .. } => Some("expected"),
            Self::BelowZero { .. } | Self::AboveLimit | Self::Promised { .. } => None,
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
    command: &Command,
    streams: &dyn Streams,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let stream = StreamId::StockItem(sku.clone(), location.clone());
    let item = Known::<StockItem>::load(streams, &stream)?;
    let events = match command {
        Command::Open {
            quantity,
            backorder_limit,
        } => open(&item, *quantity, *backorder_limit),
        Command::Receive { quantity } => receive(item.stock(), *quantity),
        Command::Adjust {
            delta,
            expected,
            force,
            reason,
        } => adjust(item.stock(), *delta, *expected, *force, reason),
        Command::SetThreshold { threshold } => set_threshold(item.stock(), *threshold),
        Command::AllowBackorder { limit } => allow_backorder(item.stock(), *limit),
    }?;
    Ok(with_warning(&item, events, context)
        .into_iter()
        .map(|event| decided(&stream, event))
        .collect())
}

/// The ledger's line for a hold that changed in the same commit, and the warning it may cause.
pub(in crate::inventory) fn commit(
    item: &StockItem,
    stream: &StreamId,
    reservation: ReservationId,
    levels_after: Levels,
    context: &Context<'_>,
) -> Vec<Decided> {
    let line = Event::StockCommitted {
        reservation,
        levels_after,
    };
    with_warning(item, vec![line], context)
        .into_iter()
        .map(|event| decided(stream, event))
        .collect()
}

fn decided(stream: &StreamId, event: Event) -> Decided {
    Decided {
        stream: stream.clone(),
        event: event.into(),
    }
}

fn open(item: &StockItem, quantity: i64, backorder_limit: i64) -> Result<Vec<Event>, Rejection> {
    within("quantity", quantity, 0, STOCK_QUANTITY_MAX)?;
    within("backorder_limit", backorder_limit, 0, STOCK_QUANTITY_MAX)?;
    if *item != StockItem::Unseen {
        return Ok(Vec::new());
    }
    let levels_after = Levels {
        on_hand: quantity,
        ..Levels::default()
    };
    let mut events = vec![Event::StockReceived { quantity, levels_after }];
    if backorder_limit > 0 {
        events.push(Event::BackorderAllowed { limit: backorder_limit });
    }
    Ok(events)
}

fn receive(stock: Stock, quantity: i64) -> Result<Vec<Event>, Rejection> {
    within("quantity", quantity, 1, STOCK_QUANTITY_MAX)?;
    let levels_after = with_more_on_hand(stock.levels, quantity)?;
    Ok(vec![Event::StockReceived { quantity, levels_after }])
}

fn adjust(stock: Stock, delta: i64, expected: Option<i64>, force: bool, reason: &str) -> Result<Vec<Event>, Rejection> {
    within("delta", delta, -STOCK_QUANTITY_MAX, STOCK_QUANTITY_MAX)?;
    check_text(reason, 1, REASON_CHARS_MAX).map_err(Rejection::Reason)?;
    let on_hand = stock.levels.on_hand;
    if let Some(expected) = expected.filter(|expected| *expected != on_hand) {
        return Err(Rejection::CountDiffers { expected, on_hand });
    }
    if delta == 0 {
        return Ok(Vec::new());
    }
    let levels_after = with_more_on_hand(stock.levels, delta)?;
    let breaks_promises = delta < 0 && levels_after.available() + stock.backorder_limit < 0;
    if breaks_promises && !force {
        return Err(promised(stock.levels));
    }
    let mut events = vec![Event::StockAdjusted {
        delta,
        reason: reason.to_owned(),
        forced: breaks_promises,
        levels_after,
    }];
    if breaks_promises {
        events.push(Event::StockShort {
            available: levels_after.available(),
        });
    }
    Ok(events)
}

fn set_threshold(stock: Stock, threshold: Option<i64>) -> Result<Vec<Event>, Rejection> {
    if let Some(threshold) = threshold {
        within("threshold", threshold, 0, STOCK_QUANTITY_MAX)?;
    }
    if stock.threshold == threshold {
        return Ok(Vec::new());
    }
    Ok(vec![Event::ThresholdSet { threshold }])
}

fn allow_backorder(stock: Stock, limit: i64) -> Result<Vec<Event>, Rejection> {
    within("limit", limit, 0, STOCK_QUANTITY_MAX)?;
    if stock.backorder_limit == limit {
        return Ok(Vec::new());
    }
    let breaks_promises = limit < stock.backorder_limit && stock.levels.available() + limit < 0;
    if breaks_promises {
        return Err(promised(stock.levels));
    }
    Ok(vec![Event::BackorderAllowed { limit }])
}

/// The levels with pieces more (or, negative, fewer) on the shelf.
pub(in crate::inventory) fn with_more_on_hand(levels: Levels, delta: i64) -> Result<Levels, Rejection> {
    let on_hand = levels.on_hand + delta;
    if on_hand < 0 {
        return Err(Rejection::BelowZero {
            on_hand: levels.on_hand,
        });
    }
    if on_hand > STOCK_QUANTITY_MAX {
        return Err(Rejection::AboveLimit);
    }
    Ok(Levels { on_hand, ..levels })
}

fn within(field: &'static str, value: i64, min: i64, max: i64) -> Result<(), Rejection> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(Rejection::Quantity { field, min, max })
    }
}

fn promised(levels: Levels) -> Rejection {
    Rejection::Promised {
        promised: levels.reserved + levels.allocated,
    }
}

/// The events, and one more when they take the item across its threshold.
fn with_warning(item: &StockItem, mut events: Vec<Event>, context: &Context<'_>) -> Vec<Event> {
    if events.is_empty() {
        return events;
    }
    let mut after = item.clone();
    for event in &events {
        after.evolve(event);
    }
    let stock = after.stock();
    let available = stock.levels.available();
    let threshold = stock
        .threshold
        .unwrap_or_else(|| context.reference.settings().low_stock_threshold);
    let is_low = available <= threshold;
    if is_low && !stock.is_low {
        events.push(Event::StockRanLow { available, threshold });
    }
    if !is_low && stock.is_low {
        events.push(Event::StockReplenished { available, threshold });
    }
    events
}
