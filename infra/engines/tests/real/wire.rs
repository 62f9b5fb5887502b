//! Just enough of three protocols to write something and to find it again.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for what must come.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// How long a test waits for what must not come.
pub(crate) const SILENCE: Duration = Duration::from_millis(400);

/// Tries until it succeeds.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut attempt: impl FnMut() -> io::Result<T>) -> T {
    let start = Instant::now();
    loop {
        match attempt() {
            Ok(value) => return value,
            Err(error) if start.elapsed() > DEADLINE => panic!("{what}: {error}"),
            Err(_) => thread::sleep(Duration::from_millis(50)),
        }
    }
}

fn connect(address: &str, patience: Duration) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(patience))?;
    Ok(stream)
}

/// Sends a Kafka request without a client's name, and gives the body of the answer.
pub(crate) fn kafka(address: &str, key: i16, version: i16, body: &[u8], patience: Duration) -> io::Result<Vec<u8>> {
    let mut stream = connect(address, patience)?;
    let number = 1_i32;
    let header = [
        &key.to_be_bytes()[..],
        &version.to_be_bytes(),
        &number.to_be_bytes(),
        &[0xff, 0xff],
    ]
    .concat();
    let length = u32::try_from(header.len() + body.len()).expect("a request is short");
    stream.write_all(&[&length.to_be_bytes()[..], &header, body].concat())?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).expect("an answer fits in memory");
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer)?;
    Ok(answer.split_off(4))
}

/// Asks CQL, in a connection of its own; gives the answer's bytes.
pub(crate) fn cql(address: &str, query: &str, patience: Duration) -> io::Result<Vec<u8>> {
    let mut stream = connect(address, patience)?;
    let text = |text: &str| [&[0, u8::try_from(text.len()).expect("a short text")], text.as_bytes()].concat();
    let options = [&[0, 1][..], &text("CQL_VERSION"), &text("3.0.0")].concat();
    message(&mut stream, 1, &options)?;
    let length = u32::try_from(query.len()).expect("a query is short");
    let query = [&length.to_be_bytes()[..], query.as_bytes(), &[0, 1, 0]].concat();
    match message(&mut stream, 7, &query)? {
        (8, answer) => Ok(answer),
        (_, complaint) => Err(io::Error::other(String::from_utf8_lossy(&complaint).into_owned())),
    }
}

fn message(stream: &mut TcpStream, kind: u8, body: &[u8]) -> io::Result<(u8, Vec<u8>)> {
    let length = u32::try_from(body.len()).expect("a message is short");
    stream.write_all(&[&[4, 0, 0, 0, kind][..], &length.to_be_bytes(), body].concat())?;
    let mut header = [0; 9];
    stream.read_exact(&mut header)?;
    let [_, _, _, _, kind, length @ ..] = header;
    let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length)).expect("an answer fits in memory")];
    stream.read_exact(&mut answer)?;
    Ok((kind, answer))
}

/// Sends an HTTP request and gives status line, headers and body as they come.
pub(crate) fn http(url: &str, method: &str, path: &str, body: &str, patience: Duration) -> io::Result<String> {
    let rest = url.strip_prefix("http://").expect("a URL");
    let (address, base) = rest.split_once('/').expect("a URL with a path");
    let mut stream = connect(address, patience)?;
    let request = format!(
        "{method} /{base}{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/vnd.schemaregistry.v1+json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
