//! A node that is killed or paused under the store's hands, and one whose answers get lost.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use engines::{Cassandra, Direction, Proxy};
use read_store::scylla::ScyllaStore;
use read_store::{Key, ReadStore, StoreError};
use tokio::sync::{MutexGuard, OnceCell};
use tokio::task::block_in_place;

use crate::fixture::{
    Keyspace, PATIENCE, SHARD, TABLES, VIEWS, apply_at_last, at_last, commit, dump, expected, position,
};

/// How long the store may take to give up, on a busy machine.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(10);

/// How long the store may take to work again once the node does, on a busy machine.
const RECOVERED_WITHIN: Duration = Duration::from_secs(30);

/// How long a node is paused: longer than the store repeats a request.
const PAUSE: Duration = Duration::from_secs(6);

/// The node that these tests stop, one after the other.
async fn node() -> MutexGuard<'static, Cassandra> {
    static NODE: OnceCell<tokio::sync::Mutex<Cassandra>> = OnceCell::const_new();
    let start = async || {
        let node = block_in_place(Cassandra::start).expect("a node can be started");
        tokio::sync::Mutex::new(node)
    };
    NODE.get_or_init(start).await.lock().await
}

/// Writes commits until it is told to stop, each until it is acknowledged.
struct Writer {
    acknowledged: Arc<Mutex<u64>>,
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Writer {
    fn start(store: Arc<ScyllaStore>) -> Self {
        let acknowledged = Arc::new(Mutex::new(0));
        let (stop, mut stopped) = tokio::sync::oneshot::channel();
        let told = Arc::clone(&acknowledged);
        let task = tokio::spawn(async move {
            for seq in 1.. {
                if stopped.try_recv().is_ok() {
                    return;
                }
                apply_at_last(store.as_ref(), &[commit(seq)]).await;
                *told.lock().expect("no test panics with it") = seq;
            }
        });
        Self {
            acknowledged,
            stop,
            task,
        }
    }

    fn acknowledged(&self) -> u64 {
        *self.acknowledged.lock().expect("no test panics with it")
    }

    /// Waits until so many more commits are acknowledged; how long that took.
    async fn more(&self, commits: u64) -> Duration {
        let (begun, aim) = (Instant::now(), self.acknowledged() + commits);
        while self.acknowledged() < aim {
            assert!(begun.elapsed() < PATIENCE, "{} of {aim} commits", self.acknowledged());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        begun.elapsed()
    }

    async fn stop(self) -> u64 {
        self.stop.send(()).expect("it still writes");
        self.task.await.expect("it ends");
        let acknowledged = self.acknowledged.lock().expect("no test panics with it");
        *acknowledged
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_node_has_every_row_of_every_position_it_acknowledged() {
    let mut node = node().await;
    let keyspace = Keyspace::at(node.address());
    let store = Arc::new(keyspace.open_with_tables().await);
    let writer = Writer::start(Arc::clone(&store));
    writer.more(30).await;
    for _ in 0..2 {
        node.kill().expect("it can be killed");
        let before = writer.acknowledged();
        block_in_place(|| node.restart()).expect("it can be restarted");
        // A node that has just started may be slow to answer.
        let fresh = at_last(async || ScyllaStore::open(keyspace.options()).await).await;
        let stored = at_last(async || fresh.positions("trial", 1).await).await;
        let seq = stored.get(&SHARD).map_or(0, |position| position.seq);
        assert!(seq >= before, "{before} was acknowledged, {seq} is stored");
        let recovered = writer.more(30).await;
        assert!(recovered < RECOVERED_WITHIN, "{recovered:?}");
    }
    let acknowledged = writer.stop().await;
    let fresh = keyspace.open().await;
    assert_eq!(dump(&fresh, 1).await, expected(acknowledged).await);
    for seq in 1..=acknowledged {
        fresh.apply(&[commit(seq)]).await.expect("a batch can be applied again");
    }
    assert_eq!(
        dump(&fresh, 1).await,
        expected(acknowledged).await,
        "a replay changes nothing"
    );
    let positions = fresh.positions("trial", 1).await.expect("positions can be read");
    assert_eq!(positions.get(&SHARD), Some(&position(acknowledged)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_node_is_given_up_in_time_and_found_again_within_seconds() {
    let node = node().await;
    let keyspace = Keyspace::at(node.address());
    let store = keyspace.open_with_tables().await;
    store.apply(&[commit(1)]).await.expect("a batch can be applied");
    node.pause().expect("it can be paused");
    let paused = Instant::now();
    let batches = [commit(2)];
    let keys = [Key::of("stream 1".to_owned())];
    let (written, read, opened, created) = tokio::join!(
        store.apply(&batches),
        store.get(&VIEWS, 1, &keys),
        ScyllaStore::open(keyspace.options()),
        tokio::time::timeout(GIVEN_UP_WITHIN / 2, store.positions("trial", 1)),
    );
    let given_up = paused.elapsed();
    assert!(given_up < GIVEN_UP_WITHIN, "{given_up:?}");
    for error in [written.err(), read.err(), opened.err(), created.expect("in time").err()] {
        assert!(matches!(error, Some(StoreError::Unavailable(_))), "{error:?}");
    }
    tokio::time::sleep(PAUSE.saturating_sub(paused.elapsed())).await;
    node.resume().expect("it can be resumed");
    let recovered = apply_at_last(&store, &batches).await;
    assert!(recovered < RECOVERED_WITHIN, "{recovered:?}");
    assert_eq!(dump(&store, 1).await, expected(2).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_waits_for_the_answers_to_its_rows_and_a_position_for_both() {
    let keyspace = Keyspace::shared();
    let proxy = Proxy::start(keyspace.address()).expect("a proxy can be started");
    let behind = ScyllaStore::open(keyspace.options_at(&proxy.address())).await;
    let behind = behind.expect("the store can be opened through the proxy");
    behind.create(&TABLES, 1).await.expect("tables can be created");
    behind.apply(&[commit(1)]).await.expect("a batch can be applied");
    proxy.black_hole(Direction::Replies);
    let lost = behind.apply(&[commit(2)]).await;
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    let direct = keyspace.open().await;
    let positions = direct.positions("trial", 1).await.expect("positions can be read");
    assert_eq!(positions.get(&SHARD), Some(&position(1)));
    let view = direct.get(&VIEWS, 1, &[Key::of("stream 2".to_owned())]).await;
    assert_eq!(view, Ok(vec![None]), "the answers to its rows were lost");
    assert_eq!(behind.progress().seq("trial", 1, SHARD), 1);
    proxy.heal();
    let recovered = apply_at_last(&behind, &[commit(2)]).await;
    assert!(recovered < RECOVERED_WITHIN, "{recovered:?}");
    assert_eq!(dump(&direct, 1).await, expected(2).await);
}
