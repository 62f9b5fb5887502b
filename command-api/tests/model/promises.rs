//! What the shard promises, whatever happens.

use std::fmt;

use command_api::shard::Answer;
use command_api::{CommandError, Outcome};
use domain::Refusal;
use event_log::{Delivery, Kind};

use crate::log::{BEGINNING, Entry};
use crate::node::Node;
use crate::script::{Call, Operation, cause_of, item, shard};
use crate::world::{NODES, Notice, World};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// What was acknowledged has happened, as it was told.
    AcknowledgedIsThere,
    /// Every node believes what the log says, and nothing else.
    NoFork,
    /// What happened is a serial history of the pure domain.
    Serial,
    /// A refusal or a state was true at some moment between the question and the answer.
    TrueWhenGiven,
    /// A request happens once, however often it is repeated under its key.
    OneEffect,
    /// What was said not to be done stays undone.
    UndoneStaysUndone,
    /// On an intact log nobody halts.
    NobodyHalts,
    /// Once all is quiet nobody waits any more.
    NobodyWaitsForEver,
    /// What is heard of a claim that was given up changes nothing.
    DeafToThePast,
}

/// A broken promise.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) promise: Promise,
    why: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}", self.promise, self.why)
    }
}

type Judgement = Result<(), Broken>;

fn holds(is_kept: bool, promise: Promise, why: impl FnOnce() -> String) -> Judgement {
    if is_kept {
        return Ok(());
    }
    Err(Broken { promise, why: why() })
}

/// Whether a world that has just taken a step keeps every promise.
pub(crate) fn judge(before: &World, world: &World, notices: &[Notice]) -> Judgement {
    for notice in notices {
        match notice {
            Notice::Landed => judge_last_record(world)?,
            Notice::Told { call, since, answer } => judge_answer(world, *call, *since, answer)?,
            Notice::HungUp { node, sent } => {
                let offset = world.nodes[*node].machine.fold().next();
                let delivery = Delivery::At { offset, at: BEGINNING };
                let mut deaf = world.nodes[*node].clone();
                let effects = deaf.hear(sent.envelope().claim, sent.envelope().seq, delivery);
                let is_kept = effects.sent.is_empty()
                    && effects.answers.is_empty()
                    && deaf.fingerprint == world.nodes[*node].fingerprint;
                holds(is_kept, Promise::DeafToThePast, || format!("node {node} listened"))?;
            }
        }
    }
    for node in 0..NODES {
        if world.nodes[node].fingerprint != before.nodes[node].fingerprint {
            judge_node(world, node)?;
        }
        judge_patience(world, node)?;
    }
    Ok(())
}

/// Whether a world in which nothing can happen any more keeps them: nodes that only follow read to the end.
pub(crate) fn judge_end(world: &World) -> Judgement {
    let mut world = world.clone();
    for node in 0..NODES {
        while world.nodes[node].machine.fold().next() < world.log.end() {
            world = world.after_reading(node);
            judge_node(&world, node)?;
        }
    }
    Ok(())
}

fn judge_last_record(world: &World) -> Judgement {
    let Some(last) = world.log.entries().last() else {
        return Ok(());
    };
    let halt = last.verdict.as_ref().err();
    holds(halt.is_none(), Promise::NobodyHalts, || {
        format!("the fold halts: {halt:?}")
    })?;
    let envelope = &last.record.envelope;
    if !last.is_accepted() || envelope.kind != Kind::Commit {
        return Ok(());
    }
    let is_its = |call: &usize| cause_of_call(*call) == envelope.causation;
    let call = (0..world.calls.len()).find(is_its);
    let Some(call) = call else {
        return holds(false, Promise::Serial, || "nobody asked for this commit".to_owned());
    };
    let operation = world.scenario.operations[call];
    let decided = operation.decide(&world.log.item_after(last.fold.seq - 1));
    holds(decided.as_ref() == Ok(&last.events), Promise::Serial, || {
        format!(
            "commit {} is {:?}, but the domain says {decided:?}",
            envelope.seq, last.events
        )
    })?;
    let mut versions = envelope.streams.iter().map(|touched| touched.version);
    holds(versions.next_back() == Some(last.item.version), Promise::Serial, || {
        format!(
            "commit {} names another version than {}",
            envelope.seq, last.item.version
        )
    })?;
    let effects = world
        .log
        .commits()
        .filter(|other| other.record.envelope.command == envelope.command);
    holds(effects.count() == 1, Promise::OneEffect, || {
        format!("commit {} was there before", envelope.seq)
    })?;
    holds(world.calls[call] != Call::Undone, Promise::UndoneStaysUndone, || {
        format!("{operation:?} was said not to be done, and happens")
    })
}

fn judge_answer(world: &World, call: usize, since: Option<u64>, answer: &Result<Answer, CommandError>) -> Judgement {
    let operation = world.scenario.operations[call];
    let Some(since) = since else {
        return holds(false, Promise::TrueWhenGiven, || {
            format!("{operation:?} is answered twice")
        });
    };
    let moments = since..=world.log.fold().seq;
    let own = world
        .log
        .commits()
        .find(|entry| entry.record.envelope.causation == cause_of_call(call));
    match answer {
        Ok(Answer::Done(outcome)) => match world.log.accepted(outcome.seq) {
            Some(commit) if commit.record.envelope.command == operation.command_id() => {
                judge_acknowledgement(world, call, commit, outcome)
            }
            _ if operation == Operation::Confirm => {
                let was = world.log.item_after(outcome.seq);
                let is_true = moments.contains(&outcome.seq)
                    && operation.decide(&was) == Ok(Vec::new())
                    && (outcome.version, &outcome.state) == (was.version, &was.state);
                holds(is_true, Promise::TrueWhenGiven, || {
                    format!("{operation:?} at commits {moments:?}, but was told {outcome:?}")
                })
            }
            _ => holds(false, Promise::AcknowledgedIsThere, || {
                format!(
                    "{operation:?} was told that it is commit {}, which it is not",
                    outcome.seq
                )
            }),
        },
        Ok(Answer::State { versioned, seq }) => {
            let is_true = moments.contains(seq) && *versioned == world.log.item_after(*seq);
            holds(is_true, Promise::TrueWhenGiven, || {
                format!("asked at commits {moments:?}, but was told {versioned:?} of {seq}")
            })
        }
        Err(CommandError::OutcomeUnknown) => Ok(()),
        Err(error) => {
            holds(own.is_none(), Promise::UndoneStaysUndone, || {
                format!("{operation:?} has happened, but was told: {error}")
            })?;
            judge_refusal(world, operation, moments, error)
        }
    }
}

fn judge_refusal(
    world: &World,
    operation: Operation,
    mut moments: std::ops::RangeInclusive<u64>,
    error: &CommandError,
) -> Judgement {
    let is_true = match error {
        CommandError::Rejected(rejection) => {
            let refusal = Err(Refusal::Rejected(rejection.clone()));
            moments.any(|seq| operation.decide(&world.log.item_after(seq)) == refusal)
        }
        CommandError::KeyReused => world.log.commits().any(|commit| {
            let envelope = &commit.record.envelope;
            envelope.command == operation.command_id() && envelope.request_hash != operation.request_hash()
        }),
        CommandError::StillRunning => operation.is_keyed(),
        CommandError::NotExecuted | CommandError::Moving { .. } | CommandError::Busy | CommandError::DeadlinePassed => {
            true
        }
        _ => false,
    };
    holds(is_true, Promise::TrueWhenGiven, || {
        format!("{operation:?} was told: {error}")
    })
}

/// The answer is a pure function of the commit.
fn judge_acknowledgement(world: &World, call: usize, commit: &Entry, outcome: &Outcome) -> Judgement {
    let operation = world.scenario.operations[call];
    let envelope = &commit.record.envelope;
    let is_own = envelope.causation == cause_of_call(call);
    let is_same = envelope.request_hash == operation.request_hash() || !operation.is_keyed();
    holds(is_same && is_own != outcome.replayed, Promise::OneEffect, || {
        format!("{operation:?} was told {outcome:?}, the answer to another request")
    })?;
    let expected = Outcome {
        shard: shard(),
        seq: envelope.seq,
        at: commit.record.at,
        replayed: outcome.replayed,
        streams: vec![(item(), commit.item.version)],
        version: commit.item.version,
        state: commit.item.state.clone(),
    };
    holds(*outcome == expected, Promise::AcknowledgedIsThere, || {
        format!("{operation:?} was told {outcome:?}, but happened as {expected:?}")
    })
}

fn judge_node(world: &World, node: usize) -> Judgement {
    let machine = &world.nodes[node].machine;
    let halted = machine.halted();
    holds(halted.is_none(), Promise::NobodyHalts, || {
        format!("node {node} halts: {halted:?}")
    })?;
    let fold = machine.fold();
    let truth = world.log.fold_at(fold.offset);
    holds(*fold == truth, Promise::NoFork, || {
        format!("node {node} has folded {fold:?}, but the log says {truth:?}")
    })?;
    let truth = world.log.item_after(fold.seq);
    let believed = machine.committed(&item());
    holds(
        believed.is_none_or(|believed| *believed == truth),
        Promise::NoFork,
        || format!("node {node} believes {believed:?}, but the log says {truth:?}"),
    )
}

/// Once a node has heard of all that it sent, has read the log to its end and time has passed, nobody waits there.
fn judge_patience(world: &World, node: usize) -> Judgement {
    let machine = &world.nodes[node].machine;
    let hears_nothing = world.log.sent.iter().all(|sent| sent.awaited_by != Some(node));
    if machine.is_idle() || !hears_nothing || machine.fold().next() < world.log.end() {
        return Ok(());
    }
    let mut later: Node = world.nodes[node].clone();
    let effects = later.wait();
    holds(
        later.machine.is_idle() || !effects.sent.is_empty(),
        Promise::NobodyWaitsForEver,
        || format!("node {node} keeps somebody waiting"),
    )
}

fn cause_of_call(call: usize) -> uuid::Uuid {
    cause_of(command_api::shard::Ticket(call as u64))
}
