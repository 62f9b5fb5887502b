use domain::stream::Topic;

use super::*;
use crate::testkit::{TestIndex, category, everything, opened, product, stock};
use crate::{Compared, SearchFiles};

fn shard() -> Shard {
    Shard {
        topic: Topic::Catalog,
        partition: 0,
    }
}

fn at(seq: u64) -> Changes {
    let position = Position {
        seq,
        ..Position::default()
    };
    Changes {
        positions: [(shard(), position)].into(),
        ..Changes::default()
    }
}

/// What two indexes say differently.
fn differences(first: &TestIndex, second: &TestIndex) -> Compared {
    let snapshot = |index: &TestIndex| index.writer.snapshot().expect("a file can be read twice");
    let compared = snapshot(first).compare(&snapshot(second), 100);
    compared.expect("both can be read")
}

#[test]
fn an_index_that_was_kept_up_to_date_equals_one_from_scratch() {
    let mut kept = TestIndex::new();
    let mut lamp = product(1, "Old lamp", 100);
    lamp.description.tags = vec!["old".to_owned(), "light".to_owned()];
    let mut draft = product(2, "Desk", 500);
    draft.status = read_store::model::product::ProductStatus::Draft;
    kept.put(vec![lamp, draft]);
    kept.apply(&Changes {
        stock: vec![stock("SKU-1", 7), stock("SKU-3", 1)],
        ..Changes::default()
    });
    let mut lamp = product(1, "New lamp", 250);
    lamp.description.tags = vec!["light".to_owned()];
    let products = vec![lamp, product(2, "Oak desk", 500), product(3, "Chair", 90)];
    kept.put(products.clone());
    let sold: BTreeMap<_, _> = [(product(3, "", 0).id, 4)].into();
    kept.apply(&Changes {
        sold: sold.clone(),
        ..Changes::default()
    });

    let mut fresh = TestIndex::new();
    // The order in which topics are read is nobody's promise: stock and sales may come before their products.
    fresh.apply(&Changes {
        sold,
        stock: vec![stock("SKU-3", 1), stock("SKU-1", 7)],
        ..Changes::default()
    });
    fresh.put(products.into_iter().rev().collect());
    let compared = differences(&kept, &fresh);
    assert_eq!(compared.named, [], "{compared:?}");
    assert!(compared.rows > 30, "{compared:?}");

    fresh.apply(&Changes {
        sold: [(product(1, "", 0).id, 1)].into(),
        ..Changes::default()
    });
    fresh.put(vec![product(4, "Shelf", 70)]);
    let compared = differences(&kept, &fresh);
    let differ: Vec<_> = compared
        .named
        .iter()
        .filter(|differing| differing.table.name == "product")
        .map(|differing| (differing.first.is_some(), differing.second.is_some()))
        .collect();
    assert_eq!(differ, [(true, true), (false, true)]);
    let is_word = |differing: &&crate::Differing| differing.key.partition == "shelf";
    let of_word = compared.named.iter().filter(is_word);
    let tables: Vec<&str> = of_word.map(|differing| differing.table.name).collect();
    assert_eq!(tables, ["word", "term"], "{compared:?}");
}

#[test]
fn a_snapshot_says_what_was_there_whatever_is_written_meanwhile() {
    let mut index = TestIndex::with(vec![product(1, "Lamp", 100)]);
    let before = index.writer.snapshot().expect("it can be read");
    index.put(vec![product(2, "Desk", 100)]);
    let after = index.writer.snapshot().expect("it can be read");
    let compared = before.compare(&after, 100).expect("both can be read");
    assert!(compared.differing > 0);
    let same = after.compare(&index.writer.snapshot().expect("it can be read"), 100);
    assert_eq!(same.map(|compared| compared.differing), Ok(0));
}

#[test]
fn rows_and_positions_are_there_after_it_was_opened_again() {
    let mut index = TestIndex::with(vec![product(1, "Lamp", 100)]);
    index.apply(&Changes {
        categories: vec![category(9, None)],
        ..at(7)
    });
    let writer = opened(&index.folder, 1).writer;
    assert_eq!(writer.positions().expect("positions")[&shard()].seq, 7);
    assert_eq!(writer.product(product(1, "", 0).id), Ok(Some(product(1, "Lamp", 100))));
    assert_eq!(writer.category(category(9, None).id), Ok(Some(category(9, None))));
}

#[test]
fn a_file_of_another_shape_or_with_unread_commits_or_that_is_none_begins_anew() {
    let index = TestIndex::with(vec![product(1, "Lamp", 100)]);
    let is_empty = |folds| {
        let writer = opened(&index.folder, folds).writer;
        writer.product(product(1, "", 0).id) == Ok(None)
    };
    assert!(!is_empty(1));
    assert!(is_empty(2));
    let mut writer = opened(&index.folder, 2).writer;
    let parked = ParkedAt {
        shard: shard(),
        offset: 3,
        why: "unknown schema".to_owned(),
    };
    let parked = BTreeMap::from([("product 1".to_owned(), parked)]);
    let products = vec![product(1, "Lamp", 100)];
    writer
        .apply(&Changes {
            parked: parked.clone(),
            products,
            ..Changes::default()
        })
        .expect("it can be written");
    assert_eq!(writer.parked(), Ok(parked));
    assert!(is_empty(2));
    let path = opened(&index.folder, 2).writer.path().to_owned();
    std::fs::write(
        &path,
        "this is no database, and is longer than a header of one would have to be to be believed: so it is not one",
    )
    .expect("the file can be written");
    assert!(is_empty(2));
}

#[test]
fn what_was_answered_from_is_opened_and_what_was_begun_after_it_is_gone_on_with() {
    let folder = TestIndex::new().folder;
    let files = SearchFiles::new(folder.path(), 1);
    let mut first = files.create(4).expect("a file");
    let lamp = Changes {
        products: vec![product(1, "Lamp", 100)],
        ..Changes::default()
    };
    first.apply(&lamp).expect("it can be written");
    first.mark_whole().expect("it can be written");
    let _half = files.create(5).expect("a file");
    let _later = files.create(6).expect("a file");
    let opened = opened(&folder, 1);
    assert_eq!(opened.writer.generation(), 4);
    assert_eq!(opened.begun.map(|begun| begun.generation()), Some(6));
    assert!(!files.path(5).exists(), "one is enough");
}

#[test]
fn a_file_that_was_taken_away_is_damaged() {
    let mut index = TestIndex::with(vec![product(1, "Lamp", 100)]);
    std::fs::remove_file(index.writer.path()).expect("it is there");
    let written = index.writer.apply(&at(1));
    assert!(matches!(written, Err(SearchError::Damaged(_))), "{written:?}");
}

#[tokio::test]
async fn whoever_is_shown_another_file_answers_from_it_and_damage_is_told() {
    let index = TestIndex::with(vec![product(1, "Lamp", 100)]);
    let files = SearchFiles::new(index.folder.path(), 1);
    let mut next = files.create(9).expect("a file");
    let desks = Changes {
        products: vec![product(2, "Desk", 100)],
        ..Changes::default()
    };
    next.apply(&desks).expect("it can be written");
    assert_eq!(index.numbers(&everything()).await, [1]);
    index.index.show(&next).expect("it can be opened");
    assert_eq!(index.numbers(&everything()).await, [2]);

    let damaged = index.index.damaged();
    let spoiled = files.create(10).expect("a file");
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    spoiled
        .connection
        .query_row(checkpoint, params![], |_| Ok(()))
        .expect("all of it comes into the file");
    let file = std::fs::OpenOptions::new().write(true).open(files.path(10));
    let file = file.expect("it is there");
    let behind_the_head = 4_096;
    let noise = vec![7; usize::try_from(file.metadata().expect("a length").len()).expect("a small file")];
    std::os::unix::fs::FileExt::write_all_at(&file, &noise, behind_the_head).expect("it can be spoiled");
    index.index.show(&spoiled).expect("it can be opened");
    let asked = index.index.count(everything()).await;
    assert!(matches!(asked, Err(SearchError::Damaged(_))), "{asked:?}");
    assert_eq!(*damaged.borrow(), 10);
}
