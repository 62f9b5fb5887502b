//! Checkouts over several shards, with the real command side on a log in memory.

mod life;

use domain::sales::checkout::Checkout;
use domain::sales::{cart, checkout, order};
use domain::{Aggregate, Command};
use uuid::Uuid;

use life::{Basket, Life, Log};

/// Three goods that lie in different shards of the inventory.
const BASKET: Basket = [("LAMP", 2), ("VASE", 1), ("BOWL", 3)];
/// Pieces of each on the shelves.
const PIECES: i64 = 5;
/// Begin, then to ask and to record at least twice for each of several shards.
const STEPS_MIN: usize = 8;

fn cart(number: u128) -> domain::value::CartId {
    domain::value::CartId(Uuid::from_u128(number))
}

#[test]
fn a_checkout_over_several_shards_completes() {
    let life = Life::begin(&Log::default());
    life.stock(&BASKET, PIECES);
    life.fill_cart(cart(1), &BASKET);
    life.begin_checkout(cart(1));
    assert!(matches!(
        life.end_of_checkout(cart(1)),
        Checkout::Completed { attempt: 1, .. }
    ));
    life.check_completed(cart(1), &BASKET, PIECES);
}

#[test]
fn a_refusal_frees_what_the_other_shards_hold() {
    let life = Life::begin(&Log::default());
    life.stock(&BASKET, PIECES);
    life.fill_cart(cart(1), &BASKET);
    life.receive("LAMP", -4);
    life.begin_checkout(cart(1));
    let Checkout::Refused { attempt: 1, failure } = life.end_of_checkout(cart(1)) else {
        panic!("there are not enough lamps");
    };
    assert_eq!(failure.why, "stock.insufficient");
    assert_eq!(failure.shortage.map(|shortage| shortage.available), Some(1));
    life.check_refused(cart(1), &BASKET);
}

#[test]
fn many_checkouts_share_what_there_is_and_no_more() {
    let life = Life::begin(&Log::default());
    life.stock(&BASKET, PIECES);
    for number in 1..=8 {
        life.fill_cart(cart(number), &[("LAMP", 1)]);
    }
    for number in 1..=8 {
        life.begin_checkout(cart(number));
    }
    let ends: Vec<_> = (1..=8).map(|number| life.end_of_checkout(cart(number))).collect();
    let completed = ends
        .iter()
        .filter(|end| matches!(end, Checkout::Completed { .. }))
        .count();
    assert_eq!(i64::try_from(completed), Ok(PIECES));
    assert_eq!((life.levels("LAMP").available(), life.levels("LAMP").reserved), (0, 0));
}

#[test]
fn a_cancelled_order_gives_its_stock_back() {
    let life = Life::begin(&Log::default());
    life.stock(&BASKET, PIECES);
    life.fill_cart(cart(1), &BASKET);
    life.begin_checkout(cart(1));
    life.end_of_checkout(cart(1));
    let cancel = order::Command::Cancel {
        why: String::new(),
        refund: false,
    };
    life.execute(vec![Command::Order(cart(1).order(), cancel)])
        .expect("it is cancelled");
    life.end_of_movements(cart(1));
    for (sku, _) in BASKET {
        assert_eq!(life.levels(sku).available(), PIECES, "{sku}");
    }
}

#[test]
fn what_was_shipped_is_not_on_the_shelf_any_more() {
    let life = Life::begin(&Log::default());
    life.stock(&BASKET, PIECES);
    life.fill_cart(cart(1), &BASKET);
    life.begin_checkout(cart(1));
    life.end_of_checkout(cart(1));
    let state = life.state(&domain::stream::StreamId::Order(cart(1).order()));
    let placed = order::Order::of(&state)
        .and_then(order::Order::placed)
        .expect("it is placed");
    let all = placed.lines.iter().map(|line| order::LineQuantity {
        line: line.line,
        quantity: line.quantity,
    });
    let fulfilment = Uuid::from_u128(1);
    let fulfil = order::Command::Fulfil {
        fulfilment,
        lines: all.collect(),
        carrier: String::new(),
        tracking_number: String::new(),
        tracking_url: String::new(),
    };
    let ship = order::Command::MarkShipped { fulfilment };
    let commands = [fulfil, ship].map(|command| Command::Order(cart(1).order(), command));
    life.execute(commands.to_vec()).expect("it is shipped");
    life.end_of_movements(cart(1));
    for (sku, quantity) in BASKET {
        let levels = life.levels(sku);
        assert_eq!((levels.on_hand, levels.allocated), (PIECES - quantity, 0), "{sku}");
    }
}

#[test]
fn a_checkout_whose_time_is_up_is_undone_and_frees_what_it_holds() {
    let log = Log::default();
    let life = Life::begin(&log);
    life.stock(&BASKET, PIECES);
    life.hold_for(1);
    life.fill_cart(cart(1), &BASKET);
    // Nobody sends: the checkout waits in the log until its owner sees that its time is up.
    life.stop_processes();
    life.begin_checkout(cart(1));
    life.wait_until(cart(1), |state| {
        matches!(Checkout::of(state), Some(Checkout::Undoing(..)))
    });
    drop(life);
    let life = Life::begin(&log);
    let Checkout::Refused { failure, .. } = life.end_of_checkout(cart(1)) else {
        panic!("its time is up");
    };
    assert_eq!(
        (failure.step.as_str(), failure.why.as_str()),
        ("deadline", "checkout.timed_out")
    );
    life.check_refused(cart(1), &BASKET);
}

/// What is on the shelves when the checkout begins, and whether that is enough.
#[derive(Clone, Copy)]
struct Shelves {
    lamps_taken: i64,
    is_enough: bool,
}

/// Dies after every record of the log in turn: the next life finds what was begun and ends it.
fn die_at_every_step(shelves: Shelves) {
    let mut records = 0;
    loop {
        let log = Log::default();
        let life = Life::begin(&log);
        life.stock(&BASKET, PIECES);
        life.fill_cart(cart(1), &BASKET);
        life.receive("LAMP", -shelves.lamps_taken);
        log.die_after(records);
        let has_begun = life.try_begin_checkout(cart(1));
        let is_over = has_begun && life.ends_before_death(cart(1), &log);
        drop(life);

        log.revive();
        let life = Life::begin(&log);
        if matches!(life.checkout(cart(1)), Checkout::NotStarted) {
            assert!(!has_begun, "what was acknowledged is there");
            life.begin_checkout(cart(1));
        }
        match life.end_of_checkout(cart(1)) {
            Checkout::Completed { .. } if shelves.is_enough => life.check_completed(cart(1), &BASKET, PIECES),
            Checkout::Refused { .. } if !shelves.is_enough => life.check_refused(cart(1), &BASKET),
            other => panic!("after {records} records: {other:?}"),
        }
        if is_over {
            break;
        }
        records += 1;
    }
    assert!(records > STEPS_MIN, "a checkout is more than {records} records");
}

#[test]
fn a_checkout_that_dies_at_any_step_is_completed_by_the_next_life() {
    die_at_every_step(Shelves {
        lamps_taken: 0,
        is_enough: true,
    });
}

#[test]
fn a_checkout_that_dies_at_any_step_is_undone_by_the_next_life() {
    die_at_every_step(Shelves {
        lamps_taken: PIECES - 1,
        is_enough: false,
    });
}

/// A cart that is changed while its checkout runs is not ordered as it was.
#[test]
fn a_cart_changed_meanwhile_is_not_ordered_as_it_was() {
    let log = Log::default();
    let life = Life::begin(&log);
    life.stock(&BASKET, PIECES);
    life.stop_processes();
    life.fill_cart(cart(1), &BASKET);
    life.begin_checkout(cart(1));
    let clear = Command::Cart(cart(1), cart::Command::Clear);
    life.execute(vec![clear]).expect("it is changed");
    drop(life);
    let life = Life::begin(&log);
    let Checkout::Refused { failure, .. } = life.end_of_checkout(cart(1)) else {
        panic!("what it froze is gone");
    };
    assert_eq!(
        (failure.step.as_str(), failure.why.as_str()),
        ("place", "order.cart_changed")
    );
    life.check_refused(cart(1), &BASKET);
    let complete = checkout::Command::Complete { attempt: 1 };
    let refused = life.execute(vec![Command::Checkout(cart(1).checkout(), complete)]);
    assert_eq!(refused.map_err(|error| error.code()), Err("checkout.not_ready"));
}
