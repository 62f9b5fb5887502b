//! A bug, planted to prove that the fault harness finds it. It is not in a program that was built without the cargo
//! feature `failpoints`, and does nothing unless `FAILPOINTS` names it.

/// `planted-token-ignored`: a query does not wait for what its token asks for.
pub(crate) fn ignores_tokens() -> bool {
    fail::fail_point!("planted-token-ignored", |_| true);
    false
}
