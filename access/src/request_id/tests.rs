use http::{HeaderMap, HeaderValue};

use super::{REQUEST_ID_CHARS_MAX, REQUEST_ID_HEADER, RequestId};

fn named(text: &str) -> RequestId {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_bytes(text.as_bytes()).expect("a header can have it");
    headers.insert(REQUEST_ID_HEADER, value);
    RequestId::of(&headers)
}

#[test]
fn a_plain_name_is_kept() {
    let longest = "x".repeat(REQUEST_ID_CHARS_MAX);
    for name in ["7", "a-B_c.d:9", longest.as_str()] {
        assert_eq!(named(name).as_str(), name);
    }
}

#[test]
fn what_could_forge_a_log_line_is_replaced() {
    let too_long = "x".repeat(REQUEST_ID_CHARS_MAX + 1);
    for name in ["", "a b", "a\tb", "ü", "\"x\"", "a=b", "{}", too_long.as_str()] {
        let given = named(name);
        assert_ne!(given.as_str(), name);
        assert!(uuid::Uuid::parse_str(given.as_str()).is_ok(), "{name:?}: {given:?}");
    }
}

#[test]
fn each_request_without_a_name_gets_one_of_its_own() {
    let headers = HeaderMap::new();
    assert_ne!(RequestId::of(&headers), RequestId::of(&headers));
}
