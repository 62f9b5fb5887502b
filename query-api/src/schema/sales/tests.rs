use domain::value::{Currency, ProductId, Timestamp};
use proptest::prelude::*;
use read_store::model::sold::{Sale, SoldLine};
use uuid::Uuid;

use super::sums::{Sums, add_all, add_sale};

const EUR: Currency = Currency::EUR;

fn sale((day, product, pieces, total): (usize, u128, u32, i64), is_cancelled: bool) -> (usize, Sale) {
    let sale = Sale {
        placed: Timestamp(0),
        currency: EUR,
        total,
        tax: total / 6,
        refunded: total / 10,
        is_cancelled,
        lines: vec![SoldLine {
            product: ProductId(Uuid::from_u128(product)),
            pieces,
            gross: total,
        }],
    };
    (day, sale)
}

fn summed(sales: &[(usize, Sale)]) -> Sums {
    let mut sums = Sums::new();
    sales.iter().for_each(|(day, sale)| add_sale(&mut sums, *day, sale));
    sums
}

#[test]
fn what_was_cancelled_is_counted_and_in_no_sum() {
    let sums = summed(&[sale((0, 1, 2, 3_000), false), sale((0, 1, 5, 9_000), true)]);
    let day = sums[&EUR].days[&0];
    assert_eq!((day.orders, day.cancelled, day.pieces), (1, 1, 2));
    assert_eq!((day.revenue, day.tax, day.refunded), (3_000, 500, 300));
    let product = &sums[&EUR].products[&ProductId(Uuid::from_u128(1))];
    assert_eq!((product.pieces, product.revenue), (2, 3_000));
}

#[test]
fn an_average_is_rounded_half_away_from_zero_and_none_of_no_orders() {
    let average = |totals: &[i64]| {
        let sales: Vec<_> = totals.iter().map(|total| sale((0, 1, 1, *total), false)).collect();
        summed(&sales)[&EUR].days[&0].average()
    };
    assert_eq!(average(&[1_000, 1_001]), Some(1_001));
    assert_eq!(average(&[1_000, 1_000, 1_001]), Some(1_000));
    let cancelled = summed(&[sale((0, 1, 1, 1_000), true)]);
    assert_eq!(cancelled[&EUR].days[&0].average(), None);
}

#[test]
fn sums_beyond_64_bits_stay_exact() {
    let most = sale((0, 1, 1, i64::MAX), false);
    let sums = summed(&[most.clone(), most.clone(), most]);
    assert_eq!(sums[&EUR].days[&0].revenue, 3 * i128::from(i64::MAX));
}

proptest! {
    #[test]
    fn however_rows_are_split_and_ordered_the_sums_are_the_same(
        sales in prop::collection::vec(((0..4_usize, 1..4_u128, 1..9_u32, 0..9_999_i64), any::<bool>()), 0..40),
        at in 0..40_usize,
    ) {
        let sales: Vec<_> = sales.into_iter().map(|(facts, is_cancelled)| sale(facts, is_cancelled)).collect();
        let (some, others) = sales.split_at(at.min(sales.len()));
        let mut apart = summed(others);
        add_all(&mut apart, summed(some));
        prop_assert_eq!(apart, summed(&sales));
    }
}
