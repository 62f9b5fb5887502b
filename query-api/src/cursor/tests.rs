use proptest::prelude::*;

use super::{InvalidCursor, QueryFingerprint};
use crate::limits::CURSOR_CHARS_MAX;

#[test]
fn a_fingerprint_never_changes() {
    let cursor = QueryFingerprint::of("products by newest").cursor(&[0, 1, 255]);
    assert_eq!(cursor, "yc8Iv793U74AAf8");
}

#[test]
fn a_cursor_of_another_query_is_refused() {
    let cursor = QueryFingerprint::of("by price").cursor(b"key");
    assert_eq!(
        QueryFingerprint::of("by title").clustering_key(&cursor),
        Err(InvalidCursor)
    );
}

#[test]
fn a_cursor_that_is_too_long_is_refused() {
    let fingerprint = QueryFingerprint::of("by price");
    let cursor = fingerprint.cursor(&vec![7; CURSOR_CHARS_MAX]);
    assert_eq!(fingerprint.clustering_key(&cursor), Err(InvalidCursor));
}

#[test]
fn what_is_near_a_cursor_is_one_of_the_same_query_or_refused() {
    let fingerprint = QueryFingerprint::of("by title");
    let seeds = [&b""[..], b"key", &[0, 1, 255], &[7; 100]].map(|key| fingerprint.cursor(key).into_bytes());
    fuzzing::near!(seeds.to_vec(), 200_000, |bytes| {
        let fingerprint = QueryFingerprint::of("by title");
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let read = fuzzing::within_memory(bytes, 0, 4, || fingerprint.clustering_key(text));
        if let Ok(key) = read {
            assert_eq!(fingerprint.cursor(&key), text, "a cursor has one form");
        }
    });
}

proptest! {
    #[test]
    fn a_cursor_leads_back_to_its_key(key in proptest::collection::vec(any::<u8>(), 0..200)) {
        let fingerprint = QueryFingerprint::of("by title");
        prop_assert_eq!(fingerprint.clustering_key(&fingerprint.cursor(&key)), Ok(key));
    }

    #[test]
    fn any_text_is_a_cursor_or_refused(text in any::<String>()) {
        let fingerprint = QueryFingerprint::of("by title");
        if let Ok(key) = fingerprint.clustering_key(&text) {
            prop_assert_eq!(fingerprint.cursor(&key), text);
        }
    }

    #[test]
    fn any_base64_is_a_cursor_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        use base64::Engine;
        let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        let fingerprint = QueryFingerprint::of("by title");
        if let Ok(key) = fingerprint.clustering_key(&text) {
            prop_assert_eq!(fingerprint.cursor(&key), text);
        }
    }
}
