//! The end of a run: everything is checked against what the clients were told.

use std::collections::HashSet;
use std::time::Instant;

use futures::StreamExt;
use serde_json::{Value, json};

use super::asking::{Asker, beginning, shown};
use super::finding::Invariant;
use super::history::Told;
use super::scene::{Scene, sku};
use super::{Crowd, Report};
use crate::{Shop, seen_within};

/// Keys that are asked again at the same time.
const ASKED_AT_ONCE: usize = 16;
/// So many findings say enough: what is left is not asked, so that a broken shop is told of soon.
const FINDINGS_ENOUGH: u64 = 60;
/// What a command that found nothing wrong says of a rebuilt projection.
const SAME: &str = ", 0 differ";

impl Crowd {
    /// Lets the crowd go home, restarts the shop as it is meant to be, and checks everything: every key asked again,
    /// the stock, each order, the log, the read models, and all of it once more without what the node kept in
    /// `state.db`.
    pub async fn finish(mut self, shop: &mut Shop) -> Report {
        self.go_home().await;
        shop.without("FAILPOINTS");
        if let Err(why) = shop.try_restart() {
            self.scene.finding(Invariant::ItServesAgainInTime, why);
            return self.report();
        }
        self.ask_at(&[shop]);
        let told = self.scene.history.told();
        let (lost, twice) = (Invariant::NothingAcknowledgedIsLost, Invariant::NothingHappensTwice);
        self.scene.ask_all_again(&told, lost, twice).await;
        self.scene.count_stock(&told).await;
        self.scene.find_orders(&told).await;
        self.scene.verify_log(shop);
        self.scene.rebuild_all(shop);
        shop.kill();
        // Whatever it holds is made again from the log.
        let _ = std::fs::remove_file(shop.data().join("state.db"));
        match shop.try_restart() {
            Ok(()) => {
                let kept = Invariant::NothingKeptContradictsTheLog;
                self.scene.ask_all_again(&told, kept, kept).await;
            }
            Err(why) => self.scene.finding(Invariant::ItServesAgainInTime, why),
        }
        self.report()
    }

    pub(super) fn report(self) -> Report {
        let history = &self.scene.history;
        let told = history.told();
        Report {
            rounds: self.rounds,
            settled: told.len(),
            orders: told.iter().filter(|told| told.order().is_some()).count(),
            asked: history.asked.get(),
            unanswered: history.unanswered.get(),
            queries: history.queries.get(),
            stale: history.stale.get(),
            states: history.states.get(),
            slowest: history.slowest(),
            recovery: self.recoveries.iter().max().copied().unwrap_or_default(),
            took: self.started.elapsed(),
            findings: self.scene.findings.kept(),
        }
    }
}

impl Scene {
    /// Every key gives the answer that it gave, and gives it from memory: what was acknowledged is not done anew.
    async fn ask_all_again(&self, told: &[Told], lost: Invariant, twice: Invariant) {
        futures::stream::iter(told)
            .for_each_concurrent(ASKED_AT_ONCE, |told| self.ask_again(told, lost, twice))
            .await;
    }

    async fn ask_again(&self, told: &Told, lost: Invariant, twice: Invariant) {
        if self.findings.count() > FINDINGS_ENOUGH {
            return;
        }
        let mut asker = Asker::new(told.client.clone(), self.options.settled_within, 0);
        let Ok(again) = self.ask_under(&mut asker, &told.path, &told.key, &told.body).await else {
            return;
        };
        let Told {
            path,
            key,
            status,
            answer,
            ..
        } = told;
        let is_same = told.is_repeated_by(&again);
        if !is_same {
            let (before, now) = (beginning(&answer.to_string()), shown(&again));
            let now_status = again.status.as_u16();
            let what = format!("{path} under {key} was answered {status} {before}, and now {now_status} {now}");
            self.finding(twice, what);
        } else if again.header("idempotent-replayed") != "true" {
            // Done for the first time, by what it says.
            let what = format!(
                "{path} under {key} was acknowledged and is not known: {}",
                shown(&again)
            );
            self.finding(lost, what);
        }
    }

    /// Every piece of every order is allocated once, nothing stays reserved, and what was received is there.
    async fn count_stock(&self, told: &[Told]) {
        let received: Vec<i64> = self.shelves().iter().map(|shelf| shelf.received).collect();
        let mut allocated = 0;
        for (number, received) in (0..).zip(received) {
            let Some(stock) = self.stock_at_rest(&sku(number)).await else {
                continue;
            };
            let expected = self.options.pieces + received;
            if stock["onHand"] != json!(expected) {
                let what = format!("{}: {expected} pieces were received, the stock is {stock}", sku(number));
                self.finding(Invariant::TheStockAddsUp, what);
            }
            allocated += stock["allocated"].as_i64().unwrap_or(0);
        }
        let orders: HashSet<&str> = told.iter().filter_map(Told::order).collect();
        let in_orders = told
            .iter()
            .filter(|told| told.cart().is_some_and(|cart| orders.contains(cart)));
        let ordered: i64 = in_orders.map(Told::pieces).sum();
        if allocated != ordered {
            let what = format!("{ordered} pieces were ordered, {allocated} are allocated");
            self.finding(Invariant::TheStockAddsUp, what);
        }
    }

    /// The stock of a SKU once nothing of it is reserved any more.
    async fn stock_at_rest(&self, sku: &str) -> Option<Value> {
        let nodes = self.nodes();
        let keeper = self.keeper.at(&nodes[0]);
        let seen = seen_within(self.options.settled_within, async || {
            let seen = keeper.send(reqwest::Method::GET, &format!("/v1/stock/{sku}")).await;
            match seen.ok().filter(|seen| seen.status == 200).map(|seen| seen.body) {
                Some(stock) if stock["reserved"] == 0 => Ok(stock),
                other => Err(other),
            }
        })
        .await;
        seen.map(Some).unwrap_or_else(|last| {
            let what = format!("the stock of {sku} does not come to rest: {last:?}");
            self.finding(Invariant::NoOrphans, what);
            last
        })
    }

    /// Every order that was acknowledged is there, confirmed.
    async fn find_orders(&self, told: &[Told]) {
        let until = Instant::now() + self.options.settled_within;
        futures::stream::iter(told)
            .for_each_concurrent(ASKED_AT_ONCE, |told| self.find_order(told, until))
            .await;
    }

    async fn find_order(&self, told: &Told, until: Instant) {
        let Some(order) = told.order() else { return };
        let nodes = self.nodes();
        let client = told.client.at(&nodes[0]);
        let query = "query($id: ID!) { order(id: $id) { number status } }";
        let question = json!({ "query": query, "variables": { "id": order } });
        let found = seen_within(until.saturating_duration_since(Instant::now()), async || {
            let answer = client.send_json(reqwest::Method::POST, "/graphql", &question).await;
            let seen = answer.map_or(Value::Null, |answer| answer.body["data"]["order"].clone());
            if seen["status"] == "CONFIRMED" && seen["number"] == told.answer["number"] {
                return Ok(());
            }
            Err(seen)
        })
        .await;
        if let Err(seen) = found {
            let what = format!("order {} was acknowledged, a query shows {seen}", told.answer["number"]);
            self.finding(Invariant::NothingAcknowledgedIsLost, what);
        }
    }

    fn verify_log(&self, shop: &Shop) {
        let output = shop.run(&["log", "verify"]);
        if !output.status.success() {
            self.finding(Invariant::OneWriterForEachShard, said(&output));
        }
    }

    fn rebuild_all(&self, shop: &Shop) {
        let output = shop.run(&["rebuild", "--all"]);
        let text = String::from_utf8_lossy(&output.stdout);
        let (same, other): (Vec<&str>, Vec<&str>) = text
            .lines()
            .filter(|line| line.contains(" serves; "))
            .partition(|line| line.ends_with(SAME));
        let invariant = Invariant::ReadModelsFollowFromTheLog;
        if !other.is_empty() {
            self.finding(invariant, other.join("; "));
        } else if same.is_empty() || !output.status.success() {
            self.finding(invariant, said(&output));
        }
    }
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}
