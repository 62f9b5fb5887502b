use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::waiting::seen_within;
use crate::{deadline, is_on_cluster};

/// What a shop says that does not know yet, or cannot say now: to be asked again, under the same key.
const OPEN: [&str; 8] = [
    "outcome.unknown",
    "outcome.not_executed",
    "deadline.passed",
    "token.behind",
    "shard.moving",
    "shard.busy",
    "key.still_running",
    "personal.unavailable",
];
/// How often a request under a key is sent before it counts as not answered.
const TRIES: u32 = 5;

/// An HTTP client of one shop, with headers that every request carries.
#[derive(Clone)]
pub struct Client {
    url: String,
    http: reqwest::Client,
    headers: HeaderMap,
    /// How long one answer may take; for ever without.
    patience: Option<Duration>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status line.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; `null` when it is not JSON.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// A header's text; empty when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }

    /// The version in its `ETag`, if it has one.
    #[must_use]
    pub fn version(&self) -> Option<u64> {
        self.header("etag").trim_matches('"').parse().ok()
    }

    /// The problem's code; empty when it is no problem.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }

    /// The id that the answer speaks of.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[track_caller]
    pub fn id(&self) -> String {
        self.body["id"].as_str().expect("the answer has an id").to_owned()
    }

    /// The answer, if its status is `status`.
    ///
    /// # Panics
    /// When it is another.
    #[must_use]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }
}

impl Client {
    /// A client of the shop at `url`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            http: reqwest::Client::new(),
            headers: HeaderMap::new(),
            patience: None,
        }
    }

    /// The same client with connections of its own: those of another test end with its runtime.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self {
            http: reqwest::Client::new(),
            ..self.clone()
        }
    }

    /// The same client, of another node of the shop.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    /// The same client, which waits no longer than that for an answer.
    #[must_use]
    pub fn with_patience(&self, patience: Duration) -> Self {
        Self {
            patience: Some(patience),
            ..self.clone()
        }
    }

    /// The same client with one more header.
    ///
    /// # Panics
    /// When it is not a header.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        let name: HeaderName = name.parse().expect("a header's name");
        client
            .headers
            .insert(name, HeaderValue::from_str(value).expect("a header's value"));
        client
    }

    /// Where the shop answers.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What every request carries under this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Sends a request without a body.
    ///
    /// # Errors
    /// No answer came.
    pub async fn send(&self, method: Method, path: &str) -> reqwest::Result<Answer> {
        self.answer(self.http.request(method, format!("{}{path}", self.url)))
            .await
    }

    /// Sends JSON.
    ///
    /// # Errors
    /// No answer came.
    pub async fn send_json(&self, method: Method, path: &str, body: &Value) -> reqwest::Result<Answer> {
        self.answer(self.http.request(method, format!("{}{path}", self.url)).json(body))
            .await
    }

    /// GETs.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path).await.expect("the shop answers")
    }

    /// POSTs JSON. Under an idempotency key it asks again when no answer comes, as every client should: a kept
    /// connection may have ended with the process that held it. On a cluster it also asks again for what is open.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        if self.headers.contains_key("idempotency-key") {
            unless(is_open, async || self.post_once(path, &body, TRIES).await).await
        } else {
            self.post_once(path, &body, 1).await
        }
    }

    async fn post_once(&self, path: &str, body: &Value, tries: u32) -> Answer {
        for _ in 1..tries {
            if let Ok(answer) = self.send_json(Method::POST, path, body).await {
                return answer;
            }
        }
        let last = self.send_json(Method::POST, path, body).await;
        last.expect("the shop answers")
    }

    /// PUTs JSON; on a cluster again for what is open.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        let put = async || {
            let answer = self.send_json(Method::PUT, path, &body).await;
            answer.expect("the shop answers")
        };
        unless(is_open, put).await
    }

    /// Asks GraphQL; on a cluster again when it shows less than the token asks for.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn graphql(&self, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        let is_stale = |answer: &Answer| answer.body["extensions"]["consistency"]["stale"] == true;
        unless(is_stale, async || self.post("/graphql", body.clone()).await).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        let mut request = request.build()?;
        *request.timeout_mut() = self.patience;
        for (name, value) in &self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        let response = self.http.execute(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await?.to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Answer {
            status,
            headers,
            body,
            bytes,
        })
    }
}

fn is_open(answer: &Answer) -> bool {
    answer.status == StatusCode::ACCEPTED || OPEN.contains(&answer.code())
}

/// Asks, and on a cluster again and again while the answer is not one yet: its engines may stand still for seconds.
/// What a shop in one process says is final.
async fn unless(is_none: impl Fn(&Answer) -> bool, ask: impl AsyncFn() -> Answer) -> Answer {
    let answered = seen_within(deadline(), async || {
        let answer = ask().await;
        if is_on_cluster() && is_none(&answer) {
            return Err(answer);
        }
        Ok(answer)
    });
    answered.await.unwrap_or_else(|last| last)
}
