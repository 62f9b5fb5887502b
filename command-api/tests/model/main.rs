//! The model check: the very machine that serves, driven through every order of events that two owners, a few
//! requests and a log without fencing allow. The log delays, duplicates and reorders records, loses
//! acknowledgements and lands records late; processes restart; clocks jump; claims race.
//!
//! What must hold in every state is in [`truth`]: nothing acknowledged is lost, the accepted records are one
//! serial history, every answer was true at some moment between question and answer, and a repeat under a key
//! does nothing and gets the answer of the first. Each mutant of the machine breaks one rule, and must be found.

mod node;
mod truth;
mod world;

use std::time::{Duration, Instant};

use command_api::shard::Mutant;
use stateright::{Checker, HasDiscoveries, Model};

use world::{Asked, Faults, Scenario};

/// Longer than any of the scenarios takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// Two commits in flight at one owner, one of them repeated at the other, while acknowledgements are lost.
fn a_window_of_two() -> Scenario {
    Scenario {
        asked: vec![
            Asked::Receive { node: 0, key: 1 },
            Asked::Receive { node: 0, key: 2 },
            Asked::Receive { node: 1, key: 1 },
        ],
        faults: Faults {
            claims: [1, 1],
            overtakings: 1,
            lost_acknowledgements: 1,
            timeouts: 1,
            ..Faults::default()
        },
        mutant: Mutant::None,
    }
}

/// Records that land again, long after they landed first.
fn duplicates() -> Scenario {
    Scenario {
        asked: vec![
            Asked::Receive { node: 0, key: 1 },
            Asked::Receive { node: 0, key: 2 },
            Asked::TakeTheOnlyOne { node: 1 },
        ],
        faults: Faults {
            claims: [1, 1],
            duplicates: 1,
            ..Faults::default()
        },
        mutant: Mutant::None,
    }
}

/// An owner that does not know that it was deposed is asked for what is true now.
fn a_deposed_owner() -> Scenario {
    Scenario {
        asked: vec![
            Asked::Receive { node: 1, key: 1 },
            Asked::Look { node: 0 },
            Asked::TakeTheOnlyOne { node: 0 },
        ],
        faults: Faults {
            claims: [2, 1],
            lost_acknowledgements: 1,
            ..Faults::default()
        },
        mutant: Mutant::None,
    }
}

/// An owner loses its memory, or its patience, and owns the shard again.
fn restarts_and_patience() -> Scenario {
    Scenario {
        asked: vec![
            Asked::Receive { node: 0, key: 1 },
            Asked::Receive { node: 0, key: 2 },
            Asked::Look { node: 0 },
        ],
        faults: Faults {
            claims: [2, 0],
            overtakings: 1,
            lost_acknowledgements: 1,
            restarts: 1,
            timeouts: 1,
            ..Faults::default()
        },
        mutant: Mutant::None,
    }
}

fn scenarios() -> [Scenario; 4] {
    [restarts_and_patience(), a_deposed_owner(), duplicates(), a_window_of_two()]
}

#[track_caller]
fn holds_in_every_state(scenario: Scenario) {
    let begun = Instant::now();
    let checker = scenario.checker().threads(2).timeout(PATIENCE).spawn_dfs().join();
    checker.assert_properties();
    assert!(begun.elapsed() < PATIENCE, "every state was visited");
}

#[track_caller]
fn is_found(mutant: Mutant) {
    let found = scenarios().into_iter().any(|scenario| {
        let broken = Scenario { mutant, ..scenario };
        let builder = broken.checker().threads(2).timeout(PATIENCE);
        let checker = builder.finish_when(HasDiscoveries::AnyFailures).spawn_dfs().join();
        checker.discovery("nothing is wrong").is_some()
    });
    assert!(found, "{mutant:?} breaks a rule, and no scenario shows it");
}

#[test]
fn two_commits_in_flight_survive_lost_acknowledgements() {
    holds_in_every_state(a_window_of_two());
}

#[test]
fn duplicates_of_old_records_change_nothing() {
    holds_in_every_state(duplicates());
}

#[test]
fn a_deposed_owner_never_answers_from_the_past() {
    holds_in_every_state(a_deposed_owner());
}

#[test]
fn a_term_ends_with_its_process() {
    holds_in_every_state(restarts_and_patience());
}

#[test]
fn folding_void_records_is_found() {
    is_found(Mutant::VoidIgnored);
}

#[test]
fn trusting_any_acknowledgement_is_found() {
    is_found(Mutant::NoReadBack);
}

#[test]
fn resuming_an_old_term_is_found() {
    is_found(Mutant::OldTermResumed);
}

#[test]
fn acknowledging_out_of_order_is_found() {
    is_found(Mutant::AcknowledgedOutOfOrder);
}

#[test]
fn answering_without_a_barrier_is_found() {
    is_found(Mutant::NoBarrier);
}
