use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name-based UUID (version 5) of `role` under `parent`: what a cause creates has an id
/// that follows from the cause, so a repeat creates the same thing again and never a second one.
#[must_use]
pub fn derived(parent: Uuid, role: &str) -> Uuid {
    Uuid::new_v5(&parent, role.as_bytes())
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The id that `cause` gives to what it creates in the part `role`.
            #[must_use]
            pub fn derived(cause: Uuid, role: &str) -> Self {
                Self(derived(cause, role))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// A category of the catalogue.
    CategoryId;
    /// A product of the catalogue.
    ProductId;
    /// An image of a product.
    ImageId;
    /// A cart; the order and the checkout that come from it carry the same UUID.
    CartId;
    /// A line of a cart: v5(cart, SKU and attributes).
    LineId;
    /// An order; its UUID is that of the cart it came from.
    OrderId;
    /// A checkout; its UUID is that of the cart it closes.
    CheckoutId;
    /// What holds pieces of a SKU: one attempt of one checkout.
    ReservationId;
    /// One intent of one caller: the key of deduplication.
    CommandId;
}

impl CartId {
    /// The order that this cart becomes.
    #[must_use]
    pub fn order(self) -> OrderId {
        OrderId(self.0)
    }

    /// The process that turns this cart into its order.
    #[must_use]
    pub fn checkout(self) -> CheckoutId {
        CheckoutId(self.0)
    }
}
