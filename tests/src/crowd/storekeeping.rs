//! The storekeeper: puts pieces on the shelves. And those who look at the shelves, at every node, and see nothing
//! older than what was acknowledged before they asked.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use super::asking::{Asker, GivenUp};
use super::chance::Chance;
use super::finding::Invariant;
use super::scene::{Scene, sku};

/// How long the storekeeper rests between two deliveries.
const REST: Duration = Duration::from_millis(20);
/// How often each node is asked how a shelf is.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Questions that may wait for an answer. So many stand before a node that is paused: the last ones are asked when
/// another has long done what it does not know of.
const LOOKS_MAX: usize = 600;

/// Receives pieces until the crowd goes home. There is one storekeeper, so what is acknowledged to it is all.
pub(crate) async fn keep_store(scene: &Scene, mut asker: Asker) {
    while !scene.is_over() {
        let number = asker.chance.below(scene.options.skus);
        if receive(scene, &mut asker, number).await.is_err() {
            // What became of that delivery is not known: its shelf cannot be counted any more.
            return;
        }
        tokio::time::sleep(REST).await;
    }
}

async fn receive(scene: &Scene, asker: &mut Asker, number: u64) -> Result<(), GivenUp> {
    let path = format!("/v1/stock/{}/receipts", sku(number));
    let received = scene.ask(asker, &path, json!({ "quantity": 1 }), 200).await?;
    let on_hand = received.body["onHand"].as_i64().unwrap_or(0);
    let expected = {
        let mut shelves = scene.shelves();
        let shelf = &mut shelves[usize::try_from(number).unwrap_or(0)];
        shelf.received += 1;
        shelf.version = received.version().unwrap_or(0).max(shelf.version);
        scene.options.pieces + shelf.received
    };
    let invariant = if on_hand < expected {
        Invariant::NothingAcknowledgedIsLost
    } else {
        Invariant::NothingHappensTwice
    };
    if on_hand != expected {
        scene.finding(invariant, format!("{path}: {on_hand} pieces, {expected} were received"));
    }
    Ok(())
}

/// Looks at the shelves through every node until the crowd goes home.
pub(crate) async fn watch_shelves(scene: Arc<Scene>, mut chance: Chance) {
    let mut looks: JoinSet<()> = JoinSet::new();
    while !scene.is_over() {
        for url in scene.watched() {
            if looks.len() < LOOKS_MAX {
                let number = chance.below(scene.options.skus);
                looks.spawn(look_at_shelf(Arc::clone(&scene), url, number));
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
        while looks.try_join_next().is_some() {}
    }
    looks.shutdown().await;
}

async fn look_at_shelf(scene: Arc<Scene>, url: String, number: u64) {
    let path = format!("/v1/stock/{}", sku(number));
    let acknowledged = scene.shelves()[usize::try_from(number).unwrap_or(0)].version;
    // Patient: what a node says that was away for long is what this is about.
    let looking = scene.keeper.at(&url).with_patience(scene.options.settled_within);
    let Ok(answer) = looking.send(reqwest::Method::GET, &path).await else {
        return;
    };
    let Some(version) = answer.version().filter(|_| answer.status == 200) else {
        return;
    };
    scene.history.states.add_one();
    if version < acknowledged {
        let what = format!("{url}{path}: version {version}, after version {acknowledged} was acknowledged");
        scene.finding(Invariant::NobodyAnswersFromThePast, what);
    }
}
