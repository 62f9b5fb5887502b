use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Answer, Client};

/// An admin's client that stocks shelves.
pub struct Shopkeeper {
    client: Client,
}

impl Shopkeeper {
    /// Works with an admin's client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The admin's client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The admin's client, with a key of its own for one request.
    fn keyed(&self) -> Client {
        self.client.with_header("idempotency-key", &Uuid::now_v7().to_string())
    }

    /// Publishes a product with one variant of this SKU at this price, and puts `pieces` on its shelf.
    /// Returns the product's id.
    ///
    /// # Panics
    /// When the shop refuses.
    pub async fn stock(&self, sku: &str, price: &str, pieces: i64) -> String {
        let slug = sku.to_ascii_lowercase();
        let drafted = self
            .keyed()
            .post("/v1/products", json!({ "slug": slug, "title": sku }))
            .await
            .expect(201);
        let product = drafted.id();
        let path = format!("/v1/products/{product}");
        let _ = self
            .keyed()
            .post(&format!("{path}/variants"), json!({ "sku": sku }))
            .await
            .expect(201);
        let money = json!({ "price": { "amount": price, "currency": "EUR" } });
        let priced = self.client.put(&format!("{path}/variants/{sku}/price"), money).await;
        let _ = priced.expect(200);
        let published = self
            .keyed()
            .post(&format!("{path}/publish"), json!({}))
            .await
            .expect(200);
        let shelf = self
            .keyed()
            .with_header("consistency-token", published.header("consistency-token"));
        let receipt = shelf
            .post(&format!("/v1/stock/{sku}/receipts"), json!({ "quantity": pieces }))
            .await;
        let _ = receipt.expect(200);
        product
    }
}

/// A guest with a cart.
#[derive(Clone)]
pub struct Shopper {
    client: Client,
    /// The cart's id, and later the order's.
    pub cart: String,
}

impl Shopper {
    /// Opens a cart.
    ///
    /// # Panics
    /// When the shop refuses.
    pub async fn enter(client: &Client) -> Self {
        let keyed = client.with_header("idempotency-key", &Uuid::now_v7().to_string());
        Self::of(client, &keyed.post("/v1/carts", json!({})).await.expect(201))
    }

    /// The guest of the cart that this answer opened.
    ///
    /// # Panics
    /// When the answer has no secret.
    #[must_use]
    pub fn of(client: &Client, opened: &Answer) -> Self {
        let secret = opened.body["cartSecret"].as_str().expect("a guest's cart has a secret");
        Self {
            client: client.with_header("cart-secret", secret),
            cart: opened.id(),
        }
    }

    /// The same guest with connections of its own: those of another test end with its runtime.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self {
            client: self.client.renewed(),
            cart: self.cart.clone(),
        }
    }

    /// The guest's client: with the cart's secret.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The same guest, whose queries show no less than this answer did.
    #[must_use]
    pub fn having_seen(&self, answer: &Answer) -> Self {
        let token = answer.header("consistency-token");
        Self {
            client: self.client.with_header("consistency-token", token),
            cart: self.cart.clone(),
        }
    }

    /// The guest's client with an idempotency key.
    #[must_use]
    pub fn keyed(&self, key: &str) -> Client {
        self.client.with_header("idempotency-key", key)
    }

    /// Puts pieces of a SKU in.
    pub async fn add(&self, sku: &str, quantity: i64) -> Answer {
        self.add_keyed(&Uuid::now_v7().to_string(), sku, quantity).await
    }

    /// Puts pieces of a SKU in, under a key.
    pub async fn add_keyed(&self, key: &str, sku: &str, quantity: i64) -> Answer {
        let line = json!({ "sku": sku, "quantity": quantity });
        self.keyed(key)
            .post(&format!("/v1/carts/{}/lines", self.cart), line)
            .await
    }

    /// Checks out by invoice.
    pub async fn check_out(&self) -> Answer {
        self.check_out_keyed(&Uuid::now_v7().to_string()).await
    }

    /// Checks out by invoice, under a key.
    pub async fn check_out_keyed(&self, key: &str) -> Answer {
        self.keyed(key)
            .post(&format!("/v1/carts/{}/checkout", self.cart), checkout_body())
            .await
    }
}

/// A complete checkout by invoice.
#[must_use]
pub fn checkout_body() -> Value {
    json!({
        "contact": { "email": "ada@example.org" },
        "shippingAddress": {
            "name": "Ada Lovelace", "line1": "Sankt-Petri-Str. 1", "postalCode": "20095", "city": "Hamburg",
            "country": "DE"
        },
        "shippingMethod": "standard",
        "payment": "invoice"
    })
}
