use super::bench::*;
use crate::shard::{Decoded, Question, Versioned};

#[test]
fn what_others_wrote_is_folded_on_what_state_db_holds() {
    let mut bench = Bench::following();
    let stored = {
        let mut other = Bench::serving();
        other.ask(receiving(1, "A"));
        other.deliver_all();
        other.machine.committed(&item("A")).cloned().expect("it is there")
    };
    bench.stored.insert(item("A"), stored);
    bench.read(foreign_claim(0, 1, 9, 1), Decoded::Skipped);
    let (record, events) = foreign_receipt(1, (1, 1), "A", 2, 200);
    bench.read(record, events);
    let known = bench.machine.committed(&item("A")).expect("it is in memory");
    assert_eq!((known.version, on_hand(known)), (2, 200));
    assert_eq!(bench.committed.last().map(|committed| committed.changed.len()), Some(1));
}

#[test]
fn a_version_that_does_not_follow_halts_the_shard() {
    let mut bench = Bench::following();
    bench.read(foreign_claim(0, 1, 9, 1), Decoded::Skipped);
    let (record, events) = foreign_receipt(1, (1, 1), "A", 5, 200);
    bench.read(record, events);
    assert!(bench.machine.halted().is_some_and(|why| why.contains("says 5")));
}

#[test]
fn events_that_are_needed_and_missing_are_asked_for() {
    let mut bench = Bench::following();
    bench.read(foreign_claim(0, 1, 9, 1), Decoded::Skipped);
    let (record, events) = foreign_receipt(1, (1, 1), "A", 1, 100);
    bench.read(record.clone(), Decoded::Skipped);
    assert_eq!(bench.read_backs, [1]);
    bench.read(record, events);
    assert_eq!(bench.machine.fold().seq, 1);
}

#[test]
fn an_event_that_cannot_be_read_parks_its_stream_and_nothing_else() {
    let mut bench = Bench::following();
    bench.read(foreign_claim(0, 1, 9, 1), Decoded::Skipped);
    let (record, _) = foreign_receipt(1, (1, 1), "A", 1, 100);
    bench.read(record, Decoded::Undecodable("a schema of the future".to_owned()));
    let (record, events) = foreign_receipt(2, (1, 2), "B", 1, 100);
    bench.read(record, events);
    let (record, events) = foreign_receipt(3, (1, 3), "A", 2, 200);
    bench.read(record, events);
    let parked = Versioned {
        version: 2,
        state: None,
    };
    assert_eq!(
        bench.machine.committed(&item("A")),
        Some(&parked),
        "what comes later waits behind it"
    );

    bench.claim();
    bench.deliver_at(CLAIM, 0, 4);
    let on_parked = bench.ask(receiving(1, "A"));
    assert_eq!(bench.refused(on_parked).code(), "stream.parked");
    let on_other = bench.ask(receiving(2, "B"));
    let seen = bench.ask(Question::State(item("B")));
    bench.sent.drain(..1);
    bench.deliver_all();
    assert_eq!((bench.done(on_other).version, bench.on_hand(seen)), (2, 200));
}

#[test]
fn a_record_is_folded_once() {
    let mut bench = Bench::serving();
    bench.ask(receiving(1, "A"));
    bench.deliver_all();
    let (record, events) = foreign_receipt(1, (1, 1), "A", 1, 100);
    bench.read(record, events);
    assert_eq!((bench.machine.fold().offset, bench.machine.serves()), (1, Some(CLAIM)));
}
