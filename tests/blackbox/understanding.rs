//! What became of it, what it looked like then, and who did it: from an answer back to the person.

use serde_json::{Value, json};
use tests::{Answer, Shop, Shopkeeper, Shopper};
use tokio::task::block_in_place;
use uuid::Uuid;

/// What a cart looks like.
const CART: &str = "query($id: ID!, $asOf: String) { cart(id: $id, asOf: $asOf) {
    version status currency totalQuantity country contact { email } shippingAddress { city }
    lines { id sku quantity unitPrice { amount } }
} }";
/// What an order looks like.
const ORDER: &str = "query($id: ID!, $asOf: String) { order(id: $id, asOf: $asOf) {
    version status number totalQuantity contact { email } lines { id } cost { total { amount } }
    fulfilments { status carrier } timeline { event version at }
} }";

#[tokio::test(flavor = "multi_thread")]
async fn an_object_as_of_each_version_is_what_a_query_said_then() {
    let shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    keeper.stock("LAMP", "10.00", 100).await;
    keeper.stock("DESK", "99.00", 100).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let mut seen = Vec::new();
    for (sku, quantity) in [("LAMP", 1), ("DESK", 2), ("LAMP", 3)] {
        let added = shopper.add(sku, quantity).await.expect(200);
        seen.push(look(&shopper.having_seen(&added), CART, "cart", None).await);
    }
    let ordered = shopper.check_out().await.expect(201);
    let shopper = shopper.having_seen(&ordered);
    assert_eq!(look(&shopper, CART, "cart", None).await["status"], "CONVERTED");
    for then in &seen {
        let version = then["version"].to_string();
        assert_eq!(look(&shopper, CART, "cart", Some(&version)).await, *then);
    }
    assert_eq!(look(&shopper, CART, "cart", Some("0")).await, Value::Null);
    assert_eq!(
        look(&shopper, CART, "cart", Some("2001-01-01T00:00:00Z")).await,
        Value::Null
    );

    let fresh = look(&shopper, ORDER, "order", None).await;
    let order = &shopper.cart;
    let packed = pack(&keeper, order, &fresh["lines"][0]["id"]).await;
    let shopper = shopper.having_seen(&packed);
    let now = look(&shopper, ORDER, "order", None).await;
    assert_eq!(now["fulfilments"][0]["carrier"], "Post");
    assert_eq!(
        look(&shopper, ORDER, "order", Some(&fresh["version"].to_string())).await,
        fresh
    );
    let last = now["timeline"]
        .as_array()
        .and_then(|steps| steps.last())
        .expect("there are steps");
    assert_eq!(
        (&last["event"], &last["version"]),
        (&json!("FulfilmentCreated"), &now["version"])
    );
    let moment = last["at"].as_str().expect("a moment");
    assert_eq!(
        look(&shopper, ORDER, "order", Some(moment)).await,
        now,
        "a moment is one as well"
    );

    // Another person's past does not exist either.
    let stranger = Shopper::enter(&shop.client()).await;
    let variables = json!({ "id": order, "asOf": "1" });
    let nothing = stranger.client().graphql(ORDER, variables).await.expect(200);
    assert_eq!(nothing.body["data"]["order"], Value::Null);
    let steps = keeper
        .client()
        .with_header("consistency-token", packed.header("consistency-token"))
        .graphql(
            "query($id: ID!) { orderTimeline(order: $id) { event actor } }",
            json!({ "id": order }),
        )
        .await
        .expect(200);
    let steps = steps.body["data"]["orderTimeline"].as_array().expect("a list").clone();
    assert_eq!(steps.last().expect("there are steps")["actor"], "admin:operator");
}

/// Why something is as it is, event by event.
const WHY: &str = "query($stream: String!) { admin { why(stream: $stream) {
    version event actor begunBy command request set { field value } gone unreadable
} } }";

#[tokio::test]
async fn why_tells_admins_event_by_event_what_was_set_and_by_whom() {
    let shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    keeper.stock("LAMP", "10.00", 100).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("LAMP", 2).await.expect(200);
    let _ = shopper.check_out().await.expect(201);
    let steps = async |stream: String| {
        let told = keeper
            .client()
            .graphql(WHY, json!({ "stream": stream }))
            .await
            .expect(200);
        told.body["data"]["admin"]["why"].as_array().expect("steps").clone()
    };
    let order = steps(format!("order/{}", shopper.cart)).await;
    assert_eq!(
        (&order[0]["event"], &order[0]["version"]),
        (&json!("OrderPlaced"), &json!(1))
    );
    assert_eq!(
        (&order[0]["actor"], &order[0]["begunBy"]),
        (&json!("process:checkout"), &json!("guest"))
    );
    assert_eq!(
        (&order[1]["event"], &order[1]["set"]),
        (
            &json!("OrderConfirmed"),
            &json!([{ "field": "status", "value": "Confirmed" }])
        )
    );
    let cart = steps(format!("cart/{}", shopper.cart)).await;
    let versions: Vec<u64> = cart.iter().filter_map(|step| step["version"].as_u64()).collect();
    assert_eq!(
        versions,
        (1..=cart.len() as u64).collect::<Vec<_>>(),
        "no event is left out"
    );
    let text = json!(cart).to_string();
    assert!(text.contains("(personal)") && !text.contains("ciphertext"), "{text}");
    let converted = cart.last().expect("it has steps");
    assert_eq!(converted["event"], "CartConverted");
    assert!(
        !converted["gone"].as_array().expect("a list").is_empty(),
        "a converted cart forgets its lines"
    );

    let of_guest = shopper.client().graphql(WHY, json!({ "stream": "shop" })).await;
    assert_eq!(of_guest.expect(200).body["data"]["admin"], Value::Null);
    let unknown = keeper.client().graphql(WHY, json!({ "stream": "nonsense" })).await;
    assert_eq!(
        unknown.expect(200).body["errors"][0]["extensions"]["code"],
        "stream.unknown"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_leads_back_to_its_command_its_request_and_its_person() {
    let mut shop = Shop::start();
    let keeper = Shopkeeper::new(shop.admin());
    keeper.stock("LAMP", "10.00", 100).await;
    let key = Uuid::now_v7().to_string();
    let request = Uuid::new_v4().to_string();
    let client = shop.client().with_header("idempotency-key", &key);
    let opened = client
        .with_header("x-request-id", &request)
        .post("/v1/carts", json!({}))
        .await;
    let shopper = Shopper::of(&shop.client(), &opened.expect(201));
    let stream = format!("cart/{}", shopper.cart);
    let added = add_as(&shopper, "first", 1).await;
    let changed = add_as(&shopper, "second", 4).await;
    let _ = shopper.check_out().await.expect(201);

    for is_served in [true, false] {
        if !is_served {
            // Without a server the log is opened for as long as it takes.
            shop.stop();
        }
        let commits = json_of(&shop, &["log", "show", &stream, "--json"]);
        let commits = commits.as_array().expect("a list");
        assert_eq!(commits[0]["request"], request.as_str(), "{commits:?}");
        assert_eq!(commits[0]["streams"][0]["events"][0]["name"], "CartOpened");
        assert_eq!(commits[1]["streams"][0]["version"].as_u64(), added.version());
        let text = said(&shop, &["log", "show", &stream]);
        assert!(text.contains("ContactSet") && text.contains("(personal)"), "{text}");
        assert!(
            !text.contains("ada@example.org") && !text.contains("ciphertext"),
            "{text}"
        );

        let found = json_of(&shop, &["log", "find", "--request-id", &request, "--json"]);
        assert_eq!(found.as_array().expect("a list")[..], commits[..1]);
        let command = commits[1]["command"].as_str().expect("an id");
        let found = json_of(&shop, &["log", "find", "--command", command, "--json"]);
        assert_eq!(found.as_array().expect("a list")[..], commits[1..2]);
        let unknown = run(&shop, &["log", "find", "--command", &Uuid::nil().to_string()]);
        assert_eq!(unknown.status.code(), Some(1), "nothing is found");

        let outcome = json_of(&shop, &["outcome", &key, "--request", "POST /v1/carts", "--json"]);
        assert_eq!((&outcome["outcome"], &outcome["answer"]), (&json!("done"), &commits[0]));
        let elsewhere = run(&shop, &["outcome", &key, "--request", "POST /v1/orders"]);
        assert_eq!(elsewhere.status.code(), Some(1), "a key belongs to its place");
        let path = format!("POST /v1/carts/{}/lines", shopper.cart);
        let outcome = json_of(&shop, &["outcome", "second", "--request", &path, "--json"]);
        assert_eq!(outcome["answer"]["streams"][0]["version"].as_u64(), changed.version());

        // Who made it five? The second request did; the SKU came with the first.
        let why = |field: &str| {
            let fields = json_of(&shop, &["why", &stream, field, "--at", &version(&changed), "--json"]);
            fields.as_array().expect("a list")[0].clone()
        };
        let (quantity, sku) = (why("quantity"), why("sku"));
        assert_eq!(
            (&quantity["value"], &quantity["command"]),
            (&json!(5), &commits[2]["command"])
        );
        assert_eq!(quantity["events"], json!(["QuantityChanged"]));
        assert_eq!(
            (&sku["value"], &sku["command"]),
            (&json!("LAMP"), &commits[1]["command"])
        );
        assert_eq!(
            (&sku["actor"], &sku["request"]),
            (&json!("guest"), &commits[1]["request"])
        );
        // Also of what became of it: each field of the order leads to the commit that set it last.
        let order = format!("order/{}", shopper.cart);
        let fields = json_of(&shop, &["why", &order, "--json"]);
        let set_by = |field: &str| {
            let mut fields = fields.as_array().expect("a list").iter();
            let found = fields.find(|report| report["field"] == field);
            found.unwrap_or_else(|| panic!("{field} in {fields:?}"))["events"].clone()
        };
        assert!(set_by("lines.0.sku").to_string().contains("OrderPlaced"));
        let text = said(&shop, &["why", &order]);
        assert!(!text.contains("ciphertext"), "{text}");
        let refused = run(&shop, &["log", "show", "hat/1"]);
        assert!(
            String::from_utf8_lossy(&refused.stderr).contains("stream.unknown"),
            "{refused:?}"
        );
    }
}

fn version(answer: &Answer) -> String {
    answer.version().expect("it has a version").to_string()
}

async fn add_as(shopper: &Shopper, key: &str, quantity: i64) -> Answer {
    shopper.add_keyed(key, "LAMP", quantity).await.expect(200)
}

async fn look(shopper: &Shopper, query: &str, kind: &str, as_of: Option<&str>) -> Value {
    let variables = json!({ "id": shopper.cart, "asOf": as_of });
    let answer = shopper.client().graphql(query, variables).await.expect(200);
    assert!(answer.body["errors"].is_null(), "{}", answer.body);
    answer.body["data"][kind].clone()
}

async fn pack(keeper: &Shopkeeper, order: &str, line: &Value) -> Answer {
    let parcel = json!({ "lines": [{ "line": line, "quantity": 1 }], "carrier": "Post", "trackingNumber": "T1" });
    keeper
        .client()
        .post(&format!("/v1/orders/{order}/fulfilments"), parcel)
        .await
        .expect(201)
}

fn run(shop: &Shop, arguments: &[&str]) -> std::process::Output {
    block_in_place(|| shop.run(arguments))
}

#[track_caller]
fn said(shop: &Shop, arguments: &[&str]) -> String {
    let output = run(shop, arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn json_of(shop: &Shop, arguments: &[&str]) -> Value {
    let text = said(shop, arguments);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_points_of_a_past_differ_in_fields_and_each_leads_to_who_changed_it() {
    let mut shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP", "10.00", 100).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let stream = format!("cart/{}", shopper.cart);
    let added = add_as(&shopper, "first", 1).await;
    let changed = add_as(&shopper, "second", 4).await;
    let _ = shopper.check_out().await.expect(201);
    for is_served in [true, false] {
        if !is_served {
            shop.stop();
        }
        let points = [version(&added), version(&changed)];
        let diff = json_of(&shop, &["log", "diff", &stream, &points[0], &points[1], "--json"]);
        assert_eq!(
            json!([diff["from_version"], diff["to_version"]]),
            json!([added.version(), changed.version()])
        );
        let fields = diff["fields"].as_array().expect("a list");
        let quantity = fields.iter().find(|field| field["field"] == "lines.0.quantity");
        let quantity = quantity.unwrap_or_else(|| panic!("the quantity differs: {fields:?}"));
        assert_eq!(json!([quantity["before"], quantity["after"]]), json!([1, 5]));
        let by = quantity["by"].as_array().expect("a list");
        let commits = json_of(&shop, &["log", "show", &stream, "--json"]);
        assert_eq!(
            json!([by.len(), by[0]["events"], by[0]["command"], by[0]["actor"]]),
            json!([1, ["QuantityChanged"], commits[2]["command"], "guest"])
        );

        // What became of it since, by moments; and of the order, from nothing.
        let moment = commits[1]["at"].as_str().expect("a moment");
        let text = said(&shop, &["log", "diff", &stream, moment]);
        assert!(text.starts_with(&format!("from version {} to ", points[0])), "{text}");
        assert!(text.contains("CartConverted") && !text.contains("ciphertext"), "{text}");
        let text = said(&shop, &["log", "diff", &format!("order/{}", shopper.cart), "0"]);
        assert!(text.contains("OrderPlaced"), "{text}");
        let mut frozen = commits[3]["streams"].as_array().expect("a list").iter();
        let frozen = frozen.rfind(|touched| touched["stream"] == stream.as_str());
        let frozen = frozen.expect("it was frozen")["version"].to_string();
        let text = said(&shop, &["log", "diff", &stream, "0", &frozen]);
        assert!(text.contains("(personal)") && !text.contains("ciphertext"), "{text}");

        let same = run(&shop, &["log", "diff", &stream, &points[0], &points[0]]);
        assert_eq!(same.status.code(), Some(1), "nothing differs: {same:?}");
        for (points, code) in [(["2", "1"], "points.backwards"), (["soon", "1"], "point.malformed")] {
            let refused = run(&shop, &["log", "diff", &stream, points[0], points[1]]);
            assert!(String::from_utf8_lossy(&refused.stderr).contains(code), "{refused:?}");
        }
    }
}
