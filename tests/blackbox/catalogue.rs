//! The catalogue and its stock: what shops agree on, and what this one has decided.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Answer, Client, Shop, Shopkeeper, Shopper};

/// What was answered last has been seen by whoever asks next.
fn having_seen(client: &Client, answer: &Answer) -> Client {
    client.with_header("consistency-token", answer.header("consistency-token"))
}

async fn asked(client: &Client, query: &str) -> Value {
    client.graphql(query, json!({})).await.expect(200).body["data"].clone()
}

/// A PNG of 3 by 2 pixels, as far as its header.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x06\0\0\0\0\0\0\0";

async fn upload(shop: &Shop, token: Option<&str>, bytes: &'static [u8]) -> (StatusCode, Value) {
    let mut request = reqwest::Client::new().post(format!("{}/v1/images", shop.url()));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.body(bytes).send().await.expect("the shop answers");
    (response.status(), response.json().await.expect("JSON"))
}

#[tokio::test]
async fn an_uploaded_image_is_served_for_ever_under_its_hash() {
    let shop = Shop::start();
    let token = crate::import::token(&shop);
    let (status, image) = upload(&shop, Some(&token), PNG).await;
    assert_eq!(
        (status, &image["width"], &image["height"]),
        (StatusCode::CREATED, &json!(3), &json!(2))
    );
    assert_eq!(
        upload(&shop, Some(&token), PNG).await.1,
        image,
        "the same bytes are the same image"
    );
    let url = image["url"].as_str().expect("an address");
    let served = shop.client().get(url).await.expect(200);
    assert_eq!(served.bytes, PNG);
    assert_eq!(served.header("content-type"), "image/png");
    assert!(served.header("cache-control").contains("immutable"));
    assert_eq!(served.header("x-content-type-options"), "nosniff");

    let admin = shop.admin();
    let product = admin
        .post("/v1/products", json!({ "slug": "cup", "title": "Cup" }))
        .await
        .expect(201)
        .id();
    let link = json!({ "url": url, "alt": "A cup", "width": 3, "height": 2 });
    let linked = admin
        .post(&format!("/v1/products/{product}/images"), link)
        .await
        .expect(201);
    let query = "{ product(slug: \"cup\") { images { url alt width } } }";
    let shown = asked(&having_seen(&admin, &linked), query).await;
    assert_eq!(
        shown["product"]["images"],
        json!([{ "url": url, "alt": "A cup", "width": 3 }])
    );
}

#[tokio::test]
async fn what_is_no_image_is_refused_and_so_is_who_may_not() {
    let shop = Shop::start();
    let token = crate::import::token(&shop);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let cases: [(Option<&str>, &'static [u8], u16, &str); 4] = [
        (None, PNG, 401, "access.required"),
        (Some(&token), svg, 415, "image.type"),
        (Some(&token), b"", 415, "image.type"),
        (Some(&token), &PNG[..16], 422, "image.broken"),
    ];
    for (token, bytes, status, code) in cases {
        let (answered, problem) = upload(&shop, token, bytes).await;
        assert_eq!(
            (answered.as_u16(), &problem["code"]),
            (status, &json!(code)),
            "{problem}"
        );
    }
    let _ = shop.client().get("/images/..%2Foperator.json").await.expect(404);
}

#[tokio::test]
async fn categories_are_a_tree_without_circles() {
    let shop = Shop::start();
    let admin = shop.admin();
    let mut ids: Vec<String> = Vec::new();
    for slug in ["home", "kitchen", "cups"] {
        let body = json!({ "slug": slug, "name": slug, "parent": ids.last() });
        ids.push(admin.post("/v1/categories", body).await.expect(201).id());
    }
    let path = |index: usize, what: &str| format!("/v1/categories/{}{what}", ids[index]);
    let circle = admin
        .put(&path(0, "/parent"), json!({ "parent": ids[2] }))
        .await
        .expect(422);
    assert_eq!(circle.code(), "category.cycle");
    let query = "{ category(slug: \"cups\") { ancestors { slug } } categories { slug children { slug } } }";
    let tree = asked(&admin, query).await;
    let moved = admin
        .put(&path(2, "/parent"), json!({ "parent": ids[0] }))
        .await
        .expect(200);
    let renamed = having_seen(&admin, &moved)
        .put(&path(1, ""), json!({ "slug": "cooking", "name": "Cooking" }))
        .await;
    let after = asked(&having_seen(&admin, &renamed.expect(200)), query).await;
    assert_eq!(after["category"]["ancestors"], json!([{ "slug": "home" }]), "{tree}");
    let children = json!([{ "slug": "home", "children": [{ "slug": "cooking" }, { "slug": "cups" }] }]);
    assert_eq!(after["categories"], children);
    let archived = admin.post(&path(2, "/archive"), json!({})).await.expect(200);
    assert_eq!(
        asked(&having_seen(&admin, &archived), query).await["category"],
        Value::Null
    );
}

#[tokio::test]
async fn drafts_and_what_lies_on_the_shelves_are_listed_for_admins_only() {
    let shop = Shop::start();
    let admin = shop.admin();
    Shopkeeper::new(shop.admin()).stock("CUP-1", "5.00", 7).await;
    let drafted = admin
        .post("/v1/products", json!({ "slug": "aaa", "title": "Draft" }))
        .await
        .expect(201);
    let received = having_seen(&admin, &drafted);
    let attic = json!({ "quantity": 2, "location": "attic" });
    let received = received.post("/v1/stock/CUP-1/receipts", attic).await.expect(200);
    let query = "{ admin { products(first: 1) { nodes { slug status } pageInfo { hasNextPage endCursor } } } \
                 product(slug: \"cup-1\") { variants { quantityAvailable stockLevels { location onHand } } } }";
    let seen = asked(&having_seen(&admin, &received), query).await;
    assert_eq!(
        seen["admin"]["products"]["nodes"],
        json!([{ "slug": "aaa", "status": "DRAFT" }])
    );
    let variant = &seen["product"]["variants"][0];
    assert_eq!(variant["quantityAvailable"], 9, "all locations together");
    let levels = json!([{ "location": "main", "onHand": 7 }, { "location": "attic", "onHand": 2 }]);
    assert_eq!(variant["stockLevels"], levels);
    let cursor = &seen["admin"]["products"]["pageInfo"]["endCursor"];
    let next = "query($after: String) { admin { products(after: $after) { nodes { slug } } } }";
    let rest = admin.graphql(next, json!({ "after": cursor })).await.expect(200);
    assert_eq!(
        rest.body["data"]["admin"]["products"]["nodes"],
        json!([{ "slug": "cup-1" }])
    );

    let everybody = asked(&having_seen(&shop.client(), &received), query).await;
    assert_eq!(
        (&everybody["admin"], &everybody["product"]["variants"][0]["stockLevels"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_line_takes_from_one_piece_to_what_there_is_and_stays_as_it_was_otherwise() {
    let shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("CUP-1", "5.00", 3).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let refused = [
        (0, "quantity.not_positive"),
        (-3, "quantity.not_positive"),
        (20_000, "quantity.too_large"),
    ];
    for (quantity, code) in refused {
        assert_eq!(
            shopper.add("CUP-1", quantity).await.expect(422).code(),
            code,
            "{quantity}"
        );
    }
    // Others put in what is left; here more than there is changes nothing and says how many there are.
    let refused = shopper.add("CUP-1", 5).await.expect(409);
    assert_eq!(
        (refused.code(), &refused.body["available"]),
        ("stock.insufficient", &json!(3))
    );
    let added = shopper.add("CUP-1", 3).await.expect(200);
    assert_eq!(shopper.add("CUP-1", 1).await.expect(409).code(), "stock.insufficient");
    let query = format!(
        "{{ cart(id: \"{}\") {{ totalQuantity lines {{ quantity }} }} }}",
        shopper.cart
    );
    let cart = asked(shopper.having_seen(&added).client(), &query).await["cart"].clone();
    assert_eq!(cart, json!({ "totalQuantity": 3, "lines": [{ "quantity": 3 }] }));
}

#[tokio::test]
async fn what_is_not_counted_or_may_be_ordered_back_is_sold_without_a_piece() {
    let shop = Shop::start();
    let admin = shop.admin();
    let product = Shopkeeper::new(shop.admin()).stock("CUP-1", "5.00", 3).await;
    let backorder = admin
        .put("/v1/stock/CUP-1/backorder", json!({ "limit": 5 }))
        .await
        .expect(200);
    let endless = json!({ "sku": "PDF-1", "tracksStock": false, "options": [{ "name": "Kind", "value": "PDF" }],
                          "price": { "amount": "1.00", "currency": "EUR" } });
    let options = json!({ "options": [{ "name": "Kind", "value": "Cup" }], "barcode": "", "weightGrams": 0,
                          "requiresShipping": true, "taxClass": "standard", "tracksStock": true, "image": null });
    let path = format!("/v1/products/{product}/variants");
    let _ = admin.put(&format!("{path}/CUP-1"), options).await.expect(200);
    let added = admin.post(&path, endless).await.expect(201);
    let client = having_seen(&having_seen(&shop.client(), &backorder), &added);
    let shopper = Shopper::enter(&client).await;
    let _ = shopper.having_seen(&backorder).add("CUP-1", 8).await.expect(200);
    let _ = shopper.add("CUP-1", 1).await.expect(409);
    let _ = shopper.having_seen(&added).add("PDF-1", 5_000).await.expect(200);
}

#[tokio::test]
async fn what_is_hidden_or_gone_cannot_be_added_and_looks_like_what_never_was() {
    let shop = Shop::start();
    let admin = shop.admin();
    let keeper = Shopkeeper::new(shop.admin());
    let (hidden, gone) = (
        keeper.stock("A-1", "5.00", 3).await,
        keeper.stock("B-1", "5.00", 3).await,
    );
    let _ = admin
        .post(&format!("/v1/products/{hidden}/unpublish"), json!({}))
        .await
        .expect(200);
    let archived = admin
        .post(&format!("/v1/products/{gone}/archive"), json!({}))
        .await
        .expect(200);
    let shopper = Shopper::enter(&shop.client()).await.having_seen(&archived);
    for sku in ["A-1", "B-1", "NEVER-1"] {
        let refused = shopper.add(sku, 1).await.expect(422);
        assert_eq!(
            (refused.code(), &refused.body["detail"]),
            ("variant.unavailable", &refused.body["detail"])
        );
    }
    let query = "{ a: product(slug: \"a-1\") { id } b: product(slug: \"b-1\") { id } }";
    let seen = asked(shopper.client(), query).await;
    assert_eq!(seen, json!({ "a": null, "b": null }));
}

#[tokio::test]
async fn a_count_is_corrected_by_who_knows_it_and_never_below_zero() {
    let shop = Shop::start();
    let admin = shop.admin();
    Shopkeeper::new(shop.admin()).stock("CUP-1", "5.00", 10).await;
    let adjust = async |body: Value| admin.post("/v1/stock/CUP-1/adjustments", body).await;
    let wrong = adjust(json!({ "delta": -2, "expected": 9, "reason": "broken" }))
        .await
        .expect(409);
    assert_eq!(wrong.code(), "stock.count_differs");
    let below = adjust(json!({ "delta": -11, "reason": "broken" })).await.expect(409);
    assert_eq!(below.code(), "stock.below_zero");
    let right = adjust(json!({ "delta": -2, "expected": 10, "reason": "broken" }))
        .await
        .expect(200);
    assert_eq!(right.body["onHand"], 8);
    let version = right.version();
    let same = adjust(json!({ "delta": 0, "expected": 8, "reason": "counted" })).await;
    assert_eq!(
        admin.get("/v1/stock/CUP-1").await.expect(200).version(),
        version,
        "{}",
        same.body
    );
}

#[tokio::test]
async fn what_runs_low_is_listed_until_it_is_replenished() {
    let shop = Shop::start();
    let admin = shop.admin();
    let keeper = Shopkeeper::new(shop.admin());
    keeper.stock("LOW-1", "5.00", 9).await;
    keeper.stock("MUCH-1", "5.00", 100).await;
    let threshold = json!({ "threshold": 10 });
    let _ = admin.put("/v1/stock/LOW-1/threshold", threshold).await.expect(200);
    let taken = json!({ "delta": -1, "reason": "broken" });
    let taken = admin.post("/v1/stock/LOW-1/adjustments", taken).await.expect(200);
    let query = "{ admin { lowStock { nodes { sku available isLow levels { threshold } } } stock { nodes { sku } } \
                 stockItem(sku: \"MUCH-1\") { available } } }";
    let listed = asked(&having_seen(&admin, &taken), query).await["admin"].clone();
    let low = json!([{ "sku": "LOW-1", "available": 8, "isLow": true, "levels": [{ "threshold": 10 }] }]);
    assert_eq!(listed["lowStock"]["nodes"], low);
    assert_eq!(listed["stock"]["nodes"].as_array().map(Vec::len), Some(2));
    assert_eq!(listed["stockItem"]["available"], 100);
    let more = admin
        .post("/v1/stock/LOW-1/receipts", json!({ "quantity": 5 }))
        .await
        .expect(200);
    let listed = asked(&having_seen(&admin, &more), query).await["admin"].clone();
    assert_eq!(listed["lowStock"]["nodes"], json!([]));
}

#[tokio::test]
async fn orders_are_listed_for_admins_by_status_and_day() {
    let shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("CUP-1", "5.00", 10).await;
    let mut numbers: Vec<Value> = Vec::new();
    let mut last = None;
    for _ in 0..2 {
        let shopper = Shopper::enter(&shop.client()).await;
        let _ = shopper.add("CUP-1", 1).await.expect(200);
        let ordered = shopper.check_out().await.expect(201);
        numbers.insert(0, ordered.body["number"].clone());
        last = Some(ordered);
    }
    let ordered = last.expect("there are orders");
    let cancelled = shop
        .admin()
        .post(&format!("/v1/orders/{}/cancel", ordered.id()), json!({ "why": "late" }))
        .await;
    let admin = having_seen(&shop.admin(), &cancelled.expect(200));
    let listed = async |arguments: &str| {
        let query = format!("{{ admin {{ orders({arguments}) {{ nodes {{ number status placedAt }} }} }} }}");
        let nodes = asked(&admin, &query).await["admin"]["orders"]["nodes"].clone();
        nodes.as_array().cloned().expect("a list")
    };
    let numbers_of = |orders: &[Value]| orders.iter().map(|order| order["number"].clone()).collect::<Vec<_>>();
    let all = listed("first: 10").await;
    assert_eq!(numbers_of(&all), numbers, "the newest first");
    assert_eq!(numbers_of(&listed("status: [CANCELLED]").await), numbers[..1]);
    assert_eq!(numbers_of(&listed("status: [CONFIRMED, PENDING]").await), numbers[1..]);
    assert_eq!(listed("day: \"2001-01-01\"").await, [] as [Value; 0]);
    let refused = admin
        .graphql("{ admin { orders(day: \"today\") { nodes { number } } } }", json!({}))
        .await;
    assert_eq!(refused.body["errors"][0]["extensions"]["code"], "argument.day");
}

#[tokio::test]
async fn zero_removes_a_line_and_other_attributes_are_another_line() {
    let shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("CUP-1", "5.00", 10).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let lines = format!("/v1/carts/{}/lines", shopper.cart);
    let engraved = json!({ "sku": "CUP-1", "quantity": 1, "attributes": { "engraving": "Ada" } });
    let _ = shopper.add("CUP-1", 1).await.expect(200);
    let _ = shopper.client().post(&lines, engraved.clone()).await.expect(200);
    let cart = shopper.client().post(&lines, engraved).await.expect(200).body;
    let quantities: Vec<i64> = cart["lines"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|line| line["quantity"].as_i64())
        .collect();
    assert_eq!(quantities, [1, 2], "{cart}");
    let first = format!("{lines}/{}", cart["lines"][0]["id"].as_str().expect("a line's id"));
    let set = async |path: &str, quantity: i64| {
        let body = json!({ "quantity": quantity });
        shopper
            .client()
            .send_json(Method::PATCH, path, &body)
            .await
            .expect("the shop answers")
    };
    assert_eq!(set(&first, -3).await.expect(422).code(), "quantity.not_positive");
    let left = set(&first, 0).await.expect(200).body;
    assert_eq!(
        (left["lines"].as_array().map(Vec::len), &left["totalQuantity"]),
        (Some(1), &json!(2))
    );
    // Zero takes away what may be gone already; a number for a line that is not there is a mistake.
    assert_eq!(set(&first, 1).await.expect(404).code(), "line.absent");
}

#[tokio::test]
async fn what_is_withdrawn_after_it_was_added_stops_the_checkout_and_says_so() {
    let shop = Shop::start();
    let product = Shopkeeper::new(shop.admin()).stock("CUP-1", "5.00", 10).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("CUP-1", 1).await.expect(200);
    let hidden = shop
        .admin()
        .post(&format!("/v1/products/{product}/unpublish"), json!({}))
        .await
        .expect(200);
    let refused = shopper.having_seen(&hidden).check_out().await.expect(422);
    assert_eq!(
        (refused.code(), &refused.body["field"]),
        ("variant.unavailable", &json!("sku"))
    );
    let shelf = shop.admin().get("/v1/stock/CUP-1").await.expect(200).body;
    assert_eq!(
        (&shelf["reserved"], &shelf["allocated"]),
        (&json!(0), &json!(0)),
        "{shelf}"
    );
}

#[tokio::test]
async fn texts_are_shown_in_the_language_that_is_asked_for_else_in_the_shops_first() {
    let shop = Shop::start();
    let admin = shop.admin();
    let settings = json!({ "name": "S", "currencies": ["EUR"], "locales": ["en", "de"], "countries": ["DE"],
        "timeZone": "Europe/Berlin", "pricesIncludeTax": true,
        "taxRates": [{ "country": "DE", "taxClass": "standard", "basisPoints": 1900 }],
        "shippingMethods": [], "holdingSeconds": 60, "cartSeconds": 600, "lowStockThreshold": 5 });
    let _ = admin.put("/v1/shop", settings).await.expect(200);
    let body =
        json!({ "slug": "cup", "title": { "en": "Cup", "de": "Tasse" }, "descriptionHtml": { "en": "<p>Blue</p>" } });
    let drafted = admin.post("/v1/products", body).await.expect(201);
    let seen = having_seen(&admin, &drafted);
    let query = "{ shop { locale } product(slug: \"cup\") { title descriptionHtml } }";
    let cases = [
        ("de-AT,en;q=0.5", "de", "Tasse"),
        ("fr", "en", "Cup"),
        ("en", "en", "Cup"),
    ];
    // The settings come over another shard: their projection may be a moment behind.
    for (wish, locale, title) in cases {
        let client = seen.with_header("accept-language", wish);
        let product = shop.until_seen(wish, async || {
            let shown = asked(&client, query).await;
            if shown["shop"]["locale"] == locale {
                Ok(shown["product"].clone())
            } else {
                Err(shown)
            }
        });
        let expected = json!({ "title": title, "descriptionHtml": "<p>Blue</p>" });
        assert_eq!(product.await, expected, "{wish}");
    }
}
