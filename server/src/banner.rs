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
    let _ = writeln!(text, "  shop      {url}   (GraphQL at /graphql, commands under /v1)");
    let _ = writeln!(text, "  data      {}   ({deployment})", shown.display());
    let _ = writeln!(text, "  products  {products}, in a log of {records} records");
    let _ = writeln!(text, "  ready in  {:.1} s\n", took.as_secs_f64());
    let _ = writeln!(text, "Try next:\n");
    let query = r#"{"query":"{ products(first: 3) { nodes { title slug } } }"}"#;
    let _ = writeln!(
        text,
        "  curl -s {url}/graphql -H 'content-type: application/json' -d '{query}'"
    );
    let _ = writeln!(
        text,
        "  curl -s -X POST {url}/v1/carts -H 'content-type: application/json' -d '{{}}'"
    );
    let _ = writeln!(text, "  cargo run -- log tail\n");
    text
}
