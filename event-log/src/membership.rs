//! Who is alive: what decides who should claim a shard, never who may.

use std::time::Duration;

/// Who is alive, as far as failure detection knows: a hint, never a proof.
pub trait Membership: Send + Sync + 'static {
    /// Whether the node of this name was alive when it was last looked for. Answers at once, from memory.
    fn is_alive(&self, node: &str) -> bool;

    /// So long after it has begun, a node may not be known to be alive yet.
    fn delay(&self) -> Duration {
        Duration::ZERO
    }
}

/// The membership of a process that shares its log with nobody: nobody else is alive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alone;

impl Membership for Alone {
    fn is_alive(&self, _node: &str) -> bool {
        false
    }
}
