//! The past for queries: views folded anew, by the very functions that projectors fold them with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::Event;
use domain::inventory::item::{self, Levels};
use domain::stream::{Location, StreamId};
use domain::value::{CartId, CheckoutId, OrderId, Sku, Timestamp};
use event_log::EventLog;
use futures::FutureExt;
use projectors::projection::Projection;
use projectors::projections::{Carts, Orders};
use query_api::{AsOf, History, LedgerLine, OrderStep, PastError, Told, WhyStep};
use read_store::model::Versioned;
use read_store::model::cart::CartView;
use read_store::model::order::OrderView;
use schemas::Codec;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::report::mask;
use super::scan::{Found, HistoryError, Reader};
use super::why::{Step, steps_of};

/// How long a query may look into the past.
const QUERY_PATIENCE: Duration = Duration::from_secs(5);
/// Queries that look into the past at once: each reads the log on a thread of its own.
const READ_AT_ONCE_MAX: usize = 2;
/// How long a query waits for its turn.
const TURN_WAIT: Duration = Duration::from_secs(2);

/// Checkouts of one stream whose beginner is looked for.
const BEGINNERS_MAX: usize = 16;
/// What the names of processes begin with.
const PROCESS: &str = "process:";

/// The past, read from the log.
pub(crate) struct Past {
    reader: Reader,
    turns: Arc<Semaphore>,
}

impl Past {
    pub(crate) fn new(log: Arc<dyn EventLog>, codec: Arc<Codec>) -> Self {
        Self {
            reader: Reader::new(log, codec, QUERY_PATIENCE),
            turns: Arc::new(Semaphore::new(READ_AT_ONCE_MAX)),
        }
    }

    /// Reads on a thread that may wait, of which there are few.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, PastError> {
        let turn = tokio::time::timeout(TURN_WAIT, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(PastError {
                code: "history.busy",
                message: format!("{READ_AT_ONCE_MAX} others look into the past"),
            });
        };
        let reader = self.reader.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let read = read(&reader);
            // Held until the thread is free again, also when nobody waits for the answer any more.
            drop(turn);
            read
        });
        let read = match reading.await {
            Ok(read) => read,
            Err(error) => Err(HistoryError::Interrupted(error.to_string())),
        };
        read.map_err(|error| PastError {
            code: error.code(),
            message: error.to_string(),
        })
    }

    fn view<P: Projection>(
        &self,
        stream: StreamId,
        since: Timestamp,
        as_of: AsOf,
    ) -> Told<'_, Option<Versioned<P::View>>> {
        let read = self.read(move |reader| {
            let until = match as_of {
                AsOf::Version(version) => Some(version),
                AsOf::Moment(_) => None,
            };
            let found = reader.stream(&stream, until, Some(since))?;
            let then = found.iter().take_while(|found| match as_of {
                AsOf::Version(_) => true,
                AsOf::Moment(moment) => found.at <= moment,
            });
            Ok(fold::<P>(&stream, then, reader))
        });
        read.boxed()
    }
}

/// The view that these commits give: as a projector folds them, and like there up to the first that cannot be read.
fn fold<'a, P: Projection>(
    stream: &StreamId,
    commits: impl Iterator<Item = &'a Found>,
    reader: &Reader,
) -> Option<Versioned<P::View>> {
    let mut then: Option<Versioned<P::View>> = None;
    for found in commits {
        let Ok(events) = found.events(&reader.wire) else { break };
        let of_stream = events.iter().filter(|decided| decided.stream == *stream);
        let view = then.take().map(|then| then.view);
        let view = of_stream.fold(view, |view, decided| P::evolve(view, decided, found.at))?;
        then = Some(Versioned {
            seq: found.record.envelope.seq,
            version: found.version_of(stream).unwrap_or(0),
            changed: found.at,
            view,
        });
    }
    then
}

impl History for Past {
    fn cart(&self, id: CartId, since: Timestamp, as_of: AsOf) -> Told<'_, Option<Versioned<CartView>>> {
        self.view::<Carts>(StreamId::Cart(id), since, as_of)
    }

    fn order(&self, id: OrderId, since: Timestamp, as_of: AsOf) -> Told<'_, Option<Versioned<OrderView>>> {
        self.view::<Orders>(StreamId::Order(id), since, as_of)
    }

    fn order_steps(&self, id: OrderId, since: Timestamp) -> Told<'_, Vec<OrderStep>> {
        let stream = StreamId::Order(id);
        let read = self.read(move |reader| {
            let mut steps = Vec::new();
            for found in reader.stream(&stream, None, Some(since))? {
                let Ok(events) = found.events_of(&stream, &reader.wire) else {
                    break;
                };
                let actor = &found.record.envelope.actor;
                steps.extend(events.iter().map(|event| OrderStep {
                    event: event.name().to_owned(),
                    actor: actor.clone(),
                }));
            }
            Ok(steps)
        });
        read.boxed()
    }

    fn why(&self, stream: StreamId, steps_max: usize) -> Told<'_, Vec<WhyStep>> {
        let read = self.read(move |reader| {
            let mut found = reader.stream(&stream, None, None)?;
            found.truncate(steps_max);
            let begun_by = beginners(reader, &stream, &found)?;
            let steps = steps_of(&stream, &found, &reader.wire).take(steps_max);
            Ok(steps.map(|step| told(step, &begun_by)).collect())
        });
        read.boxed()
    }

    fn ledger(&self, sku: Sku, location: Location, after: u64, lines_max: usize) -> Told<'_, Vec<LedgerLine>> {
        let stream = StreamId::StockItem(sku, location);
        let read = self.read(move |reader| {
            let mut lines = Vec::new();
            let mut on_hand = 0;
            for found in reader.stream(&stream, None, None)? {
                let Ok(events) = found.events_of(&stream, &reader.wire) else {
                    break;
                };
                let last_version = found.version_of(&stream).unwrap_or(0);
                for (event, left) in events.iter().zip((0..events.len() as u64).rev()) {
                    let Some((levels_after, reason)) = moved(event) else {
                        continue;
                    };
                    let line = LedgerLine {
                        version: last_version.saturating_sub(left),
                        at: found.at,
                        event: event.name(),
                        actor: found.record.envelope.actor.clone(),
                        reason,
                        on_hand_change: levels_after.on_hand - on_hand,
                        levels_after,
                    };
                    on_hand = levels_after.on_hand;
                    if line.version > after {
                        lines.push(line);
                    }
                }
                if lines.len() >= lines_max {
                    lines.truncate(lines_max);
                    break;
                }
            }
            Ok(lines)
        });
        read.boxed()
    }
}

/// Who began the checkouts that processes have gone on with, as far as they lie in the stream's own shard: a cart, its
/// checkout and its order share one. What processes do for a checkout has its id as its story.
fn beginners(reader: &Reader, stream: &StreamId, commits: &[Found]) -> Result<BTreeMap<Uuid, String>, HistoryError> {
    let envelopes = commits.iter().map(|found| &found.record.envelope);
    let carried_on = envelopes.filter(|envelope| envelope.actor.starts_with(PROCESS));
    let stories: BTreeSet<Uuid> = carried_on.map(|envelope| envelope.correlation).collect();
    let checkouts = stories
        .into_iter()
        .map(|story| (story, StreamId::Checkout(CheckoutId(story))));
    let here = checkouts.filter(|(_, checkout)| reader.shard_of(checkout) == reader.shard_of(stream));
    let mut begun_by = BTreeMap::new();
    for (story, checkout) in here.take(BEGINNERS_MAX) {
        if let Some(first) = reader.stream(&checkout, Some(1), None)?.first() {
            begun_by.insert(story, first.record.envelope.actor.clone());
        }
    }
    Ok(begun_by)
}

/// What a query may tell of an event: all but what is personal.
fn told(step: Step<'_>, begun_by: &BTreeMap<Uuid, String>) -> WhyStep {
    let Step {
        found,
        version,
        event,
        mut set,
        gone,
    } = step;
    set.iter_mut().for_each(|(_, value)| mask(value));
    let envelope = &found.record.envelope;
    let (event, unreadable) = match event {
        Ok(event) => (Some(event), None),
        Err(why) => (None, Some(why)),
    };
    let begun_by = begun_by.get(&envelope.correlation);
    WhyStep {
        version,
        at: found.at,
        actor: envelope.actor.clone(),
        begun_by: begun_by.unwrap_or(&envelope.actor).clone(),
        command: envelope.command.0.to_string(),
        request: envelope.correlation.to_string(),
        event,
        set,
        gone,
        unreadable,
    }
}

/// The totals after an event that is a line of the ledger, and why it happened.
fn moved(event: &Event) -> Option<(Levels, Option<String>)> {
    match event {
        Event::StockItem(item::Event::StockAdjusted {
            levels_after, reason, ..
        }) => Some((*levels_after, Some(reason.clone()))),
        Event::StockItem(
            item::Event::StockReceived { levels_after, .. } | item::Event::StockCommitted { levels_after, .. },
        ) => Some((*levels_after, None)),
        _ => None,
    }
}
