use crate::model::product::{CATEGORY_PAGE, PROJECTION, TABLES};
use crate::model::{Clustering, id_row};
use crate::port::{Batch, Key, Mutation};
use crate::{MemoryStore, ReadStore};
use uuid::Uuid;

use super::*;

/// Products 0, 3, 6, 9 in "a", 0, 2, 4, 6, 8 in "b".
async fn store() -> MemoryStore {
    let store = MemoryStore::new();
    store.create(&TABLES, 1).await.expect("tables can be created");
    let placed = [("a", 3), ("b", 2)].into_iter().flat_map(|(partition, step)| {
        (0..10).step_by(step).map(move |number: u8| {
            let id = Uuid::from_u128(u128::from(number));
            let key = Key {
                partition: partition.to_owned(),
                clustering: Clustering::new().integer(i64::from(number)).id(id).into_bytes(),
            };
            Mutation::Write {
                table: &CATEGORY_PAGE,
                row: id_row(key, id),
                version: 1,
            }
        })
    });
    let batch = Batch {
        projection: PROJECTION,
        generation: 1,
        mutations: placed.collect(),
        ..Batch::default()
    };
    store.apply(&[batch]).await.expect("rows can be written");
    store
}

async fn merged(store: &MemoryStore, range: PageRange, direction: Direction, limit: usize) -> Vec<Row> {
    let partitions = ["a", "b", "empty"].map(str::to_owned);
    merged_page(store, &CATEGORY_PAGE, 1, &partitions, &range, direction, limit)
        .await
        .expect("a page can be read")
}

fn numbers(rows: &[Row]) -> Vec<u128> {
    rows.iter()
        .map(|row| crate::model::id_value(row).expect("the row holds an id").as_u128())
        .collect()
}

#[tokio::test]
async fn partitions_are_read_as_one_and_nothing_twice() {
    let store = store().await;
    let all = merged(&store, PageRange::default(), Direction::Forward, 100).await;
    assert_eq!(numbers(&all), [0, 2, 3, 4, 6, 8, 9]);
    let backward = merged(&store, PageRange::default(), Direction::Backward, 3).await;
    assert_eq!(numbers(&backward), [9, 8, 6]);
}

#[tokio::test]
async fn pages_join_without_gap_or_overlap() {
    let store = store().await;
    let mut seen = Vec::new();
    let mut range = PageRange::default();
    loop {
        let page = merged(&store, range.clone(), Direction::Forward, 2).await;
        let Some(last) = page.last() else { break };
        range.after = Some(last.key.clustering.clone());
        seen.extend(numbers(&page));
    }
    assert_eq!(seen, [0, 2, 3, 4, 6, 8, 9]);
}
