use super::*;

const SHOP: &str = "{ shop { name } }";

fn error(found: Result<Arc<ParsedDocument>, DocumentError>) -> DocumentError {
    found.expect_err("it is refused")
}

#[test]
fn a_text_that_came_with_its_hash_is_known_by_it() {
    let documents = DocumentCache::default();
    let hash = DocumentHash::of(SHOP);
    let known = Source::Known(hash);
    assert_eq!(error(documents.of(&known)), DocumentError::PersistedNotFound);
    let first = documents.of(&Source::Named(SHOP.to_owned(), hash)).expect("it is good");
    let again = documents.of(&known).expect("it is known now");
    assert_eq!(first.number, again.number);
}

#[test]
fn a_text_without_a_hash_is_not_known_by_it() {
    let documents = DocumentCache::default();
    documents.of(&Source::Text(SHOP.to_owned())).expect("it is good");
    let known = Source::Known(DocumentHash::of(SHOP));
    assert_eq!(error(documents.of(&known)), DocumentError::PersistedNotFound);
}

#[test]
fn nobody_puts_a_text_under_the_hash_of_another() {
    let documents = DocumentCache::default();
    let hash = DocumentHash::of("{ shop { version } }");
    let forged = Source::Named(SHOP.to_owned(), hash);
    assert_eq!(error(documents.of(&forged)), DocumentError::PersistedDiffers);
    assert_eq!(
        error(documents.of(&Source::Known(hash))),
        DocumentError::PersistedNotFound
    );
}

#[test]
fn what_is_refused_or_long_is_not_kept_and_what_is_kept_has_a_limit() {
    let documents = DocumentCache::default();
    let long = format!("{SHOP} # {}", "x".repeat(DOCUMENT_KEPT_BYTES_MAX));
    for text in ["{ shop {", long.as_str()] {
        let hash = DocumentHash::of(text);
        let _ = documents.of(&Source::Named(text.to_owned(), hash));
        assert_eq!(
            error(documents.of(&Source::Known(hash))),
            DocumentError::PersistedNotFound
        );
    }
    for number in 0..=DOCUMENTS_KEPT_MAX {
        let text = format!("{{ a{number}: shop {{ name }} }}");
        let hash = DocumentHash::of(&text);
        documents.of(&Source::Named(text, hash)).expect("it is good");
    }
    let first = Source::Known(DocumentHash::of("{ a0: shop { name } }"));
    assert_eq!(error(documents.of(&first)), DocumentError::PersistedNotFound);
}

#[test]
fn a_hash_is_64_hexadecimal_digits() {
    // The SHA-256 of nothing.
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(DocumentHash::from_hex(empty), Some(DocumentHash::of("")));
    assert_eq!(
        DocumentHash::from_hex(&empty.to_uppercase()),
        Some(DocumentHash::of(""))
    );
    for wrong in [
        "",
        &empty[1..],
        "é".repeat(32).as_str(),
        &empty.replace('e', "g"),
        &"+1".repeat(32),
    ] {
        assert_eq!(DocumentHash::from_hex(wrong), None, "{wrong}");
    }
}
