//! kill -9 under load, at random moments and at every labelled step: nothing acknowledged is lost, nothing
//! happens twice, every retry of a key gives the same answer, and read models equal a fresh rebuild.

#![expect(clippy::print_stdout, reason = "a run says how much it has tried")]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Answer, Client, DEADLINE, Shop, Shopkeeper, Shopper, checkout_body};
use uuid::Uuid;

/// Clients that shop at the same time.
const CLIENTS: u64 = 6;
/// SKUs they shop for; enough to spread over the shards of the inventory.
const SKUS: u64 = 5;
/// Pieces of each SKU: enough for all, so that every checkout must succeed in the end.
const PIECES: i64 = 1_000_000;
/// Longest time between two kills.
const LIFE_MS_MAX: u64 = 400;

/// The labelled steps of the command, checkout and projection path at which the program can be made to die.
const STEPS: [&str; 13] = [
    "parsed",
    "decided",
    "enqueued",
    "sent-not-acked",
    "acked-not-answered",
    "snapshot-half-written",
    "snapshot-written",
    "checkout-before-send",
    "checkout-sent-not-recorded",
    "checkout-recorded",
    "projector-polled",
    "projector-mid-batch",
    "projector-checkpointed",
];

/// kill -9s at random moments: 200 by `TILLROLL_TEST_KILLS=200`, fewer by default.
fn kills() -> u64 {
    std::env::var("TILLROLL_TEST_KILLS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20)
}

/// What a client asked under a key and what it was told when it was first told.
struct Told {
    client: Client,
    path: String,
    key: String,
    body: Value,
    status: u16,
    answer: Value,
}

/// What all clients did.
#[derive(Default)]
struct History {
    told: Mutex<Vec<Told>>,
    asked: AtomicU64,
    unanswered: AtomicU64,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_done_twice_by_kill_9_at_random_moments() {
    let mut shop = Shop::start();
    stock(&shop).await;
    let (history, stop, clients) = send_clients(&shop);
    let mut chance = Chance(0x5eed);
    for _ in 0..kills() {
        tokio::time::sleep(Duration::from_millis(20 + chance.below(LIFE_MS_MAX))).await;
        shop.restart();
    }
    finish(&shop, &history, &stop, clients).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_done_twice_by_death_at_any_labelled_step() {
    let mut shop = Shop::start();
    stock(&shop).await;
    let (history, stop, clients) = send_clients(&shop);
    for step in STEPS {
        shop.restart_to_die(&[("FAILPOINTS", &format!("{step}=10%return"))])
            .await;
    }
    shop.restart();
    finish(&shop, &history, &stop, clients).await;
}

async fn stock(shop: &Shop) {
    let keeper = Shopkeeper::new(shop.admin());
    for sku in 0..SKUS {
        keeper.stock(&format!("SKU-{sku}"), "3.33", PIECES).await;
    }
}

type Clients = Vec<tokio::task::JoinHandle<()>>;

fn send_clients(shop: &Shop) -> (Arc<History>, Arc<AtomicBool>, Clients) {
    let history = Arc::new(History::default());
    let stop = Arc::new(AtomicBool::new(false));
    let clients = (0..CLIENTS)
        .map(|seed| {
            tokio::spawn(go_shopping(
                shop.client(),
                Arc::clone(&history),
                Arc::clone(&stop),
                seed + 1,
            ))
        })
        .collect();
    (history, stop, clients)
}

/// Fills carts and checks them out until told to stop; repeats every request with its key until it is answered.
async fn go_shopping(client: Client, history: Arc<History>, stop: Arc<AtomicBool>, seed: u64) {
    let mut chance = Chance(seed);
    while !stop.load(Ordering::Relaxed) {
        let opened = ask(&client, &history, "/v1/carts", json!({})).await;
        let shopper = Shopper::of(&client, &opened);
        for _ in 0..=chance.below(3) {
            let line = json!({ "sku": format!("SKU-{}", chance.below(SKUS)), "quantity": 1 + chance.below(3) });
            let _ = ask(
                shopper.client(),
                &history,
                &format!("/v1/carts/{}/lines", shopper.cart),
                line,
            )
            .await;
        }
        let path = format!("/v1/carts/{}/checkout", shopper.cart);
        let ordered = ask(shopper.client(), &history, &path, checkout_body()).await;
        assert_eq!(ordered.status, 201, "{}", ordered.body);
    }
}

/// Asks under a fresh key until there is an answer that settles it.
async fn ask(client: &Client, history: &History, path: &str, body: Value) -> Answer {
    let key = Uuid::now_v7().to_string();
    let answer = ask_again(client, history, path, &key, &body).await;
    history.told.lock().expect("no client panicked").push(Told {
        client: client.clone(),
        path: path.to_owned(),
        key,
        body,
        status: answer.status.as_u16(),
        answer: answer.body.clone(),
    });
    answer
}

async fn ask_again(client: &Client, history: &History, path: &str, key: &str, body: &Value) -> Answer {
    let keyed = client.with_header("idempotency-key", key);
    let start = Instant::now();
    loop {
        history.asked.fetch_add(1, Ordering::Relaxed);
        match keyed.send_json(reqwest::Method::POST, path, body).await {
            Ok(answer) if is_settled(&answer) => return answer,
            _ => history.unanswered.fetch_add(1, Ordering::Relaxed),
        };
        assert!(start.elapsed() < DEADLINE, "{path} is not answered");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Neither "ask again" nor "still running".
fn is_settled(answer: &Answer) -> bool {
    !matches!(answer.status.as_u16(), 202 | 429 | 503) && answer.code() != "key.still_running"
}

/// Lets the clients end, and checks everything against what they were told.
async fn finish(shop: &Shop, history: &Arc<History>, stop: &AtomicBool, clients: Clients) {
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("the client ended well");
    }
    let told = std::mem::take(&mut *history.told.lock().expect("no client panicked"));
    let mut orders = 0;
    for told in &told {
        let again = ask_again(&told.client, history, &told.path, &told.key, &told.body).await;
        assert_eq!(
            (again.status.as_u16(), &again.body),
            (told.status, &told.answer),
            "{} {}",
            told.path,
            told.key
        );
        orders += u64::from(told.path.ends_with("/checkout"));
    }
    let keeper = shop.admin();
    let mut allocated = 0;
    for sku in 0..SKUS {
        let stock = keeper.get(&format!("/v1/stock/SKU-{sku}")).await.expect(200);
        assert_eq!(stock.body["onHand"], json!(PIECES));
        assert_eq!(stock.body["reserved"], 0);
        allocated += stock.body["allocated"].as_u64().expect("a count");
    }
    assert_eq!(
        allocated,
        pieces_ordered(&told),
        "every piece of every order is allocated, once"
    );
    assert_succeeds(shop, &["log", "verify"]);
    let rebuilt = assert_succeeds(shop, &["rebuild", "--all"]);
    let reports: Vec<&str> = rebuilt.lines().filter(|line| line.contains(" serves; ")).collect();
    assert!(
        !reports.is_empty() && reports.iter().all(|line| line.ends_with(", 0 differ")),
        "{rebuilt}"
    );
    let (asked, unanswered) = (
        history.asked.load(Ordering::Relaxed),
        history.unanswered.load(Ordering::Relaxed),
    );
    println!(
        "{} keys settled, {orders} orders, {asked} requests, {unanswered} of them to be repeated",
        told.len()
    );
}

fn pieces_ordered(told: &[Told]) -> u64 {
    let lines = told.iter().filter(|told| told.path.ends_with("/lines"));
    lines.map(|told| told.body["quantity"].as_u64().expect("a count")).sum()
}

fn assert_succeeds(shop: &Shop, arguments: &[&str]) -> String {
    let output = shop.run(arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{arguments:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// Chance that a seed repeats (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
