//! GraphQL over HTTP: `POST /graphql` with JSON, `GET /graphql?query=…`.
//!
//! What is wrong with the request itself is answered with problem+json and a 4xx; what is wrong with the query in
//! it is a GraphQL error with a code in its `extensions`.

mod answer;
mod body;
mod events;
mod ledger;
mod page;
pub(crate) mod problem;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use access::{CART_SECRET_HEADER, Credentials, RequestId};
use async_graphql::parser::types::OperationType;
use async_graphql::{Request as GraphqlRequest, Response as GraphqlResponse};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use domain::ConsistencyToken;
use domain::value::Timestamp;

use self::answer::{Answer, MediaType};
use self::problem::Problem;
pub(crate) use self::{body::Asked, events::cursor_behind};
use crate::audience::{Audience, Wishes};
use crate::consistency::Consistency;
use crate::document::{DocumentError, ParsedDocument, Source};
use crate::error::request_error;
use crate::kept::{KeptAnswer, Question};
use crate::limits::{BODY_MS_MAX, HEADER_BYTES_MAX, QUERY_MS_MAX};
use crate::scope::Scope;
use crate::sockets;
use crate::state::QueryState;

/// The header that says what an answer must hold.
pub const TOKEN_HEADER: &str = "consistency-token";

/// The read side of the HTTP interface.
pub fn router(state: QueryState) -> Router {
    let endpoint = get(answer_get).post(answer_post).fallback(refuse_method);
    Router::new()
        .route("/graphql", endpoint)
        .route("/v1/events", get(events::show).fallback(refuse_to_write))
        .route("/v1/stock/{sku}/ledger", get(ledger::show).fallback(refuse_to_write))
        .layer(from_fn(name_request))
        .with_state(state)
        .merge(page::parts())
}

/// Gives the request its name, for what is said of it and for the answer.
async fn name_request(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    id.name(request.headers_mut());
    let mut response = next.run(request).await;
    id.name(response.headers_mut());
    response
}

async fn answer_post(State(state): State<QueryState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let answered = async {
        let asked = body::read(&parts.headers, body, Duration::from_millis(BODY_MS_MAX)).await?;
        answer(&state, &parts.headers, asked).await
    };
    finish(answered.await, &parts.headers)
}

async fn answer_get(
    State(state): State<QueryState>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if let Ok(upgrade) = upgrade {
        return match sockets::upgrade(&state, &headers, upgrade) {
            Ok(response) => response,
            Err(problem) => problem.into_response(&headers),
        };
    }
    if uri.query().is_none() && page::is_wanted(&headers) {
        return page::show();
    }
    let answered = async {
        let asked = body::read_uri(&uri)?;
        answer(&state, &headers, asked).await
    };
    finish(answered.await, &headers)
}

async fn refuse_method(headers: HeaderMap) -> Response {
    Problem::method("GET, HEAD, POST").into_response(&headers)
}

async fn refuse_to_write(headers: HeaderMap) -> Response {
    Problem::method("GET, HEAD").into_response(&headers)
}

fn finish(answered: Result<Answer, Problem>, headers: &HeaderMap) -> Response {
    match answered {
        Ok(answer) => answer.into_response(),
        Err(problem) => problem.into_response(headers),
    }
}

/// Answers one query.
async fn answer(state: &QueryState, headers: &HeaderMap, asked: Asked) -> Result<Answer, Problem> {
    let credentials = Credentials::from_headers(headers)?;
    let visitor = state.parts().gate.admit(credentials, now())?;
    let wishes = Wishes::from_headers(headers)?;
    let patience = state.parts().options.consistency_wait;
    let consistency = Arc::new(Consistency::new(token(headers)?, patience));
    let media_type = MediaType::wanted(headers);

    let parsed = document(state, &asked.source).and_then(|document| {
        let is_subscription = document.kind_of(asked.operation_name.as_deref()) == Some(OperationType::Subscription);
        if is_subscription {
            Err(DocumentError::NotAQuery)
        } else {
            Ok(document)
        }
    });
    let document = match parsed {
        Ok(document) => document,
        Err(error) => {
            let refused = request_error(error.code(), error.to_string());
            return Ok(Answer::refused(vec![refused], &consistency, media_type));
        }
    };
    let shop = state.shop(&consistency).await?;
    let audience = Audience::choose(&wishes, &shop.settings)?;
    let has_credentials = has_credentials(headers);
    let question = Question {
        document: document.number,
        operation_name: asked.operation_name.clone(),
        variables: serde_json::to_vec(&asked.variables).unwrap_or_default(),
        audience: audience.clone(),
    };
    if let Some(kept) = find_kept(state, &question, has_credentials, &consistency) {
        consistency.see_again(&kept.sightings);
        return Ok(Answer::whole(kept.data.clone(), &consistency, media_type));
    }

    let scope = Arc::new(Scope::new(
        state.clone(),
        visitor,
        audience,
        shop,
        Arc::clone(&consistency),
    ));
    let mut request = GraphqlRequest::new(String::new())
        .variables(asked.variables)
        .data(Arc::clone(&scope));
    request.operation_name = asked.operation_name;
    request.set_parsed_query(document.document.clone());
    let response = run(state, request).await;

    if !response.errors.is_empty() {
        return Ok(Answer::with_errors(response, &consistency, media_type));
    }
    let data = answer::data(&response);
    if let Some(sightings) = consistency.all_seen() {
        let answer = KeptAnswer {
            data: data.clone(),
            sightings,
            is_personal: scope.is_personal(),
        };
        state.answers().keep(question, has_credentials, answer);
    }
    Ok(Answer::whole(data, &consistency, media_type))
}

/// The document, parsed and within its limits.
pub(crate) fn document(state: &QueryState, source: &Source) -> Result<Arc<ParsedDocument>, DocumentError> {
    let parsed = state.documents().of(source)?;
    if parsed.introspects && !state.parts().options.introspection {
        return Err(DocumentError::IntrospectionOff);
    }
    Ok(parsed)
}

fn has_credentials(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || headers.contains_key(CART_SECRET_HEADER)
}

fn find_kept(
    state: &QueryState,
    question: &Question,
    has_credentials: bool,
    consistency: &Consistency,
) -> Option<Arc<KeptAnswer>> {
    let (parts, token) = (state.parts(), consistency.token());
    let progress = parts.store.progress();
    let generations = &parts.generations;
    state
        .answers()
        .find(question, has_credentials, token, generations, progress)
}

async fn run(state: &QueryState, request: GraphqlRequest) -> GraphqlResponse {
    let execution = Box::pin(state.schema().execute(request));
    let Ok(response) = tokio::time::timeout(Duration::from_millis(QUERY_MS_MAX), execution).await else {
        let message = format!("the query took longer than {QUERY_MS_MAX} ms");
        return GraphqlResponse::from_errors(vec![request_error("query.timeout", message)]);
    };
    response
}

/// What the answer must hold; several headers are one set.
pub(crate) fn token(headers: &HeaderMap) -> Result<ConsistencyToken, Problem> {
    let mut token = ConsistencyToken::default();
    for value in headers.get_all(TOKEN_HEADER) {
        if value.len() > HEADER_BYTES_MAX {
            return Err(Problem::token());
        }
        let text = value.to_str().map_err(|_| Problem::token())?;
        token.merge(&text.parse().map_err(|_| Problem::token())?);
    }
    Ok(token)
}

pub(crate) fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
