//! GraphQL that asks for too much, or for what it should not.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Answer, Client, Shop};

use super::Scene;

/// Longest time for a refusal: less than what is run may take until it is given up, ten seconds (`QUERY_MS_MAX`).
const REFUSAL_TIME_MAX: Duration = Duration::from_secs(8);

async fn asked(client: &Client, query: &str) -> Answer {
    let start = Instant::now();
    let answer = client.graphql(query, json!({})).await;
    assert!(
        start.elapsed() < REFUSAL_TIME_MAX,
        "{:?}: {}",
        start.elapsed(),
        query.chars().take(60).collect::<String>()
    );
    answer
}

/// The code of a refusal: of a GraphQL error, or of the problem that the whole request is.
fn code(answer: &Answer) -> &str {
    answer.body["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_else(|| answer.code())
}

fn fragments(count: usize) -> String {
    let chain: String = (0..count)
        .map(|n| format!("fragment F{n} on Query {{ ...F{} }} ", n + 1))
        .collect();
    format!("{{ ...F0 }} {chain} fragment F{count} on Query {{ shop {{ name }} }}")
}

fn nested(depth: usize) -> String {
    format!(
        "{{ categories {} name {} }}",
        "{ parent ".repeat(depth),
        "}".repeat(depth)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_ask_for_too_much_are_refused_before_they_run() {
    let shop = Shop::start_demo();
    let client = shop.client();
    let aliases = |count: usize| {
        let fields: String = (0..count).map(|n| format!("a{n}: shop {{ name }} ")).collect();
        format!("{{ {fields} }}")
    };
    let documents = [
        ("nested 500", nested(500)),
        ("nested 10,000", nested(10_000)),
        ("7,500 chained fragments", fragments(7_500)),
        ("500 chained fragments", fragments(500)),
        (
            "a fragment cycle",
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }".to_owned(),
        ),
        (
            "a fragment in itself",
            "{ ...A } fragment A on Query { ...A }".to_owned(),
        ),
        ("10,000 aliases", aliases(10_000)),
        ("500 aliases", aliases(500)),
        (
            "10,000 directives",
            format!("{{ shop {} {{ name }} }}", "@include(if: true) ".repeat(10_000)),
        ),
        (
            "100 directives",
            format!("{{ shop {} {{ name }} }}", "@include(if: true) ".repeat(100)),
        ),
        (
            "a million bytes",
            format!("{{ shop {{ name }} }} # {}", "x".repeat(1_000_000)),
        ),
        ("10,000 brackets", "[".repeat(10_000)),
        ("10,000 braces", "{".repeat(10_000)),
        (
            "a list of 10,000",
            format!(
                "{{ products(filter: {{ tags: [{}] }}) {{ totalCount }} }}",
                "\"a\",".repeat(10_000)
            ),
        ),
        ("an endless text", "{ product(slug: \"abc".to_owned()),
        (
            "pages in pages",
            format!(
                "{{ categories {{ {} }} }}",
                "products(first: 100) { nodes { category { products(first: 100) { nodes { id } } } } }"
            ),
        ),
        ("no query", String::new()),
        ("a mutation", "mutation { checkout }".to_owned()),
        ("a subscription", "subscription { events }".to_owned()),
    ];
    for (name, document) in documents {
        let answer = asked(&client, &document).await;
        assert!(answer.body["data"].is_null(), "{name}: {}", answer.body);
        assert!(
            !code(&answer).is_empty(),
            "{name}: {}",
            String::from_utf8_lossy(&answer.bytes)
        );
        assert!(answer.bytes.len() < 16 * 1024, "{name}: the refusal is short");
    }
    let fine = asked(&client, "{ shop { name } }").await.expect(200);
    assert!(
        fine.body["data"]["shop"]["name"].is_string(),
        "everybody else is served"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_have_sizes() {
    let shop = Shop::start_demo();
    let client = shop.client();
    for arguments in [
        "first: 1000000000",
        "first: 101",
        "first: 0",
        "first: -1",
        "last: 101",
        "last: -1",
        "first: 2147483648",
        "first: 99999999999999999999",
        "first: 1.5",
        "first: \"1\"",
        "first: 1, last: 1",
        "first: 1, after: \"not a cursor\"",
        "first: 1, after: \"AAAA\"",
        "first: 1, before: \"eyJhIjoxfQ==\"",
    ] {
        let answer = asked(&client, &format!("{{ products({arguments}) {{ nodes {{ id }} }} }}")).await;
        assert!(answer.body["data"].is_null(), "{arguments}: {}", answer.body);
        assert!(!code(&answer).is_empty(), "{arguments}: {}", answer.body);
    }
    let aliased =
        "{ a: products(first: 100) { nodes { id variants { id } } } b: products(first: 1000000) { nodes { id } } }";
    assert!(
        asked(&client, aliased).await.body["data"].is_null(),
        "an alias does not hide a page's size"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_are_bounded_and_typed() {
    let scene = Scene::shared().await;
    let shop = &scene.shop;
    let client = shop.client();
    let query = "query($id: ID!) { cart(id: $id) { version } }";
    let mut deep = json!("x");
    for _ in 0..100 {
        deep = json!([deep]);
    }
    for variables in [
        json!({"id": vec![1; 10_000]}),
        json!({"id": deep}),
        json!({"id": {"a": 1}}),
        json!({}),
        json!([]),
    ] {
        let answer = client.graphql(query, variables.clone()).await;
        assert!(answer.body["data"].is_null(), "{}", answer.body);
        assert!(!code(&answer).is_empty(), "{}", String::from_utf8_lossy(&answer.bytes));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_no_query_are_problems() {
    let scene = Scene::shared().await;
    let shop = &scene.shop;
    let client = shop.client();
    let cases: [(&str, Value); 5] = [
        (
            "a batch",
            json!([{"query": "{ shop { name } }"}, {"query": "{ shop { name } }"}]),
        ),
        ("a number", json!(1)),
        ("no query", json!({})),
        ("a query that is a list", json!({"query": ["{ shop { name } }"]})),
        (
            "variables that are a text",
            json!({"query": "{ shop { name } }", "variables": "x"}),
        ),
    ];
    for (name, body) in cases {
        let answer = client.post("/graphql", body).await;
        assert!(
            answer.status.is_client_error(),
            "{name}: {} {}",
            answer.status,
            answer.body
        );
        assert!(
            !code(&answer).is_empty(),
            "{name}: {}",
            String::from_utf8_lossy(&answer.bytes)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_could_make_a_browser_send_is_refused() {
    let scene = Scene::shared().await;
    let shop = &scene.shop;
    let http = reqwest::Client::new();
    let url = format!("{}/graphql", shop.url());
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let body = "{\"query\":\"{ shop { name } }\"}";
        let answer = http
            .post(&url)
            .header("content-type", content_type)
            .body(body)
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_client_error(), "{content_type}: {}", answer.status());
    }
    let mutation = http
        .get(format!("{url}?query=mutation%7Bx%7D"))
        .send()
        .await
        .expect("an answer");
    let text = mutation.text().await.expect("a text");
    assert!(!text.contains("\"data\":{"), "{text}");
}
