//! A schema registry.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use crate::engine::{Engine, Server, prepared_classes};
use crate::http::is_found;
use crate::port::Port;
use crate::recipe::{Recipe, apicurio as recipe};
use crate::{Error, cache};

/// One schema registry.
pub type Registry = Engine<Apicurio>;

/// What is particular to a registry: its ports.
pub struct Apicurio {
    port: Port,
    /// Of its own health and metrics, which nobody asks here; instances would collide on the usual one.
    management_port: Port,
    /// Of the Java machine: where prepared classes are, or where to put them.
    classes: String,
}

impl Registry {
    /// Starts a registry and waits until it answers.
    ///
    /// # Errors
    /// It did not start; the error shows the end of its log.
    pub fn start() -> Result<Self, Error> {
        Self::launch(Apicurio::new(None)?)
    }

    /// Where its Confluent-compatible API begins: `http://127.0.0.1:<port>/apis/ccompat/v7`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server().url()
    }
}

impl Apicurio {
    /// A registry, on this port if it is free.
    pub(crate) fn new(preferred: Option<u16>) -> Result<Self, Error> {
        let classes = prepared_classes(|classes| Engine::launch(Self::with_classes(None, classes)?))?;
        Self::with_classes(preferred, classes)
    }

    fn with_classes(preferred: Option<u16>, classes: String) -> Result<Self, Error> {
        Ok(Self {
            port: Port::preferred(preferred)?,
            management_port: Port::free(&[Ipv4Addr::LOCALHOST])?,
            classes,
        })
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port.number()))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}{}", self.address(), recipe::API)
    }
}

impl Server for Apicurio {
    const RECIPE: Recipe = recipe::RECIPE;

    fn prepare(&self, _folder: &Path) -> Result<(), Error> {
        Ok(())
    }

    fn arguments(&self, folder: &Path) -> Result<Vec<String>, Error> {
        let jars = cache::jars(&recipe::RECIPE)?;
        let shared = recipe::SETTINGS.iter().map(|(name, value)| format!("-D{name}={value}"));
        let own = [
            ("quarkus.http.host", "127.0.0.1".to_owned()),
            ("quarkus.http.port", self.port.number().to_string()),
            ("quarkus.management.host", "127.0.0.1".to_owned()),
            ("quarkus.management.port", self.management_port.number().to_string()),
            (
                "apicurio.datasource.url",
                recipe::database(&folder.display().to_string()),
            ),
        ];
        let own = own.map(|(name, value)| format!("-D{name}={value}"));
        let runner = jars.iter().map(|jar| jar.display().to_string());
        let runner = runner.filter(|jar| jar.ends_with("-runner.jar"));
        Ok([self.classes.clone()]
            .into_iter()
            .chain(shared)
            .chain(own)
            .chain(["-jar".to_owned()])
            .chain(runner)
            .collect())
    }

    fn answers(&self) -> bool {
        is_found(self.address(), &format!("{}/subjects", recipe::API))
    }
}
