use domain::sales::order::{Event as Changed, LineQuantity};
use domain::value::LineId;
use read_store::Row;
use read_store::model::order::{FulfilmentStatus, OrderStatus, PaymentStatus, ReturnStatus};
use read_store::model::sold::{sale, sold_partition, utc_day};

use super::*;
use crate::testkit::samples::{euros, frozen_line, order_stream, placed, sealed, uuid};
use crate::testkit::{folded, moment, shape};

/// An order of two pieces, and what happened to it.
fn fold(events: Vec<Changed>) -> (OrderView, Vec<(&'static str, Row)>) {
    let mut all = vec![placed("N1", vec![frozen_line(1, 2)])];
    all.extend(events.into_iter().map(Event::from));
    folded::<Orders>(&order_stream(1), &all)
}

fn pieces(quantity: u32) -> Vec<LineQuantity> {
    vec![LineQuantity {
        line: LineId(uuid(1)),
        quantity,
    }]
}

fn packed(number: u128, quantity: u32) -> Changed {
    Changed::FulfilmentCreated {
        fulfilment: uuid(number),
        lines: pieces(quantity),
        carrier: "Carrier".to_owned(),
        tracking_number: "1".to_owned(),
        tracking_url: String::new(),
    }
}

fn shipped(number: u128) -> Changed {
    Changed::FulfilmentShipped {
        fulfilment: uuid(number),
    }
}

fn delivered(number: u128) -> Changed {
    Changed::FulfilmentDelivered {
        fulfilment: uuid(number),
    }
}

fn places<'a>(rows: &'a [(&'static str, Row)]) -> Vec<(&'static str, &'a str)> {
    let places = rows.iter().map(|(table, row)| (*table, row.key.partition.as_str()));
    places.collect()
}

#[test]
fn a_placed_order_is_found_by_its_number() {
    let (view, rows) = fold(vec![]);
    assert_eq!(
        (view.status, view.payment_status),
        (OrderStatus::Pending, PaymentStatus::Pending)
    );
    assert_eq!(view.placed, moment(1));
    assert_eq!(places(&rows)[..2], [("by_number", "N1"), ("listed", "pending")]);
}

#[test]
fn an_order_is_shipped_and_delivered_when_all_of_its_pieces_are() {
    let status = |events: Vec<Changed>| fold(events).0.status;
    let story = [
        (Changed::OrderConfirmed {}, OrderStatus::Confirmed),
        (packed(1, 1), OrderStatus::Confirmed),
        (shipped(1), OrderStatus::PartiallyShipped),
        (packed(2, 1), OrderStatus::PartiallyShipped),
        (delivered(1), OrderStatus::PartiallyShipped),
        (shipped(2), OrderStatus::Shipped),
        (delivered(2), OrderStatus::Delivered),
    ];
    for length in 1..=story.len() {
        let events = story[..length].iter().map(|(event, _)| event.clone()).collect();
        assert_eq!(status(events), story[length - 1].1, "after {length} events");
    }
    let (view, _) = fold(vec![packed(1, 1), packed(2, 1), shipped(1)]);
    assert_eq!(view.fulfilments[0].status, FulfilmentStatus::Shipped);
    assert_eq!(view.fulfilments[1].status, FulfilmentStatus::Packed);
}

#[test]
fn money_comes_and_goes_back() {
    let refunded = |after| Changed::OrderRefunded {
        amount: euros(990),
        refunded_after: euros(after),
    };
    let status = |events: Vec<Changed>| fold(events).0.payment_status;
    let paid = Changed::OrderPaid { amount: euros(1_990) };
    assert_eq!(status(vec![paid.clone()]), PaymentStatus::Paid);
    assert_eq!(
        status(vec![paid.clone(), refunded(990)]),
        PaymentStatus::PartiallyRefunded
    );
    assert_eq!(
        status(vec![paid, refunded(990), refunded(1_990)]),
        PaymentStatus::Refunded
    );
}

#[test]
fn a_return_is_followed_to_its_end() {
    let requested = Changed::ReturnRequested {
        request: uuid(9),
        lines: pieces(1),
        reason: "too bright".to_owned(),
    };
    let received = Changed::ReturnReceived {
        request: uuid(9),
        refund_due: euros(995),
        restock: true,
    };
    let (view, _) = fold(vec![requested.clone()]);
    assert_eq!(view.returns[0].status, ReturnStatus::Requested);
    let approved = Changed::ReturnApproved { request: uuid(9) };
    let (view, _) = fold(vec![requested, approved, received]);
    assert_eq!(
        (view.returns[0].status, view.returns[0].refund_due),
        (ReturnStatus::Received, 995)
    );
}

#[test]
fn a_cancelled_order_says_why_and_notes_stay_sealed() {
    let cancelled = Changed::OrderCancelled {
        why: "changed my mind".to_owned(),
        refund: false,
    };
    let noted = Changed::NoteAdded { note: sealed("note") };
    let (view, rows) = fold(vec![noted, cancelled]);
    assert_eq!(
        (view.status, view.cancelled_why.as_str()),
        (OrderStatus::Cancelled, "changed my mind")
    );
    assert_eq!((view.notes[0].at, &view.notes[0].note), (moment(2), &sealed("note")));
    assert_eq!(
        places(&rows)[..2],
        [("by_number", "N1"), ("listed", "cancelled")],
        "it is still found by its number"
    );
}

#[test]
fn a_sale_stays_on_the_day_it_was_placed_and_says_what_became_of_it() {
    let sold = |events: Vec<Changed>| {
        let (_, rows) = fold(events);
        let (_, row) = rows
            .into_iter()
            .find(|(table, _)| *table == "sold")
            .expect("it is sold");
        (row.key.clone(), sale(&row).expect("a sale"))
    };
    let (place, placed) = sold(vec![]);
    assert_eq!(place.partition, sold_partition(utc_day(moment(1))));
    assert_eq!((placed.total, placed.refunded, placed.is_cancelled), (1_990, 0, false));
    assert_eq!((placed.lines[0].pieces, placed.lines[0].gross), (2, 1_990));
    let cancelled = Changed::OrderCancelled {
        why: String::new(),
        refund: false,
    };
    let refunded = Changed::OrderRefunded {
        amount: euros(990),
        refunded_after: euros(990),
    };
    let (later, changed) = sold(vec![Changed::OrderConfirmed {}, refunded, cancelled]);
    assert_eq!((later, changed.refunded, changed.is_cancelled), (place, 990, true));
}

#[test]
fn the_timeline_names_what_happened_in_order() {
    let (view, _) = fold(vec![Changed::OrderConfirmed {}, packed(1, 2)]);
    let events: Vec<_> = view.timeline.iter().map(|milestone| milestone.event.as_str()).collect();
    assert_eq!(events, ["OrderPlaced", "OrderConfirmed", "FulfilmentCreated"]);
}

#[test]
fn stored_orders_look_as_they_did() {
    let events = [
        placed("N1", vec![frozen_line(1, 2)]),
        packed(1, 2).into(),
        shipped(1).into(),
    ];
    assert_eq!(shape::<Orders>(&order_stream(1), &events), 0x9533_5b84_43b4_59d3);
}
