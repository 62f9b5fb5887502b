mod ledger;

use super::{Command, Event, Rejection, ReleaseReason};
use crate::inventory::item::{self, Levels};
use crate::stream::{Location, StreamId};
use crate::testkit::{BEGINNING, Story, given, given_nothing};
use crate::value::{OrderId, ReservationId, STOCK_QUANTITY_MAX, Sku, Timestamp};
use crate::{Command as AnyCommand, Event as AnyEvent};

const HOLDING_SECONDS: u32 = 900;

fn lamp() -> Sku {
    "LAMP-1".parse().expect("a SKU")
}

fn reservation(number: u128) -> ReservationId {
    ReservationId(uuid::Uuid::from_u128(number))
}

fn order(number: u128) -> OrderId {
    OrderId(uuid::Uuid::from_u128(number))
}

fn after_holding() -> Timestamp {
    BEGINNING.plus_seconds(HOLDING_SECONDS)
}

fn hold_stream() -> StreamId {
    StreamId::Hold(lamp(), Location::default(), reservation(1))
}

fn item_stream() -> StreamId {
    StreamId::StockItem(lamp(), Location::default())
}

fn to_hold(command: Command) -> AnyCommand {
    AnyCommand::Hold(lamp(), Location::default(), reservation(1), command)
}

fn to_item(command: item::Command) -> AnyCommand {
    AnyCommand::StockItem(lamp(), Location::default(), command)
}

fn reserve(quantity: i64) -> AnyCommand {
    to_hold(Command::Reserve {
        quantity,
        until: after_holding(),
    })
}

fn extend(seconds: u32) -> AnyCommand {
    to_hold(Command::Extend {
        until: BEGINNING.plus_seconds(seconds),
    })
}

fn release() -> AnyCommand {
    to_hold(Command::Release {
        why: ReleaseReason::CheckoutEnded,
        until: after_holding(),
    })
}

fn cancel() -> AnyCommand {
    to_hold(Command::Release {
        why: ReleaseReason::OrderCancelled,
        until: after_holding(),
    })
}

fn allocate() -> AnyCommand {
    to_hold(Command::Allocate { order: order(1) })
}

fn ship(shipped_after: i64) -> AnyCommand {
    to_hold(Command::Ship { shipped_after })
}

fn put_back(returned_after: i64) -> AnyCommand {
    to_hold(Command::Return { returned_after })
}

fn expire() -> AnyCommand {
    to_hold(Command::Expire)
}

fn committed(on_hand: i64, reserved: i64, allocated: i64) -> (StreamId, AnyEvent) {
    let levels_after = Levels {
        on_hand,
        reserved,
        allocated,
    };
    let line = item::Event::StockCommitted {
        reservation: reservation(1),
        levels_after,
    };
    (item_stream(), line.into())
}

fn held(event: Event) -> (StreamId, AnyEvent) {
    (hold_stream(), event.into())
}

fn shelf(on_hand: i64) -> Story {
    given([(
        item_stream(),
        AnyEvent::from(item::Event::StockReceived {
            quantity: on_hand,
            levels_after: Levels {
                on_hand,
                ..Levels::default()
            },
        }),
    )])
}

#[test]
fn what_is_reserved_is_kept_from_others() {
    shelf(20).when(reserve(3)).then([
        held(Event::StockReserved {
            quantity: 3,
            until: after_holding(),
            available_after: 17,
        }),
        committed(20, 3, 0),
    ]);
}

#[test]
fn reserving_again_changes_nothing() {
    shelf(20).when(reserve(3)).then_again_nothing();
    shelf(20)
        .having(reserve(3))
        .having(allocate())
        .when(reserve(3))
        .then_nothing();
}

#[test]
fn one_hold_is_not_two() {
    shelf(20)
        .having(reserve(3))
        .when(reserve(4))
        .then_refused("hold.differs");
}

#[test]
fn more_than_there_is_cannot_be_reserved_and_the_number_is_told() {
    shelf(2).when(reserve(3)).then_rejected(Rejection::Insufficient {
        sku: lamp(),
        available: 2,
    });
    given_nothing().when(reserve(1)).then_rejected(Rejection::Insufficient {
        sku: lamp(),
        available: 0,
    });
}

#[test]
fn a_short_shelf_tells_of_no_negative_pieces() {
    shelf(4)
        .having(to_hold(Command::Reserve {
            quantity: 4,
            until: after_holding(),
        }))
        .having(to_item(item::Command::Adjust {
            delta: -2,
            expected: None,
            force: true,
            reason: "broken".to_owned(),
        }))
        .when(AnyCommand::Hold(
            lamp(),
            Location::default(),
            reservation(2),
            Command::Reserve {
                quantity: 1,
                until: after_holding(),
            },
        ))
        .then_rejected(Rejection::Insufficient {
            sku: lamp(),
            available: 0,
        });
}

#[test]
fn back_orders_reach_below_what_there_is() {
    shelf(2)
        .having(to_item(item::Command::AllowBackorder { limit: 1 }))
        .when(reserve(4))
        .then_refused("stock.insufficient")
        .when(reserve(3))
        .then_named(["StockReserved", "StockCommitted"]);
}

#[test]
fn running_low_is_told_by_the_hold_that_does_it() {
    shelf(8)
        .when(reserve(3))
        .then_named(["StockReserved", "StockCommitted", "StockRanLow"])
        .when(release())
        .then_named(["ReservationReleased", "StockCommitted", "StockReplenished"]);
}

#[test]
fn only_a_positive_number_of_pieces_is_reserved() {
    for quantity in [0, -1, i64::MIN, STOCK_QUANTITY_MAX + 1] {
        shelf(20).when(reserve(quantity)).then_refused("stock.quantity_invalid");
    }
}

#[test]
fn a_reservation_that_comes_too_late_is_refused() {
    shelf(20).at_seconds(900).when(reserve(3)).then_refused("hold.expired");
}

#[test]
fn a_reservation_released_before_it_came_is_refused_until_its_limit() {
    shelf(20)
        .when(release())
        .then([held(Event::ReservationForbidden { until: after_holding() })])
        .when(release())
        .then_nothing()
        .when(reserve(3))
        .then_refused("hold.released")
        .at_seconds(900)
        .when(to_hold(Command::Reserve {
            quantity: 3,
            until: BEGINNING.plus_seconds(1_800),
        }))
        .then_named(["StockReserved", "StockCommitted"]);
}

#[test]
fn releasing_what_can_no_longer_come_leaves_no_trace() {
    shelf(20).at_seconds(900).when(release()).then_nothing();
}

#[test]
fn a_later_limit_prolongs_the_refusal() {
    let until = BEGINNING.plus_seconds(2_000);
    shelf(20)
        .having(release())
        .when(to_hold(Command::Release {
            why: ReleaseReason::CheckoutEnded,
            until,
        }))
        .then([held(Event::ReservationForbidden { until })]);
}

#[test]
fn what_is_released_is_there_for_others_and_not_held_again() {
    shelf(20)
        .having(reserve(3))
        .when(release())
        .then([
            held(Event::ReservationReleased {
                quantity: 3,
                why: ReleaseReason::CheckoutEnded,
                available_after: 20,
            }),
            committed(20, 0, 0),
        ])
        .when(release())
        .then_nothing()
        .when(reserve(3))
        .then_refused("hold.released")
        .when(allocate())
        .then_refused("hold.released")
        .when(extend(2_000))
        .then_refused("hold.released");
}

#[test]
fn a_hold_ends_by_itself_when_its_time_is_up_and_not_before() {
    shelf(20)
        .having(reserve(3))
        .at_seconds(899)
        .when(expire())
        .then_nothing()
        .at_seconds(900)
        .when(expire())
        .then([
            held(Event::ReservationReleased {
                quantity: 3,
                why: ReleaseReason::Expired,
                available_after: 20,
            }),
            committed(20, 0, 0),
        ])
        .when(expire())
        .then_nothing();
}

#[test]
fn a_hold_wants_to_be_told_when_its_time_is_up() {
    let story = shelf(20).having(reserve(3));
    let due = story.state_of(&hold_stream()).due(&hold_stream()).expect("a moment");
    assert_eq!(due.at, after_holding());
    assert_eq!(due.command, expire());
    let story = story.having(allocate());
    assert_eq!(story.state_of(&hold_stream()).due(&hold_stream()), None);
}

#[test]
fn an_expired_hold_is_worth_nothing_even_before_it_is_cleared_away() {
    let late = shelf(20).having(reserve(3)).at_seconds(900);
    late.clone().when(allocate()).then_refused("hold.expired");
    late.clone().when(reserve(3)).then_refused("hold.expired");
    late.when(extend(2_000)).then_refused("hold.expired");
}

#[test]
fn a_hold_can_be_kept_longer_and_never_shorter() {
    shelf(20)
        .having(reserve(3))
        .when(extend(1_000))
        .then([held(Event::ReservationExtended {
            until: BEGINNING.plus_seconds(1_000),
        })])
        .when(extend(1_000))
        .then_nothing()
        .when(extend(500))
        .then_nothing()
        .at_seconds(950)
        .when(expire())
        .then_nothing();
    given_nothing().when(extend(500)).then_refused("hold.absent");
}

#[test]
fn what_is_allocated_belongs_to_the_order_for_ever() {
    shelf(20)
        .having(reserve(3))
        .when(allocate())
        .then([
            held(Event::StockAllocated {
                order: order(1),
                quantity: 3,
            }),
            committed(20, 0, 3),
        ])
        .when(allocate())
        .then_nothing()
        .when(extend(2_000))
        .then_nothing()
        .at_seconds(1_000_000)
        .when(expire())
        .then_nothing()
        .when(to_hold(Command::Allocate { order: order(2) }))
        .then_refused("hold.differs");
}

#[test]
fn what_was_never_held_cannot_be_allocated() {
    shelf(20).when(allocate()).then_refused("hold.absent");
    shelf(20)
        .having(release())
        .when(allocate())
        .then_refused("hold.released");
}

#[test]
fn a_cancelled_order_gives_its_pieces_back() {
    shelf(20)
        .having(reserve(3))
        .having(allocate())
        .when(cancel())
        .then([
            held(Event::ReservationReleased {
                quantity: 3,
                why: ReleaseReason::OrderCancelled,
                available_after: 20,
            }),
            committed(20, 0, 0),
        ])
        .when(cancel())
        .then_nothing();
}

#[test]
fn shipping_takes_pieces_off_the_shelf() {
    shelf(20)
        .having(reserve(3))
        .having(allocate())
        .when(ship(2))
        .then([
            held(Event::StockShipped {
                quantity: 2,
                allocated_after: 1,
            }),
            committed(18, 0, 1),
        ])
        .when(ship(2))
        .then_nothing()
        .when(ship(4))
        .then_rejected(Rejection::Exceeds { covered: 3 })
        .when(ship(3))
        .then_named(["StockShipped", "StockCommitted"]);
}

#[test]
fn what_is_not_on_the_shelf_cannot_leave_it() {
    shelf(2)
        .having(to_item(item::Command::AllowBackorder { limit: 5 }))
        .having(reserve(5))
        .having(allocate())
        .when(ship(3))
        .then_rejected(Rejection::NotOnHand {
            sku: lamp(),
            on_hand: 2,
        })
        .when(ship(2))
        .then_named(["StockShipped", "StockCommitted"]);
    shelf(2).having(reserve(1)).when(ship(1)).then_refused("hold.absent");
}

#[test]
fn what_comes_back_is_never_more_than_what_left() {
    shelf(20)
        .having(reserve(3))
        .having(allocate())
        .having(ship(2))
        .when(put_back(1))
        .then([
            held(Event::StockReturned {
                quantity: 1,
                returned_after: 1,
            }),
            committed(19, 0, 1),
        ])
        .when(put_back(1))
        .then_nothing()
        .when(put_back(3))
        .then_rejected(Rejection::Exceeds { covered: 2 });
    shelf(20)
        .having(reserve(3))
        .when(put_back(1))
        .then_refused("hold.absent");
}

#[test]
fn a_full_shelf_takes_nothing_back() {
    shelf(3)
        .having(reserve(3))
        .having(allocate())
        .having(ship(3))
        .having(to_item(item::Command::Receive {
            quantity: STOCK_QUANTITY_MAX,
        }))
        .when(put_back(1))
        .then_refused("stock.above_limit");
}

#[test]
fn cancelling_the_rest_of_an_order_leaves_what_was_shipped_returnable() {
    shelf(20)
        .having(reserve(3))
        .having(allocate())
        .having(ship(2))
        .when(cancel())
        .then([
            held(Event::ReservationReleased {
                quantity: 1,
                why: ReleaseReason::OrderCancelled,
                available_after: 18,
            }),
            committed(18, 0, 0),
        ])
        .when(cancel())
        .then_nothing()
        .when(ship(3))
        .then_rejected(Rejection::Exceeds { covered: 2 })
        .when(put_back(2))
        .then_named(["StockReturned", "StockCommitted"]);
}
