//! A TCP proxy between a client and a server that loses, delays and cuts on order.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How much is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// How many chunks of one direction may be under way; more wait where they come from.
const CHUNKS_UNDER_WAY_MAX: usize = 256;

/// How long the server may take to accept.
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Requests,
    /// From the server to the client.
    Replies,
}

/// A TCP proxy on a free port of 127.0.0.1 that can fail in many ways. Its connections end when it is dropped.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    target: SocketAddr,
    faults: Mutex<Faults>,
    links: Mutex<Vec<Arc<Link>>>,
    /// The proxy was dropped.
    is_over: AtomicBool,
}

#[derive(Clone, Copy, Default)]
struct Faults {
    is_cut: bool,
    swallows_requests: bool,
    swallows_replies: bool,
    delay: Duration,
}

/// A client's connection and the one to the server that goes with it.
struct Link {
    client: TcpStream,
    server: TcpStream,
    /// Something on it was swallowed: what follows would make no sense to whom it reaches.
    has_lost: AtomicBool,
    is_over: AtomicBool,
}

/// What is to arrive, and when.
type Chunk = (Instant, Vec<u8>);

impl Proxy {
    /// Starts a proxy for a server; the server may come later.
    ///
    /// # Errors
    /// No port is free, or the target is no address.
    pub fn start(target: impl ToSocketAddrs) -> io::Result<Self> {
        let target = target.to_socket_addrs()?.next();
        let target = target.ok_or(io::ErrorKind::AddrNotAvailable)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            target,
            faults: Mutex::default(),
            links: Mutex::default(),
            is_over: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&state);
        thread::spawn(move || accepting.accept(&listener));
        Ok(Self { address, state })
    }

    /// Where clients begin: `127.0.0.1:<port>`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Ends every connection, and every new one at once, until healed.
    pub fn cut(&self) {
        locked(&self.state.faults).is_cut = true;
        self.state.end_links(|_| true);
    }

    /// Swallows what goes in this direction, until healed.
    pub fn black_hole(&self, direction: Direction) {
        let mut faults = locked(&self.state.faults);
        match direction {
            Direction::Requests => faults.swallows_requests = true,
            Direction::Replies => faults.swallows_replies = true,
        }
    }

    /// Requests arrive, their answers are lost, until healed.
    pub fn drop_replies(&self) {
        self.black_hole(Direction::Replies);
    }

    /// Everything arrives this much later, in each direction, until healed.
    pub fn delay(&self, by: Duration) {
        locked(&self.state.faults).delay = by;
    }

    /// Faults end. A connection on which something was swallowed ends, too: its rest would be garbage.
    pub fn heal(&self) {
        *locked(&self.state.faults) = Faults::default();
        self.state.end_links(|link| link.has_lost.load(Ordering::SeqCst));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        self.state.end_links(|_| true);
        // Wakes the thread that accepts, so that it sees the end.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming() {
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            let Ok(client) = client else { continue };
            // In a thread of its own: a server that hangs must not keep other clients waiting.
            let state = Arc::clone(self);
            thread::spawn(move || state.connect(client));
        }
    }

    /// Connects a client to the server; where that fails, the client's connection ends.
    fn connect(self: &Arc<Self>, client: TcpStream) {
        let Ok(server) = TcpStream::connect_timeout(&self.target, CONNECTED_WITHIN) else {
            return;
        };
        let _ = client.set_nodelay(true);
        let _ = server.set_nodelay(true);
        let link = Arc::new(Link {
            client,
            server,
            has_lost: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        });
        {
            // Under one lock with the faults: no link slips in behind a cut.
            let faults = locked(&self.faults);
            if faults.is_cut || self.is_over.load(Ordering::SeqCst) {
                return;
            }
            let mut links = locked(&self.links);
            links.retain(|link| !link.is_over.load(Ordering::SeqCst));
            links.push(Arc::clone(&link));
        }
        for direction in [Direction::Requests, Direction::Replies] {
            let (under_way, arriving) = sync_channel(CHUNKS_UNDER_WAY_MAX);
            let (state, taking, giving) = (Arc::clone(self), Arc::clone(&link), Arc::clone(&link));
            thread::spawn(move || state.take(&taking, direction, &under_way));
            thread::spawn(move || giving.give(direction, &arriving));
        }
    }

    /// Reads what goes in one direction, and swallows or sends it on its way.
    fn take(&self, link: &Link, direction: Direction, under_way: &SyncSender<Chunk>) {
        let (mut from, _) = link.ends(direction);
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let length = from.read(&mut chunk).unwrap_or(0);
            let faults = *locked(&self.faults);
            let is_swallowed = match direction {
                Direction::Requests => faults.swallows_requests,
                Direction::Replies => faults.swallows_replies,
            };
            if is_swallowed {
                link.has_lost.store(true, Ordering::SeqCst);
            }
            if length == 0 && is_swallowed {
                // Nobody hears of the end either; healing ends what is left.
                return;
            }
            // An empty chunk is the end.
            let chunk = (Instant::now() + faults.delay, chunk[..length].to_vec());
            if !is_swallowed && under_way.send(chunk).is_err() || length == 0 {
                return;
            }
        }
    }

    fn end_links(&self, is_meant: impl Fn(&Link) -> bool) {
        for link in locked(&self.links).iter().filter(|link| is_meant(link)) {
            link.end();
        }
    }
}

impl Link {
    /// Where bytes that go in this direction come from, and where they go.
    fn ends(&self, direction: Direction) -> (&TcpStream, &TcpStream) {
        match direction {
            Direction::Requests => (&self.client, &self.server),
            Direction::Replies => (&self.server, &self.client),
        }
    }

    /// Writes what is under way in one direction when its time has come.
    fn give(&self, direction: Direction, arriving: &Receiver<Chunk>) {
        let (_, mut to) = self.ends(direction);
        for (due, chunk) in arriving {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if chunk.is_empty() || to.write_all(&chunk).is_err() {
                return self.end();
            }
        }
    }

    fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
