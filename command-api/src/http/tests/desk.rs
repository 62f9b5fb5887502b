//! A shop's desk: the router over the real command path, with a data directory of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use access::{Gate, Holder, Role, Secrets};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};
use event_log::{DirectoryLock, EventLog, Follower, Kind, Record, SqliteLog, SqliteOptions};
use http_body_util::BodyExt;
use schemas::{MemoryIds, MemoryKeys, Sealer};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt;

use crate::http::state::now;
use crate::http::{HttpState, router};
use crate::{Options, Wire};

/// An id that names nothing.
pub(super) const ID: &str = "00000000-0000-4000-8000-000000000007";

const PARTITIONS: u32 = 4;
const TOKEN_SECONDS: u32 = 3_600;
const PATIENCE: Duration = Duration::from_secs(20);

/// A shop that takes requests. Processes are not run: what spans shards stays as it began.
pub(super) struct Desk {
    router: Router,
    log: Arc<SqliteLog>,
    admin: String,
    customer: String,
    _follower: Follower,
    _directory: tempfile::TempDir,
}

/// A guest's cart.
pub(super) struct Cart {
    pub(super) id: String,
    pub(super) secret: String,
}

impl Cart {
    /// A path with this cart's id in it, and otherwise ids that name nothing.
    pub(super) fn place(&self, path: &str) -> String {
        path.replace("{cart}", &self.id).replace("{id}", ID)
    }
}

impl Desk {
    pub(super) async fn open() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let lock = Arc::new(DirectoryLock::acquire(directory.path()).expect("nobody else uses the directory"));
        let options = SqliteOptions {
            partitions: PARTITIONS,
            ..SqliteOptions::default()
        };
        let (deliveries, received) = mpsc::unbounded_channel();
        let log = Arc::new(SqliteLog::open(&lock, options, deliveries).expect("the log opens"));
        let codec = schemas::Codec::open(Box::new(MemoryIds::default())).expect("the schemas are sound");
        let wire = Arc::new(Wire(Arc::new(codec)));
        let port: Arc<dyn EventLog> = Arc::<SqliteLog>::clone(&log);
        let follower = Follower::start(Arc::clone(&port), wire.clone(), &Default::default()).expect("it follows");
        let options = Options {
            node: "test".to_owned(),
            url: "http://localhost".to_owned(),
            directory: directory.path().to_owned(),
            membership: Arc::new(event_log::Alone),
        };
        let commands = crate::start(options, port, received, wire, &follower)
            .await
            .expect("the shards start");
        assert!(
            commands.until_serving(Instant::now() + PATIENCE).await,
            "every shard is served"
        );

        let secrets = Secrets::generate().expect("the system has random bytes");
        let sealer = Sealer::with_keys(Box::new(MemoryKeys::default()), secrets.master.bytes()).expect("a fresh store");
        let token = |role, subject: &str| {
            let subject = subject.to_owned();
            secrets
                .tokens
                .issue(&Holder { subject, role }, TOKEN_SECONDS, now())
                .expect("a token is issued")
        };
        Self {
            admin: token(Role::Admin, "ada"),
            customer: token(Role::Customer, ID),
            router: router(HttpState::new(commands, Gate::new(&secrets), Arc::new(sealer))),
            log,
            _follower: follower,
            _directory: directory,
        }
    }

    /// Begins a request.
    pub(super) fn ask(&self, method: &str, path: &str) -> Asked<'_> {
        Asked {
            desk: self,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    /// A guest opens a cart.
    pub(super) async fn cart(&self) -> Cart {
        let opened = self.ask("POST", "/v1/carts").json(&json!({})).send().await;
        assert_eq!(opened.status, 201, "{}", opened.body);
        let text = |field: &str| opened.body[field].as_str().expect("a text").to_owned();
        Cart {
            id: text("id"),
            secret: text("cartSecret"),
        }
    }

    /// An admin sells pieces of a SKU. Returns the product's id.
    pub(super) async fn sell(&self, sku: &str, price: &str, pieces: i64) -> String {
        let ask = async |path: &str, body: &Value| self.ask("POST", path).admin().json(body).send().await;
        let slug = sku.to_ascii_lowercase();
        let drafted = ask("/v1/products", &json!({"slug": slug, "title": "Lamp"})).await;
        assert_eq!(drafted.status, 201, "{}", drafted.body);
        let product = drafted.body["id"].as_str().expect("an id").to_owned();
        let price = json!({"amount": price, "currency": "EUR"});
        let variant = ask(
            &format!("/v1/products/{product}/variants"),
            &json!({"sku": sku, "price": price}),
        )
        .await;
        assert_eq!(variant.status, 201, "{}", variant.body);
        let published = ask(&format!("/v1/products/{product}/publish"), &json!({})).await;
        assert_eq!(published.status, 200, "{}", published.body);
        let receipts = format!("/v1/stock/{sku}/receipts");
        let asked = self.ask("POST", &receipts).admin().token_of(&published);
        let received = asked.json(&json!({"quantity": pieces})).send().await;
        assert_eq!(received.status, 200, "{}", received.body);
        // Whoever asks next knows what is on the shelf.
        let seen = self
            .ask("GET", &format!("/v1/stock/{sku}"))
            .admin()
            .token_of(&received)
            .send()
            .await;
        assert_eq!(seen.status, 200, "{}", seen.body);
        product
    }

    /// How many commits the log holds.
    pub(super) fn stored(&self) -> usize {
        self.records()
            .iter()
            .filter(|record| record.envelope.kind == Kind::Commit)
            .count()
    }

    /// Whether these bytes stand anywhere in the log's payloads.
    pub(super) fn log_contains(&self, bytes: &[u8]) -> bool {
        self.records()
            .iter()
            .any(|record| record.payload.windows(bytes.len()).any(|window| window == bytes))
    }

    fn records(&self) -> Vec<Arc<Record>> {
        let shards = self.log.shards().into_iter();
        let read = |shard| {
            self.log
                .read(shard, 0, usize::MAX, usize::MAX)
                .expect("the log is readable")
        };
        shards.flat_map(read).collect()
    }
}

/// A request that is being written.
pub(super) struct Asked<'a> {
    desk: &'a Desk,
    method: String,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Asked<'_> {
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header value");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    pub(super) fn admin(self) -> Self {
        let token = format!("Bearer {}", self.desk.admin);
        self.header("authorization", &token)
    }

    pub(super) fn customer(self) -> Self {
        let token = format!("Bearer {}", self.desk.customer);
        self.header("authorization", &token)
    }

    pub(super) fn secret(self, secret: &str) -> Self {
        self.header("cart-secret", secret)
    }

    pub(super) fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub(super) fn token_of(self, reply: &Reply) -> Self {
        let token = reply.headers["consistency-token"].to_str().expect("a token").to_owned();
        self.header("consistency-token", &token)
    }

    pub(super) fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string().as_bytes())
    }

    pub(super) fn bytes(mut self, content_type: &'static str, bytes: &[u8]) -> Self {
        self.body = bytes.to_vec();
        self.header("content-type", content_type)
    }

    pub(super) async fn send(self) -> Reply {
        let asked = format!("{} {} {}", self.method, self.path, String::from_utf8_lossy(&self.body));
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        *request.headers_mut().expect("a good request") = self.headers;
        let request = request.body(Body::from(self.body)).expect("a good request");
        let response = self
            .desk
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("routers do not fail");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes().to_vec();
        Reply {
            asked,
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            bytes,
        }
    }
}

/// What came back.
pub(super) struct Reply {
    asked: String,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
    pub(super) bytes: Vec<u8>,
}

impl Reply {
    pub(super) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// A problem with this status, code and field (empty: none), in its full form.
    #[track_caller]
    pub(super) fn is_refused(&self, status: u16, code: &str, field: &str) {
        let found = self.body["field"].as_str().unwrap_or_default();
        assert_eq!(
            (self.status, self.code(), found),
            (status, code, field),
            "{}: {}",
            self.asked,
            self.body
        );
        assert_eq!(
            self.headers["content-type"], "application/problem+json",
            "{}",
            self.asked
        );
        assert_eq!(self.body["status"], status, "{}", self.asked);
        for member in ["type", "title", "detail", "request_id"] {
            assert!(self.body[member].is_string(), "{}: {member}", self.asked);
        }
    }

    /// Everything that two refusals must have in common to be indistinguishable.
    pub(super) fn but_for_its_request(&self) -> Value {
        let mut body = self.body.clone();
        if let Some(members) = body.as_object_mut() {
            members.remove("request_id");
        }
        body
    }
}
