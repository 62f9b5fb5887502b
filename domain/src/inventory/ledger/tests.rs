use uuid::Uuid;

use super::super::hold::ReleaseReason;
use super::*;
use crate::value::{OrderId, Timestamp};

fn reservation(number: u128) -> ReservationId {
    ReservationId(Uuid::from_u128(number))
}

fn levels(on_hand: i64, reserved: i64, allocated: i64) -> Levels {
    Levels {
        on_hand,
        reserved,
        allocated,
    }
}

fn received(quantity: i64, levels_after: Levels) -> item::Event {
    item::Event::StockReceived { quantity, levels_after }
}

fn committed(levels_after: Levels) -> item::Event {
    item::Event::StockCommitted {
        reservation: reservation(1),
        levels_after,
    }
}

fn reserved(quantity: i64) -> hold::Event {
    hold::Event::StockReserved {
        quantity,
        until: Timestamp(1),
        available_after: 0,
    }
}

#[test]
fn every_line_follows_from_the_way_of_the_pieces() {
    let mut ledger = Ledger::default();
    let way = [
        (reserved(3), levels(10, 3, 0)),
        (
            hold::Event::StockAllocated {
                order: OrderId(Uuid::nil()),
                quantity: 3,
            },
            levels(10, 0, 3),
        ),
        (
            hold::Event::StockShipped {
                quantity: 2,
                allocated_after: 1,
            },
            levels(8, 0, 1),
        ),
        (
            hold::Event::StockReturned {
                quantity: 1,
                returned_after: 1,
            },
            levels(9, 0, 1),
        ),
        (
            hold::Event::ReservationReleased {
                quantity: 1,
                why: ReleaseReason::OrderCancelled,
                available_after: 9,
            },
            levels(9, 0, 0),
        ),
    ];
    assert_eq!(ledger.take_item(&received(10, levels(10, 0, 0))), None);
    for (event, levels_after) in way {
        ledger.take_hold(reservation(1), &event);
        assert_eq!(ledger.take_item(&committed(levels_after)), None, "{event:?}");
    }
    assert!(ledger.holds().is_empty(), "what holds nothing is not kept");
    assert_eq!((ledger.levels(), ledger.lines()), (levels(9, 0, 0), 6));
}

#[test]
fn a_line_that_does_not_add_up_is_told_once_and_the_next_ones_go_on_from_it() {
    let mut ledger = Ledger::default();
    let wrong = ledger.take_item(&received(10, levels(12, 0, 0)));
    let expected = Discrepancy {
        says: levels(12, 0, 0),
        adds_up_to: levels(10, 0, 0),
    };
    assert_eq!(wrong, Some(expected));
    assert_eq!(ledger.take_item(&received(1, levels(13, 0, 0))), None);
    // A line of a hold that nothing happened to.
    assert!(ledger.take_item(&committed(levels(13, 4, 0))).is_some());
    assert_eq!((ledger.levels().reserved, ledger.held().reserved), (4, 0));
}
