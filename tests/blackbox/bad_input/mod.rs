//! Bad input over the real server: a coded error each time, nothing stored, nobody else slowed.

mod commands;
mod forgeries;
mod holes;
mod idle;
mod operations;
mod queries;
mod secrets;
mod tokens;
mod wire;

use std::sync::{Arc, Weak};

use serde_json::{Value, json};
use tests::{Answer, Client, Shop, Shopkeeper, Shopper};
use tokio::sync::Mutex;

/// An id that names nothing.
const NOTHING: &str = "00000000-0000-4000-8000-000000000007";

/// A shop with a lamp (LAMP-1, 9.99, three pieces), a guest's cart with one of them, and another guest's order.
struct Scene {
    shop: Arc<Shop>,
    admin: Client,
    product: String,
    guest: Shopper,
    buyer: Shopper,
    /// A line of the order.
    line: String,
    /// The scene that this one shares.
    #[expect(dead_code, reason = "kept, so that others find it")]
    whole: Option<Arc<Self>>,
}

/// The scene of all tests that run at the moment and change nothing in it: on a cluster, starting takes seconds.
static SHARED: Mutex<Weak<Scene>> = Mutex::const_new(Weak::new());

impl Scene {
    /// A scene that others use as well, with clients of one's own. Nothing may be changed in it.
    async fn shared() -> Self {
        let mut shared = SHARED.lock().await;
        let scene = match shared.upgrade() {
            Some(scene) => scene,
            None => Arc::new(Self::set().await),
        };
        *shared = Arc::downgrade(&scene);
        Self {
            shop: Arc::clone(&scene.shop),
            admin: scene.admin.renewed(),
            product: scene.product.clone(),
            guest: scene.guest.renewed(),
            buyer: scene.buyer.renewed(),
            line: scene.line.clone(),
            whole: Some(scene),
        }
    }

    async fn set() -> Self {
        let shop = Arc::new(Shop::start());
        let admin = shop.admin();
        let product = Shopkeeper::new(admin.clone()).stock("LAMP-1", "9.99", 3).await;
        let guest = Shopper::enter(&shop.client()).await;
        let guest = guest.having_seen(&guest.add("LAMP-1", 1).await.expect(200));
        let buyer = Shopper::enter(&shop.client()).await;
        let _ = buyer.add("LAMP-1", 1).await.expect(200);
        let ordered = buyer.check_out().await.expect(201);
        let line = ordered.body["lines"][0]["id"].as_str().expect("a line").to_owned();
        Self {
            shop,
            admin,
            product,
            guest,
            buyer: buyer.having_seen(&ordered),
            line,
            whole: None,
        }
    }

    /// Sends one row of a table: who, method, path, body.
    async fn send(&self, who: &str, method: &str, path: &str, body: &str) -> Answer {
        let client = match who {
            "admin" => self.admin.clone(),
            "guest" => self.guest.client().clone(),
            "buyer" => self.buyer.client().clone(),
            "nobody" => self.shop.client(),
            other => panic!("nobody is called {other}"),
        };
        let filled = |text: &str| {
            text.replace("{cart}", &self.guest.cart)
                .replace("{order}", &self.buyer.cart)
                .replace("{product}", &self.product)
                .replace("{line}", &self.line)
                .replace("{nothing}", NOTHING)
        };
        let body: Value = serde_json::from_str(&filled(body)).unwrap_or_else(|error| panic!("{body}: {error}"));
        let method = method.parse().expect("a method");
        client
            .send_json(method, &filled(path), &body)
            .await
            .expect("the shop answers")
    }
}

/// How many commits the log of a running shop holds, over all shards.
fn commits(shop: &Shop) -> u64 {
    let output = shop.run(&["log", "stats"]);
    let text = String::from_utf8(output.stdout).expect("a table is text");
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().expect("a heading").split_whitespace().collect();
    let column = columns
        .iter()
        .position(|name| *name == "COMMITS")
        .expect("a column of commits");
    let counts = lines.filter_map(|line| line.split_whitespace().nth(column)?.parse::<u64>().ok());
    counts.sum()
}

/// A problem in its full form, with this status and code, and (unless it is `-`) this field.
#[track_caller]
fn assert_refused(answer: &Answer, status: u16, code: &str, field: &str, asked: &str) {
    let found = answer.body["field"].as_str().unwrap_or("-");
    assert_eq!(
        (answer.status.as_u16(), answer.code(), found),
        (status, code, field),
        "{asked}: {}",
        answer.body
    );
    assert_eq!(answer.header("content-type"), "application/problem+json", "{asked}");
    assert_eq!(answer.body["status"], json!(status), "{asked}");
    for member in ["type", "title", "detail", "request_id"] {
        assert!(answer.body[member].is_string(), "{asked}: {member}");
    }
}

/// Each row of a table sent and refused as it says; nothing is stored by any of them.
async fn assert_table(scene: &Scene, table: &str) {
    let before = commits(&scene.shop);
    for row in table.trim().lines() {
        let (asked, expected) = row.split_once("=>").expect("what is expected");
        let mut parts = asked.trim().splitn(4, ' ');
        let mut part = || parts.next().expect("who, method, path, body");
        let answer = scene.send(part(), part(), part(), part()).await;
        let expected: Vec<&str> = expected.split_whitespace().collect();
        let [status, code, field] = expected.as_slice() else {
            panic!("{row}")
        };
        assert_refused(&answer, status.parse().expect("a status"), code, field, row);
    }
    assert_eq!(commits(&scene.shop), before, "nothing is stored");
}
