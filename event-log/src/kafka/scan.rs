//! Reading: what is recent from memory, the rest through one of the readers' consumers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::stream::Shard;
use rdkafka::error::KafkaError as RdKafkaError;
use rdkafka::message::{BorrowedMessage, Message};

use super::Inner;
use super::batch::Batch;
use super::readers::Seat;
use super::record::decode;
use crate::port::{LogError, Record, Scan};

/// How long one look waits for a record that must be there.
const RECORD_WITHIN: Duration = Duration::from_secs(5);
/// How long to wait for any of several partitions before only one is looked at.
const ANY_WITHIN: Duration = Duration::from_secs(1);
/// How often it must be heard that records are missing for that to be believed.
const DOUBTS_MAX: u32 = 3;

static READERS: AtomicU64 = AtomicU64::new(0);

/// A pass over several shards.
pub(super) struct KafkaScan {
    inner: Arc<Inner>,
    /// Which reader this is, to find its consumer again.
    reader: u64,
    /// The next offset of each shard.
    wanted: BTreeMap<Shard, i64>,
    /// Where each shard ended when that was asked last.
    ends: BTreeMap<Shard, i64>,
    /// A record that the last look had no room for.
    left_over: Option<Arc<Record>>,
    /// Said at the next call, because good records came before it.
    damage: Option<LogError>,
    reads_memory: bool,
    /// How often it was heard, since the last record, that records are missing.
    doubts: u32,
}

/// What comes of what a consumer gave.
enum Heard {
    Something,
    Nothing,
    /// A partition ends here.
    End,
    /// A record that does not follow the one before; to be looked at again.
    Hole,
}

impl KafkaScan {
    pub(super) fn new(inner: Arc<Inner>, wanted: BTreeMap<Shard, i64>) -> Self {
        let is_known = |shard: &Shard| inner.recent.knows(*shard);
        let wanted = wanted.into_iter().filter(|(shard, _)| is_known(shard)).collect();
        Self {
            inner,
            reader: READERS.fetch_add(1, Ordering::Relaxed),
            wanted,
            ends: BTreeMap::new(),
            left_over: None,
            damage: None,
            reads_memory: true,
            doubts: 0,
        }
    }

    /// Reads what the brokers hold, whatever this process remembers.
    pub(super) fn past_memory(mut self) -> Self {
        self.reads_memory = false;
        self
    }

    /// The shards with records to come, as far as is known.
    fn pending(&self) -> BTreeMap<Shard, i64> {
        let is_pending = |(shard, next): &(&Shard, &i64)| self.is_pending(**shard, **next);
        let pending = self.wanted.iter().filter(is_pending);
        pending.map(|(shard, next)| (*shard, *next)).collect()
    }

    /// Asked for each message.
    fn has_pending(&self) -> bool {
        self.wanted.iter().any(|(shard, next)| self.is_pending(*shard, *next))
    }

    fn is_pending(&self, shard: Shard, next: i64) -> bool {
        self.ends.get(&shard).is_some_and(|end| next < *end)
    }

    /// Asks where the shards end, and at the first time whether they still begin at their beginning.
    fn ask(&mut self) -> Result<(), LogError> {
        // Before the question: what is known may grow while it is answered.
        let known = self.inner.recent.nexts();
        let ends = self.inner.asker.ends(self.wanted.keys().copied())?;
        for (shard, end) in &ends {
            if let Some(known) = known.get(shard).filter(|known| *known > end) {
                self.inner.signal.suspect();
                let why = format!("{shard} ends at {end}, but {known} was its end before");
                return Err(LogError::Unavailable(why));
            }
        }
        if self.ends.is_empty() {
            self.damage = self.find_trimmed_head(&ends)?;
        }
        if self.damage.is_none() {
            self.ends = ends;
        }
        Ok(())
    }

    /// A shard whose wanted records are gone; it is read on behind them.
    fn find_trimmed_head(&mut self, ends: &BTreeMap<Shard, i64>) -> Result<Option<LogError>, LogError> {
        let is_pending = |(shard, next): &(&Shard, &i64)| ends.get(shard).is_some_and(|end| *next < end);
        let pending: Vec<Shard> = self.wanted.iter().filter(is_pending).map(|(shard, _)| *shard).collect();
        if pending.is_empty() {
            return Ok(None);
        }
        let begins = self.inner.asker.begins(pending)?;
        for (shard, next) in &mut self.wanted {
            if let Some(begin) = begins.get(shard).filter(|begin| *begin > next) {
                let why = format!("it is gone: the first record that is still there has offset {begin}");
                let offset = std::mem::replace(next, *begin);
                return Ok(Some(damaged(*shard, offset, why)));
            }
        }
        Ok(None)
    }

    fn read_memory(&mut self, batch: &mut Batch) {
        for (shard, next) in &mut self.wanted {
            for record in self.inner.recent.from(*shard, *next, batch.room()) {
                if !batch.fits(&record) {
                    return;
                }
                *next = record.offset + 1;
                batch.push(record);
            }
        }
    }

    /// Reads through a consumer what is pending.
    fn read_brokers(&mut self, batch: &mut Batch) -> Result<(), LogError> {
        let mut seat = self.inner.readers.lend(self.reader)?;
        let read = self.read_through(&mut seat, batch);
        match read {
            Ok(()) if !self.has_pending() => self.inner.readers.give_up(seat),
            Ok(()) => self.inner.readers.give_back(seat, self.reader),
            Err(_) => self.inner.readers.give_up(seat),
        }
        read
    }

    fn read_through(&mut self, seat: &mut Seat, batch: &mut Batch) -> Result<(), LogError> {
        let pending = self.pending();
        if !seat.stands_for(self.reader, &pending) {
            seat.go_to(&pending, &self.inner.names)?;
        }
        let begun = Instant::now();
        loop {
            let wait = if batch.records.is_empty() {
                ANY_WITHIN
            } else {
                Duration::ZERO
            };
            match self.hear(seat, wait, batch)? {
                Heard::Something => self.doubts = 0,
                Heard::Nothing if !batch.records.is_empty() => return Ok(()),
                Heard::Nothing | Heard::End | Heard::Hole if begun.elapsed() > RECORD_WITHIN => {
                    return Err(LogError::Unavailable("no record came in time".to_owned()));
                }
                Heard::Nothing => self.look_at_one(seat)?,
                Heard::End => self.doubt_end(seat)?,
                Heard::Hole => seat.go_to(&self.pending(), &self.inner.names)?,
            }
            if self.damage.is_some() || self.left_over.is_some() || batch.is_full() || !self.has_pending() {
                return Ok(());
            }
        }
    }

    fn hear(&mut self, seat: &mut Seat, wait: Duration, batch: &mut Batch) -> Result<Heard, LogError> {
        match seat.consumer.poll(wait) {
            None => Ok(Heard::Nothing),
            Some(Ok(message)) => {
                let shard = self.inner.names.shard_of(&message);
                let Some((shard, next)) = shard.and_then(|shard| Some((shard, seat.nexts.get_mut(&shard)?))) else {
                    return Ok(Heard::Something);
                };
                *next = message.offset() + 1;
                Ok(self.take(shard, &message, batch))
            }
            Some(Err(RdKafkaError::PartitionEOF(_))) => Ok(Heard::End),
            Some(Err(error)) => {
                self.inner.signal.suspect();
                // What is known of the ends may be wrong: asked again before the next look.
                self.ends.clear();
                Err(LogError::Unavailable(error.to_string()))
            }
        }
    }

    /// Takes a message for what it is.
    fn take(&mut self, shard: Shard, message: &BorrowedMessage<'_>, batch: &mut Batch) -> Heard {
        let offset = message.offset();
        let Some(next) = self.wanted.get_mut(&shard).filter(|next| **next <= offset) else {
            return Heard::Something;
        };
        if offset > *next {
            self.doubts += 1;
            if self.doubts >= DOUBTS_MAX {
                self.doubts = 0;
                let why = format!("nothing is there: the record after it has offset {offset}");
                // The message itself is read again behind the damage.
                self.damage = Some(damaged(shard, std::mem::replace(next, offset), why));
            }
            return Heard::Hole;
        }
        *next = offset + 1;
        self.inner.births.learn(shard, message);
        match decode(shard, message) {
            Err(why) => self.damage = Some(damaged(shard, offset, why)),
            Ok(record) if batch.fits(&record) => batch.push(record),
            Ok(record) => self.left_over = Some(record),
        }
        Heard::Something
    }

    /// Nothing came of several partitions: perhaps only because one of them has nothing to give.
    fn look_at_one(&self, seat: &mut Seat) -> Result<(), LogError> {
        let pending = self.pending();
        if seat.nexts.len() > 1
            && let Some((shard, next)) = pending.first_key_value()
        {
            seat.go_to(&BTreeMap::from([(*shard, *next)]), &self.inner.names)?;
        }
        Ok(())
    }

    /// A partition is said to end, though its end lies further on: nothing is there between, if that is said again.
    fn doubt_end(&mut self, seat: &mut Seat) -> Result<(), LogError> {
        let pending = self.pending();
        let Some((shard, next)) = pending.first_key_value().filter(|_| seat.nexts.len() == 1) else {
            return Ok(());
        };
        self.doubts += 1;
        let end = self.ends.get(shard).copied().unwrap_or(*next);
        if self.doubts >= DOUBTS_MAX {
            self.doubts = 0;
            let why = format!(
                "nothing is there, though the partition ends at {end}: a transaction's marker, or a record lost"
            );
            self.damage = Some(damaged(*shard, *next, why));
            self.wanted.insert(*shard, end);
            return Ok(());
        }
        // Who leads the partition now may not know yet what the leader before it had made readable: what counts is
        // that the consumer says it again after the brokers have said otherwise.
        self.ends.extend(self.inner.asker.ends([*shard])?);
        if self.pending().contains_key(shard) {
            seat.go_to(&BTreeMap::from([(*shard, *next)]), &self.inner.names)?;
        }
        Ok(())
    }

    /// A shard that is known to be damaged is read no more.
    fn leave_damaged(&mut self) -> Option<LogError> {
        let damage = self.wanted.keys().find_map(|shard| self.inner.damage.of(*shard))?;
        if let LogError::Damaged { shard, .. } = &damage {
            self.wanted.remove(shard);
            self.left_over.take_if(|record| record.shard == *shard);
        }
        Some(damage)
    }
}

impl Scan for KafkaScan {
    fn next(&mut self, records_max: usize, bytes_max: usize) -> Result<Vec<Arc<Record>>, LogError> {
        if let Some(damage) = self.damage.take().or_else(|| self.leave_damaged()) {
            return Err(damage);
        }
        let mut batch = Batch::new(records_max, bytes_max);
        if let Some(record) = self.left_over.take() {
            batch.push(record);
        }
        let left_over = batch.records.len();
        if self.reads_memory && !batch.is_full() {
            self.read_memory(&mut batch);
        }
        if batch.records.is_empty() && !self.has_pending() && !self.wanted.is_empty() {
            self.ask()?;
        }
        if batch.records.len() == left_over && !batch.is_full() && self.damage.is_none() && self.has_pending() {
            let read = self.read_brokers(&mut batch);
            // What was read before something failed is given; the failure will be met again.
            if batch.records.is_empty() {
                read?;
            }
        }
        match self.damage.take_if(|_| batch.records.is_empty()) {
            Some(damage) => Err(damage),
            None => Ok(batch.records),
        }
    }
}

impl Drop for KafkaScan {
    fn drop(&mut self) {
        self.inner.readers.leave(self.reader);
    }
}

fn damaged(shard: Shard, offset: i64, why: String) -> LogError {
    LogError::Damaged { shard, offset, why }
}
