use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{Direction, Proxy};

/// How long a test waits for what must come.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long a test waits for what must not come.
const SILENCE: Duration = Duration::from_millis(150);

/// A server that answers every byte with the same byte, and tells what it got.
fn echo() -> (SocketAddr, Receiver<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let (tell, told) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client comes");
            let tell = tell.clone();
            thread::spawn(move || {
                let mut byte = [0];
                while stream.read_exact(&mut byte).is_ok() {
                    let _ = tell.send(byte[0]);
                    let _ = stream.write_all(&byte);
                }
            });
        }
    });
    (address, told)
}

fn connect(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).expect("the proxy accepts");
    stream.set_read_timeout(Some(DEADLINE)).expect("a deadline can be set");
    stream
}

fn ask(stream: &mut TcpStream, byte: u8) -> io::Result<u8> {
    stream.write_all(&[byte])?;
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    Ok(answer[0])
}

fn is_silent(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(SILENCE)).expect("a deadline can be set");
    let outcome = stream.read(&mut [0]);
    stream.set_read_timeout(Some(DEADLINE)).expect("a deadline can be set");
    outcome.is_err_and(|error| [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()))
}

#[test]
fn bytes_go_through_in_both_directions() {
    let (server, _told) = echo();
    let proxy = Proxy::start(server).expect("it starts");
    let mut stream = connect(&proxy);
    for byte in 0..100 {
        assert_eq!(ask(&mut stream, byte).expect("it answers"), byte);
    }
}

#[test]
fn a_cut_ends_every_connection_until_it_is_healed() {
    let (server, _told) = echo();
    let proxy = Proxy::start(server).expect("it starts");
    let mut old = connect(&proxy);
    assert_eq!(ask(&mut old, 1).expect("it answers"), 1);
    proxy.cut();
    assert!(ask(&mut old, 2).is_err());
    assert!(ask(&mut connect(&proxy), 3).is_err());
    proxy.heal();
    assert_eq!(ask(&mut connect(&proxy), 4).expect("it answers"), 4);
}

#[test]
fn with_lost_replies_requests_arrive_and_answers_do_not() {
    let (server, told) = echo();
    let proxy = Proxy::start(server).expect("it starts");
    let mut stream = connect(&proxy);
    assert_eq!(ask(&mut stream, 1).expect("it answers"), 1);
    proxy.drop_replies();
    stream.write_all(&[2]).expect("it is sent");
    assert_eq!(told.recv_timeout(DEADLINE).ok(), Some(1));
    assert_eq!(told.recv_timeout(DEADLINE).ok(), Some(2));
    assert!(is_silent(&mut stream));
    proxy.heal();
    assert!(ask(&mut stream, 3).is_err(), "a connection with a hole must end");
    assert_eq!(ask(&mut connect(&proxy), 4).expect("it answers"), 4);
}

#[test]
fn a_black_hole_for_requests_lets_none_arrive() {
    let (server, told) = echo();
    let proxy = Proxy::start(server).expect("it starts");
    let mut stream = connect(&proxy);
    proxy.black_hole(Direction::Requests);
    stream.write_all(&[1]).expect("it is sent");
    assert!(is_silent(&mut stream));
    assert!(told.try_recv().is_err());
}

#[test]
fn a_delay_counts_in_each_direction() {
    let (server, _told) = echo();
    let proxy = Proxy::start(server).expect("it starts");
    let mut stream = connect(&proxy);
    let delay = Duration::from_millis(60);
    proxy.delay(delay);
    let start = Instant::now();
    assert_eq!(ask(&mut stream, 1).expect("it answers"), 1);
    assert!(start.elapsed() >= delay * 2);
}

#[test]
fn a_proxy_that_is_dropped_ends_its_connections() {
    let (server, _told) = echo();
    let proxy = Proxy::start(server).expect("it starts");
    let mut stream = connect(&proxy);
    assert_eq!(ask(&mut stream, 1).expect("it answers"), 1);
    drop(proxy);
    assert!(ask(&mut stream, 2).is_err());
}
