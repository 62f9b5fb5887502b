//! What carts, orders and their lines cost.

use async_graphql::Object;
use domain::sales::{FrozenLine, ShippingChoice, Totals};
use domain::value::Currency;

use super::scalar::Money;
use crate::scope::Scope;

/// The sums of a cart or an order. total = subtotal − discount + shipping, and tax on top where prices are shown
/// without it.
pub(crate) struct Cost {
    pub(crate) totals: Totals,
    pub(crate) is_estimated: bool,
}

/// The sums of a cart or an order. total = subtotal − discount + shipping, and tax on top where prices are shown
/// without it.
#[Object(serial)]
impl Cost {
    /// The lines at their shown prices.
    async fn subtotal(&self) -> Money {
        Money::of(self.totals.subtotal, self.totals.currency)
    }

    /// What is taken off, as a positive amount.
    async fn discount(&self) -> Money {
        Money::of(self.totals.discount, self.totals.currency)
    }

    /// Shipping at its shown price.
    async fn shipping(&self) -> Money {
        Money::of(self.totals.shipping, self.totals.currency)
    }

    /// The part of the total that is tax.
    async fn tax(&self) -> Money {
        Money::of(self.totals.tax, self.totals.currency)
    }

    /// To pay.
    async fn total(&self) -> Money {
        Money::of(self.totals.total, self.totals.currency)
    }

    /// Whether shown prices include tax.
    async fn prices_include_tax(&self) -> bool {
        self.totals.prices_include_tax
    }

    /// Whether it may still change: prices, stock, the destination or the way of shipping are not fixed.
    async fn estimated(&self) -> bool {
        self.is_estimated
    }
}

/// What a line costs, all its pieces together.
pub(crate) struct LineCost {
    pub(crate) line: FrozenLine,
    pub(crate) currency: Currency,
}

/// What a line costs, all its pieces together.
#[Object(serial)]
impl LineCost {
    /// The pieces at their shown price.
    async fn subtotal(&self) -> Money {
        let subtotal = self.line.unit_price.saturating_mul(i64::from(self.line.quantity));
        Money::of(subtotal, self.currency)
    }

    /// Its share of what is taken off, as a positive amount.
    async fn discount(&self) -> Money {
        Money::of(self.line.discount, self.currency)
    }

    /// Without tax.
    async fn net(&self) -> Money {
        Money::of(self.line.net, self.currency)
    }

    /// Its tax.
    async fn tax(&self) -> Money {
        Money::of(self.line.tax, self.currency)
    }

    /// With tax and after discount.
    async fn total(&self) -> Money {
        Money::of(self.line.gross, self.currency)
    }

    /// The rate of its tax, in hundredths of a percent: 2000 is 20 %.
    async fn tax_basis_points(&self) -> u32 {
        self.line.tax_basis_points
    }
}

/// A way of shipping with its price.
pub(crate) struct ShippingOption<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) choice: ShippingChoice,
    pub(crate) currency: Currency,
}

/// A way of shipping with its price.
#[Object(serial)]
impl ShippingOption<'_> {
    /// What `POST /v1/carts/{cart}/shipping` takes.
    async fn code(&self) -> &str {
        &self.choice.code
    }

    /// What shoppers read.
    async fn name(&self) -> &str {
        self.scope.audience.read(&self.choice.name)
    }

    /// Tax handled as for goods.
    async fn price(&self) -> Money {
        Money::of(self.choice.price, self.currency)
    }
}
