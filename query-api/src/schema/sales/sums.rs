//! Sums of sales, exact: 128 bits hold more than all orders of a shop can cost.

use std::collections::BTreeMap;

use domain::value::{Currency, ProductId, round_half_away};
use read_store::model::sold::Sale;

/// What some orders come to, in minor units of one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// Those that were not cancelled; all that follows is about them.
    pub(super) orders: u64,
    pub(super) cancelled: u64,
    pub(super) pieces: u64,
    pub(super) revenue: i128,
    pub(super) tax: i128,
    pub(super) refunded: i128,
}

/// What was sold of one product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ProductSum {
    pub(super) pieces: u64,
    pub(super) revenue: i128,
}

/// The sums of one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CurrencySums {
    /// By the day's place in the range.
    pub(super) days: BTreeMap<usize, Sum>,
    pub(super) products: BTreeMap<ProductId, ProductSum>,
}

/// All sums.
pub(super) type Sums = BTreeMap<Currency, CurrencySums>;

/// Adds a sale of the day at this place in the range.
pub(super) fn add_sale(sums: &mut Sums, day: usize, sale: &Sale) {
    let of_currency = sums.entry(sale.currency).or_default();
    let sum = of_currency.days.entry(day).or_default();
    if sale.is_cancelled {
        sum.cancelled += 1;
        return;
    }
    sum.orders += 1;
    sum.pieces += sale.lines.iter().map(|line| u64::from(line.pieces)).sum::<u64>();
    sum.revenue += i128::from(sale.total);
    sum.tax += i128::from(sale.tax);
    sum.refunded += i128::from(sale.refunded);
    for line in &sale.lines {
        let product = of_currency.products.entry(line.product).or_default();
        product.pieces += u64::from(line.pieces);
        product.revenue += i128::from(line.gross);
    }
}

/// Adds the sums of other days, or of other orders.
pub(super) fn add_all(sums: &mut Sums, others: Sums) {
    for (currency, others) in others {
        let of_currency = sums.entry(currency).or_default();
        for (day, other) in others.days {
            of_currency.days.entry(day).or_default().add(other);
        }
        for (product, other) in others.products {
            let product = of_currency.products.entry(product).or_default();
            product.pieces += other.pieces;
            product.revenue += other.revenue;
        }
    }
}

impl Sum {
    pub(super) fn add(&mut self, other: Self) {
        self.orders += other.orders;
        self.cancelled += other.cancelled;
        self.pieces += other.pieces;
        self.revenue += other.revenue;
        self.tax += other.tax;
        self.refunded += other.refunded;
    }

    /// What an order cost; none when there was none.
    pub(super) fn average(&self) -> Option<i64> {
        (self.orders > 0).then(|| round_half_away(self.revenue, i128::from(self.orders)))
    }
}
