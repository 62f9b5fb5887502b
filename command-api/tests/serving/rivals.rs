//! Two processes on one log that fences nobody, each of which wants every shard.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use command_api::{Commands, Options, Outcome};
use event_log::{Decode, EventLog, Follower, MemoryLog};
use tokio::sync::mpsc;

use crate::node::{PATIENCE, item, keyed, levels, receive, soon, wire};

/// How long a caller waits before asking again.
const PAUSE: Duration = Duration::from_millis(5);
const KEYS: u128 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn two_owners_that_fight_for_the_shards_lose_nothing_and_do_nothing_twice() {
    let (deliveries, mut delivered) = mpsc::unbounded_channel::<Vec<event_log::Delivered>>();
    let log: Arc<dyn EventLog> = Arc::new(MemoryLog::plain(1, deliveries));
    let directories = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let (mut nodes, mut ends) = (Vec::new(), Vec::new());
    for directory in &directories {
        let (node, end) = start(&log, directory.path()).await;
        nodes.push(node);
        ends.push(end);
    }
    // One process hears only of its own appends; here, each ignores what it hears of the other's.
    tokio::spawn(async move {
        while let Some(group) = delivered.recv().await {
            for end in &ends {
                let _ = end.send(group.clone());
            }
        }
    });

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

type Running = (Commands, Follower);

async fn start(
    log: &Arc<dyn EventLog>,
    directory: &Path,
) -> (Running, mpsc::UnboundedSender<Vec<event_log::Delivered>>) {
    let codec = wire();
    let decoder: Arc<dyn Decode> = codec.clone();
    let follower = Follower::start(Arc::clone(log), decoder, &Default::default()).expect("it follows");
    let (end, received) = mpsc::unbounded_channel();
    let options = Options {
        node: directory.display().to_string(),
        url: String::new(),
        directory: directory.to_owned(),
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
