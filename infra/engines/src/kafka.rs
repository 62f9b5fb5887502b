//! A Kafka broker.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use crate::cache;
use crate::engine::{Engine, Server, class_path, prepared_classes};
use crate::port::Port;
use crate::recipe::{Recipe, Setting, kafka as recipe};
use crate::{Error, Proxy};

pub(crate) mod cluster;
mod format;
mod wire;

/// One Kafka broker that is alone, or one of a [`KafkaCluster`](crate::KafkaCluster).
pub type Kafka = Engine<Broker>;

/// What is particular to a Kafka broker: its place among others and its ports.
pub struct Broker {
    /// From 1; its address is 127.0.0.`id`.
    id: u8,
    /// How many there are.
    count: u8,
    port: Arc<Port>,
    controller_port: Arc<Port>,
    /// A second port, and the proxy's, which clients of it are told.
    proxied: Option<(Port, u16)>,
    /// Of the Java machine: where prepared classes are, or where to put them.
    classes: String,
}

impl Kafka {
    /// Starts a broker and waits until it answers.
    ///
    /// # Errors
    /// It did not start; the error shows the end of its log.
    pub fn start() -> Result<Self, Error> {
        Self::launch(Broker::alone(None)?)
    }

    /// Starts a broker with a second address that leads through a proxy: clients that begin at the proxy's address
    /// go through it for everything, those that begin at [`Kafka::bootstrap`] never.
    ///
    /// # Errors
    /// As for [`Kafka::start`].
    pub fn start_behind_proxy() -> Result<(Self, Proxy), Error> {
        let target = Port::free(&[Ipv4Addr::LOCALHOST])?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, target.number()));
        let proxy = Proxy::start(address).map_err(Error::program("the proxy"))?;
        let mut broker = Broker::alone(None)?;
        broker.proxied = Some((target, proxy.port()));
        Ok((Self::launch(broker)?, proxy))
    }

    /// Where clients begin: `127.0.0.1:<port>`.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        self.server().address().to_string()
    }
}

impl Broker {
    /// A broker that is alone, on this port if it is free.
    pub(crate) fn alone(preferred: Option<u16>) -> Result<Self, Error> {
        Self::with_classes(preferred, Self::prepared_classes()?)
    }

    fn prepared_classes() -> Result<String, Error> {
        prepared_classes(|classes| Engine::launch(Self::with_classes(None, classes)?))
    }

    fn with_classes(preferred: Option<u16>, classes: String) -> Result<Self, Error> {
        Ok(Self {
            id: 1,
            count: 1,
            port: Arc::new(Port::preferred(preferred)?),
            controller_port: Arc::new(Port::free(&[Ipv4Addr::LOCALHOST])?),
            proxied: None,
            classes,
        })
    }

    fn host(&self) -> Ipv4Addr {
        Ipv4Addr::new(127, 0, 0, self.id)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from((self.host(), self.port.number()))
    }

    /// Its configuration, as Kafka reads it.
    fn configuration(&self, folder: &Path) -> String {
        let (host, controller_port) = (self.host(), self.controller_port.number());
        let mut listeners = format!("PLAINTEXT://{},CONTROLLER://{host}:{controller_port}", self.address());
        let mut advertised = format!("PLAINTEXT://{}", self.address());
        if let Some((port, proxy_port)) = &self.proxied {
            let _ = write!(listeners, ",PROXIED://{host}:{}", port.number());
            let _ = write!(advertised, ",PROXIED://{host}:{proxy_port}");
        }
        let voter = |id| format!("{id}@127.0.0.{id}:{controller_port}");
        let voters: Vec<_> = (1..=self.count).map(voter).collect();
        let own = [
            ("node.id", self.id.to_string()),
            ("listeners", listeners),
            ("advertised.listeners", advertised),
            (
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT".to_owned(),
            ),
            ("controller.listener.names", "CONTROLLER".to_owned()),
            ("controller.quorum.voters", voters.join(",")),
            ("log.dirs", folder.join(format::DATA_FOLDER).display().to_string()),
        ];
        let shared = recipe::SETTINGS.iter().chain(self.settings_of_place());
        let shared = shared.map(|(name, value)| format!("{name}={value}\n"));
        shared
            .chain(own.map(|(name, value)| format!("{name}={value}\n")))
            .collect()
    }

    fn settings_of_place(&self) -> &'static [Setting] {
        if self.count == 1 {
            recipe::SETTINGS_ALONE
        } else {
            recipe::SETTINGS_IN_CLUSTER
        }
    }
}

impl Server for Broker {
    const RECIPE: Recipe = recipe::RECIPE;

    fn prepare(&self, folder: &Path) -> Result<(), Error> {
        for (name, text) in [
            ("server.properties", self.configuration(folder)),
            ("log4j2.properties", recipe::LOGGING.to_owned()),
        ] {
            let path = folder.join(name);
            fs::write(&path, text).map_err(Error::file(&path))?;
        }
        format::format(self.id, folder)
    }

    fn arguments(&self, folder: &Path) -> Result<Vec<String>, Error> {
        let jars = cache::jars(&recipe::RECIPE)?;
        let heap = if self.count == 1 {
            recipe::HEAP
        } else {
            recipe::HEAP_IN_CLUSTER
        };
        Ok(vec![
            heap.to_owned(),
            self.classes.clone(),
            format!(
                "-Dlog4j2.configurationFile={}",
                folder.join("log4j2.properties").display()
            ),
            "-cp".to_owned(),
            class_path(&jars),
            "kafka.Kafka".to_owned(),
            folder.join("server.properties").display().to_string(),
        ])
    }

    fn answers(&self) -> bool {
        wire::brokers(self.address()).is_ok_and(|ids| ids.contains(&i32::from(self.id)))
    }
}
