//! Followers and subscribers on a log that is elsewhere: it may be slow, and nobody else may wait for it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use domain::stream::Topic;
use engines::Kafka;
use event_log::contract::{Open, SHARDS};
use event_log::follower::{Decode, Follower};
use event_log::{Followed, Subscription};

use crate::shop::{Shop, wait_until};

struct NoEvents;

impl Decode for NoEvents {
    fn decode(&self, _: Topic, _: &[u8]) -> Result<Vec<domain::Event>, String> {
        Err("not decoded here".to_owned())
    }
}

fn follow(open: &Open) -> Follower {
    Follower::start(Arc::clone(&open.log), Arc::new(NoEvents), &BTreeMap::new()).expect("a thread")
}

async fn hear(subscription: &mut Subscription, commits: usize) {
    let mut heard = 0;
    while heard < commits {
        let batch = subscription.next().await.expect("the follower runs");
        heard += batch
            .iter()
            .filter(|followed| matches!(followed, Followed::Commit(_)))
            .count();
    }
    assert_eq!(heard, commits);
}

#[test]
fn a_subscriber_hears_the_past_and_then_what_comes() {
    let shop = Shop::fresh();
    let mut before = shop.open();
    for shard in SHARDS {
        before.fill(shard, 700);
    }
    let mut open = shop.open();
    let follower = follow(&open);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut subscriptions: Vec<Subscription> =
            (0..6).map(|_| follower.subscribe(&SHARDS, &BTreeMap::new())).collect();
        for subscription in &mut subscriptions {
            hear(subscription, 4 * 700).await;
            assert!(subscription.is_caught_up());
        }
        for shard in SHARDS {
            open.fill(shard, 50);
        }
        for subscription in &mut subscriptions {
            hear(subscription, 4 * 50).await;
        }
    });
}

#[test]
fn what_was_acknowledged_is_told_just_as_others_read_it() {
    let shop = Shop::fresh();
    let reader = shop.open();
    let mut writer = shop.open();
    let mut tails = [writer.log.tail(), reader.log.tail()];
    for shard in SHARDS {
        writer.fill(shard, 60);
    }
    let mut told: [BTreeMap<_, _>; 2] = Default::default();
    for (tail, told) in tails.iter_mut().zip(&mut told) {
        // Each shard's claim, and what follows it.
        wait_until("everything is told", || {
            while let Ok(group) = tail.try_recv() {
                told.extend(
                    group
                        .iter()
                        .map(|record| ((record.shard, record.offset), Arc::clone(record))),
                );
            }
            told.len() == SHARDS.len() * 61
        });
    }
    let [by_writer, by_reader] = told;
    assert_eq!(by_writer, by_reader);
}

/// The longest that anything else in the runtime may be kept waiting, beyond what the machine keeps everybody waiting:
/// who waits for the broker itself waits for three seconds (`socket.timeout.ms`), or until it goes on.
const HICCUP: Duration = Duration::from_millis(1_500);
/// How long whoever watches for gaps sleeps at a time.
const BLINK: Duration = Duration::from_millis(5);

/// A thread that has nothing to do with the runtime: how long the machine lets nobody run.
struct Machine {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Duration>,
}

impl Machine {
    fn watch() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let (mut last, mut longest) = (Instant::now(), Duration::ZERO);
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(BLINK);
                longest = longest.max(last.elapsed());
                last = Instant::now();
            }
            longest
        });
        Self { stop, thread }
    }

    /// The longest gap between two of its looks.
    fn longest(self) -> Duration {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("it only looks at the clock")
    }
}

#[test]
fn a_broker_that_stands_still_keeps_nobody_else_in_the_runtime_waiting() {
    let broker = Kafka::start().expect("a broker starts");
    let shop = Shop::at(&broker.bootstrap());
    let mut open = shop.open();
    open.fill(SHARDS[0], 5);
    let follower = follow(&open);
    wait_until("the follower is live", || follower.is_live());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        broker.pause().expect("the broker stands still");
        let mut subscription = follower.subscribe(&SHARDS, &BTreeMap::new());
        let _ = subscription.is_caught_up();
        let _ = open.log.read_known(SHARDS[0], 6, 100, 1_000);
        let hearing = tokio::spawn(async move { hear(&mut subscription, 5).await });
        let machine = Machine::watch();
        let (begun, mut last, mut longest) = (Instant::now(), Instant::now(), Duration::ZERO);
        while begun.elapsed() < Duration::from_secs(6) {
            tokio::time::sleep(BLINK).await;
            longest = longest.max(last.elapsed());
            last = Instant::now();
        }
        let machine = machine.longest();
        broker.resume().expect("the broker goes on");
        hearing.await.expect("the subscriber hears");
        assert!(
            longest < HICCUP + machine,
            "the runtime stood still for {longest:?}, the machine for {machine:?}"
        );
    });
}
