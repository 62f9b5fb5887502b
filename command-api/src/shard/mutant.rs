//! Broken rules, one at a time: the model check proves that it notices each of them.

/// Which rule is broken. Only the model check and the fault harness break any.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mutant {
    /// None: this is the machine that serves.
    #[default]
    None,
    /// Void records are folded as if they had happened.
    VoidIgnored,
    /// An acknowledgement at an unexpected place counts as a commit.
    NoReadBack,
    /// A deposed owner that finds an old claim of its own in force serves again.
    OldTermResumed,
    /// Acknowledgements are passed on in the order in which they come.
    AcknowledgedOutOfOrder,
    /// Answers that write nothing are given without asking who owns the shard.
    NoBarrier,
}
