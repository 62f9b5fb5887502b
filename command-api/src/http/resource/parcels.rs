//! Fulfilments of orders: packed, shipped, delivered.

use axum::extract::State;
use domain::sales::order::{Command, LineQuantity};
use domain::value::{LineId, OrderId, TITLE_CHARS_MAX, URL_CHARS_MAX, derived};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::orders::{change, run, view};
use crate::http::answer::{Answer, Answered};
use crate::http::body::{Body, Nothing};
use crate::http::intent::{Admin, Place};
use crate::http::openapi::form;
use crate::http::state::HttpState;

/// Pieces of one line.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PiecesBody {
    #[schemars(with = "form::Id")]
    line: LineId,
    #[schemars(range(min = 1, max = u32::MAX))]
    quantity: u32,
}

/// What the domain calls them.
pub(crate) fn pieces(lines: &[PiecesBody]) -> Vec<LineQuantity> {
    let lines = lines.iter();
    lines
        .map(|pieces| LineQuantity {
            line: pieces.line,
            quantity: pieces.quantity,
        })
        .collect()
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct FulfilmentBody {
    #[schemars(length(min = 1))]
    lines: Vec<PiecesBody>,
    #[serde(default)]
    #[schemars(length(max = TITLE_CHARS_MAX))]
    carrier: String,
    #[serde(default)]
    #[schemars(length(max = TITLE_CHARS_MAX))]
    tracking_number: String,
    #[serde(default)]
    #[schemars(length(max = URL_CHARS_MAX), regex(pattern = "^($|https?://)"))]
    tracking_url: String,
}

/// `POST /v1/orders/{order}/fulfilments`
pub(crate) async fn pack(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((order,)): Place<(OrderId,)>,
    body: Body<FulfilmentBody>,
) -> Answered {
    let fulfilment = derived(intent.command_id.0, "fulfilment");
    let command = Command::Fulfil {
        fulfilment,
        lines: pieces(&body.fields.lines),
        carrier: body.fields.carrier.clone(),
        tracking_number: body.fields.tracking_number.clone(),
        tracking_url: body.fields.tracking_url.clone(),
    };
    let outcome = run(&shop, &intent, order, &body, command).await?;
    let shown = view(order, &outcome)?.with_fulfilment(fulfilment);
    Ok(Answer::of(&intent, &outcome, &shown)?.created(format!("/v1/orders/{order}/fulfilments/{fulfilment}")))
}

/// `POST /v1/orders/{order}/fulfilments/{fulfilment}/shipped`
pub(crate) async fn mark_shipped(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((order, fulfilment)): Place<(OrderId, Uuid)>,
    body: Body<Nothing>,
) -> Answered {
    change(&shop, &intent, order, &body, Command::MarkShipped { fulfilment }).await
}

/// `POST /v1/orders/{order}/fulfilments/{fulfilment}/delivered`
pub(crate) async fn mark_delivered(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((order, fulfilment)): Place<(OrderId, Uuid)>,
    body: Body<Nothing>,
) -> Answered {
    change(&shop, &intent, order, &body, Command::MarkDelivered { fulfilment }).await
}
