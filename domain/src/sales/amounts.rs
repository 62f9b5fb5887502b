//! What carts, orders and checkouts share: frozen lines, sums, shipping, payment.

use serde::{Deserialize, Serialize};

use crate::value::{Attributes, Currency, LineId, LocalizedText, ProductId, Sku};

/// How an order is paid.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::Display,
    strum::VariantNames,
)]
pub enum PaymentMethod {
    /// By invoice: confirmed at once, paid later.
    Invoice,
}

/// A way of shipping with its price, as offered for this cart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShippingChoice {
    /// The method's key.
    pub code: String,
    /// What shoppers read.
    pub name: LocalizedText,
    /// Minor units, tax handled as for goods.
    pub price: i64,
    /// Its tax rate, in hundredths of a percent.
    pub tax_basis_points: u32,
}

/// A line as it is bought. All amounts are minor units of the cart's currency, for the whole line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FrozenLine {
    /// The cart's line.
    pub line: LineId,
    /// What.
    pub sku: Sku,
    /// Of which product.
    pub product: ProductId,
    /// Its title that day.
    pub title: LocalizedText,
    /// Engraving, gift wrap.
    pub attributes: Attributes,
    /// How many.
    pub quantity: u32,
    /// For one, as shown (with tax when the shop's prices include it).
    pub unit_price: i64,
    /// What was taken off, as a positive number.
    pub discount: i64,
    /// Without tax.
    pub net: i64,
    /// Tax, rounded once, here.
    pub tax: i64,
    /// With tax.
    pub gross: i64,
    /// Hundredths of a percent.
    pub tax_basis_points: u32,
    /// Whether it goes by parcel.
    pub requires_shipping: bool,
    /// Whether its pieces are counted.
    pub tracks_stock: bool,
}

/// The sums of a cart or order, minor units of its currency. total = subtotal − discount + shipping (+ tax
/// when prices are without it); tax is the part of the total that is tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Totals {
    /// Of all amounts.
    pub currency: Currency,
    /// Lines at their shown prices.
    pub subtotal: i64,
    /// Taken off, as a positive number.
    pub discount: i64,
    /// Shipping at its shown price.
    pub shipping: i64,
    /// Tax in lines and shipping.
    pub tax: i64,
    /// To pay.
    pub total: i64,
    /// Whether shown prices include tax.
    pub prices_include_tax: bool,
}
