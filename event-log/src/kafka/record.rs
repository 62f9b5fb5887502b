//! Our records as Kafka's messages: the envelope is one header, the payload is the value, there is no key.

use std::sync::Arc;

use bytes::Bytes;
use domain::stream::Shard;
use domain::value::Timestamp;
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};

use crate::envelope::Envelope;
use crate::port::{Append, LogError, PAYLOAD_BYTES_MAX, Record, stored_envelope};

/// The header that makes a message one of our records.
const ENVELOPE_HEADER: &str = "envelope";
/// Most bytes of an envelope.
pub(super) const ENVELOPE_BYTES_MAX: usize = 1024 * 1024;

/// The headers that say all but the payload.
///
/// # Errors
/// [`LogError::Unstorable`].
pub(super) fn headers(append: &Append) -> Result<(OwnedHeaders, usize), LogError> {
    let stored = stored_envelope(append)?;
    if stored.len() > ENVELOPE_BYTES_MAX {
        let bytes = stored.len();
        let why = format!("its envelope has {bytes} bytes, more than {ENVELOPE_BYTES_MAX}");
        return Err(LogError::Unstorable(why));
    }
    let header = Header {
        key: ENVELOPE_HEADER,
        value: Some(&stored),
    };
    Ok((OwnedHeaders::new_with_capacity(1).insert(header), stored.len()))
}

/// The record in a message, or why there is none.
pub(super) fn decode(shard: Shard, message: &BorrowedMessage<'_>) -> Result<Arc<Record>, String> {
    let payload = message.payload().unwrap_or_default();
    if payload.len() > PAYLOAD_BYTES_MAX {
        let bytes = payload.len();
        return Err(format!(
            "a record of {bytes} bytes, more than any of ours has: not written by this program"
        ));
    }
    let mut envelopes = message
        .headers()
        .into_iter()
        .flat_map(Headers::iter)
        .filter(|header| header.key == ENVELOPE_HEADER);
    let (Some(header), None) = (envelopes.next(), envelopes.next()) else {
        return Err("a record without an envelope: not written by this program".to_owned());
    };
    let envelope = Envelope::decode(header.value.unwrap_or_default()).map_err(|error| error.to_string())?;
    Ok(Arc::new(Record {
        shard,
        offset: message.offset(),
        at: at(message).ok_or("a record without a time")?,
        envelope,
        payload: Bytes::copy_from_slice(payload),
    }))
}

/// When the log took the message.
pub(super) fn at(message: &BorrowedMessage<'_>) -> Option<Timestamp> {
    message.timestamp().to_millis().map(Timestamp)
}
