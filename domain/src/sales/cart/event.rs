//! Events of a cart. These names and fields are the storage format.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::sales::{FrozenLine, ShippingChoice, Totals};
use crate::value::{Attributes, Currency, LineId, LocalizedText, Money, ProductId, Sealed, Sku, Timestamp};

/// What happened to a cart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
pub enum Event {
    /// It exists, empty.
    CartOpened {
        /// Whose it is; none: whoever has its secret.
        customer: Option<Uuid>,
        /// Of all its prices.
        currency: Currency,
        /// When it expires unless something happens to it.
        expires: Timestamp,
    },
    /// Something new is in it.
    LineAdded {
        /// v5(cart, SKU and attributes).
        line: LineId,
        /// What.
        sku: Sku,
        /// Of which product.
        product: ProductId,
        /// Its title that day.
        title: LocalizedText,
        /// Engraving, gift wrap.
        attributes: Attributes,
        /// How many.
        quantity: u32,
        /// For one, as shown when it was added.
        unit_price: Money,
        /// Commit of the catalogue that the price was read at.
        catalog_seq: u64,
    },
    /// There are more or fewer of a line.
    QuantityChanged {
        /// Which.
        line: LineId,
        /// How many now.
        quantity_after: u32,
    },
    /// A line is gone.
    LineRemoved {
        /// Which.
        line: LineId,
    },
    /// All lines are gone.
    CartCleared {},
    /// A line shows a newer price.
    LineRepriced {
        /// Which.
        line: LineId,
        /// For one, from now on.
        unit_price: Money,
        /// Commit of the catalogue that the price was read at.
        catalog_seq: u64,
    },
    /// Whom to write to.
    ContactSet {
        /// Mail address.
        email: Sealed,
        /// Telephone.
        phone: Option<Sealed>,
    },
    /// Where it goes and who is invoiced.
    AddressesSet {
        /// Where the parcel goes (an address as JSON).
        shipping: Sealed,
        /// Who is invoiced, when different.
        billing: Option<Sealed>,
        /// ISO 3166 alpha-2 of the parcel's destination: tax and shipping depend on it.
        country: String,
    },
    /// How it goes there.
    ShippingChosen {
        /// Method and price.
        shipping: ShippingChoice,
    },
    /// It belongs to a customer.
    CartClaimed {
        /// Whose.
        customer: Uuid,
    },
    /// What is in it, what it costs and where it goes is fixed while it is paid for.
    CheckoutBegun {
        /// Which try of this cart, from 1.
        attempt: u32,
        /// Every line with its share of everything.
        lines: Vec<FrozenLine>,
        /// Their sums.
        totals: Totals,
        /// How it goes there; none when nothing is sent.
        shipping: Option<ShippingChoice>,
        /// Until when the checkout holds its pieces; none in carts that were fixed before this was written down.
        #[serde(default)]
        held_until: Option<Timestamp>,
    },
    /// It may be changed again.
    CheckoutReopened {
        /// The code of what went wrong, or `cart.changed`.
        why: String,
    },
    /// Somebody used it since it was last looked at: it lives on.
    CartKept {
        /// When it expires unless something happens to it.
        expires: Timestamp,
    },
    /// It became its order.
    CartConverted {},
    /// Nobody came back.
    CartExpired {},
}
