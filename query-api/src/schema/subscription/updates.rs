//! From commits to messages.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use async_graphql::{Context, Error, Json, Result};
use domain::stream::StreamId;
use domain::value::Sku;
use domain::{ConsistencyToken, Event};
use futures::{Stream, stream};

use super::super::scalar::DateTime;
use super::messages::{Change, RollEvent};
use super::public_events;
use crate::consistency::Consistency;
use crate::error::QueryError;
use crate::http::cursor_behind;
use crate::live::{Detail, Ending, Feed, FeedEnd, Given, Interest, LiveScope};
use crate::scope::Scope;

/// A subscription that is about to begin.
pub(super) struct Opening {
    live: Arc<LiveScope>,
    feed: Feed,
    /// Whether its first message says how things are.
    begins_now: bool,
}

/// What a message is made from.
pub(super) struct Moment {
    pub(super) scope: Arc<Scope>,
    cursor: String,
    /// What has happened; nothing at the beginning.
    given: Option<Given>,
}

impl Opening {
    pub(super) async fn of(context: &Context<'_>, interest: Interest, after: Option<String>) -> Result<Self> {
        let live = Arc::clone(LiveScope::of(context));
        let feed = live.follow(interest, after.as_deref()).await?;
        Ok(Self {
            live,
            feed,
            begins_now: after.is_none(),
        })
    }
}

impl Moment {
    /// What has happened, for the message.
    pub(super) fn change(&self) -> Change {
        let decided = self.decided();
        let touched = self.given.iter().flat_map(|given| &given.commit.envelope().streams);
        let mut touched = touched.filter(|touched| touched.events > 0);
        // Only where one thing is followed is it clear whose version is meant: it is the only or the first one.
        let version = touched.next().map(|touched| touched.version);
        Change {
            cursor: self.cursor.clone(),
            events: decided.map(|(_, event)| event.name()).collect(),
            version,
        }
    }

    /// The message, unless it is about something that is hidden. The first one always comes: it has the cursor.
    pub(super) fn unless<T>(&self, is_hidden: bool, message: T) -> Option<T> {
        (self.given.is_none() || !is_hidden).then_some(message)
    }

    pub(super) fn has(&self, is_wanted: impl Fn(&Event) -> bool) -> bool {
        self.decided().any(|(_, event)| is_wanted(event))
    }

    /// What `find` finds in the first event in which it finds something.
    pub(super) fn first<T>(&self, find: impl Fn(&StreamId, &Event) -> Option<T>) -> Option<T> {
        self.decided().find_map(|(stream, event)| find(stream, event))
    }

    /// Those of the SKUs whose stock has changed; all of them at the beginning.
    pub(super) fn touched_skus(&self, skus: &BTreeSet<Sku>) -> BTreeSet<Sku> {
        let Some(given) = &self.given else {
            return skus.clone();
        };
        let touched = given.commit.envelope().streams.iter();
        let stocked = touched.filter_map(|touched| match &touched.stream {
            StreamId::StockItem(sku, _) => Some(sku),
            _ => None,
        });
        stocked.filter(|sku| skus.contains(*sku)).cloned().collect()
    }

    fn decided(&self) -> impl Iterator<Item = (&StreamId, &Event)> {
        let events = self.given.iter().filter_map(|given| given.commit.events.as_ref().ok());
        events.flatten().map(|decided| (&decided.stream, &decided.event))
    }
}

/// A message for each commit that `show` makes one of.
pub(super) fn updates<T, S, M>(opening: Opening, show: S) -> impl Stream<Item = Result<T>>
where
    S: Fn(Moment) -> M + Clone + Send + Sync,
    M: Future<Output = Result<Option<T>, QueryError>> + Send,
{
    stream::unfold(Some(opening), move |opening| {
        let show = show.clone();
        async move {
            let mut opening = opening?;
            loop {
                let given = match opening.next().await {
                    Ok(given) => given,
                    Err(end) => return Some((Err(opening.end(end)), None)),
                };
                // Only the beginning shows what was passed; what comes later is made for its own commit.
                let passed = match &given {
                    None => opening.feed.passed(),
                    Some(_) => ConsistencyToken::default(),
                };
                let must_come = given.is_some() || opening.live.asks_only_for(&passed);
                match made(Arc::clone(&opening.live), opening.cursor(), given, &passed, &show).await {
                    Ok((_, consistency)) if must_come && consistency.report().is_stale => {
                        return Some((Err(opening.end_behind()), None));
                    }
                    Ok((None, _)) => {}
                    Ok((Some(message), consistency)) => {
                        opening.begin_message(Some(consistency));
                        return Some((Ok(message), Some(opening)));
                    }
                    Err(error) => return Some((Err(opening.end_with(error)), None)),
                }
            }
        }
    })
}

/// What `show` makes of what has happened, and of how things are now.
async fn made<T, S, M>(
    live: Arc<LiveScope>,
    cursor: String,
    given: Option<Given>,
    passed: &ConsistencyToken,
    show: &S,
) -> Result<(Option<T>, Arc<Consistency>), QueryError>
where
    S: Fn(Moment) -> M,
    M: Future<Output = Result<Option<T>, QueryError>> + Send,
{
    let (scope, consistency) = live.scope(given.as_ref(), passed).await?;
    let shown = show(Moment { scope, cursor, given });
    Ok((shown.await?, consistency))
}

impl Opening {
    /// What comes next: at the beginning, nothing that has happened.
    async fn next(&mut self) -> Result<Option<Given>, FeedEnd> {
        if std::mem::take(&mut self.begins_now) {
            return Ok(None);
        }
        self.feed.next().await
    }

    fn cursor(&self) -> String {
        self.feed.hub().encode(&self.feed.cursor())
    }

    fn begin_message(&self, consistency: Option<Arc<Consistency>>) {
        self.live.begin_message(consistency, self.cursor());
    }

    fn end(&self, end: FeedEnd) -> Error {
        let (code, message) = match end {
            FeedEnd::Closed => ("subscription.closing", "the shop stops; go on from the cursor"),
            FeedEnd::TooSlow => (
                "subscription.too_slow",
                "more came than was taken; go on from the cursor",
            ),
        };
        self.end_saying(code, message.to_owned())
    }

    /// The cursor of the message before it stays the one to go on from.
    fn end_behind(&self) -> Error {
        let message = "what has happened cannot be read yet; go on from the cursor".to_owned();
        self.end_saying("subscription.behind", message)
    }

    fn end_with(&self, error: QueryError) -> Error {
        error.log();
        self.end_saying(error.code(), error.message())
    }

    fn end_saying(&self, code: &'static str, message: String) -> Error {
        self.live.end(Ending {
            code,
            message: message.clone(),
        });
        Error::new(message)
    }
}

/// A message for each event.
pub(super) fn events(opening: Opening, detail: Detail) -> impl Stream<Item = Result<RollEvent>> {
    let state = (Some(opening), VecDeque::<RollEvent>::new());
    stream::unfold(state, move |(opening, mut ready)| async move {
        let mut opening = opening?;
        loop {
            if let Some(event) = ready.pop_front() {
                opening.live.begin_message(None, event.cursor.clone());
                return Some((Ok(event), (Some(opening), ready)));
            }
            match opening.next().await {
                Ok(None) => ready.push_back(RollEvent::only(opening.cursor())),
                Ok(Some(given)) => ready.extend(roll_events(&opening.feed, &given, detail)),
                Err(end) => return Some((Err(opening.end(end)), (None, ready))),
            }
        }
    })
}

fn roll_events(feed: &Feed, given: &Given, detail: Detail) -> Vec<RollEvent> {
    let events = public_events(&given.commit);
    let new = events.iter().enumerate().skip(given.had as usize);
    new.map(|(index, event)| RollEvent {
        cursor: cursor_behind(feed, index, events.len()),
        id: Some(event.id()),
        time: Some(DateTime(given.commit.at)),
        stream: Some(event.stream().to_string()),
        version: Some(event.version()),
        name: Some(event.event().name().to_owned()),
        summary: Some(event.summary()),
        data: (detail == Detail::Fields).then(|| Json(event.data())),
    })
    .collect()
}

impl RollEvent {
    /// The first message: nothing has happened, but here is where to go on.
    fn only(cursor: String) -> Self {
        Self {
            cursor,
            id: None,
            time: None,
            stream: None,
            version: None,
            name: None,
            summary: None,
            data: None,
        }
    }
}
