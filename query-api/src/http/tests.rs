//! What the endpoint takes and refuses, whatever the query.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::json;

use crate::limits::{BODY_BYTES_MAX, ERRORS_MAX, VARIABLE_VALUES_MAX};
use crate::state::QueryOptions;
use crate::testkit::{TestAnswer, TestShop};

const SHOP: &str = r#"{"query":"{ shop { name } }"}"#;

fn post(content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post("/graphql")
        .header(header::CONTENT_TYPE, content_type)
        .body(body.into())
        .expect("a request")
}

fn json(body: impl Into<Body>) -> Request<Body> {
    post("application/json", body)
}

#[track_caller]
fn assert_problem(answer: &TestAnswer, status: u16, code: &str, case: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (status, code),
        "{case}: {}",
        answer.body
    );
    assert_eq!(
        answer.headers[header::CONTENT_TYPE],
        "application/problem+json",
        "{case}"
    );
    assert_eq!(answer.body["status"], status, "{case}");
    assert_eq!(answer.body["type"], format!("urn:tillroll:{code}"), "{case}");
    let named = answer.headers["x-request-id"].to_str().expect("a name is text");
    assert_eq!(answer.body["request_id"], named, "{case}");
}

#[tokio::test]
async fn a_request_that_is_wrong_itself_is_a_problem_with_a_code() {
    let shop = TestShop::new().await;
    let deep_variables = format!(r#"{{"query":"{{a}}","variables":{{"a":{}}}}}"#, "[".repeat(5_000));
    let many_variables = json!({ "query": "{ a }", "variables": { "ids": vec![0; VARIABLE_VALUES_MAX] } });
    let large = vec![b' '; BODY_BYTES_MAX + 1];
    let cases: Vec<(&str, Request<Body>, u16, &str)> = vec![
        ("not JSON", json("query { shop { name } }"), 400, "request.malformed"),
        ("half of it", json(r#"{"query":"#), 400, "request.malformed"),
        ("nothing", json(""), 400, "request.malformed"),
        (
            "bad UTF-8",
            json(vec![b'{', b'"', 0xff, b'"', b'}']),
            400,
            "request.malformed",
        ),
        ("no query", json("{}"), 400, "request.query_missing"),
        ("an empty query", json(r#"{"query":" "}"#), 400, "request.query_missing"),
        (
            "a query that is no text",
            json(r#"{"query":1}"#),
            400,
            "request.malformed",
        ),
        (
            "variables that are a list",
            json(r#"{"query":"{a}","variables":[1]}"#),
            400,
            "request.malformed",
        ),
        ("variables 5,000 deep", json(deep_variables), 400, "request.malformed"),
        (
            "too many values in variables",
            json(many_variables.to_string()),
            400,
            "request.too_many_variables",
        ),
        ("a batch", json(format!("[{SHOP},{SHOP}]")), 400, "request.batch"),
        ("an empty batch", json(" []"), 400, "request.batch"),
        ("more than 128 KB", json(large), 413, "request.too_large"),
        (
            "multipart",
            post("multipart/form-data; boundary=x", "--x--"),
            415,
            "request.content_type",
        ),
        (
            "a form",
            post("application/x-www-form-urlencoded", "query={a}"),
            415,
            "request.content_type",
        ),
        ("plain text", post("text/plain", SHOP), 415, "request.content_type"),
        (
            "bare GraphQL",
            post("application/graphql", "{ a }"),
            415,
            "request.content_type",
        ),
        (
            "another charset",
            post("application/json; charset=utf-16", SHOP),
            415,
            "request.content_type",
        ),
        (
            "a list of types",
            post("application/json, text/plain", SHOP),
            415,
            "request.content_type",
        ),
    ];
    for (case, request, status, code) in cases {
        assert_problem(&shop.send(request).await, status, code, case);
    }
}

#[tokio::test]
async fn headers_that_cannot_be_read_are_refused_and_never_taken_for_absent() {
    let shop = TestShop::new().await;
    let long = "x".repeat(10_000);
    let cases = [
        ("consistency-token", "garbage", 400, "token.malformed"),
        ("consistency-token", "sales.1:-1", 400, "token.malformed"),
        ("consistency-token", long.as_str(), 400, "token.malformed"),
        ("authorization", "Basic dXNlcjpwYXNz", 401, "access.malformed"),
        ("authorization", "Bearer a.b.c", 401, "access.malformed"),
        ("cart-secret", long.as_str(), 401, "access.cart_secret_malformed"),
        ("x-currency", "EURO", 400, "header.malformed"),
        ("x-currency", "JPY", 400, "currency.not_offered"),
        ("x-country", "Austria", 400, "header.malformed"),
        ("x-country", "AQ", 400, "country.not_offered"),
        ("accept-language", long.as_str(), 400, "header.malformed"),
        ("content-encoding", "gzip", 415, "request.content_encoding"),
    ];
    for (name, value, status, code) in cases {
        let answer = shop.ask_with("{ shop { name } }", json!({}), &[(name, value)]).await;
        assert_problem(&answer, status, code, &format!("{name}: {value:.20}"));
    }
}

#[tokio::test]
async fn a_query_that_came_once_is_asked_by_its_hash() {
    /// The SHA-256 of [`SHOP_NAME`].
    const HASH: &str = "d87467d81cf8b1001256a65ff79cf59a2002d2c31d46a049be787ef1c9802317";
    const SHOP_NAME: &str = "{ shop { name } }";
    let shop = TestShop::new().await;
    let named = |version: u32, hash: &str| json!({ "persistedQuery": { "version": version, "sha256Hash": hash } });
    let ask = |body: serde_json::Value| shop.send(json(body.to_string()));
    let by_hash = json!({ "extensions": named(1, HASH) });
    let unknown = ask(by_hash.clone()).await;
    assert_eq!(unknown.code(), "graphql.persisted_not_found");
    assert_eq!(unknown.body["errors"][0]["message"], "PersistedQueryNotFound");
    let another = json!({ "query": "{ shop { version } }", "extensions": named(1, HASH) });
    assert_eq!(ask(another).await.code(), "graphql.persisted_differs");
    let both = ask(json!({ "query": SHOP_NAME, "extensions": named(1, HASH) }))
        .await
        .data();
    assert_eq!(ask(by_hash).await.data(), both);
    let address = format!("/graphql?extensions={}", named(1, HASH).to_string().replace('"', "%22"));
    let got = Request::get(address).body(Body::empty()).expect("a request");
    assert_eq!(shop.send(got).await.data(), both);
    for (extensions, code) in [
        (named(2, HASH), "request.persisted_version"),
        (named(1, "abc"), "request.persisted_hash"),
        (json!({ "persistedQuery": {} }), "request.malformed"),
    ] {
        let refused = ask(json!({ "query": SHOP_NAME, "extensions": extensions })).await;
        assert_problem(&refused, 400, code, code);
    }
}

#[tokio::test]
async fn only_get_and_post_are_answered() {
    let shop = TestShop::new().await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let request = Request::builder()
            .method(method.clone())
            .uri("/graphql")
            .body(Body::empty());
        let answer = shop.send(request.expect("a request")).await;
        assert_problem(&answer, 405, "request.method", method.as_str());
        assert_eq!(answer.headers[header::ALLOW], "GET, HEAD, POST");
    }
}

#[tokio::test]
async fn a_get_answers_a_query_in_its_address() {
    let shop = TestShop::new().await;
    let get = |uri: &str| Request::get(uri).body(Body::empty()).expect("a request");
    let query = "/graphql?query=query(%24a:ID!)%7Bproduct(id:%24a)%7Btitle%7D%7D&variables=%7B%22a%22:%22x%22%7D";
    assert_eq!(shop.send(get(query)).await.code(), "id.invalid");
    let named = "/graphql?query=query+A%7Bshop%7Bname%7D%7Dquery+B%7Bshop%7Bversion%7D%7D&operationName=B";
    assert_eq!(shop.send(get(named)).await.data(), json!({ "shop": { "version": 0 } }));
    let mutation = shop.send(get("/graphql?query=mutation%7Ba%7D")).await;
    assert_eq!(mutation.code(), "graphql.not_a_query");
    assert_problem(
        &shop.send(get("/graphql")).await,
        400,
        "request.query_missing",
        "no query",
    );
    let variables = shop.send(get("/graphql?query=%7Ba%7D&variables=x")).await;
    assert_problem(&variables, 400, "request.malformed", "variables");
}

#[tokio::test]
async fn a_browser_gets_an_editor_whose_parts_are_all_here() {
    let shop = TestShop::new().await;
    let request = Request::get("/graphql").header(header::ACCEPT, "text/html,*/*;q=0.8");
    let answer = shop.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
    assert!(policy.starts_with("default-src 'none'"));
    let page = answer.body.as_str().expect("a page");
    assert!(!page.contains("http"), "the page loads nothing from elsewhere");
    let parts = page
        .split(['"', '\''])
        .filter(|text| text.starts_with("/graphql/page/"));
    let parts: Vec<&str> = parts.collect();
    assert_eq!(parts.len(), 6);
    for part in parts {
        let answer = shop
            .send(Request::get(part).body(Body::empty()).expect("a request"))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{part}");
    }
}

#[tokio::test]
async fn a_refused_query_is_200_in_json_and_400_in_the_newer_media_type() {
    let shop = TestShop::new().await;
    let old = shop.ask("{ nonsense }").await;
    assert_eq!((old.status, old.code()), (StatusCode::OK, "graphql.invalid"));
    assert_eq!(old.body.get("data"), None);
    let accept = [("accept", "application/graphql-response+json, application/json;q=0.9")];
    let new = shop.ask_with("{ nonsense }", json!({}), &accept).await;
    assert_eq!(new.status, StatusCode::BAD_REQUEST);
    let fine = shop.ask_with("{ shop { name } }", json!({}), &accept).await;
    assert_eq!(fine.headers[header::CONTENT_TYPE], "application/graphql-response+json");
    assert_eq!(fine.status, StatusCode::OK);
}

#[tokio::test]
async fn every_error_has_a_code() {
    let shop = TestShop::new().await;
    let cases = [
        ("{ nonsense }", "graphql.invalid"),
        ("{ shop }", "graphql.invalid"),
        ("{ shop { name(a: 1) } }", "graphql.invalid"),
        (
            "query($a: Int!) { products(first: $a) { nodes { title } } }",
            "graphql.invalid",
        ),
        ("{ products(first: \"x\") { nodes { title } } }", "graphql.invalid"),
        (
            "{ products(first: 99999999999) { nodes { title } } }",
            "graphql.invalid",
        ),
        ("{ ...F } fragment F on Nowhere { a }", "graphql.invalid"),
        ("query A { shop { name } } query B { shop { name } }", "graphql.invalid"),
        ("{ products(first: 1000000000) { nodes { title } } }", "page.size"),
        ("{ products(first: 0) { nodes { title } } }", "page.size"),
        ("{ products(first: -1) { nodes { title } } }", "page.size"),
        ("{ products(last: 101) { nodes { title } } }", "page.size"),
        (
            "{ products(first: 1, last: 1) { nodes { title } } }",
            "page.first_and_last",
        ),
        ("{ products(after: \"garbage\") { nodes { title } } }", "cursor.invalid"),
        ("{ product { title } }", "argument.one_of"),
        ("{ product(id: \"x\", slug: \"y\") { title } }", "argument.one_of"),
        ("{ cart(id: \"x\") { version } }", "id.invalid"),
        (
            "{ node(id: \"00000000-0000-0000-0000-000000000000\") { id } }",
            "id.invalid",
        ),
        ("{ products(category: \"x\") { nodes { title } } }", "id.invalid"),
        (
            "{ products(first: 100) { nodes { variants { product { variants { product { variants { sku } } } } } } } }",
            "graphql.too_complex",
        ),
        (
            "{ categories { children { children { children { children { children { name } } } } } } }",
            "graphql.too_complex",
        ),
        ("{", "graphql.syntax"),
    ];
    for (query, code) in cases {
        let answer = shop.ask(query).await;
        assert_eq!(answer.code(), code, "{query}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_long_key_is_refused_and_a_thousand_wrong_fields_are_not_all_told() {
    let shop = TestShop::new().await;
    let long = shop
        .ask(&format!("{{ product(slug: \"{}\") {{ title }} }}", "x".repeat(5_000)))
        .await;
    assert_eq!(long.code(), "argument.too_long");
    let wrong = (0..900).map(|index| format!("field{index} ")).collect::<String>();
    let answer = shop.ask(&format!("{{ {wrong} }}")).await;
    assert_eq!(answer.body["errors"].as_array().map(Vec::len), Some(ERRORS_MAX));
}

#[tokio::test]
async fn introspection_can_be_switched_off_with_everything_that_tells_names() {
    let closed = TestShop::with(QueryOptions {
        introspection: false,
        ..QueryOptions::default()
    })
    .await;
    for query in [
        "{ __schema { types { name } } }",
        "{ __type(name: \"Query\") { name } }",
        "{ ...F } fragment F on Query { s: __schema { types { name } } }",
    ] {
        assert_eq!(closed.ask(query).await.code(), "graphql.introspection_off", "{query}");
    }
    let misspelt = closed.ask("{ shopp { name } }").await;
    assert!(
        !misspelt.body["errors"][0]["message"]
            .as_str()
            .expect("a message")
            .contains("Did you mean")
    );
    assert_eq!(
        closed.ask("{ __typename }").await.data(),
        json!({ "__typename": "Query" })
    );
}

#[tokio::test]
async fn the_whole_schema_can_be_introspected_within_the_limits() {
    let shop = TestShop::new().await;
    let schema = shop
        .ask(include_str!("../document/tests/introspection.graphql"))
        .await
        .data();
    assert_eq!(schema["__schema"]["queryType"]["name"], "Query");
}

#[tokio::test]
async fn an_answer_is_kept_by_nobody_in_between() {
    let shop = TestShop::new().await;
    let answer = shop.ask("{ shop { name } }").await;
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let endless = futures::stream::pending::<Result<&[u8], std::convert::Infallible>>();
    let (parts, body) = json(Body::from_stream(endless)).into_parts();
    let given_up = super::body::read(&parts.headers, body, Duration::from_millis(20)).await;
    let response = given_up.expect_err("it never came").into_response(&parts.headers);
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
}
