//! Shoppers, each with a cart of its own: what they send, as bytes.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::load::{Exchange, KEY, TOKEN};
use super::measure::Failure;
use super::shop::Server;

/// The SKU that everybody buys.
pub(super) const SKU: &str = "BENCH-1";
/// More pieces than anybody takes.
const PIECES: i64 = 100_000_000;
/// Quantities that a shopper sets in turn: never the one that is set already.
const QUANTITIES: [u32; 2] = [2, 3];

/// A cart with a line.
pub(super) struct Shopper {
    pub(super) cart: String,
    line: String,
    secret: String,
}

/// Puts a product on sale that never runs out.
pub(super) async fn stock(server: &Server) -> Result<(), Failure> {
    let product = json!({ "slug": "bench-1", "title": "Bench" });
    let drafted = server.admin(Method::POST, "/v1/products", &product).await?;
    let path = format!("/v1/products/{}", text(&drafted, "id")?);
    let variant = json!({ "sku": SKU });
    server
        .admin(Method::POST, &format!("{path}/variants"), &variant)
        .await?;
    let price = json!({ "price": { "amount": "12.50", "currency": "EUR" } });
    server
        .admin(Method::PUT, &format!("{path}/variants/{SKU}/price"), &price)
        .await?;
    server
        .admin(Method::POST, &format!("{path}/publish"), &json!({}))
        .await?;
    let receipt = json!({ "quantity": PIECES });
    server
        .admin(Method::POST, &format!("/v1/stock/{SKU}/receipts"), &receipt)
        .await?;
    Ok(())
}

/// Opens a cart and puts a line in.
pub(super) async fn enter(server: &Server) -> Result<Shopper, Failure> {
    let key = || Uuid::new_v4().to_string();
    let opened = server
        .ask(Method::POST, "/v1/carts", &[("idempotency-key", &key())], &json!({}))
        .await?;
    let (cart, secret) = (text(&opened, "id")?, text(&opened, "cartSecret")?);
    let headers = [("idempotency-key", key()), ("cart-secret", secret.clone())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let line = json!({ "sku": SKU, "quantity": 1 });
    let path = format!("/v1/carts/{cart}/lines");
    let filled = server.ask(Method::POST, &path, &headers, &line).await?;
    Ok(Shopper {
        line: text(&filled["lines"][0], "id")?,
        cart,
        secret,
    })
}

/// Opens as many carts.
pub(super) async fn enter_all(server: &Server, count: usize) -> Result<Vec<Shopper>, Failure> {
    let mut shoppers = Vec::with_capacity(count);
    for _ in 0..count {
        shoppers.push(enter(server).await?);
    }
    Ok(shoppers)
}

impl Shopper {
    /// Sets the quantity to and fro: each request changes the cart.
    pub(super) fn commands(&self) -> Vec<Exchange> {
        let path = format!("/v1/carts/{}/lines/{}", self.cart, self.line);
        let exchange = |quantity: &u32| Exchange {
            request: request("PATCH", &path, &self.headers(), &json!({ "quantity": quantity })),
            is_timed: true,
        };
        QUANTITIES.iter().map(exchange).collect()
    }

    /// Sends one such change.
    pub(super) async fn change(&self, server: &Server, number: u32) -> Result<Value, Failure> {
        let path = format!("/v1/carts/{}/lines/{}", self.cart, self.line);
        let key = Uuid::new_v4().to_string();
        let headers = [("idempotency-key", key.as_str()), ("cart-secret", &self.secret)];
        let quantity = QUANTITIES[number as usize % QUANTITIES.len()];
        server
            .ask(Method::PATCH, &path, &headers, &json!({ "quantity": quantity }))
            .await
    }

    /// The secret of its cart.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// The same, and after each change a query that must show it; only the queries are timed.
    pub(super) fn commands_and_queries(&self) -> Vec<Exchange> {
        let mut exchanges = Vec::new();
        for command in self.commands() {
            exchanges.push(Exchange {
                is_timed: false,
                ..command
            });
            exchanges.push(self.query(&format!("{}consistency-token: {TOKEN}\r\n", self.headers())));
        }
        exchanges
    }

    /// Queries of the cart that wait for nothing.
    pub(super) fn query(&self, headers: &str) -> Exchange {
        let query = format!("{{ cart(id: \"{}\") {{ id version totalQuantity }} }}", self.cart);
        Exchange {
            request: request("POST", "/graphql", headers, &json!({ "query": query })),
            is_timed: true,
        }
    }

    pub(super) fn headers(&self) -> String {
        format!("cart-secret: {}\r\nidempotency-key: {KEY}\r\n", self.secret)
    }
}

/// A whole HTTP/1.1 request with a JSON body.
pub(super) fn request(method: &str, path: &str, headers: &str, body: &Value) -> String {
    let body = body.to_string();
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         {headers}\r\n{body}"
    )
}

pub(super) fn text(answer: &Value, field: &str) -> Result<String, Failure> {
    let value = answer[field].as_str();
    Ok(value.ok_or_else(|| format!("no {field} in {answer}"))?.to_owned())
}
