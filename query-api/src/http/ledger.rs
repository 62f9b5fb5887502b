//! `GET /v1/stock/{sku}/ledger`: what happened to the pieces of a SKU at a location, a page at a time.

use access::{Credentials, Principal};
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::stream::Location;
use domain::value::Sku;
use serde::{Deserialize, Serialize};

use super::now;
use super::problem::Problem;
use crate::limits::{LEDGER_PAGE_DEFAULT, LEDGER_PAGE_MAX};
use crate::schema::StockLedgerLine;
use crate::state::QueryState;

/// What is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    location: Option<String>,
    after: Option<u64>,
    limit: Option<usize>,
}

/// A page of a ledger, under the names that GraphQL gives its fields.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ledger<'a> {
    #[serde(rename = "__typename")]
    typename: &'static str,
    sku: &'a str,
    location: &'a str,
    lines: Vec<StockLedgerLine>,
    /// What `after` takes for the next page; null when this is the last.
    next_after: Option<u64>,
}

pub(super) async fn show(
    State(state): State<QueryState>,
    headers: HeaderMap,
    sku: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let answered = async {
        let visitor = state.parts().gate.admit(Credentials::from_headers(&headers)?, now())?;
        if !matches!(visitor.identity(), Principal::Admin { .. }) {
            return Err(Problem::not_admitted(&visitor));
        }
        let Path(sku) = sku.map_err(|_| Problem::no_such_stock())?;
        let Query(asked) = asked.map_err(|error| Problem::malformed(&error.body_text()))?;
        page(&state, &sku, &asked).await
    };
    answered.await.unwrap_or_else(|problem| problem.into_response(&headers))
}

async fn page(state: &QueryState, sku: &str, asked: &Asked) -> Result<Response, Problem> {
    let limit = asked.limit.unwrap_or(LEDGER_PAGE_DEFAULT);
    if !(1..=LEDGER_PAGE_MAX).contains(&limit) {
        return Err(Problem::page_size(LEDGER_PAGE_MAX));
    }
    let sku: Sku = sku.parse().map_err(|_| Problem::no_such_stock())?;
    let location = asked.location.as_deref().map(str::parse).transpose();
    let location: Location = location.map_err(|_| Problem::location())?.unwrap_or_default();
    let after = asked.after.unwrap_or(0);
    // One more than asked for says whether there is another page.
    let history = state.parts().history.as_ref();
    let mut lines = history.ledger(sku.clone(), location.clone(), after, limit + 1).await?;
    let has_more = lines.len() > limit;
    lines.truncate(limit);
    let next_after = lines.last().map(|line| line.version).filter(|_| has_more);
    let ledger = Ledger {
        typename: "StockLedger",
        sku: sku.as_str(),
        location: location.as_str(),
        lines: lines.into_iter().map(StockLedgerLine::from).collect(),
        next_after,
    };
    let mut response = Json(ledger).into_response();
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    Ok(response)
}
