use event_log::{Delivery, Kind};

use super::bench::*;
use crate::error::CommandError;
use crate::limits::{DELIVERY_MS_MAX, READ_BACK_MS_MAX};
use crate::shard::{Intent, Question, Standing};

#[test]
fn acknowledgements_are_believed_in_order() {
    let mut bench = Bench::serving();
    let first = bench.ask(receiving(1, "A"));
    let second = bench.ask(receiving(2, "A"));
    bench.deliver_at(CLAIM, 2, 2);
    assert!(bench.answers.is_empty());
    bench.deliver_at(CLAIM, 1, 1);
    assert_eq!((bench.done(first).version, bench.done(second).version), (1, 2));
}

#[test]
fn a_refusal_waits_for_what_it_rests_on() {
    let mut bench = Bench::serving();
    bench.ask(receiving(1, "A"));
    let stale = Intent {
        expected_version: Some(0),
        ..intent(2, vec![receive("A", 100)])
    };
    let refused = bench.ask(Question::Do(Box::new(stale)));
    assert!(bench.answers.is_empty());
    bench.deliver_all();
    assert_eq!(*bench.refused(refused), CommandError::VersionMismatch { current: 1 });
}

#[test]
fn an_own_commit_that_is_sent_later_serves_as_a_barrier() {
    let mut bench = Bench::serving_with_barriers();
    let first = bench.ask(refusable(1, "A"));
    bench.ask(refusable(2, "A"));
    bench.ask(receiving(3, "A"));
    let kinds: Vec<Kind> = bench.sent.iter().map(|sent| sent.envelope.kind).collect();
    assert_eq!(kinds, [Kind::Barrier, Kind::Commit]);
    bench.deliver_at(CLAIM, 1, 1);
    assert_eq!(bench.answers.keys().copied().collect::<Vec<_>>(), [first]);
    bench.deliver_at(CLAIM, 2, 2);
    assert_eq!(bench.answers.len(), 3);
}

#[test]
fn who_is_told_at_once_that_it_lost_the_shard_answers_nothing_from_the_past() {
    let mut bench = Bench::serving();
    bench.owned = Some(false);
    let read = bench.ask(Question::State(item("A")));
    assert_eq!(*bench.refused(read), CommandError::NotExecuted);
    assert_eq!(bench.standings.last(), Some(&Standing::Following));
}

#[test]
fn a_refused_append_is_known_not_to_have_happened_nor_any_later_one() {
    let mut bench = Bench::serving();
    let first = bench.ask(receiving(1, "A"));
    let second = bench.ask(receiving(2, "A"));
    bench.deliver(CLAIM, 1, Delivery::Refused("the disk is full".to_owned()));
    for ticket in [first, second] {
        assert_eq!(*bench.refused(ticket), CommandError::NotExecuted);
    }
    assert_eq!(bench.machine.serves(), None);
    let later = bench.ask(receiving(3, "A"));
    assert_eq!(bench.refused(later).code(), "shard.moving");
}

#[test]
fn an_unknown_outcome_is_read_back_and_found() {
    let mut bench = Bench::serving();
    let first = bench.ask(receiving(1, "A"));
    let sent = bench.sent.clone();
    bench.deliver(CLAIM, 1, Delivery::Unknown("timed out".to_owned()));
    assert_eq!(bench.read_backs, [1]);
    let waits = bench.ask(receiving(2, "A"));
    assert_eq!(bench.sent.len(), sent.len(), "nothing is sent meanwhile");

    let found = event_log::Record {
        shard: SHARD,
        offset: 1,
        at: bench.now,
        envelope: sent[0].envelope.clone(),
        payload: bytes::Bytes::new(),
    };
    assert!(!bench.machine.needs_events(&found.envelope), "its state is here");
    bench.read(found, crate::shard::Decoded::Skipped);
    assert_eq!(bench.done(first).version, 1);
    bench.sent.drain(..1);
    bench.deliver_all();
    assert_eq!(bench.done(waits).version, 2);
}

#[test]
fn an_unknown_outcome_that_is_not_found_ends_the_term() {
    let mut bench = Bench::serving();
    let first = bench.ask(receiving(1, "A"));
    bench.tick_after(DELIVERY_MS_MAX);
    assert!(bench.answers.is_empty(), "it is read back first");
    bench.tick_after(READ_BACK_MS_MAX);
    assert_eq!(*bench.refused(first), CommandError::OutcomeUnknown);
    assert_eq!(bench.machine.serves(), None);
}

#[test]
fn one_refusal_in_a_list_refuses_all() {
    let mut bench = Bench::serving();
    let commands = vec![receive("A", 100), receive("B", 0)];
    let refused = bench.ask(Question::Do(Box::new(intent(1, commands))));
    assert_eq!(bench.refused(refused).code(), "stock.quantity_invalid");
    let both = bench.ask(Question::Do(Box::new(intent(
        2,
        vec![receive("A", 100), receive("B", 100)],
    ))));
    bench.deliver_all();
    assert_eq!(bench.done(both).streams, [(item("A"), 1), (item("B"), 1)]);
}
