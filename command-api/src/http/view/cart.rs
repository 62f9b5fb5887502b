use access::CartSecret;
use domain::Aggregate;
use domain::sales::cart::{Cart, Contents, Line};
use domain::value::{CartId, LocalizedText};
use serde::Serialize;

use super::CostView;
use crate::Outcome;
use crate::http::money::MoneyView;

/// A cart right after a command.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CartView<'a> {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: String,
    version: u64,
    status: &'static str,
    currency: Option<&'a str>,
    total_quantity: i64,
    lines: Vec<LineView<'a>>,
    cost: Option<CostView>,
    /// Code of the way of shipping that was chosen.
    shipping_method: Option<&'a str>,
    /// For whoever opened it as a guest, and for nobody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    cart_secret: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LineView<'a> {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: String,
    sku: &'a str,
    product_id: String,
    title: &'a LocalizedText,
    attributes: Vec<AttributeView<'a>>,
    quantity: u32,
    unit_price: MoneyView,
    total: MoneyView,
}

#[derive(Debug, Serialize)]
struct AttributeView<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> CartView<'a> {
    /// The cart that the outcome speaks of.
    pub(crate) fn of(id: CartId, outcome: &'a Outcome) -> Self {
        let cart = outcome.state.as_deref().and_then(Cart::of).unwrap_or(&Cart::Absent);
        let contents = cart.contents();
        Self {
            typename: "Cart",
            id: id.to_string(),
            version: outcome.version,
            status: status(cart),
            currency: contents.map(|contents| contents.currency.code()),
            total_quantity: contents.map_or(0, Contents::total_quantity),
            lines: contents.map_or_else(Vec::new, |contents| contents.lines.iter().map(LineView::of).collect()),
            cost: contents.map(|contents| cost(cart, contents)),
            shipping_method: contents
                .and_then(|contents| contents.shipping.as_ref())
                .map(|choice| choice.code.as_str()),
            cart_secret: None,
        }
    }

    /// With the secret, for the guest who opened it.
    pub(crate) fn with_secret(mut self, secret: Option<&'a CartSecret>) -> Self {
        self.cart_secret = secret.map(CartSecret::reveal);
        self
    }
}

fn status(cart: &Cart) -> &'static str {
    match cart {
        Cart::Absent | Cart::Open(_) => "OPEN",
        Cart::InCheckout(..) => "CHECKING_OUT",
        Cart::Converted { .. } => "CONVERTED",
        Cart::Expired { .. } => "EXPIRED",
    }
}

/// What a checkout fixed, or else the lines at the prices they were added at and the shipping that was chosen.
fn cost(cart: &Cart, contents: &Contents) -> CostView {
    if let Some(frozen) = cart.frozen() {
        return CostView::fixed("CartCost", &frozen.totals);
    }
    let money = |amount| MoneyView::of(amount, contents.currency);
    let subtotal = contents.lines.iter().map(total_of).sum();
    let shipping = contents.shipping.as_ref().map_or(0, |choice| choice.price);
    CostView {
        typename: "CartCost",
        subtotal: money(subtotal),
        discount: money(0),
        shipping: money(shipping),
        tax: None,
        total: money(subtotal + shipping),
        estimated: true,
    }
}

fn total_of(line: &Line) -> i64 {
    line.unit_price.amount.saturating_mul(i64::from(line.quantity))
}

impl<'a> LineView<'a> {
    fn of(line: &'a Line) -> Self {
        let attributes = line.attributes.iter();
        Self {
            typename: "CartLine",
            id: line.line.to_string(),
            sku: line.sku.as_str(),
            product_id: line.product.to_string(),
            title: &line.title,
            attributes: attributes.map(|(name, value)| AttributeView { name, value }).collect(),
            quantity: line.quantity,
            unit_price: line.unit_price.into(),
            total: MoneyView::of(total_of(line), line.unit_price.currency),
        }
    }
}
