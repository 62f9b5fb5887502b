//! What answers show, in GraphQL's field names. Everything here is a pure function of what came of a request,
//! so that a repeat shows the same bytes. Personal fields are never shown.

mod cart;
mod catalog;
mod checkout;
mod order;
mod stock;

use domain::sales::Totals;
use serde::Serialize;

use super::money::MoneyView;

pub(crate) use cart::CartView;
pub(crate) use catalog::{CategoryView, PartView, ProductView, ShopView};
pub(crate) use checkout::CheckoutView;
pub(crate) use order::{OrderView, PlacedOrderView};
pub(crate) use stock::StockView;

/// What something costs, part by part.
#[derive(Debug, Serialize)]
pub(crate) struct CostView {
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
    fn fixed(typename: &'static str, totals: &Totals) -> Self {
        let money = |amount| MoneyView::of(amount, totals.currency);
        Self {
            typename,
            subtotal: money(totals.subtotal),
            discount: money(totals.discount),
            shipping: money(totals.shipping),
            tax: Some(money(totals.tax)),
            total: money(totals.total),
            estimated: false,
        }
    }
}
