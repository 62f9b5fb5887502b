//! The one question over HTTP that tells whether a server serves.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long the answer may take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// How a good answer begins.
const GOOD: &[u8] = b"HTTP/1.1 200";

/// Whether a GET of this path is answered with 200.
#[must_use]
pub fn is_found(address: SocketAddr, path: &str) -> bool {
    ask(address, path).unwrap_or(false)
}

fn ask(address: SocketAddr, path: &str) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWERED_WITHIN)?;
    stream.set_read_timeout(Some(ANSWERED_WITHIN))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut start = [0; GOOD.len()];
    stream.read_exact(&mut start)?;
    Ok(start == GOOD)
}
