use uuid::Uuid;

use super::{Command, Event, LineQuantity, Order, Placed, Rejection, Status};
use crate::sales::checkout::{self, Demand, DemandGroup, StockMovement};
use crate::sales::testshop::{
    CART, add, begin_checkout, cart_stream, checkout_stream, euros, filled_cart, open, order_stream, placed_order,
    sealed, set_contact, shop, sku, to_cart, to_order,
};
use crate::sales::{PaymentMethod, cart, is_order_number};
use crate::stream::{Location, StreamId};
use crate::testkit::Story;
use crate::value::{LineId, REASON_CHARS_MAX, derived};
use crate::{Event as AnyEvent, State};

mod moves;
mod returns;

fn order_of(story: &Story) -> Placed {
    match story.state_of(&order_stream()) {
        State::Order(Order::Placed(placed)) => *placed,
        other => panic!("no order: {other:?}"),
    }
}

/// The id of the order's line of this SKU.
fn line(story: &Story, text: &str) -> LineId {
    let order = order_of(story);
    let line = order.lines.iter().find(|line| line.sku == sku(text));
    line.expect("a line of this SKU").line
}

fn pieces(story: &Story, parts: &[(&str, u32)]) -> Vec<LineQuantity> {
    let part = |(text, quantity): &(&str, u32)| LineQuantity {
        line: line(story, text),
        quantity: *quantity,
    };
    parts.iter().map(part).collect()
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn place() -> crate::Command {
    to_order(Command::Place {
        payment: PaymentMethod::Invoice,
    })
}

fn cancel() -> crate::Command {
    to_order(Command::Cancel {
        why: "changed my mind".to_owned(),
        refund: false,
    })
}

fn pack(number: u128, lines: Vec<LineQuantity>) -> crate::Command {
    to_order(Command::Fulfil {
        fulfilment: id(number),
        lines,
        carrier: "Snail".to_owned(),
        tracking_number: "S-1".to_owned(),
        tracking_url: "https://snail.example/S-1".to_owned(),
    })
}

fn ship(number: u128) -> crate::Command {
    to_order(Command::MarkShipped { fulfilment: id(number) })
}

fn deliver(number: u128) -> crate::Command {
    to_order(Command::MarkDelivered { fulfilment: id(number) })
}

/// What the checkout is owed, of counted pieces of one shard.
fn owed(movement: Uuid, kind: StockMovement, pieces: &[(&str, i64)]) -> (StreamId, AnyEvent) {
    let demands = pieces.iter().map(|(text, quantity)| Demand {
        sku: sku(text),
        location: Location::default(),
        quantity: *quantity,
    });
    let groups = vec![DemandGroup {
        partition: 0,
        demands: demands.collect(),
    }];
    let event = checkout::Event::StockMovementOwed { movement, kind, groups };
    (checkout_stream(), event.into())
}

fn of_order(event: Event) -> (StreamId, AnyEvent) {
    (order_stream(), event.into())
}

#[test]
fn an_order_is_placed_from_what_its_cart_froze_and_confirmed_by_invoice() {
    let story = filled_cart(&[("LAMP", 2), ("SONG", 1)]).having(begin_checkout());
    let State::Cart(cart::Cart::InCheckout(contents, frozen)) = story.state_of(&cart_stream()) else {
        panic!("a frozen cart");
    };
    let story = story
        .when(place())
        .then_named(["OrderNumberDrawn", "OrderPlaced", "OrderConfirmed"]);
    let order = order_of(&story);
    assert_eq!((order.status, order.totals), (Status::Confirmed, frozen.totals));
    assert_eq!((order.customer, order.lines.len()), (contents.customer, 2));
    assert!(is_order_number(&order.number), "{}", order.number);
}

#[test]
fn an_order_is_placed_once() {
    let story = placed_order(&[("LAMP", 1)]);
    let number = order_of(&story).number;
    let story = story.when(place()).then_nothing();
    assert_eq!(order_of(&story).number, number);
}

#[test]
fn no_order_is_placed_from_a_cart_that_is_not_frozen() {
    shop().when(place()).then_refused("order.cart_changed");
    let changed = filled_cart(&[("LAMP", 1)])
        .having(begin_checkout())
        .having(add("LAMP", 1));
    changed.when(place()).then_refused("order.cart_changed");
}

#[test]
fn a_download_needs_no_address_but_has_a_country() {
    let story = shop()
        .having(open())
        .having(add("SONG", 1))
        .having(set_contact())
        .having(begin_checkout());
    let mut story = story;
    let decided = story.run(&place()).expect("it is placed");
    let placed = decided.iter().find_map(|decided| match &decided.event {
        AnyEvent::Order(Event::OrderPlaced {
            country,
            shipping_address,
            ..
        }) => Some((country.clone(), shipping_address.clone())),
        _ => None,
    });
    assert_eq!(placed, Some(("DE".to_owned(), None)));
}

#[test]
fn every_order_of_a_shard_draws_another_number() {
    let mut story = placed_order(&[("SONG", 1)]);
    let first = order_of(&story).number;
    let other = crate::value::CartId(id(77));
    for command in [
        cart::Command::Open {
            customer: None,
            currency: crate::value::Currency::EUR,
        },
        cart::Command::AddLine {
            sku: sku("SONG"),
            quantity: 1,
            attributes: Default::default(),
        },
        cart::Command::SetContact {
            email: sealed("grace@example.org"),
            phone: None,
        },
        cart::Command::BeginCheckout { expected_total: None },
    ] {
        story = story.having(crate::Command::Cart(other, command));
    }
    let place = Command::Place {
        payment: PaymentMethod::Invoice,
    };
    story = story.having(crate::Command::Order(other.order(), place));
    let State::Order(Order::Placed(second)) = story.state_of(&StreamId::Order(other.order())) else {
        panic!("a second order");
    };
    assert_ne!(second.number, first);
}

#[test]
fn nothing_can_be_asked_of_an_order_that_does_not_exist() {
    for command in [
        cancel(),
        ship(1),
        to_order(Command::Confirm),
        to_order(Command::AddNote { note: sealed("x") }),
    ] {
        shop().when(command).then_refused("order.absent");
    }
}

#[test]
fn cancelling_owes_the_release_of_everything_counted() {
    let story = placed_order(&[("LAMP", 2), ("VASE", 1), ("SONG", 4)]);
    let movement = derived(CART.0, "cancel");
    let cancelled = Event::OrderCancelled {
        why: "changed my mind".to_owned(),
        refund: false,
    };
    let story = story.when(cancel()).then([
        of_order(cancelled),
        owed(movement, StockMovement::Release, &[("LAMP", 2), ("VASE", 1)]),
    ]);
    assert_eq!(order_of(&story).status, Status::Cancelled);
    story.when(cancel()).then_nothing();
}

#[test]
fn cancelling_what_is_not_counted_owes_nothing() {
    placed_order(&[("SONG", 4)])
        .when(cancel())
        .then_named(["OrderCancelled"]);
}

#[test]
fn a_cancelled_order_is_neither_packed_nor_paid_nor_confirmed() {
    let story = placed_order(&[("LAMP", 2)]);
    let all = pieces(&story, &[("LAMP", 2)]);
    let total = order_of(&story).totals.total;
    let story = story.having(cancel());
    let story = story.when(pack(1, all)).then_refused("order.cancelled");
    let story = story.when(to_order(Command::Confirm)).then_refused("order.cancelled");
    story
        .when(to_order(Command::RecordPaid { amount: euros(total) }))
        .then_refused("order.cancelled");
}

#[test]
fn an_order_is_not_cancelled_once_a_parcel_is_packed_or_left() {
    let story = placed_order(&[("LAMP", 2)]);
    let one = pieces(&story, &[("LAMP", 1)]);
    let story = story.having(pack(1, one));
    let story = story.when(cancel()).then_refused("order.already_packed");
    story
        .having(ship(1))
        .when(cancel())
        .then_refused("order.already_shipped");
}

#[test]
fn a_reason_has_a_longest_length() {
    let why = "x".repeat(REASON_CHARS_MAX + 1);
    let command = to_order(Command::Cancel { why, refund: true });
    placed_order(&[("LAMP", 1)])
        .when(command)
        .then_rejected(Rejection::TextUnacceptable { field: "why" });
}

#[test]
fn an_order_goes_out_in_parcels() {
    let story = placed_order(&[("LAMP", 3), ("SONG", 1)]);
    let first = pieces(&story, &[("LAMP", 2)]);
    let rest = pieces(&story, &[("LAMP", 1), ("SONG", 1)]);
    let story = story.when(pack(1, first)).then_again_nothing().having(pack(2, rest));
    assert_eq!(order_of(&story).status, Status::Confirmed);

    let story = story.when(ship(1)).then([
        of_order(Event::FulfilmentShipped { fulfilment: id(1) }),
        owed(id(1), StockMovement::Ship, &[("LAMP", 2)]),
    ]);
    assert_eq!(order_of(&story).status, Status::PartiallyShipped);
    let story = story.when(ship(1)).then_nothing().when(ship(2)).then([
        of_order(Event::FulfilmentShipped { fulfilment: id(2) }),
        owed(id(2), StockMovement::Ship, &[("LAMP", 3)]),
    ]);
    assert_eq!(order_of(&story).status, Status::Shipped);

    let story = story.when(deliver(1)).then_again_nothing();
    assert_eq!(order_of(&story).status, Status::Shipped);
    let story = story.having(deliver(2));
    assert_eq!(order_of(&story).status, Status::Delivered);
}

#[test]
fn shipping_counts_all_lines_of_a_sku_together() {
    let engraved = to_cart(cart::Command::AddLine {
        sku: sku("LAMP"),
        quantity: 1,
        attributes: [("engraving".to_owned(), "Ada".to_owned())].into(),
    });
    let story = filled_cart(&[("LAMP", 2)])
        .having(engraved)
        .having(begin_checkout())
        .having(place());
    let lines: Vec<_> = order_of(&story).lines.iter().map(|line| line.line).collect();
    let all_of = |line: LineId, quantity| vec![LineQuantity { line, quantity }];
    let story = story
        .having(pack(1, all_of(lines[0], 2)))
        .having(ship(1))
        .having(pack(2, all_of(lines[1], 1)));
    story.when(ship(2)).then([
        of_order(Event::FulfilmentShipped { fulfilment: id(2) }),
        owed(id(2), StockMovement::Ship, &[("LAMP", 3)]),
    ]);
}

#[test]
fn no_more_is_packed_than_was_ordered() {
    let story = placed_order(&[("LAMP", 3)]);
    let (two, four) = (
        pieces(&story, &[("LAMP", 2)]),
        pieces(&story, &[("LAMP", 3), ("LAMP", 1)]),
    );
    let story = story
        .when(pack(1, four))
        .then_refused("quantity.too_large")
        .having(pack(1, two.clone()));
    let lamp = line(&story, "LAMP");
    let story = story.when(pack(2, two)).then_rejected(Rejection::QuantityTooLarge {
        line: lamp,
        remaining: 1,
    });
    let one = pieces(&story, &[("LAMP", 1)]);
    let story = story
        .when(pack(1, one.clone()))
        .then_refused("fulfilment.already_exists")
        .having(pack(2, one.clone()));
    let story = story.having(ship(1)).having(ship(2));
    story.when(pack(3, one)).then_refused("order.already_shipped");
}

#[test]
fn an_empty_parcel_or_one_with_a_foreign_line_is_refused() {
    let story = placed_order(&[("LAMP", 3)]);
    let nothing = pieces(&story, &[("LAMP", 0)]);
    let story = story.when(pack(1, Vec::new())).then_refused("order.nothing_selected");
    let story = story.when(pack(1, nothing)).then_refused("order.nothing_selected");
    let foreign = vec![LineQuantity {
        line: LineId(id(9)),
        quantity: 1,
    }];
    story.when(pack(1, foreign)).then_refused("line.absent");
}

#[test]
fn a_parcel_that_is_unknown_or_still_here_is_not_delivered() {
    let story = placed_order(&[("LAMP", 1)]);
    let story = story.when(ship(1)).then_refused("fulfilment.absent");
    let story = story.when(deliver(1)).then_refused("fulfilment.absent");
    let all = pieces(&story, &[("LAMP", 1)]);
    story
        .having(pack(1, all))
        .when(deliver(1))
        .then_refused("fulfilment.not_shipped");
}

#[test]
fn a_tracking_address_is_a_web_address() {
    let story = placed_order(&[("LAMP", 1)]);
    let lines = pieces(&story, &[("LAMP", 1)]);
    let command = to_order(Command::Fulfil {
        fulfilment: id(1),
        lines,
        carrier: String::new(),
        tracking_number: String::new(),
        tracking_url: "javascript:alert(1)".to_owned(),
    });
    story
        .when(command)
        .then_rejected(Rejection::TextUnacceptable { field: "tracking_url" });
}

#[test]
fn an_invoice_is_paid_once_and_in_full() {
    let story = placed_order(&[("LAMP", 1)]);
    let total = order_of(&story).totals.total;
    let pay = |cents| to_order(Command::RecordPaid { amount: euros(cents) });
    let story = story
        .when(pay(total - 1))
        .then_rejected(Rejection::PaymentDiffers { due: euros(total) });
    story.when(pay(total)).then_again_nothing();
}

#[test]
fn a_note_is_kept() {
    let note = sealed("call first");
    let story = placed_order(&[("LAMP", 1)]);
    story
        .when(to_order(Command::AddNote { note: note.clone() }))
        .then([of_order(Event::NoteAdded { note })]);
}
