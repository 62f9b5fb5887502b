//! What is known of the generations of one projection.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Event;

/// The generations of one projection that are not dropped. One at most is being filled, one at most is active.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Generations {
    kept: BTreeMap<u32, Generation>,
    last_number: u32,
}

/// One set of tables of a projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Generation {
    /// The version of the projection's code that fills it.
    pub version: u32,
    /// What becomes of it.
    pub situation: Situation,
    /// Whether queries stay where they are once it is filled, until somebody switches.
    pub held: bool,
}

/// What becomes of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Situation {
    /// It is being filled from the beginning of the log and answers nothing yet.
    Filling,
    /// Queries are answered from it.
    Active,
    /// Queries were answered from it once, and could be again.
    Retired,
}

impl Generations {
    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::GenerationOpened {
                generation,
                version,
                held,
            } => {
                self.last_number = self.last_number.max(*generation);
                let opened = Generation {
                    version: *version,
                    situation: Situation::Filling,
                    held: *held,
                };
                self.kept.insert(*generation, opened);
            }
            Event::GenerationSwitched { generation } => {
                for (number, kept) in &mut self.kept {
                    if number == generation {
                        kept.situation = Situation::Active;
                    } else if kept.situation == Situation::Active {
                        kept.situation = Situation::Retired;
                    }
                }
            }
            Event::GenerationDropped { generation } => {
                self.kept.remove(generation);
            }
        }
    }

    /// The number of the generation that answers queries.
    #[must_use]
    pub fn active(&self) -> Option<u32> {
        self.numbered(Situation::Active)
    }

    /// The number of the generation that is being filled.
    #[must_use]
    pub fn filling(&self) -> Option<u32> {
        self.numbered(Situation::Filling)
    }

    /// The generation of this number, unless it was dropped.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&Generation> {
        self.kept.get(&number)
    }

    /// All generations that are not dropped, with their numbers, the oldest first.
    pub fn kept(&self) -> impl ExactSizeIterator<Item = (u32, &Generation)> {
        self.kept.iter().map(|(number, generation)| (*number, generation))
    }

    /// The highest number that was ever given; 0 before the first.
    #[must_use]
    pub fn last_number(&self) -> u32 {
        self.last_number
    }

    fn numbered(&self, situation: Situation) -> Option<u32> {
        self.kept()
            .find(|(_, generation)| generation.situation == situation)
            .map(|(number, _)| number)
    }
}
