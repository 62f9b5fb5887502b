//! What answers show, in GraphQL's field names. Everything here is a pure function of what came of a request,
//! so that a repeat shows the same bytes. Personal fields are never shown.

mod cart;
mod catalog;
mod checkout;
mod order;
mod stock;

use domain::sales::{ShippingChoice, Totals};
use schemars::JsonSchema;
use serde::Serialize;

use super::money::MoneyView;

pub(crate) use cart::CartView;
pub(crate) use catalog::{CategoryView, PartView, ProductView, ShopView};
pub(crate) use checkout::CheckoutView;
pub(crate) use order::{OrderView, PlacedOrderView};
pub(crate) use stock::StockView;

/// The language of texts when the caller wants none that there is: any, but always the same.
const FALLBACK_LOCALE: &str = "en";

/// What something costs, part by part.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Cost")]
struct CostView {
    #[serde(rename = "__typename")]
    typename: &'static str,
    subtotal: MoneyView,
    discount: MoneyView,
    shipping: MoneyView,
    /// `null` until a checkout fixes it: it depends on the destination and on the day's rates.
    tax: Option<MoneyView>,
    total: MoneyView,
    /// Whether a checkout may still find another total: prices, rates and shipping are those of its day.
    estimated: bool,
}

impl CostView {
    /// Sums that a checkout fixed.
    fn fixed(totals: &Totals) -> Self {
        let money = |amount| MoneyView::of(amount, totals.currency);
        Self {
            typename: "Cost",
            subtotal: money(totals.subtotal),
            discount: money(totals.discount),
            shipping: money(totals.shipping),
            tax: Some(money(totals.tax)),
            total: money(totals.total),
            estimated: false,
        }
    }
}

/// A way of shipping that was chosen.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ShippingOption")]
struct ShippingView<'a> {
    #[serde(rename = "__typename")]
    typename: &'static str,
    code: &'a str,
    name: &'a str,
    price: MoneyView,
}

impl<'a> ShippingView<'a> {
    fn of(choice: &'a ShippingChoice, currency: domain::value::Currency, language: &str) -> Self {
        Self {
            typename: "ShippingOption",
            code: &choice.code,
            name: choice.name.in_locale(language, FALLBACK_LOCALE),
            price: MoneyView::of(choice.price, currency),
        }
    }
}
