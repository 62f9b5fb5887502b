//! Whoever writes, in whatever order and however often: the same rows.

use futures::future::{join_all, try_join};
use read_store::{Batch, Key, Mutation, ReadStore, Row, StoreError, Value};

use crate::fixture::{DERIVED, Keyspace, SHARD, TABLES, VIEWS, apply_at_last, commit, dump, expected, position};

const COMMITS: u64 = 60;

/// The commits in an order that depends on the worker.
fn shuffled(worker: u64) -> Vec<Batch> {
    let mut seqs: Vec<u64> = (1..=COMMITS).collect();
    // Some permutation; which one does not matter.
    seqs.sort_by_key(|seq| (seq * 7_919 + worker * 104_729) % 61);
    seqs.into_iter().map(commit).collect()
}

#[tokio::test]
async fn overlapping_workers_that_write_the_same_in_other_orders_converge() {
    let keyspace = Keyspace::shared();
    let first = keyspace.open_with_tables().await;
    let second = keyspace.open().await;
    let work = async |store: &dyn ReadStore, worker: u64| {
        for batches in shuffled(worker).chunks(7) {
            store.apply(batches).await.expect("batches can be applied");
        }
    };
    tokio::join!(work(&first, 1), work(&second, 2), work(&first, 3));
    assert_eq!(dump(&second, 1).await, expected(COMMITS).await);
    let positions = first.positions("trial", 1).await.expect("positions can be read");
    assert_eq!(
        positions.get(&SHARD),
        Some(&position(COMMITS)),
        "a position never goes back"
    );
}

#[tokio::test]
async fn a_projection_is_rebuilt_after_its_tables_were_emptied() {
    let keyspace = Keyspace::shared();
    let store = keyspace.open_with_tables().await;
    store.apply(&[commit(1_000)]).await.expect("a batch can be applied");
    for table in ["trial_views_g1", "trial_derived_g1", "trial_positions_g1"] {
        keyspace.say(&format!("TRUNCATE KEYSPACE_NAME.{table}")).await;
    }
    assert_eq!(store.positions("trial", 1).await, Ok([].into()));
    for seq in 1..=COMMITS {
        store.apply(&[commit(seq)]).await.expect("a batch can be applied");
    }
    assert_eq!(dump(&store, 1).await, expected(COMMITS).await);
}

#[tokio::test]
async fn a_generation_that_is_made_anew_knows_nothing_of_the_old_one() {
    let keyspace = Keyspace::shared();
    let store = keyspace.open_with_tables().await;
    store.apply(&[commit(1_000)]).await.expect("a batch can be applied");
    store.drop_generation(&TABLES, 1).await.expect("it can be dropped");
    store.create(&TABLES, 1).await.expect("it can be created");
    for seq in 1..=COMMITS {
        store.apply(&[commit(seq)]).await.expect("a batch can be applied");
    }
    assert_eq!(dump(&store, 1).await, expected(COMMITS).await);
    let positions = store.positions("trial", 1).await.expect("positions can be read");
    assert_eq!(positions.get(&SHARD), Some(&position(COMMITS)));
}

#[tokio::test]
async fn a_batch_that_cannot_be_written_keeps_no_other_from_its_position() {
    let keyspace = Keyspace::shared();
    let store = keyspace.open_with_tables().await;
    let impossible = Mutation::Write {
        table: &VIEWS,
        row: Row {
            key: Key::of(String::new()),
            values: vec![Value::Blob(Vec::new())],
        },
        version: 1,
    };
    let other = Batch {
        projection: "other",
        generation: 1,
        mutations: vec![impossible],
        positions: vec![(SHARD, position(1))],
        ..Batch::default()
    };
    let applied = store.apply(&[other, commit(1)]).await;
    assert!(matches!(applied, Err(StoreError::Damaged(_))), "{applied:?}");
    let positions = store.positions("trial", 1).await.expect("positions can be read");
    assert_eq!(positions.get(&SHARD), Some(&position(1)));
    assert_eq!(store.positions("other", 1).await, Ok([].into()));
}

#[tokio::test]
async fn a_row_that_the_database_refuses_leaves_the_position_where_it_was() {
    let keyspace = Keyspace::shared();
    let store = keyspace.open_with_tables().await;
    apply_at_last(&store, &[commit(1)]).await;
    let mut batch = commit(2);
    batch.views.push(Mutation::Write {
        table: &VIEWS,
        row: Row {
            key: Key::of("too large for any node".to_owned()),
            values: vec![Value::Blob(vec![0; 64 * 1024 * 1024])],
        },
        version: 2,
    });
    store
        .apply(&[batch])
        .await
        .expect_err("no node takes a row of this size");
    let positions = store.positions("trial", 1).await.expect("positions can be read");
    assert_eq!(positions.get(&SHARD), Some(&position(1)));
}

#[tokio::test]
async fn where_no_row_can_be_none_is_found() {
    let keyspace = Keyspace::shared();
    let store = keyspace.open_with_tables().await;
    let long = "x".repeat(70_000);
    let keys = [Key::of(String::new()), Key::of(long.clone())];
    assert_eq!(store.get(&VIEWS, 1, &keys).await, Ok(vec![None, None]));
    let range = read_store::PageRange {
        after: Some(long.clone().into_bytes()),
        before: None,
    };
    let forward = read_store::Direction::Forward;
    for partition in ["", "page", &long] {
        let page = store.page(&DERIVED, 1, partition, range.clone(), forward, 10).await;
        assert_eq!(page, Ok(Vec::new()));
    }
}

#[tokio::test]
async fn many_rows_of_one_partition_and_of_many_are_written_together() {
    const ROWS: u32 = 3_000;
    let keyspace = Keyspace::shared();
    let store = keyspace.open_with_tables().await;
    let mutation = |partition: &str, number: u32| Mutation::Write {
        table: &DERIVED,
        row: Row {
            key: Key {
                partition: partition.to_owned(),
                clustering: number.to_be_bytes().to_vec(),
            },
            values: vec![Value::Text("x".repeat(100))],
        },
        version: 1,
    };
    let mut mutations: Vec<Mutation> = (0..ROWS).map(|number| mutation("one", number)).collect();
    mutations.extend((0..ROWS).map(|number| mutation(&format!("of {number}"), 0)));
    let batch = Batch {
        projection: "trial",
        generation: 1,
        mutations,
        ..Batch::default()
    };
    store.apply(&[batch]).await.expect("a batch can be applied");
    assert_eq!(dump(&store, 1).await.len(), 2 * ROWS as usize);
}

#[tokio::test]
async fn two_processes_may_create_and_drop_the_same_tables_at_once() {
    let keyspace = Keyspace::shared();
    let (first, second) = try_join(
        read_store::scylla::ScyllaStore::open(keyspace.options()),
        read_store::scylla::ScyllaStore::open(keyspace.options()),
    )
    .await
    .expect("both can be opened");
    let created = join_all([first.create(&TABLES, 1), second.create(&TABLES, 1)]).await;
    assert_eq!(created, [Ok(()), Ok(())]);
    first.apply(&[commit(1)]).await.expect("a batch can be applied");
    second.apply(&[commit(2)]).await.expect("a batch can be applied");
    assert_eq!(dump(&first, 1).await, expected(2).await);
    let dropped = join_all([first.drop_generation(&TABLES, 1), second.drop_generation(&TABLES, 1)]).await;
    assert_eq!(dropped, [Ok(()), Ok(())]);
    let written = second.apply(&[commit(3)]).await;
    assert!(written.is_err_and(|error| !error.is_retryable()), "the tables are gone");
}
