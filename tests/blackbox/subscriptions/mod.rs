//! Live updates: what is subscribed to comes, once, in order, to those who may see it.

mod frames;
mod roll;

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Heard, Listener, Shop, Shopkeeper, Shopper};
use tokio::task::block_in_place;
use uuid::Uuid;

const CART: &str = "subscription($id: ID!, $after: String) { cartUpdated(id: $id, after: $after) \
    { cursor version events cart { version totalQuantity } } }";
const EVENTS: &str = "subscription($after: String, $topics: [Topic!]) { events(after: $after, topics: $topics) \
    { cursor id stream version name summary data } }";
const PRODUCT: &str = "subscription($id: ID!, $after: String) { productUpdated(id: $id, after: $after) \
    { cursor version events product { title descriptionHtml again: descriptionHtml } } }";

fn secret_of(shopper: &Shopper) -> Value {
    let secret = shopper.client().header("cart-secret").expect("a guest has a secret");
    json!({ "Cart-Secret": secret })
}

fn bearer_of(client: &tests::Client) -> Value {
    let token = client.header("authorization").expect("an admin has a token");
    json!({ "Authorization": token })
}

#[tokio::test]
async fn a_command_is_seen_by_who_subscribes_with_its_token() {
    let shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP-1", "10.00", 50).await;
    let shopper = Shopper::enter(&shop.client()).await;
    for pieces in (1..=9).step_by(2) {
        let added = shopper.add("LAMP-1", 1).await.expect(200);
        let mut listener = Listener::enter(shop.url(), secret_of(&shopper)).await;
        let payload = json!({
            "query": CART, "variables": { "id": shopper.cart },
            "extensions": { "consistencyToken": added.header("consistency-token") },
        });
        listener
            .say(json!({ "type": "subscribe", "id": "a", "payload": payload }))
            .await;
        let first = listener.next().await;
        assert_eq!(first["data"]["cartUpdated"]["cart"]["totalQuantity"], pieces, "{first}");
        assert_eq!(first["extensions"]["consistency"]["stale"], false);

        let changed = shopper.add("LAMP-1", 1).await.expect(200);
        // What the first message showed already may still come, by its version.
        let mut second = listener.next().await;
        while second["data"]["cartUpdated"]["version"].as_u64() <= added.version() {
            second = listener.next().await;
        }
        let update = &second["data"]["cartUpdated"];
        assert_eq!(update["cart"]["totalQuantity"], pieces + 1, "{second}");
        assert_eq!(update["version"], changed.version().expect("a version"));
        assert_eq!(second["extensions"]["cursor"], update["cursor"]);
        // And on to a query, with the token of the message.
        let token = second["extensions"]["consistency"]["token"].as_str().expect("a token");
        let query = "query($id: ID!) { cart(id: $id) { totalQuantity } }";
        let client = shopper.client().with_header("consistency-token", token);
        let read = client.graphql(query, json!({ "id": shopper.cart })).await;
        assert_eq!(read.body["data"]["cart"]["totalQuantity"], pieces + 1);
    }
}

#[tokio::test]
async fn who_resumes_after_kill_9_hears_everything_once() {
    let mut shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    keeper.stock("LAMP-1", "10.00", 5_000).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let mut versions: Vec<u64> = Vec::new();
    let mut after = Value::Null;
    let mut last = 0;
    for _ in 0..4 {
        let mut listener = Listener::enter(shop.url(), secret_of(&shopper)).await;
        let variables = json!({ "id": shopper.cart, "after": after });
        listener.subscribe("a", CART, variables).await;
        if after.is_null() {
            // How the cart is now: perhaps not there yet.
            let first = listener.next().await;
            after = first["extensions"]["cursor"].clone();
        }
        for _ in 0..10 {
            last = shopper
                .renewed()
                .add("LAMP-1", 1)
                .await
                .expect(200)
                .version()
                .expect("a version");
        }
        // Not all of it is heard before the shop dies, and more happens before the listener is back.
        for _ in 0..7 {
            let heard = listener.next().await;
            versions.push(heard["data"]["cartUpdated"]["version"].as_u64().expect("a version"));
            after = heard["extensions"]["cursor"].clone();
        }
        shop.restart();
        let _ = shopper.renewed().add("LAMP-1", 1).await.expect(200);
    }
    let mut listener = Listener::enter(shop.url(), secret_of(&shopper)).await;
    listener
        .subscribe("a", CART, json!({ "id": shopper.cart, "after": after }))
        .await;
    while versions.last().is_none_or(|version| *version <= last) {
        let heard = listener.next().await;
        versions.push(heard["data"]["cartUpdated"]["version"].as_u64().expect("a version"));
    }
    let expected: Vec<u64> = (versions[0]..=versions[0] + versions.len() as u64 - 1).collect();
    assert_eq!(versions, expected, "one version each, none twice");
}

/// Every round of the projectors begins that much later than it could.
const LATE_ROUNDS: &str = "projector-polled=sleep(500)";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_at_the_beginning_holds_all_that_is_not_told_later() {
    let mut shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP-1", "10.00", 50).await;
    let shopper = Shopper::enter(&shop.client()).await;
    block_in_place(|| shop.restart_with(&[("FAILPOINTS", LATE_ROUNDS)]));
    let shopper = shopper.renewed();
    let _ = shopper.add("LAMP-1", 3).await.expect(200);
    let mut listener = Listener::enter(shop.url(), secret_of(&shopper)).await;
    listener.subscribe("a", CART, json!({ "id": shopper.cart })).await;
    let mut message = listener.next().await;
    // The subscription may have begun before the change was heard of here: then it is told next.
    while message["data"]["cartUpdated"]["cart"]["totalQuantity"] != 3 {
        message = listener.next().await;
    }
    assert_eq!(message["extensions"]["consistency"]["stale"], false);
}

#[tokio::test]
async fn a_stranger_hears_the_same_of_anothers_cart_as_of_none() {
    let shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP-1", "10.00", 50).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let stranger = Shopper::enter(&shop.client()).await;
    let absent = Uuid::new_v4().to_string();
    let mut listener = Listener::enter(shop.url(), secret_of(&stranger)).await;
    for (name, id) in [("another", &shopper.cart), ("absent", &absent), ("own", &stranger.cart)] {
        listener.subscribe(name, CART, json!({ "id": id })).await;
        let mut first = listener.next().await["data"]["cartUpdated"].take();
        first["cursor"] = Value::Null;
        if name != "own" {
            assert_eq!(
                first,
                json!({ "cursor": null, "version": null, "events": [], "cart": null }),
                "{name}"
            );
        }
    }
    for order in ["order", "absent order"] {
        let id = if order == "order" { &shopper.cart } else { &absent };
        let query = "subscription($id: ID!) { orderUpdated(id: $id) { events order { number } } }";
        listener.subscribe(order, query, json!({ "id": id })).await;
        let first = listener.next().await;
        assert_eq!(
            first["data"]["orderUpdated"],
            json!({ "events": [], "order": null }),
            "{order}"
        );
    }
    let _ = shopper.add("LAMP-1", 1).await.expect(200);
    let _ = shopper.check_out().await.expect(201);
    let own = stranger.add("LAMP-1", 1).await.expect(200);
    // Only the stranger's own cart is heard of, up to what was done last.
    loop {
        let Heard::Message(message) = listener.hear().await else {
            panic!("the socket goes on");
        };
        assert_eq!(message["id"], "own", "{message}");
        if message["payload"]["data"]["cartUpdated"]["version"] == own.version().expect("a version") {
            break;
        }
    }
}

#[tokio::test]
async fn what_only_admins_may_follow_is_refused_to_others() {
    let shop = Shop::start();
    let mut listener = Listener::enter(shop.url(), json!({})).await;
    let queries = [
        "subscription { orderPlaced { cursor } }",
        "subscription { stockLow { cursor } }",
        "subscription { events { cursor } }",
    ];
    for query in queries {
        listener.subscribe("a", query, json!({})).await;
        let errors = listener.hear().await.expect("error");
        assert_eq!(errors[0]["extensions"]["code"], "access.denied", "{query}: {errors}");
    }
}

/// The next message of one of several subscriptions.
async fn next_of(listener: &mut Listener, name: &str) -> Value {
    loop {
        let Heard::Message(mut message) = listener.hear().await else {
            panic!("the socket goes on");
        };
        if message["id"] == name {
            return message["payload"]["data"].take();
        }
    }
}

#[tokio::test]
async fn admins_hear_of_orders_and_of_stock_that_runs_low() {
    let shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    let product = keeper.stock("LAMP-1", "10.00", 7).await;
    let mut listener = Listener::enter(shop.url(), bearer_of(keeper.client())).await;
    let placed = "subscription { orderPlaced { events order { number cost { total { amount } } } } }";
    let low = "subscription { stockLow { sku location available threshold } }";
    let changed = "subscription { availabilityChanged(skus: [\"LAMP-1\", \"LAMP-2\"]) \
        { variants { sku availability quantityAvailable } } }";
    for (name, query) in [("placed", placed), ("low", low), ("changed", changed)] {
        listener.subscribe(name, query, json!({})).await;
        let _ = next_of(&mut listener, name).await;
    }
    listener.subscribe("product", PRODUCT, json!({ "id": product })).await;
    let mut shown = next_of(&mut listener, "product").await;
    while shown["productUpdated"]["product"].is_null() {
        // It begins where this node has heard of the product, at the latest: then it is told next.
        shown = next_of(&mut listener, "product").await;
    }
    assert_eq!(shown["productUpdated"]["product"]["title"], "LAMP-1");
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("LAMP-1", 6).await.expect(200);
    let order = shopper.check_out().await.expect(201);
    let unpublished = keeper
        .client()
        .post(&format!("/v1/products/{product}/unpublish"), json!({}))
        .await;
    let _ = unpublished.expect(200);
    let mut heard = std::collections::BTreeMap::new();
    while heard.len() < 4 {
        let Some(Heard::Message(mut message)) = listener.hear_within(tests::deadline()).await else {
            panic!("the socket goes on; it told of {heard:?}");
        };
        let name = message["id"].as_str().expect("an id").to_owned();
        let data = message["payload"]["data"].take();
        // What was stocked and published before may be told once more at the seam.
        let is_from_before = data["availabilityChanged"]["variants"][0]["quantityAvailable"] == 7
            || (name == "product" && data["productUpdated"]["events"] != json!(["ProductUnpublished"]));
        if !is_from_before {
            heard.insert(name, data);
        }
    }
    let placed = &heard["placed"]["orderPlaced"];
    assert_eq!(placed["order"]["number"], order.body["number"]);
    assert!(placed["events"].to_string().contains("OrderPlaced"));
    assert_eq!(heard["low"]["stockLow"]["sku"], "LAMP-1");
    assert_eq!(heard["low"]["stockLow"]["available"], 1);
    assert_eq!(
        heard["changed"]["availabilityChanged"]["variants"][0]["quantityAvailable"],
        1
    );
    assert_eq!(
        heard["product"]["productUpdated"]["events"],
        json!(["ProductUnpublished"])
    );
}

/// How long a token holds that ends under a subscription: on a slow machine the first message must come before that.
const SHORT_TOKEN_SECONDS: u32 = 8;

#[tokio::test]
async fn a_subscription_ends_with_its_token() {
    let shop = Shop::start();
    let admin = shop.admin_for(SHORT_TOKEN_SECONDS);
    let mut listener = Listener::enter(shop.url(), bearer_of(&admin)).await;
    listener.subscribe("a", EVENTS, json!({})).await;
    let _ = listener.next().await;
    assert_eq!(listener.hear().await, Heard::Closed(4403, "access.expired".to_owned()));
}

#[tokio::test]
async fn a_slow_reader_is_told_so_and_misses_nothing() {
    let shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    let product = keeper.stock("LAMP-1", "10.00", 5).await;
    // Messages so large that the sockets' buffers are full soon.
    let describe = |number: u64| {
        let text = format!("<p>{number} {}</p>", "light ".repeat(10_000));
        json!({ "slug": "lamp-1", "title": format!("Lamp {number}"), "descriptionHtml": text })
    };
    let path = format!("/v1/products/{product}");
    let _ = keeper.client().put(&path, describe(0)).await.expect(200);
    let mut listener = Listener::enter(shop.url(), bearer_of(keeper.client())).await;
    listener.subscribe("a", PRODUCT, json!({ "id": product })).await;
    let first = listener.next().await;
    let mut after = first["extensions"]["cursor"].clone();
    let mut last = 0;
    for number in 1..=500 {
        let described = keeper.client().put(&path, describe(number)).await.expect(200);
        last = described.version().expect("a version");
    }
    let mut versions: Vec<u64> = Vec::new();
    let errors = loop {
        let Heard::Message(mut message) = listener.hear().await else {
            panic!("the socket goes on");
        };
        if message["type"] == "error" {
            break message["payload"].take();
        }
        let payload = &message["payload"];
        versions.push(
            payload["data"]["productUpdated"]["version"]
                .as_u64()
                .expect("a version"),
        );
        after = payload["extensions"]["cursor"].clone();
    };
    assert_eq!(errors[0]["extensions"]["code"], "subscription.too_slow", "{errors}");
    assert_eq!(errors[0]["extensions"]["cursor"], after);
    let query = "subscription($id: ID!, $after: String) { productUpdated(id: $id, after: $after) { version } }";
    listener
        .subscribe("a", query, json!({ "id": product, "after": after }))
        .await;
    while versions.last() != Some(&last) {
        let heard = listener.next().await;
        versions.push(heard["data"]["productUpdated"]["version"].as_u64().expect("a version"));
    }
    assert_eq!(versions.len(), 500);
    assert!(
        versions.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "one version each, none twice"
    );
}

#[tokio::test]
async fn a_shop_that_stops_closes_its_sockets_as_going_away() {
    let mut shop = Shop::start();
    let admin = shop.admin();
    let mut listener = Listener::enter(shop.url(), bearer_of(&admin)).await;
    listener.subscribe("a", EVENTS, json!({})).await;
    let _ = listener.next().await;
    let stopping = tokio::task::spawn_blocking(move || shop.stop());
    assert_eq!(listener.hear().await.close_code(), 1001);
    drop(listener);
    tokio::time::timeout(Duration::from_secs(60), stopping)
        .await
        .expect("it stops in time")
        .expect("it stops well");
}
