//! Two processes on one log that fences nobody, each of which wants every shard.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use command_api::{Commands, Options, Outcome, Standing};
use event_log::{Alone, Decode, EventLog, Follower, Membership, MemoryLog};
use tokio::sync::mpsc;

use crate::node::{PATIENCE, item, keyed, levels, receive, soon, wire};

/// How long a caller waits before asking again.
const PAUSE: Duration = Duration::from_millis(5);
const KEYS: u128 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn two_owners_that_fight_for_the_shards_lose_nothing_and_do_nothing_twice() {
    let (deliveries, delivered) = mpsc::unbounded_channel::<Vec<event_log::Delivered>>();
    let log: Arc<dyn EventLog> = Arc::new(MemoryLog::plain(1, deliveries));
    let directories = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let (mut nodes, mut ends) = (Vec::new(), Vec::new());
    for directory in &directories {
        let (node, end) = start(&log, directory.path(), Arc::new(Alone)).await;
        nodes.push(node);
        ends.push(end);
    }
    deliver_to_all(delivered, ends);

    let callers = (0..KEYS).map(|key| {
        let nodes: Vec<Commands> = nodes.iter().map(|node| node.0.clone()).collect();
        tokio::spawn(async move { insist(&nodes, key).await })
    });
    let mut told = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        told.push(caller.await.expect("the caller ends"));
    }
    let mut seqs: Vec<u64> = told.iter().map(|outcome| outcome.seq).collect();
    seqs.sort_unstable();
    seqs.dedup();
    assert_eq!(seqs.len() as u128, KEYS, "each key is one commit");

    let seen = look(&nodes[0].0).await;
    assert_eq!(i128::from(seen), 100 * i128::try_from(KEYS).expect("few"));
    for (commands, follower) in nodes {
        commands.stop(soon()).await;
        tokio::task::spawn_blocking(move || follower.stop())
            .await
            .expect("it stops");
    }
}

/// Nodes that are alive, by the names of their directories.
#[derive(Default)]
struct Living(Mutex<HashSet<String>>);

impl Living {
    fn names(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Membership for Living {
    fn is_alive(&self, node: &str) -> bool {
        self.names().contains(node)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_deposed_leaves_the_shards_to_the_new_owner_for_as_long_as_that_lives() {
    let (deliveries, delivered) = mpsc::unbounded_channel::<Vec<event_log::Delivered>>();
    let log: Arc<dyn EventLog> = Arc::new(MemoryLog::plain(1, deliveries));
    let directories = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let names = directories.each_ref().map(|directory| name_of(directory.path()));
    let living = Arc::new(Living::default());
    living.names().extend(names.clone());

    let (first, first_end) = start(&log, directories[0].path(), living.clone()).await;
    let (second, end) = start(&log, directories[1].path(), living.clone()).await;
    deliver_to_all(delivered, vec![first_end, end]);
    assert!(second.0.until_serving(soon()).await, "the second takes over");
    let key = keyed(1, vec![receive("A", 100)]);
    second.0.execute(key).await.expect("the new owner decides");

    // Many ticks in which it could have claimed.
    let terms = terms_of(&second.0);
    for number in 0..20 {
        let refused = first.0.execute(keyed(100 + number, vec![receive("A", 1)])).await;
        assert_eq!(refused.expect_err("it stands by").code(), "shard.moving");
        tokio::time::sleep(PAUSE).await;
    }
    assert_eq!(terms_of(&second.0), terms, "nobody has claimed");

    living.names().remove(&names[1]);
    assert!(first.0.until_serving(soon()).await, "the first takes over again");
    assert_eq!(look(&first.0).await, 100);
    for (commands, follower) in [first, second] {
        commands.stop(soon()).await;
        tokio::task::spawn_blocking(move || follower.stop())
            .await
            .expect("it stops");
    }
}

type Running = (Commands, Follower);

/// One process hears only of its own appends; here, each ignores what it hears of the other's.
fn deliver_to_all(
    mut delivered: mpsc::UnboundedReceiver<Vec<event_log::Delivered>>,
    ends: Vec<mpsc::UnboundedSender<Vec<event_log::Delivered>>>,
) {
    tokio::spawn(async move {
        while let Some(group) = delivered.recv().await {
            for end in &ends {
                let _ = end.send(group.clone());
            }
        }
    });
}

fn name_of(directory: &Path) -> String {
    directory.display().to_string()
}

/// The terms of all shards that are served.
fn terms_of(commands: &Commands) -> Vec<Standing> {
    commands.standings().into_values().collect()
}

async fn start(
    log: &Arc<dyn EventLog>,
    directory: &Path,
    membership: Arc<dyn Membership>,
) -> (Running, mpsc::UnboundedSender<Vec<event_log::Delivered>>) {
    let codec = wire();
    let decoder: Arc<dyn Decode> = codec.clone();
    let follower = Follower::start(Arc::clone(log), decoder, &Default::default()).expect("it follows");
    let (end, received) = mpsc::unbounded_channel();
    let options = Options {
        node: name_of(directory),
        url: String::new(),
        directory: directory.to_owned(),
        membership,
    };
    let commands = command_api::start(options, Arc::clone(log), received, codec, &follower)
        .await
        .expect("the shards start");
    ((commands, follower), end)
}

/// Asks one process, then the other, until it is done.
async fn insist(nodes: &[Commands], key: u128) -> Outcome {
    let deadline = Instant::now() + PATIENCE;
    let mut turn = usize::try_from(key).expect("few");
    while Instant::now() < deadline {
        let request = keyed(key + 1, vec![receive("A", 100)]);
        match nodes[turn % nodes.len()].execute(request).await {
            Ok(outcome) => return outcome,
            Err(error) => assert!(error.is_retryable(), "{error:?}"),
        }
        turn += 1;
        tokio::time::sleep(PAUSE).await;
    }
    panic!("key {key} was not done in time");
}

async fn look(commands: &Commands) -> i64 {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Ok(seen) = commands.state(&item("A"), soon()).await {
            return levels(&seen.state).on_hand;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("the shard was never served");
}
