//! What subscriptions say.

use async_graphql::{Enum, Json, Object, SimpleObject};
use domain::stream::Topic as DomainTopic;
use serde_json::Value;

use super::super::cart::Cart;
use super::super::order::Order;
use super::super::product::Product;
use super::super::scalar::DateTime;
use super::super::variant::ProductVariant;

/// What has happened, and where to go on behind it.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(super) cursor: String,
    /// The names of the events; none in the first message.
    pub(super) events: Vec<&'static str>,
    /// The version of the stream behind them.
    pub(super) version: Option<u64>,
}

macro_rules! update {
    ($(#[$doc:meta])* $update:ident { $(#[$shown_doc:meta])* $shown:ident: $type:ty }) => {
        $(#[$doc])*
        pub(crate) struct $update {
            pub(super) change: Change,
            pub(super) $shown: $type,
        }

        $(#[$doc])*
        #[Object]
        impl $update {
            /// Goes on behind this message when it is given as `after`.
            async fn cursor(&self) -> &str {
                &self.change.cursor
            }

            /// What has happened, in one commit; empty in the message that says how things are at the beginning.
            async fn events(&self) -> &[&'static str] {
                &self.change.events
            }

            /// How many events it has had when this happened; what is shown may be newer already. None at the
            /// beginning, and where several things are followed.
            async fn version(&self) -> Option<u64> {
                self.change.version
            }

            $(#[$shown_doc])*
            async fn $shown(&self) -> &$type {
                &self.$shown
            }
        }
    };
}

update! {
    /// Something has happened to a cart.
    CartUpdate {
        /// As a query would show it now; null when there is none that you may see.
        cart: Option<Cart>
    }
}

update! {
    /// Something has happened to an order.
    OrderUpdate {
        /// As a query would show it now; null when there is none that you may see.
        order: Option<Order>
    }
}

update! {
    /// Something has happened to a product.
    ProductUpdate {
        /// As a query would show it now; null when there is none that you may see.
        product: Option<Product>
    }
}

update! {
    /// The stock of a SKU has changed.
    AvailabilityUpdate {
        /// Those whose stock has changed, at the beginning all of them, as a query would show them now.
        variants: Vec<ProductVariant>
    }
}

update! {
    /// An order was placed.
    OrderPlacement {
        /// As a query would show it now; null at the beginning.
        order: Option<Order>
    }
}

/// The stock of a SKU fell to its threshold. Everything but the cursor is null at the beginning.
#[derive(SimpleObject)]
pub(crate) struct StockWarning {
    /// Goes on behind this message when it is given as `after`.
    cursor: String,
    /// Of what.
    sku: Option<String>,
    /// Where.
    location: Option<String>,
    /// How many pieces were left.
    available: Option<i64>,
    /// From how many on it is low.
    threshold: Option<i64>,
}

impl StockWarning {
    pub(super) fn new(change: Change, low: Option<(String, String, i64, i64)>) -> Self {
        let (sku, location, available, threshold) = match low {
            None => (None, None, None, None),
            Some((sku, location, available, threshold)) => {
                (Some(sku), Some(location), Some(available), Some(threshold))
            }
        };
        Self {
            cursor: change.cursor,
            sku,
            location,
            available,
            threshold,
        }
    }
}

/// A bounded context: a topic of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainTopic")]
pub(crate) enum Topic {
    /// Products, categories and the names that make them unique.
    Catalog,
    /// Stock items and the holds on them.
    Inventory,
    /// Carts, orders and checkouts.
    Sales,
    /// The shop's settings and the generations of its read models.
    Shop,
}

/// Something that has happened, without personal fields. Everything but the cursor is null at the beginning.
#[derive(SimpleObject)]
pub(crate) struct RollEvent {
    /// Goes on behind this event when it is given as `after`.
    pub(super) cursor: String,
    /// No other event has it.
    pub(super) id: Option<String>,
    /// When, by the log's clock.
    pub(super) time: Option<DateTime>,
    /// To what: `order/0190…`.
    pub(super) stream: Option<String>,
    /// How many events its stream has had, this one included.
    pub(super) version: Option<u64>,
    /// What: `OrderPlaced`.
    pub(super) name: Option<String>,
    /// In a few words.
    pub(super) summary: Option<String>,
    /// Its fields, but for the personal ones; for admins.
    pub(super) data: Option<Json<Value>>,
}
