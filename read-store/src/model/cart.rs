//! Carts by id.

use domain::sales::{FrozenLine, ShippingChoice, Totals};
use domain::value::{Attributes, CartId, Currency, LineId, LocalizedText, Money, ProductId, Sealed, Sku, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::VIEW_COLUMN;
use crate::port::{Key, Table};

/// The projection's name.
pub const PROJECTION: &str = "cart";

/// The view of each cart: partition = id.
pub static BY_ID: Table = Table {
    projection: PROJECTION,
    name: "by_id",
    columns: &[VIEW_COLUMN],
};

/// All tables of the projection, the views' first.
pub static TABLES: [&Table; 1] = [&BY_ID];

/// What is shown of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartView {
    /// Its id; the order that it becomes has the same UUID.
    pub id: CartId,
    /// Whose it is; none: whoever has its secret.
    pub customer: Option<Uuid>,
    /// Of all its prices.
    pub currency: Currency,
    /// In the order they were added.
    pub lines: Vec<CartLineView>,
    /// Mail address.
    pub email: Option<Sealed>,
    /// Telephone.
    pub phone: Option<Sealed>,
    /// Where the parcel goes (an address as JSON).
    pub shipping_address: Option<Sealed>,
    /// Who is invoiced, when different.
    pub billing_address: Option<Sealed>,
    /// ISO 3166 alpha-2 of the parcel's destination; empty when not known.
    pub country: String,
    /// How it goes there.
    pub shipping: Option<ShippingChoice>,
    /// What can be done with it.
    pub status: CartStatus,
    /// What the last checkout fixed. It holds as long as the status is [`CartStatus::CheckingOut`] or
    /// [`CartStatus::Converted`].
    pub frozen: Option<FrozenCart>,
    /// Code of why the last checkout was reopened; empty when none was.
    pub reopened_why: String,
    /// Since when it exists.
    pub opened: Timestamp,
    /// When somebody looks whether it is still used.
    pub expires: Timestamp,
}

/// What can be done with a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CartStatus {
    /// Everything.
    Open,
    /// It is being paid for: what is in it is fixed.
    CheckingOut,
    /// Nothing: it became its order.
    Converted,
    /// Nothing: nobody came back.
    Expired,
}

/// A line of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLineView {
    /// Its id.
    pub id: LineId,
    /// What.
    pub sku: Sku,
    /// Of which product.
    pub product: ProductId,
    /// Its title when it was added.
    pub title: LocalizedText,
    /// Engraving, gift wrap.
    pub attributes: Attributes,
    /// How many.
    pub quantity: u32,
    /// For one, as last shown.
    pub unit_price: Money,
    /// Commit of the catalogue that the price was read at.
    pub catalog_seq: u64,
}

/// What a checkout fixed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenCart {
    /// Which try of this cart, from 1.
    pub attempt: u32,
    /// Every line with its share of everything.
    pub lines: Vec<FrozenLine>,
    /// Their sums.
    pub totals: Totals,
    /// How it goes there; none when nothing is sent.
    pub shipping: Option<ShippingChoice>,
}

impl CartView {
    /// What is fixed now, while it is paid for and after.
    #[must_use]
    pub fn fixed(&self) -> Option<&FrozenCart> {
        let holds = matches!(self.status, CartStatus::CheckingOut | CartStatus::Converted);
        self.frozen.as_ref().filter(|_| holds)
    }
}

/// Where the view of a cart is.
#[must_use]
pub fn by_id_key(id: CartId) -> Key {
    Key::of(id.to_string())
}
