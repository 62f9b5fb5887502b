use super::*;
use crate::port::{Column, ColumnType, Row};

static ROWS: Table = Table {
    projection: "trial",
    name: "rows",
    columns: &[Column {
        name: "bytes",
        kind: ColumnType::Blob,
    }],
};

fn write(partition: &str, clustering: u8, bytes: usize) -> Mutation {
    Mutation::Write {
        table: &ROWS,
        row: Row {
            key: Key {
                partition: partition.to_owned(),
                clustering: vec![clustering],
            },
            values: vec![Value::Blob(vec![0; bytes])],
        },
        version: 1,
    }
}

fn lengths(mutations: &[Mutation]) -> Vec<usize> {
    let changes: Result<Vec<Change<'_>>, _> = mutations.iter().map(Change::of).collect();
    groups(&changes.expect("they can be written"))
        .map(<[Change<'_>]>::len)
        .collect()
}

#[test]
fn neighbours_of_one_partition_go_together_and_no_others() {
    let mutations = [write("a", 1, 1), write("a", 2, 1), write("b", 1, 1), write("a", 3, 1)];
    assert_eq!(lengths(&mutations), [2, 1, 1]);
    assert_eq!(lengths(&[]), Vec::<usize>::new());
}

#[test]
fn what_goes_together_stays_below_its_size() {
    let half = GROUP_BYTES_MAX / 2 - 2;
    let mutations: Vec<Mutation> = (0..5).map(|number| write("a", number, half)).collect();
    assert_eq!(lengths(&mutations), [2, 2, 1]);
    let large: Vec<Mutation> = (0..3).map(|number| write("a", number, GROUP_BYTES_MAX)).collect();
    assert_eq!(lengths(&large), [1, 1, 1]);
    let mixed = [
        write("a", 1, 10),
        write("a", 2, GROUP_BYTES_MAX),
        write("a", 3, 10),
        write("a", 4, 10),
    ];
    assert_eq!(lengths(&mixed), [1, 1, 2]);
}

#[test]
fn a_row_that_no_table_takes_is_refused_before_anything_is_written() {
    for mutation in [write("", 1, 1), write(&"x".repeat(70_000), 1, 1)] {
        assert!(matches!(Change::of(&mutation), Err(StoreError::Damaged(_))));
    }
    let mut narrow = write("a", 1, 1);
    if let Mutation::Write { row, .. } = &mut narrow {
        row.values.clear();
    }
    assert!(matches!(Change::of(&narrow), Err(StoreError::Damaged(_))));
}
