//! The stored form, big-endian, version 1:
//!
//! ```text
//! version 1 · kind 1 · term 8 · seq 8 · claim 16 · command 16 · request hash 32 · correlation 16 · causation 16
//! actor: length 2, bytes · traceparent: length 2, bytes
//! streams: count 2, then each: name length 2, name · version 8 · events 4
//! in a claim only: log 16 · partitions 4 · node: length 2, bytes · url: length 2, bytes
//! ```

use std::io::Write;

use domain::stream::StreamId;
use domain::value::CommandId;
use uuid::Uuid;

use super::{
    ACTOR_BYTES_MAX, Claim, Envelope, EnvelopeError, Kind, NODE_BYTES_MAX, STREAM_BYTES_MAX, STREAMS_MAX,
    TRACEPARENT_BYTES_MAX, Touched, URL_BYTES_MAX,
};

const VERSION: u8 = 1;

/// Bytes of an envelope without its texts and streams.
const FIXED_BYTES: usize = 120;

pub(super) fn encode(envelope: &Envelope) -> Result<Vec<u8>, EnvelopeError> {
    if (envelope.kind == Kind::Claim) != envelope.claimed.is_some() {
        return Err(EnvelopeError::Field("claim"));
    }
    let mut out = Vec::with_capacity(FIXED_BYTES + envelope.actor.len() + 64 * (1 + envelope.streams.len()));
    out.push(VERSION);
    out.push(kind_to_byte(envelope.kind));
    out.extend_from_slice(&envelope.term.to_be_bytes());
    out.extend_from_slice(&envelope.seq.to_be_bytes());
    out.extend_from_slice(envelope.claim.as_bytes());
    out.extend_from_slice(envelope.command.0.as_bytes());
    out.extend_from_slice(&envelope.request_hash);
    out.extend_from_slice(envelope.correlation.as_bytes());
    out.extend_from_slice(envelope.causation.as_bytes());
    put_text(&mut out, "actor", &envelope.actor, ACTOR_BYTES_MAX)?;
    put_text(&mut out, "traceparent", &envelope.traceparent, TRACEPARENT_BYTES_MAX)?;
    put_count(&mut out, "streams", envelope.streams.len(), STREAMS_MAX)?;
    for touched in &envelope.streams {
        put_name(&mut out, &touched.stream)?;
        out.extend_from_slice(&touched.version.to_be_bytes());
        out.extend_from_slice(&touched.events.to_be_bytes());
    }
    if let Some(claim) = &envelope.claimed {
        out.extend_from_slice(claim.log.as_bytes());
        out.extend_from_slice(&claim.partitions.to_be_bytes());
        put_text(&mut out, "node", &claim.node, NODE_BYTES_MAX)?;
        put_text(&mut out, "url", &claim.url, URL_BYTES_MAX)?;
    }
    Ok(out)
}

pub(super) fn decode(stored: &[u8]) -> Result<Envelope, EnvelopeError> {
    let mut reader = Reader(stored);
    let [version] = reader.array("version")?;
    if version != VERSION {
        return Err(EnvelopeError::Version(version));
    }
    let kind = kind_from_byte(reader.array("kind")?)?;
    let envelope = Envelope {
        kind,
        term: reader.number("term")?,
        seq: reader.number("seq")?,
        claim: reader.uuid("claim")?,
        command: CommandId(reader.uuid("command")?),
        request_hash: reader.array("request hash")?,
        correlation: reader.uuid("correlation")?,
        causation: reader.uuid("causation")?,
        actor: reader.text("actor", ACTOR_BYTES_MAX)?.to_owned(),
        traceparent: reader.text("traceparent", TRACEPARENT_BYTES_MAX)?.to_owned(),
        streams: reader.streams()?,
        claimed: reader.claimed(kind)?,
    };
    match reader.0.len() {
        0 => Ok(envelope),
        rest => Err(EnvelopeError::Follows(rest)),
    }
}

fn kind_to_byte(kind: Kind) -> u8 {
    match kind {
        Kind::Commit => 1,
        Kind::Claim => 2,
        Kind::Barrier => 3,
    }
}

fn kind_from_byte([byte]: [u8; 1]) -> Result<Kind, EnvelopeError> {
    match byte {
        1 => Ok(Kind::Commit),
        2 => Ok(Kind::Claim),
        3 => Ok(Kind::Barrier),
        _ => Err(EnvelopeError::Field("kind")),
    }
}

fn put_count(out: &mut Vec<u8>, field: &'static str, count: usize, max: usize) -> Result<(), EnvelopeError> {
    out.extend_from_slice(&short(count, field, max)?.to_be_bytes());
    Ok(())
}

fn short(count: usize, field: &'static str, max: usize) -> Result<u16, EnvelopeError> {
    let short = u16::try_from(count).ok().filter(|_| count <= max);
    short.ok_or(EnvelopeError::TooLong { field, max })
}

fn put_text(out: &mut Vec<u8>, field: &'static str, text: &str, max: usize) -> Result<(), EnvelopeError> {
    put_count(out, field, text.len(), max)?;
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// A stream's name as a text, written where it stands.
fn put_name(out: &mut Vec<u8>, stream: &StreamId) -> Result<(), EnvelopeError> {
    let start = out.len();
    put_count(out, "stream", 0, STREAM_BYTES_MAX)?;
    let name = out.len();
    // Writing to bytes in memory does not fail.
    let _ = write!(out, "{stream}");
    let count = short(out.len() - name, "stream", STREAM_BYTES_MAX)?;
    out[start..name].copy_from_slice(&count.to_be_bytes());
    Ok(())
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, field: &'static str, count: usize) -> Result<&'a [u8], EnvelopeError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(EnvelopeError::Ends(field))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], EnvelopeError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(EnvelopeError::Ends(field))?;
        self.0 = rest;
        Ok(*taken)
    }

    fn number(&mut self, field: &'static str) -> Result<u64, EnvelopeError> {
        self.array(field).map(u64::from_be_bytes)
    }

    fn uuid(&mut self, field: &'static str) -> Result<Uuid, EnvelopeError> {
        self.array(field).map(Uuid::from_bytes)
    }

    fn count(&mut self, field: &'static str, max: usize) -> Result<usize, EnvelopeError> {
        let count = usize::from(u16::from_be_bytes(self.array(field)?));
        if count > max {
            return Err(EnvelopeError::TooLong { field, max });
        }
        Ok(count)
    }

    fn text(&mut self, field: &'static str, max: usize) -> Result<&'a str, EnvelopeError> {
        let length = self.count(field, max)?;
        std::str::from_utf8(self.take(field, length)?).map_err(|_| EnvelopeError::Field(field))
    }

    fn streams(&mut self) -> Result<Vec<Touched>, EnvelopeError> {
        let count = self.count("streams", STREAMS_MAX)?;
        // Grown as they come: a damaged count must not reserve memory.
        let mut streams = Vec::new();
        for _ in 0..count {
            let name = self.text("stream", STREAM_BYTES_MAX)?;
            streams.push(Touched {
                stream: name.parse().map_err(|_| EnvelopeError::Field("stream"))?,
                version: self.number("version of a stream")?,
                events: u32::from_be_bytes(self.array("events of a stream")?),
            });
        }
        Ok(streams)
    }

    fn claimed(&mut self, kind: Kind) -> Result<Option<Claim>, EnvelopeError> {
        if kind != Kind::Claim {
            return Ok(None);
        }
        Ok(Some(Claim {
            log: self.uuid("log")?,
            partitions: u32::from_be_bytes(self.array("partitions")?),
            node: self.text("node", NODE_BYTES_MAX)?.to_owned(),
            url: self.text("url", URL_BYTES_MAX)?.to_owned(),
        }))
    }
}
