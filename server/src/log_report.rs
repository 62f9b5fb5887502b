//! What an operator sees of the log: records as lines, counts, and a proof that every rule holds.

use std::collections::HashMap;
use std::sync::Arc;

use domain::stream::{Shard, StreamId};
use domain::value::Timestamp;
use event_log::{EventLog, Fold, Kind, LogError, Record, Verdict};
use schemas::Codec;
use serde::{Deserialize, Serialize};

/// Most records read from a shard at once.
const SCAN_RECORDS_MAX: usize = 1_000;
/// Most bytes read from a shard at once.
const SCAN_BYTES_MAX: usize = 4 << 20;
/// Most findings that a verification lists; all are counted.
const FINDINGS_MAX: usize = 100;

/// What is in one shard, as the fold sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShardReport {
    /// Which, for example `sales.3`.
    pub(crate) shard: String,
    /// All records.
    pub(crate) records: u64,
    /// Commits that happened.
    pub(crate) commits: u64,
    /// Commits of nothing, by which an owner made sure that it is one.
    pub(crate) barriers: u64,
    /// Claims that took the shard over.
    pub(crate) claims: u64,
    /// Records that the fold passed over.
    pub(crate) void: u64,
    /// Events in commits that happened.
    pub(crate) events: u64,
    /// Bytes of payload.
    pub(crate) payload_bytes: u64,
    /// The term in force.
    pub(crate) term: u64,
    /// When the last record was taken, in milliseconds since 1970.
    pub(crate) last_at_ms: i64,
    /// How many things are wrong.
    pub(crate) findings_count: u64,
    /// What is wrong; the first ones.
    pub(crate) findings: Vec<String>,
}

impl ShardReport {
    fn finding(&mut self, offset: i64, what: impl std::fmt::Display) {
        self.findings_count += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(format!("{}@{offset}: {what}", self.shard));
        }
    }
}

/// Reads a whole shard: folds every record, and with `codec` decodes every payload and checks that the versions
/// of every stream are without gap or repeat. Blocks.
///
/// # Errors
/// The log cannot be read.
pub(crate) fn scan(log: &dyn EventLog, shard: Shard, codec: Option<&Codec>) -> Result<ShardReport, LogError> {
    let mut report = ShardReport {
        shard: shard.to_string(),
        ..ShardReport::default()
    };
    let mut fold = Fold::default();
    let mut versions: HashMap<StreamId, u64> = HashMap::new();
    let end = log.end(shard)?;
    while fold.offset + 1 < end {
        let records = log.read(shard, fold.offset + 1, SCAN_RECORDS_MAX, SCAN_BYTES_MAX)?;
        if records.is_empty() {
            report.finding(fold.offset, "the log ends before its end");
            return Ok(report);
        }
        for record in records {
            report.records += 1;
            report.payload_bytes += record.payload.len() as u64;
            report.last_at_ms = record.at.0;
            match fold.apply(record.offset, &record.envelope) {
                Ok(Verdict::Accepted) => accepted(&mut report, &record, codec, &mut versions),
                Ok(Verdict::Void(_)) => report.void += 1,
                Err(halt) => {
                    report.finding(record.offset, halt);
                    return Ok(report);
                }
            }
        }
    }
    report.term = fold.term;
    Ok(report)
}

fn accepted(report: &mut ShardReport, record: &Record, codec: Option<&Codec>, versions: &mut HashMap<StreamId, u64>) {
    match record.envelope.kind {
        Kind::Claim => report.claims += 1,
        Kind::Commit => report.commits += 1,
        Kind::Barrier => report.barriers += 1,
    }
    let announced: u64 = record
        .envelope
        .streams
        .iter()
        .map(|touched| u64::from(touched.events))
        .sum();
    report.events += announced;
    let Some(codec) = codec else { return };
    let is_skipped = codec.skipped().contains(record.shard, record.offset);
    if !record.payload.is_empty() && !is_skipped {
        match codec.decode(record.shard.topic, &record.payload) {
            Ok(events) if events.len() as u64 != announced => {
                report.finding(
                    record.offset,
                    format_args!("{} events, {announced} announced", events.len()),
                );
            }
            Ok(_) => {}
            Err(error) => report.finding(record.offset, error),
        }
    }
    for touched in &record.envelope.streams {
        let version = versions.entry(touched.stream.clone()).or_insert(0);
        *version += u64::from(touched.events);
        if *version != touched.version {
            report.finding(
                record.offset,
                format_args!(
                    "{} is at version {}, {version} expected",
                    touched.stream, touched.version
                ),
            );
            *version = touched.version;
        }
    }
}

/// One record as a line: when, where, who, what.
pub(crate) fn line(record: &Record, codec: &Codec) -> String {
    let at = moment(record.at);
    let place = format!("{}@{}", record.shard, record.offset);
    let what = match record.envelope.kind {
        Kind::Claim => format!("term {} claimed", record.envelope.term),
        Kind::Barrier => "barrier".to_owned(),
        Kind::Commit => commit_text(record, codec),
    };
    format!("{at}  {place:<16} {:<24} {what}", record.envelope.actor)
}

fn commit_text(record: &Record, codec: &Codec) -> String {
    let names: Vec<&str> = match codec.decode(record.shard.topic, &record.payload) {
        Ok(events) => events.iter().map(domain::Event::name).collect(),
        Err(_) if record.payload.is_empty() => Vec::new(),
        Err(error) => return format!("cannot be decoded: {error}"),
    };
    let mut names = names.into_iter();
    let mut parts = Vec::new();
    for touched in &record.envelope.streams {
        let happened: Vec<&str> = names.by_ref().take(touched.events as usize).collect();
        parts.push(format!(
            "{} v{} {}",
            touched.stream,
            touched.version,
            happened.join(", ")
        ));
    }
    if parts.is_empty() {
        "nothing changed".to_owned()
    } else {
        parts.join("; ")
    }
}

fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |moment| format!("{moment:.3}"))
}

/// The last `back` records of every shard, oldest first. Blocks.
///
/// # Errors
/// The log cannot be read.
pub(crate) fn latest(log: &dyn EventLog, back: u32) -> Result<Vec<Arc<Record>>, LogError> {
    let mut records = Vec::new();
    for shard in log.shards() {
        let end = log.end(shard)?;
        let mut from = (end - i64::from(back)).max(0);
        while from < end {
            let read = log.read(shard, from, back as usize, SCAN_BYTES_MAX)?;
            let Some(last) = read.last() else { break };
            from = last.offset + 1;
            records.extend(read);
        }
    }
    records.sort_by_key(|record| (record.at, record.shard, record.offset));
    Ok(records)
}

/// [`scan`] of every shard.
///
/// # Errors
/// The log cannot be read.
pub(crate) fn scan_all(log: &dyn EventLog, codec: Option<&Codec>) -> Result<Vec<ShardReport>, LogError> {
    log.shards().into_iter().map(|shard| scan(log, shard, codec)).collect()
}
