//! Commands of the program on a data directory: through the server that runs on it, or by opening it.

use std::io::Write;

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::data_dir::OperatorFile;
use crate::log_report::ShardReport;
use crate::operating::report::Refusal;
use crate::table;

/// Why an operator's command failed.
#[derive(Debug, Error)]
pub(crate) enum OperatorError {
    /// The server that runs on the data directory does not answer, or says no.
    #[error("the running server says: {0}")]
    Server(String),
    /// It does not do what it was asked.
    #[error("{} ({})", .0.message, .0.code)]
    Refused(Refusal),
    /// The terminal is gone.
    #[error("nobody reads the output: {0}")]
    Output(#[from] std::io::Error),
}

impl From<reqwest::Error> for OperatorError {
    fn from(error: reqwest::Error) -> Self {
        Self::Server(error.to_string())
    }
}

/// A server that runs on the data directory.
pub(crate) struct OperatorClient {
    http: reqwest::Client,
    operator: OperatorFile,
}

impl OperatorClient {
    /// A client of the server that left this note, if it is still there.
    pub(crate) async fn of(operator: Option<OperatorFile>) -> Option<Self> {
        let client = Self {
            http: reqwest::Client::new(),
            operator: operator?,
        };
        client
            .http
            .get(format!("{}/healthz", client.operator.url))
            .send()
            .await
            .ok()?;
        Some(client)
    }

    /// The reports of all shards.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub(crate) async fn reports(&self, path: &str) -> Result<Vec<ShardReport>, OperatorError> {
        Ok(self.send(Method::GET, path).await?.json().await?)
    }

    /// Prints the lines of an answer as they come; the last one.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub(crate) async fn print_lines(&self, method: Method, path: &str) -> Result<String, OperatorError> {
        let mut lines = Lines::of(self.send(method, path).await?);
        let mut last = String::new();
        while let Some(line) = lines.next().await? {
            writeln!(std::io::stdout(), "{line}")?;
            last = line;
        }
        Ok(last)
    }

    /// What the server says to a question, as JSON.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub(crate) async fn read<T: DeserializeOwned>(&self, method: Method, path: &str) -> Result<T, OperatorError> {
        Ok(self.send(method, path).await?.json().await?)
    }

    /// What the server says to a question that has parts, as JSON.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        question: &(impl Serialize + Sync),
    ) -> Result<T, OperatorError> {
        Ok(self.post(path, question).await?.json().await?)
    }

    /// Asks for something that is done or refused.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub(crate) async fn order(&self, method: Method, path: &str) -> Result<(), OperatorError> {
        self.send(method, path).await.map(drop)
    }

    /// Asks for an answer that comes bit by bit.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub(crate) async fn get(&self, path: &str) -> Result<reqwest::Response, OperatorError> {
        self.send(Method::GET, path).await
    }

    /// Asks with a body.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub(crate) async fn post(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<reqwest::Response, OperatorError> {
        self.sent(self.request(Method::POST, path).json(body)).await
    }

    async fn send(&self, method: Method, path: &str) -> Result<reqwest::Response, OperatorError> {
        self.sent(self.request(method, path)).await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.operator.url))
    }

    async fn sent(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, OperatorError> {
        let response = request
            .header("authorization", format!("Operator {}", self.operator.token))
            .send()
            .await?;
        if !response.status().is_success() {
            let status = response.status();
            let text = response.text().await.unwrap_or_default();
            return Err(match serde_json::from_str(&text) {
                Ok(refusal) => OperatorError::Refused(refusal),
                Err(_) => OperatorError::Server(format!("{status} {text}")),
            });
        }
        Ok(response)
    }
}

/// The lines of an answer.
pub(crate) struct Lines {
    response: reqwest::Response,
    pending: Vec<u8>,
}

impl Lines {
    /// Those of an answer.
    pub(crate) fn of(response: reqwest::Response) -> Self {
        let pending = Vec::new();
        Self { response, pending }
    }

    /// The next line, without its end; none when there are no more. May be dropped at any time: nothing is lost.
    ///
    /// # Errors
    /// See [`OperatorError`].
    pub(crate) async fn next(&mut self) -> Result<Option<String>, OperatorError> {
        loop {
            if let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()));
            }
            let Some(chunk) = self.response.chunk().await? else {
                return Ok(None);
            };
            self.pending.extend_from_slice(&chunk);
        }
    }
}

/// The counts of all shards, as a table.
pub(crate) fn stats_table(reports: &[ShardReport]) -> String {
    let heads = [
        "SHARD", "RECORDS", "COMMITS", "EVENTS", "BARRIERS", "CLAIMS", "VOID", "TERM", "BYTES",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for report in reports.iter().filter(|report| report.records > 0) {
        let counts = [
            report.records,
            report.commits,
            report.events,
            report.barriers,
            report.claims,
            report.void,
            report.term,
            report.payload_bytes,
        ];
        let mut row = vec![report.shard.clone()];
        row.extend(counts.iter().map(u64::to_string));
        rows.push(row);
    }
    table::render(&rows)
}

/// What a verification found, as text, and whether the log is intact.
pub(crate) fn verdict(reports: &[ShardReport]) -> (String, bool) {
    let findings: u64 = reports.iter().map(|report| report.findings_count).sum();
    let records: u64 = reports.iter().map(|report| report.records).sum();
    let mut lines: Vec<String> = reports.iter().flat_map(|report| report.findings.clone()).collect();
    lines.push(format!(
        "{records} records in {} shards: {findings} findings",
        reports.len()
    ));
    (lines.join("\n"), findings == 0)
}
