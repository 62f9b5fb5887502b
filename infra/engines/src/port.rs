//! Ports that stay one's own while the server on them is down.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

use crate::{Error, cache};

/// Below the ports that a system gives to outgoing connections: one of those could take the port of a server that
/// restarts.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// How many are tried.
const TRIES_MAX: u16 = 200;

/// A port that no other engine on this machine takes, whether anything listens on it or not.
#[derive(Debug)]
pub(crate) struct Port {
    number: u16,
    /// Held, and so free again when the process ends.
    _lock: File,
}

impl Port {
    /// This port of 127.0.0.1, or another when it is taken.
    pub(crate) fn preferred(number: Option<u16>) -> Result<Self, Error> {
        let host = [Ipv4Addr::LOCALHOST];
        match number.map(|number| Self::reserve(number, &host)).transpose()?.flatten() {
            Some(port) => Ok(port),
            None => Self::free(&host),
        }
    }

    /// A port that is free on all these addresses.
    pub(crate) fn free(addresses: &[Ipv4Addr]) -> Result<Self, Error> {
        // A new hasher is seeded at random.
        let seed = RandomState::new().hash_one(std::process::id());
        let width = u64::from(PORTS.end - PORTS.start);
        let first = u16::try_from(seed % width).map_err(|_| Error::Ports)?;
        for step in 0..TRIES_MAX {
            let number = PORTS.start + (first + step) % (PORTS.end - PORTS.start);
            if let Some(port) = Self::reserve(number, addresses)? {
                return Ok(port);
            }
        }
        Err(Error::Ports)
    }

    /// This port, if it is free on all these addresses.
    fn reserve(number: u16, addresses: &[Ipv4Addr]) -> Result<Option<Self>, Error> {
        let folder = cache::folder()?.join("ports");
        fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        let path = folder.join(number.to_string());
        let lock = cache::open(&path).map_err(Error::file(&path))?;
        if lock.try_lock().is_err() {
            return Ok(None);
        }
        let is_free = addresses
            .iter()
            .all(|address| TcpListener::bind((*address, number)).is_ok());
        Ok(is_free.then_some(Self { number, _lock: lock }))
    }

    /// Its number.
    pub(crate) fn number(&self) -> u16 {
        self.number
    }
}
