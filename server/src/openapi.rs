//! `/openapi.json`: the document of the commands, and what the server itself answers beside them.

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::routing::{MethodRouter, get};
use domain::stream::Topic;
use query_api::limits::{EVENTS_LAST_MAX, EVENTS_PAGE_MAX, LEDGER_PAGE_MAX};
use serde_json::{Value, json};
use strum::IntoEnumIterator;

/// Serves the document.
pub(crate) fn router() -> Router {
    Router::new().route("/openapi.json", given(&document()))
}

/// Gives a document that is made once.
pub(crate) fn given(document: &Value) -> MethodRouter {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let text: Bytes = document.to_string().into();
    get(async move || (headers, text))
}

pub(crate) fn document() -> Value {
    let mut document = command_api::http::openapi::document();
    for (path, entry) in own_paths() {
        document["paths"][path] = entry;
    }
    let tags = document["tags"].as_array_mut();
    if let Some(tags) = tags {
        tags.push(json!({ "name": "Queries", "description": "GraphQL." }));
        tags.push(json!({ "name": "Operation", "description": "Whether it runs, and how." }));
    }
    document
}

/// What is answered beside commands.
fn own_paths() -> [(&'static str, Value); 8] {
    [
        ("/graphql", json!({ "get": graphql_get(), "post": graphql_post() })),
        ("/v1/events", json!({ "get": events() })),
        ("/v1/stock/{sku}/ledger", json!({ "get": ledger() })),
        (
            "/healthz",
            json!({ "get": health("isAlive", "The process lives", &[("200", "It does.")]) }),
        ),
        (
            "/readyz",
            json!({ "get": health(
                "isReady",
                "What is in the log is served, part by part",
                &[("200", "It is."), ("503", "Not yet, or not all of it.")],
            ) }),
        ),
        ("/metrics", json!({ "get": metrics() })),
        ("/openapi.json", json!({ "get": made("openapi", "This document") })),
        (
            "/docs/postman.json",
            json!({ "get": made("postmanCollection", "A collection for Postman that runs a purchase in order") }),
        ),
    ]
}

/// A document that the program makes of itself.
fn made(id: &str, summary: &str) -> Value {
    json!({
        "tags": ["Operation"], "operationId": id, "summary": summary, "security": [{}],
        "responses": { "200": { "description": "It.", "content": { "application/json": {} } } },
    })
}

fn graphql_answers() -> Value {
    let answer = json!({
        "type": "object",
        "properties": {
            "data": { "type": ["object", "null"] },
            "errors": { "type": "array", "items": { "type": "object", "required": ["message"] } },
            "extensions": { "type": "object", "description": "`consistency`: the token of what was seen." },
        },
    });
    let both = json!({
        "application/json": { "schema": answer },
        "application/graphql-response+json": { "schema": answer },
    });
    let problem = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
    json!({
        "200": { "description": "Data, or what is wrong with the query.", "content": both },
        "400": { "description": "The request, or with `application/graphql-response+json` the query, is wrong.",
                 "content": { "application/problem+json": problem["application/problem+json"],
                              "application/graphql-response+json": { "schema": answer } } },
        "401": { "description": "The credentials are not good.", "content": problem },
        "408": { "description": "The body came too slowly.", "content": problem },
        "413": { "description": "The body is too large.", "content": problem },
        "415": { "description": "The body is not JSON.", "content": problem },
        "503": { "description": "Not now.", "content": problem },
    })
}

fn graphql_post() -> Value {
    let body = json!({
        "type": "object",
        "anyOf": [
            { "required": ["query"] },
            { "required": ["extensions"],
              "properties": { "extensions": { "type": "object", "required": ["persistedQuery"],
                                              "properties": { "persistedQuery": { "type": "object" } } } } },
        ],
        "properties": {
            "query": { "type": "string", "pattern": r"\S", "description": "Not needed where a persisted query is named by its hash." },
            "extensions": { "type": ["object", "null"], "properties": { "persistedQuery": {
                "type": ["object", "null"], "required": ["version", "sha256Hash"], "properties": {
                    "version": { "const": 1 }, "sha256Hash": { "type": "string", "pattern": "^[0-9A-Fa-f]{64}$" },
                },
            } } },
            "operationName": { "type": ["string", "null"] },
            "variables": { "type": ["object", "null"] },
        },
    });
    json!({
        "tags": ["Queries"], "operationId": "ask", "summary": "Ask in GraphQL",
        "security": [{}, { "cartSecret": [] }, { "bearer": [] }],
        "parameters": [{ "$ref": "#/components/parameters/Consistency-Token" }],
        "requestBody": { "required": true, "content": { "application/json": {
            "schema": body, "example": { "query": "{ products(first: 3) { nodes { title slug } } }" },
        } } },
        "responses": graphql_answers(),
    })
}

fn graphql_get() -> Value {
    let mut responses = graphql_answers();
    responses["200"]["content"]["text/html"] = json!({});
    json!({
        "tags": ["Queries"], "operationId": "askByAddress", "summary": "Ask in GraphQL, or open the editor",
        "security": [{}, { "cartSecret": [] }, { "bearer": [] }],
        "parameters": [
            { "name": "query", "in": "query", "required": true, "schema": { "type": "string", "pattern": r"\S" },
              "description": "Without it, and without anything else, a browser is shown the editor." },
            { "name": "operationName", "in": "query", "schema": { "type": "string" } },
            { "name": "variables", "in": "query", "content": { "application/json": { "schema": { "type": "object" } } } },
            { "$ref": "#/components/parameters/Consistency-Token" },
        ],
        "responses": responses,
    })
}

fn events() -> Value {
    let parameter = |name: &str, schema: Value, told: &str| json!({ "name": name, "in": "query", "required": false, "schema": schema, "description": told });
    let event = json!({
        "type": "object",
        "description": "A CloudEvent 1.0, without personal fields.",
        "required": ["specversion", "id", "source", "type", "subject", "time"],
        "properties": {
            "id": { "type": "string" }, "type": { "type": "string" }, "subject": { "type": "string" },
            "time": { "type": "string", "format": "date-time" }, "summary": { "type": "string" },
            "cursor": { "type": "string" },
        },
    });
    let problem = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
    let names: Vec<&str> = Topic::iter().map(Topic::name).collect();
    let name = format!("({})", names.join("|"));
    let topics = format!("^({name}(,{name})*)?$");
    json!({
        "tags": ["Operation"], "operationId": "events", "summary": "What has happened, a page at a time or as it happens",
        "security": [{}, { "bearer": [] }],
        "parameters": [
            parameter("after", json!({ "type": "string" }), "A cursor, `start`, or `now`."),
            parameter("topics", json!({ "type": "string", "pattern": topics }), "Names of topics, with commas between them; all without."),
            parameter("limit", json!({ "type": "integer", "minimum": 1, "maximum": EVENTS_PAGE_MAX }), "Events on a page."),
            parameter(
                "last",
                json!({ "type": "integer", "minimum": 1, "maximum": EVENTS_LAST_MAX }),
                "Instead of `after`: begins with so many of the last events, in the order of their time.",
            ),
        ],
        "responses": {
            "200": {
                "description": "A page, with the cursor behind it in `Next-Cursor`; or a stream, when that is accepted.",
                "content": {
                    "application/cloudevents-batch+json": { "schema": { "type": "array", "items": event } },
                    "text/event-stream": {},
                },
            },
            "400": { "description": "The request, a topic or the cursor is wrong.", "content": problem },
            "401": { "description": "The credentials are not good, or there are none.", "content": problem },
            "403": { "description": "This is for those who run the shop.", "content": problem },
            "410": { "description": "What the cursor names is not there any more, or too far back.", "content": problem },
            "503": { "description": "Not now.", "content": problem },
        },
    })
}

fn ledger() -> Value {
    let parameter = |name: &str, schema: Value, told: &str| json!({ "name": name, "in": "query", "required": false, "schema": schema, "description": told });
    let whole = json!({ "type": "integer" });
    let line = json!({
        "type": "object",
        "required": ["version", "at", "event", "actor", "reason", "onHandChange", "onHandAfter", "reservedAfter",
                     "allocatedAfter"],
        "properties": {
            "version": whole, "at": { "type": "string", "format": "date-time" }, "event": { "type": "string" },
            "actor": { "type": "string" }, "reason": { "type": ["string", "null"] }, "onHandChange": whole,
            "onHandAfter": whole, "reservedAfter": whole, "allocatedAfter": whole,
        },
        "additionalProperties": false,
    });
    let ledger = json!({
        "type": "object",
        "required": ["__typename", "sku", "location", "lines", "nextAfter"],
        "properties": {
            "__typename": { "const": "StockLedger" }, "sku": { "type": "string" }, "location": { "type": "string" },
            "lines": { "type": "array", "items": line },
            "nextAfter": { "type": ["integer", "null"], "description": "What `after` takes for the next page." },
        },
        "additionalProperties": false,
    });
    let problem = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
    json!({
        "tags": ["Stock"], "operationId": "stockLedger",
        "summary": "What happened to the pieces of a SKU: the changes of all lines are what lies on the shelf",
        "security": [{ "bearer": [] }],
        "parameters": [
            { "$ref": "#/components/parameters/path-sku" },
            parameter("location", json!({ "$ref": "#/components/schemas/Location" }), "`main` unless told."),
            parameter("after", json!({ "type": "integer", "minimum": 0, "maximum": u64::MAX }), "Only lines after this version."),
            parameter("limit", json!({ "type": "integer", "minimum": 1, "maximum": LEDGER_PAGE_MAX }), "Lines on a page."),
        ],
        "responses": {
            "200": { "description": "A page, the oldest lines first.", "content": { "application/json": { "schema": ledger } } },
            "400": { "description": "A parameter is wrong.", "content": problem },
            "401": { "description": "The credentials are not good, or there are none.", "content": problem },
            "403": { "description": "This is for those who run the shop.", "content": problem },
            "404": { "description": "There can be no such SKU.", "content": problem },
            "503": { "description": "Not now.", "content": problem },
        },
    })
}

fn health(id: &str, summary: &str, answers: &[(&str, &str)]) -> Value {
    let schema = json!({ "type": "object", "required": ["status"], "properties": { "status": { "type": "string" } } });
    let content = json!({ "application/json": { "schema": schema } });
    let answers = answers.iter();
    let responses = answers.map(|(status, told)| {
        let response = json!({ "description": told, "content": content });
        ((*status).to_owned(), response)
    });
    json!({
        "tags": ["Operation"], "operationId": id, "summary": summary, "security": [{}],
        "responses": Value::Object(responses.collect()),
    })
}

fn metrics() -> Value {
    json!({
        "tags": ["Operation"], "operationId": "metrics", "summary": "What a Prometheus reads", "security": [{}],
        "responses": { "200": { "description": "OpenMetrics.", "content": { "application/openmetrics-text": {} } } },
    })
}

#[cfg(test)]
mod tests;
