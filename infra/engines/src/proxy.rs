//! A TCP proxy with faults.

use std::io;
use std::time::Duration;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Requests,
    /// From the server to the client.
    Replies,
}

/// A TCP proxy on a free port of 127.0.0.1 that can fail in many ways.
pub struct Proxy {
    address: String,
}

impl Proxy {
    /// Starts a proxy for a server.
    ///
    /// # Errors
    /// No port is free.
    pub fn start(_target: &str) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// `127.0.0.1:<port>`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// Ends every connection, and every new one at once, until healed.
    pub fn cut(&self) {}

    /// Swallows what goes in this direction, until healed.
    pub fn black_hole(&self, _direction: Direction) {}

    /// Requests arrive, their answers are lost, until healed.
    pub fn drop_replies(&self) {
        self.black_hole(Direction::Replies);
    }

    /// Everything arrives this much later, in each direction, until healed.
    pub fn delay(&self, _by: Duration) {}

    /// Faults end. A connection that has lost bytes is ended, for its rest would be garbage.
    pub fn heal(&self) {}
}
