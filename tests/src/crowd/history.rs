//! What all clients did, and what they were told.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::{Answer, Client};

/// What a client asked under a key, and what it was told when it was first told.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) client: Client,
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) body: Value,
    pub(crate) status: u16,
    pub(crate) answer: Value,
}

impl Told {
    /// Whether another answer is the same, as far as it speaks of what was done.
    pub(crate) fn is_repeated_by(&self, again: &Answer) -> bool {
        (again.status.as_u16(), &again.body) == (self.status, &self.answer)
    }

    /// How many pieces it put into a cart.
    pub(crate) fn pieces(&self) -> i64 {
        if !self.path.ends_with("/lines") {
            return 0;
        }
        self.body["quantity"].as_i64().unwrap_or(0)
    }

    /// The cart that it was about; its order has the same id.
    pub(crate) fn cart(&self) -> Option<&str> {
        self.path.strip_prefix("/v1/carts/")?.split('/').next()
    }

    /// The order that it made.
    pub(crate) fn order(&self) -> Option<&str> {
        let is_order = self.path.ends_with("/checkout") && self.status == 201;
        self.answer["id"].as_str().filter(|_| is_order)
    }
}

/// What a crowd remembers.
#[derive(Default)]
pub(crate) struct History {
    told: Mutex<Vec<Told>>,
    pub(crate) asked: Count,
    pub(crate) unanswered: Count,
    pub(crate) queries: Count,
    pub(crate) stale: Count,
    pub(crate) states: Count,
    slowest: Mutex<Duration>,
}

impl History {
    pub(crate) fn remember(&self, told: Told) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(told);
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A request was settled after so long.
    pub(crate) fn settled_after(&self, time: Duration) {
        let mut slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
        *slowest = time.max(*slowest);
    }

    pub(crate) fn slowest(&self) -> Duration {
        *self.slowest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number that only grows.
#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
