use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request};
use proptest::prelude::*;
use serde::Deserialize;

use super::tree::{Tree, TreeError};
use super::{Body, Problem};
use crate::http::limits::{BODY_BYTES_MAX, BODY_DEPTH_MAX, BODY_VALUES_MAX};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    quantity: i64,
    #[serde(default)]
    lines: Vec<Line>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    payment: Option<Payment>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    sku: String,
    count: Option<u32>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Payment {
    Invoice,
}

async fn read_as(content_type: Option<&str>, bytes: impl Into<axum::body::Body>) -> Result<Body<Order>, Problem> {
    let mut request = Request::post("/");
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    Body::from_request(request.body(bytes.into()).expect("a request"), &()).await
}

async fn read(text: &str) -> Result<Body<Order>, Problem> {
    read_as(Some("application/json"), text.to_owned()).await
}

async fn refused(text: &str) -> (u16, String, String) {
    let problem = read(text).await.err().unwrap_or_else(|| panic!("{text} was read"));
    (
        problem.status.as_u16(),
        problem.code.into_owned(),
        problem.field.unwrap_or_default(),
    )
}

#[tokio::test]
async fn a_body_is_read() {
    let text = r#"{"quantity": 2, "lines": [{"sku": "A"}], "labels": {"a": "b"}, "payment": "invoice"}"#;
    let body = read(text).await.expect("a good body");
    assert_eq!(body.fields.quantity, 2);
    assert_eq!(body.fields.lines[0].sku, "A");
    assert_eq!(body.fields.payment, Some(Payment::Invoice));
}

#[tokio::test]
async fn every_fault_of_a_body_has_a_code_and_names_its_field() {
    let cases = [
        (r#"{"quantity":1,"price":1}"#, (400, "body.unknown_field", "price")),
        (
            r#"{"quantity":1,"lines":[{"sku":"A","total":1}]}"#,
            (400, "body.unknown_field", "lines[0].total"),
        ),
        (r"{}", (400, "body.missing_field", "quantity")),
        (
            r#"{"quantity":1,"lines":[{}]}"#,
            (400, "body.missing_field", "lines[0].sku"),
        ),
        (r#"{"quantity":"1"}"#, (400, "body.wrong_type", "quantity")),
        (r#"{"quantity":1.5}"#, (400, "body.wrong_type", "quantity")),
        (r#"{"quantity":1e3}"#, (400, "body.wrong_type", "quantity")),
        (r#"{"quantity":null}"#, (400, "body.wrong_type", "quantity")),
        (r#"{"quantity":[1]}"#, (400, "body.wrong_type", "quantity")),
        (r#"{"quantity":1,"lines":{}}"#, (400, "body.wrong_type", "lines")),
        (
            r#"{"quantity":1,"lines":[["A",1]]}"#,
            (400, "body.wrong_type", "lines[0]"),
        ),
        (
            r#"{"quantity":1,"labels":{"a":1}}"#,
            (400, "body.wrong_type", "labels.a"),
        ),
        (
            r#"{"quantity":1,"payment":{"invoice":null}}"#,
            (400, "body.wrong_type", "payment"),
        ),
        (
            r#"{"quantity":1,"payment":"free"}"#,
            (422, "body.invalid_value", "payment"),
        ),
        (
            r#"{"quantity":99999999999999999999}"#,
            (400, "body.wrong_type", "quantity"),
        ),
        (
            r#"{"quantity":9223372036854775808}"#,
            (422, "body.invalid_value", "quantity"),
        ),
        (
            r#"{"quantity":1,"lines":[{"sku":"A","count":-1}]}"#,
            (422, "body.invalid_value", "lines[0].count"),
        ),
        (
            r#"{"quantity":1,"quantity":2}"#,
            (400, "body.repeated_field", "quantity"),
        ),
        (r"[]", (400, "body.wrong_type", "")),
        (r"null", (400, "body.wrong_type", "")),
        (r#"{"quantity":1"#, (400, "body.malformed", "")),
        (r#"{"quantity":1}}"#, (400, "body.malformed", "")),
        (r#"{"quantity":NaN}"#, (400, "body.malformed", "")),
        (r"{'quantity':1}", (400, "body.malformed", "")),
        (
            "{\"quantity\":1,\"labels\":{\"a\":\"\\ud800\"}}",
            (400, "body.malformed", ""),
        ),
        (" ", (400, "body.malformed", "")),
    ];
    for (text, (status, code, field)) in cases {
        assert_eq!(
            refused(text).await,
            (status, code.to_owned(), field.to_owned()),
            "{text}"
        );
    }
}

#[tokio::test]
async fn only_json_in_utf_8_is_a_body() {
    for good in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
    ] {
        assert!(read_as(Some(good), r#"{"quantity":1}"#).await.is_ok(), "{good}");
    }
    let others = [
        None,
        Some(""),
        Some("text/plain"),
        Some("application/xml"),
        Some("application/json; charset=utf-16"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data"),
        Some("application/jsonp"),
    ];
    for other in others {
        let problem = read_as(other, r#"{"quantity":1}"#)
            .await
            .err()
            .expect("not JSON by its type");
        assert_eq!(
            (problem.status.as_u16(), &*problem.code),
            (415, "body.not_json"),
            "{other:?}"
        );
    }
    let problem = read_as(
        Some("application/json"),
        b"{\"quantity\":1,\"labels\":{\"a\":\"\xFF\"}}".to_vec(),
    )
    .await
    .err();
    assert_eq!(problem.expect("bad UTF-8").code, "body.malformed");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_however_it_is_large() {
    let long = format!(r#"{{"quantity":1,"labels":{{"a":"{}"}}}}"#, "x".repeat(BODY_BYTES_MAX));
    let deep = format!("{}{}", "[".repeat(BODY_DEPTH_MAX + 1), "]".repeat(BODY_DEPTH_MAX + 1));
    let abyss = "[".repeat(100_000);
    let wide = format!("[{}1]", "1,".repeat(BODY_VALUES_MAX));
    for text in [long, deep, abyss, wide] {
        assert_eq!(refused(&text).await, (413, "body.too_large".to_owned(), String::new()));
    }
}

#[tokio::test]
async fn the_same_request_has_the_same_digest() {
    let digest = async |text: &str| read(text).await.map(|body| body.digest).ok();
    let one = digest(r#"{"quantity":1,"labels":{"a":"b","c":"d"}}"#).await;
    assert_eq!(
        one,
        digest("{ \"labels\" : {\"c\":\"d\",\"a\":\"b\"},\n\"quantity\":1 }").await
    );
    assert_ne!(one, digest(r#"{"quantity":2,"labels":{"a":"b","c":"d"}}"#).await);
    assert_ne!(one, digest(r#"{"quantity":1,"labels":{"a":"d","c":"b"}}"#).await);
}

#[test]
fn no_two_trees_share_a_canonical_form() {
    let form = |text: &str| {
        let mut form = Vec::new();
        Tree::parse(text.as_bytes()).expect("JSON").write_canonical(&mut form);
        form
    };
    let different = [
        r#"["a","b"]"#,
        r#"["a,b"]"#,
        r#"["a\",\"b"]"#,
        r#"["1\"a"]"#,
        "[1]",
        "[1.0]",
        r#"["1"]"#,
        "[[1]]",
        "[-1]",
        "[null]",
        "[]",
        "{}",
    ];
    for (index, one) in different.iter().enumerate() {
        for other in &different[index + 1..] {
            assert_ne!(form(one), form(other), "{one} {other}");
        }
    }
}

#[test]
fn a_name_that_stands_twice_is_found_at_any_depth() {
    let repeated = Tree::parse(br#"{"a":[{"b":1,"b":1}]}"#);
    assert_eq!(repeated, Err(TreeError::Repeated("b".to_owned())));
}

proptest! {
    #[test]
    fn any_bytes_are_a_body_or_a_problem(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(tree) = Tree::parse(&bytes) {
            let _ = super::typed::<Order>(tree);
        }
    }

    #[test]
    fn any_json_is_a_body_or_names_what_is_wrong(text in JSON_LIKE) {
        let read = Tree::parse(text.as_bytes()).ok().map(super::typed::<Order>);
        if let Some(Err(problem)) = read {
            prop_assert!(problem.code.starts_with("body."));
        }
    }
}

/// Texts that come close to JSON often enough.
const JSON_LIKE: &str =
    r#"(\{|\[|\}|\]|,|:|"quantity"|"lines"|"sku"|"labels"|"payment"|"invoice"|1|-1|1e9|null|true| ){0,40}"#;

/// The examples of all bodies that the document has.
fn examples() -> Vec<Vec<u8>> {
    let document = crate::http::openapi::document();
    let paths = document["paths"].as_object().expect("it has paths");
    let methods = paths.values().filter_map(serde_json::Value::as_object).flatten();
    let bodies = methods.map(|(_, entry)| &entry["requestBody"]["content"]["application/json"]["example"]);
    let examples = bodies.filter(|example| !example.is_null());
    examples.map(|example| example.to_string().into_bytes()).collect()
}

#[test]
fn what_is_near_a_body_has_one_form_or_is_refused() {
    fuzzing::near!(examples(), 100_000, |bytes| {
        let read = fuzzing::within_memory(bytes, 16 * 1_024, 256, || Tree::parse(bytes));
        let Ok(tree) = read else { return };
        let mut form = Vec::new();
        tree.write_canonical(&mut form);
        // Without its blanks, and with its names in order, it is the same request.
        let value: serde_json::Value = serde_json::from_slice(bytes).expect("a tree is JSON");
        let again = Tree::parse(value.to_string().as_bytes()).expect("the same JSON");
        let mut form_again = Vec::new();
        again.write_canonical(&mut form_again);
        assert_eq!(form, form_again);
        let _ = super::read::read::<Order>(tree.clone());
        let _ = super::read::read::<crate::http::import::ImportedProduct>(tree);
    });
}
