//! Lines of a cart.

use std::sync::Arc;

use async_graphql::{ID, Object, Result};
use domain::sales::FrozenLine;
use read_store::model::cart::CartLineView;

use super::cart::Cart;
use super::cost::LineCost;
use super::product::{Attribute, attributes};
use super::scalar::Money;
use super::variant::ProductVariant;
use crate::error::QueryError;

/// A line of a cart.
pub(crate) struct CartLine {
    pub(crate) cart: Cart,
    /// Which of the cart's lines; always one of them.
    pub(crate) index: usize,
}

impl CartLine {
    fn view(&self) -> &CartLineView {
        &self.cart.view.view.lines[self.index]
    }

    /// The line as it is fixed, else as it would be bought today.
    async fn priced(&self) -> Result<FrozenLine, QueryError> {
        let is_this = |line: &&FrozenLine| line.line == self.view().id;
        let fixed = self.cart.view.view.fixed();
        if let Some(line) = fixed.and_then(|fixed| fixed.lines.iter().find(is_this)) {
            return Ok(line.clone());
        }
        // An estimate has the cart's lines in their order.
        Ok(self.cart.today().await?.estimate.lines[self.index].clone())
    }
}

/// A line of a cart.
#[Object(serial)]
impl CartLine {
    /// Its id within the cart, as the commands under /v1 take it.
    async fn id(&self) -> ID {
        ID(self.view().id.to_string())
    }

    /// What.
    async fn sku(&self) -> &str {
        self.view().sku.as_str()
    }

    /// The product's title the day it was added.
    async fn title(&self) -> &str {
        self.cart.scope.audience.read(&self.view().title)
    }

    /// Engraving, gift wrap.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn attributes(&self) -> Vec<Attribute> {
        attributes(&self.view().attributes)
    }

    /// How many.
    async fn quantity(&self) -> u32 {
        self.view().quantity
    }

    /// For one, as the shopper last saw it.
    async fn unit_price(&self) -> Money {
        Money(self.view().unit_price)
    }

    /// For one, today; once it is being paid for, as fixed. The order is placed at this price.
    async fn unit_price_today(&self) -> Result<Money> {
        let line = self.priced().await?;
        Ok(Money::of(line.unit_price, self.cart.view.view.currency))
    }

    /// Whether it costs something else today than the shopper last saw.
    async fn price_changed(&self) -> Result<bool> {
        Ok(self.priced().await?.unit_price != self.view().unit_price.amount)
    }

    /// What it costs, all its pieces together.
    async fn cost(&self) -> Result<LineCost> {
        Ok(LineCost {
            line: self.priced().await?,
            currency: self.cart.view.view.currency,
        })
    }

    /// What it is, as the shop offers it today; none when it is not offered any more.
    async fn merchandise(&self) -> Result<Option<ProductVariant>> {
        let today = self.cart.today().await?;
        let Some(product) = today.products.get(&self.view().product) else {
            return Ok(None);
        };
        let index = product
            .view
            .variants
            .iter()
            .position(|variant| variant.sku == self.view().sku);
        Ok(index.map(|index| ProductVariant {
            scope: Arc::clone(&self.cart.scope),
            product: Arc::clone(product),
            index,
            currency: self.cart.view.view.currency,
        }))
    }
}
