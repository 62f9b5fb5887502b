use access::CartSecret;
use domain::Aggregate;
use domain::sales::cart::{Cart, Contents, Line};
use domain::value::CartId;
use schemars::JsonSchema;
use serde::Serialize;

use super::{CostView, FALLBACK_LOCALE, ShippingView};
use crate::Outcome;
use crate::http::money::MoneyView;

/// A cart right after a command.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Cart")]
pub(crate) struct CartView<'a> {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: String,
    uuid: String,
    version: u64,
    status: &'static str,
    currency: Option<&'a str>,
    total_quantity: i64,
    lines: Vec<LineView<'a>>,
    cost: Option<CostView>,
    shipping: Option<ShippingView<'a>>,
    country: Option<&'a str>,
    /// For whoever opened it as a guest, and for nobody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    cart_secret: Option<&'a str>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CartLine")]
struct LineView<'a> {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: String,
    sku: &'a str,
    title: &'a str,
    attributes: Vec<AttributeView<'a>>,
    quantity: u32,
    unit_price: MoneyView,
    cost: LineCostView,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Attribute")]
struct AttributeView<'a> {
    #[serde(rename = "__typename")]
    typename: &'static str,
    name: &'a str,
    value: &'a str,
}

/// What a line costs at its shown price. Its tax is known once a checkout fixes it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CartLineCost")]
struct LineCostView {
    #[serde(rename = "__typename")]
    typename: &'static str,
    subtotal: MoneyView,
}

impl<'a> CartView<'a> {
    /// The cart that the outcome speaks of, its texts in the language that is wanted, where there is such a text.
    pub(crate) fn of(id: CartId, outcome: &'a Outcome, language: &str) -> Self {
        let cart = outcome.state.as_deref().and_then(Cart::of).unwrap_or(&Cart::Absent);
        let contents = cart.contents();
        let lines = contents.map_or(&[][..], |contents| &contents.lines);
        Self {
            typename: "Cart",
            id: id.to_string(),
            uuid: id.to_string(),
            version: outcome.version,
            status: status(cart),
            currency: contents.map(|contents| contents.currency.code()),
            total_quantity: contents.map_or(0, Contents::total_quantity),
            lines: lines.iter().map(|line| LineView::of(line, language)).collect(),
            cost: contents.map(|contents| cost(cart, contents)),
            shipping: contents.and_then(|contents| {
                let choice = contents.shipping.as_ref()?;
                Some(ShippingView::of(choice, contents.currency, language))
            }),
            country: contents.and_then(|contents| contents.country.as_deref()),
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
        return CostView::fixed(&frozen.totals);
    }
    let money = |amount| MoneyView::of(amount, contents.currency);
    let subtotal = contents.lines.iter().map(subtotal_of).sum();
    let shipping = contents.shipping.as_ref().map_or(0, |choice| choice.price);
    CostView {
        typename: "Cost",
        subtotal: money(subtotal),
        discount: money(0),
        shipping: money(shipping),
        tax: None,
        total: money(subtotal + shipping),
        estimated: true,
    }
}

fn subtotal_of(line: &Line) -> i64 {
    line.unit_price.amount.saturating_mul(i64::from(line.quantity))
}

impl<'a> LineView<'a> {
    fn of(line: &'a Line, language: &str) -> Self {
        let attributes = line.attributes.iter();
        Self {
            typename: "CartLine",
            id: line.line.to_string(),
            sku: line.sku.as_str(),
            title: line.title.in_locale(language, FALLBACK_LOCALE),
            attributes: attributes.map(|(name, value)| AttributeView::of(name, value)).collect(),
            quantity: line.quantity,
            unit_price: line.unit_price.into(),
            cost: LineCostView {
                typename: "LineCost",
                subtotal: MoneyView::of(subtotal_of(line), line.unit_price.currency),
            },
        }
    }
}

impl<'a> AttributeView<'a> {
    fn of(name: &'a str, value: &'a str) -> Self {
        let typename = "Attribute";
        Self { typename, name, value }
    }
}
