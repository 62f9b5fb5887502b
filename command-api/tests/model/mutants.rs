//! Each broken rule is noticed, with the shortest way to the harm that it does.

use command_api::shard::Mutant;

use crate::promises::Promise;
use crate::script::Operation::{self, Read, Receive, Take};
use crate::search::{Order, search};
use crate::world::Scenario;

/// Searches a scenario until the mutant does harm.
#[track_caller]
fn is_noticed(mutant: Mutant, operations: &'static [Operation], claims: usize, faults: usize, expected: Promise) {
    let scenario = Scenario {
        operations,
        claims,
        faults,
        mutant,
    };
    let report = search(scenario, Order::NearestFirst);
    let Some(counterexample) = report.broken else {
        panic!("{mutant:?} does no harm in {} worlds", report.worlds);
    };
    #[expect(clippy::print_stdout, reason = "the counterexample shows why the rule is needed")]
    {
        println!(
            "{mutant:?}, after {} worlds and {:.1?}, breaks {}\n{}",
            report.worlds, report.took, counterexample.broken, counterexample.story
        );
    }
    assert_eq!(counterexample.broken.promise, expected, "{}", counterexample.story);
}

#[test]
fn folding_void_records_forks_the_shard() {
    is_noticed(Mutant::VoidIgnored, &[Receive], 2, 0, Promise::NoFork);
}

#[test]
fn believing_an_acknowledgement_at_another_place_loses_commands() {
    is_noticed(Mutant::NoReadBack, &[Receive], 2, 0, Promise::AcknowledgedIsThere);
}

#[test]
fn resuming_an_old_term_loses_commands() {
    is_noticed(
        Mutant::OldTermResumed,
        &[Receive, Take],
        2,
        2,
        Promise::AcknowledgedIsThere,
    );
}

#[test]
fn acknowledging_out_of_order_loses_commands() {
    let window = &[Receive, Take];
    is_noticed(
        Mutant::AcknowledgedOutOfOrder,
        window,
        1,
        0,
        Promise::AcknowledgedIsThere,
    );
}

#[test]
fn answering_without_a_barrier_tells_what_is_no_longer_true() {
    is_noticed(Mutant::NoBarrier, &[Receive, Read], 2, 0, Promise::TrueWhenGiven);
}
