//! Requests of a demonstration, which can be printed as the `curl` that they are equivalent to.

use std::time::{Duration, Instant};

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::run::Failure;

/// How long one answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// How long one request may remain without a clear answer, over all its repeats.
pub(super) const CLEAR_WITHIN: Duration = Duration::from_secs(60);
/// Pause before a request is repeated.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Somebody who asks a shop.
#[derive(Clone)]
pub(super) struct Caller {
    http: Client,
    pub(super) url: String,
    /// Header fields of every request.
    headers: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) status: StatusCode,
    /// The body; null when it is not JSON.
    pub(super) body: Value,
    pub(super) token: String,
    pub(super) is_replayed: bool,
}

/// A request.
#[derive(Clone)]
pub(super) struct Call {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Value,
}

impl Call {
    pub(super) fn new(method: Method, path: impl Into<String>, body: Value) -> Self {
        Self {
            method,
            path: path.into(),
            headers: Vec::new(),
            body,
        }
    }

    /// A query.
    pub(super) fn ask(query: &str) -> Self {
        Self::new(Method::POST, "/graphql", json!({ "query": query }))
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Said {
    /// The body, when something was done.
    ///
    /// # Errors
    /// What the shop says instead.
    pub(super) fn done(&self) -> Result<&Value, Failure> {
        if self.status.is_success() && self.body.get("errors").is_none() {
            return Ok(&self.body);
        }
        Err(format!("the shop says {}: {}", self.status.as_u16(), self.body).into())
    }

    /// Neither "later", nor "it runs still", nor "nobody knows", nor what was before, nor "no such SKU" of a product that
    /// has just been brought in.
    pub(super) fn is_clear(&self) -> bool {
        let is_open = self.status.is_server_error() || self.status == StatusCode::ACCEPTED;
        let is_stale = self.body.pointer("/extensions/consistency/stale") == Some(&Value::Bool(true));
        !is_open && !is_stale && !["key.still_running", "stock.sku_absent"].contains(&self.text("/code"))
    }

    /// A text of the body, by its JSON pointer; empty when there is none.
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Caller {
    pub(super) fn new(url: &str) -> Result<Self, Failure> {
        Ok(Self {
            http: Client::builder().timeout(ANSWER_WITHIN).build()?,
            url: url.trim_end_matches('/').to_owned(),
            headers: Vec::new(),
        })
    }

    /// The same one, who says this with every request.
    pub(super) fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut caller = self.clone();
        caller.headers.push((name, value.into()));
        caller
    }

    /// What a person would type to send the same.
    pub(super) fn curl(&self, call: &Call) -> String {
        let method = match call.method {
            Method::POST => String::new(),
            ref other => format!(" -X {other}"),
        };
        let mut text = format!("curl -s{method} {}{} \\\n", self.url, call.path);
        for (name, value) in self.headers.iter().chain(&call.headers) {
            text += &format!("    -H '{name}: {value}' \\\n");
        }
        let body = call.body.to_string().replace('\'', r"'\''");
        text + &format!("    -H 'content-type: application/json' \\\n    -d '{body}'\n")
    }

    /// Looks at what is there.
    ///
    /// # Errors
    /// No answer came.
    pub(super) async fn get(&self, path: &str) -> Result<Said, reqwest::Error> {
        self.send(&Call::new(Method::GET, path, Value::Null)).await
    }

    /// Asks until the answer is a yes or a no: what is a query, or comes to the same when it is done twice.
    ///
    /// # Errors
    /// There was none for a minute.
    pub(super) async fn until_clear(&self, call: &Call) -> Result<Said, Failure> {
        let deadline = Instant::now() + CLEAR_WITHIN;
        loop {
            if let Ok(said) = self.send(call).await
                && said.is_clear()
            {
                return Ok(said);
            }
            if Instant::now() > deadline {
                return Err("a request has had no clear answer for a minute".into());
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    /// Sends it.
    ///
    /// # Errors
    /// No answer came.
    pub(super) async fn send(&self, call: &Call) -> Result<Said, reqwest::Error> {
        let mut request = self
            .http
            .request(call.method.clone(), format!("{}{}", self.url, call.path));
        if call.method != Method::GET {
            request = request.json(&call.body);
        }
        for (name, value) in self.headers.iter().chain(&call.headers) {
            request = request.header(*name, value);
        }
        let response = request.send().await?;
        let header = |name: &str| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (token, is_replayed) = (header("consistency-token"), header("idempotent-replayed") == "true");
        let status = response.status();
        let bytes = response.bytes().await?;
        Ok(Said {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            token,
            is_replayed,
        })
    }
}

#[cfg(test)]
mod tests;
