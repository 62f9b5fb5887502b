//! The one question that tells whether a node serves, by hand: a driver would be far more than all the rest here.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long one question may take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// A longer answer is none to these questions.
const ANSWER_BYTES_MAX: u32 = 64 * 1024;

/// The protocol's version that every node knows.
const VERSION: u8 = 4;

/// Kinds of messages.
const STARTUP: u8 = 0x01;
const READY: u8 = 0x02;
const QUERY: u8 = 0x07;
const RESULT: u8 = 0x08;

/// What is asked; answered only by a node that has joined.
const QUESTION: &str = "SELECT data_center FROM system.local";

/// With consistency ONE, and nothing that a query can have beside.
const CONSISTENCY_AND_FLAGS: [u8; 3] = [0, 1, 0];

/// Whether a node answers a query with rows.
pub(crate) fn answers_a_query(address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWERED_WITHIN)?;
    stream.set_read_timeout(Some(ANSWERED_WITHIN))?;
    let options = [&[0, 1][..], &text("CQL_VERSION"), &text("3.0.0")].concat();
    if ask(&mut stream, STARTUP, &options)? != READY {
        return Ok(false);
    }
    let length = u32::try_from(QUESTION.len()).unwrap_or(u32::MAX);
    let query = [&length.to_be_bytes()[..], QUESTION.as_bytes(), &CONSISTENCY_AND_FLAGS].concat();
    Ok(ask(&mut stream, QUERY, &query)? == RESULT)
}

/// Sends a message and gives the kind of the answer.
fn ask(stream: &mut TcpStream, kind: u8, body: &[u8]) -> io::Result<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let header = [VERSION, 0, 0, 0, kind];
    stream.write_all(&[&header[..], &length.to_be_bytes(), body].concat())?;
    let mut answer = [0; 9];
    stream.read_exact(&mut answer)?;
    let [_, _, _, _, kind, length @ ..] = answer;
    let length = u32::from_be_bytes(length);
    if length > ANSWER_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    io::copy(&mut stream.take(u64::from(length)), &mut io::sink())?;
    Ok(kind)
}

fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], text.as_bytes()].concat()
}
