use domain::sales::{ShippingChoice, cart::Event as Changed};
use domain::value::{LocalizedText, Timestamp};

use super::*;
use crate::testkit::samples::{cart_stream, euros, frozen_line, line_added, opened_cart, sealed, totals, uuid};
use crate::testkit::{folded, moment, shape};

fn fold(events: Vec<Event>) -> CartView {
    let all: Vec<Event> = std::iter::once(opened_cart()).chain(events).collect();
    folded::<Carts>(&cart_stream(1), &all).0
}

fn line(number: u128) -> LineId {
    LineId(uuid(number))
}

fn begun() -> Event {
    Changed::CheckoutBegun {
        attempt: 1,
        lines: vec![frozen_line(1, 2)],
        totals: totals(),
        shipping: None,
        held_until: Some(moment(900)),
    }
    .into()
}

#[test]
fn a_new_cart_is_empty_and_open() {
    let view = fold(vec![]);
    assert_eq!(
        (view.status, view.lines.len(), view.opened),
        (CartStatus::Open, 0, moment(1))
    );
}

#[test]
fn lines_are_added_counted_repriced_removed_and_cleared() {
    let repriced = Changed::LineRepriced {
        line: line(2),
        unit_price: euros(1),
        catalog_seq: 9,
    };
    let counted = Changed::QuantityChanged {
        line: line(1),
        quantity_after: 7,
    };
    let events = vec![line_added(1, 1), line_added(2, 1), counted.into(), repriced.into()];
    let view = fold(events.clone());
    assert_eq!(view.lines[0].quantity, 7);
    assert_eq!((view.lines[1].unit_price, view.lines[1].catalog_seq), (euros(1), 9));
    let removed: Event = Changed::LineRemoved { line: line(1) }.into();
    let view = fold([events.clone(), vec![removed]].concat());
    assert_eq!(view.lines.iter().map(|kept| kept.id).collect::<Vec<_>>(), [line(2)]);
    let view = fold([events, vec![Changed::CartCleared {}.into()]].concat());
    assert!(view.lines.is_empty());
}

#[test]
fn personal_fields_stay_sealed() {
    let contact = Changed::ContactSet {
        email: sealed("email"),
        phone: Some(sealed("phone")),
    };
    let addresses = Changed::AddressesSet {
        shipping: sealed("shipping"),
        billing: Some(sealed("billing")),
        country: "DE".to_owned(),
    };
    let shipping = ShippingChoice {
        code: "standard".to_owned(),
        name: LocalizedText::of("en", "Standard"),
        price: 490,
        tax_basis_points: 1_900,
    };
    let chosen = Changed::ShippingChosen {
        shipping: shipping.clone(),
    };
    let view = fold(vec![contact.into(), addresses.into(), chosen.into()]);
    assert_eq!((view.email, view.phone), (Some(sealed("email")), Some(sealed("phone"))));
    assert_eq!(view.shipping_address, Some(sealed("shipping")));
    assert_eq!(view.billing_address, Some(sealed("billing")));
    assert_eq!((view.country.as_str(), view.shipping), ("DE", Some(shipping)));
}

#[test]
fn what_a_checkout_fixed_holds_until_it_is_reopened() {
    let view = fold(vec![line_added(1, 2), begun()]);
    assert_eq!(view.status, CartStatus::CheckingOut);
    assert_eq!(view.fixed().map(|fixed| fixed.totals), Some(totals()));
    let reopened: Event = Changed::CheckoutReopened {
        why: "item.short".to_owned(),
    }
    .into();
    let view = fold(vec![line_added(1, 2), begun(), reopened]);
    assert_eq!(
        (view.status, view.reopened_why.as_str()),
        (CartStatus::Open, "item.short")
    );
    assert_eq!(view.fixed(), None);
    let view = fold(vec![line_added(1, 2), begun(), Changed::CartConverted {}.into()]);
    assert_eq!(view.status, CartStatus::Converted);
    assert!(view.fixed().is_some());
}

#[test]
fn a_cart_is_claimed_kept_and_expires() {
    let claimed = Changed::CartClaimed { customer: uuid(3) };
    let kept = Changed::CartKept { expires: Timestamp(9) };
    let view = fold(vec![claimed.into(), kept.into(), Changed::CartExpired {}.into()]);
    assert_eq!(
        (view.customer, view.expires, view.status),
        (Some(uuid(3)), Timestamp(9), CartStatus::Expired)
    );
}

#[test]
fn a_cart_is_listed_as_open_while_something_is_in_it() {
    let is_listed = |events: Vec<Event>| {
        let all: Vec<Event> = std::iter::once(opened_cart()).chain(events).collect();
        let (_, rows) = folded::<Carts>(&cart_stream(1), &all);
        rows.iter().map(|(table, _)| *table).collect::<Vec<_>>() == ["open"]
    };
    assert!(!is_listed(vec![]), "an empty one");
    assert!(is_listed(vec![line_added(1, 2)]));
    assert!(is_listed(vec![line_added(1, 2), begun()]));
    for end in [
        Changed::CartCleared {},
        Changed::CartConverted {},
        Changed::CartExpired {},
    ] {
        assert!(!is_listed(vec![line_added(1, 2), end.clone().into()]), "{end:?}");
    }
}

#[test]
fn the_row_of_an_open_cart_stays_the_same_while_the_cart_is_used() {
    let rows = |events: &[Event]| {
        let all: Vec<Event> = [&[opened_cart(), line_added(1, 2)], events].concat();
        folded::<Carts>(&cart_stream(1), &all).1
    };
    assert_eq!(rows(&[line_added(2, 1), begun()]), rows(&[]));
}

#[test]
fn stored_carts_look_as_they_did() {
    assert_eq!(
        shape::<Carts>(&cart_stream(1), &[opened_cart(), line_added(1, 2), begun()]),
        0x0d4a_2ef6_ccb9_eb74
    );
}
