//! What every adapter must do: one suite, run against each of them by [`contract_tests!`](crate::contract_tests).

use std::collections::BTreeMap;

use domain::stream::{Shard, Topic};

use crate::port::{Batch, Direction, Mutation, PAGE_ROWS_MAX, PageRange, ReadStore, Row, Value, Version};

mod rows;

use rows::{KEYS_ONLY, ROWS, SHARD, TABLES, all, apply, batch, delete, get, key, opened, position, row, write};

/// Expands to one test for each rule. The expression opens an empty store and gives what must outlive it, and it.
#[macro_export]
macro_rules! contract_tests {
    ($open:expr) => {
        $crate::contract_tests!(@each $open;
            a_row_is_read_as_it_was_written,
            replaying_changes_nothing,
            an_older_write_loses,
            an_older_delete_loses,
            a_deleted_row_stays_deleted_when_an_older_write_comes_late,
            a_write_and_a_delete_of_one_commit_leave_the_row_in_either_order,
            a_replacement_outdoes_its_commit_and_nothing_younger,
            any_order_of_the_same_changes_leaves_the_same_rows,
            pages_go_both_ways_between_exclusive_ends,
            a_page_never_leaves_its_partition,
            pages_and_scans_keep_their_limits,
            a_page_skips_what_was_deleted,
            a_scan_gives_every_row_once_with_its_version,
            positions_are_kept_by_projection_generation_and_shard,
            progress_follows_the_positions,
            generations_do_not_see_each_other,
            dropping_a_generation_takes_its_rows_and_positions,
            creating_twice_keeps_what_is_there,
            forgetting_the_deleted_keeps_rows_and_younger_deletes,
            what_was_never_created_is_an_error,
            odd_keys_and_values_survive,
        );
    };
    (@each $open:expr; $($rule:ident,)+) => {
        $(
            #[tokio::test]
            async fn $rule() {
                let (_guard, store) = $open;
                $crate::contract::$rule(&store).await;
            }
        )+
    };
}

/// Reads of keys come in their order, with none where there is no row.
pub async fn a_row_is_read_as_it_was_written(store: &impl ReadStore) {
    opened(store).await;
    let written = row("a", b"1", "text");
    apply(store, vec![write(written.clone(), 5)]).await;
    let keys = [key("a", b"2"), written.key.clone(), key("b", b"1"), written.key.clone()];
    let found = store.get(&ROWS, 1, &keys).await.expect("rows can be read");
    assert_eq!(found, [None, Some(written.clone()), None, Some(written.clone())]);
    let found = store
        .get_versioned(&ROWS, 1, &keys[..2])
        .await
        .expect("rows can be read");
    assert_eq!(found, [None, Some((written, 5))]);
}

/// A batch that is applied again changes nothing.
pub async fn replaying_changes_nothing(store: &impl ReadStore) {
    opened(store).await;
    let batch = vec![
        write(row("a", b"1", "kept"), 5),
        delete(key("a", b"2"), 5),
        write(row("a", b"3", "too"), 6),
    ];
    apply(store, batch.clone()).await;
    let before = all(store).await;
    apply(store, batch).await;
    assert_eq!(all(store).await, before);
    assert_eq!(before.len(), 2);
}

/// The newest write stays.
pub async fn an_older_write_loses(store: &impl ReadStore) {
    opened(store).await;
    apply(store, vec![write(row("a", b"1", "new"), 9)]).await;
    apply(store, vec![write(row("a", b"1", "old"), 8)]).await;
    assert_eq!(get(store, key("a", b"1")).await, Some(row("a", b"1", "new")));
    apply(store, vec![write(row("a", b"1", "newest"), 10)]).await;
    assert_eq!(get(store, key("a", b"1")).await, Some(row("a", b"1", "newest")));
}

/// A delete takes only what is not newer.
pub async fn an_older_delete_loses(store: &impl ReadStore) {
    opened(store).await;
    apply(store, vec![write(row("a", b"1", "new"), 9)]).await;
    apply(store, vec![delete(key("a", b"1"), 8)]).await;
    assert!(get(store, key("a", b"1")).await.is_some());
    apply(store, vec![delete(key("a", b"1"), 10)]).await;
    assert!(get(store, key("a", b"1")).await.is_none());
}

/// A tombstone remembers the delete, of a row that was there and of one that was not.
pub async fn a_deleted_row_stays_deleted_when_an_older_write_comes_late(store: &impl ReadStore) {
    opened(store).await;
    apply(store, vec![write(row("a", b"1", "old"), 3), delete(key("a", b"1"), 5)]).await;
    apply(store, vec![delete(key("a", b"2"), 5)]).await;
    apply(
        store,
        vec![write(row("a", b"1", "late"), 4), write(row("a", b"2", "late"), 4)],
    )
    .await;
    assert_eq!(all(store).await, []);
    apply(store, vec![write(row("a", b"1", "again"), 6)]).await;
    assert_eq!(get(store, key("a", b"1")).await, Some(row("a", b"1", "again")));
}

/// One stream frees a key and another takes it in the same commit.
pub async fn a_write_and_a_delete_of_one_commit_leave_the_row_in_either_order(store: &impl ReadStore) {
    opened(store).await;
    apply(
        store,
        vec![delete(key("a", b"1"), 5), write(row("a", b"1", "taken"), 5)],
    )
    .await;
    apply(
        store,
        vec![write(row("a", b"2", "taken"), 5), delete(key("a", b"2"), 5)],
    )
    .await;
    assert_eq!(get(store, key("a", b"1")).await, Some(row("a", b"1", "taken")));
    assert_eq!(get(store, key("a", b"2")).await, Some(row("a", b"2", "taken")));
}

/// A replacement takes the place of what its commit has written, and is outdone by whatever is younger.
pub async fn a_replacement_outdoes_its_commit_and_nothing_younger(store: &impl ReadStore) {
    opened(store).await;
    apply(store, vec![write(row("a", b"1", "damaged"), 5)]).await;
    let replacement = || Mutation::Replace {
        table: &ROWS,
        row: row("a", b"1", "as it was"),
        version: 5,
    };
    apply(store, vec![replacement()]).await;
    apply(
        store,
        vec![write(row("a", b"1", "damaged"), 5), delete(key("a", b"1"), 5)],
    )
    .await;
    assert_eq!(get(store, key("a", b"1")).await, Some(row("a", b"1", "as it was")));
    apply(store, vec![delete(key("a", b"1"), 6)]).await;
    apply(store, vec![replacement()]).await;
    assert_eq!(get(store, key("a", b"1")).await, None);
    apply(store, vec![write(row("a", b"1", "younger"), 7)]).await;
    apply(store, vec![replacement()]).await;
    assert_eq!(get(store, key("a", b"1")).await, Some(row("a", b"1", "younger")));
}

/// Overlapping workers converge.
pub async fn any_order_of_the_same_changes_leaves_the_same_rows(store: &impl ReadStore) {
    opened(store).await;
    let changes = |partition: &str| {
        vec![
            write(row(partition, b"1", "first"), 1),
            delete(key(partition, b"1"), 2),
            write(row(partition, b"2", "second"), 2),
            write(row(partition, b"1", "third"), 3),
            delete(key(partition, b"2"), 4),
        ]
    };
    for rotation in 0..5 {
        let mut rotated = changes(&format!("rotated {rotation}"));
        rotated.rotate_left(rotation);
        for change in rotated.into_iter().rev() {
            apply(store, vec![change]).await;
        }
    }
    let rows = all(store).await;
    let left: Vec<_> = rows
        .iter()
        .map(|(row, version)| (row.key.clustering.clone(), *version))
        .collect();
    assert_eq!(left, vec![(b"1".to_vec(), 3); 5]);
}

/// `after` and `before` are not in the page themselves.
pub async fn pages_go_both_ways_between_exclusive_ends(store: &impl ReadStore) {
    opened(store).await;
    let rows = (0..10_u8).map(|number| write(row("a", &[number], "row"), 1));
    apply(store, rows.collect()).await;
    let numbers = async |after: Option<u8>, before: Option<u8>, direction, limit| -> Vec<u8> {
        let range = PageRange {
            after: after.map(|number| vec![number]),
            before: before.map(|number| vec![number]),
        };
        let page = store
            .page(&ROWS, 1, "a", range, direction, limit)
            .await
            .expect("a page can be read");
        page.iter().map(|row| row.key.clustering[0]).collect()
    };
    assert_eq!(numbers(None, None, Direction::Forward, 3).await, [0, 1, 2]);
    assert_eq!(numbers(Some(2), None, Direction::Forward, 3).await, [3, 4, 5]);
    assert_eq!(numbers(Some(7), None, Direction::Forward, 3).await, [8, 9]);
    assert_eq!(numbers(Some(2), Some(5), Direction::Forward, 9).await, [3, 4]);
    assert_eq!(numbers(None, None, Direction::Backward, 3).await, [9, 8, 7]);
    assert_eq!(numbers(None, Some(7), Direction::Backward, 3).await, [6, 5, 4]);
    assert_eq!(numbers(Some(4), Some(7), Direction::Backward, 9).await, [6, 5]);
    assert_eq!(numbers(Some(9), None, Direction::Forward, 3).await, Vec::<u8>::new());
}

/// Partitions with similar names are not mixed up.
pub async fn a_page_never_leaves_its_partition(store: &impl ReadStore) {
    opened(store).await;
    let partitions = ["a", "a/", "a/b", "b", "A"];
    let rows = partitions
        .iter()
        .map(|partition| write(row(partition, b"", partition), 1));
    apply(store, rows.collect()).await;
    for partition in partitions {
        for direction in [Direction::Forward, Direction::Backward] {
            let page = store
                .page(&ROWS, 1, partition, PageRange::default(), direction, 10)
                .await;
            assert_eq!(page, Ok(vec![row(partition, b"", partition)]));
        }
    }
}

/// A limit of nothing is nothing; a limit above [`PAGE_ROWS_MAX`] is cut.
pub async fn pages_and_scans_keep_their_limits(store: &impl ReadStore) {
    opened(store).await;
    let rows = (0..=u16::try_from(PAGE_ROWS_MAX).expect("a page is small"))
        .map(|number| write(row("a", &number.to_be_bytes(), "row"), 1));
    apply(store, rows.collect()).await;
    for (limit, rows) in [(0, 0), (1, 1), (usize::MAX, PAGE_ROWS_MAX)] {
        let page = store
            .page(&ROWS, 1, "a", PageRange::default(), Direction::Forward, limit)
            .await;
        assert_eq!(page.expect("a page can be read").len(), rows);
        let scanned = store.scan(&ROWS, 1, None, limit).await.expect("a table can be scanned");
        assert_eq!(scanned.len(), rows);
    }
}

/// Tombstones take no place in a page.
pub async fn a_page_skips_what_was_deleted(store: &impl ReadStore) {
    opened(store).await;
    let rows = (0..10_u8).map(|number| write(row("a", &[number], "row"), 1));
    apply(store, rows.collect()).await;
    apply(store, (0..9_u8).map(|number| delete(key("a", &[number]), 2)).collect()).await;
    let page = store
        .page(&ROWS, 1, "a", PageRange::default(), Direction::Forward, 2)
        .await;
    assert_eq!(page, Ok(vec![row("a", &[9], "row")]));
}

/// Whatever the size of a page.
pub async fn a_scan_gives_every_row_once_with_its_version(store: &impl ReadStore) {
    opened(store).await;
    let mut expected = BTreeMap::new();
    for (version, partition) in (1..).zip(["b", "a", "ä", "", "a/b"]) {
        for clustering in [[1_u8], [255], [0]] {
            // The empty partition is no place for a row.
            let partition = if partition.is_empty() { "empty" } else { partition };
            let row = row(partition, &clustering, "row");
            expected.insert(row.key.clone(), (row, version));
        }
    }
    apply(
        store,
        expected
            .values()
            .map(|(row, version)| write(row.clone(), *version))
            .collect(),
    )
    .await;
    for limit in [1, 2, 100] {
        let mut scanned = Vec::new();
        loop {
            let after = scanned.last().map(|(row, _): &(Row, Version)| row.key.clone());
            let page = store
                .scan(&ROWS, 1, after, limit)
                .await
                .expect("a table can be scanned");
            if page.is_empty() {
                break;
            }
            scanned.extend(page);
        }
        scanned.sort_by(|(left, _), (right, _)| left.key.cmp(&right.key));
        assert_eq!(scanned, expected.values().cloned().collect::<Vec<_>>());
    }
}

/// A batch replaces only the positions that it names.
pub async fn positions_are_kept_by_projection_generation_and_shard(store: &impl ReadStore) {
    opened(store).await;
    store.create(&TABLES, 2).await.expect("tables can be created");
    let other = Shard {
        topic: Topic::Catalog,
        partition: 0,
    };
    let at = |generation, shard, seq| Batch {
        positions: vec![(shard, position(seq))],
        ..batch(generation, Vec::new())
    };
    let batches = vec![at(1, SHARD, 5), at(1, other, 1), at(1, SHARD, 6), at(2, SHARD, 1)];
    store.apply(&batches).await.expect("positions can be written");
    let first = store.positions("contract", 1).await.expect("positions can be read");
    assert_eq!(first, BTreeMap::from([(SHARD, position(6)), (other, position(1))]));
    let second = store.positions("contract", 2).await.expect("positions can be read");
    assert_eq!(second, BTreeMap::from([(SHARD, position(1))]));
    assert_eq!(store.positions("other", 1).await, Ok(BTreeMap::new()));
}

/// What is applied is known at once.
pub async fn progress_follows_the_positions(store: &impl ReadStore) {
    opened(store).await;
    assert_eq!(store.progress().seq("contract", 1, SHARD), 0);
    let reached = Batch {
        positions: vec![(SHARD, position(5))],
        ..batch(1, Vec::new())
    };
    store.apply(&[reached]).await.expect("positions can be written");
    assert_eq!(store.progress().seq("contract", 1, SHARD), 5);
    store
        .drop_generation(&TABLES, 1)
        .await
        .expect("a generation can be dropped");
    assert_eq!(store.progress().seq("contract", 1, SHARD), 0);
}

/// Green stands beside blue.
pub async fn generations_do_not_see_each_other(store: &impl ReadStore) {
    opened(store).await;
    store.create(&TABLES, 2).await.expect("tables can be created");
    let blue = batch(1, vec![write(row("a", b"1", "blue"), 5)]);
    let green = batch(2, vec![write(row("a", b"1", "green"), 1)]);
    store.apply(&[blue, green]).await.expect("batches can be applied");
    assert_eq!(get(store, key("a", b"1")).await, Some(row("a", b"1", "blue")));
    let green = store.get(&ROWS, 2, &[key("a", b"1")]).await;
    assert_eq!(green, Ok(vec![Some(row("a", b"1", "green"))]));
}

/// A generation that is created again is empty and at the beginning.
pub async fn dropping_a_generation_takes_its_rows_and_positions(store: &impl ReadStore) {
    opened(store).await;
    let mut filled = batch(1, vec![write(row("a", b"1", "gone"), 5)]);
    filled.positions.push((SHARD, position(5)));
    store.apply(&[filled]).await.expect("a batch can be applied");
    for _ in 0..2 {
        store
            .drop_generation(&TABLES, 1)
            .await
            .expect("dropping twice is harmless");
    }
    opened(store).await;
    assert_eq!(all(store).await, []);
    assert_eq!(store.positions("contract", 1).await, Ok(BTreeMap::new()));
    apply(store, vec![write(row("a", b"1", "anew"), 1)]).await;
    assert_eq!(get(store, key("a", b"1")).await, Some(row("a", b"1", "anew")));
}

/// A start finds its tables there.
pub async fn creating_twice_keeps_what_is_there(store: &impl ReadStore) {
    opened(store).await;
    apply(store, vec![write(row("a", b"1", "kept"), 5)]).await;
    opened(store).await;
    assert_eq!(get(store, key("a", b"1")).await, Some(row("a", b"1", "kept")));
}

/// What younger deletes guard against may still come.
pub async fn forgetting_the_deleted_keeps_rows_and_younger_deletes(store: &impl ReadStore) {
    opened(store).await;
    let changes = vec![
        write(row("a", b"0", "row"), 1),
        delete(key("a", b"1"), 5),
        delete(key("a", b"2"), 6),
    ];
    apply(store, changes).await;
    store
        .forget_deleted(&TABLES, 1, 5)
        .await
        .expect("deletes can be forgotten");
    assert_eq!(all(store).await, [(row("a", b"0", "row"), 1)]);
    apply(store, vec![write(row("a", b"2", "late"), 4)]).await;
    assert_eq!(get(store, key("a", b"2")).await, None);
}

/// And not a retryable one: waiting does not create it.
pub async fn what_was_never_created_is_an_error(store: &impl ReadStore) {
    let read = store.get(&ROWS, 7, &[key("a", b"1")]).await;
    assert!(read.is_err_and(|error| !error.is_retryable()));
    let written = store.apply(&[batch(7, vec![write(row("a", b"1", "row"), 1)])]).await;
    assert!(written.is_err_and(|error| !error.is_retryable()));
}

/// Empty texts and blobs, zero bytes, quotes, the ends of the numbers; tables without columns.
pub async fn odd_keys_and_values_survive(store: &impl ReadStore) {
    opened(store).await;
    let odd = [
        ("'; DROP TABLE \"rows\" --", vec![0, 0, 39], i64::MIN, vec![]),
        ("zero\0byte", vec![], i64::MAX, vec![0]),
        ("\u{10ffff}", vec![255; 2_000], 0, vec![1; 100_000]),
    ];
    let rows = odd.map(|(text, clustering, number, blob)| Row {
        key: key(text, &clustering),
        values: vec![Value::Text(text.to_owned()), Value::Integer(number), Value::Blob(blob)],
    });
    apply(store, rows.iter().map(|row| write(row.clone(), 1)).collect()).await;
    for row in rows {
        assert_eq!(get(store, row.key.clone()).await, Some(row));
    }
    let bare = Row {
        key: key("a", b"1"),
        values: Vec::new(),
    };
    let written = Mutation::Write {
        table: &KEYS_ONLY,
        row: bare.clone(),
        version: 1,
    };
    apply(store, vec![written]).await;
    assert_eq!(
        store.get(&KEYS_ONLY, 1, std::slice::from_ref(&bare.key)).await,
        Ok(vec![Some(bare)])
    );
}
