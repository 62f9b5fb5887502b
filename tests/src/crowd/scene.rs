//! What everybody in a crowd shares.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use super::CrowdOptions;
use super::finding::{Findings, Invariant};
use super::history::History;
use crate::Client;

/// The place of a run: its nodes, and what was seen there.
pub(crate) struct Scene {
    /// Where commands are sent.
    nodes: RwLock<Vec<String>>,
    /// Where it is looked.
    watched: RwLock<Vec<String>>,
    /// An admin's client.
    pub(crate) keeper: Client,
    pub(crate) options: CrowdOptions,
    pub(crate) history: History,
    pub(crate) findings: Findings,
    shelves: Mutex<Vec<Shelf>>,
    is_over: AtomicBool,
    must_answer: AtomicBool,
}

/// What is certain of a SKU's stock, from what was acknowledged.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shelf {
    /// The newest version that anybody was told of.
    pub(crate) version: u64,
    /// Pieces that were received since the shop opened.
    pub(crate) received: i64,
}

impl Scene {
    pub(crate) fn new(node: &str, keeper: Client, options: CrowdOptions) -> Self {
        let shelves = usize::try_from(options.skus).unwrap_or(1);
        Self {
            nodes: RwLock::new(vec![node.to_owned()]),
            watched: RwLock::new(vec![node.to_owned()]),
            keeper,
            options,
            history: History::default(),
            findings: Findings::default(),
            shelves: Mutex::new(vec![Shelf::default(); shelves]),
            is_over: AtomicBool::new(false),
            must_answer: AtomicBool::new(false),
        }
    }

    pub(crate) fn nodes(&self) -> Vec<String> {
        self.nodes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_nodes(&self, nodes: Vec<String>) {
        *self.nodes.write().unwrap_or_else(PoisonError::into_inner) = nodes;
    }

    pub(crate) fn watched(&self) -> Vec<String> {
        self.watched.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_watched(&self, nodes: Vec<String>) {
        *self.watched.write().unwrap_or_else(PoisonError::into_inner) = nodes;
    }

    pub(crate) fn finding(&self, invariant: Invariant, what: impl Into<String>) {
        self.findings.add(invariant, what);
    }

    pub(crate) fn shelves(&self) -> MutexGuard<'_, Vec<Shelf>> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a query that is asked now must be answered.
    pub(crate) fn must_answer(&self) -> bool {
        self.must_answer.load(Ordering::SeqCst)
    }

    pub(crate) fn expect_answers(&self, are_expected: bool) {
        self.must_answer.store(are_expected, Ordering::SeqCst);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// How a SKU is called.
pub(crate) fn sku(number: u64) -> String {
    format!("SKU-{number}")
}
