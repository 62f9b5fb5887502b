//! Stock.

use axum::extract::State;
use domain::Command;
use domain::inventory::item::Command as StockCommand;
use domain::stream::{Location, StreamId};
use domain::value::{REASON_CHARS_MAX, STOCK_QUANTITY_MAX, Sku};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::http::answer::{Answer, Answered};
use crate::http::body::Body;
use crate::http::fields;
use crate::http::intent::{Admin, Intent, Place};
use crate::http::openapi::form;
use crate::http::problem::Problem;
use crate::http::state::HttpState;
use crate::http::view::StockView;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReceiptBody {
    #[schemars(range(min = 1, max = STOCK_QUANTITY_MAX))]
    quantity: i64,
    #[schemars(with = "Option<form::Location>")]
    location: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdjustmentBody {
    /// Pieces more or, negative, fewer.
    #[schemars(range(min = -STOCK_QUANTITY_MAX, max = STOCK_QUANTITY_MAX))]
    delta: i64,
    /// The count the caller believes is on the shelf.
    expected: Option<i64>,
    /// Go below what is promised, and say so.
    #[serde(default)]
    force: bool,
    #[schemars(with = "form::Line<1, REASON_CHARS_MAX>")]
    reason: String,
    #[schemars(with = "Option<form::Location>")]
    location: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThresholdBody {
    /// `null`: the shop's default. To leave it out is to have forgotten it.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schemars(with = "form::Stated<i64>", range(min = 0, max = STOCK_QUANTITY_MAX))]
    threshold: Option<i64>,
    #[schemars(with = "Option<form::Location>")]
    location: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackorderBody {
    #[schemars(range(min = 0, max = STOCK_QUANTITY_MAX))]
    limit: i64,
    #[schemars(with = "Option<form::Location>")]
    location: Option<String>,
}

/// `GET /v1/stock/{sku}`
pub(crate) async fn look(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((sku,)): Place<(Sku,)>,
) -> Answered {
    shop.expect_sku(&sku, &intent.after).await?;
    let location = Location::default();
    let seen = shop.seen(&StreamId::StockItem(sku.clone(), location.clone())).await?;
    let view = StockView::of(&sku, &location, Some(&seen.state), seen.version);
    Answer::seen(&intent, &seen, &view)
}

/// `POST /v1/stock/{sku}/receipts`
pub(crate) async fn receive(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((sku,)): Place<(Sku,)>,
    body: Body<ReceiptBody>,
) -> Answered {
    let quantity = body.fields.quantity;
    let location = fields::location(body.fields.location.as_deref())?;
    change(
        &shop,
        &intent,
        (sku, location),
        &body,
        StockCommand::Receive { quantity },
    )
    .await
}

/// `POST /v1/stock/{sku}/adjustments`
pub(crate) async fn adjust(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((sku,)): Place<(Sku,)>,
    body: Body<AdjustmentBody>,
) -> Answered {
    let location = fields::location(body.fields.location.as_deref())?;
    let command = StockCommand::Adjust {
        delta: body.fields.delta,
        expected: body.fields.expected,
        force: body.fields.force,
        reason: body.fields.reason.clone(),
    };
    change(&shop, &intent, (sku, location), &body, command).await
}

/// `PUT /v1/stock/{sku}/threshold`
pub(crate) async fn set_threshold(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((sku,)): Place<(Sku,)>,
    body: Body<ThresholdBody>,
) -> Answered {
    let threshold = body.fields.threshold;
    let location = fields::location(body.fields.location.as_deref())?;
    change(
        &shop,
        &intent,
        (sku, location),
        &body,
        StockCommand::SetThreshold { threshold },
    )
    .await
}

/// `PUT /v1/stock/{sku}/backorder`
pub(crate) async fn allow_backorder(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((sku,)): Place<(Sku,)>,
    body: Body<BackorderBody>,
) -> Answered {
    let limit = body.fields.limit;
    let location = fields::location(body.fields.location.as_deref())?;
    change(
        &shop,
        &intent,
        (sku, location),
        &body,
        StockCommand::AllowBackorder { limit },
    )
    .await
}

/// One command to the stock of a SKU that a product has, and the stock after it.
async fn change<T>(
    shop: &HttpState,
    intent: &Intent,
    (sku, location): (Sku, Location),
    body: &Body<T>,
    command: StockCommand,
) -> Result<Answer, Problem> {
    shop.expect_sku(&sku, &intent.after).await?;
    let command = Command::StockItem(sku.clone(), location.clone(), command);
    let outcome = shop.run(intent, body, vec![command]).await?;
    let view = StockView::of(&sku, &location, outcome.state.as_deref(), outcome.version);
    Answer::of(intent, &outcome, &view)
}
