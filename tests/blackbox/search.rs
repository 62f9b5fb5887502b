//! Searching, filtering and sorting products as a storefront does.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Answer, Client, Shop};

const LIST: &str = "query($query: String, $filter: ProductFilter, $sort: ProductSort, $first: Int, $after: String,
                          $last: Int, $before: String, $page: Int) {
  products(query: $query, filter: $filter, sort: $sort, first: $first, after: $after, last: $last, before: $before,
           page: $page) {
    totalCount
    nodes { slug availability }
    facets { id values { label count input selected } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}";

/// A shop, its admin, and a token of everything that was done in it.
struct Store {
    shop: Shop,
    admin: Client,
    token: String,
}

impl Store {
    fn open() -> Self {
        let shop = Shop::start();
        let admin = shop.admin();
        Self {
            shop,
            admin,
            token: String::new(),
        }
    }

    fn having_seen(&self) -> Client {
        self.admin.with_header("consistency-token", &self.token)
    }

    fn note(&mut self, answer: Answer) -> Answer {
        self.token = answer.header("consistency-token").to_owned();
        answer
    }

    async fn post(&mut self, path: &str, body: Value) -> Answer {
        let answer = self.having_seen().post(path, body).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.body);
        self.note(answer)
    }

    async fn put(&mut self, path: &str, body: Value) -> Answer {
        let answer = self.having_seen().put(path, body).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.body);
        self.note(answer)
    }

    async fn category(&mut self, slug: &str, parent: Option<&str>) -> String {
        let body = json!({ "slug": slug, "name": slug, "parent": parent });
        self.post("/v1/categories", body).await.id()
    }

    /// Publishes a product of which there are some pieces; its slug is its SKU in lower case.
    async fn product(
        &mut self,
        mut description: Value,
        sku: &str,
        price: &str,
        place: Option<&str>,
        pieces: i64,
    ) -> String {
        description["slug"] = sku.to_ascii_lowercase().into();
        let product = self.post("/v1/products", description).await.id();
        let money = json!({ "amount": price, "currency": "EUR" });
        self.post(
            &format!("/v1/products/{product}/variants"),
            json!({ "sku": sku, "price": money }),
        )
        .await;
        if let Some(category) = place {
            self.put(&format!("/v1/products/{product}/categories/{category}"), json!({}))
                .await;
        }
        self.post(&format!("/v1/products/{product}/publish"), json!({})).await;
        if pieces > 0 {
            self.post(&format!("/v1/stock/{sku}/receipts"), json!({ "quantity": pieces }))
                .await;
        }
        product
    }

    /// The list that these variables ask for, by somebody who has seen everything.
    async fn list(&self, variables: Value) -> Value {
        let client = self.shop.client().with_header("consistency-token", &self.token);
        let answer = client.graphql(LIST, variables.clone()).await.expect(200);
        assert_eq!(answer.body.get("errors"), None, "{variables}: {}", answer.body);
        assert_eq!(answer.body["extensions"]["consistency"]["stale"], false);
        answer.body["data"]["products"].clone()
    }

    async fn slugs(&self, variables: Value) -> Vec<String> {
        slugs(&self.list(variables).await)
    }
}

fn slugs(list: &Value) -> Vec<String> {
    let nodes = list["nodes"].as_array().expect("there are nodes");
    nodes
        .iter()
        .map(|node| node["slug"].as_str().expect("a slug").to_owned())
        .collect()
}

/// The values of a facet with their counts.
fn facet<'a>(list: &'a Value, id: &str) -> Vec<(&'a str, u64, bool)> {
    let facets = list["facets"].as_array().expect("there are facets");
    let facet = facets
        .iter()
        .find(|facet| facet["id"] == id)
        .unwrap_or_else(|| panic!("no {id} in {facets:?}"));
    let value = |value: &'a Value| {
        let label = value["label"].as_str().expect("a label");
        (
            label,
            value["count"].as_u64().expect("a count"),
            value["selected"] == true,
        )
    };
    facet["values"]
        .as_array()
        .expect("there are values")
        .iter()
        .map(value)
        .collect()
}

/// The filter that chooses a value of a facet, as the list says it.
fn input(list: &Value, id: &str, label: &str) -> Value {
    let facets = list["facets"].as_array().expect("there are facets");
    let facet = facets
        .iter()
        .find(|facet| facet["id"] == id)
        .expect("the facet is there");
    let values = facet["values"].as_array().expect("there are values");
    let value = values
        .iter()
        .find(|value| value["label"] == label)
        .expect("the value is there");
    serde_json::from_str(value["input"].as_str().expect("text")).expect("it is JSON")
}

/// Lamps and a desk, in a small tree.
async fn furniture() -> Store {
    let mut store = Store::open();
    let furniture = store.category("furniture", None).await;
    let lamps = store.category("lamps", Some(&furniture)).await;
    let lamp = json!({ "title": "Desk Lamp", "vendor": "Anna", "tags": ["light", "new"], "attributes": { "Material": "Steel" } });
    store.product(lamp, "LAMP-1", "49.00", Some(&lamps), 10).await;
    let shade = json!({ "title": "Café Lampshade", "vendor": "Bert", "tags": ["light"], "attributes": { "Material": "Linen" } });
    store.product(shade, "SHADE-1", "19.00", Some(&lamps), 0).await;
    let desk = json!({ "title": "Oak Desk", "vendor": "Anna", "descriptionHtml": "<p>Holds any <b>lantern</b>.</p>" });
    store.product(desk, "DESK-1", "300.00", Some(&furniture), 3).await;
    store
}

#[tokio::test]
async fn words_are_found_by_their_beginnings_typos_are_mended_and_no_text_is_an_operator() {
    let store = furniture().await;
    for (query, found) in [
        ("lamp", vec!["lamp-1", "shade-1"]),
        ("LAMPSH", vec!["shade-1"]),
        ("cafe", vec!["shade-1"]),
        ("CAFÉ", vec!["shade-1"]),
        ("anna desk", vec!["desk-1", "lamp-1"]),
        ("lantern", vec!["desk-1"]),
        ("lamp-1", vec!["lamp-1"]),
        ("linen", vec!["shade-1"]),
        ("chair", vec![]),
    ] {
        let found: BTreeSet<String> = found.into_iter().map(str::to_owned).collect();
        let answered = store.slugs(json!({ "query": query })).await;
        assert_eq!(answered.into_iter().collect::<BTreeSet<_>>(), found, "{query}");
    }
    for hostile in [
        "\"",
        "\"\"",
        "lamp\"",
        "NOT lamp",
        "lamp AND",
        "title:lamp",
        "lamp*)",
        "((((",
        "NEAR(lamp desk, 5)",
        "^lamp",
        "-lamp",
        "'; DROP TABLE product; --",
        "lamp\u{0}desk",
        "%",
        "\\",
        "{lamp}",
        "+lamp",
        "\u{202e}lamp",
        "🦀",
        "lamp OR 1=1",
    ] {
        let list = store.list(json!({ "query": hostile })).await;
        assert!(list["totalCount"].as_u64() <= Some(3), "{hostile:?}");
    }
    let suggested = async |query: &str| {
        let document = "query($query: String!) { searchSuggestions(query: $query, first: 3) { text isCorrection } }";
        let client = store.shop.client().with_header("consistency-token", &store.token);
        let answer = client.graphql(document, json!({ "query": query })).await.expect(200);
        answer.body["data"]["searchSuggestions"].clone()
    };
    assert_eq!(
        suggested("lampsha").await,
        json!([{ "text": "lampshade", "isCorrection": false }])
    );
    assert_eq!(
        suggested("lmap").await,
        json!([{ "text": "lamp", "isCorrection": true }])
    );
    assert_eq!(
        suggested("oka des").await,
        json!([{ "text": "oak desk", "isCorrection": true }])
    );
    assert_eq!(suggested("\"*").await, json!([]));
}

#[tokio::test]
async fn facets_stay_selectable_and_say_what_choosing_gives() {
    let store = furniture().await;
    let list = store.list(json!({})).await;
    assert_eq!(facet(&list, "vendor"), [("Anna", 2, false), ("Bert", 1, false)]);
    assert_eq!(facet(&list, "category"), [("furniture", 3, false)]);
    assert_eq!(facet(&list, "price"), [("19.00 – 300.00", 3, false)]);
    assert_eq!(
        facet(&list, "availability"),
        [
            ("In stock", 1, false),
            ("Low stock", 1, false),
            ("Out of stock", 1, false)
        ]
    );
    let chosen = input(&list, "vendor", "Bert");
    let narrowed = store.list(json!({ "filter": chosen })).await;
    assert_eq!(slugs(&narrowed), ["shade-1"]);
    assert_eq!(facet(&narrowed, "vendor"), [("Anna", 2, false), ("Bert", 1, true)]);
    assert_eq!(facet(&narrowed, "attribute:Material"), [("Linen", 1, false)]);
    let furniture = input(&list, "category", "furniture");
    let below = store.list(json!({ "filter": furniture })).await;
    assert_eq!(facet(&below, "category"), [("furniture", 3, true), ("lamps", 2, false)]);
    let lamps = store
        .list(json!({ "filter": input(&below, "category", "lamps") }))
        .await;
    assert_eq!(lamps["totalCount"], 2);
    for (filter, found) in [
        (json!({ "price": { "min": "19.01", "max": "49" } }), vec!["lamp-1"]),
        (
            json!({ "availability": ["IN_STOCK", "LOW_STOCK"] }),
            vec!["desk-1", "lamp-1"],
        ),
        (json!({ "tags": ["new"] }), vec!["lamp-1"]),
        (
            json!({ "attributes": [{ "name": "Material", "values": ["Linen", "Steel"] }] }),
            vec!["shade-1", "lamp-1"],
        ),
        (json!({ "options": [{ "name": "Size", "values": ["M"] }] }), vec![]),
    ] {
        assert_eq!(store.slugs(json!({ "filter": filter })).await, found, "{filter}");
    }
}

#[tokio::test]
async fn what_is_sold_out_or_unpublished_disappears_with_the_token() {
    let mut store = Store::open();
    let product = store
        .product(json!({ "title": "Lamp" }), "LAMP-1", "10.00", None, 2)
        .await;
    let there = json!({ "query": "lamp", "filter": { "availability": ["IN_STOCK", "LOW_STOCK"] } });
    for pieces in 1..=10 {
        assert_eq!(store.slugs(there.clone()).await, ["lamp-1"], "{pieces}");
        let gone = json!({ "delta": -2, "reason": "broken" });
        store.post("/v1/stock/LAMP-1/adjustments", gone).await;
        assert!(store.slugs(there.clone()).await.is_empty(), "{pieces}");
        store.post("/v1/stock/LAMP-1/receipts", json!({ "quantity": 2 })).await;
    }
    store
        .post(&format!("/v1/products/{product}/unpublish"), json!({}))
        .await;
    assert!(store.slugs(json!({ "query": "lamp" })).await.is_empty());
    store.post(&format!("/v1/products/{product}/publish"), json!({})).await;
    assert_eq!(store.slugs(json!({ "query": "lamp" })).await, ["lamp-1"]);
}

#[tokio::test]
async fn every_order_is_walked_by_cursors_and_pages_without_gap_or_repeat() {
    let mut store = Store::open();
    for number in 1..=9 {
        let description = json!({ "title": format!("Lamp {}", number % 4) });
        let price = format!("{}.00", number % 3 + 1);
        store
            .product(description, &format!("LAMP-{number}"), &price, None, 1)
            .await;
    }
    for sort in [
        "RELEVANCE",
        "NEWEST",
        "PRICE_ASC",
        "PRICE_DESC",
        "TITLE_ASC",
        "TITLE_DESC",
        "BEST_SELLING",
    ] {
        let whole = store.slugs(json!({ "query": "lamp", "sort": sort })).await;
        assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 9, "{sort}");
        let (mut walked, mut after) = (Vec::new(), Value::Null);
        loop {
            let list = store
                .list(json!({ "query": "lamp", "sort": sort, "first": 4, "after": after }))
                .await;
            walked.extend(slugs(&list));
            after = list["pageInfo"]["endCursor"].clone();
            if list["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(walked, whole, "{sort}");
        let last = store
            .slugs(json!({ "query": "lamp", "sort": sort, "last": 2, "before": after }))
            .await;
        assert_eq!(last, whole[6..8], "{sort}");
        let mut paged = Vec::new();
        for page in 1..=3 {
            paged.extend(
                store
                    .slugs(json!({ "query": "lamp", "sort": sort, "first": 4, "page": page }))
                    .await,
            );
        }
        assert_eq!(paged, whole, "{sort}");
    }
    let refused = async |variables: Value| {
        let answer = store.shop.client().graphql(LIST, variables).await;
        answer.body["errors"][0]["extensions"]["code"].clone()
    };
    for (variables, code) in [
        (json!({ "page": 0 }), "page.number"),
        (json!({ "page": 101, "first": 100 }), "page.number"),
        (json!({ "page": i32::MAX, "first": 100 }), "page.number"),
        (json!({ "page": 2, "after": "AAAA" }), "cursor.invalid"),
        (json!({ "page": 2, "last": 2 }), "page.and_cursor"),
        (json!({ "query": "x".repeat(257) }), "search.too_long"),
        (json!({ "query": "lamp", "after": "AAAAAAAAAAAA" }), "cursor.invalid"),
        (json!({ "filter": { "vendors": vec!["x"; 101] } }), "filter.too_many"),
        (json!({ "filter": { "price": { "min": "1.234" } } }), "filter.price"),
        (json!({ "filter": { "category": "nonsense" } }), "id.invalid"),
    ] {
        assert_eq!(refused(variables.clone()).await, code, "{variables}");
    }
}

#[tokio::test]
async fn what_is_ordered_most_comes_first_and_the_index_survives_kill_9_and_its_own_loss() {
    let mut store = Store::open();
    for number in 1..=3 {
        store
            .product(json!({ "title": "Lamp" }), &format!("LAMP-{number}"), "5.00", None, 50)
            .await;
    }
    for (sku, quantity) in [("LAMP-2", 5), ("LAMP-1", 2)] {
        let shopper = tests::Shopper::enter(&store.having_seen()).await;
        let _ = shopper.add(sku, quantity).await.expect(200);
        let ordered = shopper.check_out().await.expect(201);
        store.token = format!("{},{}", store.token, ordered.header("consistency-token"));
    }
    let best = json!({ "query": "lamp", "sort": "BEST_SELLING" });
    let order = ["lamp-2", "lamp-1", "lamp-3"];
    assert_eq!(store.slugs(best.clone()).await, order);
    store.shop.restart();
    assert_eq!(store.slugs(best.clone()).await, order);
    store.shop.kill();
    for file in ["search-1.db", "search-1.db-wal"] {
        let nonsense = "no database at all, but long enough to look like a file of some use";
        std::fs::write(store.shop.data().join(file), nonsense).expect("the file can be spoiled");
    }
    store.shop.restart();
    assert_eq!(store.slugs(best.clone()).await, order);

    // Taken away while it runs: it is made again without a restart, and what is not there until then is said to be so.
    std::fs::remove_file(store.shop.data().join("search-2.db")).expect("it is there");
    store
        .product(json!({ "title": "Lamp" }), "LAMP-4", "5.00", None, 50)
        .await;
    let client = store.shop.client().with_header("consistency-token", &store.token);
    let found = async || {
        let answer = client.graphql(LIST, best.clone()).await.expect(200).body;
        if answer["data"]["products"]["totalCount"] == 4 {
            return Ok(());
        }
        let code = answer["errors"][0]["extensions"]["code"].clone();
        let is_stale = answer["extensions"]["consistency"]["stale"] == true;
        assert!(is_stale || code == "query.unavailable", "{answer}");
        Err(answer)
    };
    store.shop.until_seen("it is found again", found).await;
    let is_made_again = async || {
        let metrics = store.shop.client().get("/metrics").await.expect(200);
        String::from_utf8_lossy(&metrics.bytes).contains("tillroll_projection_generation{projection=\"search\"} 3")
    };
    store.shop.until("it is made again", is_made_again).await;
    assert_eq!(store.slugs(best).await.len(), 4);
}
