//! The guard: sees to it that the log stays the same log, and that its consumer and its producer stay alive.
//!
//! The library tells little: of a topic that was deleted and created again, a live consumer hears nothing, or one
//! error and then silence. So the guard asks where the partitions begin and end, at a steady pace and at once when
//! a client has had trouble.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use domain::stream::Shard;
use domain::value::Timestamp;

use super::scan::KafkaScan;
use super::signal::Told;
use super::tail::TailConsumer;
use super::{Inner, place};
use crate::port::{LogError, Scan};

/// How often the guard looks when nothing is told.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The shortest pause between two looks, however much is told.
const LOOK_PAUSE: Duration = Duration::from_millis(100);
/// For how long a partition must end before what was read of it for that to be believed: a new leader may need a
/// moment to know its end.
const REGRESS_BELIEVED: Duration = Duration::from_secs(3);

pub(super) fn spawn(inner: Arc<Inner>, consumer: Arc<TailConsumer>) -> std::io::Result<JoinHandle<()>> {
    let guard = Guard {
        inner,
        consumer,
        regressed: BTreeMap::new(),
        noted: (Instant::now(), BTreeMap::new()),
        is_astray: false,
        is_answered: true,
    };
    std::thread::Builder::new()
        .name("log-guard".to_owned())
        .spawn(move || guard.run())
}

struct Guard {
    inner: Arc<Inner>,
    consumer: Arc<TailConsumer>,
    /// Since when partitions have ended before what was read of them.
    regressed: BTreeMap<Shard, Instant>,
    /// When it was last noted where the tail is, and where it was.
    noted: (Instant, BTreeMap<Shard, i64>),
    /// The tail is to be placed again.
    is_astray: bool,
    /// Whether the brokers answered at the last look.
    is_answered: bool,
}

impl Guard {
    fn run(mut self) {
        let mut told = Told {
            is_suspect: true,
            ..Told::default()
        };
        while !told.is_closing {
            if let Err(error) = self.inner.producer.replace_if_dead() {
                tracing::error!(%error, "the producer cannot be replaced, trying again");
                self.inner.signal.suspect();
            }
            self.is_astray |= told.is_astray;
            let looked = self.look();
            self.tell_operator(&looked);
            std::thread::sleep(LOOK_PAUSE);
            told = self.inner.signal.wait(LOOK_EVERY);
        }
    }

    /// Tells once that the brokers are silent, and once that they are back.
    fn tell_operator(&mut self, looked: &Result<(), LogError>) {
        match looked {
            Err(error) if self.is_answered => tracing::warn!(%error, "the brokers do not say what the log is"),
            Ok(()) if !self.is_answered => tracing::info!("the brokers answer again"),
            _ => {}
        }
        self.is_answered = looked.is_ok();
    }

    fn look(&mut self) -> Result<(), LogError> {
        let sound: Vec<Shard> = self
            .inner
            .shards
            .iter()
            .copied()
            .filter(|shard| self.is_sound(*shard))
            .collect();
        // Before the question: the tail goes on while it is answered.
        let nexts = self.inner.recent.nexts();
        let ends = self.inner.asker.ends(sound.iter().copied())?;
        let begins = self.inner.asker.begins(sound.iter().copied())?;
        self.find_trimmed(&begins);
        self.find_regressed(&nexts, &ends);
        self.find_reborn(&ends)?;
        if self.is_astray {
            self.compare_last()?;
        }
        let is_silent = self.is_silent(nexts, &ends);
        if is_silent || self.is_astray {
            self.place_again();
        }
        Ok(())
    }

    fn is_sound(&self, shard: Shard) -> bool {
        self.inner.damage.of(shard).is_none()
    }

    fn find_trimmed(&self, begins: &BTreeMap<Shard, i64>) {
        for (shard, begin) in begins.iter().filter(|(_, begin)| **begin > 0) {
            let why = format!("it is gone: the first record that is still there has offset {begin}");
            self.inner.damaged(*shard, 0, why);
        }
    }

    fn find_regressed(&mut self, nexts: &BTreeMap<Shard, i64>, ends: &BTreeMap<Shard, i64>) {
        for (shard, end) in ends {
            let Some(next) = nexts.get(shard).filter(|next| *next > end) else {
                self.regressed.remove(shard);
                continue;
            };
            let since = *self.regressed.entry(*shard).or_insert_with(Instant::now);
            if since.elapsed() >= REGRESS_BELIEVED {
                let why =
                    format!("the partition ends here, but was read up to {next}: cut, or deleted and created again");
                self.inner.damaged(*shard, *end, why);
            } else {
                self.inner.signal.suspect();
            }
        }
    }

    /// A partition with records whose first one is later than the first one was has been created again.
    fn find_reborn(&self, ends: &BTreeMap<Shard, i64>) -> Result<(), LogError> {
        let mut births = self.inner.births.all();
        births.retain(|shard, _| self.is_sound(*shard));
        for shard in self.inner.shards.iter().filter(|shard| !births.contains_key(shard)) {
            if ends.get(shard).is_some_and(|end| *end > 0) {
                self.read_first(*shard);
            }
        }
        let after: BTreeMap<Shard, Timestamp> =
            births.iter().map(|(shard, at)| (*shard, Timestamp(at.0 + 1))).collect();
        let first = self.inner.asker.first_since(&after)?;
        for (shard, _) in first.iter().filter(|(_, offset)| **offset == 0) {
            let why = "a later record than the one that was here: the topic was deleted and created again".to_owned();
            self.inner.damaged(*shard, 0, why);
        }
        Ok(())
    }

    /// Reads a first record, so that its time is known at the next look.
    fn read_first(&self, shard: Shard) {
        let mut scan = KafkaScan::new(Arc::clone(&self.inner), BTreeMap::from([(shard, 0)])).past_memory();
        if let Err(error) = scan.next(1, 0) {
            tracing::debug!(%shard, %error, "the first record is not known yet");
        }
    }

    /// After the consumer lost a place: the newest records that are remembered must still be there.
    fn compare_last(&self) -> Result<(), LogError> {
        for shard in self.inner.shards.iter().filter(|shard| self.is_sound(**shard)) {
            let Some(last) = self.inner.recent.last(*shard) else {
                continue;
            };
            let wanted = BTreeMap::from([(*shard, last.offset)]);
            let found = KafkaScan::new(Arc::clone(&self.inner), wanted)
                .past_memory()
                .next(1, 0)?;
            if found.first().is_some_and(|found| *found != last) {
                let why = "another record than the one that was here: cut, or deleted and created again".to_owned();
                self.inner.damaged(*shard, last.offset, why);
            }
        }
        Ok(())
    }

    /// Whether a partition has had records to come for a while, and the tail has told of none.
    fn is_silent(&mut self, nexts: BTreeMap<Shard, i64>, ends: &BTreeMap<Shard, i64>) -> bool {
        let (noted_at, noted) = &self.noted;
        if noted_at.elapsed() < LOOK_EVERY {
            return false;
        }
        let stands = |(shard, end): (&Shard, &i64)| {
            let next = nexts.get(shard);
            next < Some(end) && next == noted.get(shard)
        };
        let is_silent = ends.iter().any(stands);
        self.noted = (Instant::now(), nexts);
        is_silent
    }

    fn place_again(&mut self) {
        let mut places = self.inner.recent.nexts();
        places.retain(|shard, _| self.is_sound(*shard));
        if let Err(error) = place::go_to(&self.consumer, &places, &self.inner.names) {
            return tracing::warn!(%error, "the consumer of the log's tail cannot be placed again");
        }
        tracing::info!("the consumer of the log's tail was placed again");
        self.is_astray = false;
        // Who follows reads what the silence has cost.
        self.inner.recent.tell_to_read();
    }
}
