//! Decides what becomes of records in flight, by chance that a seed repeats.

use super::{Flight, MemoryLog};

/// How often what goes wrong, in percent of the steps where it can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// A record is refused instead of written.
    pub refused_percent: u64,
    /// A record is written once more.
    pub duplicated_percent: u64,
    /// A sender hears `unknown` instead of the outcome.
    pub unknown_percent: u64,
    /// A record whose sender heard `unknown` never arrives.
    pub lost_percent: u64,
    /// A record overtakes those before it.
    pub reordered_percent: u64,
}

/// Takes one step after the other.
#[derive(Clone, Debug)]
pub struct Scheduler {
    random: u64,
    faults: Faults,
}

impl Scheduler {
    /// The same seed and the same log give the same steps.
    #[must_use]
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self { random: seed, faults }
    }

    /// One step of one record in flight; false when nothing is in flight.
    pub fn step(&mut self, log: &MemoryLog) -> bool {
        let flights = log.flights();
        let Some(flight) = self.choose(&flights) else {
            return false;
        };
        match (flight.landed, flight.is_unknown) {
            (None, false) => self.set_out(log, flight),
            (None, true) if self.chance(self.faults.lost_percent) => log.forget(flight.id),
            (None, true) => {
                log.land(flight.id);
            }
            (Some(_), _) => self.come_home(log, flight),
        }
        true
    }

    /// Steps until nothing is in flight.
    pub fn settle(&mut self, log: &MemoryLog) {
        while self.step(log) {}
    }

    /// A number below `bound`, for what else a test leaves to chance.
    pub fn number_below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn set_out(&mut self, log: &MemoryLog, flight: &Flight) {
        if self.chance(self.faults.refused_percent) {
            log.refuse(flight.id);
        } else if self.chance(self.faults.unknown_percent) {
            log.lose_acknowledgement(flight.id);
        } else {
            log.land(flight.id);
        }
    }

    fn come_home(&mut self, log: &MemoryLog, flight: &Flight) {
        if self.chance(self.faults.duplicated_percent) {
            log.land(flight.id);
        } else if self.chance(self.faults.unknown_percent) {
            log.lose_acknowledgement(flight.id);
        } else {
            log.acknowledge(flight.id);
        }
    }

    fn choose<'a>(&mut self, flights: &'a [Flight]) -> Option<&'a Flight> {
        let count = flights.len() as u64;
        if self.chance(self.faults.reordered_percent) {
            let index = usize::try_from(self.number_below(count)).unwrap_or(0);
            return flights.get(index);
        }
        flights.first()
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.number_below(100) < percent
    }

    /// The generator `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
