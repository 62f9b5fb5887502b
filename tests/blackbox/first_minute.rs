//! What somebody sees in their first minute: the pages, the document of all commands, the demonstrations.

mod browser;
mod conformance;
mod postman;

use tests::{Client, Shop};

/// What a browser says it would like.
const BROWSER_ACCEPTS: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// The text of a page.
async fn page(browser: &Client, path: &str) -> String {
    let answer = browser.get(path).await.expect(200);
    assert!(answer.header("content-type").starts_with("text/html"), "{path}");
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';"),
        "{path}: {policy}"
    );
    String::from_utf8(answer.bytes).expect("a page is text")
}

/// The addresses that a page loads something from.
fn loaded(page: &str) -> Vec<&str> {
    let after = |mark: &'static str| page.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
    let styles = page
        .split("<link")
        .skip(1)
        .filter_map(|link| link.split("href=\"").nth(1)?.split('"').next());
    after("src=\"").chain(styles).collect()
}

#[tokio::test]
async fn every_page_brings_all_that_it_needs() {
    let shop = Shop::start();
    let browser = shop.client().with_header("accept", BROWSER_ACCEPTS);
    for path in ["/", "/docs", "/graphql"] {
        let page = page(&browser, path).await;
        let parts = loaded(&page);
        assert!(parts.len() >= 2, "{path} loads {parts:?}");
        for part in parts.into_iter().filter(|part| *part != "data:,") {
            assert!(part.starts_with('/'), "{path} loads {part} from elsewhere");
            let answer = browser.get(part).await.expect(200);
            assert!(!answer.bytes.is_empty(), "{part} is empty");
        }
    }
}

#[tokio::test]
async fn the_document_names_every_part_that_a_client_needs() {
    let shop = Shop::start();
    let document = shop.client().get("/openapi.json").await.expect(200).body;
    assert_eq!(document["openapi"], "3.1.0");
    for path in [
        "/v1/carts",
        "/v1/orders",
        "/v1/stock/{sku}",
        "/graphql",
        "/healthz",
        "/readyz",
        "/metrics",
    ] {
        assert!(document["paths"][path].is_object(), "{path} is missing");
    }
    let open = &document["paths"]["/v1/carts/{cart}/checkout"]["post"];
    assert!(open["requestBody"]["content"]["application/json"]["example"].is_object());
    let parameters: Vec<&str> = open["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|p| p["$ref"].as_str())
        .collect();
    for header in ["Idempotency-Key", "If-Match", "Consistency-Token", "Prefer"] {
        assert!(
            parameters.iter().any(|name| name.ends_with(header)),
            "{header} is missing"
        );
    }
}

#[tokio::test]
async fn demo_buy_ends_with_an_order_that_exists_once() {
    let shop = Shop::start_demo();
    let output = shop.run(&["demo", "buy", "--url", shop.url()]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(said.matches("curl -s").count(), 9, "{said}");
    assert!(said.contains("told again (Idempotent-Replayed: true)"), "{said}");
    let cart = said
        .split("→ cart ")
        .nth(1)
        .and_then(|rest| rest.lines().next())
        .expect("it names the cart");
    let order = shop
        .admin()
        .graphql(
            "query Q($id: ID!) { order(id: $id) { number totalQuantity } }",
            serde_json::json!({ "id": cart }),
        )
        .await;
    assert_eq!(order.body["data"]["order"]["totalQuantity"], 2, "{}", order.body);
    let number = order.body["data"]["order"]["number"].as_str().expect("it has a number");
    assert!(said.contains(&format!("order {number}")), "{said}");
}

#[test]
fn demo_buy_says_so_when_nobody_answers() {
    let shop = Shop::embedded();
    let output = shop.run(&["demo", "buy", "--url", "http://127.0.0.1:1"]);
    assert!(!output.status.success());
    assert!(!output.stderr.is_empty());
}

#[test]
fn a_stampede_through_kill_9_sells_every_piece_once() {
    let shop = Shop::embedded();
    let output = shop.run(&["demo", "stampede"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for line in ["sold      10", "refused   54", "doubled   0", "kill -9"] {
        assert!(said.contains(line), "{line} is missing in {said}");
    }
}
