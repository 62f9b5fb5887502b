//! Bugs, planted to prove that the fault harness finds them. None of them is in a program that was built without
//! the cargo feature `failpoints`, and none does anything unless `FAILPOINTS` names it.

use crate::shard::Mutant;

/// `planted-answer-before-append`: a keyed command is answered and never handed to the log.
pub(crate) fn answers_before_append() -> bool {
    fail::fail_point!("planted-answer-before-append", |_| true);
    false
}

/// `planted-keys-forgotten-at-restart`: what was answered under a key is known to one life of the process only.
pub(crate) fn forgets_keys_at_restart() -> bool {
    fail::fail_point!("planted-keys-forgotten-at-restart", |_| true);
    false
}

/// `planted-process-not-resumed`: what a process still had to send is forgotten when it stops.
pub(crate) fn resumes_no_process() -> bool {
    fail::fail_point!("planted-process-not-resumed", |_| true);
    false
}

/// `planted-no-read-back`, `planted-void-ignored` and `planted-unconfirmed-refusal`: rules of the shard broken, as
/// the model check breaks them.
pub(crate) fn mutant() -> Mutant {
    fail::fail_point!("planted-no-read-back", |_| Mutant::NoReadBack);
    fail::fail_point!("planted-void-ignored", |_| Mutant::VoidIgnored);
    fail::fail_point!("planted-unconfirmed-refusal", |_| Mutant::NoBarrier);
    Mutant::None
}
