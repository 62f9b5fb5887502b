//! What an operator does with read models, and what the program says of it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tests::{Shop, Shopkeeper, Shopper};
use tokio::task::block_in_place;

/// Pieces on the shelf.
const PIECES: i64 = 1_000_000;
/// Further carts, so that reading the log one record a second takes longer than a test that waits for a slow machine.
const CARTS: usize = 60;
/// Exit code of who looks away from a rebuild.
const DETACHED: i32 = 130;

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_can_be_watched_left_paused_and_given_up() {
    let shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP", "10.00", PIECES).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("LAMP", 1).await.expect(200);
    for _ in 0..CARTS {
        let _ = Shopper::enter(&shop.client()).await;
    }

    let plan = run(&shop, &["rebuild", "cart", "--dry-run"]).expect_success();
    assert!(
        plan.contains("generation 2 would be filled") && plan.contains("beside generation 1"),
        "{plan}"
    );

    // As slow as it goes, a second for each record: it fills until it is given up.
    let mut watching = shop.begin_command(&["rebuild", "cart", "--rate", "1", "--json"]);
    let mut told = BufReader::new(watching.stdout.take().expect("its output is read")).lines();
    let mut last = json!(null);
    while last["phase"] != "filling" {
        let line = told.next().expect("it goes on").expect("it is text");
        last = serde_json::from_str(&line).expect("a line is JSON");
    }
    let second = run(&shop, &["rebuild", "cart"]).expect_failure();
    assert!(second.contains("rebuild.running"), "a second one is refused: {second}");
    run(&shop, &["rebuild", "cart", "--pause"]).expect_success();
    shop.until("it is paused", async || rebuild_of(&shop, "cart")["paused"] == true)
        .await;
    run(&shop, &["rebuild", "cart", "--resume"]).expect_success();
    shop.until("it goes on", async || rebuild_of(&shop, "cart")["paused"] == false)
        .await;

    interrupt(watching.id());
    let left = block_in_place(|| watching.wait()).expect("it ends");
    assert_eq!(left.code(), Some(DETACHED), "looking away is no failure");
    assert_eq!(
        rebuild_of(&shop, "cart")["phase"],
        "filling",
        "it goes on without a watcher"
    );
    let mut attached = shop.begin_command(&["rebuild", "cart", "--attach"]);
    run(&shop, &["rebuild", "cart", "--cancel"]).expect_success();
    let ended = block_in_place(|| attached.wait()).expect("it ends");
    assert_eq!(ended.code(), Some(1), "a rebuild that is given up has failed");
    let none = run(&shop, &["rebuild", "cart", "--attach"]).expect_failure();
    assert!(none.contains("rebuild.not_running"), "{none}");
    assert_eq!(
        states_of(&shop, "cart"),
        [(1, "active".to_owned())],
        "what it filled is gone"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_holds_switches_goes_back_and_drops() {
    let mut shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP", "10.00", PIECES).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("LAMP", 1).await.expect(200);

    let held = run(&shop, &["rebuild", "cart", "--no-switch"]).expect_success();
    assert!(held.contains("waits for `tillroll switch`"), "{held}");
    block_in_place(|| shop.restart());
    shop.until("it is looked after again", async || is_at_rest(&shop, "cart"))
        .await;
    let states = [(1, "active".to_owned()), (2, "held".to_owned())];
    assert_eq!(states_of(&shop, "cart"), states, "also after a restart");

    // What happens meanwhile is in the rows that are switched to.
    let added = shopper.add("LAMP", 2).await.expect(200);
    run(&shop, &["switch", "cart", "2"]).expect_success();
    let query = "query($id: ID!) { cart(id: $id) { totalQuantity } }";
    let seen = shopper.having_seen(&added);
    let answer = seen
        .client()
        .graphql(query, json!({ "id": shopper.cart }))
        .await
        .expect(200);
    assert_eq!(answer.body["data"]["cart"]["totalQuantity"], 3);
    let refused = run(&shop, &["drop", "cart", "2"]).expect_failure();
    assert!(refused.contains("rebuild.active"), "{refused}");
    let back = run(&shop, &["rollback", "cart"]).expect_success();
    assert!(
        back.contains("generation 1 serves; ") && back.contains(", 0 differ"),
        "{back}"
    );
    run(&shop, &["drop", "cart", "2"]).expect_success();
    shop.until("it is gone", async || states_of(&shop, "cart").len() == 1)
        .await;
    for (arguments, code) in [
        (&["switch", "cart", "9"][..], "rebuild.no_generation"),
        (&["rollback", "cart"], "rebuild.no_former"),
        (&["verify", "hats"], "rebuild.unknown_projection"),
        (&["rebuild", "hats"], "rebuild.unknown_projection"),
    ] {
        let refused = run(&shop, arguments).expect_failure();
        assert!(refused.contains(code), "{arguments:?}: {refused}");
    }

    // The search index is a file of this process: one is kept.
    for arguments in [
        &["rebuild", "search", "--no-switch"][..],
        &["switch", "search", "2"],
        &["rollback", "search"],
        &["drop", "search", "1"],
    ] {
        let refused = run(&shop, arguments).expect_failure();
        assert!(refused.contains("rebuild.one_generation"), "{arguments:?}: {refused}");
    }
    let plan = run(&shop, &["rebuild", "search", "--dry-run"]).expect_success();
    assert!(
        plan.contains("generation 2 would be filled") && plan.contains("would go"),
        "{plan}"
    );
    let rebuilt = run(&shop, &["rebuild", "search"]).expect_success();
    assert!(
        rebuilt.contains("search: generation 2 serves; ") && rebuilt.contains(", 0 differ"),
        "{rebuilt}"
    );
    let verified = run(&shop, &["verify", "search"]).expect_success();
    assert!(
        verified.contains("search: ") && verified.contains(" 0 differ"),
        "{verified}"
    );
    assert_eq!(states_of(&shop, "search"), [(2, "active".to_owned())]);
    let metrics = shop.client().get("/metrics").await.expect(200);
    let metrics = String::from_utf8_lossy(&metrics.bytes).into_owned();
    assert!(
        metrics.contains("tillroll_projection_generation{projection=\"search\"} 2"),
        "{metrics}"
    );
    let ready = shop.client().get("/readyz").await.expect(200).body["projections"].clone();
    assert!(ready.to_string().contains("\"search\""), "{ready}");

    // Without a server the directory is opened for as long as it takes.
    shop.stop();
    let rebuilt = run(&shop, &["rebuild", "cart"]).expect_success();
    assert!(rebuilt.contains("generation 3 serves"), "{rebuilt}");
    let shown = run(&shop, &["projections"]).expect_success();
    assert!(shown.contains("LAG SECONDS"), "{shown}");
}

/// What a command of the program said.
#[derive(Debug)]
pub(crate) struct Said(pub(crate) Output);

impl Said {
    fn text(&self) -> String {
        String::from_utf8_lossy(&[self.0.stdout.as_slice(), &self.0.stderr].concat()).into_owned()
    }

    #[track_caller]
    pub(crate) fn expect_success(self) -> String {
        assert!(self.0.status.success(), "{}", self.text());
        self.text()
    }

    #[track_caller]
    pub(crate) fn expect_failure(self) -> String {
        assert_eq!(self.0.status.code(), Some(1), "{}", self.text());
        self.text()
    }
}

pub(crate) fn run(shop: &Shop, arguments: &[&str]) -> Said {
    Said(block_in_place(|| shop.run(arguments)))
}

pub(crate) fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

pub(crate) fn projections(shop: &Shop) -> Vec<Value> {
    let said = run(shop, &["projections", "--json"]).text();
    let reports = lines(&said).into_iter().find(Value::is_array);
    let reports = reports.unwrap_or_else(|| panic!("no list: {said}\n{}", shop.output()));
    reports.as_array().expect("a list").clone()
}

pub(crate) fn report_of(shop: &Shop, name: &str) -> Value {
    let found = projections(shop).into_iter().find(|report| report["name"] == name);
    found.expect("it is a projection")
}

fn rebuild_of(shop: &Shop, name: &str) -> Value {
    report_of(shop, name)["rebuild"].clone()
}

fn states_of(shop: &Shop, name: &str) -> Vec<(u64, String)> {
    let report = report_of(shop, name);
    let generations = report["generations"].as_array().expect("a list").iter();
    let state = |generation: &Value| {
        let number = generation["number"].as_u64().expect("a number");
        (number, generation["state"].as_str().expect("a text").to_owned())
    };
    generations.map(state).collect()
}

/// Whether nothing of it is being rebuilt or waits to be.
pub(crate) fn is_at_rest(shop: &Shop, name: &str) -> bool {
    let report = report_of(shop, name);
    let phase = report["rebuild"]["phase"].as_str().unwrap_or("none");
    let is_over = ["none", "done", "held"].contains(&phase);
    is_over && !states_of(shop, name).iter().any(|(_, state)| state == "filling")
}

fn interrupt(pid: u32) {
    let sent = Command::new("kill").args(["-INT", &pid.to_string()]).status();
    assert!(sent.expect("kill can be run").success(), "it was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_nothing_in_a_shop_that_is_well_and_every_shard_is_served() {
    let shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP", "10.00", PIECES).await;
    let well = run(&shop, &["doctor"]).expect_success();
    assert_eq!(well, "all is well\n");
    let found = run(&shop, &["doctor", "--json"]).expect_success();
    assert_eq!(found.trim(), "[]");
    let shards: Value = serde_json::from_str(&run(&shop, &["shards", "--json"]).expect_success()).expect("JSON");
    let shards = shards.as_array().expect("a list");
    assert!(shards.len() >= 10, "{shards:?}");
    assert!(shards.iter().all(|shard| shard["standing"] == "serving"), "{shards:?}");
    let catalogue = shards
        .iter()
        .find(|shard| shard["shard"] == "catalog.0")
        .expect("it is there");
    assert!(
        catalogue["records"].as_i64() > catalogue["seq"].as_i64(),
        "a claim comes first: {catalogue}"
    );
    let table = run(&shop, &["shards"]).expect_success();
    assert!(table.starts_with("SHARD") && table.contains("catalog.0"), "{table}");
}
