use event_log::Kind;

use super::bench::*;
use crate::error::CommandError;
use crate::limits::{
    BARRIER_BURST, BARRIERS_PER_SECOND, HOT_STREAMS_MAX, QUEUE_REQUESTS_MAX, UNWRITTEN_COMMITS_MAX, WINDOW_COMMITS_MAX,
};
use crate::shard::{Input, Question};

#[test]
fn beyond_window_and_queue_nothing_is_taken() {
    let mut bench = Bench::serving();
    let room = WINDOW_COMMITS_MAX + QUEUE_REQUESTS_MAX;
    for number in 0..room {
        bench.ask(receiving(number as u128, "A"));
    }
    assert_eq!(bench.sent.len(), WINDOW_COMMITS_MAX);
    let one_too_many = bench.ask(receiving(room as u128, "A"));
    assert_eq!(*bench.refused(one_too_many), CommandError::Busy);

    bench.deliver_all();
    assert_eq!(bench.sent.len(), WINDOW_COMMITS_MAX, "the queue moves up");
    while !bench.sent.is_empty() {
        bench.deliver_all();
    }
    assert_eq!(bench.answers.len(), room + 1);
    assert!(bench.machine.is_idle());
}

#[test]
fn decisions_wait_for_state_db_when_it_is_far_behind() {
    let mut bench = Bench::serving();
    for number in 0..UNWRITTEN_COMMITS_MAX {
        bench.ask(receiving(u128::from(number), "A"));
        bench.deliver_all();
    }
    let waits = bench.ask(receiving(u128::MAX, "A"));
    assert!(bench.sent.is_empty());
    bench.written = 1;
    bench.tick_after(1);
    bench.deliver_all();
    bench.done(waits);
}

#[test]
fn a_deadline_passes_in_the_queue_in_flight_and_while_confirming() {
    let mut bench = Bench::serving_with_barriers();
    let too_late = bench.ask_until(receiving(1, "A"), 0);
    assert_eq!(*bench.refused(too_late), CommandError::DeadlinePassed);

    let in_flight = bench.ask_until(receiving(2, "A"), 50);
    let confirming = bench.ask_until(refusable(3, "A"), 50);
    bench.tick_after(50);
    assert_eq!(*bench.refused(in_flight), CommandError::OutcomeUnknown);
    assert_eq!(*bench.refused(confirming), CommandError::DeadlinePassed);

    bench.deliver_all();
    let seen = bench.ask(Question::State(item("A")));
    bench.deliver_all();
    assert_eq!(bench.on_hand(seen), 100, "what was in flight went on");
}

#[test]
fn what_the_log_does_not_take_was_never_decided() {
    let mut bench = Bench::serving();
    let first = bench.ask(keyed(1, "A"));
    let second = bench.ask(keyed(2, "A"));
    bench.sent.truncate(1);
    let error = CommandError::Busy;
    bench.feed(Input::NotTaken { from_seq: 2, error });
    assert_eq!(*bench.refused(second), CommandError::Busy);
    let again = bench.ask(keyed(2, "A"));
    assert_eq!(
        bench.sent.iter().map(|sent| sent.envelope.seq).collect::<Vec<_>>(),
        [1, 2]
    );
    bench.deliver_all();
    assert_eq!((bench.done(first).version, bench.done(again).version), (1, 2));
}

#[test]
fn refusals_share_a_barrier_and_barriers_are_few() {
    let mut bench = Bench::serving_with_barriers();
    let mut barriers = 0;
    for number in 0..2 * BARRIER_BURST {
        bench.ask(refusable(u128::from(number), "A"));
        barriers += bench
            .sent
            .iter()
            .filter(|sent| sent.envelope.kind == Kind::Barrier)
            .count() as u64;
        bench.deliver_all();
    }
    assert_eq!((barriers, bench.answers.len() as u64), (BARRIER_BURST, BARRIER_BURST));

    bench.tick_after(1_000 / BARRIERS_PER_SECOND);
    assert_eq!(bench.sent.len(), 1, "one for all that wait");
    bench.deliver_all();
    assert_eq!(bench.answers.len() as u64, 2 * BARRIER_BURST);
}

#[test]
fn a_state_that_left_memory_is_loaded_again() {
    let mut bench = Bench::serving();
    bench.ask(receiving(1, "A"));
    bench.deliver_all();
    for number in 0..HOT_STREAMS_MAX {
        bench.ask(Question::State(item(&format!("S{number}"))));
    }
    assert!(bench.machine.committed(&item("A")).is_some(), "it is not written yet");

    let kept = bench.machine.committed(&item("A")).cloned();
    bench.stored.insert(item("A"), kept.expect("it is in memory"));
    bench.written = 1;
    for number in 0..2 * HOT_STREAMS_MAX {
        bench.ask(Question::State(item(&format!("T{number}"))));
    }
    assert!(bench.machine.committed(&item("A")).is_none());
    let seen = bench.ask(Question::State(item("A")));
    assert_eq!(bench.on_hand(seen), 100);
}
