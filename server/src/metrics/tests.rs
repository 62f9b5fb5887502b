use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::routing::{get, post};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use tower::ServiceExt;

use super::{gauges, measured};

/// Two shards.
#[derive(Debug)]
struct Two;

impl Collector for Two {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let values = [("sales-0", 7), ("sales-1", u64::MAX)];
        let values = values.into_iter().map(|(shard, seq)| (shard.to_owned(), seq));
        gauges(&mut encoder, "shard_seq", "The last commit", "shard", values)
    }
}

fn app() -> Router {
    let app = Router::new()
        .route("/carts/{cart}", get(async || "a cart"))
        .route("/carts", post(async || StatusCode::CREATED));
    measured(app, Box::new(Two))
}

async fn ask(app: &Router, method: &str, path: &str) -> (StatusCode, String) {
    let request = Request::builder().method(method).uri(path).body(Body::empty());
    let request = request.expect("the request is good");
    let answer = app.clone().oneshot(request).await.expect("the router answers");
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX)
        .await
        .expect("the body is there");
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[track_caller]
fn assert_line(text: &str, line: &str) {
    assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
}

#[tokio::test]
async fn requests_are_counted_by_route_and_timed() {
    let app = app();
    for path in ["/carts/1", "/carts/2"] {
        ask(&app, "GET", path).await;
    }
    ask(&app, "POST", "/carts").await;
    let (status, text) = ask(&app, "GET", "/metrics").await;
    assert_eq!(status, StatusCode::OK);
    let counted = |method: &str, path: &str, status: u16, count: u32| {
        format!(r#"tillroll_http_requests_total{{method="{method}",path="{path}",status="{status}"}} {count}"#)
    };
    assert_line(&text, &counted("GET", "/carts/{cart}", 200, 2));
    assert_line(&text, &counted("POST", "/carts", 201, 1));
    let timed = r#"tillroll_http_request_seconds_count{method="GET",path="/carts/{cart}"} 2"#;
    assert_line(&text, timed);
    assert_line(&text, "# EOF");
}

#[tokio::test]
async fn callers_cannot_invent_series() {
    let app = app();
    for number in 0..50 {
        ask(&app, "GET", &format!("/nothing/{number}")).await;
        ask(&app, &format!("METHOD{number}"), "/carts").await;
    }
    let (_, text) = ask(&app, "GET", "/metrics").await;
    let series = text
        .lines()
        .filter(|line| line.starts_with("tillroll_http_requests_total"));
    assert_eq!(series.count(), 2, "{text}");
    assert_line(
        &text,
        r#"tillroll_http_requests_total{method="GET",path="(none)",status="404"} 50"#,
    );
    assert_line(
        &text,
        r#"tillroll_http_requests_total{method="other",path="/carts",status="405"} 50"#,
    );
}

#[tokio::test]
async fn shards_are_looked_at_when_somebody_asks() {
    let (_, text) = ask(&app(), "GET", "/metrics").await;
    assert_line(&text, "# TYPE tillroll_shard_seq gauge");
    assert_line(&text, r#"tillroll_shard_seq{shard="sales-0"} 7"#);
    assert_line(&text, &format!(r#"tillroll_shard_seq{{shard="sales-1"}} {}"#, i64::MAX));
}
