//! A running server.

use std::marker::PhantomData;

use crate::{Error, Proxy};

/// A running server of its own, with its data in a temporary folder; killed and removed when dropped, and when
/// the process that started it ends, however it ends.
pub struct Engine<S> {
    kind: PhantomData<S>,
}

/// One Kafka broker.
pub type Kafka = Engine<Broker>;
/// One Cassandra node.
pub type Cassandra = Engine<Node>;
/// One schema registry.
pub type Registry = Engine<Apicurio>;

/// A Kafka broker.
pub struct Broker;
/// A Cassandra node.
pub struct Node;
/// A registry.
pub struct Apicurio;

fn pending<T>() -> Result<T, Error> {
    Err(Error("the engines are still being written".to_owned()))
}

impl<S> Engine<S> {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// It did not start; the error shows the end of its log.
    pub fn start() -> Result<Self, Error> {
        pending()
    }

    /// Its process id; that of its last run while it does not run.
    #[must_use]
    pub fn pid(&self) -> u32 {
        0
    }

    /// kill -9; its data stays.
    ///
    /// # Errors
    /// The kernel would not.
    pub fn kill(&mut self) -> Result<(), Error> {
        pending()
    }

    /// SIGTERM, and waits for its end; its data stays.
    ///
    /// # Errors
    /// It did not end.
    pub fn stop(&mut self) -> Result<(), Error> {
        pending()
    }

    /// Starts it again where it was, on the same data, and waits until it answers. One that still runs is killed
    /// first.
    ///
    /// # Errors
    /// It did not start; the error shows the end of its log.
    pub fn restart(&mut self) -> Result<(), Error> {
        pending()
    }

    /// SIGSTOP: it is there and answers nothing.
    ///
    /// # Errors
    /// It does not run.
    pub fn pause(&self) -> Result<(), Error> {
        pending()
    }

    /// SIGCONT.
    ///
    /// # Errors
    /// It does not run.
    pub fn resume(&self) -> Result<(), Error> {
        pending()
    }
}

impl Kafka {
    /// Starts a broker with a second address that leads through a proxy: clients that begin at the proxy's address
    /// go through it for everything, those that begin at [`Kafka::bootstrap`] never.
    ///
    /// # Errors
    /// As for [`Engine::start`].
    pub fn start_behind_proxy() -> Result<(Self, Proxy), Error> {
        pending()
    }

    /// `127.0.0.1:<port>`.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        String::new()
    }
}

impl Cassandra {
    /// `127.0.0.1:<port>`.
    #[must_use]
    pub fn address(&self) -> String {
        String::new()
    }
}

impl Registry {
    /// Where its Confluent-compatible API begins: `http://127.0.0.1:<port>/apis/ccompat/v7`.
    #[must_use]
    pub fn url(&self) -> String {
        String::new()
    }
}

/// Several Kafka brokers on 127.0.0.1, 127.0.0.2, …, on the same port.
pub struct KafkaCluster {
    brokers: Vec<Kafka>,
}

impl KafkaCluster {
    /// Starts `count` brokers and waits until each knows all.
    ///
    /// # Errors
    /// As for [`Engine::start`].
    pub fn start(_count: usize) -> Result<Self, Error> {
        pending()
    }

    /// All addresses, separated by commas.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        String::new()
    }

    /// The brokers. The one at place `n` has the id `n + 1` and listens on 127.0.0.`n + 1`.
    pub fn brokers(&mut self) -> &mut [Kafka] {
        &mut self.brokers
    }
}
