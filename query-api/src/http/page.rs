//! The page for people who open the endpoint in a browser: an editor (`GraphiQL`) that knows the schema. All that it
//! needs is in the program; it loads nothing from elsewhere and asks nobody but this server.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

const PAGE: &str = include_str!("page/ide.html");
/// The editor styles what it draws with attributes; scripts come as files of this server and in no other way.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src data:; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
/// How long a browser may keep a part of the page, in its own words.
const KEPT: &str = "public, max-age=3600";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const DOCUMENT: &str = "application/graphql; charset=utf-8";

/// What the page is made of: name, media type, contents.
const PARTS: [(&str, &str, &str); 11] = [
    ("ide.css", STYLE, include_str!("page/ide.css")),
    ("ide.js", SCRIPT, include_str!("page/ide.js")),
    (
        "graphiql.min.css",
        STYLE,
        include_str!("page/graphiql/graphiql.min.css"),
    ),
    ("graphiql.min.js", SCRIPT, include_str!("page/graphiql/graphiql.min.js")),
    (
        "react.production.min.js",
        SCRIPT,
        include_str!("page/graphiql/react.production.min.js"),
    ),
    (
        "react-dom.production.min.js",
        SCRIPT,
        include_str!("page/graphiql/react-dom.production.min.js"),
    ),
    (
        "product-page.graphql",
        DOCUMENT,
        include_str!("../../../docs/graphql/product-page.graphql"),
    ),
    (
        "category-page.graphql",
        DOCUMENT,
        include_str!("../../../docs/graphql/category-page.graphql"),
    ),
    (
        "cart-drawer.graphql",
        DOCUMENT,
        include_str!("../../../docs/graphql/cart-drawer.graphql"),
    ),
    (
        "checkout.graphql",
        DOCUMENT,
        include_str!("../../../docs/graphql/checkout.graphql"),
    ),
    (
        "order.graphql",
        DOCUMENT,
        include_str!("../../../docs/graphql/order.graphql"),
    ),
];

/// Whether a person with a browser asks.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

pub(super) fn show() -> Response {
    let mut response = Html(PAGE).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// The parts of the page.
pub(super) fn parts() -> Router {
    Router::new().route("/graphql/page/{part}", get(part))
}

async fn part(Path(name): Path<String>) -> Response {
    let Some((_, media_type, contents)) = PARTS.iter().find(|(known, _, _)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, *media_type),
        (header::CACHE_CONTROL, KEPT),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, *contents).into_response()
}
