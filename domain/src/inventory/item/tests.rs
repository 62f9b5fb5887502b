use super::{Command, Event, Levels, StockItem};
use crate::stream::{Location, StreamId};
use crate::testkit::{Story, given, given_nothing};
use crate::value::{REASON_CHARS_MAX, ReservationId, STOCK_QUANTITY_MAX, Sku};
use crate::{Command as AnyCommand, Event as AnyEvent, State};

fn lamp() -> Sku {
    "LAMP-1".parse().expect("a SKU")
}

fn stream() -> StreamId {
    StreamId::StockItem(lamp(), Location::default())
}

fn to_item(command: Command) -> AnyCommand {
    AnyCommand::StockItem(lamp(), Location::default(), command)
}

fn receive(quantity: i64) -> AnyCommand {
    to_item(Command::Receive { quantity })
}

fn adjust(delta: i64) -> Command {
    Command::Adjust {
        delta,
        expected: None,
        force: false,
        reason: "counted".to_owned(),
    }
}

fn forced(delta: i64) -> AnyCommand {
    to_item(Command::Adjust {
        delta,
        expected: None,
        force: true,
        reason: "burst pipe".to_owned(),
    })
}

fn expecting(delta: i64, expected: i64) -> AnyCommand {
    to_item(Command::Adjust {
        delta,
        expected: Some(expected),
        force: false,
        reason: "counted".to_owned(),
    })
}

fn of_lamp<const N: usize>(events: [Event; N]) -> [(StreamId, AnyEvent); N] {
    events.map(|event| (stream(), event.into()))
}

fn levels(on_hand: i64, reserved: i64, allocated: i64) -> Levels {
    Levels {
        on_hand,
        reserved,
        allocated,
    }
}

/// A shelf with these totals.
fn shelf(on_hand: i64, reserved: i64, allocated: i64) -> Story {
    given(of_lamp([Event::StockCommitted {
        reservation: ReservationId(uuid::Uuid::from_u128(7)),
        levels_after: levels(on_hand, reserved, allocated),
    }]))
}

#[test]
fn what_comes_in_is_on_the_shelf() {
    given_nothing().when(receive(12)).then(of_lamp([Event::StockReceived {
        quantity: 12,
        levels_after: levels(12, 0, 0),
    }]));
    shelf(12, 2, 3).when(receive(1)).then(of_lamp([Event::StockReceived {
        quantity: 1,
        levels_after: levels(13, 2, 3),
    }]));
}

#[test]
fn nothing_negative_and_nothing_beyond_the_limit_comes_in() {
    given_nothing().when(receive(0)).then_refused("stock.quantity_invalid");
    given_nothing().when(receive(-1)).then_refused("stock.quantity_invalid");
    given_nothing()
        .when(receive(STOCK_QUANTITY_MAX + 1))
        .then_refused("stock.quantity_invalid");
    shelf(STOCK_QUANTITY_MAX, 0, 0)
        .when(receive(1))
        .then_refused("stock.above_limit");
}

#[test]
fn a_ledger_is_opened_once_for_ever() {
    let open = to_item(Command::Open {
        quantity: 9,
        backorder_limit: 4,
    });
    given_nothing()
        .when(open.clone())
        .then(of_lamp([
            Event::StockReceived {
                quantity: 9,
                levels_after: levels(9, 0, 0),
            },
            Event::BackorderAllowed { limit: 4 },
        ]))
        .when(open.clone())
        .then_nothing()
        .having(to_item(adjust(-9)))
        .when(open)
        .then_nothing();
}

#[test]
fn a_ledger_may_open_empty_and_is_low_then() {
    given_nothing()
        .when(to_item(Command::Open {
            quantity: 0,
            backorder_limit: 0,
        }))
        .then_named(["StockReceived", "StockRanLow"]);
}

#[test]
fn a_ledger_does_not_open_below_zero() {
    for (quantity, backorder_limit) in [(-1, 0), (0, -1), (STOCK_QUANTITY_MAX + 1, 0)] {
        given_nothing()
            .when(to_item(Command::Open {
                quantity,
                backorder_limit,
            }))
            .then_refused("stock.quantity_invalid");
    }
}

#[test]
fn a_count_is_corrected_in_both_directions() {
    shelf(12, 0, 0)
        .when(to_item(adjust(-2)))
        .then(of_lamp([Event::StockAdjusted {
            delta: -2,
            reason: "counted".to_owned(),
            forced: false,
            levels_after: levels(10, 0, 0),
        }]))
        .when(to_item(adjust(5)))
        .then_named(["StockAdjusted"]);
}

#[test]
fn correcting_by_nothing_records_nothing() {
    shelf(12, 0, 0).when(to_item(adjust(0))).then_nothing();
}

#[test]
fn a_correction_that_expects_another_count_is_refused() {
    shelf(12, 0, 0)
        .when(expecting(-2, 11))
        .then_refused("stock.count_differs")
        .when(expecting(-2, 12))
        .then_named(["StockAdjusted"])
        .when(expecting(-2, 12))
        .then_refused("stock.count_differs");
}

#[test]
fn promises_are_kept_unless_an_admin_insists() {
    shelf(10, 3, 5)
        .when(to_item(adjust(-3)))
        .then_refused("stock.promised")
        .when(forced(-3))
        .then(of_lamp([
            Event::StockAdjusted {
                delta: -3,
                reason: "burst pipe".to_owned(),
                forced: true,
                levels_after: levels(7, 3, 5),
            },
            Event::StockShort { available: -1 },
            Event::StockRanLow {
                available: -1,
                threshold: 5,
            },
        ]))
        .when(to_item(adjust(1)))
        .then_named(["StockAdjusted"]);
}

#[test]
fn insisting_where_no_promise_breaks_is_not_recorded_as_force() {
    shelf(20, 3, 5).when(forced(-2)).then(of_lamp([Event::StockAdjusted {
        delta: -2,
        reason: "burst pipe".to_owned(),
        forced: false,
        levels_after: levels(18, 3, 5),
    }]));
}

#[test]
fn not_even_force_takes_a_shelf_below_zero_or_above_the_limit() {
    shelf(2, 0, 0).when(forced(-3)).then_refused("stock.below_zero");
    shelf(STOCK_QUANTITY_MAX, 0, 0)
        .when(forced(1))
        .then_refused("stock.above_limit");
    shelf(2, 0, 0)
        .when(forced(i64::MIN))
        .then_refused("stock.quantity_invalid");
    shelf(2, 0, 0)
        .when(forced(i64::MAX))
        .then_refused("stock.quantity_invalid");
}

#[test]
fn a_correction_says_why() {
    for reason in ["", "   ", "two\nlines", &"x".repeat(REASON_CHARS_MAX + 1)] {
        shelf(2, 0, 0)
            .when(to_item(Command::Adjust {
                delta: 1,
                expected: None,
                force: false,
                reason: reason.to_owned(),
            }))
            .then_refused("stock.reason_invalid");
    }
}

#[test]
fn crossing_the_threshold_is_told_once_in_each_direction() {
    shelf(10, 0, 0)
        .when(to_item(adjust(-5)))
        .then_named(["StockAdjusted", "StockRanLow"])
        .when(to_item(adjust(-1)))
        .then_named(["StockAdjusted"])
        .when(receive(1))
        .then_named(["StockReceived"])
        .when(receive(1))
        .then_named(["StockReceived", "StockReplenished"]);
}

#[test]
fn an_item_may_have_a_threshold_of_its_own() {
    let set = |threshold| to_item(Command::SetThreshold { threshold });
    shelf(10, 0, 0)
        .when(set(Some(10)))
        .then_named(["ThresholdSet", "StockRanLow"])
        .when(set(Some(10)))
        .then_nothing()
        .when(set(None))
        .then_named(["ThresholdSet", "StockReplenished"])
        .when(set(Some(-1)))
        .then_refused("stock.quantity_invalid");
}

#[test]
fn the_shops_threshold_holds_for_all_others() {
    shelf(10, 0, 0)
        .knowing(|reference| reference.settings.low_stock_threshold = 9)
        .when(to_item(adjust(-1)))
        .then(of_lamp([
            Event::StockAdjusted {
                delta: -1,
                reason: "counted".to_owned(),
                forced: false,
                levels_after: levels(9, 0, 0),
            },
            Event::StockRanLow {
                available: 9,
                threshold: 9,
            },
        ]));
}

#[test]
fn back_orders_are_allowed_and_not_taken_back_while_promised() {
    let allow = |limit| to_item(Command::AllowBackorder { limit });
    shelf(10, 3, 5)
        .when(allow(4))
        .then_named(["BackorderAllowed", "StockRanLow"])
        .when(allow(4))
        .then_nothing()
        .when(to_item(adjust(-6)))
        .then_named(["StockAdjusted"])
        .when(allow(3))
        .then_refused("stock.promised")
        .when(allow(-1))
        .then_refused("stock.quantity_invalid")
        .when(allow(5))
        .then_named(["BackorderAllowed"]);
}

#[test]
fn an_unseen_item_has_no_pieces() {
    let State::StockItem(item) = given_nothing().state_of(&stream()) else {
        panic!("a stock item was asked for");
    };
    assert_eq!(item, StockItem::Unseen);
    assert_eq!(item.stock().promisable(), 0);
}
