//! Request headers, read strictly: what is there and cannot be read is never taken for absent.

use std::time::Duration;

use axum::http::HeaderMap;
use domain::ConsistencyToken;
use uuid::Uuid;

use super::limits::{CHECKOUT_WAIT_MAX, HEADER_BYTES_MAX, KEY_CHARS_MAX, TOKEN_BYTES_MAX};
use super::problem::Problem;

/// A caller's own name for an intent.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Says on a repeat that the answer is the first one's.
pub(crate) const IDEMPOTENT_REPLAYED: &str = "idempotent-replayed";
/// What must have been seen, and what will have to be.
pub(crate) const CONSISTENCY_TOKEN: &str = "consistency-token";
/// What one request is called in logs and answers.
pub(crate) const REQUEST_ID: &str = access::REQUEST_ID_HEADER;
/// How long to wait (RFC 7240).
pub(crate) const PREFER: &str = "prefer";
/// W3C trace context.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// A header's one value, if it is there.
fn single<'a>(headers: &'a HeaderMap, name: &str, bytes_max: usize) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| ())?.trim();
    if values.next().is_some() || text.len() > bytes_max {
        return Err(());
    }
    Ok(Some(text))
}

fn malformed(code: &'static str, name: &'static str, expected: &str) -> Problem {
    Problem::malformed(code, format!("{name} must be {expected}")).at(name)
}

/// `Idempotency-Key`: 1–255 visible ASCII characters.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let refused = || {
        malformed(
            "key.malformed",
            "Idempotency-Key",
            "one text of 1 to 255 visible ASCII characters",
        )
    };
    let Some(key) = single(headers, IDEMPOTENCY_KEY, KEY_CHARS_MAX).map_err(|()| refused())? else {
        return Ok(None);
    };
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refused());
    }
    Ok(Some(key))
}

/// `If-Match: "7"`: the version that the stream must have.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let refused = || {
        malformed(
            "if_match.malformed",
            "If-Match",
            "one version in quotes, as an ETag gave it",
        )
    };
    let Some(tag) = single(headers, "if-match", HEADER_BYTES_MAX).map_err(|()| refused())? else {
        return Ok(None);
    };
    let digits = tag
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .ok_or_else(refused)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused());
    }
    digits.parse().map(Some).map_err(|_| refused())
}

/// `Consistency-Token`: what must have been seen before anything is decided.
pub(crate) fn consistency_token(headers: &HeaderMap) -> Result<ConsistencyToken, Problem> {
    let refused = || malformed("token.malformed", "Consistency-Token", "a token as an answer gave it");
    let text = single(headers, CONSISTENCY_TOKEN, TOKEN_BYTES_MAX).map_err(|()| refused())?;
    text.unwrap_or_default().parse().map_err(|_| refused())
}

/// `Prefer: wait=N`, in whole seconds, bounded; other preferences are none of ours (RFC 7240 §2).
pub(crate) fn wait(headers: &HeaderMap) -> Result<Duration, Problem> {
    let refused = || malformed("prefer.malformed", "Prefer", "wait=N, N whole seconds");
    let values = headers.get_all(PREFER).iter();
    let texts = values
        .map(|value| value.to_str())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| refused())?;
    let preferences = texts.iter().flat_map(|text| text.split(','));
    for preference in preferences {
        let (name, value) = preference.trim().split_once('=').unwrap_or((preference.trim(), ""));
        if name.trim().eq_ignore_ascii_case("wait") {
            let seconds: u32 = value.trim().parse().map_err(|_| refused())?;
            return Ok(Duration::from_secs(u64::from(seconds)).min(CHECKOUT_WAIT_MAX));
        }
    }
    Ok(CHECKOUT_WAIT_MAX)
}

/// `traceparent`; empty when there is none or it is not valid: then a new trace begins (W3C Trace Context §3.2).
pub(crate) fn traceparent(headers: &HeaderMap) -> String {
    let text = single(headers, TRACEPARENT, HEADER_BYTES_MAX)
        .ok()
        .flatten()
        .unwrap_or_default();
    if is_traceparent(text) {
        text.to_owned()
    } else {
        String::new()
    }
}

/// The first language of `Accept-Language`; empty when there is none. Browsers write this header, so what cannot
/// be read is taken for absent.
pub(crate) fn language(headers: &HeaderMap) -> String {
    let text = single(headers, "accept-language", HEADER_BYTES_MAX)
        .ok()
        .flatten()
        .unwrap_or_default();
    let first = text.split([',', ';']).next().unwrap_or_default().trim();
    first.to_owned()
}

fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [version, trace, parent, flags] = parts.as_slice() else {
        return false;
    };
    let is_hex = |part: &str, length: usize| {
        part.len() == length
            && part
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let is_zero = |part: &str| part.bytes().all(|byte| byte == b'0');
    *version == "00"
        && is_hex(trace, 32)
        && is_hex(parent, 16)
        && is_hex(flags, 2)
        && !is_zero(trace)
        && !is_zero(parent)
}

/// A request's id (`X-Request-Id`) as the records of its story carry it: a UUID as it is, any other text as one
/// derived from it.
#[must_use]
pub fn correlation(request_id: &str) -> Uuid {
    /// Namespace of request ids that are no UUIDs.
    const REQUESTS: Uuid = Uuid::from_u128(0x9b1d_2a37_5c40_4f0e_8a6d_1e35_c7f2_0b94);
    Uuid::parse_str(request_id).unwrap_or_else(|_| Uuid::new_v5(&REQUESTS, request_id.as_bytes()))
}

#[cfg(test)]
mod tests;
