//! What all entries of the document share: headers, refusals, the ways to say who one is.

use access::REQUEST_ID_CHARS_MAX;
use domain::stream::Topic;
use serde_json::{Map, Value, json};
use strum::IntoEnumIterator;

use super::form;
use super::operation::reference;
use crate::http::limits::{
    BODY_BYTES_MAX, BODY_DEPTH_MAX, BODY_SECONDS_MAX, BODY_VALUES_MAX, CHECKOUT_WAIT_MAX, KEY_CHARS_MAX,
    TOKEN_BYTES_MAX,
};

/// What somebody should know before they read on.
pub(super) const DESCRIPTION: &str = "\
Every command may carry an `Idempotency-Key`: under it, it happens once, and every repeat within 24 hours gets the \
same answer. Every answer carries a `Consistency-Token`: a later request or query that sends it back sees what the \
command wrote. `If-Match` makes a command conditional on the version that an `ETag` gave.\n\n\
What was not done is told as `application/problem+json` with a stable `code`. Queries are GraphQL's, at `/graphql`.";

/// Refusals by status: what it means, and the codes that any route may say with it.
const REFUSALS: [(u16, &str, &[&str]); 12] = [
    (
        400,
        "The request cannot be read.",
        &[
            "body.incomplete",
            "body.malformed",
            "body.missing_field",
            "body.repeated_field",
            "body.unknown_field",
            "body.wrong_type",
            "if_match.malformed",
            "key.malformed",
            "key.not_a_uuid",
            "prefer.malformed",
            "token.malformed",
        ],
    ),
    (
        401,
        "Who asks is not known.",
        &[
            "access.required",
            "access.malformed",
            "access.cart_secret_malformed",
            "access.invalid",
            "access.expired",
            "access.not_yet",
        ],
    ),
    (403, "Who asks may not.", &["access.denied"]),
    (
        404,
        "There is no such thing, or none for this caller.",
        &["path.absent"],
    ),
    (408, "The body came too slowly.", &["body.too_slow"]),
    (409, "The present state says no.", &["key.still_running"]),
    (412, "The version is another one.", &["version.mismatch"]),
    (
        413,
        "The body, or what it would write, is too large.",
        &["body.too_large", "request.too_large"],
    ),
    (415, "The body is not JSON.", &["body.not_json"]),
    (
        422,
        "A value is not acceptable, or the key was used for something else.",
        &[
            "body.invalid_value",
            "currency.unknown",
            "key.expired",
            "key.reused",
            "location.invalid",
            "sku.invalid",
            "slug.invalid",
        ],
    ),
    (500, "The fault is ours.", &["internal"]),
    (
        503,
        "Not now; `outcome` says whether anything was executed. Ask again with the same key.",
        &[
            "deadline.passed",
            "outcome.not_executed",
            "outcome.unknown",
            "personal.unavailable",
            "shard.busy",
            "shard.halted",
            "shard.moving",
            "stream.parked",
            "token.behind",
        ],
    ),
];

pub(super) fn responses() -> Value {
    let responses = REFUSALS.iter().map(|(status, meaning, codes)| {
        let shown: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
        let mut headers = json!({ "X-Request-Id": reference("headers", "X-Request-Id") });
        if *status == 503 {
            headers["Retry-After"] = reference("headers", "Retry-After");
        }
        let response = json!({
            "description": format!("{meaning} Codes of any route: {}.", shown.join(", ")),
            "headers": headers,
            "content": { "application/problem+json": { "schema": reference("schemas", "Problem") } },
            "x-codes": codes,
        });
        (status.to_string(), response)
    });
    Value::Object(responses.collect())
}

/// RFC 9457, with our own members.
pub(super) fn problem() -> Value {
    json!({
        "type": "object",
        "description": "Why something was not done (RFC 9457). Some codes add facts, for example `available`.",
        "required": ["type", "title", "status", "code", "detail", "request_id"],
        "properties": {
            "type": { "type": "string", "description": "`urn:tillroll:` and the code." },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "code": { "type": "string", "pattern": r"^[a-z_]+(\.[a-z_]+)?$", "description": "Stable." },
            "detail": { "type": "string", "description": "One sentence for people." },
            "request_id": { "type": "string", "description": "What the request is called in logs." },
            "field": { "type": "string", "description": "Of the body, path or headers: `lines[0].quantity`." },
            "outcome": { "enum": ["unknown", "not executed"] },
        },
        "examples": [{
            "type": "urn:tillroll:stock.insufficient", "title": "Conflict", "status": 409, "code": "stock.insufficient",
            "detail": "not that many pieces are left", "request_id": "01990a3e-2f51-7cc1-9d6d-53c1b1a1d7a5",
            "sku": "NB-SQUARED", "available": 1
        }],
    })
}

pub(super) fn security() -> Value {
    json!({
        "bearer": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "An access token: `tillroll token --role admin` prints one.",
        },
        "cartSecret": {
            "type": "apiKey", "in": "header", "name": "Cart-Secret",
            "description": "What the answer to opening a cart as a guest says once; for the cart and its order.",
        },
    })
}

pub(super) fn headers() -> Value {
    let text = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    json!({
        "Consistency-Token": text("Send it along, and nothing older than this answer is shown."),
        "ETag": text("The version after it, in quotes: `\"7\"`."),
        "Idempotent-Replayed": text("`true`: the answer is that of the first request under this key."),
        "Location": text("Where it is."),
        "Retry-After": text("Seconds."),
        "X-Request-Id": text("What this request is called in logs: the caller's name for it, or ours."),
    })
}

/// Headers of requests, and the parts of paths.
pub(super) fn parameters<'a>(parts: impl Iterator<Item = &'a str>) -> Value {
    let mut parameters = Map::new();
    for part in parts {
        let schema = match part {
            "sku" => form::schema::<form::Sku>(),
            "handle" => json!({ "type": "string", "minLength": 1 }),
            _ => json!({ "type": "string", "format": "uuid" }),
        };
        let parameter = json!({ "name": part, "in": "path", "required": true, "schema": schema });
        parameters.insert(format!("path-{part}"), parameter);
    }
    let mut header = |name: &str, schema: Value, description: String| {
        let parameter = json!({ "name": name, "in": "header", "schema": schema, "description": description });
        parameters.insert(name.to_owned(), parameter);
    };
    header(
        "Idempotency-Key",
        json!({ "type": "string", "minLength": 1, "maxLength": KEY_CHARS_MAX, "pattern": "^[!-~]+$" }),
        "The caller's name for what is wanted; a UUID for callers without credentials.".to_owned(),
    );
    header(
        "If-Match",
        json!({ "type": "string", "minLength": 3, "pattern": "^\"[0-9]{1,19}\"$" }),
        "Only at this version, as an `ETag` gave it.".to_owned(),
    );
    header(
        "Consistency-Token",
        json!({ "type": "string", "maxLength": TOKEN_BYTES_MAX, "pattern": token_pattern() }),
        "Decide only after what this token, from an earlier answer, stands for has been seen.".to_owned(),
    );
    let wait_seconds_max = CHECKOUT_WAIT_MAX.as_secs();
    header(
        "Prefer",
        json!({ "type": "string" }),
        format!("`wait=N`: seconds to wait for the outcome, at most {wait_seconds_max}; then 202."),
    );
    header(
        "Accept-Language",
        json!({ "type": "string" }),
        "The language of texts.".to_owned(),
    );
    header(
        "X-Request-Id",
        json!({ "type": "string" }),
        format!(
            "What the caller calls this request: 1 to {REQUEST_ID_CHARS_MAX} letters, digits and `-_.:`. Any other \
             name is replaced by one of ours."
        ),
    );
    Value::Object(parameters)
}

/// `inventory.5:9,sales.3:17`, or nothing at all.
fn token_pattern() -> String {
    let topics: Vec<&str> = Topic::iter().map(Topic::name).collect();
    let place = format!("({})[.][0-9]{{1,9}}:[0-9]{{1,19}}", topics.join("|"));
    format!("^({place}(,{place})*)?$")
}

/// The limits of every body, in words.
pub(super) fn body_limits() -> String {
    format!(
        "Bodies have at most {BODY_BYTES_MAX} bytes, {BODY_DEPTH_MAX} levels and {BODY_VALUES_MAX} values, and come \
         within {BODY_SECONDS_MAX} seconds."
    )
}
