//! Refusals: states of affairs with stable codes.

use thiserror::Error;

use crate::{catalog, inventory, sales, shop};

/// What kind of refusal: the one thing that HTTP and GraphQL map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// There is no such thing.
    Absent,
    /// The rule says no in the present state.
    Conflict,
    /// Understood, but a value is not acceptable.
    Invalid,
}

macro_rules! rejections {
    ($($(#[$doc:meta])* $aggregate:ident($rejection:path);)+) => {
        /// Why a command was refused, by aggregate.
        #[derive(Clone, Debug, PartialEq, Eq, Error)]
        pub enum Rejection {
            $($(#[$doc])* #[error(transparent)] $aggregate(#[from] $rejection),)+
        }

        impl Rejection {
            /// The stable code, for example `cart.empty`.
            #[must_use]
            pub fn code(&self) -> &'static str {
                match self { $(Self::$aggregate(rejection) => rejection.code(),)+ }
            }

            /// What kind of refusal it is.
            #[must_use]
            pub fn kind(&self) -> Kind {
                match self { $(Self::$aggregate(rejection) => rejection.kind(),)+ }
            }

            /// The field of the command that is to blame, in the API's spelling.
            #[must_use]
            pub fn field(&self) -> Option<&'static str> {
                match self { $(Self::$aggregate(rejection) => rejection.field(),)+ }
            }
        }
    };
}

rejections! {
    /// By a category.
    Category(catalog::category::Rejection);
    /// By a product.
    Product(catalog::product::Rejection);
    /// By a unique name.
    Name(catalog::name::Rejection);
    /// By a stock item.
    StockItem(inventory::item::Rejection);
    /// By a hold.
    Hold(inventory::hold::Rejection);
    /// By a cart.
    Cart(sales::cart::Rejection);
    /// By an order.
    Order(sales::order::Rejection);
    /// By a checkout.
    Checkout(sales::checkout::Rejection);
    /// By the shop.
    Shop(shop::settings::Rejection);
    /// By a projection's generations.
    Generation(shop::generation::Rejection);
    /// Of a skip.
    Skips(shop::skips::Rejection);
}
