use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use read_store::{Key, Mutation, Row, Table, Value, Version};

/// What has to be done to rows: for each key the last change, as a store would settle it. A change that another
/// one outdoes is never written; a delete stays, even of a row that nobody wrote, because a worker that was
/// killed may have.
#[derive(Default)]
pub(super) struct PendingRows(BTreeMap<(&'static str, Key), PendingRow>);

struct PendingRow {
    table: &'static Table,
    version: Version,
    values: Option<Vec<Value>>,
}

impl PendingRow {
    /// A write outdoes a delete of the same commit.
    fn rank(&self) -> (Version, bool) {
        (self.version, self.values.is_some())
    }
}

impl PendingRows {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn write(&mut self, table: &'static Table, row: Row, version: Version) {
        self.settle(table, row.key, version, Some(row.values));
    }

    pub(super) fn delete(&mut self, table: &'static Table, key: Key, version: Version) {
        self.settle(table, key, version, None);
    }

    fn settle(&mut self, table: &'static Table, key: Key, version: Version, values: Option<Vec<Value>>) {
        let change = PendingRow { table, version, values };
        match self.0.entry((table.name, key)) {
            Entry::Vacant(vacant) => {
                vacant.insert(change);
            }
            Entry::Occupied(mut known) => {
                if known.get().rank() < change.rank() {
                    known.insert(change);
                }
            }
        }
    }

    /// All of it, by table and key, which is the order that stores write fastest.
    pub(super) fn drain(&mut self) -> Vec<Mutation> {
        let changes = std::mem::take(&mut self.0).into_iter();
        changes.map(|((_, key), change)| change.into_mutation(key)).collect()
    }
}

impl PendingRow {
    fn into_mutation(self, key: Key) -> Mutation {
        let Self { table, version, values } = self;
        match values {
            Some(values) => Mutation::Write {
                table,
                row: Row { key, values },
                version,
            },
            None => Mutation::Delete { table, key, version },
        }
    }
}

#[cfg(test)]
mod tests {
    use read_store::model::product::BY_SLUG;

    use super::*;

    fn row(text: &str) -> Row {
        Row {
            key: Key::of("key".to_owned()),
            values: vec![Value::Text(text.to_owned())],
        }
    }

    #[test]
    fn the_newest_change_of_a_key_is_kept_and_a_delete_with_it() {
        let mut pending = PendingRows::default();
        pending.write(&BY_SLUG, row("first"), 1);
        pending.delete(&BY_SLUG, row("").key, 2);
        let deleted = Mutation::Delete {
            table: &BY_SLUG,
            key: row("").key,
            version: 2,
        };
        assert_eq!(pending.drain(), [deleted]);
        assert!(pending.is_empty());
    }

    #[test]
    fn a_write_outdoes_a_delete_of_its_commit_in_either_order() {
        let written = Mutation::Write {
            table: &BY_SLUG,
            row: row("taken"),
            version: 3,
        };
        let mut pending = PendingRows::default();
        pending.write(&BY_SLUG, row("taken"), 3);
        pending.delete(&BY_SLUG, row("").key, 3);
        assert_eq!(pending.drain(), std::slice::from_ref(&written));
        pending.delete(&BY_SLUG, row("").key, 3);
        pending.write(&BY_SLUG, row("taken"), 3);
        assert_eq!(pending.drain(), [written]);
    }
}
