//! Freezing, reopening, converting.

use super::*;
use crate::sales::cart::Rejection;

fn begin_expecting(total: i64) -> crate::Command {
    to_cart(Command::BeginCheckout {
        expected_total: Some(total),
    })
}

fn reopen(attempt: u32) -> crate::Command {
    to_cart(Command::Reopen {
        attempt,
        why: "stock.insufficient".to_owned(),
    })
}

fn convert(attempt: u32) -> crate::Command {
    to_cart(Command::Convert { attempt })
}

#[test]
fn a_checkout_freezes_lines_tax_shipping_and_totals() {
    let story = filled_cart(&[("LAMP", 2), ("SONG", 1)]).having(begin_checkout());
    let cart = cart_of(&story);
    let frozen = cart.frozen().expect("a frozen cart");
    let amounts: Vec<_> = frozen
        .lines
        .iter()
        .map(|line| (line.net, line.tax, line.gross))
        .collect();
    assert_eq!(amounts, [(2_000, 400, 2_400), (99, 20, 119)]);
    assert_eq!((frozen.attempt, frozen.totals.shipping), (1, 500));
    assert_eq!(
        (frozen.totals.subtotal, frozen.totals.tax, frozen.totals.total),
        (2_099, 520, 3_119)
    );
}

#[test]
fn what_goes_where_there_is_no_tax_is_not_taxed() {
    let story = filled_cart(&[("LAMP", 2)])
        .having(set_address("AT"))
        .having(begin_checkout());
    assert_eq!(cart_of(&story).frozen().map(|frozen| frozen.totals.total), Some(2_500));
}

#[test]
fn a_checkout_takes_todays_prices_and_says_so() {
    let story = filled_cart(&[("LAMP", 1)]).knowing(|facts| {
        facts.offers.insert(sku("LAMP"), offer(1_100, 10));
        facts.catalog_seq = 9;
    });
    let story = story
        .when(begin_expecting(1_800))
        .then_rejected(Rejection::TotalChanged { total: euros(1_920) });
    let story = story
        .when(begin_expecting(1_920))
        .then_named(["LineRepriced", "CheckoutBegun"]);
    assert_eq!(
        cart_of(&story).contents().expect("its contents").lines[0].unit_price,
        euros(1_100)
    );
}

#[test]
fn an_incomplete_cart_names_what_is_missing() {
    let story = shop().having(open());
    let story = story
        .when(begin_checkout())
        .then_refused("cart.empty")
        .having(add("LAMP", 1));
    let story = story
        .when(begin_checkout())
        .then_refused("cart.contact_missing")
        .having(set_contact());
    let story = story
        .when(begin_checkout())
        .then_refused("cart.address_missing")
        .having(set_address("DE"));
    let story = story.when(begin_checkout()).then_refused("cart.shipping_missing");
    story.having(choose_shipping("bicycle")).having(begin_checkout());
}

#[test]
fn the_only_way_of_shipping_need_not_be_chosen() {
    let story = shop().having(open()).having(add("LAMP", 1)).having(set_contact());
    let story = story.having(set_address("AT")).having(begin_checkout());
    let cart = cart_of(&story);
    let frozen = cart.frozen().expect("a frozen cart");
    assert_eq!(
        frozen.shipping.as_ref().map(|choice| choice.code.as_str()),
        Some("parcel")
    );
}

#[test]
fn what_needs_no_shipping_needs_no_address_and_pays_no_shipping() {
    let story = shop().having(open()).having(add("SONG", 1)).having(set_contact());
    let story = story.having(choose_shipping("parcel")).having(begin_checkout());
    let cart = cart_of(&story);
    let frozen = cart.frozen().expect("a frozen cart");
    assert_eq!((&frozen.shipping, frozen.totals.shipping), (&None, 0));
}

#[test]
fn a_variant_or_a_way_of_shipping_that_is_gone_stops_the_checkout() {
    let story = filled_cart(&[("LAMP", 1), ("VASE", 1)]);
    let without_vase = story.clone().knowing(|facts| {
        facts.offers.remove(&sku("VASE"));
    });
    without_vase
        .when(begin_checkout())
        .then_rejected(Rejection::VariantUnavailable(sku("VASE")));
    let unpriced = story.clone().knowing(|facts| {
        facts.offers.entry(sku("VASE")).and_modify(|offer| offer.prices.clear());
    });
    unpriced.when(begin_checkout()).then_refused("variant.not_priced");
    let without_parcels = story.knowing(|facts| {
        facts.settings.shipping_methods.remove(0);
    });
    without_parcels
        .when(begin_checkout())
        .then_refused("shipping.unavailable");
}

#[test]
fn what_is_known_of_stock_does_not_stop_a_checkout_because_only_the_shelf_knows() {
    let story = filled_cart(&[("LAMP", 2)]).knowing(|facts| {
        facts.offers.insert(sku("LAMP"), offer(1_000, 0));
    });
    story.having(begin_checkout());
}

#[test]
fn beginning_twice_joins_the_checkout_that_runs() {
    let story = filled_cart(&[("LAMP", 1)]).when(begin_checkout()).then_again_nothing();
    story.when(begin_expecting(1)).then_refused("cart.total_changed");
}

#[test]
fn any_change_reopens_a_checkout_first() {
    let story = filled_cart(&[("LAMP", 1)]).having(begin_checkout());
    let reopened = [of_cart(Event::CheckoutReopened {
        why: "cart.changed".to_owned(),
    })];
    let changed = Event::QuantityChanged {
        line: line("LAMP"),
        quantity_after: 3,
    };
    story
        .clone()
        .when(add("LAMP", 2))
        .then(reopened.into_iter().chain([of_cart(changed)]));
    for change in [
        to_cart(Command::Clear),
        set(line("LAMP"), 0),
        set_address("AT"),
        choose_shipping("bicycle"),
        to_cart(Command::SetContact {
            email: sealed("grace@example.org"),
            phone: None,
        }),
    ] {
        let story = story.clone().having(change);
        assert!(cart_of(&story).frozen().is_none());
        story.when(convert(1)).then_refused("cart.not_in_checkout");
    }
}

#[test]
fn a_change_that_changes_nothing_leaves_the_checkout_alone() {
    let story = filled_cart(&[("LAMP", 1)]).having(begin_checkout());
    for command in [
        set(line("LAMP"), 1),
        set_contact(),
        set_address("DE"),
        choose_shipping("parcel"),
        open(),
    ] {
        story.clone().when(command).then_nothing();
    }
    story.when(add("LAMP", 100)).then_refused("stock.insufficient");
}

#[test]
fn only_the_try_that_is_frozen_can_be_reopened_or_converted() {
    let story = filled_cart(&[("LAMP", 1)]).having(begin_checkout());
    let story = story.when(reopen(2)).then_nothing();
    let story = story.when(convert(2)).then_refused("cart.not_in_checkout");
    let story = story.when(reopen(1)).then_named(["CheckoutReopened"]);
    let story = story.when(reopen(1)).then_nothing().having(begin_checkout());
    assert_eq!(cart_of(&story).frozen().map(|frozen| frozen.attempt), Some(2));
    story.when(convert(1)).then_refused("cart.not_in_checkout");
}

#[test]
fn a_converted_cart_cannot_be_changed() {
    let story = filled_cart(&[("LAMP", 1)]).having(begin_checkout());
    let story = story.when(convert(1)).then_again_nothing();
    for command in [
        add("LAMP", 1),
        begin_checkout(),
        to_cart(Command::Clear),
        set_address("AT"),
        open(),
    ] {
        story.clone().when(command).then_refused("cart.already_converted");
    }
    story.having(reopen(1)).having(to_cart(Command::Expire));
}

#[test]
fn a_cart_in_checkout_does_not_expire() {
    let story = filled_cart(&[("LAMP", 1)]).having(begin_checkout());
    let mut story = story;
    for round in 1..4 {
        story = story.at_seconds(round * i64::from(CART_SECONDS));
        story = story.when(to_cart(Command::Expire)).then_named(["CartKept"]);
    }
    assert!(cart_of(&story).frozen().is_some());
}
