use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::from_fn;
use axum::routing::get;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::pass;

async fn falls_over() -> &'static str {
    panic!("canary: the inside of a panic")
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing_of_the_inside() {
    let router = Router::new().route("/", get(falls_over)).layer(from_fn(pass));
    let request = Request::get("/")
        .header("x-request-id", "r-7")
        .body(Body::empty())
        .expect("a request");
    let response = router.oneshot(request).await.expect("routers do not fail");
    assert_eq!(response.status(), 500);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    let body: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(
        (body["code"].as_str(), body["request_id"].as_str()),
        (Some("internal"), Some("r-7"))
    );
    assert!(!String::from_utf8_lossy(&bytes).contains("canary"));
}
