use domain::sales::PaymentMethod;
use domain::sales::checkout::{DemandGroup, Event};
use domain::value::ReservationId;
use uuid::Uuid;

use super::*;

fn started() -> Event {
    let group = |partition, sku: &str| DemandGroup {
        partition,
        demands: vec![Demand {
            sku: sku.parse().expect("a SKU"),
            location: Default::default(),
            quantity: 2,
        }],
    };
    Event::CheckoutStarted {
        attempt: 1,
        reservation: ReservationId(Uuid::nil()),
        groups: vec![group(3, "LAMP"), group(5, "DESK")],
        payment: PaymentMethod::Invoice,
        deadline: Timestamp(900_000),
    }
}

/// The name of the stage after these events, and the partitions that are waited for.
fn after(events: &[Event]) -> Option<(&'static str, Vec<u32>)> {
    let mut checkout = Checkout::default();
    for event in std::iter::once(&started()).chain(events) {
        checkout.evolve(event);
    }
    let stage = stage_of(&checkout)?;
    Some((
        stage.name,
        stage.waits_for.iter().map(|(partition, _)| *partition).collect(),
    ))
}

#[test]
fn a_checkout_waits_for_the_shards_that_have_not_answered_its_present_step() {
    assert_eq!(stage_of(&Checkout::default()), None);
    assert_eq!(after(&[]), Some(("holding", vec![3, 5])));
    let held = |partition| Event::StockHeld { partition };
    let allotted = |partition| Event::StockAllotted { partition };
    assert_eq!(after(&[held(3)]), Some(("holding", vec![5])));
    assert_eq!(after(&[held(3), held(5)]), Some(("allocating", vec![3, 5])));
    let promised = [held(3), held(5), allotted(3)];
    assert_eq!(after(&promised), Some(("allocating", vec![5])));
    let placing = [&promised[..], &[allotted(5)]].concat();
    assert_eq!(after(&placing), Some(("placing", vec![])));
    assert_eq!(after(&[&placing[..], &[Event::CheckoutCompleted {}]].concat()), None);
}

#[test]
fn one_that_failed_waits_until_every_shard_has_let_go_and_says_why_it_failed() {
    let freed = |partition| Event::StockFreed { partition };
    let timed_out = Event::CheckoutTimedOut {};
    assert_eq!(after(std::slice::from_ref(&timed_out)), Some(("releasing", vec![3, 5])));
    assert_eq!(after(&[timed_out.clone(), freed(5)]), Some(("releasing", vec![3])));
    assert_eq!(
        after(&[timed_out.clone(), freed(5), freed(3)]),
        Some(("reopening", vec![]))
    );
    let mut checkout = Checkout::default();
    checkout.evolve(&started());
    checkout.evolve(&timed_out);
    let failure = stage_of(&checkout).and_then(|stage| stage.failure);
    assert_eq!(failure.map(|failure| failure.why.as_str()), Some("checkout.timed_out"));
}

#[test]
fn a_checkout_is_overdue_from_its_deadline_on_until_it_has_ended() {
    let mut checkout = Checkout::default();
    assert!(!is_overdue(&checkout, Timestamp(i64::MAX)), "it never began");
    checkout.evolve(&started());
    assert!(!is_overdue(&checkout, Timestamp(899_999)));
    assert!(is_overdue(&checkout, Timestamp(900_000)));
    checkout.evolve(&Event::CheckoutTimedOut {});
    assert!(
        is_overdue(&checkout, Timestamp(900_000)),
        "it still lets go of what it holds"
    );
    for partition in [3, 5] {
        checkout.evolve(&Event::StockFreed { partition });
    }
    checkout.evolve(&Event::CheckoutCompensated {
        step: "deadline".to_owned(),
        why: "checkout.timed_out".to_owned(),
    });
    assert!(!is_overdue(&checkout, Timestamp(i64::MAX)));
}
