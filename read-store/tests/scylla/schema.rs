//! Keyspaces and tables.

use read_store::scylla::{ScyllaOptions, ScyllaStore};
use read_store::{Column, ColumnType, ReadStore, StoreError, Table};

use crate::fixture::{Keyspace, SHARD, TABLES, commit};

#[tokio::test]
async fn a_table_with_other_columns_is_refused_by_name() {
    static OTHER: Table = Table {
        projection: "trial",
        name: "views",
        columns: &[Column {
            name: "view",
            kind: ColumnType::Text,
        }],
    };
    let keyspace = Keyspace::shared();
    let store = keyspace.open_with_tables().await;
    let created = store.create(&[&OTHER], 1).await;
    assert!(
        matches!(&created, Err(StoreError::Damaged(why)) if why.contains("trial_views_g1")),
        "{created:?}"
    );
}

#[tokio::test]
async fn progress_is_known_again_once_the_tables_are_opened() {
    let keyspace = Keyspace::shared();
    let store = keyspace.open_with_tables().await;
    store.apply(&[commit(9)]).await.expect("a batch can be applied");
    let again = keyspace.open().await;
    assert_eq!(again.progress().seq("trial", 1, SHARD), 0);
    again.create(&TABLES, 1).await.expect("tables can be opened");
    assert_eq!(again.progress().seq("trial", 1, SHARD), 9);
}

#[tokio::test]
async fn a_keyspace_that_is_there_is_taken_as_it_is() {
    let keyspace = Keyspace::shared();
    drop(keyspace.open_with_tables().await);
    let options = ScyllaOptions {
        replication: 3,
        ..keyspace.options()
    };
    let store = ScyllaStore::open(options).await.expect("it can be opened");
    store.apply(&[commit(1)]).await.expect("one copy is still enough");
}

#[tokio::test]
async fn options_that_make_no_sense_are_refused_before_anything_is_asked() {
    let sensible = ScyllaOptions {
        contact_points: vec!["127.0.0.1:1".to_owned()],
        keyspace_prefix: "shop".to_owned(),
        replication: 1,
        user: None,
        password: None,
    };
    let prefix = |prefix: &str| ScyllaOptions {
        keyspace_prefix: prefix.to_owned(),
        ..sensible.clone()
    };
    let mut senseless = vec![
        prefix(""),
        prefix("1shop"),
        prefix("Shop"),
        prefix("a\"; DROP"),
        prefix(&"x".repeat(33)),
    ];
    senseless.push(ScyllaOptions {
        contact_points: Vec::new(),
        ..sensible.clone()
    });
    senseless.push(ScyllaOptions {
        replication: 0,
        ..sensible.clone()
    });
    for options in senseless {
        let opened = ScyllaStore::open(options).await;
        assert!(matches!(opened, Err(StoreError::Damaged(_))), "{opened:?}");
    }
    let nobody = ScyllaStore::open(sensible).await.expect_err("nobody listens there");
    assert!(nobody.is_retryable(), "{nobody}");
}
