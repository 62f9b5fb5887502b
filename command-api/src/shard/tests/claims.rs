use event_log::{Delivery, Kind};
use uuid::Uuid;

use super::bench::*;
use crate::error::CommandError;
use crate::limits::CLAIM_MS_MAX;
use crate::shard::{Decoded, Input, Standing};

#[test]
fn the_first_claim_names_the_log_and_later_ones_repeat_it() {
    let mut bench = Bench::following();
    bench.claim();
    let first = bench.sent[0].envelope.clone();
    let named = first.claimed.as_ref().map(|claimed| (claimed.log, claimed.partitions));
    assert_eq!(
        (first.kind, first.term, named),
        (Kind::Claim, 1, Some((Uuid::from_u128(77), 1)))
    );

    let mut bench = Bench::following();
    bench.read(foreign_claim(0, 1, 9, 1), Decoded::Skipped);
    let (claim, log) = (CLAIM, Uuid::from_u128(5));
    bench.feed(Input::ClaimWanted { claim, log });
    let second = bench.sent[0].envelope.clone();
    assert_eq!(second.claimed.map(|claimed| claimed.log), Some(Uuid::from_u128(77)));
    assert_eq!(second.term, 2);
}

#[test]
fn a_claim_that_lies_further_on_is_read_up_to() {
    let mut bench = Bench::following();
    bench.claim();
    bench.deliver_at(CLAIM, 0, 1);
    assert_eq!(
        (bench.machine.serves(), bench.read_backs.as_slice()),
        (None, [0].as_slice())
    );
    bench.read(foreign_claim(0, 1, 9, 1), Decoded::Skipped);
    assert_eq!(bench.standings, [Standing::Following], "the other one came first");
    assert!(bench.machine.is_following());
}

#[test]
fn a_claim_that_is_never_seen_is_given_up() {
    let mut bench = Bench::following();
    bench.claim();
    bench.deliver(CLAIM, 0, Delivery::Unknown("timed out".to_owned()));
    bench.tick_after(CLAIM_MS_MAX);
    assert!(bench.machine.is_following());
    bench.deliver_at(CLAIM, 0, 0);
    assert_eq!(bench.machine.serves(), None, "it is never used again");
}

#[test]
fn whoever_reads_a_foreign_claim_steps_down_and_knows_what_did_not_happen() {
    let mut bench = Bench::serving();
    let in_flight = bench.ask(receiving(1, "A"));
    bench.read(foreign_claim(1, 2, 9, 1), Decoded::Skipped);
    assert_eq!(*bench.refused(in_flight), CommandError::NotExecuted);
    assert_eq!(bench.standings.last(), Some(&Standing::Following));
}

#[test]
fn another_number_of_partitions_halts_the_shard() {
    let mut bench = Bench::following();
    bench.read(foreign_claim(0, 1, 9, 16), Decoded::Skipped);
    assert!(bench.machine.halted().is_some_and(|why| why.contains("16 partitions")));
    let asked = bench.ask(receiving(1, "A"));
    assert_eq!(bench.refused(asked).code(), "shard.halted");
}

#[test]
fn a_stopping_machine_ends_what_it_began_and_begins_nothing() {
    let mut bench = Bench::serving();
    let begun = bench.ask(receiving(1, "A"));
    bench.feed(Input::Stop);
    let late = bench.ask(receiving(2, "A"));
    assert_eq!(bench.refused(late).code(), "shard.moving");
    assert!(!bench.machine.is_idle());
    bench.deliver_all();
    assert_eq!(bench.done(begun).version, 1);
    assert!(bench.machine.is_idle());
}
