use uuid::Uuid;

use super::lines::line_id;
use super::{Cart, Command, Event, Problem};
use crate::sales::testshop::{
    CART, CART_SECONDS, add, begin_checkout, cart_stream, choose_shipping, euros, filled_cart, offer, open, sealed,
    set_address, set_contact, shop, sku, to_cart,
};
use crate::testkit::{BEGINNING, Story};
use crate::value::{
    ATTRIBUTE_CHARS_MAX, Attributes, CART_LINES_MAX, Currency, LINE_ATTRIBUTES_MAX, LINE_QUANTITY_MAX, LineId,
};
use crate::{Event as AnyEvent, State, VariantOffer};

mod checkout;
mod repeats;

fn of_cart(event: Event) -> (crate::stream::StreamId, AnyEvent) {
    (cart_stream(), event.into())
}

fn line(text: &str) -> LineId {
    line_id(CART, &sku(text), &Attributes::new())
}

fn set(line: LineId, quantity: i64) -> crate::Command {
    to_cart(Command::SetQuantity { line, quantity })
}

fn engraved(name: &str, value: &str) -> Attributes {
    Attributes::from([(name.to_owned(), value.to_owned())])
}

fn add_with(text: &str, quantity: i64, attributes: Attributes) -> crate::Command {
    to_cart(Command::AddLine {
        sku: sku(text),
        quantity,
        attributes,
    })
}

fn cart_of(story: &Story) -> Cart {
    match story.state_of(&cart_stream()) {
        State::Cart(cart) => cart,
        other => panic!("not a cart: {other:?}"),
    }
}

fn quantities(story: &Story) -> Vec<(String, u32)> {
    let cart = cart_of(story);
    let lines = &cart.contents().expect("an open cart").lines;
    lines.iter().map(|line| (line.sku.to_string(), line.quantity)).collect()
}

#[test]
fn a_cart_opens_empty_and_says_when_it_expires() {
    shop().when(open()).then([of_cart(Event::CartOpened {
        customer: None,
        currency: Currency::EUR,
        expires: BEGINNING.plus_seconds(CART_SECONDS),
    })]);
}

#[test]
fn a_cart_opens_once() {
    let story = shop().when(open()).then_again_nothing();
    let for_somebody = Command::Open {
        customer: Some(Uuid::from_u128(5)),
        currency: Currency::EUR,
    };
    story.when(to_cart(for_somebody)).then_refused("cart.already_opened");
}

#[test]
fn a_cart_opens_only_in_a_currency_of_the_shop() {
    let in_yen = Command::Open {
        customer: None,
        currency: "JPY".parse().expect("a currency"),
    };
    shop().when(to_cart(in_yen)).then_refused("currency.not_sold");
}

#[test]
fn nothing_can_be_put_into_a_cart_that_nobody_opened() {
    shop().when(add("LAMP", 1)).then_refused("cart.absent");
}

#[test]
fn adding_records_what_the_shopper_saw() {
    shop()
        .having(open())
        .when(add("LAMP", 2))
        .then([of_cart(Event::LineAdded {
            line: line("LAMP"),
            sku: sku("LAMP"),
            product: offer(0, 0).product,
            title: offer(0, 0).title,
            attributes: Attributes::new(),
            quantity: 2,
            unit_price: euros(1_000),
            catalog_seq: 0,
        })]);
}

#[test]
fn adding_zero_or_fewer_is_refused_even_of_a_variant_that_nobody_knows() {
    let story = shop().having(open());
    let story = story.when(add("LAMP", 0)).then_refused("quantity.not_positive");
    let story = story.when(add("NO-SUCH", -3)).then_refused("quantity.not_positive");
    assert!(quantities(&story).is_empty());
}

#[test]
fn what_is_not_for_sale_cannot_be_added() {
    shop()
        .having(open())
        .when(add("NO-SUCH", 1))
        .then_refused("variant.unavailable");
}

#[test]
fn what_has_no_price_in_the_carts_currency_cannot_be_added() {
    let story = shop().knowing(|facts| {
        let unpriced = VariantOffer {
            prices: Vec::new(),
            ..offer(0, 10)
        };
        facts.offers.insert(sku("FREE?"), unpriced);
    });
    story
        .having(open())
        .when(add("FREE?", 1))
        .then_refused("variant.not_priced");
}

#[test]
fn the_same_variant_twice_is_one_line_with_the_sum() {
    let story = shop().having(open()).having(add("LAMP", 2)).having(add("VASE", 1));
    let story = story.when(add("LAMP", 3)).then([of_cart(Event::QuantityChanged {
        line: line("LAMP"),
        quantity_after: 5,
    })]);
    assert_eq!(quantities(&story), [("LAMP".to_owned(), 5), ("VASE".to_owned(), 1)]);
}

#[test]
fn other_attributes_are_another_line() {
    let story = shop().having(open()).having(add("LAMP", 2));
    let story = story.having(add_with("LAMP", 1, engraved("engraving", "Ada")));
    assert_eq!(quantities(&story), [("LAMP".to_owned(), 2), ("LAMP".to_owned(), 1)]);
}

#[test]
fn attributes_that_read_alike_when_joined_are_two_lines() {
    let one = line_id(CART, &sku("LAMP"), &engraved("a", "b/1:c"));
    let other = line_id(CART, &sku("LAMP"), &engraved("a/1:b", "c"));
    assert_ne!(one, other);
}

#[test]
fn too_many_nameless_or_long_attributes_are_refused() {
    let many = (0..=LINE_ATTRIBUTES_MAX).map(|number| (number.to_string(), String::new()));
    let long = "x".repeat(ATTRIBUTE_CHARS_MAX + 1);
    let story = shop().having(open());
    for attributes in [
        many.collect(),
        engraved("", "Ada"),
        engraved("name", &long),
        engraved(&long, ""),
    ] {
        let outcome = story.clone().when(add_with("LAMP", 1, attributes));
        outcome.then_refused("attributes.unacceptable");
    }
}

#[test]
fn more_than_is_available_is_refused_with_the_number_and_the_line_stays() {
    let story = shop().having(open());
    let story = story
        .when(add("LAMP", 11))
        .then_rejected(super::Rejection::InsufficientStock {
            sku: sku("LAMP"),
            available: 10,
        });
    let story = story
        .having(add("LAMP", 10))
        .when(add("LAMP", 1))
        .then_refused("stock.insufficient");
    let story = story.when(set(line("LAMP"), 11)).then_refused("stock.insufficient");
    assert_eq!(quantities(&story), [("LAMP".to_owned(), 10)]);
}

#[test]
fn stock_is_compared_with_all_lines_of_a_variant_together() {
    let story = shop().having(open()).having(add("LAMP", 6));
    let gift = |quantity| add_with("LAMP", quantity, engraved("gift", "yes"));
    story.when(gift(5)).then_refused("stock.insufficient").having(gift(4));
}

#[test]
fn what_is_not_counted_is_always_available_up_to_the_limit_of_a_cart() {
    let most = i64::from(LINE_QUANTITY_MAX);
    let story = shop().having(open()).having(add("SONG", most));
    let story = story.when(add("SONG", 1)).then_refused("quantity.too_large");
    let story = story
        .when(set(line("SONG"), i64::MAX))
        .then_refused("quantity.too_large");
    story.when(add("SONG", i64::MAX)).then_refused("quantity.too_large");
}

#[test]
fn a_cart_has_no_more_lines_than_its_limit() {
    let mut story = shop().having(open());
    for number in 0..CART_LINES_MAX {
        story = story.having(add_with("SONG", 1, engraved("for", &number.to_string())));
    }
    story.when(add("SONG", 1)).then_refused("cart.too_many_lines");
}

#[test]
fn setting_a_quantity_to_zero_removes_even_a_variant_that_is_gone() {
    let story = shop().having(open()).having(add("LAMP", 2)).having(add("VASE", 1));
    let story = story.knowing(|facts| {
        facts.offers.remove(&sku("LAMP"));
    });
    let story = story.when(set(line("LAMP"), 1)).then_refused("variant.unavailable");
    let story = story
        .when(set(line("LAMP"), 0))
        .then([of_cart(Event::LineRemoved { line: line("LAMP") })]);
    assert_eq!(quantities(&story), [("VASE".to_owned(), 1)]);
}

#[test]
fn a_negative_quantity_cannot_be_set() {
    let story = shop().having(open()).having(add("LAMP", 2));
    story.when(set(line("LAMP"), -3)).then_refused("quantity.not_positive");
}

#[test]
fn a_line_of_another_cart_is_not_silently_ignored() {
    let story = shop().having(open());
    let story = story.when(set(line("LAMP"), 1)).then_refused("line.absent");
    let remove = to_cart(Command::RemoveLine { line: line("LAMP") });
    story.when(remove).then_refused("line.absent");
}

#[test]
fn an_emptied_cart_costs_nothing_even_where_shipping_costs() {
    let story = filled_cart(&[("LAMP", 2)]).having(to_cart(Command::Clear));
    let cart = cart_of(&story);
    let contents = cart.contents().expect("an open cart");
    let estimate = contents.estimate(&story.reference.settings, &|_| None);
    assert_eq!((estimate.totals.total, estimate.requires_shipping), (0, false));
}

#[test]
fn an_estimate_tells_what_is_not_as_the_shopper_left_it() {
    let story = filled_cart(&[("LAMP", 2), ("VASE", 1), ("BOWL", 3)]).knowing(|facts| {
        facts.offers.insert(sku("LAMP"), offer(1_200, 1));
        facts.offers.remove(&sku("VASE"));
        facts.settings.shipping_methods.remove(0);
    });
    let cart = cart_of(&story);
    let facts = &story.reference;
    let contents = cart.contents().expect("an open cart");
    let estimate = contents.estimate(&facts.settings, &|sku| facts.offers.get(sku).cloned());
    let problems = [
        Problem::PriceChanged {
            line: line("LAMP"),
            from: euros(1_000),
            to: euros(1_200),
        },
        Problem::InsufficientStock {
            line: line("LAMP"),
            sku: sku("LAMP"),
            available: 1,
        },
        Problem::VariantUnavailable {
            line: line("VASE"),
            sku: sku("VASE"),
        },
        Problem::ShippingUnavailable {
            code: "parcel".to_owned(),
        },
    ];
    assert_eq!(estimate.problems, problems);
    assert_eq!(estimate.totals.subtotal, 2 * 1_200 + 2_500 + 3 * 100);
}

#[test]
fn a_cart_goes_only_where_the_shop_sells_to() {
    let story = shop().having(open());
    story.when(set_address("US")).then_refused("country.not_served");
}

#[test]
fn only_shipping_that_goes_to_the_destination_can_be_chosen() {
    let story = shop().having(open()).having(set_address("AT"));
    let story = story
        .when(choose_shipping("bicycle"))
        .then_refused("shipping.unavailable");
    story
        .when(choose_shipping("rocket"))
        .then_refused("shipping.unavailable");
}

#[test]
fn a_guests_cart_becomes_a_customers_and_nobody_elses() {
    let claim = |number| {
        to_cart(Command::ClaimForCustomer {
            customer: Uuid::from_u128(number),
        })
    };
    let story = shop().having(open()).when(claim(1)).then_again_nothing();
    assert_eq!(cart_of(&story).customer(), Some(Uuid::from_u128(1)));
    story.when(claim(2)).then_refused("cart.belongs_to_another");
}

#[test]
fn a_cart_that_nobody_used_expires_when_due_and_not_before() {
    let expire = to_cart(Command::Expire);
    let story = shop().having(open()).when(expire.clone()).then_nothing();
    let story = story
        .at_seconds(i64::from(CART_SECONDS))
        .when(expire)
        .then_named(["CartExpired"]);
    story.when(add("LAMP", 1)).then_refused("cart.expired");
}

#[test]
fn a_cart_that_was_used_lives_on_until_it_is_not() {
    let expire = to_cart(Command::Expire);
    let seconds = i64::from(CART_SECONDS);
    let story = shop().having(open()).having(add("LAMP", 1)).at_seconds(seconds);
    let story = story.when(expire.clone()).then([of_cart(Event::CartKept {
        expires: BEGINNING.plus_seconds(2 * CART_SECONDS),
    })]);
    let story = story.when(expire.clone()).then_nothing();
    story.at_seconds(2 * seconds).when(expire).then_named(["CartExpired"]);
}
