use tempfile::TempDir;

use super::*;

fn opened() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let store = SqliteStore::open(&folder.path().join("read.db")).expect("a new file can be opened");
    (folder, store)
}

crate::contract_tests!(opened());

#[test]
fn a_file_that_is_no_database_is_damaged_and_not_overwritten() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("read.db");
    std::fs::write(&path, "no database, but long enough to be taken for one".repeat(100)).expect("a file is written");
    let error = SqliteStore::open(&path).expect_err("it is no database");
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
}

#[tokio::test]
async fn progress_is_known_again_once_the_tables_are_opened() {
    use crate::model::shop;
    use domain::stream::Topic;

    let (folder, store) = opened();
    let shard = Shard {
        topic: Topic::Shop,
        partition: 0,
    };
    let position = Position {
        seq: 9,
        ..Position::default()
    };
    let batch = Batch {
        projection: shop::PROJECTION,
        generation: 1,
        positions: vec![(shard, position)],
        ..Batch::default()
    };
    store.create(&shop::TABLES, 1).await.expect("tables can be created");
    store.apply(&[batch]).await.expect("a position can be written");
    drop(store);
    let store = SqliteStore::open(&folder.path().join("read.db")).expect("the file can be opened again");
    store.create(&shop::TABLES, 1).await.expect("tables can be opened");
    assert_eq!(store.progress().seq(shop::PROJECTION, 1, shard), 9);
}
