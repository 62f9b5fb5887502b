//! One subscription of a socket: from what is asked to the messages it is answered with.

use std::sync::Arc;

use async_graphql::parser::types::{OperationType, Selection};
use async_graphql::{Request as GraphqlRequest, Response as GraphqlResponse, ServerError};
use axum::extract::ws::Message;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};
use serde_json::Value;

use super::identity::Identity;
use super::protocol;
use crate::document::{DocumentError, ParsedDocument};
use crate::error::{self, request_error};
use crate::http::{Asked, document};
use crate::live::LiveScope;
use crate::state::QueryState;

/// What a subscription has to say.
pub(super) struct Said {
    pub(super) message: Message,
    /// Whether it says no more.
    pub(super) is_last: bool,
}

/// The messages of a subscription named `id`; the last one says that it has ended.
pub(super) fn run(state: &QueryState, identity: &Identity, id: String, payload: Value) -> BoxStream<'static, Said> {
    match begin(state, identity, payload) {
        Ok((live, responses)) => said(live, id, responses).boxed(),
        Err(error) => {
            let message = protocol::error(&id, &[error], None);
            stream::iter([Said { message, is_last: true }]).boxed()
        }
    }
}

type Responses = BoxStream<'static, GraphqlResponse>;

fn begin(
    state: &QueryState,
    identity: &Identity,
    mut payload: Value,
) -> Result<(Arc<LiveScope>, Responses), ServerError> {
    let mut token = identity.token.clone();
    if let Some(text) = payload["extensions"]["consistencyToken"].as_str() {
        let parsed = text.parse();
        token.merge(&parsed.map_err(|_| request_error("token.malformed", "the consistency token is none"))?);
    }
    if let Some(members) = payload.as_object_mut() {
        members.remove("extensions");
    }
    let asked = Asked::from_payload(payload).map_err(|problem| request_error(problem.code(), problem.detail()))?;
    let parsed = document(state, &asked.source).and_then(|document| {
        check(&document, asked.operation_name.as_deref())?;
        Ok(document)
    });
    let document = parsed.map_err(|error| request_error(error.code(), error.to_string()))?;
    let live = Arc::new(LiveScope::new(
        state.clone(),
        identity.visitor.clone(),
        identity.detail,
        identity.wishes.clone(),
        token,
    ));
    let mut request = GraphqlRequest::new(String::new())
        .variables(asked.variables)
        .data(Arc::clone(&live));
    request.operation_name = asked.operation_name;
    request.set_parsed_query(document.document.clone());
    Ok((live, state.schema().execute_stream(request)))
}

/// One field: what is said beside a message is said of one.
fn check(document: &ParsedDocument, operation_name: Option<&str>) -> Result<(), DocumentError> {
    let mut operations = document.document.operations.iter();
    let operation = operations
        .find(|(name, _)| operation_name.is_none() || name.map(async_graphql::Name::as_str) == operation_name);
    // That there is none of this name is the executor's to say.
    let Some((_, operation)) = operation else { return Ok(()) };
    if operation.node.ty != OperationType::Subscription {
        return Err(DocumentError::NotASubscription);
    }
    let selected = &operation.node.selection_set.node.items;
    match selected.as_slice() {
        [only] if matches!(only.node, Selection::Field(_)) => Ok(()),
        _ => Err(DocumentError::SubscriptionFields),
    }
}

fn said(live: Arc<LiveScope>, id: String, responses: Responses) -> impl Stream<Item = Said> + Send {
    let open = Some((live, id, responses));
    stream::unfold(open, |open| async move {
        let (live, id, mut responses) = open?;
        let Some(mut response) = responses.next().await else {
            let message = protocol::complete(&id);
            return Some((Said { message, is_last: true }, None));
        };
        if let Some(ending) = live.ending() {
            let error = request_error(ending.code, ending.message);
            let message = protocol::error(&id, &[error], live.cursor().as_deref());
            return Some((Said { message, is_last: true }, None));
        }
        error::finish(&mut response.errors);
        let cursor = live.cursor();
        // Without a cursor it has not begun: it was refused.
        if cursor.is_none() && !response.errors.is_empty() {
            let message = protocol::error(&id, &response.errors, None);
            return Some((Said { message, is_last: true }, None));
        }
        let message = protocol::next(&id, &response, cursor, live.report());
        Some((
            Said {
                message,
                is_last: false,
            },
            Some((live, id, responses)),
        ))
    })
}
