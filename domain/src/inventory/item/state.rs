//! What is known of the stock of a SKU at a location.

use serde::{Deserialize, Serialize};

use super::{Event, Levels};

/// The stock of a SKU at a location.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StockItem {
    /// Nothing ever happened to it: there are no pieces.
    #[default]
    Unseen,
    /// It has a ledger.
    Counted(Stock),
}

/// What a ledger comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stock {
    /// The totals.
    pub levels: Levels,
    /// From where on it is low; none: the shop's default.
    pub threshold: Option<i64>,
    /// How many pieces may be promised beyond what there is.
    pub backorder_limit: i64,
    /// Whether the ledger says that it ran low and was not replenished since.
    pub is_low: bool,
}

impl Stock {
    /// How many pieces can still be promised, back-orders included; negative when it is short.
    #[must_use]
    pub fn promisable(&self) -> i64 {
        self.levels.available() + self.backorder_limit
    }
}

impl StockItem {
    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        let mut stock = self.stock();
        match event {
            Event::StockReceived { levels_after, .. }
            | Event::StockAdjusted { levels_after, .. }
            | Event::StockCommitted { levels_after, .. } => stock.levels = *levels_after,
            Event::StockShort { .. } => {}
            Event::StockRanLow { .. } => stock.is_low = true,
            Event::StockReplenished { .. } => stock.is_low = false,
            Event::ThresholdSet { threshold } => stock.threshold = *threshold,
            Event::BackorderAllowed { limit } => stock.backorder_limit = *limit,
        }
        *self = Self::Counted(stock);
    }

    /// What the ledger comes to; nothing when there is none.
    #[must_use]
    pub fn stock(&self) -> Stock {
        match self {
            Self::Unseen => Stock::default(),
            Self::Counted(stock) => *stock,
        }
    }
}
