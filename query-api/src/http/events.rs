//! `GET /v1/events`: what has happened, as `CloudEvents`, a page at a time or as it happens.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use access::{Credentials, Visitor};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event as SentEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::stream::Topic;
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use strum::IntoEnumIterator;

use super::now;
use super::problem::Problem;
use crate::limits::{
    EVENTS_ALIVE_MS, EVENTS_LAST_MAX, EVENTS_PAGE_BYTES, EVENTS_PAGE_DEFAULT, EVENTS_PAGE_MAX, EVENTS_PAGE_MS_MAX,
};
use crate::live::{Beginning, CloudEvent, Detail, Feed, FeedEnd, Given, Interest, LiveCursor, Reach, public_events};
use crate::roll;
use crate::sockets::Seat;
use crate::state::QueryState;

/// The header that names the cursor behind a page.
const NEXT_CURSOR_HEADER: HeaderName = HeaderName::from_static("next-cursor");
/// With which a browser says where its stream of events broke off.
const LAST_EVENT_ID_HEADER: &str = "last-event-id";
/// Of a batch of events.
const BATCH_TYPE: HeaderValue = HeaderValue::from_static("application/cloudevents-batch+json");
/// What `after` may be instead of a cursor.
const START: &str = "start";
/// What `after` may be instead of a cursor.
const NOW: &str = "now";

/// What is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    after: Option<String>,
    topics: Option<String>,
    limit: Option<usize>,
    last: Option<usize>,
}

pub(super) async fn show(
    State(state): State<QueryState>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let answered = async {
        let visitor = state.parts().gate.admit(Credentials::from_headers(&headers)?, now())?;
        let detail =
            roll::detail(&visitor, roll::is_public(&state, &headers)).ok_or_else(|| Problem::not_admitted(&visitor))?;
        let Query(asked) = asked.map_err(|error| Problem::malformed(&error.body_text()))?;
        if wants_stream(&headers) {
            return stream_events(&state, &headers, &visitor, detail, &asked).await;
        }
        page(&state, detail, &asked).await
    };
    answered.await.unwrap_or_else(|problem| problem.into_response(&headers))
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/event-stream"))
}

/// The topics that are asked for; all of them when none is named.
fn topics(asked: &Asked) -> Result<BTreeSet<Topic>, Problem> {
    let Some(names) = asked.topics.as_deref().filter(|names| !names.is_empty()) else {
        return Ok(Topic::iter().collect());
    };
    let parsed = names.split(',').map(|name| name.trim().parse::<Topic>());
    parsed.collect::<Result<_, _>>().map_err(|_| Problem::topic())
}

/// Where to begin: where a browser broke off, else where the request says.
async fn beginning(
    state: &QueryState,
    asked: &Asked,
    broken_off: Option<&str>,
    otherwise: Beginning,
) -> Result<Beginning, Problem> {
    let last = match (asked.last, &asked.after) {
        (Some(last), None) if (1..=EVENTS_LAST_MAX).contains(&last) => Beginning::Last(last),
        (Some(_), _) => return Err(Problem::events_last()),
        (None, _) => otherwise,
    };
    match broken_off.or(asked.after.as_deref()) {
        None => Ok(last),
        Some(START) => Ok(Beginning::First),
        Some(NOW) => Ok(Beginning::Now),
        Some(text) => {
            let folds = state.hub().folds().await?;
            Ok(Beginning::After(LiveCursor::decode(text, &folds)?))
        }
    }
}

async fn page(state: &QueryState, detail: Detail, asked: &Asked) -> Result<Response, Problem> {
    let limit = asked.limit.unwrap_or(EVENTS_PAGE_DEFAULT);
    if !(1..=EVENTS_PAGE_MAX).contains(&limit) {
        return Err(Problem::page_size(EVENTS_PAGE_MAX));
    }
    let beginning = beginning(state, asked, None, Beginning::First).await?;
    let mut feed = Feed::open_page(state.hub(), Interest::Topics(topics(asked)?), &beginning).await?;
    let deadline = Instant::now() + Duration::from_millis(EVENTS_PAGE_MS_MAX);
    let mut events: Vec<CloudEvent> = Vec::new();
    let mut bytes = 0;
    let mut cursor = None;
    while events.len() < limit && bytes < EVENTS_PAGE_BYTES {
        let Ok(given) = tokio::time::timeout_at(deadline.into(), feed.next()).await else {
            break;
        };
        let Some(given) = given.map_err(|_| Problem::live_unavailable())? else {
            break;
        };
        bytes += given.commit.record.payload.len();
        let left = limit - events.len();
        let (mut of_commit, after) = cloud_events(&feed, &given, detail, left);
        events.append(&mut of_commit);
        cursor = Some(after);
    }
    let next = cursor.unwrap_or_else(|| state.hub().encode(&feed.cursor()));
    let mut response = Json(events).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, BATCH_TYPE);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(next) = HeaderValue::from_str(&next) {
        headers.insert(NEXT_CURSOR_HEADER, next);
    }
    Ok(response)
}

/// At most `limit` events of a commit that were not had before, each with the cursor behind it; and the last cursor.
fn cloud_events(feed: &Feed, given: &Given, detail: Detail, limit: usize) -> (Vec<CloudEvent>, String) {
    let events = public_events(&given.commit);
    let had = given.had as usize;
    let mut shown = Vec::new();
    let mut behind = feed.hub().encode(&feed.cursor());
    for (index, event) in events.iter().enumerate().skip(had).take(limit) {
        behind = cursor_behind(feed, index, events.len());
        shown.push(event.cloud_event(detail, Some(behind.clone())));
    }
    (shown, behind)
}

/// The cursor behind the event at `index` of the `count` events of the commit that was given last.
pub(crate) fn cursor_behind(feed: &Feed, index: usize, count: usize) -> String {
    let cursor = match u32::try_from(index + 1) {
        Ok(given) if index + 1 < count => feed.cursor_within(given),
        _ => feed.cursor(),
    };
    feed.hub().encode(&cursor)
}

async fn stream_events(
    state: &QueryState,
    headers: &HeaderMap,
    visitor: &Visitor,
    detail: Detail,
    asked: &Asked,
) -> Result<Response, Problem> {
    let seat = state.sockets().seat().ok_or_else(Problem::too_many_sockets)?;
    let last = headers.get(LAST_EVENT_ID_HEADER).and_then(|value| value.to_str().ok());
    // A browser repeats the address of the first request, and says by the header where it broke off.
    let broken_off = last.filter(|last| !last.is_empty());
    let beginning = beginning(state, asked, broken_off, Beginning::Now).await?;
    let feed = Feed::open(state.hub(), Interest::Topics(topics(asked)?), &beginning, Reach::Whole).await?;
    let opening = SentEvent::default().id(feed.hub().encode(&feed.cursor()));
    let events = sent_events(feed, detail, seat, visitor.time_left(now()));
    let events = stream::once(async { opening }).chain(events).map(Ok::<_, Infallible>);
    let alive = KeepAlive::new().interval(Duration::from_millis(EVENTS_ALIVE_MS));
    let mut response = Sse::new(events).keep_alive(alive).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that collect answers must not collect this one.
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}

/// Why a stream of events ends, as its last event says it.
fn end_code(end: FeedEnd) -> &'static str {
    match end {
        FeedEnd::Closed => "subscription.closing",
        FeedEnd::TooSlow => "subscription.too_slow",
    }
}

/// The events of a feed as they come, until it ends, the shop stops or the token does.
fn sent_events(
    feed: Feed,
    detail: Detail,
    seat: Seat,
    time_left: Option<Duration>,
) -> impl Stream<Item = SentEvent> + Send {
    let deadline = time_left.map(|left| tokio::time::Instant::now() + left);
    let batches = stream::unfold(Some((feed, seat)), move |open| async move {
        let (mut feed, seat) = open?;
        let expiry = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        let next = tokio::select! {
            next = feed.next() => next,
            () = seat.closing() => Err(FeedEnd::Closed),
            () = expiry => return Some((vec![ending("access.expired")], None)),
        };
        match next {
            Ok(Some(given)) => {
                let (events, _) = cloud_events(&feed, &given, detail, usize::MAX);
                let sent = events.iter().filter_map(sent_event).collect();
                Some((sent, Some((feed, seat))))
            }
            Ok(None) => None,
            Err(end) => Some((vec![ending(end_code(end))], None)),
        }
    });
    batches.flat_map(stream::iter)
}

fn sent_event(event: &CloudEvent) -> Option<SentEvent> {
    let id = event.cursor().unwrap_or_default();
    SentEvent::default()
        .id(id)
        .json_data(event)
        .inspect_err(|error| tracing::error!(%error, "an event cannot be written"))
        .ok()
}

fn ending(code: &'static str) -> SentEvent {
    SentEvent::default()
        .event("end")
        .data(format!(r#"{{"code":"{code}"}}"#))
}
