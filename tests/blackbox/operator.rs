//! What an operator does with read models while shoppers shop: nobody notices, and nothing is lost by a death.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::{Value, json};
use tests::{Shop, Shopkeeper, Shopper};
use tokio::task::block_in_place;

/// The projections of the shop.
const PROJECTIONS: [&str; 6] = ["shop", "category", "product", "stock", "cart", "order"];
/// The labelled steps of a rebuild.
const STEPS: [&str; 5] = [
    "rebuild-opened",
    "rebuild-mid-copy",
    "rebuild-filled",
    "rebuild-before-switch",
    "rebuild-after-switch",
];
/// Shoppers who ask all the while.
const SHOPPERS: usize = 16;
/// Pieces on the shelf.
const PIECES: i64 = 1_000_000;
/// Exit code of who looks away from a rebuild.
const DETACHED: i32 = 130;

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_of_everything_under_shoppers_is_noticed_by_nobody() {
    let shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    keeper.stock("LAMP", "10.00", PIECES).await;
    until_on_the_shelf(&shop, "lamp").await;
    let shoppers = Shoppers::enter(&shop).await;
    let orders_before = shoppers.orders.load(Ordering::SeqCst);
    let said = lines(&run(&shop, &["rebuild", "--all", "--json"]).expect_success());
    let ends: Vec<&Value> = said.iter().filter(|line| line["phase"] == "done").collect();
    let rebuilt: Vec<&str> = ends.iter().filter_map(|line| line["projection"].as_str()).collect();
    assert_eq!(rebuilt.len(), PROJECTIONS.len(), "{said:?}");
    assert!(PROJECTIONS.iter().all(|name| rebuilt.contains(name)), "{rebuilt:?}");
    for end in ends {
        assert_eq!(end["parity"]["differing"], 0, "{end}");
    }
    for name in PROJECTIONS {
        run(&shop, &["rollback", name, "--require-parity"]).expect_success();
    }
    let orders = shoppers.go_home(orders_before).await;
    run(&shop, &["verify", "--all"]).expect_success();
    let reports = projections(&shop);
    assert!(reports.iter().all(|report| report["active"] == 1), "{reports:?}");
    // What a checkout does outside of read models happened once for each order, rebuilt or not.
    let stock = keeper.client().get("/v1/stock/LAMP").await.expect(200);
    let allocated = stock.body["allocated"].as_u64();
    assert_eq!(allocated, Some(orders), "{}", stock.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_dies_at_any_step_ends_in_the_next_life() {
    let mut shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP", "10.00", PIECES).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("LAMP", 1).await.expect(200);
    let _ = shopper.check_out().await.expect(201);
    for (name, step) in PROJECTIONS.iter().cycle().skip(2).zip(STEPS.iter()) {
        block_in_place(|| shop.restart_with(&[("FAILPOINTS", &format!("{step}=return"))]));
        let killed = run(&shop, &["rebuild", name]);
        assert!(!killed.0.status.success(), "{name} at {step}: {killed:?}");
        shop.until_dead(step).await;
        block_in_place(|| shop.restart());
        // Queries are answered from the first moment on, by one generation or the other.
        let query = "query($id: ID!) { order(id: $id) { number lines { sku } } }";
        let answer = shopper
            .client()
            .graphql(query, json!({ "id": shopper.cart }))
            .await
            .expect(200);
        assert_eq!(
            answer.body["data"]["order"]["lines"][0]["sku"], "LAMP",
            "{name} at {step}"
        );
        shop.until(step, async || is_at_rest(&shop, name)).await;
        let verified = run(&shop, &["verify", name]).expect_success();
        assert!(verified.contains(" 0 differ"), "{name} at {step}: {verified}");
        let report = projections(&shop).into_iter().find(|report| report["name"] == **name);
        let report = report.expect("it is one");
        assert_ne!(
            report["active"], 1,
            "{name} at {step}: it has come to its switch: {report}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_can_be_watched_left_paused_and_given_up() {
    let shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP", "10.00", PIECES).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("LAMP", 1).await.expect(200);

    let plan = run(&shop, &["rebuild", "cart", "--dry-run"]).expect_success();
    assert!(
        plan.contains("generation 2 would be filled") && plan.contains("beside generation 1"),
        "{plan}"
    );

    // As slow as it goes: it fills until it is given up.
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

    // Without a server the directory is opened for as long as it takes.
    shop.stop();
    let rebuilt = run(&shop, &["rebuild", "cart"]).expect_success();
    assert!(rebuilt.contains("generation 3 serves"), "{rebuilt}");
    let shown = run(&shop, &["projections"]).expect_success();
    assert!(shown.contains("LAG SECONDS"), "{shown}");
}

/// Guests who put pieces into carts, look at them, and buy some, until they go home.
struct Shoppers {
    go_home: Arc<AtomicBool>,
    orders: Arc<AtomicU64>,
    shopping: Vec<tokio::task::JoinHandle<u64>>,
}

impl Shoppers {
    async fn enter(shop: &Shop) -> Self {
        let (go_home, orders) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let shopping = (0..SHOPPERS).map(|_| {
            let (client, go_home, orders) = (shop.client(), Arc::clone(&go_home), Arc::clone(&orders));
            tokio::spawn(async move {
                let mut looks = 0;
                while !go_home.load(Ordering::SeqCst) {
                    looks += shop_once(&client).await;
                    orders.fetch_add(1, Ordering::SeqCst);
                }
                looks
            })
        });
        let shoppers = Self {
            shopping: shopping.collect(),
            go_home,
            orders,
        };
        shop.until("somebody has bought", async || {
            shoppers.orders.load(Ordering::SeqCst) > 0
        })
        .await;
        shoppers
    }

    /// Everybody has bought while read models were rebuilt, and every query was answered. How many orders there are.
    async fn go_home(self, orders_before: u64) -> u64 {
        let orders = || self.orders.load(Ordering::SeqCst);
        assert!(orders() > orders_before, "they shop while it is rebuilt");
        self.go_home.store(true, Ordering::SeqCst);
        for shopper in futures::future::join_all(self.shopping).await {
            let looks = shopper.expect("no shopper was let down");
            assert!(looks > 0, "each has looked");
        }
        self.orders.load(Ordering::SeqCst)
    }
}

/// What is put on sale is listed a moment later.
async fn until_on_the_shelf(shop: &Shop, slug: &str) {
    let query = "query($slug: String) { product(slug: $slug) { slug } }";
    shop.until("it is listed", async || {
        let answer = shop.client().graphql(query, json!({ "slug": slug })).await.expect(200);
        answer.body["data"]["product"]["slug"] == slug
    })
    .await;
}

/// One purchase; how many queries were answered.
async fn shop_once(client: &tests::Client) -> u64 {
    let shopper = Shopper::enter(client).await;
    let added = shopper.add("LAMP", 1).await.expect(200);
    let query = "query($id: ID!) { cart(id: $id) { lines { sku } cost { total { amount } } }
        products(first: 5) { nodes { slug } } shop { currencies } categories { slug } }";
    let seen = shopper.having_seen(&added);
    let answer = seen
        .client()
        .graphql(query, json!({ "id": shopper.cart }))
        .await
        .expect(200);
    assert!(answer.body["errors"].is_null(), "{}", answer.body);
    assert_eq!(
        answer.body["data"]["cart"]["lines"][0]["sku"], "LAMP",
        "{}",
        answer.body
    );
    assert_eq!(
        answer.body["data"]["products"]["nodes"][0]["slug"], "lamp",
        "{}",
        answer.body
    );
    let ordered = shopper.check_out().await.expect(201);
    let query = "query($id: ID!) { order(id: $id) { number } }";
    let seen = shopper.having_seen(&ordered);
    let answer = seen
        .client()
        .graphql(query, json!({ "id": shopper.cart }))
        .await
        .expect(200);
    assert_eq!(
        answer.body["data"]["order"]["number"], ordered.body["number"],
        "{}",
        answer.body
    );
    2
}

/// What a command of the program said.
#[derive(Debug)]
struct Said(Output);

impl Said {
    fn text(&self) -> String {
        String::from_utf8_lossy(&[self.0.stdout.as_slice(), &self.0.stderr].concat()).into_owned()
    }

    #[track_caller]
    fn expect_success(self) -> String {
        assert!(self.0.status.success(), "{}", self.text());
        self.text()
    }

    #[track_caller]
    fn expect_failure(self) -> String {
        assert_eq!(self.0.status.code(), Some(1), "{}", self.text());
        self.text()
    }
}

fn run(shop: &Shop, arguments: &[&str]) -> Said {
    Said(block_in_place(|| shop.run(arguments)))
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

fn projections(shop: &Shop) -> Vec<Value> {
    let said = run(shop, &["projections", "--json"]).text();
    let reports = lines(&said).into_iter().find(Value::is_array);
    let reports = reports.unwrap_or_else(|| panic!("no list: {said}\n{}", shop.output()));
    reports.as_array().expect("a list").clone()
}

fn report_of(shop: &Shop, name: &str) -> Value {
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
fn is_at_rest(shop: &Shop, name: &str) -> bool {
    let report = report_of(shop, name);
    let phase = report["rebuild"]["phase"].as_str().unwrap_or("none");
    let is_over = ["none", "done", "held"].contains(&phase);
    is_over && !states_of(shop, name).iter().any(|(_, state)| state == "filling")
}

fn interrupt(pid: u32) {
    let sent = Command::new("kill").args(["-INT", &pid.to_string()]).status();
    assert!(sent.expect("kill can be run").success(), "it was sent");
}
