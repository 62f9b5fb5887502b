use super::{Availability, availability, offer};
use crate::testkit::{product, stock};

/// From where on a SKU is low in these tests, unless it says otherwise.
const THRESHOLD: i64 = 5;

#[test]
fn availability_goes_by_what_can_be_promised() {
    let view = product(1, "lamp", &[1_000], &[]);
    let variant = &view.variants[0];
    let cases = [
        (None, Availability::OutOfStock),
        (Some((0, 0)), Availability::OutOfStock),
        (Some((-2, 2)), Availability::OutOfStock),
        (Some((-2, 3)), Availability::Backorder),
        (Some((1, 0)), Availability::LowStock),
        (Some((5, 0)), Availability::LowStock),
        (Some((6, 0)), Availability::InStock),
    ];
    for (numbers, expected) in cases {
        let stock = numbers.map(|(on_hand, backorder)| stock("LAMP-1", on_hand, backorder));
        assert_eq!(
            availability(variant, stock.as_ref(), THRESHOLD),
            expected,
            "{numbers:?}"
        );
    }
}

#[test]
fn a_skus_own_threshold_comes_before_the_shops() {
    let view = product(1, "lamp", &[1_000], &[]);
    let mut stock = stock("LAMP-1", 3, 0);
    stock.locations[0].threshold = Some(2);
    assert_eq!(
        availability(&view.variants[0], Some(&stock), THRESHOLD),
        Availability::InStock
    );
}

#[test]
fn what_is_not_counted_is_there() {
    let mut view = product(1, "lamp", &[1_000], &[]);
    view.variants[0].facts.tracks_stock = false;
    assert_eq!(availability(&view.variants[0], None, THRESHOLD), Availability::InStock);
    assert_eq!(offer(&view, &view.variants[0], None).available, None);
}

#[test]
fn an_offer_counts_back_orders() {
    let view = product(1, "lamp", &[1_000], &[]);
    let stock = stock("LAMP-1", 3, 4);
    assert_eq!(offer(&view, &view.variants[0], Some(&stock)).available, Some(7));
    assert_eq!(offer(&view, &view.variants[0], None).available, Some(0));
}
