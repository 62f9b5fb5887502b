//! Several brokers that replicate.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Broker, Kafka, wire};
use crate::Error;
use crate::engine::{Engine, Server};
use crate::port::Port;
use crate::recipe::kafka as recipe;

/// How often they are asked whether each knows all.
const ASKED_EVERY: Duration = Duration::from_millis(50);

/// Several Kafka brokers on 127.0.0.1, 127.0.0.2, …, on the same port.
pub struct KafkaCluster {
    brokers: Vec<Kafka>,
}

impl KafkaCluster {
    /// Starts `count` brokers (three, for what they promise) and waits until each knows all.
    ///
    /// # Errors
    /// As for [`Kafka::start`].
    pub fn start(count: u8) -> Result<Self, Error> {
        let classes = Broker::prepared_classes()?;
        let hosts: Vec<_> = (1..=count).map(|id| Ipv4Addr::new(127, 0, 0, id)).collect();
        let (port, controller_port) = (Arc::new(Port::free(&hosts)?), Arc::new(Port::free(&hosts)?));
        let spawn = |id| {
            Engine::spawn(Broker {
                id,
                count,
                port: Arc::clone(&port),
                controller_port: Arc::clone(&controller_port),
                proxied: None,
                classes: classes.clone(),
            })
        };
        let brokers = (1..=count).map(spawn).collect::<Result<Vec<_>, _>>()?;
        let cluster = Self { brokers };
        cluster.wait_until_all_know_all()?;
        Ok(cluster)
    }

    /// Where clients begin: all addresses, separated by commas.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        let addresses: Vec<_> = self.brokers.iter().map(Kafka::bootstrap).collect();
        addresses.join(",")
    }

    /// The brokers. The one at place `n` has the id `n + 1` and listens on 127.0.0.`n + 1`.
    pub fn brokers(&mut self) -> &mut [Kafka] {
        &mut self.brokers
    }

    fn wait_until_all_know_all(&self) -> Result<(), Error> {
        let start = Instant::now();
        for broker in &self.brokers {
            broker.wait_until_ready()?;
            let address = broker.server().address();
            while !wire::brokers(address).is_ok_and(|ids| ids.len() == self.brokers.len()) {
                if start.elapsed() > Broker::RECIPE.ready_within {
                    return Err(Error::NotReady {
                        name: recipe::RECIPE.name,
                        reason: "has brokers that do not find each other".to_owned(),
                        log: broker.end_of_log(),
                    });
                }
                thread::sleep(ASKED_EVERY);
            }
        }
        Ok(())
    }
}
