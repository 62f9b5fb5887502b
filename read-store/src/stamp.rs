//! Stamps: the versions of rows as they are compared, in every store the same.

use crate::planted;
use crate::port::{Key, Mutation, Row, Table, Version};

/// What a row was last touched by: `version·4 + 1` for a delete, `+ 2` for a write, `+ 3` for a replacement. The higher
/// one wins, so a write wins over a delete of its own commit, whichever comes first, and a replacement over both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp(pub(crate) i64);

impl Stamp {
    pub(crate) fn of_delete(version: Version) -> Self {
        Self(scaled(version).saturating_add(1))
    }

    pub(crate) fn of_write(version: Version) -> Self {
        Self(scaled(version).saturating_add(2))
    }

    pub(crate) fn of_replacement(version: Version) -> Self {
        Self(scaled(version).saturating_add(3))
    }

    pub(crate) fn version(self) -> Version {
        u64::try_from(self.0 / 4).unwrap_or(0)
    }
}

fn scaled(version: Version) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX).saturating_mul(4)
}

/// A mutation taken apart: of which table, where, from which stamp on, and the row unless it is a delete.
pub(crate) fn parts(mutation: &Mutation) -> (&'static Table, &Key, Stamp, Option<&Row>) {
    let (table, key, stamp, row) = match mutation {
        Mutation::Write { table, row, version } => (*table, &row.key, Stamp::of_write(*version), Some(row)),
        Mutation::Replace { table, row, version } => (*table, &row.key, Stamp::of_replacement(*version), Some(row)),
        Mutation::Delete { table, key, version } => (*table, key, Stamp::of_delete(*version), None),
    };
    let stamp = if planted::stamps_all_the_same() {
        Stamp(1)
    } else {
        stamp
    };
    (table, key, stamp, row)
}
