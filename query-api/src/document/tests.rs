use std::fmt::Write;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{DocumentCache, DocumentError, Source, parse};
use crate::limits::{DEPTH_MAX, DIRECTIVES_MAX, FRAGMENTS_MAX, NESTING_MAX, SELECTIONS_MAX};

/// Longest time that a hostile document may cost, on a slow and busy machine.
const REFUSAL_TIME_MAX: Duration = Duration::from_secs(2);

fn nested(levels: usize) -> String {
    format!("{}x{}", "{ a ".repeat(levels), " }".repeat(levels))
}

fn fragments(count: usize, body: impl Fn(usize) -> String) -> String {
    let mut document = "{ ...F0 }".to_owned();
    for index in 0..count {
        let _ = write!(document, " fragment F{index} on Query {{ {} }}", body(index));
    }
    document
}

#[test]
fn hostile_documents_are_refused_at_once_with_a_code() {
    let chain = |count: usize| {
        fragments(count, move |index| {
            if index + 1 < count {
                format!("...F{}", index + 1)
            } else {
                "a".to_owned()
            }
        })
    };
    let doubling = fragments(30, |index| {
        if index < 29 {
            let next = index + 1;
            format!("...F{next} ...F{next}")
        } else {
            "a".to_owned()
        }
    });
    let introspecting = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } \
                         } } } }";
    let cases: Vec<(&str, String, &str)> = vec![
        ("10,000 levels of fields", nested(10_000), "graphql.too_deep"),
        ("one level too many", nested(DEPTH_MAX + 1), "graphql.too_deep"),
        (
            "10,000 open lists",
            format!("{{ a(b: {}", "[".repeat(10_000)),
            "graphql.too_deep",
        ),
        (
            "10,000 open objects",
            format!("{{ a(b: {}", "{c:".repeat(10_000)),
            "graphql.too_deep",
        ),
        (
            "10,000 lists of a type",
            format!("query(${{a:{}", "[".repeat(10_000)),
            "graphql.too_deep",
        ),
        (
            "a list of 10,000",
            format!("{{ a(b: [{}]) }}", "1 ".repeat(10_000)),
            "graphql.too_many_tokens",
        ),
        ("7,500 chained fragments", chain(7_500), "graphql.too_many_tokens"),
        (
            "one fragment too many",
            chain(FRAGMENTS_MAX + 1),
            "graphql.too_many_fragments",
        ),
        (
            "chained fragments, deeper than the stack may go",
            chain(NESTING_MAX + 1),
            "graphql.too_deep",
        ),
        ("fragments that double", doubling, "graphql.too_many_fields"),
        (
            "a fragment in itself",
            fragments(1, |_| "a ...F0".to_owned()),
            "graphql.fragment_cycle",
        ),
        (
            "a cycle of three",
            fragments(3, |index| format!("...F{}", (index + 1) % 3)),
            "graphql.fragment_cycle",
        ),
        (
            "a cycle nobody uses",
            "{ a } fragment F on Query { ...F }".to_owned(),
            "graphql.fragment_cycle",
        ),
        (
            "10,000 aliases",
            format!("{{ {} }}", many(10_000, "x")),
            "graphql.too_many_tokens",
        ),
        (
            "more aliases than allowed",
            format!("{{ {} }}", many(500, "x")),
            "graphql.too_many_aliases",
        ),
        (
            "10,000 directives",
            format!("{{ a {} }}", "@b ".repeat(10_000)),
            "graphql.too_many_tokens",
        ),
        (
            "six directives on a field",
            format!("{{ a {} }}", "@b ".repeat(6)),
            "graphql.too_many_directives",
        ),
        (
            "directives everywhere",
            format!("{{ {} }}", "a @b ".repeat(DIRECTIVES_MAX + 1)),
            "graphql.too_many_directives",
        ),
        (
            "more fields than allowed",
            format!("{{ {} }}", "a ".repeat(SELECTIONS_MAX + 1)),
            "graphql.too_many_fields",
        ),
        (
            "100 operations",
            (0..100).fold(String::new(), |all, i| format!("{all} query Q{i} {{ a }}")),
            "graphql.too_many_operations",
        ),
        (
            "types of types of types",
            introspecting.to_owned(),
            "graphql.introspection_too_deep",
        ),
        ("a megabyte of nothing", " ".repeat(1_000_000), "graphql.syntax"),
        (
            "a megabyte of text",
            format!("{{ a(b: \"{}\") ", "x".repeat(1_000_000)),
            "graphql.syntax",
        ),
        ("a text without an end", "{ a(b: \"{{{ ) }".to_owned(), "graphql.syntax"),
        (
            "a block text without an end",
            "{ a(b: \"\"\" \\\"\"\" ) }".to_owned(),
            "graphql.syntax",
        ),
        (
            "a text over a line end",
            "{ a(b: \"\n\") }".to_owned(),
            "graphql.syntax",
        ),
        ("a mutation", "mutation { a }".to_owned(), "graphql.not_a_query"),
        ("no operation", "fragment F on Query { a }".to_owned(), "graphql.syntax"),
        ("nothing", String::new(), "graphql.syntax"),
        ("control characters", "{ a\u{0} }".to_owned(), "graphql.syntax"),
    ];
    for (name, document, code) in cases {
        let began = Instant::now();
        let refused = parse(&document).expect_err(name);
        assert_eq!(refused.code(), code, "{name}: {refused}");
        assert!(began.elapsed() < REFUSAL_TIME_MAX, "{name} took {:?}", began.elapsed());
    }
}

fn many(count: usize, field: &str) -> String {
    (0..count).fold(String::new(), |mut all, index| {
        let _ = write!(all, "a{index}:{field} ");
        all
    })
}

#[test]
fn what_a_storefront_asks_is_parsed() {
    let document = parse(
        r#"
        # {{{{ brackets in comments and texts do not count
        query Page($slug: String!, $withSeo: Boolean = false) {
          product(slug: $slug) { ...Card seo @include(if: $withSeo) { title } }
          other: product(slug: "a \"quoted\" {{{{ text") { ...Card }
          third: product(slug: """ a "block" \""" {{{{ """) { ...Card }
        }
        fragment Card on Product { title ... on Product { slug ...Money } }
        fragment Money on Product { priceRange { min { amount } } }
        "#,
    );
    assert!(!document.expect("it is within all limits").introspects);
}

#[test]
fn the_introspection_query_of_common_tools_is_within_the_limits() {
    let document = parse(include_str!("tests/introspection.graphql"));
    assert!(document.expect("it is within all limits").introspects);
}

#[test]
fn what_was_parsed_is_kept_and_a_refusal_is_not() {
    let cache = DocumentCache::default();
    let first = cache
        .of(&Source::Text("{ shop { name } }".to_owned()))
        .expect("it parses");
    let second = cache
        .of(&Source::Text("{ shop { name } }".to_owned()))
        .expect("it parses");
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    assert!(matches!(
        cache.of(&Source::Text("{".to_owned())),
        Err(DocumentError::Syntax(_))
    ));
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn any_heap_of_tokens_is_parsed_or_refused(
        tokens in proptest::collection::vec(
            proptest::sample::select(vec![
                "{", "}", "(", ")", "[", "]", "...", "on", "F", "fragment", "query", ":", "!", "$v", "@d", "\"", "\"\"\"",
                "\\", "#", "\n", "a", "1", "-1.5e3", "=", "|", "&", "é",
            ]),
            0..200,
        ),
        separator in proptest::sample::select(vec!["", " "]),
    ) {
        let _ = parse(&tokens.join(separator));
    }
}
