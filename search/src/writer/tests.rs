use std::collections::BTreeMap;

use domain::stream::Topic;
use rusqlite::types::Value;

use super::*;
use crate::SearchIndex;
use crate::testkit::{TestIndex, category, product, stock};

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

/// Every row of every table but that of the texts, with the products' ids instead of their numbers.
fn rows(index: &TestIndex) -> BTreeMap<&'static str, Vec<Vec<Value>>> {
    let named = "(SELECT hex(uuid) FROM product WHERE product.id =";
    let tables = [
        (
            "product",
            "SELECT hex(uuid), published, newest, best, surplus, unmarked, available, promisable FROM product"
                .to_owned(),
        ),
        (
            "price",
            format!("SELECT currency, amount, is_lowest, {named} product) FROM price"),
        ),
        ("title", format!("SELECT locale, title, {named} product) FROM title")),
        (
            "has",
            format!("SELECT facet, label, products, {named} product) FROM has JOIN value ON value.id = has.value"),
        ),
        ("value", "SELECT facet, label, products FROM value".to_owned()),
        ("word", "SELECT word, folded, letters, products FROM word".to_owned()),
        (
            "sku",
            format!("SELECT sku, tracks, available, threshold, promisable, {named} product) FROM sku"),
        ),
        ("vocabulary", format!("SELECT term, col, {named} doc) FROM temp.term")),
    ];
    let connection = &index.writer.connection;
    let vocabulary = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.term USING fts5vocab(main, text, instance)";
    connection
        .execute_batch(vocabulary)
        .expect("the words of a full-text table can be listed");
    let read = |sql: &str| {
        let mut statement = connection
            .prepare(&format!("{sql} ORDER BY 1, 2, 3"))
            .expect("the tables are there");
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            (0..columns)
                .map(|column| row.get(column))
                .collect::<Result<Vec<Value>, _>>()
        };
        let rows = statement.query_map([], row).expect("they can be read");
        let mut rows: Vec<_> = rows.collect::<Result<_, _>>().expect("they can be read");
        rows.sort_by_key(|row| format!("{row:?}"));
        rows
    };
    tables.iter().map(|(name, sql)| (*name, read(sql))).collect()
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
    assert_eq!(rows(&kept), rows(&fresh));
    assert!(rows(&fresh)["vocabulary"].len() > 5);
}

#[test]
fn rows_and_positions_are_there_after_it_was_opened_again() {
    let mut index = TestIndex::with(vec![product(1, "Lamp", 100)]);
    index.apply(&Changes {
        categories: vec![category(9, None)],
        ..at(7)
    });
    let path = index.folder.path().join("search.db");
    let (writer, _) = SearchIndex::open(&path, 1).expect("it can be opened again");
    assert_eq!(writer.positions().expect("positions")[&shard()].seq, 7);
    assert_eq!(writer.product(product(1, "", 0).id), Ok(Some(product(1, "Lamp", 100))));
    assert_eq!(writer.category(category(9, None).id), Ok(Some(category(9, None))));
}

#[test]
fn a_file_of_another_shape_or_with_unread_commits_or_that_is_none_begins_anew() {
    let index = TestIndex::with(vec![product(1, "Lamp", 100)]);
    let path = index.folder.path().join("search.db");
    let is_empty = |folds| {
        let (writer, _) = SearchIndex::open(&path, folds).expect("it can be opened");
        writer.product(product(1, "", 0).id) == Ok(None)
    };
    assert!(!is_empty(1));
    assert!(is_empty(2));
    let (mut writer, _) = SearchIndex::open(&path, 2).expect("it can be opened");
    let parked = [("product 1".to_owned(), "unknown schema".to_owned())].into();
    let products = vec![product(1, "Lamp", 100)];
    writer
        .apply(&Changes {
            parked,
            products,
            ..Changes::default()
        })
        .expect("it can be written");
    assert!(is_empty(2));
    drop(writer);
    std::fs::write(
        &path,
        "this is no database, and is longer than a header of one would have to be to be believed: so it is not one",
    )
    .expect("the file can be written");
    assert!(is_empty(2));
}
