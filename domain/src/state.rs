//! The state of any stream.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::command::{NotLoaded, Streams};
use crate::event::Event;
use crate::stream::StreamId;
use crate::value::Timestamp;
use crate::{Command, catalog, inventory, sales, shop};

/// Something a stream wants to be told when a moment has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The moment.
    pub at: Timestamp,
    /// What its owner then decides.
    pub command: Command,
}

macro_rules! states {
    ($($(#[$doc:meta])* $aggregate:ident($state:path);)+) => {
        /// What is known of one stream.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[expect(clippy::large_enum_variant, reason = "states are shared behind an `Arc` of their own")]
        pub enum State {
            $($(#[$doc])* $aggregate($state),)+
        }

        impl State {
            /// What is known of a stream without events.
            #[must_use]
            pub fn initial(stream: &StreamId) -> Self {
                match stream {
                    $(StreamId::$aggregate { .. } => Self::$aggregate(<$state>::default()),)+
                }
            }

            /// Takes an event in. An event of another aggregate changes nothing. Never fails.
            pub fn evolve(&mut self, event: &Event) {
                match (self, event) {
                    $((Self::$aggregate(state), Event::$aggregate(event)) => state.evolve(event),)+
                    _ => {}
                }
            }
        }

        $(impl Aggregate for $state {
            fn of(state: &State) -> Option<&Self> {
                match state {
                    State::$aggregate(state) => Some(state),
                    _ => None,
                }
            }
        })+
    };
}

/// One aggregate's state among all states.
pub trait Aggregate: Sized {
    /// This aggregate's state, when `state` is one.
    fn of(state: &State) -> Option<&Self>;
}

/// The state of a stream whose aggregate is known, shared with the shard.
#[derive(Clone, Debug)]
pub struct Known<A> {
    state: Arc<State>,
    aggregate: PhantomData<A>,
}

impl<A: Aggregate> Known<A> {
    /// What `streams` know of a stream, which is one of `A`.
    ///
    /// # Errors
    /// The state is not in memory.
    pub fn load(streams: &dyn Streams, stream: &StreamId) -> Result<Self, NotLoaded> {
        let state = streams.state(stream)?;
        debug_assert!(A::of(&state).is_some(), "{stream} is a stream of another aggregate");
        Ok(Self {
            state,
            aggregate: PhantomData,
        })
    }
}

impl<A: Aggregate> Deref for Known<A> {
    type Target = A;

    fn deref(&self) -> &A {
        A::of(&self.state).unwrap_or_else(|| unreachable!("a stream's state is of the stream's aggregate"))
    }
}

states! {
    /// Of a category.
    Category(catalog::category::Category);
    /// Of a product.
    Product(catalog::product::Product);
    /// Of a unique name.
    Name(catalog::name::Name);
    /// Of a stock item.
    StockItem(inventory::item::StockItem);
    /// Of a hold.
    Hold(inventory::hold::Hold);
    /// Of a cart.
    Cart(sales::cart::Cart);
    /// Of an order.
    Order(sales::order::Order);
    /// Of a checkout.
    Checkout(sales::checkout::Checkout);
    /// Of a counter of order numbers.
    OrderCounter(sales::counter::OrderCounter);
    /// Of the shop.
    Shop(shop::settings::Shop);
    /// Of a projection's generations.
    Generation(shop::generation::Generations);
    /// Of a shard's commits that cannot be read.
    Skips(shop::skips::Skips);
}

impl State {
    /// What `stream` wants to be told, and when: an index of the owner, derived from state.
    #[must_use]
    pub fn due(&self, stream: &StreamId) -> Option<Due> {
        match (self, stream) {
            (Self::Hold(hold), StreamId::Hold(sku, location, reservation)) => hold.due().map(|at| Due {
                at,
                command: Command::Hold(
                    sku.clone(),
                    location.clone(),
                    *reservation,
                    inventory::hold::Command::Expire,
                ),
            }),
            (Self::Cart(cart), StreamId::Cart(id)) => cart.due().map(|at| Due {
                at,
                command: Command::Cart(*id, sales::cart::Command::Expire),
            }),
            (Self::Checkout(checkout), StreamId::Checkout(id)) => checkout.due().map(|at| Due {
                at,
                command: Command::Checkout(*id, sales::checkout::Command::TimeOut),
            }),
            _ => None,
        }
    }

    /// What a process that lives in `stream` still has to send; its owner keeps an index of those that have.
    #[must_use]
    pub fn outstanding(&self, stream: &StreamId) -> Vec<sales::checkout::Outstanding> {
        match (self, stream) {
            (Self::Checkout(checkout), StreamId::Checkout(id)) => checkout.outstanding(*id),
            _ => Vec::new(),
        }
    }
}
