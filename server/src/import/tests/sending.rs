use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::value::Currency;

use super::super::*;

const FILE: &str = "Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price\n\
                    floor-lamp,Floor Lamp,LAMP/1,shopify,4,69.99\n\
                    chair,Chair,CHAIR,shopify,2,free\n\
                    table,Table,TABLE,,,15\n";

/// One request as the shop got it.
#[derive(Clone, Debug)]
struct Seen {
    path: String,
    authorization: String,
    token: Option<String>,
    body: serde_json::Value,
}

/// What the shop answers to the n-th request for a path.
type Answer = fn(path: &str, earlier: usize) -> Response;

#[derive(Clone)]
struct Counter {
    seen: Arc<Mutex<Vec<Seen>>>,
    answer: Answer,
}

async fn take(State(counter): State<Counter>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().expect("ASCII").to_owned());
    let mut seen = counter.seen.lock().expect("nobody panicked");
    let earlier = seen.iter().filter(|seen| seen.path == uri.path()).count();
    seen.push(Seen {
        path: uri.path().to_owned(),
        authorization: header("authorization").unwrap_or_default(),
        token: header("consistency-token"),
        body: serde_json::from_slice(&body).expect("JSON"),
    });
    (counter.answer)(uri.path(), earlier)
}

/// Sends the file to a shop that answers so, and gives the report and what the shop saw, by path.
async fn send(answer: Answer) -> (Result<Report, ImportError>, Vec<Seen>) {
    let counter = Counter {
        seen: Arc::default(),
        answer,
    };
    let router = Router::new().fallback(take).with_state(counter.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let shop = Shop::new(&format!("http://{address}"), "secret").expect("an address and a token");
    let reading = read(FILE.as_bytes(), Currency::EUR).expect("the file is read");
    let report = bring_in(reading, &shop).await;
    server.abort();
    let mut seen = counter.seen.lock().expect("nobody panicked").clone();
    seen.sort_by(|one, other| one.path.cmp(&other.path));
    (report, seen)
}

fn fine(_: &str, _: usize) -> Response {
    (StatusCode::OK, [("consistency-token", "catalog.0:7")], "{}").into_response()
}

fn problem(status: StatusCode, code: &str) -> Response {
    let body = format!(
        r#"{{"code": "{code}", "detail": "because", "status": {}}}"#,
        status.as_u16()
    );
    (status, [("retry-after", "0")], body).into_response()
}

fn codes(report: &Report) -> Vec<(u64, &str)> {
    report
        .refusals
        .iter()
        .map(|refusal| (refusal.line, refusal.code.as_str()))
        .collect()
}

#[tokio::test]
async fn a_product_goes_first_and_its_stock_when_the_shop_has_seen_it() {
    let (report, seen) = send(fine).await;
    let report = report.expect("the shop is there");
    assert_eq!((report.products, report.variants, report.stocked), (2, 2, 1));
    assert_eq!(codes(&report), [(3, "price.invalid"), (3, "product.no_variants")]);
    assert_eq!(report.exit_code(), 1);
    let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "/v1/imports/products/floor-lamp",
            "/v1/imports/products/table",
            "/v1/imports/stock/LAMP%2F1"
        ]
    );
    assert!(seen.iter().all(|seen| seen.authorization == "Bearer secret"));
    assert_eq!(seen[0].body["variants"][0]["price"]["amount"], "69.99");
    assert_eq!(seen[2].token.as_deref(), Some("catalog.0:7"));
    assert_eq!(seen[2].body, serde_json::json!({"quantity": 4, "backorder": false}));
}

#[tokio::test]
async fn what_the_shop_refuses_is_named_and_the_rest_goes_in() {
    let (report, seen) = send(|path, earlier| match path {
        "/v1/imports/products/floor-lamp" => problem(StatusCode::CONFLICT, "slug.taken"),
        _ => fine(path, earlier),
    })
    .await;
    let report = report.expect("the shop is there");
    assert_eq!(report.products, 1);
    assert_eq!(codes(&report)[0], (2, "slug.taken"));
    assert_eq!(
        report.refusals[0].to_string(),
        "line 2: product \"floor-lamp\": because (slug.taken)"
    );
    assert_eq!(seen.len(), 2, "no stock is sent for a refused product");
}

#[tokio::test]
async fn a_busy_shop_is_asked_again() {
    let (report, seen) = send(|path, earlier| match earlier {
        0..3 => problem(StatusCode::SERVICE_UNAVAILABLE, "shard.moving"),
        _ => fine(path, earlier),
    })
    .await;
    assert_eq!(report.expect("the shop is there").products, 2);
    assert_eq!(seen.len(), 3 * 4);
}

#[tokio::test]
async fn a_shop_that_stays_busy_refuses() {
    let (report, _) = send(|_, _| problem(StatusCode::TOO_MANY_REQUESTS, "limit.reached")).await;
    let report = report.expect("the shop is there");
    assert_eq!(report.products, 0);
    assert_eq!(report.exit_code(), 2);
}

#[tokio::test]
async fn a_token_that_is_not_allowed_stops_everything() {
    let (report, _) = send(|_, _| problem(StatusCode::FORBIDDEN, "auth.forbidden")).await;
    assert!(matches!(report, Err(ImportError::NotAllowed(detail)) if detail == "because"));
}

#[tokio::test]
async fn whoever_answers_otherwise_is_no_shop() {
    let (report, _) = send(|_, _| (StatusCode::NOT_FOUND, "<html>nothing here</html>").into_response()).await;
    assert!(matches!(report, Err(ImportError::NoShop(404))));
}

#[test]
fn an_address_that_cannot_be_used_is_told_at_once() {
    for url in ["", "localhost:8080", "ftp://example.com", "https://example.com"] {
        assert!(
            matches!(Shop::new(url, "secret"), Err(ImportError::Address(_))),
            "{url}"
        );
    }
    assert!(matches!(
        Shop::new("http://localhost", "two\nlines"),
        Err(ImportError::Token)
    ));
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), FILE).expect("written");
    let mut options = Options {
        file: file.path().to_owned(),
        currency: Currency::EUR,
        url: "http://127.0.0.1:1".to_owned(),
        token: String::new(),
        dry_run: true,
    };
    let report = run(&options).await.expect("the file is read");
    assert_eq!((report.products, report.variants, report.stocked), (2, 2, 1));
    let text = report.to_string();
    assert!(
        text.starts_with("2 products with 2 variants would come in; opening stock for 1 SKU\n"),
        "{text}"
    );
    assert!(
        text.contains("line 3, column \"Variant Price\": the price \"free\" is not a decimal number (price.invalid)"),
        "{text}"
    );
    options.file = "/nowhere/products.csv".into();
    assert!(matches!(run(&options).await, Err(ImportError::File { .. })));
}
