use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::{consistency_token, correlation, idempotency_key, if_match, traceparent, wait};

fn headers(values: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in values {
        headers.append(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).expect("a header value"),
        );
    }
    headers
}

#[test]
fn an_etag_is_a_version_in_quotes() {
    assert_eq!(if_match(&headers(&[])), Ok(None));
    assert_eq!(if_match(&headers(&[("if-match", "\"7\"")])), Ok(Some(7)));
    let wrong = [
        "7",
        "\"\"",
        "\"-1\"",
        "\"+1\"",
        "W/\"7\"",
        "\"7\", \"8\"",
        "*",
        "\"x\"",
        "\"99999999999999999999\"",
        "",
    ];
    for value in wrong {
        let refused = if_match(&headers(&[("if-match", value)])).expect_err(value);
        assert_eq!(
            (refused.status.as_u16(), &*refused.code),
            (400, "if_match.malformed"),
            "{value}"
        );
    }
    assert!(if_match(&headers(&[("if-match", "\"7\""), ("if-match", "\"8\"")])).is_err());
}

#[test]
fn a_key_has_1_to_255_visible_characters() {
    assert_eq!(idempotency_key(&headers(&[])), Ok(None));
    let long = "k".repeat(255);
    assert_eq!(
        idempotency_key(&headers(&[("idempotency-key", &long)])),
        Ok(Some(long.as_str()))
    );
    for value in ["", " ", "a b", "ä", &"k".repeat(256)] {
        let refused = idempotency_key(&headers(&[("idempotency-key", value)])).expect_err(value);
        assert_eq!(
            (refused.status.as_u16(), &*refused.code),
            (400, "key.malformed"),
            "{value}"
        );
    }
    assert!(idempotency_key(&headers(&[("idempotency-key", "a"), ("idempotency-key", "a")])).is_err());
}

#[test]
fn a_token_that_is_no_token_is_refused() {
    let token = consistency_token(&headers(&[("consistency-token", "sales.3:17,inventory.5:9")]));
    assert_eq!(token.expect("a token").to_string(), "inventory.5:9,sales.3:17");
    assert!(consistency_token(&headers(&[])).expect("none").is_empty());
    for value in [
        "sales",
        "sales.3",
        "sales.3:x",
        "sales.3:-1",
        "nowhere.1:1",
        "{}",
        &"sales.3:1,".repeat(300),
    ] {
        let refused = consistency_token(&headers(&[("consistency-token", value)])).expect_err(value);
        assert_eq!(
            (refused.status.as_u16(), &*refused.code),
            (400, "token.malformed"),
            "{value}"
        );
    }
}

#[test]
fn the_wait_is_bounded_and_other_preferences_do_not_matter() {
    let of = |value: &str| wait(&headers(&[("prefer", value)]));
    assert_eq!(wait(&headers(&[])), Ok(Duration::from_secs(10)));
    assert_eq!(of("wait=0"), Ok(Duration::ZERO));
    assert_eq!(of("respond-async, Wait=3"), Ok(Duration::from_secs(3)));
    assert_eq!(of("wait=4000000000"), Ok(Duration::from_secs(10)));
    assert_eq!(of("return=minimal"), Ok(Duration::from_secs(10)));
    for value in ["wait", "wait=", "wait=-1", "wait=1.5", "wait=soon"] {
        assert!(of(value).is_err(), "{value}");
    }
}

#[test]
fn a_trace_that_is_not_valid_is_begun_anew() {
    let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assert_eq!(traceparent(&headers(&[("traceparent", valid)])), valid);
    let wrong = [
        "",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
    ];
    for value in wrong {
        assert_eq!(traceparent(&headers(&[("traceparent", value)])), "", "{value}");
    }
}

#[test]
fn a_request_id_gives_the_same_correlation_each_time() {
    let uuid = "0198f6a0-0000-7000-8000-000000000001";
    assert_eq!(correlation(uuid).to_string(), uuid);
    assert_eq!(correlation("from the proxy"), correlation("from the proxy"));
    assert_ne!(correlation("a"), correlation("b"));
}
