//! A crowd of clients with a memory: they shop at one or several nodes of a shop while these fail, repeat every
//! request with its key until it is settled, and remember what they were told. In the end the shop is checked
//! against that. What is wrong is a [`Finding`]; nothing here panics because of it.

mod asking;
mod chance;
mod finding;
mod finish;
mod history;
mod report;
mod scene;
mod shopping;
mod storekeeping;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

pub use chance::Chance;
pub use finding::{Finding, Invariant};
pub use report::Report;

use crate::{Shop, Shopkeeper};
use asking::Asker;
use scene::{Scene, sku};

/// What every fresh guest waits for an answer before it goes to another node.
const HURRY: Duration = Duration::from_secs(3);
/// How long clients may take to go home, beside what one request may take.
const HOME_WITHIN: Duration = Duration::from_secs(10);

/// How a crowd is.
#[derive(Clone, Copy, Debug)]
pub struct CrowdOptions {
    /// Guests that shop at the same time. Every other one is patient.
    pub guests: u64,
    /// SKUs they shop for; enough to spread over the shards of the inventory.
    pub skus: u64,
    /// Pieces of each SKU to begin with: enough for all, so that every checkout must succeed in the end.
    pub pieces: i64,
    /// How long a guest rests after each purchase.
    pub rests: Duration,
    /// How long it may take until a request is settled, faults and all.
    pub settled_within: Duration,
    /// What chance begins with.
    pub seed: u64,
}

impl Default for CrowdOptions {
    fn default() -> Self {
        Self {
            guests: 6,
            skus: 5,
            pieces: 1_000_000,
            rests: Duration::ZERO,
            settled_within: crate::deadline(),
            seed: 0x5eed,
        }
    }
}

/// A crowd that is shopping.
pub struct Crowd {
    scene: Arc<Scene>,
    clients: JoinSet<()>,
    recoveries: Vec<Duration>,
    rounds: u64,
    started: Instant,
}

impl Crowd {
    /// Stocks the shelves of a shop and lets a crowd in.
    ///
    /// # Panics
    /// When the shop refuses to be stocked.
    pub async fn enter(shop: &Shop, options: CrowdOptions) -> Self {
        let admin = shop.admin();
        let keeper = Shopkeeper::new(admin.clone());
        for number in 0..options.skus {
            keeper.stock(&sku(number), "3.33", options.pieces).await;
        }
        let scene = Arc::new(Scene::new(shop.url(), admin, options));
        let mut crowd = Self {
            scene,
            clients: JoinSet::new(),
            recoveries: Vec::new(),
            rounds: 0,
            started: Instant::now(),
        };
        crowd.let_in(shop);
        crowd
    }

    fn let_in(&mut self, shop: &Shop) {
        let options = self.scene.options;
        for guest in 0..options.guests {
            let patience = if guest % 2 == 0 { HURRY } else { options.settled_within };
            let asker = Asker::new(shop.client(), patience, options.seed + guest);
            let scene = Arc::clone(&self.scene);
            self.clients.spawn(async move { shopping::shop(&scene, asker).await });
        }
        let seed = options.seed + options.guests;
        let asker = Asker::new(self.scene.keeper.clone(), HURRY, seed);
        let scene = Arc::clone(&self.scene);
        self.clients
            .spawn(async move { storekeeping::keep_store(&scene, asker).await });
        let chance = Chance::of(seed + 1);
        self.clients
            .spawn(storekeeping::watch_shelves(Arc::clone(&self.scene), chance));
    }

    /// From now on commands are sent to these nodes, and it is looked at them.
    pub fn ask_at(&self, nodes: &[&Shop]) {
        self.command_at(nodes);
        self.scene.set_watched(urls(nodes));
    }

    /// From now on commands are sent to these nodes.
    pub fn command_at(&self, nodes: &[&Shop]) {
        self.scene.set_nodes(urls(nodes));
    }

    /// Whether from now on every query that reaches a node must be answered, and with what there is.
    pub fn expect_answers(&self, are_expected: bool) {
        self.scene.expect_answers(are_expected);
    }

    /// Waits until so many orders were made.
    pub async fn until_ordered(&self, shop: &Shop, orders: usize) {
        let history = &self.scene.history;
        shop.until("enough is ordered", async || {
            history.told().iter().filter(|told| told.order().is_some()).count() >= orders
        })
        .await;
    }

    /// Lets them shop for so long.
    pub async fn shop_for(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// A round of faults is over and everything is healed: something new must be done within so long, at some node.
    pub async fn expect_service_within(&mut self, within: Duration) {
        self.rounds += 1;
        let start = Instant::now();
        let mut asker = Asker::new(self.scene.keeper.clone(), HURRY, self.rounds);
        let key = uuid::Uuid::now_v7().to_string();
        let asked = self.scene.ask_under(&mut asker, "/v1/carts", &key, &json!({})).await;
        let took = start.elapsed();
        self.recoveries.push(took);
        if asked.is_err() || took > within {
            let what = format!(
                "round {}: a cart was opened after {took:?}, not {within:?}",
                self.rounds
            );
            self.scene.finding(Invariant::ItServesAgainInTime, what);
        }
    }

    /// Something was seen from outside that should not be.
    pub fn note(&self, invariant: Invariant, what: impl Into<String>) {
        self.scene.finding(invariant, what);
    }

    /// Whether something was found against this so far.
    #[must_use]
    pub fn has(&self, invariant: Invariant) -> bool {
        let found = self.scene.findings.kept();
        found.iter().any(|finding| finding.invariant == invariant)
    }

    /// Ends the run without looking further: enough was found.
    pub async fn leave(mut self) -> Report {
        self.scene.end();
        self.clients.shutdown().await;
        self.report()
    }

    async fn go_home(&mut self) {
        self.scene.end();
        let all_home = async { while self.clients.join_next().await.is_some() {} };
        let within = self.scene.options.settled_within + HOME_WITHIN;
        if tokio::time::timeout(within, all_home).await.is_err() {
            let what = format!("clients still wait for answers after {within:?}");
            self.scene.finding(Invariant::TheUnknownIsSettledByAsking, what);
            self.clients.shutdown().await;
        }
    }
}

fn urls(nodes: &[&Shop]) -> Vec<String> {
    nodes.iter().map(|node| node.url().to_owned()).collect()
}
