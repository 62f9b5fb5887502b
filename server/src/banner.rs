//! What the terminal says once everything is served.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// A shop that has just been opened.
pub(crate) struct Opened<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) data: &'a Path,
    /// On which engines, in words.
    pub(crate) deployment: &'a str,
    pub(crate) products: u64,
    pub(crate) records: u64,
    pub(crate) took: Duration,
}

/// What the terminal says at start: what runs, where the data is, how much there is, how long it took, and what to
/// try next.
pub(crate) fn text(opened: &Opened<'_>) -> String {
    let Opened {
        address,
        data,
        deployment,
        products,
        records,
        took,
    } = opened;
    let url = format!("http://{address}");
    let shown = data.canonicalize().unwrap_or_else(|_| (*data).to_owned());
    let mut text = String::new();
    let _ = writeln!(text, "\nTillroll {} is open.\n", env!("CARGO_PKG_VERSION"));
    let _ = writeln!(text, "  shop      {url}   (queries at /graphql, commands at /docs)");
    let _ = writeln!(text, "  data      {}   ({deployment})", shown.display());
    let _ = writeln!(text, "  products  {products}, in a log of {records} records");
    let _ = writeln!(text, "  ready in  {:.1} s\n", took.as_secs_f64());
    let _ = writeln!(text, "Try next:\n");
    for (what, why) in [
        (url.as_str(), "in a browser: the shelf, and the roll as it is printed"),
        (
            "cargo run -- demo buy",
            "a guest buys something, each request as a curl",
        ),
        ("cargo run -- log tail", "what happened, line by line"),
    ] {
        let _ = writeln!(text, "  {what:24}  {why}");
    }
    text.push('\n');
    text
}
