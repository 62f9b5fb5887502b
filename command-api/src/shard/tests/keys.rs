use domain::value::Timestamp;

use super::bench::*;
use crate::error::CommandError;
use crate::limits::KEY_WINDOW_MS;
use crate::request::Outcome;

#[test]
fn a_repeat_in_flight_is_still_running_and_afterwards_gets_the_answer() {
    let mut bench = Bench::serving();
    let first = bench.ask(keyed(1, "A"));
    let early = bench.ask(keyed(1, "A"));
    assert_eq!(*bench.refused(early), CommandError::StillRunning);
    bench.deliver_all();
    let late = bench.ask(keyed(1, "A"));
    let expected = Outcome {
        replayed: true,
        ..bench.done(first).clone()
    };
    assert_eq!(*bench.done(late), expected);
    assert!(bench.sent.is_empty());
}

#[test]
fn another_request_under_a_key_in_flight_is_refused_once_the_key_is_used() {
    let mut bench = Bench::serving();
    bench.ask(keyed(1, "A"));
    let other = bench.ask(otherwise(keyed(1, "B")));
    assert!(!bench.answers.contains_key(&other));
    bench.deliver_all();
    assert_eq!(*bench.refused(other), CommandError::KeyReused);
}

#[test]
fn another_request_under_a_key_that_was_lost_is_not_executed() {
    let mut bench = Bench::serving();
    bench.ask(keyed(1, "A"));
    let other = bench.ask(otherwise(keyed(1, "B")));
    bench.deliver(CLAIM, 1, event_log::Delivery::Refused("the disk is full".to_owned()));
    assert_eq!(*bench.refused(other), CommandError::NotExecuted);
}

#[test]
fn an_answer_that_only_state_db_knows_is_given_again() {
    let mut bench = Bench::serving();
    let first = bench.ask(keyed(1, "A"));
    bench.deliver_all();
    let kept = bench.committed.last().and_then(|committed| committed.kept.clone());
    let kept = kept.expect("the answer is kept");
    bench.stored_answers.insert(kept.command, kept);
    bench.written = 1;
    let again = bench.ask(keyed(1, "A"));
    assert!(bench.done(again).replayed);
    assert_eq!(bench.done(again).seq, bench.done(first).seq);
    let other = bench.ask(otherwise(keyed(1, "A")));
    assert_eq!(*bench.refused(other), CommandError::KeyReused);
}

#[test]
fn a_key_without_a_date_is_new_again_after_its_window() {
    let mut bench = Bench::serving();
    bench.ask(keyed(1, "A"));
    bench.deliver_all();
    let_the_log_pass(&mut bench, KEY_WINDOW_MS + 1);
    let again = bench.ask(keyed(1, "A"));
    bench.deliver_all();
    assert!(!bench.done(again).replayed);
}

#[test]
fn a_key_with_a_date_is_refused_after_its_window() {
    let mut bench = Bench::serving();
    let drawn = bench.now;
    bench.ask(keyed_at(1, "A", Some(drawn)));
    bench.deliver_all();
    let_the_log_pass(&mut bench, KEY_WINDOW_MS + 1);
    let again = bench.ask(keyed_at(1, "A", Some(drawn)));
    assert_eq!(*bench.refused(again), CommandError::KeyExpired);
}

#[test]
fn a_known_answer_is_given_even_when_its_key_is_older_than_the_window() {
    let mut bench = Bench::serving();
    let drawn = bench.now;
    let_the_log_pass(&mut bench, KEY_WINDOW_MS - HOUR_MS);
    bench.ask(keyed_at(1, "A", Some(drawn)));
    bench.deliver_all();
    let_the_log_pass(&mut bench, 2 * HOUR_MS);
    let again = bench.ask(keyed_at(1, "A", Some(drawn)));
    assert!(bench.done(again).replayed);
}

#[test]
fn the_window_follows_the_log_and_no_local_clock() {
    let mut bench = Bench::serving();
    let drawn = bench.now;
    bench.ask(keyed_at(1, "A", Some(drawn)));
    bench.deliver_all();
    bench.now = Timestamp(bench.now.0 + 10 * KEY_WINDOW_MS);
    let again = bench.ask(keyed_at(1, "A", Some(drawn)));
    assert!(bench.done(again).replayed);
}

#[test]
fn a_success_without_events_writes_a_commit_only_under_a_key() {
    let mut bench = Bench::serving();
    let nothing = || domain::inventory::item::Command::SetThreshold { threshold: None };
    let command = || domain::Command::StockItem(sku("A"), Default::default(), nothing());
    let unkeyed = bench.ask(super::super::Question::Do(Box::new(intent(1, vec![command()]))));
    assert_eq!((bench.done(unkeyed).seq, bench.sent.len()), (0, 0));

    let keyed = super::super::Intent {
        keyed: Some(crate::request::Key { drawn_at: None }),
        ..intent(2, vec![command()])
    };
    let keyed = bench.ask(super::super::Question::Do(Box::new(keyed)));
    let touched = bench.sent[0].envelope.streams.clone();
    assert_eq!((touched.len(), touched[0].version, touched[0].events), (1, 0, 0));
    bench.deliver_all();
    assert_eq!((bench.done(keyed).seq, bench.done(keyed).streams.len()), (1, 0));
}

/// The same key, another request.
fn otherwise(question: super::super::Question) -> super::super::Question {
    match question {
        super::super::Question::Do(mut intent) => {
            intent.request_hash = [8; 32];
            super::super::Question::Do(intent)
        }
        state => state,
    }
}

/// A commit after so many milliseconds.
fn let_the_log_pass(bench: &mut Bench, milliseconds: i64) {
    bench.now = Timestamp(bench.now.0 + milliseconds);
    let id = u128::try_from(bench.now.0).expect("it is past 1970");
    bench.ask(receiving(id, "CLOCK"));
    bench.deliver_all();
}
