//! What every answer has, whatever it is about.

use serde_json::json;

use super::desk::Desk;
use crate::http::limits::BODY_BYTES_MAX;

#[tokio::test]
async fn unknown_places_and_methods_are_problems_too() {
    let desk = Desk::open().await;
    for path in [
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v1/carts/",
        "/v2/carts",
        "/v1/carts/x/lines/y/z",
        "/v1//carts",
    ] {
        desk.ask("POST", path).send().await.is_refused(404, "path.absent", "");
    }
    for (method, path) in [
        ("GET", "/v1/carts"),
        ("PUT", "/v1/carts"),
        ("DELETE", "/v1/shop"),
        ("TRACE", "/v1/carts"),
    ] {
        let reply = desk.ask(method, path).send().await;
        reply.is_refused(405, "method.not_allowed", "");
        assert!(reply.headers.contains_key("allow"), "{method} {path}");
    }
}

#[tokio::test]
async fn a_problem_says_what_it_is_in_the_form_of_its_type() {
    let desk = Desk::open().await;
    let reply = desk
        .ask("POST", "/v1/products")
        .header("x-request-id", "from-the-proxy.7")
        .send()
        .await;
    assert_eq!(reply.headers["content-type"], "application/problem+json");
    assert_eq!(reply.headers["x-request-id"], "from-the-proxy.7");
    assert_eq!(
        reply.body,
        json!({
            "type": "urn:tillroll:access.required", "title": "Unauthorized", "status": 401,
            "code": "access.required", "detail": "this needs an access token", "request_id": "from-the-proxy.7"
        })
    );
}

#[tokio::test]
async fn a_request_id_that_could_not_stand_in_a_log_is_replaced() {
    let desk = Desk::open().await;
    let long = "x".repeat(129);
    for id in ["", "a b", "a\tb", "<script>", "ä", &long] {
        let reply = desk.ask("POST", "/v1/nothing").header("x-request-id", id).send().await;
        let given = reply.headers["x-request-id"].to_str().expect("text").to_owned();
        assert!(uuid::Uuid::parse_str(&given).is_ok(), "{given}");
        assert_eq!(reply.body["request_id"], json!(given));
    }
}

#[tokio::test]
async fn answers_are_neither_cached_nor_run_nor_framed() {
    let desk = Desk::open().await;
    for reply in [
        desk.ask("POST", "/v1/carts").json(&json!({})).send().await,
        desk.ask("GET", "/v1").send().await,
    ] {
        assert_eq!(reply.headers["x-content-type-options"], "nosniff");
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!(
            reply.headers["content-security-policy"],
            "default-src 'none'; frame-ancestors 'none'"
        );
    }
}

#[tokio::test]
async fn a_browser_may_send_and_read_every_header() {
    let desk = Desk::open().await;
    let preflight = desk
        .ask("OPTIONS", "/v1/carts")
        .header("origin", "https://shop.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "idempotency-key,cart-secret")
        .send()
        .await;
    assert_eq!(preflight.status, 200);
    let allowed = preflight.headers["access-control-allow-headers"]
        .to_str()
        .expect("text")
        .to_ascii_lowercase();
    for header in [
        "authorization",
        "cart-secret",
        "idempotency-key",
        "if-match",
        "consistency-token",
        "prefer",
        "traceparent",
        "content-type",
    ] {
        assert!(allowed.contains(header), "{header}");
    }
    let opened = desk
        .ask("POST", "/v1/carts")
        .header("origin", "https://shop.example")
        .json(&json!({}))
        .send()
        .await;
    assert_eq!(opened.headers["access-control-allow-origin"], "*");
    assert!(!opened.headers.contains_key("access-control-allow-credentials"));
    let exposed = opened.headers["access-control-expose-headers"]
        .to_str()
        .expect("text")
        .to_ascii_lowercase();
    for header in [
        "etag",
        "location",
        "consistency-token",
        "idempotent-replayed",
        "retry-after",
        "x-request-id",
    ] {
        assert!(exposed.contains(header), "{header}");
    }
}

#[tokio::test]
async fn headers_that_cannot_be_read_are_refused_before_anything_is_done() {
    let desk = Desk::open().await;
    let stored = desk.stored();
    for (name, value, status, code, field) in [
        ("idempotency-key", "a b", 400, "key.malformed", "Idempotency-Key"),
        ("if-match", "7", 400, "if_match.malformed", "If-Match"),
        ("consistency-token", "{}", 400, "token.malformed", "Consistency-Token"),
        ("prefer", "wait=soon", 400, "prefer.malformed", "Prefer"),
        ("cart-secret", "", 401, "access.cart_secret_malformed", "Cart-Secret"),
    ] {
        let reply = desk
            .ask("POST", "/v1/carts")
            .header(name, value)
            .json(&json!({}))
            .send()
            .await;
        reply.is_refused(status, code, field);
    }
    assert_eq!(desk.stored(), stored, "nothing is stored");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let desk = Desk::open().await;
    let stored = desk.stored();
    let bytes = vec![b' '; BODY_BYTES_MAX + 1];
    let reply = desk
        .ask("POST", "/v1/carts")
        .bytes("application/json", &bytes)
        .send()
        .await;
    reply.is_refused(413, "body.too_large", "");
    assert_eq!(desk.stored(), stored, "nothing is stored");
}
