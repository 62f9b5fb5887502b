//! Which generations there are: read from the log, like everything else.

use std::collections::BTreeMap;

use domain::Event;
use domain::shop::generation::Generations;
use domain::stream::StreamId;
use event_log::{Commit, Followed};
use read_store::Generation;

/// The generations of all projections, as far as the log was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownGenerations {
    by_projection: BTreeMap<String, Generations>,
    /// Whether the log was read to where it ended when reading began.
    pub(crate) is_complete: bool,
}

/// What happened to a projection's generations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GenerationChange {
    pub(crate) projection: String,
    pub(crate) event: domain::shop::generation::Event,
}

/// What a program with one version of a projection's code has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Queries are answered from this generation, and this code can keep it up.
    Serve(Generation),
    /// This generation is this code's: bring it up to date, then switch to it.
    Fill(Generation),
    /// Older code was filling this generation: it is in the way.
    Discard(Generation),
    /// Newer code is filling this generation: its switch is waited for, and nothing of it is touched.
    Await(Generation),
    /// No generation is this code's.
    Open,
}

impl KnownGenerations {
    /// The generations of one projection.
    pub(crate) fn of(&self, projection: &str) -> Generations {
        self.by_projection.get(projection).cloned().unwrap_or_default()
    }

    /// Takes what was read in, and says what happened to generations.
    pub(crate) fn take(&mut self, followed: &[Followed]) -> Vec<GenerationChange> {
        let mut changes = Vec::new();
        for followed in followed {
            if let Followed::Commit(commit) = followed {
                changes.extend(changes_in(commit));
            }
        }
        for change in &changes {
            self.by_projection
                .entry(change.projection.clone())
                .or_default()
                .evolve(&change.event);
        }
        changes
    }
}

fn changes_in(commit: &Commit) -> Vec<GenerationChange> {
    let Ok(events) = &commit.events else {
        tracing::error!(
            offset = commit.offset,
            "a commit of the shop cannot be read: generations may be missing"
        );
        return Vec::new();
    };
    let changes = events
        .iter()
        .filter_map(|decided| match (&decided.stream, &decided.event) {
            (StreamId::Generation(projection), Event::Generation(event)) => Some(GenerationChange {
                projection: projection.clone(),
                event: event.clone(),
            }),
            _ => None,
        });
    changes.collect()
}

/// What to do next with code of this version.
pub(crate) fn plan(generations: &Generations, version: u32) -> Plan {
    let is_ours = |number: u32| {
        generations
            .get(number)
            .is_some_and(|generation| generation.version == version)
    };
    if let Some(active) = generations.active().filter(|active| is_ours(*active)) {
        return Plan::Serve(active);
    }
    let ours = generations
        .kept()
        .map(|(number, _)| number)
        .filter(|number| is_ours(*number))
        .max();
    match (ours, generations.filling()) {
        (Some(ours), _) => Plan::Fill(ours),
        (None, Some(filling)) if is_newer(generations, filling, version) => Plan::Await(filling),
        (None, Some(filling)) => Plan::Discard(filling),
        (None, None) => Plan::Open,
    }
}

/// Whether newer code than this version fills a generation.
pub(crate) fn is_newer(generations: &Generations, number: Generation, version: u32) -> bool {
    generations
        .get(number)
        .is_some_and(|generation| generation.version > version)
}

#[cfg(test)]
mod tests {
    use domain::shop::generation::Event;

    use super::*;

    fn after(events: &[Event]) -> Generations {
        let mut generations = Generations::default();
        for event in events {
            generations.evolve(event);
        }
        generations
    }

    fn opened(generation: u32, version: u32) -> Event {
        Event::GenerationOpened {
            generation,
            version,
            held: false,
        }
    }

    fn switched(generation: u32) -> Event {
        Event::GenerationSwitched { generation }
    }

    #[test]
    fn an_empty_log_begins_with_a_generation_that_is_opened_and_filled() {
        assert_eq!(plan(&after(&[]), 1), Plan::Open);
        assert_eq!(plan(&after(&[opened(1, 1)]), 1), Plan::Fill(1));
        assert_eq!(plan(&after(&[opened(1, 1), switched(1)]), 1), Plan::Serve(1));
    }

    #[test]
    fn a_rebuild_leaves_the_active_generation_serving() {
        assert_eq!(
            plan(&after(&[opened(1, 1), switched(1), opened(2, 1)]), 1),
            Plan::Serve(1)
        );
    }

    #[test]
    fn newer_code_fills_a_generation_of_its_own() {
        let old = [opened(1, 1), switched(1)];
        assert_eq!(plan(&after(&old), 2), Plan::Open);
        assert_eq!(plan(&after(&[&old[..], &[opened(2, 2)]].concat()), 2), Plan::Fill(2));
    }

    #[test]
    fn older_code_goes_back_to_the_generation_it_has_left() {
        let upgraded = [opened(1, 1), switched(1), opened(2, 2), switched(2)];
        assert_eq!(plan(&after(&upgraded), 1), Plan::Fill(1));
        let other_filling = [&upgraded[..], &[opened(3, 3)]].concat();
        assert_eq!(plan(&after(&other_filling), 4), Plan::Discard(3));
    }

    #[test]
    fn what_newer_code_fills_is_left_to_it_and_what_older_code_fills_is_in_the_way() {
        let newer = [opened(1, 5)];
        assert_eq!(plan(&after(&newer), 4), Plan::Await(1));
        assert_eq!(plan(&after(&newer), 6), Plan::Discard(1));
    }
}
