//! The machine that serves keeps every promise.

use command_api::shard::Mutant;

use crate::script::Operation::{self, Confirm, Read, Receive, ReceiveAgain, ReceiveTwoUnderTheSameKey, Take};
use crate::search::{Order, search};
use crate::witness::Witness;
use crate::world::Scenario;

/// Searches a scenario to its end.
#[track_caller]
fn keeps_every_promise(operations: &'static [Operation], claims: usize, faults: usize, expected: &[Witness]) {
    let scenario = Scenario {
        operations,
        claims,
        faults,
        mutant: Mutant::None,
    };
    let report = search(scenario, Order::FarthestFirst);
    #[expect(
        clippy::print_stdout,
        reason = "whoever runs the check wants to know how much was looked at"
    )]
    {
        println!("{operations:?}, {claims} claims, {faults} faults: {report}");
    }
    if let Some(counterexample) = report.broken {
        panic!("{}\n{}", counterexample.broken, counterexample.story);
    }
    for witness in expected {
        assert!(report.seen.contains(witness), "{witness:?} never came about");
    }
}

#[test]
fn two_commits_in_flight_and_a_repeat_survive_a_fault() {
    let expected = [
        Witness::AllDone,
        Witness::TakenOver,
        Witness::WindowOfTwo,
        Witness::UnknownAndDone,
        Witness::NotExecuted,
        Witness::ReadBack,
        Witness::Replayed,
        Witness::StillRunning,
        Witness::Refused,
        Witness::Barrier,
        Witness::LostClaim,
        Witness::OldTerm,
        Witness::Repeat,
        Witness::Gap,
    ];
    keeps_every_promise(&[Receive, ReceiveAgain, Take], 2, 1, &expected);
}

#[test]
fn a_repeat_under_its_key_survives_two_faults() {
    let expected = [
        Witness::AllDone,
        Witness::Replayed,
        Witness::UnknownAndDone,
        Witness::ReadBack,
    ];
    keeps_every_promise(&[Receive, ReceiveAgain], 2, 2, &expected);
}

#[test]
fn another_request_under_the_same_key_is_refused_only_when_the_key_was_used() {
    let expected = [Witness::KeyReused, Witness::Barrier, Witness::NotExecuted];
    keeps_every_promise(&[Receive, ReceiveTwoUnderTheSameKey], 2, 1, &expected);
}

#[test]
fn a_state_is_never_read_from_the_past() {
    let expected = [
        Witness::StateRead,
        Witness::Barrier,
        Witness::OldTerm,
        Witness::NotExecuted,
    ];
    keeps_every_promise(&[Receive, Read], 2, 1, &expected);
}

#[test]
fn success_without_events_is_never_told_from_the_past() {
    keeps_every_promise(&[Receive, Confirm], 2, 0, &[Witness::AllDone, Witness::Barrier]);
}

#[test]
fn the_shard_changes_hands_twice() {
    let expected = [
        Witness::AllDone,
        Witness::TakenOver,
        Witness::LostClaim,
        Witness::Refused,
    ];
    keeps_every_promise(&[Receive, Take], 3, 0, &expected);
}

#[test]
fn the_shard_changes_hands_twice_with_a_fault() {
    let expected = [Witness::AllDone, Witness::LostClaim, Witness::UnknownAndDone];
    keeps_every_promise(&[Receive], 3, 1, &expected);
}
