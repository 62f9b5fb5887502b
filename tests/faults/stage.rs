//! One set of engines for all fault tests, which kill and pause it one test after the other.

use std::time::Duration;

use engines::{Cassandra, Kafka, Proxy, Registry};
use tests::crowd::{Crowd, CrowdOptions, Invariant};
use tests::{Engines, Shop};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};
use tokio::task::block_in_place;

/// Within what a shop serves again when the last fault of a round is healed.
pub(crate) const SERVICE_WITHIN: Duration = Duration::from_secs(30);
/// Within what a request is settled, faults and all.
pub(crate) const SETTLED_WITHIN: Duration = Duration::from_secs(90);

static STAGE: Mutex<Option<Stage>> = Mutex::const_new(None);

/// Running engines that a test may do anything to.
pub(crate) struct Stage {
    pub(crate) kafka: Kafka,
    /// A way to the broker that can be cut.
    pub(crate) proxy: Proxy,
    pub(crate) cassandra: Cassandra,
    pub(crate) registry: Registry,
}

/// The engines, healthy, for one test at a time.
pub(crate) async fn take() -> MappedMutexGuard<'static, Stage> {
    let mut stage = STAGE.lock().await;
    block_in_place(|| match stage.as_mut() {
        Some(stage) => stage.heal(),
        None => *stage = Some(Stage::start()),
    });
    MutexGuard::map(stage, |stage| stage.as_mut().expect("it was started above"))
}

impl Stage {
    fn start() -> Self {
        let (kafka, proxy) = Kafka::start_behind_proxy().unwrap_or_else(|error| panic!("{error}"));
        Self {
            kafka,
            proxy,
            cassandra: Cassandra::start().unwrap_or_else(|error| panic!("{error}")),
            registry: Registry::start().unwrap_or_else(|error| panic!("{error}")),
        }
    }

    /// A test that failed may have left anything behind.
    fn heal(&mut self) {
        self.proxy.heal();
        let healed = [
            if self.kafka.is_running() {
                self.kafka.resume()
            } else {
                self.kafka.restart()
            },
            if self.cassandra.is_running() {
                self.cassandra.resume()
            } else {
                self.cassandra.restart()
            },
            if self.registry.is_running() {
                self.registry.resume()
            } else {
                self.registry.restart()
            },
        ];
        for healed in healed {
            healed.unwrap_or_else(|error| panic!("{error}"));
        }
    }

    /// Where they answer.
    pub(crate) fn engines(&self) -> Engines {
        Engines {
            kafka: self.kafka.bootstrap(),
            registry: self.registry.url(),
            cassandra: self.cassandra.address(),
        }
    }
}

/// A crowd at a shop on engines.
pub(crate) async fn crowd_at(shop: &Shop, seed: u64) -> Crowd {
    let options = CrowdOptions {
        settled_within: SETTLED_WITHIN,
        seed,
        ..CrowdOptions::default()
    };
    Crowd::enter(shop, options).await
}

/// Restarts a node; that it does not come back is a finding.
pub(crate) fn restart(shop: &mut Shop, crowd: &Crowd) {
    if let Err(why) = block_in_place(|| shop.try_restart()) {
        crowd.note(Invariant::ItServesAgainInTime, why);
    }
}
