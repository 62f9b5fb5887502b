//! Asking under a key, at any node, until the answer settles it.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use super::chance::Chance;
use super::finding::Invariant;
use super::history::Told;
use super::scene::Scene;
use crate::{Answer, Client};

/// What is waited before a request is repeated.
const PAUSE: Duration = Duration::from_millis(10);
/// The longest such pause, which is come to while nobody answers.
const PAUSE_MAX: Duration = Duration::from_millis(200);
/// Of the body of an answer, what a finding shows.
const SHOWN_CHARACTERS_MAX: usize = 240;

/// A client who asks one thing after the other, and goes to another node when one does not answer.
pub(crate) struct Asker {
    pub(crate) client: Client,
    /// How long it waits for one answer. Some are patient: they hear what a node says that was away for long.
    pub(crate) patience: Duration,
    pub(crate) chance: Chance,
    /// The node that answered last.
    node: usize,
}

/// There is nothing more to be asked in this session: what is wrong has been noted.
pub(crate) struct GivenUp;

impl Asker {
    pub(crate) fn new(client: Client, patience: Duration, seed: u64) -> Self {
        let mut chance = Chance::of(seed);
        let node = usize::try_from(chance.below(8)).unwrap_or(0);
        Self {
            client,
            patience,
            chance,
            node,
        }
    }

    /// The same asker, with what it got to prove who it is.
    pub(crate) fn become_client(&mut self, client: &Client) {
        self.client = client.clone();
    }

    /// Its client, at any node.
    pub(crate) fn anywhere(&mut self, scene: &Scene) -> Client {
        let nodes = scene.watched();
        let index = self.chance.below(nodes.len() as u64);
        let url = &nodes[usize::try_from(index).unwrap_or(0)];
        self.client.at(url).with_patience(self.patience)
    }
}

impl Scene {
    /// Asks under a fresh key until there is an answer that settles it, and remembers it. Whatever is asked here
    /// must be done: another answer than `expected` is a finding.
    pub(crate) async fn ask(
        &self,
        asker: &mut Asker,
        path: &str,
        body: Value,
        expected: u16,
    ) -> Result<Answer, GivenUp> {
        let key = Uuid::now_v7().to_string();
        let answer = self.ask_under(asker, path, &key, &body).await?;
        let status = answer.status.as_u16();
        if status != expected {
            let invariant = Invariant::NothingAcknowledgedIsLost;
            self.finding(
                invariant,
                format!("{path} under {key} was refused: {status} {}", shown(&answer)),
            );
            return Err(GivenUp);
        }
        self.history.remember(Told {
            client: asker.client.clone(),
            path: path.to_owned(),
            key,
            body,
            status,
            answer: answer.body.clone(),
        });
        Ok(answer)
    }

    /// Asks under this key until there is an answer that settles it.
    pub(crate) async fn ask_under(
        &self,
        asker: &mut Asker,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<Answer, GivenUp> {
        let keyed = asker
            .client
            .with_header("idempotency-key", key)
            .with_patience(asker.patience);
        let start = Instant::now();
        let mut pause = PAUSE;
        let mut last;
        loop {
            let nodes = self.nodes();
            let url = &nodes[asker.node % nodes.len()];
            self.history.asked.add_one();
            match keyed.at(url).send_json(Method::POST, path, body).await {
                Ok(answer) if is_settled(&answer) => {
                    self.history.settled_after(start.elapsed());
                    return Ok(answer);
                }
                Ok(answer) => last = format!("{} {}", answer.status, shown(&answer)),
                Err(error) => last = error.to_string(),
            }
            self.history.unanswered.add_one();
            asker.node += 1;
            if start.elapsed() > self.options.settled_within {
                let within = self.options.settled_within;
                let what = format!("{path} under {key} is not settled within {within:?}; the last said: {last}");
                self.finding(Invariant::TheUnknownIsSettledByAsking, what);
                return Err(GivenUp);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }
}

/// Neither "ask again" nor "still running".
fn is_settled(answer: &Answer) -> bool {
    !matches!(answer.status.as_u16(), 202 | 429 | 503) && answer.code() != "key.still_running"
}

/// The beginning of an answer's body.
pub(crate) fn shown(answer: &Answer) -> String {
    beginning(&String::from_utf8_lossy(&answer.bytes))
}

/// As much of a text as a finding shows.
pub(crate) fn beginning(text: &str) -> String {
    text.chars().take(SHOWN_CHARACTERS_MAX).collect()
}
