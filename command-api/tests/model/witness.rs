//! What must have been seen, so that promises are not kept by nothing happening.

use std::collections::BTreeSet;

use command_api::CommandError;
use command_api::shard::Answer;
use event_log::{Kind, Verdict, Void};

use crate::script::Call;
use crate::world::{Notice, Step, World};

/// Something that happens in some world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Witness {
    /// Every caller was told that it is done.
    AllDone,
    /// Both nodes wrote commits, in terms of their own.
    TakenOver,
    /// Two commits of one node were in flight.
    WindowOfTwo,
    /// A commit happened although its caller was told that nobody knows.
    UnknownAndDone,
    /// A caller was told that nothing was done.
    NotExecuted,
    /// A commit was found by reading the log, before anybody said where it lies.
    ReadBack,
    /// A repeat got the answer of the first request.
    Replayed,
    /// A repeat was told that the first request is still running.
    StillRunning,
    /// Another request under the same key was refused.
    KeyReused,
    /// The rules said no.
    Refused,
    /// A state was read.
    StateRead,
    /// A barrier was accepted.
    Barrier,
    /// A claim came too late.
    LostClaim,
    /// A commit came after its term.
    OldTerm,
    /// A commit came twice.
    Repeat,
    /// A commit came before its predecessor.
    Gap,
}

/// What a step of the world shows.
pub(crate) fn note(world: &World, step: Step, notices: &[Notice], seen: &mut BTreeSet<Witness>) {
    for notice in notices {
        match notice {
            Notice::Landed => note_last_record(world, seen),
            Notice::Told { answer, .. } => seen.extend(of_answer(answer, step)),
            Notice::HungUp { .. } => {}
        }
    }
    if world.calls.iter().all(|call| *call == Call::Done) {
        seen.insert(Witness::AllDone);
    }
    if matches!(step, Step::Ask { .. }) {
        let mut commits = world
            .log
            .sent
            .iter()
            .filter(|sent| sent.envelope().kind == Kind::Commit);
        let first = commits.next().and_then(|sent| sent.awaited_by);
        if first.is_some() && commits.any(|other| other.awaited_by == first) {
            seen.insert(Witness::WindowOfTwo);
        }
    }
}

fn note_last_record(world: &World, seen: &mut BTreeSet<Witness>) {
    let Some(last) = world.log.entries().last() else {
        return;
    };
    let witness = match last.verdict {
        Ok(Verdict::Void(Void::LostClaim)) => Some(Witness::LostClaim),
        Ok(Verdict::Void(Void::OldTerm)) => Some(Witness::OldTerm),
        Ok(Verdict::Void(Void::Repeat)) => Some(Witness::Repeat),
        Ok(Verdict::Void(Void::Gap)) => Some(Witness::Gap),
        Ok(Verdict::Accepted) if last.record.envelope.kind == Kind::Barrier => Some(Witness::Barrier),
        _ => None,
    };
    seen.extend(witness);
    if world.log.owners() > 1 {
        seen.insert(Witness::TakenOver);
    }
    let cause = last.record.envelope.causation;
    let is_dark = |(call, state): (usize, &Call)| {
        *state == Call::InTheDark && cause == crate::script::cause_of(command_api::shard::Ticket(call as u64))
    };
    if last.is_accepted() && world.calls.iter().enumerate().any(is_dark) {
        seen.insert(Witness::UnknownAndDone);
    }
}

fn of_answer(answer: &Result<Answer, CommandError>, step: Step) -> Option<Witness> {
    match answer {
        Ok(Answer::Done(outcome)) if outcome.replayed => Some(Witness::Replayed),
        Ok(Answer::Done(_)) if matches!(step, Step::Read { .. }) => Some(Witness::ReadBack),
        Ok(Answer::State { .. }) => Some(Witness::StateRead),
        Err(CommandError::Rejected(_)) => Some(Witness::Refused),
        Err(CommandError::NotExecuted) => Some(Witness::NotExecuted),
        Err(CommandError::StillRunning) => Some(Witness::StillRunning),
        Err(CommandError::KeyReused) => Some(Witness::KeyReused),
        _ => None,
    }
}
