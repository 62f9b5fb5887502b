//! What a log in memory holds and what is on its way there, as a plain value: it can be copied, compared and
//! hashed, so a model checker can branch on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::stream::Shard;
use domain::value::Timestamp;

use crate::port::{Append, Delivered, Delivery, Record, shards_of};

/// 2026-01-01T00:00:00Z: where the clock of a fresh log stands.
const BIRTH: Timestamp = Timestamp(1_767_225_600_000);

/// A record that was sent and is not settled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flight {
    /// To speak of it.
    pub id: u64,
    /// What was sent.
    pub append: Append,
    /// Where and when it landed first.
    pub landed: Option<(i64, Timestamp)>,
    /// Whether the sender was told that its outcome is not known.
    pub is_unknown: bool,
}

/// The partitions of a log and the records in flight to them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Partitions {
    records: BTreeMap<Shard, Vec<Arc<Record>>>,
    flights: Vec<Flight>,
    flights_begun: u64,
    clock: Timestamp,
}

impl Partitions {
    /// Empty ones.
    #[must_use]
    pub fn new(partitions: u32) -> Self {
        Self {
            records: shards_of(partitions)
                .into_iter()
                .map(|shard| (shard, Vec::new()))
                .collect(),
            flights: Vec::new(),
            flights_begun: 0,
            clock: BIRTH,
        }
    }

    /// The records that are in the log.
    #[must_use]
    pub fn records(&self, shard: Shard) -> &[Arc<Record>] {
        self.records.get(&shard).map_or(&[], Vec::as_slice)
    }

    /// The offset after a shard's last record.
    #[must_use]
    pub fn end(&self, shard: Shard) -> i64 {
        i64::try_from(self.records(shard).len()).unwrap_or(i64::MAX)
    }

    /// What is in flight, in the order it was sent.
    #[must_use]
    pub fn flights(&self) -> &[Flight] {
        &self.flights
    }

    /// Moves the clock, never back.
    pub fn set_time(&mut self, now: Timestamp) {
        self.clock = self.clock.max(now);
    }

    /// A record sets out; its flight's number.
    pub fn send(&mut self, append: Append) -> u64 {
        let id = self.flights_begun;
        self.flights_begun += 1;
        self.flights.push(Flight {
            id,
            append,
            landed: None,
            is_unknown: false,
        });
        id
    }

    /// The record in flight is written at the end of its partition, once more if it is there already.
    pub fn land(&mut self, flight: u64) -> Option<Arc<Record>> {
        let flight = self.flights.iter_mut().find(|other| other.id == flight)?;
        let records = self.records.get_mut(&flight.append.shard)?;
        self.clock.0 += 1;
        let offset = i64::try_from(records.len()).ok()?;
        let record = Arc::new(Record {
            shard: flight.append.shard,
            offset,
            at: self.clock,
            envelope: flight.append.envelope.clone(),
            payload: flight.append.payload.clone(),
        });
        records.push(Arc::clone(&record));
        flight.landed.get_or_insert((offset, self.clock));
        if flight.is_unknown {
            let id = flight.id;
            self.forget(id);
        }
        Some(record)
    }

    /// The sender hears where its record landed first, and the flight ends.
    pub fn acknowledge(&mut self, flight: u64) -> Option<Delivered> {
        let found = self.flights.iter().find(|other| other.id == flight)?;
        let (offset, at) = found.landed.filter(|_| !found.is_unknown)?;
        let delivered = answer(found, Delivery::At { offset, at });
        self.forget(flight);
        Some(delivered)
    }

    /// The sender hears that the outcome is not known. A record that has not landed stays in flight: it may
    /// land later.
    pub fn lose_acknowledgement(&mut self, flight: u64) -> Option<Delivered> {
        let found = self.flights.iter_mut().find(|other| other.id == flight)?;
        if found.is_unknown {
            return None;
        }
        found.is_unknown = true;
        let delivered = answer(found, Delivery::Unknown("the acknowledgement is lost".to_owned()));
        if found.landed.is_some() {
            self.forget(flight);
        }
        Some(delivered)
    }

    /// The sender hears that its record is not in the log, and the flight ends.
    pub fn refuse(&mut self, flight: u64) -> Option<Delivered> {
        let found = self.flights.iter().find(|other| other.id == flight)?;
        if found.landed.is_some() || found.is_unknown {
            return None;
        }
        let delivered = answer(found, Delivery::Refused("the log has refused it".to_owned()));
        self.forget(flight);
        Some(delivered)
    }

    /// The flight ends without a word.
    pub fn forget(&mut self, flight: u64) {
        self.flights.retain(|other| other.id != flight);
    }

    /// Everything from offset `end` on is lost.
    pub fn truncate(&mut self, shard: Shard, end: i64) {
        if let Some(records) = self.records.get_mut(&shard) {
            records.truncate(usize::try_from(end).unwrap_or(0));
        }
    }

    /// The same log with nothing on its way.
    #[must_use]
    pub fn without_flights(&self) -> Self {
        Self {
            flights: Vec::new(),
            ..self.clone()
        }
    }
}

fn answer(flight: &Flight, delivery: Delivery) -> Delivered {
    Delivered {
        shard: flight.append.shard,
        claim: flight.append.envelope.claim,
        seq: flight.append.envelope.seq,
        delivery,
    }
}
