//! The one question that tells whether a broker serves, by hand: a client would be far more than all the rest here.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long one question may take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

/// A longer answer is none to this question.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A Metadata request, version 1, about no topic: its length, key, version, number, no client's name, no topics.
const METADATA_REQUEST: [u8; 18] = [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 7, 0xff, 0xff, 0, 0, 0, 0];

/// The ids of the brokers that a broker knows to be serving.
pub(crate) fn brokers(address: SocketAddr) -> io::Result<Vec<i32>> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWERED_WITHIN)?;
    stream.set_read_timeout(Some(ANSWERED_WITHIN))?;
    stream.write_all(&METADATA_REQUEST)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = usize::try_from(i32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > ANSWER_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer)?;
    ids_in(&answer).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The request's number, then the brokers: id, host, port, rack.
fn ids_in(answer: &[u8]) -> Option<Vec<i32>> {
    let mut answer = Answer(answer);
    answer.integer()?;
    let count = answer.integer()?;
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(answer.integer()?);
        answer.text()?;
        answer.integer()?;
        answer.text()?;
    }
    Some(ids)
}

/// What is left of an answer.
struct Answer<'a>(&'a [u8]);

impl Answer<'_> {
    fn integer(&mut self) -> Option<i32> {
        let (bytes, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(i32::from_be_bytes(*bytes))
    }

    /// Passes over a text; one of length -1 is absent.
    fn text(&mut self) -> Option<()> {
        let (length, rest) = self.0.split_first_chunk::<2>()?;
        let length = usize::try_from(i16::from_be_bytes(*length)).unwrap_or(0);
        self.0 = rest.get(length..)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::ids_in;

    #[test]
    fn brokers_are_read_from_an_answer_and_a_torn_one_is_none() {
        let answer = [
            &[0, 0, 0, 7, 0, 0, 0, 2][..],
            &[0, 0, 0, 1, 0, 3, b'a', b'.', b'b', 0, 0, 35, 132, 0xff, 0xff],
            &[0, 0, 0, 3, 0, 1, b'c', 0, 0, 35, 132, 0, 1, b'r'],
            &[0, 0, 0, 1, 0, 0, 0, 0],
        ]
        .concat();
        assert_eq!(ids_in(&answer), Some(vec![1, 3]));
        assert_eq!(ids_in(&answer[..30]), None);
    }
}
