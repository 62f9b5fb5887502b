//! What an import sends: whole products by handle, and opening stock.

use axum::extract::State;
use domain::stream::Location;
use domain::value::Sku;

use crate::http::answer::{Answer, Answered};
use crate::http::body::Body;
use crate::http::import::{ImportedProduct, InvalidField, OpeningStock, product_commands, product_id, stock_command};
use crate::http::intent::{Admin, Place};
use crate::http::problem::Problem;
use crate::http::state::HttpState;
use crate::http::view::{ProductView, StockView};

/// `PUT /v1/imports/products/{handle}`
pub(crate) async fn put_product(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((handle,)): Place<(String,)>,
    body: Body<ImportedProduct>,
) -> Answered {
    let commands = product_commands(&handle, &body.fields, &shop.default_locale()).map_err(refused)?;
    let outcome = shop.run(&intent, &body, commands).await?;
    Answer::of(&intent, &outcome, &ProductView::of(product_id(&handle), &outcome))
}

/// `PUT /v1/imports/stock/{sku}`
pub(crate) async fn put_stock(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((sku,)): Place<(Sku,)>,
    body: Body<OpeningStock>,
) -> Answered {
    shop.expect_sku(&sku, &intent.after).await?;
    let command = stock_command(sku.clone(), body.fields);
    let outcome = shop.run(&intent, &body, vec![command]).await?;
    let location = Location::default();
    let view = StockView::of(&sku, &location, outcome.state.as_deref(), outcome.version);
    Answer::of(&intent, &outcome, &view)
}

fn refused(invalid: InvalidField) -> Problem {
    Problem::value("import.value_invalid", invalid.field.clone(), invalid.to_string())
}
