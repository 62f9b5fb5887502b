//! How far a checkout is, and which shards it waits for. Pure: follows from its state alone.

use domain::sales::checkout::{Checkout, Demand, Failure, Group, Progress, Run};
use domain::value::Timestamp;

/// How far a checkout is that has not ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stage<'a> {
    /// `holding`, `allocating`, `placing`, `releasing` or `reopening`.
    pub(crate) name: &'static str,
    /// Its try.
    pub(crate) run: &'a Run,
    /// Why it is being undone.
    pub(crate) failure: Option<&'a Failure>,
    /// The shards of the inventory that have not answered, and what they were asked for; when there are none it
    /// waits for its own shard.
    pub(crate) waits_for: Vec<(u32, &'a [Demand])>,
}

/// None of one that never began, became an order, or was refused and is undone.
pub(crate) fn stage_of(checkout: &Checkout) -> Option<Stage<'_>> {
    let (name, run, failure, is_waited_for): (_, _, _, fn(Progress) -> bool) = match checkout {
        Checkout::NotStarted | Checkout::Refused { .. } | Checkout::Completed { .. } => return None,
        Checkout::Running(run) if !run.is_held() => ("holding", run, None, |progress| progress == Progress::Asked),
        Checkout::Running(run) if !run.is_allotted() => {
            ("allocating", run, None, |progress| progress == Progress::Held)
        }
        Checkout::Running(run) => ("placing", run, None, |_| false),
        Checkout::Undoing(run, failure) if !run.is_freed() => {
            ("releasing", run, Some(failure), |progress| progress != Progress::Freed)
        }
        Checkout::Undoing(run, failure) => ("reopening", run, Some(failure), |_| false),
    };
    let waits_for = run.groups.iter().filter(|group| is_waited_for(group.progress));
    Some(Stage {
        name,
        run,
        failure,
        waits_for: waits_for.map(asked_for).collect(),
    })
}

/// Whether it should have given up by this moment, and has not ended.
pub(crate) fn is_overdue(checkout: &Checkout, moment: Timestamp) -> bool {
    stage_of(checkout).is_some_and(|stage| stage.run.deadline <= moment)
}

fn asked_for(group: &Group) -> (u32, &[Demand]) {
    (group.partition, &group.demands)
}

#[cfg(test)]
mod tests;
