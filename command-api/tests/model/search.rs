//! The search: every world that a scenario leads to, each once.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt;
use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::fingerprint::fingerprint;
use crate::promises::{Broken, judge, judge_end};
use crate::witness::{Witness, note};
use crate::world::{Notice, Scenario, Step, World};

/// Most worlds that a search looks at: a scenario that has more is too large to be looked at in full.
const WORLDS_MAX: usize = 50_000_000;

/// Which worlds come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The nearest: a broken promise is shown by one of the shortest ways to it.
    NearestFirst,
    /// The farthest: only a few worlds are in memory at once.
    FarthestFirst,
}

/// What a search found.
pub(crate) struct Report {
    pub(crate) worlds: usize,
    pub(crate) steps: usize,
    pub(crate) depth: usize,
    pub(crate) took: Duration,
    pub(crate) seen: BTreeSet<Witness>,
    /// A way to a broken promise.
    pub(crate) broken: Option<Counterexample>,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            worlds,
            steps,
            depth,
            took,
            seen,
            ..
        } = self;
        write!(
            formatter,
            "{worlds} worlds, {steps} steps, depth {depth}, {took:.1?}; seen: {seen:?}"
        )
    }
}

/// How a promise came to be broken.
pub(crate) struct Counterexample {
    pub(crate) broken: Broken,
    /// Step by step, for a person to read.
    pub(crate) story: String,
}

/// Visits every world of a scenario, until a promise is broken.
pub(crate) fn search(scenario: Scenario, order: Order) -> Report {
    let started = Instant::now();
    let start = World::new(scenario);
    let mut visited = HashSet::from([fingerprint(&start)]);
    // Where each world came from: the number of another one, and a step.
    let mut ways: Vec<(usize, Step)> = vec![(0, Step::Wait { node: 0 })];
    let mut frontier = VecDeque::from([(0_usize, 0_usize, start)]);
    let mut report = Report {
        worlds: 0,
        steps: 0,
        depth: 0,
        took: Duration::ZERO,
        seen: BTreeSet::new(),
        broken: None,
    };
    let next = |frontier: &mut VecDeque<_>| match order {
        Order::NearestFirst => frontier.pop_front(),
        Order::FarthestFirst => frontier.pop_back(),
    };
    'search: while let Some((number, depth, world)) = next(&mut frontier) {
        report.worlds += 1;
        report.depth = report.depth.max(depth);
        let steps = world.steps();
        if steps.is_empty()
            && let Err(broken) = judge_end(&world)
        {
            let story = tell(scenario, &way_to(number, &ways));
            report.broken = Some(Counterexample { broken, story });
            break;
        }
        for step in steps {
            report.steps += 1;
            let (after, notices) = world.after(step);
            if let Err(broken) = judge(&world, &after, &notices) {
                let mut way = way_to(number, &ways);
                way.push(step);
                let story = tell(scenario, &way);
                report.broken = Some(Counterexample { broken, story });
                break 'search;
            }
            note(&after, step, &notices, &mut report.seen);
            if !visited.insert(fingerprint(&after)) {
                continue;
            }
            assert!(
                ways.len() < WORLDS_MAX,
                "{scenario:?} leads to more than {WORLDS_MAX} worlds"
            );
            ways.push((number, step));
            frontier.push_back((ways.len() - 1, depth + 1, after));
        }
    }
    report.took = started.elapsed();
    report
}

fn way_to(mut number: usize, ways: &[(usize, Step)]) -> Vec<Step> {
    let mut steps = Vec::new();
    while number > 0 {
        let (before, step) = ways[number];
        steps.push(step);
        number = before;
    }
    steps.reverse();
    steps
}

/// Goes the way again and tells what happens on it.
fn tell(scenario: Scenario, way: &[Step]) -> String {
    let mut story = String::new();
    let mut world = World::new(scenario);
    for step in way {
        let (after, notices) = world.after(*step);
        // A text takes everything.
        let _ = writeln!(story, "  {}", described(&world, *step));
        for notice in &notices {
            let _ = writeln!(story, "      {}", noticed(&after, notice));
        }
        world = after;
    }
    story
}

fn described(world: &World, step: Step) -> String {
    let sent = |index: usize| {
        let envelope = world.log.sent[index].envelope();
        format!("{:?} {} of term {}", envelope.kind, envelope.seq, envelope.term)
    };
    match step {
        Step::Claim { node, read_until } => format!("node {node} has read up to offset {read_until} and claims"),
        Step::Read { node } => format!("node {node} reads offset {}", world.nodes[node].machine.fold().next()),
        Step::Ask { call, node } => format!("node {node} is asked: {:?}", world.scenario.operations[call]),
        Step::AskWhileFull { call, node } => {
            format!(
                "node {node} is asked while the log is full: {:?}",
                world.scenario.operations[call]
            )
        }
        Step::Land { sent: index } => format!("{} lands at offset {}", sent(index), world.log.end()),
        Step::Acknowledge { sent: index } => format!("{} is acknowledged", sent(index)),
        Step::Lose { sent: index } => format!("{} is reported as unknown", sent(index)),
        Step::Refuse { sent: index } => format!("{} is refused", sent(index)),
        Step::Restart { node } => format!("node {node} restarts"),
        Step::Wait { node } => format!("node {node} has waited too long"),
    }
}

fn noticed(world: &World, notice: &Notice) -> String {
    match notice {
        Notice::Landed => match world.log.entries().last() {
            Some(last) => format!("the fold says: {:?}", last.verdict),
            None => String::new(),
        },
        Notice::Told { call, answer, .. } => format!("{:?} is told: {answer:?}", world.scenario.operations[*call]),
        Notice::HungUp { node, sent } => {
            format!(
                "node {node} gives {:?} {} up",
                sent.envelope().kind,
                sent.envelope().seq
            )
        }
    }
}
