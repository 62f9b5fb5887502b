//! Every command, by aggregate, and the one decision that runs them.

use std::sync::Arc;

use crate::context::Context;
use crate::event::Event;
use crate::rejection::Rejection;
use crate::state::State;
use crate::stream::{Location, Shard, StreamId};
use crate::value::{CartId, CategoryId, CheckoutId, OrderId, ProductId, ReservationId, Sku};
use crate::{catalog, inventory, sales, shop};

/// A command aimed at one stream. A shard decides a list of them in order, all or none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// To a category.
    Category(CategoryId, catalog::category::Command),
    /// To a product.
    Product(ProductId, catalog::product::Command),
    /// To a stock item.
    StockItem(Sku, Location, inventory::item::Command),
    /// To a hold.
    Hold(Sku, Location, ReservationId, inventory::hold::Command),
    /// To a cart.
    Cart(CartId, sales::cart::Command),
    /// To an order.
    Order(OrderId, sales::order::Command),
    /// To a checkout.
    Checkout(CheckoutId, sales::checkout::Command),
    /// To the shop.
    Shop(shop::settings::Command),
    /// To the generations of the projection of this name.
    Generation(String, shop::generation::Command),
    /// To the commits of this shard that cannot be read.
    Skips(Shard, shop::skips::Command),
}

impl Command {
    /// The stream it is aimed at: `If-Match` speaks of its version, and the answer carries it.
    #[must_use]
    pub fn stream(&self) -> StreamId {
        match self {
            Self::Category(id, _) => StreamId::Category(*id),
            Self::Product(id, _) => StreamId::Product(*id),
            Self::StockItem(sku, location, _) => StreamId::StockItem(sku.clone(), location.clone()),
            Self::Hold(sku, location, reservation, _) => StreamId::Hold(sku.clone(), location.clone(), *reservation),
            Self::Cart(id, _) => StreamId::Cart(*id),
            Self::Order(id, _) => StreamId::Order(*id),
            Self::Checkout(id, _) => StreamId::Checkout(*id),
            Self::Shop(_) => StreamId::Shop,
            Self::Generation(projection, _) => StreamId::Generation(projection.clone()),
            Self::Skips(shard, _) => StreamId::Skips(*shard),
        }
    }
}

/// The speculative states of one shard's streams.
pub trait Streams {
    /// The state of a stream; [`State::initial`] when it has no events.
    ///
    /// # Errors
    /// The state is not in memory: load it and decide again.
    fn state(&self, stream: &StreamId) -> Result<Arc<State>, NotLoaded>;
}

/// A stream whose state is needed and not in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotLoaded(pub StreamId);

/// An event and the stream it happened to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decided {
    /// Which stream, always one of the deciding shard.
    pub stream: StreamId,
    /// What happened.
    pub event: Event,
}

/// Why a decision gave no events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The rules say no.
    Rejected(Rejection),
    /// A state is missing: load it and decide again.
    NotLoaded(StreamId),
}

impl From<NotLoaded> for Refusal {
    fn from(NotLoaded(stream): NotLoaded) -> Self {
        Self::NotLoaded(stream)
    }
}

impl<R: Into<Rejection>> From<R> for Refusal {
    fn from(rejection: R) -> Self {
        Self::Rejected(rejection.into())
    }
}

/// Decides one command. All checks are here; nothing is changed: the caller lets the states evolve.
///
/// Repeating what is already so gives no events.
///
/// # Errors
/// [`Refusal::Rejected`] when the rules say no, [`Refusal::NotLoaded`] when a state is missing.
pub fn decide(command: &Command, streams: &dyn Streams, context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    match command {
        Command::Category(id, command) => catalog::category::decide(*id, command, streams, context),
        Command::Product(id, command) => catalog::product::decide(*id, command, streams, context),
        Command::StockItem(sku, location, command) => inventory::item::decide(sku, location, command, streams, context),
        Command::Hold(sku, location, reservation, command) => {
            inventory::hold::decide(sku, location, *reservation, command, streams, context)
        }
        Command::Cart(id, command) => sales::cart::decide(*id, command, streams, context),
        Command::Order(id, command) => sales::order::decide(*id, command, streams, context),
        Command::Checkout(id, command) => sales::checkout::decide(*id, command, streams, context),
        Command::Shop(command) => shop::settings::decide(command, streams, context),
        Command::Generation(projection, command) => shop::generation::decide(projection, command, streams, context),
        Command::Skips(shard, command) => shop::skips::decide(*shard, command, streams, context),
    }
}
