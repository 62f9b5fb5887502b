use std::collections::BTreeSet;

use super::document;

/// Where the routes beside the commands' are written.
const SOURCES: [&str; 7] = [
    include_str!("../../../query-api/src/http/mod.rs"),
    include_str!("../health.rs"),
    include_str!("../metrics.rs"),
    include_str!("../openapi.rs"),
    include_str!("../pages.rs"),
    include_str!("../postman.rs"),
    include_str!("../image_files.rs"),
];
/// Pages, pictures and what pages are made of: for browsers, not for programs.
const FOR_BROWSERS: [&str; 5] = ["/", "/docs", "/why", "/pages/{part}", "/images/{name}"];

#[test]
fn every_route_of_the_server_is_in_the_document() {
    let document = document();
    let paths = document["paths"].as_object().expect("it has paths");
    let mut routed = BTreeSet::new();
    for route in SOURCES.iter().flat_map(|source| source.split(".route(\"").skip(1)) {
        let path = route.split('"').next().expect("a route begins with its path");
        routed.insert(path);
    }
    for path in &routed {
        let is_known = paths.contains_key(*path) || FOR_BROWSERS.contains(path);
        assert!(is_known, "{path} has no entry: add it to own_paths");
    }
    for path in [
        "/graphql",
        "/v1/events",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
    ] {
        assert!(routed.contains(path), "{path} is looked for where it is not");
    }
}
