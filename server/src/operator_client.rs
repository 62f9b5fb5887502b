//! Commands of the program on a data directory: through the server that runs on it, or by opening it.

use std::io::Write;

use reqwest::Method;
use thiserror::Error;

use crate::data_dir::OperatorFile;
use crate::log_report::ShardReport;
use crate::table;

/// Why an operator's command failed.
#[derive(Debug, Error)]
pub(crate) enum OperatorError {
    /// The server that runs on the data directory does not answer, or says no.
    #[error("the running server says: {0}")]
    Server(String),
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
        let mut response = self.send(method, path).await?;
        let mut pending = Vec::new();
        let mut last = String::new();
        while let Some(chunk) = response.chunk().await? {
            pending.extend_from_slice(&chunk);
            while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = pending.drain(..=end).collect();
                last = String::from_utf8_lossy(&line).trim_end().to_owned();
                writeln!(std::io::stdout(), "{last}")?;
            }
        }
        Ok(last)
    }

    async fn send(&self, method: Method, path: &str) -> Result<reqwest::Response, OperatorError> {
        let request = self.http.request(method, format!("{}{path}", self.operator.url));
        let response = request
            .header("authorization", format!("Operator {}", self.operator.token))
            .send()
            .await?;
        if !response.status().is_success() {
            let status = response.status();
            return Err(OperatorError::Server(format!(
                "{status} {}",
                response.text().await.unwrap_or_default()
            )));
        }
        Ok(response)
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
