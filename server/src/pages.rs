//! The pages for people: the shop's front at `/`, its commands at `/docs`, its past at `/why`. All that they need is in the program; they
//! load nothing from elsewhere. Under its policy a page runs no script but ours, so that no text of a product can.

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// The front loads images from wherever products have them.
const FRONT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: http: https:; \
                            connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The reader styles what it draws with attributes.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                           img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'none'";
/// Parts change only with the program.
const KEPT: &str = "public, max-age=3600";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// What the pages are made of: name, media type, contents.
const PARTS: [(&str, &str, &str); 8] = [
    ("index.css", STYLE, include_str!("../pages/index.css")),
    ("element.js", SCRIPT, include_str!("../pages/element.js")),
    ("index.js", SCRIPT, include_str!("../pages/index.js")),
    ("why.css", STYLE, include_str!("../pages/why.css")),
    ("why.js", SCRIPT, include_str!("../pages/why.js")),
    ("docs.js", SCRIPT, include_str!("../pages/docs.js")),
    ("swagger-ui.css", STYLE, include_str!("../pages/swagger/swagger-ui.css")),
    (
        "swagger-ui-bundle.js",
        SCRIPT,
        include_str!("../pages/swagger/swagger-ui-bundle.js"),
    ),
];

/// The pages and their parts.
pub(crate) fn router() -> Router {
    let front = page(include_str!("../pages/index.html"), FRONT_POLICY);
    let docs = page(include_str!("../pages/docs.html"), DOCS_POLICY);
    let why = page(include_str!("../pages/why.html"), FRONT_POLICY);
    Router::new()
        .route("/", get(async || front))
        .route("/why", get(async || why))
        .route("/docs", get(async || docs))
        .route("/pages/{part}", get(part))
}

/// A page that is never framed and tells nobody where its reader came from.
fn page(html: &'static str, policy: &'static str) -> impl IntoResponse + Clone + Send {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, html)
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
