mod places;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::Event;
use domain::stream::{Shard, StreamId, Topic};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{Commit, Decode, Followed, Follower, Subscription, WINDOW_RECORDS_MAX};
use crate::contract::{Open, PARTITIONS, PATIENCE, SHARDS, claim_of, commit_of};
use crate::fold::{Halt, Void};
use crate::memory::MemoryLog;
use crate::port::EventLog;

/// Reads as many events as the first byte says, and counts the payloads.
#[derive(Default)]
struct Counting(AtomicUsize, AtomicBool);

/// A payload that is not readable before somebody has said how ([`Counting`]'s second field).
const FROM_TOMORROW: u8 = 0xfd;

impl Decode for Counting {
    fn decode(&self, _topic: Topic, payload: &[u8]) -> Result<Vec<Event>, String> {
        self.0.fetch_add(1, Ordering::Relaxed);
        match payload {
            [0xff, ..] => Err("it is poison".to_owned()),
            [0xfe, ..] => Ok(Vec::new()),
            [count, ..] => {
                let event = domain::catalog::category::Event::CategoryArchived {};
                Ok(vec![event.into(); usize::from(*count)])
            }
            [] => Err("it is empty".to_owned()),
        }
    }

    fn is_ready(&self, payload: &[u8]) -> bool {
        payload.first() != Some(&FROM_TOMORROW) || self.1.load(Ordering::Relaxed)
    }

    fn prepare(&self, payload: &[u8]) -> Result<(), String> {
        let ready = self.is_ready(payload);
        ready.then_some(()).ok_or_else(|| "nobody says how".to_owned())
    }
}

/// A log, its follower, and what is needed to write.
struct Fixture {
    log: MemoryLog,
    open: Open,
    decoder: Arc<Counting>,
    follower: Follower,
}

impl Fixture {
    fn new() -> Self {
        let (deliveries, delivered) = mpsc::unbounded_channel();
        let log = MemoryLog::plain(PARTITIONS, deliveries);
        let open = Open {
            log: Arc::new(log.clone()),
            delivered,
        };
        let decoder = Arc::new(Counting::default());
        let follower = Follower::start(
            Arc::new(log.clone()),
            Arc::clone(&decoder) as Arc<dyn Decode>,
            &BTreeMap::new(),
        )
        .expect("the system gives a thread");
        Self {
            log,
            open,
            decoder,
            follower,
        }
    }

    fn subscribe(&self, shards: &[Shard]) -> Subscription {
        self.follower.subscribe(shards, &BTreeMap::new())
    }

    /// Waits until the follower has read everything.
    fn settle(&self) {
        let is_settled = || {
            let positions = self.follower.positions();
            let shards = self.log.shards();
            self.follower.is_live()
                && shards.iter().all(|shard| {
                    let last = crate::contract::fold_all(&self.log, *shard, 1_000)
                        .last()
                        .map_or(0, |(seq, _)| *seq);
                    positions.get(shard).copied().unwrap_or(0) == last
                })
        };
        wait_until(is_settled);
    }
}

#[track_caller]
fn wait_until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "it did not happen in time");
        std::thread::yield_now();
    }
}

/// Takes commits until those of `shard` up to the number `seq` have come.
fn commits_until(subscription: &mut Subscription, shard: Shard, seq: u64) -> Vec<Arc<Commit>> {
    let deadline = Instant::now() + PATIENCE;
    let mut commits: Vec<Arc<Commit>> = Vec::new();
    while subscription.positions()[&shard] < seq {
        assert!(Instant::now() < deadline, "commit {seq} did not come in time");
        let batch = subscription
            .next_within(Duration::from_secs(1))
            .expect("the follower runs");
        for followed in batch {
            if let Followed::Commit(commit) = followed {
                commits.push(commit);
            }
        }
    }
    commits
}

#[track_caller]
fn assert_numbers(commits: &[Arc<Commit>], shard: Shard, expected: std::ops::RangeInclusive<u64>) {
    let of_shard = commits.iter().filter(|commit| commit.shard == shard);
    let numbers: Vec<u64> = of_shard.map(|commit| commit.seq).collect();
    assert_eq!(numbers, expected.collect::<Vec<_>>());
}

#[test]
fn a_subscriber_hears_the_past_and_then_the_present_without_gap_or_repeat() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 700);
    fixture.settle();
    let mut subscription = fixture.subscribe(&SHARDS);
    assert!(!subscription.is_caught_up());
    let mut commits = commits_until(&mut subscription, SHARDS[0], 700);
    assert!(subscription.is_caught_up());
    for round in 1..=20_u64 {
        fixture.open.fill(SHARDS[0], 10);
        fixture.open.fill(SHARDS[1], 10);
        commits.extend(commits_until(&mut subscription, SHARDS[1], round * 10));
    }
    commits.extend(commits_until(&mut subscription, SHARDS[0], 900));
    assert_numbers(&commits, SHARDS[1], 1..=200);
    assert_numbers(&commits, SHARDS[0], 1..=900);
}

#[test]
fn live_commits_are_decoded_once_for_all_subscribers() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 1);
    fixture.settle();
    let mut subscriptions: Vec<Subscription> = (0..3).map(|_| fixture.subscribe(&SHARDS[..1])).collect();
    for subscription in &mut subscriptions {
        commits_until(subscription, SHARDS[0], 1);
        // Joins the window.
        assert_eq!(subscription.next_within(Duration::ZERO), Some(Vec::new()));
        assert_eq!(subscription.next_within(Duration::from_millis(1)), Some(Vec::new()));
    }
    let before = fixture.decoder.0.load(Ordering::Relaxed);
    fixture.open.fill(SHARDS[0], 50);
    for subscription in &mut subscriptions {
        assert_numbers(&commits_until(subscription, SHARDS[0], 51), SHARDS[0], 2..=51);
    }
    assert_eq!(fixture.decoder.0.load(Ordering::Relaxed) - before, 50);
}

#[test]
fn a_subscriber_that_lags_behind_the_window_reads_the_log_and_joins_again() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 1);
    let mut subscription = fixture.subscribe(&SHARDS);
    let mut commits = commits_until(&mut subscription, SHARDS[0], 1);
    assert_eq!(subscription.next_within(Duration::from_millis(1)), Some(Vec::new()));
    let many = WINDOW_RECORDS_MAX as u64 + 100;
    fixture.open.fill(SHARDS[0], many);
    fixture.settle();
    assert_eq!(subscription.lag_records(), many + 1);
    commits.extend(commits_until(&mut subscription, SHARDS[0], many + 1));
    fixture.open.fill(SHARDS[0], 5);
    commits.extend(commits_until(&mut subscription, SHARDS[0], many + 6));
    assert_numbers(&commits, SHARDS[0], 1..=many + 6);
    assert_eq!(subscription.lag_records(), 0);
}

#[test]
fn a_subscriber_goes_on_at_its_checkpoint() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 100);
    let mut subscription = fixture.subscribe(&SHARDS[..1]);
    let commits = commits_until(&mut subscription, SHARDS[0], 100);
    let end = subscription.checkpoint(SHARDS[0]).expect("records were read");
    assert_eq!(end, commits[99].checkpoint());
    fixture.open.fill(SHARDS[0], 3);
    for (checkpoint, first) in [(end, 101), (commits[49].checkpoint(), 51)] {
        let from = BTreeMap::from([(SHARDS[0], checkpoint.clone())]);
        let mut resumed = fixture.follower.subscribe(&SHARDS[..1], &from);
        assert_eq!(resumed.checkpoint(SHARDS[0]), Some(checkpoint));
        assert_numbers(&commits_until(&mut resumed, SHARDS[0], 103), SHARDS[0], first..=103);
    }
}

#[test]
fn a_checkpoint_of_another_log_halts_its_shard_and_no_other() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 3);
    fixture.open.fill(SHARDS[1], 3);
    let mut subscription = fixture.subscribe(&SHARDS);
    commits_until(&mut subscription, SHARDS[0], 3);
    let mut checkpoint = subscription.checkpoint(SHARDS[0]).expect("records were read");
    checkpoint.hash ^= 1;
    let offset = checkpoint.offset;
    let mut halted = fixture
        .follower
        .subscribe(&SHARDS, &BTreeMap::from([(SHARDS[0], checkpoint)]));
    let batch = halted.next_blocking().expect("the follower runs");
    let expected = Followed::Halted {
        shard: SHARDS[0],
        halt: Halt::Changed { offset },
    };
    assert_eq!(batch.first(), Some(&expected));
    let rest: Vec<Shard> = batch[1..].iter().map(Followed::shard).collect();
    assert!(!rest.is_empty() && !rest.contains(&SHARDS[0]));
}

#[test]
fn claims_and_voids_are_told() {
    let mut fixture = Fixture::new();
    let old = fixture.open.fill(SHARDS[0], 1);
    let new = fixture.open.fill(SHARDS[0], 1);
    let end = fixture.log.end(SHARDS[0]).expect("the log is there");
    fixture.open.deliver(vec![
        commit_of(SHARDS[0], 1, old, 3, end, &[1]),
        commit_of(SHARDS[0], 2, new, 3, end, &[1]),
    ]);
    let mut subscription = fixture.subscribe(&SHARDS[..1]);
    let batch = subscription.next_blocking().expect("the follower runs");
    let claims: Vec<(i64, Option<Uuid>)> = batch
        .iter()
        .filter_map(|followed| match followed {
            Followed::Claimed(claimed) => Some((claimed.offset, claimed.fold.owner)),
            _ => None,
        })
        .collect();
    assert_eq!(claims, [(0, Some(old)), (2, Some(new))]);
    let void = batch.iter().find_map(|followed| match followed {
        Followed::Void(voided) => Some((voided.offset, voided.why)),
        _ => None,
    });
    assert_eq!(void, Some((4, Void::OldTerm)));
    assert_eq!(subscription.positions()[&SHARDS[0]], 3);
}

#[test]
fn events_come_with_their_streams_and_poison_parks_one_commit() {
    let mut fixture = Fixture::new();
    let claim = fixture.open.fill(SHARDS[0], 0);
    let mut commits: Vec<_> = [[2], [0xff], [0xfe], [1]]
        .iter()
        .zip(1_u64..)
        .map(|(payload, seq)| commit_of(SHARDS[0], 1, claim, seq, seq.cast_signed(), payload))
        .collect();
    commits[0].envelope.streams[0].events = 1;
    let mut second = commits[0].envelope.streams[0].clone();
    second.stream = StreamId::OrderCounter(9);
    commits[0].envelope.streams.push(second);
    fixture.open.deliver(commits);
    let mut subscription = fixture.subscribe(&SHARDS[..1]);
    let commits = commits_until(&mut subscription, SHARDS[0], 4);
    let streams = |commit: &Commit| -> Option<Vec<StreamId>> {
        let decided = commit.events.as_ref().ok()?;
        Some(decided.iter().map(|decided| decided.stream.clone()).collect())
    };
    let counter = StreamId::OrderCounter(SHARDS[0].partition);
    assert_eq!(
        streams(&commits[0]),
        Some(vec![counter.clone(), StreamId::OrderCounter(9)])
    );
    assert_eq!(streams(&commits[1]), None);
    let mismatch = commits[2].events.as_ref().expect_err("fewer events than promised");
    assert_eq!(mismatch.0, "0 events, but its envelope names 254");
    assert_eq!(streams(&commits[3]), Some(vec![counter]));
}

#[test]
fn a_payload_that_cannot_be_read_for_now_waits_and_parks_nothing() {
    let mut fixture = Fixture::new();
    let claim = fixture.open.fill(SHARDS[0], 0);
    fixture.settle();
    let mut live = fixture.subscribe(&SHARDS[..1]);
    let of_byte = |(seq, byte): (u64, u8)| commit_of(SHARDS[0], 1, claim, seq, seq.cast_signed(), &[byte]);
    let commits: Vec<_> = [(1, 1), (2, FROM_TOMORROW), (3, 1)].map(of_byte).into();
    fixture.open.deliver(commits);
    let mut behind = fixture.subscribe(&SHARDS[..1]);
    for subscription in [&mut live, &mut behind] {
        commits_until(subscription, SHARDS[0], 1);
        let more = subscription.next_within(Duration::from_millis(1));
        assert_eq!(more, Some(Vec::new()), "the second commit waits");
    }
    fixture.decoder.1.store(true, Ordering::Relaxed);
    for subscription in [&mut live, &mut behind] {
        let commits = commits_until(subscription, SHARDS[0], 3);
        assert_numbers(&commits, SHARDS[0], 2..=3);
        assert!(commits.iter().all(|commit| commit.events.is_ok()));
    }
}

#[test]
fn a_shard_that_is_not_intact_halts_and_the_others_go_on() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 1);
    fixture.settle();
    let mut subscription = fixture.subscribe(&SHARDS);
    commits_until(&mut subscription, SHARDS[0], 1);
    assert_eq!(subscription.next_within(Duration::from_millis(1)), Some(Vec::new()));
    let claim = Uuid::new_v4();
    fixture.open.deliver(vec![claim_of(SHARDS[0], 9, claim)]);
    fixture.open.fill(SHARDS[1], 1);
    let mut told = Vec::new();
    while !told.iter().any(|followed| matches!(followed, Followed::Commit(_))) {
        told.extend(subscription.next_blocking().expect("the follower runs"));
    }
    let halt = Halt::Term {
        offset: 2,
        term: 1,
        found: 9,
    };
    let shard = SHARDS[0];
    assert_eq!(told.first(), Some(&Followed::Halted { shard, halt }));
    assert!(!subscription.positions().contains_key(&shard));
    assert!(subscription.checkpoint(shard).is_some());
}

#[tokio::test]
async fn a_runtime_waits_without_blocking() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 5);
    let mut subscription = fixture.subscribe(&SHARDS[..1]);
    let first = subscription.next().await.expect("the follower runs");
    assert_eq!(first.len(), 6);
    let waiting = tokio::spawn(async move { subscription.next().await });
    tokio::task::yield_now().await;
    fixture.open.fill(SHARDS[0], 1);
    let next = tokio::time::timeout(PATIENCE, waiting).await;
    let next = next.expect("in time").expect("no panic").expect("the follower runs");
    assert!(matches!(next[0], Followed::Claimed(_)));
}

#[tokio::test]
async fn a_wait_that_is_dropped_loses_nothing() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 2_000);
    let mut subscription = fixture.subscribe(&SHARDS[..1]);
    let mut commits = Vec::new();
    while commits.len() < 2_000 {
        tokio::select! {
            biased;
            batch = subscription.next() => {
                let batch = batch.expect("the follower runs");
                commits.extend(batch.into_iter().filter_map(|followed| match followed {
                    Followed::Commit(commit) => Some(commit),
                    _ => None,
                }));
            }
            () = tokio::task::yield_now() => {}
        }
    }
    assert_numbers(&commits, SHARDS[0], 1..=2_000);
}

#[test]
fn stopping_ends_every_subscription() {
    let mut fixture = Fixture::new();
    fixture.open.fill(SHARDS[0], 1);
    let mut subscription = fixture.subscribe(&SHARDS[..1]);
    commits_until(&mut subscription, SHARDS[0], 1);
    let follower = fixture.follower.clone();
    let stopper = std::thread::spawn(move || follower.stop());
    let ended = loop {
        if subscription.next_blocking().is_none() {
            break true;
        }
    };
    assert!(ended);
    stopper.join().expect("no panic");
}
