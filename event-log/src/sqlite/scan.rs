//! Reading many shards in the order they were written.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::stream::Shard;
use rusqlite::Connection;

use super::Inner;
use super::heads::stored_offset;
use super::reader::{Place, block, heads_count, record, with_reader};
use super::schema::{SELECT_HEADS, SELECT_RUN};
use crate::port::{LogError, Record, Scan};

/// Reads the table from the earliest row that any shard needs, and gives what is wanted. Runs of rows that hold
/// nothing that is wanted are passed over by the rows of heads.
pub(super) struct SqliteScan {
    inner: Arc<Inner>,
    /// The next offset wanted of each shard.
    wanted: BTreeMap<Shard, i64>,
    /// How far it has looked; none before the first look.
    seen: Option<Seen>,
    /// Said at the next call, because good records came before it.
    damage: Option<LogError>,
}

/// How far a scan has looked.
#[derive(Clone, Copy)]
struct Seen {
    /// The last row looked at.
    last_id: i64,
    /// The row of heads behind it, if there is one by now.
    next_heads: i64,
}

impl SqliteScan {
    pub(super) fn new(inner: Arc<Inner>, wanted: BTreeMap<Shard, i64>) -> Self {
        Self {
            inner,
            wanted,
            seen: None,
            damage: None,
        }
    }

    /// The row before the first one that any shard needs.
    fn start(&self, connection: &Connection) -> Result<Seen, LogError> {
        let heads = self.inner.heads().clone();
        let mut start = Seen {
            last_id: heads.last_id,
            next_heads: heads_count(connection)? + 1,
        };
        for (shard, from) in &self.wanted {
            let (Some(index), Some(fold)) = (heads.index(*shard), heads.fold(*shard)) else {
                continue;
            };
            if *from < fold.next() {
                let block = block(connection, index, *from)?;
                if block.after < start.last_id {
                    start = Seen {
                        last_id: block.after,
                        next_heads: block.heads,
                    };
                }
            }
        }
        Ok(start)
    }

    /// The last row of the next run that holds something wanted. Passes over the runs before it.
    fn next_run(&self, connection: &Connection, seen: &mut Seen) -> Result<i64, LogError> {
        let heads = self.inner.heads().clone();
        let mut statement = connection.prepare_cached(SELECT_HEADS)?;
        loop {
            let mut rows = statement.query([seen.next_heads])?;
            let Some(row) = rows.next()? else {
                return Ok(i64::MAX);
            };
            let last_id = row.get(0)?;
            let stored = row.get_ref(1)?.as_blob().unwrap_or_default();
            let holds_some = last_id > seen.last_id
                && self.wanted.iter().any(|(shard, from)| {
                    let index = heads.index(*shard);
                    index.is_some_and(|index| stored_offset(stored, index).is_none_or(|reached| reached >= *from))
                });
            if holds_some {
                return Ok(last_id);
            }
            seen.last_id = last_id.max(seen.last_id);
            seen.next_heads += 1;
        }
    }

    /// Reads on in one run. Whether it was read to its end.
    fn read_run(
        &mut self,
        connection: &Connection,
        seen: &mut Seen,
        through: i64,
        taking: &mut Taking,
    ) -> Result<bool, LogError> {
        let mut statement = connection.prepare_cached(SELECT_RUN)?;
        let mut rows = statement.query([seen.last_id, through])?;
        while let Some(row) = rows.next()? {
            let Place { id, shard, offset } = Place::of(row)?;
            let wanted = shard.filter(|shard| self.wanted.get(shard).is_some_and(|from| offset >= *from));
            if let Some(shard) = wanted {
                match record(row, shard, offset) {
                    Ok(found) if !taking.takes(&found) => return Ok(false),
                    Ok(found) => taking.records.push(found),
                    Err(damage @ LogError::Damaged { .. }) => self.damage = Some(damage),
                    Err(error) => return Err(error),
                }
                self.wanted.insert(shard, offset + 1);
            }
            seen.last_id = id;
            if taking.is_full() || self.damage.is_some() {
                return Ok(false);
            }
        }
        if through < i64::MAX {
            // Whether its last rows are there or not: nobody looks for them again.
            seen.last_id = through;
        }
        Ok(true)
    }
}

/// What one call takes.
struct Taking {
    records: Vec<Arc<Record>>,
    bytes: usize,
    records_max: usize,
    bytes_max: usize,
}

impl Taking {
    /// Whether there is room for one more; there always is for the first.
    fn takes(&mut self, record: &Record) -> bool {
        self.bytes += record.payload.len();
        self.bytes <= self.bytes_max || self.records.is_empty()
    }

    fn is_full(&self) -> bool {
        self.records.len() >= self.records_max
    }
}

impl Scan for SqliteScan {
    fn next(&mut self, records_max: usize, bytes_max: usize) -> Result<Vec<Arc<Record>>, LogError> {
        if let Some(damage) = self.damage.take() {
            return Err(damage);
        }
        let inner = Arc::clone(&self.inner);
        with_reader(&inner, |connection| {
            let mut seen = match self.seen {
                Some(seen) => seen,
                None => self.start(connection)?,
            };
            let mut taking = Taking {
                records: Vec::new(),
                bytes: 0,
                records_max: records_max.max(1),
                bytes_max,
            };
            loop {
                let through = self.next_run(connection, &mut seen)?;
                let is_at_its_end = self.read_run(connection, &mut seen, through, &mut taking)?;
                if !is_at_its_end || through == i64::MAX {
                    break;
                }
            }
            self.seen = Some(seen);
            match self.damage.take_if(|_| taking.records.is_empty()) {
                Some(damage) => Err(damage),
                None => Ok(taking.records),
            }
        })
    }
}
