use super::{Checkout, Command, Event, Failure, Outstanding, Progress, Run, Shortage};
use crate::inventory::hold::{self, Rejection as HoldRejection};
use crate::inventory::item::Levels;
use crate::sales::testshop::{
    CART, HOLDING_SECONDS, add, begin_checkout, cart_stream, checkout_stream, filled_cart, open, order_stream,
    placed_order, receive, set_contact, shop, sku, start, to_cart, to_checkout, to_order,
};
use crate::sales::{PaymentMethod, cart, order};
use crate::stream::{Location, StreamId};
use crate::testkit::{BEGINNING, Story};
use crate::value::{ReservationId, Sku};
use crate::{Command as AnyCommand, Event as AnyEvent, Refusal, Rejection, State};

mod simulation;

/// Enough shards for the shop's goods to lie in several.
const PARTITIONS: u32 = 4;
/// What the stories buy.
const BASKET: [(&str, i64); 3] = [("LAMP", 2), ("VASE", 1), ("BOWL", 3)];

fn checkout_of(story: &Story) -> Checkout {
    match story.state_of(&checkout_stream()) {
        State::Checkout(checkout) => checkout,
        other => panic!("no checkout: {other:?}"),
    }
}

fn cart_of(story: &Story) -> cart::Cart {
    match story.state_of(&cart_stream()) {
        State::Cart(cart) => cart,
        other => panic!("no cart: {other:?}"),
    }
}

fn is_placed(story: &Story) -> bool {
    matches!(story.state_of(&order_stream()), State::Order(order::Order::Placed(_)))
}

fn levels_of(story: &Story, text: &str) -> Levels {
    match story.state_of(&StreamId::StockItem(sku(text), Location::default())) {
        State::StockItem(item) => item.stock().levels,
        other => panic!("no stock item: {other:?}"),
    }
}

fn outstanding(story: &Story) -> Vec<Outstanding> {
    checkout_of(story).outstanding(CART.checkout())
}

/// All or none, as a shard decides a list.
fn send(story: &mut Story, outstanding: &Outstanding) -> Result<(), Rejection> {
    let mut after = story.clone();
    for command in &outstanding.commands {
        match after.run(command) {
            Ok(_) => {}
            Err(Refusal::Rejected(rejection)) => return Err(rejection),
            Err(Refusal::NotLoaded(stream)) => panic!("a story has everything in memory: {stream}"),
        }
    }
    *story = after;
    Ok(())
}

fn reply_to(outstanding: &Outstanding, answer: &Result<(), Rejection>) -> Option<AnyCommand> {
    match answer {
        Ok(()) => outstanding.when_done(),
        Err(rejection) => outstanding.when_refused(rejection),
    }
}

/// Sends everything that is outstanding and records the answers, once.
fn round(mut story: Story) -> Story {
    for outstanding in outstanding(&story) {
        let answer = send(&mut story, &outstanding);
        if let Some(reply) = reply_to(&outstanding, &answer) {
            story = story.having(reply);
        }
    }
    story
}

fn stocked(mut story: Story, pieces: &[(&str, i64)]) -> Story {
    story.partitions = PARTITIONS;
    for (text, quantity) in pieces {
        story = story.having(receive(text, *quantity));
    }
    story
}

/// A running checkout of the basket, with so many pieces of each on the shelves.
fn running(pieces: i64) -> Story {
    let shelves = BASKET.map(|(text, _)| (text, pieces));
    stocked(filled_cart(&BASKET), &shelves)
        .having(begin_checkout())
        .having(start())
}

fn run_of(story: &Story) -> Run {
    match checkout_of(story) {
        Checkout::Running(run) | Checkout::Undoing(run, _) => run,
        other => panic!("it does not run: {other:?}"),
    }
}

fn steps(outstanding: &[Outstanding]) -> Vec<&'static str> {
    let step = |outstanding: &Outstanding| match &outstanding.commands[0] {
        AnyCommand::Hold(_, _, _, hold::Command::Reserve { .. }) => "reserve",
        AnyCommand::Hold(_, _, _, hold::Command::Allocate { .. }) => "allocate",
        AnyCommand::Hold(_, _, _, hold::Command::Release { .. }) => "release",
        AnyCommand::Hold(_, _, _, hold::Command::Ship { .. }) => "ship",
        AnyCommand::Order(_, order::Command::Place { .. }) => "place",
        AnyCommand::Cart(_, cart::Command::Reopen { .. }) => "reopen",
        other => panic!("an unexpected step: {other:?}"),
    };
    let mut steps: Vec<_> = outstanding.iter().map(step).collect();
    steps.dedup();
    steps
}

fn held(partition: u32) -> AnyCommand {
    to_checkout(Command::RecordHeld { attempt: 1, partition })
}

#[test]
fn a_checkout_asks_each_shard_once_for_the_sum_of_its_skus() {
    let engraved = to_cart(cart::Command::AddLine {
        sku: sku("LAMP"),
        quantity: 1,
        attributes: [("engraving".to_owned(), "Ada".to_owned())].into(),
    });
    let story = stocked(filled_cart(&BASKET), &[])
        .having(engraved)
        .having(add("SONG", 1));
    let story = story.having(begin_checkout()).when(start()).then_again_nothing();
    let run = run_of(&story);
    let mut demands: Vec<(Sku, i64)> = Vec::new();
    for group in &run.groups {
        for demand in &group.demands {
            let stream = StreamId::StockItem(demand.sku.clone(), demand.location.clone());
            assert_eq!(stream.shard(PARTITIONS).partition, group.partition);
            demands.push((demand.sku.clone(), demand.quantity));
        }
    }
    demands.sort();
    assert_eq!(demands, [(sku("BOWL"), 3), (sku("LAMP"), 3), (sku("VASE"), 1)]);
    assert!(run.groups.len() > 1, "the basket is to lie in several shards");
    assert_eq!(run.deadline, BEGINNING.plus_seconds(HOLDING_SECONDS));
}

#[test]
fn a_checkout_starts_only_with_a_frozen_cart() {
    filled_cart(&BASKET)
        .when(start())
        .then_refused("checkout.nothing_frozen");
}

#[test]
fn stock_is_held_then_promised_then_the_order_is_placed() {
    let story = running(10);
    assert_eq!(steps(&outstanding(&story)), ["reserve"]);
    let story = round(story);
    assert_eq!(steps(&outstanding(&story)), ["allocate"]);
    let story = round(story);
    assert_eq!(steps(&outstanding(&story)), ["place"]);
    let story = round(story);
    assert!(outstanding(&story).is_empty() && is_placed(&story));
    assert!(matches!(checkout_of(&story), Checkout::Completed { attempt: 1, .. }));
    assert!(matches!(cart_of(&story), cart::Cart::Converted { .. }));
    for (text, quantity) in BASKET {
        let levels = levels_of(&story, text);
        assert_eq!((levels.on_hand, levels.reserved, levels.allocated), (10, 0, quantity));
    }
    story.when(start()).then_nothing();
}

#[test]
fn what_is_not_counted_is_placed_at_once() {
    let story = shop().having(open()).having(add("SONG", 2)).having(set_contact());
    let story = story.having(begin_checkout()).having(start());
    assert_eq!(steps(&outstanding(&story)), ["place"]);
    assert!(is_placed(&round(story)));
}

#[test]
fn nothing_is_promised_while_a_shard_has_not_answered() {
    let story = running(10);
    let partitions: Vec<u32> = run_of(&story).groups.iter().map(|group| group.partition).collect();
    let story = story.having(held(partitions[0]));
    assert_eq!(outstanding(&story).len(), partitions.len() - 1);
    assert_eq!(steps(&outstanding(&story)), ["reserve"]);
    let early = to_checkout(Command::RecordAllotted {
        attempt: 1,
        partition: partitions[0],
    });
    story.when(early).then_nothing();
}

#[test]
fn a_refusal_frees_everything_and_opens_the_cart_again() {
    let story = round(running(2));
    let failure = Failure {
        step: "hold".to_owned(),
        why: "stock.insufficient".to_owned(),
        shortage: Some(Shortage {
            sku: sku("BOWL"),
            available: 2,
        }),
    };
    let Checkout::Undoing(run, known) = checkout_of(&story) else {
        panic!("it is to be undone");
    };
    assert_eq!(known, failure);
    assert_eq!(steps(&outstanding(&story)), ["release"]);
    assert_eq!(
        outstanding(&story).len(),
        run.groups.len(),
        "a shard that refused gets a tombstone"
    );
    let story = round(story);
    assert_eq!(steps(&outstanding(&story)), ["reopen"]);
    let story = round(story);
    assert_eq!(checkout_of(&story), Checkout::Refused { attempt: 1, failure });
    assert!(matches!(cart_of(&story), cart::Cart::Open(_)));
    for (text, _) in BASKET {
        assert_eq!(levels_of(&story, text).available(), 2);
    }
}

#[test]
fn a_cart_is_tried_again_under_another_reservation() {
    let story = round(round(round(running(2))));
    let story = story
        .having(receive("BOWL", 5))
        .having(begin_checkout())
        .having(start());
    let run = run_of(&story);
    assert_eq!(
        (run.attempt, run.reservation),
        (2, ReservationId::derived(CART.0, "attempt 2"))
    );
    let story = round(round(round(story)));
    assert!(is_placed(&story));
}

#[test]
fn a_deadline_undoes_what_is_not_promised() {
    let late = i64::from(HOLDING_SECONDS);
    let story = round(running(10));
    let story = story
        .when(to_checkout(Command::TimeOut))
        .then_nothing()
        .at_seconds(late);
    let story = story
        .when(to_checkout(Command::TimeOut))
        .then_named(["CheckoutTimedOut"]);
    let story = round(round(story));
    let Checkout::Refused { failure, .. } = checkout_of(&story) else {
        panic!("it is to be refused");
    };
    assert_eq!(
        (failure.step.as_str(), failure.why.as_str()),
        ("deadline", "checkout.timed_out")
    );
}

#[test]
fn once_all_is_promised_the_deadline_means_nothing() {
    let story = round(round(running(10))).at_seconds(2 * i64::from(HOLDING_SECONDS));
    assert_eq!(checkout_of(&story).due(), None);
    let story = story.when(to_checkout(Command::TimeOut)).then_nothing();
    assert!(is_placed(&round(story)));
}

#[test]
fn a_hold_that_ran_out_before_it_was_promised_undoes_the_checkout() {
    let story = round(running(10)).at_seconds(i64::from(HOLDING_SECONDS));
    let story = round(story);
    let Checkout::Undoing(_, failure) = checkout_of(&story) else {
        panic!("it is to be undone");
    };
    assert_eq!(
        (failure.step.as_str(), failure.why.as_str()),
        ("allocate", "hold.expired")
    );
    assert_eq!(failure.shortage, None);
}

#[test]
fn a_cart_that_was_changed_meanwhile_undoes_the_checkout() {
    let story = round(round(running(10))).having(add("LAMP", 1));
    assert_eq!(steps(&outstanding(&story)), ["place"]);
    let story = round(story);
    let story = story.when(begin_checkout()).then_named(["CheckoutBegun"]);
    let story = story.when(start()).then_refused("checkout.undoing");
    let story = round(round(story));
    let Checkout::Refused { failure, .. } = checkout_of(&story) else {
        panic!("it is to be refused");
    };
    assert_eq!(
        (failure.step.as_str(), failure.why.as_str()),
        ("place", "order.cart_changed")
    );
    assert!(!is_placed(&story));
    assert_eq!(levels_of(&story, "LAMP").available(), 10);
    // Its compensation leaves the next try alone.
    assert_eq!(cart_of(&story).frozen().map(|frozen| frozen.attempt), Some(2));
    assert!(is_placed(&round(round(round(story.having(start()))))));
}

#[test]
fn a_second_checkout_of_a_changed_cart_waits_for_the_first() {
    let story = running(10).having(add("LAMP", 1)).having(begin_checkout());
    story.when(start()).then_refused("checkout.running");
}

#[test]
fn replies_that_come_twice_or_late_change_nothing() {
    let story = running(10);
    let partition = run_of(&story).groups[0].partition;
    let story = story.when(held(partition)).then_again_nothing();
    let refused = to_checkout(Command::RecordRefused {
        attempt: 2,
        partition,
        sku: sku("LAMP"),
        available: 0,
        code: "stock.insufficient".to_owned(),
    });
    let story = story.when(refused).then_nothing();
    let freed = to_checkout(Command::RecordFreed { attempt: 1, partition });
    let story = story.when(freed.clone()).then_nothing();
    let story = story.when(held(99)).then_nothing();
    let abandon = to_checkout(Command::Abandon {
        attempt: 1,
        step: "place".to_owned(),
        why: "order.cart_changed".to_owned(),
    });
    let story = story.when(abandon).then_again_nothing();
    let story = story.when(held(partition)).then_nothing();
    let story = story.when(freed).then_again_nothing();
    assert_eq!(run_of(&story).progress_of(partition), Some(Progress::Freed));
}

#[test]
fn it_is_neither_completed_nor_compensated_before_its_time() {
    for command in [Command::Complete { attempt: 1 }, Command::Compensate { attempt: 1 }] {
        running(10)
            .when(to_checkout(command))
            .then_refused("checkout.not_ready");
    }
}

#[test]
fn a_late_hold_finds_the_tombstone_of_a_checkout_that_was_undone() {
    let story = running(10);
    let late = outstanding(&story).remove(0);
    let abandon = Command::Abandon {
        attempt: 1,
        step: "place".to_owned(),
        why: "order.cart_changed".to_owned(),
    };
    let mut story = round(round(story.having(to_checkout(abandon))));
    assert_eq!(send(&mut story, &late), Err(HoldRejection::Released.into()));
}

#[test]
fn the_stock_of_a_cancelled_order_is_freed() {
    let story = round(round(round(running(10)))).having(to_order(order::Command::Cancel {
        why: String::new(),
        refund: false,
    }));
    assert_eq!(steps(&outstanding(&story)), ["release"]);
    let story = round(story);
    assert!(outstanding(&story).is_empty() && !checkout_of(&story).is_unfinished());
    for (text, _) in BASKET {
        assert_eq!(levels_of(&story, text).available(), 10);
    }
}

#[test]
fn the_stock_of_a_parcel_leaves_the_shelf_once() {
    let mut story = round(round(round(running(10))));
    let State::Order(order) = story.state_of(&order_stream()) else {
        panic!("an order");
    };
    let lines = order
        .placed()
        .expect("it is placed")
        .lines
        .iter()
        .map(|line| order::LineQuantity {
            line: line.line,
            quantity: line.quantity,
        });
    let fulfilment = uuid::Uuid::from_u128(1);
    let fulfil = order::Command::Fulfil {
        fulfilment,
        lines: lines.collect(),
        carrier: String::new(),
        tracking_number: String::new(),
        tracking_url: String::new(),
    };
    story = story
        .having(to_order(fulfil))
        .having(to_order(order::Command::MarkShipped { fulfilment }));
    assert_eq!(steps(&outstanding(&story)), ["ship"]);
    for movement in outstanding(&story) {
        assert_eq!(send(&mut story, &movement), Ok(()));
    }
    let story = round(story);
    assert!(outstanding(&story).is_empty());
    for (text, quantity) in BASKET {
        let levels = levels_of(&story, text);
        assert_eq!(
            (levels.on_hand, levels.reserved, levels.allocated),
            (10 - quantity, 0, 0)
        );
    }
}

#[test]
fn a_movement_that_is_refused_is_sent_again_later() {
    let rejection = Rejection::from(HoldRejection::NotOnHand {
        sku: sku("LAMP"),
        on_hand: 0,
    });
    let story = round(round(round(running(10)))).having(to_order(order::Command::Cancel {
        why: String::new(),
        refund: false,
    }));
    assert!(
        outstanding(&story)
            .iter()
            .all(|outstanding| outstanding.when_refused(&rejection).is_none())
    );
}

#[test]
fn an_order_placed_without_a_checkout_has_no_stock_to_see_to() {
    let story = placed_order(&[("LAMP", 1)]).having(to_order(order::Command::Cancel {
        why: String::new(),
        refund: false,
    }));
    assert_eq!(checkout_of(&story), Checkout::NotStarted);
}

#[test]
fn every_sending_has_an_id_of_its_own_and_the_same_each_time() {
    let mut ids = std::collections::BTreeSet::new();
    let mut count = 0;
    let mut story = running(10);
    while !outstanding(&story).is_empty() {
        let now = outstanding(&story);
        assert_eq!(now, outstanding(&story));
        count += now.len();
        ids.extend(now.iter().map(|outstanding| outstanding.id));
        story = round(story);
    }
    assert_eq!(ids.len(), count);
}

#[test]
fn the_started_event_carries_how_the_order_is_paid() {
    let mut story = stocked(filled_cart(&BASKET), &[]).having(begin_checkout());
    let decided = story.run(&start()).expect("it starts");
    let AnyEvent::Checkout(Event::CheckoutStarted { payment, attempt, .. }) = &decided[0].event else {
        panic!("it starts");
    };
    assert_eq!((*payment, *attempt), (PaymentMethod::Invoice, 1));
}
