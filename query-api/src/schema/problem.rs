//! What is not as the shopper left a cart.

use async_graphql::{ID, SimpleObject, Union};
use domain::sales::cart::Problem;
use domain::value::{LineId, Sku};

use super::cart::Cart;
use super::cart_line::CartLine;
use super::scalar::Money;

/// What is not as the shopper left it.
#[derive(Union)]
pub(crate) enum CartProblem {
    /// It is not for sale any more.
    VariantUnavailable(VariantUnavailable),
    /// It has no price in the cart's currency any more.
    VariantNotPriced(VariantNotPriced),
    /// It costs something else today.
    PriceChanged(PriceChanged),
    /// There are fewer pieces than the cart has.
    InsufficientStock(InsufficientStock),
    /// The way of shipping that was chosen is not offered any more.
    ShippingUnavailable(ShippingUnavailable),
}

/// It is not for sale any more: checkout is refused until the line is gone.
#[derive(SimpleObject)]
pub(crate) struct VariantUnavailable {
    /// Which line.
    line: Option<CartLine>,
    /// What.
    sku: String,
}

/// It has no price in the cart's currency any more: checkout is refused until the line is gone.
#[derive(SimpleObject)]
pub(crate) struct VariantNotPriced {
    /// Which line.
    line: Option<CartLine>,
    /// What.
    sku: String,
}

/// It costs something else today; the order is placed at today's price.
#[derive(SimpleObject)]
pub(crate) struct PriceChanged {
    /// Which line.
    line: Option<CartLine>,
    /// When the shopper last saw it.
    from: Money,
    /// Today.
    to: Money,
}

/// There are fewer pieces than the cart has.
#[derive(SimpleObject)]
pub(crate) struct InsufficientStock {
    /// Which line.
    line: Option<CartLine>,
    /// What.
    sku: String,
    /// How many there are, for all lines of the SKU.
    quantity_available: i64,
}

/// The way of shipping that was chosen is not offered any more for this cart.
#[derive(SimpleObject)]
pub(crate) struct ShippingUnavailable {
    /// Its code.
    code: ID,
}

impl CartProblem {
    pub(crate) fn of(cart: &Cart, problem: Problem) -> Self {
        let line = |id: LineId| line_of(cart, id);
        let text = |sku: &Sku| sku.to_string();
        match problem {
            Problem::VariantUnavailable { line: id, sku } => Self::VariantUnavailable(VariantUnavailable {
                line: line(id),
                sku: text(&sku),
            }),
            Problem::VariantNotPriced { line: id, sku } => Self::VariantNotPriced(VariantNotPriced {
                line: line(id),
                sku: text(&sku),
            }),
            Problem::PriceChanged { line: id, from, to } => Self::PriceChanged(PriceChanged {
                line: line(id),
                from: Money(from),
                to: Money(to),
            }),
            Problem::InsufficientStock {
                line: id,
                sku,
                available,
            } => Self::InsufficientStock(InsufficientStock {
                line: line(id),
                sku: text(&sku),
                quantity_available: available,
            }),
            Problem::ShippingUnavailable { code } => Self::ShippingUnavailable(ShippingUnavailable { code: ID(code) }),
        }
    }
}

fn line_of(cart: &Cart, id: LineId) -> Option<CartLine> {
    let index = cart.view.view.lines.iter().position(|line| line.id == id)?;
    Some(CartLine {
        cart: cart.clone(),
        index,
    })
}
