//! The past of carts and orders: what a query would have shown then, and who did what. Whoever has the log fulfils it;
//! queries never see that.

use domain::value::{CartId, OrderId, Timestamp};
use futures::future::BoxFuture;
use read_store::model::Versioned;
use read_store::model::cart::CartView;
use read_store::model::order::OrderView;
use thiserror::Error;

/// A point of an object's past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// When it had so many changes.
    Version(u64),
    /// At a moment.
    Moment(Timestamp),
}

/// One thing that happened to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderStep {
    /// What, for example `OrderPlaced`.
    pub event: String,
    /// Who: `guest`, `customer:<id>`, `admin:<name>` or `process:<name>`.
    pub actor: String,
}

/// Why the past cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message} ({code})")]
pub struct HistoryError {
    /// The stable code, for example `history.too_slow`.
    pub code: &'static str,
    /// For the operator.
    pub message: String,
}

/// What carts and orders looked like, and what happened to them.
///
/// `since`: when the object began; earlier records need not be read.
pub trait History: Send + Sync + 'static {
    /// A cart as it was; none when it was not there yet.
    fn cart(&self, id: CartId, since: Timestamp, as_of: AsOf) -> Told<'_, Option<Versioned<CartView>>>;

    /// An order as it was; none when it was not there yet.
    fn order(&self, id: OrderId, since: Timestamp, as_of: AsOf) -> Told<'_, Option<Versioned<OrderView>>>;

    /// All that happened to an order, in order: one step for each of its versions.
    fn order_steps(&self, id: OrderId, since: Timestamp) -> Told<'_, Vec<OrderStep>>;
}

/// What the past has told.
pub type Told<'a, T> = BoxFuture<'a, Result<T, HistoryError>>;
