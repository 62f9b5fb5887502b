use proptest::prelude::*;
use uuid::Uuid;

use super::{price, spread, tax_basis_points, taxed};
use crate::sales::{FrozenLine, ShippingChoice, Totals};
use crate::shop::settings::{Settings, TaxRate};
use crate::value::{
    AMOUNT_MINOR_MAX, Attributes, CART_LINES_MAX, Currency, LINE_QUANTITY_MAX, LineId, LocalizedText, ProductId,
};

fn line(unit_price: i64, quantity: u32, tax_basis_points: u32) -> FrozenLine {
    FrozenLine {
        line: LineId(Uuid::from_u128(1)),
        sku: "LAMP".parse().expect("a SKU"),
        product: ProductId(Uuid::from_u128(2)),
        title: LocalizedText::default(),
        attributes: Attributes::new(),
        quantity,
        unit_price,
        discount: 0,
        net: 0,
        tax: 0,
        gross: 0,
        tax_basis_points,
        requires_shipping: true,
        tracks_stock: true,
    }
}

fn shipping(price: i64, tax_basis_points: u32) -> ShippingChoice {
    ShippingChoice {
        code: "parcel".to_owned(),
        name: LocalizedText::default(),
        price,
        tax_basis_points,
    }
}

fn without_tax_in_prices(lines: &[(i64, u32, u32)], discount: i64) -> Totals {
    let mut lines: Vec<_> = lines
        .iter()
        .map(|(unit_price, quantity, rate)| line(*unit_price, *quantity, *rate))
        .collect();
    price(&mut lines, discount, None, Currency::EUR, false)
}

#[test]
fn tax_comes_on_top_of_prices_without_it() {
    let mut lines = [line(100, 2, 2_000)];
    let totals = price(&mut lines, 0, None, Currency::EUR, false);
    assert_eq!((lines[0].net, lines[0].tax, lines[0].gross), (200, 40, 240));
    assert_eq!((totals.subtotal, totals.tax, totals.total), (200, 40, 240));
}

#[test]
fn tax_is_rounded_half_away_from_zero_at_each_line() {
    assert_eq!(taxed(4_595, 1_000, false).tax, 460);
    assert_eq!(taxed(4_594, 1_000, false).tax, 459);
    let totals = without_tax_in_prices(&[(1_010, 10, 2_300)], 0);
    assert_eq!((totals.tax, totals.total), (2_323, 12_423));
}

#[test]
fn an_orders_discount_is_taken_off_before_tax() {
    let totals = without_tax_in_prices(&[(1_000, 2, 2_300), (5_604, 1, 1_000)], 1_010);
    assert_eq!((totals.tax, totals.total), (885, 7_479));
    let totals = without_tax_in_prices(&[(5_605, 2, 1_000), (5_604, 1, 1_000)], 1_010);
    assert_eq!((totals.tax, totals.total), (1_581, 17_385));
    let totals = without_tax_in_prices(&[(5_605, 2, 1_000), (5_604, 1, 1_000)], 2_020);
    assert_eq!((totals.tax, totals.total), (1_479, 16_273));
    let totals = without_tax_in_prices(&[(5_605, 1, 1_000), (1_000, 1, 2_300)], 1_510);
    assert_eq!((totals.tax, totals.total), (609, 5_704));
}

#[test]
fn tax_is_found_inside_prices_that_include_it() {
    assert_eq!(taxed(1_000, 1_000, true).tax, 91);
    let mut lines = [line(1_200, 1, 2_000)];
    let totals = price(&mut lines, 0, Some(&shipping(600, 2_000)), Currency::EUR, true);
    assert_eq!((lines[0].net, lines[0].tax, lines[0].gross), (1_000, 200, 1_200));
    assert_eq!(
        (totals.subtotal, totals.shipping, totals.tax, totals.total),
        (1_200, 600, 300, 1_800)
    );
}

#[test]
fn shipping_is_taxed_like_goods() {
    let mut lines = [line(1_000, 1, 500)];
    let totals = price(&mut lines, 0, Some(&shipping(1_000, 1_000)), Currency::EUR, false);
    assert_eq!((totals.tax, totals.total), (150, 2_150));
}

#[test]
fn a_discount_never_exceeds_the_lines_and_leaves_shipping_alone() {
    let mut lines = [line(120, 1, 2_000)];
    let totals = price(&mut lines, 1_000, Some(&shipping(500, 0)), Currency::EUR, false);
    assert_eq!((totals.discount, totals.tax, totals.total), (120, 0, 500));
}

#[test]
fn a_line_that_costs_nothing_takes_no_part_of_a_discount() {
    let mut lines = [line(100, 1, 2_000), line(0, 1, 2_000)];
    let totals = price(&mut lines, 20, None, Currency::EUR, false);
    assert_eq!((lines[0].discount, lines[1].discount, totals.total), (20, 0, 96));
}

#[test]
fn a_class_without_a_rate_is_not_taxed() {
    let settings = Settings {
        tax_rates: vec![TaxRate {
            country: "DE".to_owned(),
            tax_class: "books".to_owned(),
            basis_points: 700,
        }],
        ..Settings::default()
    };
    assert_eq!(tax_basis_points(&settings, "DE", "books"), 700);
    assert_eq!(tax_basis_points(&settings, "DE", "lamps"), 0);
    assert_eq!(tax_basis_points(&settings, "AT", "books"), 0);
}

proptest! {
    #[test]
    fn the_parts_of_a_spread_sum_exactly_and_none_is_negative_or_off_by_a_unit(
        amount in 0..=AMOUNT_MINOR_MAX,
        weights in proptest::collection::vec(0..=AMOUNT_MINOR_MAX, 1..=CART_LINES_MAX),
    ) {
        let parts = spread(amount, &weights);
        let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        prop_assert_eq!(parts.iter().sum::<i64>(), if sum == 0 { 0 } else { amount });
        for (part, weight) in parts.iter().zip(&weights).filter(|_| sum > 0) {
            let exact = i128::from(amount) * i128::from(*weight);
            let difference = i128::from(*part) * sum - exact;
            prop_assert!(*part >= 0 && difference.abs() < sum);
        }
    }

    #[test]
    fn sums_are_exact_for_any_cart(
        lines in proptest::collection::vec(
            (0..=AMOUNT_MINOR_MAX, 1..=LINE_QUANTITY_MAX, 0..3_000_u32),
            1..=CART_LINES_MAX,
        ),
        discount in 0..=AMOUNT_MINOR_MAX,
        shipping_price in 0..=AMOUNT_MINOR_MAX,
        prices_include_tax: bool,
    ) {
        let mut lines: Vec<_> = lines.into_iter().map(|(price, quantity, rate)| line(price, quantity, rate)).collect();
        let shipping = shipping(shipping_price, 2_000);
        let totals = price(&mut lines, discount, Some(&shipping), Currency::EUR, prices_include_tax);
        let of_shipping = taxed(shipping_price, 2_000, prices_include_tax);

        let sum = |part: fn(&FrozenLine) -> i64| lines.iter().map(part).sum::<i64>();
        prop_assert!(lines.iter().all(|line| line.net + line.tax == line.gross && line.discount >= 0));
        prop_assert_eq!(sum(|line| line.discount), totals.discount);
        prop_assert_eq!(sum(|line| line.tax) + of_shipping.tax, totals.tax);
        prop_assert_eq!(sum(|line| line.gross) + of_shipping.gross, totals.total);
        prop_assert_eq!(sum(|line| line.net) + of_shipping.net + totals.tax, totals.total);
        prop_assert!(totals.discount <= totals.subtotal && totals.total >= 0);
    }
}
