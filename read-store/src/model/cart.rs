//! Carts by id.

use domain::sales::{FrozenLine, ShippingChoice, Totals};
use domain::value::{Attributes, CartId, Currency, LineId, LocalizedText, Money, ProductId, Sealed, Sku, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Clustering, VIEW_COLUMN, damaged};
use crate::port::{Column, ColumnType, Key, Row, StoreError, Table, Value};

/// The projection's name.
pub const PROJECTION: &str = "cart";

/// The view of each cart: partition = id.
pub static BY_ID: Table = Table {
    projection: PROJECTION,
    name: "by_id",
    columns: &[VIEW_COLUMN],
};

/// For those who run the shop: every cart with something in it that is neither an order nor expired:
/// partition = [`open_partitions`], clustering = id.
pub static OPEN: Table = Table {
    projection: PROJECTION,
    name: "open",
    columns: &[CURRENCY_COLUMN],
};

/// The column of a currency's ISO 4217 code.
const CURRENCY_COLUMN: Column = Column {
    name: "currency",
    kind: ColumnType::Text,
};

/// All tables of the projection, the views' first.
pub static TABLES: [&Table; 2] = [&BY_ID, &OPEN];

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
    /// Until when its pieces are held; none of carts that were fixed before that was written down.
    pub held_until: Option<Timestamp>,
}

impl CartView {
    /// What is fixed now, while it is paid for and after.
    #[must_use]
    pub fn fixed(&self) -> Option<&FrozenCart> {
        let holds = matches!(self.status, CartStatus::CheckingOut | CartStatus::Converted);
        self.frozen.as_ref().filter(|_| holds)
    }
}

/// All partitions of [`OPEN`]: by the first digit of the carts' ids, so that none is large.
pub fn open_partitions() -> impl Iterator<Item = String> {
    (0..16).map(|digit: u8| format!("{digit:x}"))
}

/// The row of [`OPEN`] of a cart; none when it is empty, or no cart any more. It says nothing that changes while the
/// cart is used, so that it is written once.
#[must_use]
pub fn open_row(cart: &CartView) -> Option<Row> {
    let is_open = matches!(cart.status, CartStatus::Open | CartStatus::CheckingOut);
    (is_open && !cart.lines.is_empty()).then(|| Row {
        key: Key {
            partition: format!("{:x}", cart.id.0.as_bytes()[0] >> 4),
            clustering: Clustering::new().id(cart.id.0).into_bytes(),
        },
        values: vec![Value::Text(cart.currency.code().to_owned())],
    })
}

/// The currency in a row of [`OPEN`].
///
/// # Errors
/// [`StoreError::Damaged`] when there is none in it.
pub fn open_currency(row: &Row) -> Result<Currency, StoreError> {
    match row.values.as_slice() {
        [Value::Text(code)] => code.parse().map_err(|_| damaged(&row.key, "has no currency")),
        _ => Err(damaged(&row.key, "has no currency")),
    }
}

/// Where the view of a cart is.
#[must_use]
pub fn by_id_key(id: CartId) -> Key {
    Key::of(id.to_string())
}
