//! What the terminal says once everything is served.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// What the terminal says at start: what runs, where the data is, how much there is, how long it took, and what to
/// try next.
pub(crate) fn text(address: SocketAddr, data: &Path, products: u64, records: u64, took: Duration) -> String {
    let url = format!("http://{address}");
    let shown = data.canonicalize().unwrap_or_else(|_| data.to_owned());
    let mut text = String::new();
    let _ = writeln!(text, "\nTillroll {} is open.\n", env!("CARGO_PKG_VERSION"));
    let _ = writeln!(text, "  shop      {url}   (GraphQL at /graphql, commands under /v1)");
    let _ = writeln!(text, "  data      {}   (embedded log and read store)", shown.display());
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
