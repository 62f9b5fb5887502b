//! What goes back: returns and refunds.

use axum::extract::State;
use domain::sales::order::Command;
use domain::value::{OrderId, REASON_CHARS_MAX, derived};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::orders::{AmountBody, change, run, view};
use super::parcels::{PiecesBody, pieces};
use crate::http::answer::{Answer, Answered};
use crate::http::body::{Body, Nothing};
use crate::http::intent::{Admin, Holder, Place};
use crate::http::state::HttpState;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReturnBody {
    #[schemars(length(min = 1))]
    lines: Vec<PiecesBody>,
    #[serde(default)]
    #[schemars(length(max = REASON_CHARS_MAX))]
    reason: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReceiveBody {
    /// Whether the pieces go on the shelf again.
    restock: bool,
}

/// `POST /v1/orders/{order}/returns`
pub(crate) async fn request(State(shop): State<HttpState>, holder: Holder, body: Body<ReturnBody>) -> Answered {
    let order = holder.cart.order();
    let request = derived(holder.intent.command_id.0, "return");
    let command = Command::RequestReturn {
        request,
        lines: pieces(&body.fields.lines),
        reason: body.fields.reason.clone(),
    };
    let outcome = run(&shop, &holder.intent, order, &body, command).await?;
    let shown = view(order, &outcome)?.with_return(request);
    Ok(Answer::of(&holder.intent, &outcome, &shown)?.created(format!("/v1/orders/{order}/returns/{request}")))
}

/// `POST /v1/orders/{order}/returns/{return}/approve`
pub(crate) async fn approve(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((order, request)): Place<(OrderId, Uuid)>,
    body: Body<Nothing>,
) -> Answered {
    change(&shop, &intent, order, &body, Command::ApproveReturn { request }).await
}

/// `POST /v1/orders/{order}/returns/{return}/receive`
pub(crate) async fn receive(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((order, request)): Place<(OrderId, Uuid)>,
    body: Body<ReceiveBody>,
) -> Answered {
    let restock = body.fields.restock;
    change(
        &shop,
        &intent,
        order,
        &body,
        Command::ReceiveReturn { request, restock },
    )
    .await
}

/// `POST /v1/orders/{order}/refunds`
pub(crate) async fn record_refund(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((order,)): Place<(OrderId,)>,
    body: Body<AmountBody>,
) -> Answered {
    let amount = body.fields.amount.read("amount")?;
    change(&shop, &intent, order, &body, Command::RecordRefund { amount }).await
}
