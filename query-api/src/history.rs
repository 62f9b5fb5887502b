//! The past of carts, orders and stock: what a query would have shown then, and who did what. Whoever has the log fulfils it;
//! queries never see that.

use std::str::FromStr;

use domain::inventory::item::Levels;
use domain::stream::{Location, StreamId};
use domain::value::{CartId, OrderId, Sku, Timestamp};
use futures::future::BoxFuture;
use read_store::model::Versioned;
use read_store::model::cart::CartView;
use read_store::model::order::OrderView;
use serde_json::Value;
use thiserror::Error;

use crate::limits::AS_OF_CHARS_MAX;

/// A point of an object's past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// When it had so many changes.
    Version(u64),
    /// At a moment.
    Moment(Timestamp),
}

/// A text that names no point of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a point of the past is a version (a number from 1) or a moment in RFC 3339, for example 2026-01-31T12:00:00Z")]
pub struct NoPoint;

/// A version in digits, or a moment in RFC 3339.
impl FromStr for AsOf {
    type Err = NoPoint;

    fn from_str(text: &str) -> Result<Self, NoPoint> {
        if text.len() > AS_OF_CHARS_MAX {
            return Err(NoPoint);
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self::Version).map_err(|_| NoPoint);
        }
        let moment: jiff::Timestamp = text.parse().map_err(|_| NoPoint)?;
        Ok(Self::Moment(Timestamp(moment.as_millisecond())))
    }
}

/// One thing that happened to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderStep {
    /// What, for example `OrderPlaced`.
    pub event: String,
    /// Who: `guest`, `customer:<id>`, `admin:<name>` or `process:<name>`.
    pub actor: String,
}

/// One event of a stream, and what it made of the state by which commands are decided.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyStep {
    /// The stream's version after it.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// Who: `guest`, `customer:<id>`, `admin:<name>` or `process:<name>`.
    pub actor: String,
    /// Who began the story that this belongs to, as far as it is known; else who did this.
    pub begun_by: String,
    /// By which command.
    pub command: String,
    /// In which request: all commits of one story share it.
    pub request: String,
    /// What happened: its name, when it can be read.
    pub event: Option<String>,
    /// The fields that it set, by their paths, for example `lines.0.quantity`. Personal ones are masked.
    pub set: Vec<(String, Value)>,
    /// The fields that there are no more since.
    pub gone: Vec<String>,
    /// Why its commit cannot be read; then nothing is told of what it set.
    pub unreadable: Option<String>,
}

/// One line of the ledger of a SKU at a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// How many things had happened to the item then: lines are in this order.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// What, for example `StockReceived`.
    pub event: &'static str,
    /// Who: `admin:<name>`, `guest`, `customer:<id>` or `process:<name>`.
    pub actor: String,
    /// Why, in words, when somebody said so.
    pub reason: Option<String>,
    /// Pieces more or, negative, fewer on the shelf: all of them together are what lies there.
    pub on_hand_change: i64,
    /// Totals afterwards.
    pub levels_after: Levels,
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

    /// How a stream came to be as it is: its first `steps_max` events, in order.
    fn why(&self, stream: StreamId, steps_max: usize) -> Told<'_, Vec<WhyStep>>;

    /// The first `lines_max` lines of a ledger after a version.
    fn ledger(&self, sku: Sku, location: Location, after: u64, lines_max: usize) -> Told<'_, Vec<LedgerLine>>;
}

/// What the past has told.
pub type Told<'a, T> = BoxFuture<'a, Result<T, HistoryError>>;
