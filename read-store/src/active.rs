use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::port::Generation;

/// Which generation of each projection queries read. Cheap to clone: all clones are one.
///
/// Projectors set it from the log; a query asks once and stays with the answer, so that a switch in between
/// shows it nothing half done. The former generation is kept up for a while after a switch.
#[derive(Clone, Debug, Default)]
pub struct ActiveGenerations(Arc<RwLock<BTreeMap<&'static str, Generation>>>);

impl ActiveGenerations {
    /// None of any projection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The generation to read; none when there is none that this program can read.
    #[must_use]
    pub fn of(&self, projection: &str) -> Option<Generation> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(projection)
            .copied()
    }

    /// Lets all queries from now on read this generation.
    pub fn set(&self, projection: &'static str, generation: Generation) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(projection, generation);
    }
}
