use std::sync::Arc;

use domain::State;
use domain::sales::PaymentMethod;
use domain::sales::checkout::{Checkout, Demand, DemandGroup, Event};
use domain::stream::{Location, Shard, Topic};
use domain::value::{CheckoutId, ReservationId, Timestamp};
use uuid::Uuid;

use super::*;

fn stream(number: u128) -> StreamId {
    StreamId::Checkout(CheckoutId(Uuid::from_u128(number)))
}

/// A checkout that asks so many shards, after these events.
fn process(number: u128, shards: u32, events: &[Event]) -> Process {
    let group = |partition| DemandGroup {
        partition,
        demands: vec![Demand {
            sku: format!("SKU-{partition}").parse().expect("a SKU"),
            location: Location::default(),
            quantity: 1,
        }],
    };
    let mut checkout = Checkout::default();
    checkout.evolve(&Event::CheckoutStarted {
        attempt: 1,
        reservation: ReservationId(Uuid::from_u128(number + 1_000)),
        groups: (0..shards).map(group).collect(),
        payment: PaymentMethod::Invoice,
        deadline: Timestamp(0),
    });
    for event in events {
        checkout.evolve(event);
    }
    Process {
        shard: Shard {
            topic: Topic::Sales,
            partition: 0,
        },
        stream: stream(number),
        state: Arc::new(State::Checkout(checkout)),
        version: 1 + events.len() as u64,
    }
}

fn held(partition: u32) -> Event {
    Event::StockHeld { partition }
}

fn sent(outstanding: &Outstanding, verdict: Verdict) -> Sent {
    Sent {
        stream: outstanding.process(),
        id: outstanding.id,
        verdict,
    }
}

const ROOM: usize = 100;

#[test]
fn what_a_process_has_to_send_is_due_at_once_and_then_under_way() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.learn(&process(1, 3, &[]), now);
    assert_eq!(outbox.take_due(now, ROOM).len(), 3);
    assert!(outbox.take_due(now, ROOM).is_empty());
}

#[test]
fn what_goes_on_keeps_its_time_and_what_is_answered_leaves() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.learn(&process(1, 2, &[]), now);
    outbox.take_due(now, ROOM);
    outbox.learn(&process(1, 2, &[held(0)]), now);
    assert!(
        outbox.take_due(now, ROOM).is_empty(),
        "the other shard is asked already"
    );
    outbox.learn(&process(1, 2, &[held(0), held(1)]), now);
    assert_eq!(outbox.take_due(now, ROOM).len(), 2, "both are to promise");
}

#[test]
fn an_older_state_changes_nothing() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.learn(&process(1, 1, &[held(0)]), now);
    let allocate = outbox.take_due(now, ROOM);
    outbox.learn(&process(1, 1, &[]), now);
    assert!(outbox.take_due(now + NOTICE, ROOM).is_empty());
    assert_eq!(outbox.take_due(now + UNDER_WAY_MAX, ROOM), allocate);
}

#[test]
fn a_process_that_is_done_has_nothing_to_send() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.learn(&process(1, 0, &[]), now);
    outbox.learn(&process(1, 0, &[Event::CheckoutCompleted {}]), now);
    assert_eq!(outbox.next_due(), None);
    assert!(outbox.processes.is_empty() && outbox.agenda.is_empty());
}

#[test]
fn without_an_answer_it_is_sent_again_each_time_later() {
    let (mut outbox, mut now) = (Outbox::default(), Instant::now());
    outbox.learn(&process(1, 1, &[]), now);
    let mut waits = Vec::new();
    for _ in 0..12 {
        let outstanding = outbox.take_due(now, ROOM).remove(0);
        outbox.settle(&sent(&outstanding, Verdict::Again), now);
        let due = outbox.next_due().expect("it is sent again");
        waits.push(due - now);
        now = due;
    }
    assert_eq!(waits[..3], [50, 100, 200].map(Duration::from_millis));
    assert_eq!(waits[11], Duration::from_millis(REPEAT_MS_MAX));
    assert_eq!(repeat_after(u32::MAX), Duration::from_millis(REPEAT_MS_MAX));
}

#[test]
fn an_answer_that_the_process_does_not_notice_is_asked_for_again() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.learn(&process(1, 1, &[]), now);
    let outstanding = outbox.take_due(now, ROOM).remove(0);
    outbox.settle(&sent(&outstanding, Verdict::Recorded), now);
    assert_eq!(outbox.next_due(), Some(now + NOTICE));
}

#[test]
fn a_sending_that_never_comes_back_is_repeated() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.learn(&process(1, 1, &[]), now);
    outbox.take_due(now, ROOM);
    assert_eq!(outbox.next_due(), Some(now + UNDER_WAY_MAX));
}

#[test]
fn no_more_is_taken_than_there_is_room_and_the_rest_stays_due() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.learn(&process(1, 3, &[]), now);
    assert_eq!(outbox.take_due(now, 2).len(), 2);
    assert_eq!(outbox.take_due(now, 2).len(), 1);
}

#[test]
fn processes_that_are_served_elsewhere_are_left_to_others() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.learn(&process(1, 1, &[]), now);
    outbox.learn(&process(2, 1, &[]), now);
    let late = outbox.take_due(now, ROOM).remove(0);
    outbox.replace(&[process(2, 1, &[]), process(3, 1, &[])], now);
    outbox.settle(&sent(&late, Verdict::Again), now);
    let streams: Vec<&StreamId> = outbox.processes.keys().collect();
    assert_eq!(streams, [&stream(2), &stream(3)]);
    assert_eq!(
        outbox.take_due(now, ROOM).len(),
        1,
        "the second is under way, the third is new"
    );
}
