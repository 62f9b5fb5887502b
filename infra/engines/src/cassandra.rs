//! A Cassandra node.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use crate::engine::{Engine, Server, class_path};
use crate::port::Port;
use crate::recipe::{Recipe, cassandra as recipe};
use crate::{Error, cache};

mod wire;

/// One Cassandra node.
pub type Cassandra = Engine<Node>;

/// What is particular to a Cassandra node: its ports.
pub struct Node {
    port: Port,
    storage_port: Port,
}

impl Cassandra {
    /// Starts a node and waits until it answers a query.
    ///
    /// # Errors
    /// It did not start; the error shows the end of its log.
    pub fn start() -> Result<Self, Error> {
        Self::launch(Node::new(None)?)
    }

    /// Where clients begin: `127.0.0.1:<port>`.
    #[must_use]
    pub fn address(&self) -> String {
        self.server().address().to_string()
    }
}

impl Node {
    /// A node, on this port if it is free.
    pub(crate) fn new(preferred: Option<u16>) -> Result<Self, Error> {
        Ok(Self {
            port: Port::preferred(preferred)?,
            storage_port: Port::free(&[Ipv4Addr::LOCALHOST])?,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port.number()))
    }

    /// Its configuration, as Cassandra reads it.
    fn configuration(&self, folder: &Path) -> String {
        let storage_port = self.storage_port.number();
        let mut yaml = format!(
            "cluster_name: tillroll\n\
             partitioner: org.apache.cassandra.dht.Murmur3Partitioner\n\
             endpoint_snitch: SimpleSnitch\n\
             listen_address: 127.0.0.1\n\
             rpc_address: 127.0.0.1\n\
             native_transport_port: {}\n\
             storage_port: {storage_port}\n\
             seed_provider:\n  \
             - class_name: org.apache.cassandra.locator.SimpleSeedProvider\n    \
               parameters: [{{seeds: '127.0.0.1:{storage_port}'}}]\n\
             data_file_directories: ['{}']\n",
            self.port.number(),
            folder.join("data").display(),
        );
        for (setting, inner) in [
            ("commitlog_directory", "commitlog"),
            ("saved_caches_directory", "saved_caches"),
            ("hints_directory", "hints"),
            ("cdc_raw_directory", "cdc_raw"),
        ] {
            let _ = writeln!(yaml, "{setting}: '{}'", folder.join(inner).display());
        }
        for (name, value) in recipe::SETTINGS {
            let _ = writeln!(yaml, "{name}: {value}");
        }
        yaml
    }
}

impl Server for Node {
    const RECIPE: Recipe = recipe::RECIPE;

    fn prepare(&self, folder: &Path) -> Result<(), Error> {
        for (name, text) in [
            ("cassandra.yaml", self.configuration(folder)),
            ("logback.xml", recipe::LOGGING.to_owned()),
        ] {
            let path = folder.join(name);
            fs::write(&path, text).map_err(Error::file(&path))?;
        }
        Ok(())
    }

    fn arguments(&self, folder: &Path) -> Result<Vec<String>, Error> {
        let jars = cache::jars(&recipe::RECIPE)?;
        let agent = jars.iter().find(|jar| jar.ends_with(recipe::AGENT));
        let agent = agent.map(|agent| format!("-javaagent:{}", agent.display()));
        let exports = recipe::EXPORTS
            .iter()
            .map(|package| format!("--add-exports={package}=ALL-UNNAMED"));
        let opens = recipe::OPENS
            .iter()
            .map(|package| format!("--add-opens={package}=ALL-UNNAMED"));
        let own = [
            format!("-Dcassandra.config=file://{}", folder.join("cassandra.yaml").display()),
            format!("-Dcassandra.storagedir={}", folder.display()),
            format!("-Dlogback.configurationFile={}", folder.join("logback.xml").display()),
            "-cp".to_owned(),
            class_path(&jars),
            "org.apache.cassandra.service.CassandraDaemon".to_owned(),
        ];
        Ok(agent.into_iter().chain(exports).chain(opens).chain(own).collect())
    }

    fn answers(&self) -> bool {
        wire::answers_a_query(self.address()).unwrap_or(false)
    }
}
