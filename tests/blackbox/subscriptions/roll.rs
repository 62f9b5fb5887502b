//! `/v1/events` and the subscription `events`: the roll, for those who may watch it.

use serde_json::{Value, json};
use tests::{Answer, Client, Listener, Shop, Shopkeeper, Shopper, deadline};

use super::EVENTS;

/// What nobody but the person and the shopkeeper may read; it stands in the checkout of every shopper.
const CANARIES: [&str; 4] = ["ada@example.org", "Lovelace", "Sankt-Petri", "ciphertext"];

fn events_of(page: &Answer) -> Vec<Value> {
    page.body.as_array().expect("a page is a list").clone()
}

/// All events, in pages of so many.
async fn all_events(client: &Client, limit: usize) -> Vec<Value> {
    let mut events = Vec::new();
    let mut after = "start".to_owned();
    loop {
        let page = client
            .get(&format!("/v1/events?limit={limit}&after={after}"))
            .await
            .expect(200);
        assert_eq!(page.header("content-type"), "application/cloudevents-batch+json");
        after = page.header("next-cursor").to_owned();
        let mut of_page = events_of(&page);
        assert!(of_page.len() <= limit);
        if of_page.is_empty() {
            return events;
        }
        events.append(&mut of_page);
    }
}

async fn shop_once(shop: &Shop) {
    Shopkeeper::new(shop.admin()).stock("LAMP-1", "10.00", 50).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("LAMP-1", 2).await.expect(200);
    let _ = shopper.check_out().await.expect(201);
}

#[tokio::test]
async fn every_event_is_on_one_page_in_the_order_of_its_stream_and_says_nothing_personal() {
    let shop = Shop::start();
    shop_once(&shop).await;
    let admin = shop.admin();
    let whole = all_events(&admin, 1_000).await;
    for limit in [1, 3] {
        let paged = all_events(&admin, limit).await;
        let ids = |events: &[Value]| {
            let mut ids: Vec<String> = events.iter().map(|event| event["id"].to_string()).collect();
            ids.sort();
            ids
        };
        // Processes may still have finished something meanwhile.
        let (whole, paged) = (ids(&whole), ids(&paged));
        assert!(
            whole.iter().all(|id| paged.binary_search(id).is_ok()),
            "pages of {limit} have every event"
        );
        assert!(
            paged.windows(2).all(|pair| pair[0] != pair[1]),
            "pages of {limit} have it once"
        );
    }
    let mut versions = std::collections::HashMap::new();
    for event in &whole {
        assert_eq!(event["specversion"], "1.0");
        let subject = event["subject"].as_str().expect("a subject").to_owned();
        let version: u64 = event["streamversion"]
            .as_str()
            .expect("a version")
            .parse()
            .expect("a number");
        let before = versions.insert(subject, version).unwrap_or(0);
        assert_eq!(version, before + 1, "{event}");
    }
    let placed = whole.iter().find(|event| event["type"] == "tillroll.sales.OrderPlaced");
    let placed = placed.expect("an order was placed");
    assert_eq!(placed["data"]["country"], "DE");
    assert!(placed["data"].get("email").is_none(), "{placed}");
    let text = json!(whole).to_string();
    for canary in CANARIES {
        assert!(!text.contains(canary), "{canary}");
    }
}

#[tokio::test]
async fn the_roll_is_for_admins_unless_the_operator_lets_this_machine_watch() {
    let mut shop = Shop::start();
    assert_eq!(
        shop.client().get("/v1/events").await.expect(401).code(),
        "access.required"
    );
    let _ = shop.admin().get("/v1/events").await.expect(200);
    shop.restart_with(&[("TILLROLL_PUBLIC_ROLL", "true")]);
    shop_once(&shop).await;
    let page = shop.client().get("/v1/events?topics=sales").await.expect(200);
    let events = events_of(&page);
    assert!(!events.is_empty());
    for event in &events {
        assert!(
            event["summary"].as_str().is_some_and(|summary| !summary.is_empty()),
            "{event}"
        );
        assert!(event.get("data").is_none(), "headlines have no fields: {event}");
        assert!(
            event["type"]
                .as_str()
                .is_some_and(|kind| kind.starts_with("tillroll.sales.")),
            "{event}"
        );
    }
    let elsewhere = shop.client().with_header("host", "shop.example");
    assert_eq!(elsewhere.get("/v1/events").await.expect(401).code(), "access.required");
    let mut listener = Listener::enter(shop.url(), json!({})).await;
    listener.subscribe("a", EVENTS, json!({ "topics": ["SALES"] })).await;
    let _ = listener.next().await;
    let _ = Shopper::enter(&shop.client()).await;
    let heard = listener.next().await;
    assert_eq!(heard["data"]["events"]["name"], "CartOpened");
    assert_eq!(heard["data"]["events"]["data"], Value::Null);
}

#[tokio::test]
async fn a_page_that_is_asked_for_wrongly_is_refused_with_a_code() {
    let shop = Shop::start();
    let admin = shop.admin();
    for (query, code) in [
        ("limit=0", "page.size"),
        ("limit=1001", "page.size"),
        ("last=0", "events.last"),
        ("last=101", "events.last"),
        ("last=5&after=start", "events.last"),
        ("last=few", "request.malformed"),
        ("limit=many", "request.malformed"),
        ("before=x", "request.malformed"),
        ("topics=secrets", "events.topic"),
        ("after=nonsense", "cursor.invalid"),
    ] {
        let refused = admin.get(&format!("/v1/events?{query}")).await.expect(400);
        assert_eq!(refused.code(), code, "{query}");
    }
}

/// Reads a stream of events until `count` events with data have come: their ids and their data.
async fn sent(client: &Client, query: &str, last: Option<&str>, count: usize) -> Vec<(String, Value)> {
    let token = client.header("authorization").expect("an admin has a token");
    let mut request = reqwest::Client::new()
        .get(format!("{}/v1/events?{query}", client.url()))
        .header("authorization", token)
        .header("accept", "text/event-stream");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let mut response = request.send().await.expect("the shop answers");
    let (mut text, mut seen) = (String::new(), Vec::new());
    while seen.len() < count {
        let chunk = tokio::time::timeout(deadline(), response.chunk())
            .await
            .expect("it comes in time");
        text.push_str(&String::from_utf8_lossy(
            &chunk.expect("it goes on").expect("it has no end"),
        ));
        while let Some((message, rest)) = text.split_once("\n\n") {
            let field = |name: &str| {
                let mut lines = message.lines();
                lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
            };
            let id = field("id").unwrap_or_default();
            let data = field("data").map_or(Value::Null, |data| serde_json::from_str(&data).expect("JSON"));
            seen.push((id, data));
            text = rest.to_owned();
        }
    }
    seen
}

const CATALOG: &str = "topics=catalog";

fn ids(events: &[(String, Value)]) -> Vec<String> {
    events.iter().map(|(_, event)| event["id"].to_string()).collect()
}

#[tokio::test]
async fn who_opens_the_roll_sees_its_last_lines_and_then_what_comes() {
    let mut shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    keeper.stock("LAMP-1", "10.00", 50).await;
    keeper.stock("LAMP-2", "12.00", 50).await;
    shop.kill();
    shop.restart();
    let admin = shop.admin();
    let page = admin.get("/v1/events?topics=catalog&last=5").await.expect(200);
    let shown = events_of(&page);
    assert_eq!(shown.len(), 5);
    let times: Vec<&str> = shown.iter().filter_map(|event| event["time"].as_str()).collect();
    assert!(times.is_sorted(), "the newest last: {times:?}");
    let after = format!("/v1/events?topics=catalog&after={}", page.header("next-cursor"));
    let behind = events_of(&admin.get(&after).await.expect(200));
    assert!(behind.is_empty(), "nothing lies behind them: {behind:?}");

    // A stream goes on with what comes, and who broke off within the last lines has the rest of them.
    let last = "topics=catalog&last=5";
    let lines = sent(&admin, last, None, 6).await;
    let told: Vec<String> = shown.iter().map(|event| event["id"].to_string()).collect();
    assert_eq!(ids(&lines[1..]), told);
    Shopkeeper::new(shop.admin()).stock("LAMP-3", "14.00", 50).await;
    let fresh = sent(&admin, last, Some(&lines[5].0), 2).await;
    assert_eq!(fresh[1].1["type"], "tillroll.catalog.ProductDrafted");
    let rest = ids(&sent(&admin, last, Some(&lines[2].0), 5).await[1..]);
    for id in told[2..].iter().chain([&fresh[1].1["id"].to_string()]) {
        assert_eq!(
            rest.iter().filter(|other| *other == id).count(),
            1,
            "{id} comes once: {rest:?}"
        );
    }
}

#[tokio::test]
async fn a_stream_of_events_resumes_where_it_broke_off() {
    let shop = Shop::start();
    let admin = shop.admin();
    // The first thing it says is where it begins.
    let begins = sent(&admin, CATALOG, None, 1).await.remove(0);
    assert_eq!(begins.1, Value::Null);
    shop_once(&shop).await;
    // The opening is told again, with where it goes on.
    let mut whole = sent(&admin, CATALOG, Some(&begins.0), 7).await;
    whole.remove(0);
    let mut broken = sent(&admin, CATALOG, Some(&begins.0), 4).await;
    broken.remove(0);
    let last = broken.last().expect("three events").0.clone();
    let mut resumed = sent(&admin, CATALOG, Some(&last), 4).await;
    resumed.remove(0);
    broken.extend(resumed);
    assert_eq!(ids(&whole).len(), 6);
    assert_eq!(ids(&whole), ids(&broken), "each once, in order");
}
