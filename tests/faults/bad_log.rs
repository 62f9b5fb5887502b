//! Bad input in the log itself: detected, named, and stopping only what it must.

use domain::stream::{Location, Shard, StreamId, Topic};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use serde_json::json;
use tests::{Client, Shop, Shopkeeper, Shopper};
use tokio::task::block_in_place;

use crate::forgery::{Forger, undecodable, under_schema};
use crate::stage::take;

/// Partitions of a shop under test.
const PARTITIONS: u32 = 4;
/// SKUs: enough that two shards have some.
const SKUS: u32 = 8;
/// Carts: enough that some shards have several.
const CARTS: usize = 12;
/// More than any record of ours has, and than the topics take.
const LARGE_BYTES: usize = 10 << 20;
/// How far ahead of the registry's numbers the one is that nobody knows yet.
const NUMBERS_AHEAD: u32 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn bad_records_stop_only_what_they_must() {
    let stage = take().await;
    let mut shop = Shop::on(&stage.engines()).started();
    let forger = Forger::new(&stage.kafka.bootstrap(), shop.prefix().expect("it is on a cluster"));
    let keeper = Shopkeeper::new(shop.admin());
    for sku in 0..SKUS {
        keeper.stock(&sku_of(sku), "9.99", 1_000).await;
    }
    let mut carts = Vec::new();
    for _ in 0..CARTS {
        let shopper = Shopper::enter(&shop.client()).await;
        let _ = shopper.add("SKU-0", 1).await.expect(200);
        carts.push(shopper);
    }
    carts.sort_by_key(|cart| cart_shard(cart).partition);
    let beside = |index: &usize| cart_shard(&carts[*index]) == cart_shard(&carts[index + 1]);
    let first = (0..CARTS - 1).find(beside).expect("two carts of one shard");
    let (poisoned, neighbour) = (&carts[first], &carts[first + 1]);
    let other = carts.iter().find(|cart| cart_shard(cart) != cart_shard(poisoned));
    let other = other.expect("a cart of another shard");

    // A payload that is none parks its stream.
    forger.commit(&cart_stream(poisoned), PARTITIONS, undecodable).await;
    until_refused(&shop, poisoned, "stream.parked").await;
    until_served(&shop, neighbour).await;
    let (is_nothing, said) = parked(&shop, "list");
    assert!(
        !is_nothing && said.contains(&cart_stream(poisoned).to_string()),
        "{said}"
    );

    // A schema that nobody knows parks its stream until somebody does.
    let registry = SchemaNumbers::of(&stage.registry.url());
    let number = registry.newest(0).await + NUMBERS_AHEAD;
    let forged = under_schema(number);
    forger.commit(&cart_stream(other), PARTITIONS, forged).await;
    until_refused(&shop, other, "stream.parked").await;
    let (is_nothing, said) = parked(&shop, "retry");
    assert!(!is_nothing && said.contains(&cart_stream(other).to_string()), "{said}");
    if registry.register_until(number, &shop).await {
        // A number that was unknown is asked for again only after a while.
        shop.until("a parked stream is read again", async || {
            !parked(&shop, "retry").1.contains(&cart_stream(other).to_string())
        })
        .await;
        until_served(&shop, other).await;
        let (is_nothing, said) = parked(&shop, "list");
        assert!(
            !is_nothing && said.contains(&cart_stream(poisoned).to_string()),
            "{said}"
        );
    }

    // A record of 10 MB is refused by the topics.
    let large = forger.send(cart_shard(neighbour), None, &vec![0; LARGE_BYTES]).await;
    let refused = KafkaError::MessageProduction(RDKafkaErrorCode::MessageSizeTooLarge);
    assert_eq!(large, Err(refused));
    until_served(&shop, neighbour).await;

    // A record without an envelope halts its shard.
    let halted = stock_shard(0);
    let elsewhere = (1..SKUS).find(|sku| stock_shard(*sku) != halted);
    let elsewhere = elsewhere.expect("a SKU of another shard");
    let offset = forger.send(halted, None, b"hello").await.expect("the broker takes it");
    until_halted(&shop, &keeper, 0).await;
    let _ = look(keeper.client(), elsewhere).await.expect(200);
    until_served(&shop, neighbour).await;
    expect_named(&shop, halted, offset);

    // A hole halts its shard, and a node that has forgotten everything else finds it.
    shop.stop();
    std::fs::remove_file(shop.data().join("state.db")).expect("it has states");
    let trimmed = stock_shard(elsewhere);
    forger.trim(trimmed, 2).await;
    block_in_place(|| shop.restart());
    until_halted(&shop, &keeper, elsewhere).await;
    until_served(&shop, neighbour).await;
    expect_named(&shop, trimmed, 0);
}

fn sku_of(number: u32) -> String {
    format!("SKU-{number}")
}

fn stock_shard(number: u32) -> Shard {
    let sku = sku_of(number).parse().expect("a SKU");
    StreamId::StockItem(sku, Location::default()).shard(PARTITIONS)
}

fn cart_stream(cart: &Shopper) -> StreamId {
    StreamId::Cart(cart.cart.parse().expect("an id"))
}

fn cart_shard(cart: &Shopper) -> Shard {
    let shard = cart_stream(cart).shard(PARTITIONS);
    assert_eq!(shard.topic, Topic::Sales);
    shard
}

async fn until_served(shop: &Shop, cart: &Shopper) {
    shop.until("a cart goes on", async || cart.add("SKU-0", 1).await.status == 200)
        .await;
}

async fn until_refused(shop: &Shop, cart: &Shopper, code: &str) {
    shop.until(code, async || cart.add("SKU-0", 1).await.code() == code)
        .await;
}

async fn until_halted(shop: &Shop, keeper: &Shopkeeper, sku: u32) {
    shop.until("a shard is halted", async || {
        look(keeper.client(), sku).await.code() == "shard.halted"
    })
    .await;
}

async fn look(keeper: &Client, sku: u32) -> tests::Answer {
    keeper.get(&format!("/v1/stock/{}", sku_of(sku))).await
}

/// The operator is told where the shard stopped.
#[track_caller]
fn expect_named(shop: &Shop, shard: Shard, offset: i64) {
    let output = shop.output();
    let is_named = |line: &&str| line.contains(&shard.to_string()) && line.contains(&offset.to_string());
    let mut told = output.lines().filter(|line| line.contains("halted"));
    assert!(told.any(|line| is_named(&line)), "{shard} at {offset}:\n{}", output);
}

/// Whether `tillroll parked …` says that nothing is parked, and all that it says.
fn parked(shop: &Shop, what: &str) -> (bool, String) {
    let output = block_in_place(|| shop.run(&["parked", what]));
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// The registry's numbers of schemas.
struct SchemaNumbers {
    url: String,
    http: reqwest::Client,
}

impl SchemaNumbers {
    fn of(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            http: reqwest::Client::new(),
        }
    }

    /// The number of a schema that is registered now.
    async fn newest(&self, variant: u32) -> u32 {
        let text = json!({ "type": "record", "name": format!("Probe{variant}"), "fields": [] }).to_string();
        self.register(&format!("probe-{}-{variant}", uuid::Uuid::new_v4()), &text)
            .await
    }

    async fn register(&self, subject: &str, text: &str) -> u32 {
        let url = format!("{}/subjects/{subject}/versions", self.url);
        let registering = self.http.post(url).json(&json!({ "schema": text })).send().await;
        let registered = registering.expect("the registry answers");
        let body: serde_json::Value = registered.json().await.expect("JSON");
        let id = body["id"].as_u64().unwrap_or_else(|| panic!("{body}"));
        u32::try_from(id).expect("a small number")
    }

    /// Registers what the shop's sales are written with, described otherwise, until it has this number; false when
    /// the registry passed over it.
    async fn register_until(&self, number: u32, shop: &Shop) -> bool {
        let prefix = shop.prefix().expect("it is on a cluster");
        let url = format!("{}/subjects/{prefix}.sales-value/versions/latest", self.url);
        let latest = self.http.get(url).send().await.expect("the registry answers");
        let latest: serde_json::Value = latest.json().await.expect("JSON");
        let text = latest["schema"].as_str().expect("a schema");
        let mut schema: serde_json::Value = serde_json::from_str(text).expect("a schema is JSON");
        for variant in 0.. {
            schema["doc"] = json!(format!("variant {variant} {}", uuid::Uuid::new_v4()));
            let subject = format!("probe-{}", uuid::Uuid::new_v4());
            let registered = self.register(&subject, &schema.to_string()).await;
            if registered >= number {
                return registered == number;
            }
        }
        false
    }
}
