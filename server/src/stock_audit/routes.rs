//! The server's half: an audit, shard by shard.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use command_api::{CommandError, Commands, Seen, Wire};
use domain::State;
use domain::sales::checkout::Checkout;
use domain::sales::order::Order;
use domain::stream::{Shard, StreamId, Topic};
use domain::value::{OrderId, Sku};
use futures::{StreamExt, TryStreamExt};
use projectors::VerifyError;
use read_store::model::Versioned;
use read_store::model::stock::{BY_SKU, PROJECTION, StockView, by_sku_key};
use read_store::{Key, PAGE_ROWS_MAX};

use super::account::{Held, Row};
use super::owner::{Wrong, wrong_with};
use super::pass::Pass;
use super::report::{AuditAsk, AuditFinding, AuditReport, ROW, SKUS_MAX};
use crate::history::HistoryError;
use crate::operating::routes::Refused;
use crate::operating::turns::Turn;
use crate::operator::Operator;

/// How long rows may take to hold what the log says.
const ROWS_WAIT: Duration = Duration::from_secs(30);
/// How long a shard may take to say what a state is.
const STATE_WAIT: Duration = Duration::from_secs(10);
/// States that are asked for at once: those of one shard share one proof that it is still served.
const STATES_AT_ONCE_MAX: usize = 128;
/// Holds of one shard that seem to have no owner and are looked at again; the rest is only told to be there.
const SUSPECTS_MAX: usize = 10_000;
/// How often an order that goes on meanwhile is looked at; one that never rests is alive.
const LOOKS_MAX: u32 = 5;

/// The operator's routes about stock.
pub(crate) fn router() -> Router<Operator> {
    Router::new().route("/operator/stock/audit", post(audit))
}

async fn audit(Shared(operator): Shared<Operator>, Json(ask): Json<AuditAsk>) -> Result<Json<AuditReport>, Refused> {
    let partitions = operator.commands.partitions();
    let mut wanted: BTreeMap<Shard, Option<BTreeSet<Sku>>> = BTreeMap::new();
    match ask.skus {
        Some(skus) => {
            if skus.len() > SKUS_MAX {
                let message = format!("at most {SKUS_MAX} SKUs are audited by name; all are with `--all`");
                return Err(Refused::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "audit.too_many",
                    message,
                ));
            }
            for sku in skus {
                let shard = StreamId::StockItem(sku.clone(), Default::default()).shard(partitions);
                wanted.entry(shard).or_default().get_or_insert_default().insert(sku);
            }
        }
        None => {
            let shards = operator.log.shards().into_iter();
            wanted.extend(
                shards
                    .filter(|shard| shard.topic == Topic::Inventory)
                    .map(|shard| (shard, None)),
            );
        }
    }
    let is_all = wanted.values().any(Option::is_none);
    let turn = operator.turns.take().await?;
    let audit = Audit { operator, turn };
    let mut report = AuditReport::default();
    let mut known: BTreeMap<Shard, (u64, BTreeSet<Sku>)> = BTreeMap::new();
    for (shard, skus) in wanted {
        let looked_at = audit.shard(shard, skus, &mut report).await?;
        known.insert(shard, looked_at);
    }
    if is_all {
        audit.rows_of_nothing(&known, &mut report).await?;
    }
    Ok(Json(report))
}

/// An audit that goes on.
struct Audit {
    operator: Operator,
    turn: Turn,
}

/// Holds that seem to have no owner.
#[derive(Default)]
struct Suspects {
    first: Vec<(Sku, Held, Wrong)>,
    /// How many more there are.
    more: u64,
}

impl Audit {
    /// Audits one shard. Gives how far its log was read, and which SKUs there are.
    async fn shard(
        &self,
        shard: Shard,
        wanted: Option<BTreeSet<Sku>>,
        report: &mut AuditReport,
    ) -> Result<(u64, BTreeSet<Sku>), Refused> {
        let wire = Arc::new(Wire(Arc::clone(&self.operator.codec)));
        let pass = Pass::new(Arc::clone(&self.operator.log), wire, shard, wanted);
        let mut pass = self.read_on(pass).await?;
        self.ask_rows(shard, &mut pass).await?;
        if let Err(why) = self.ask_states(&mut pass).await {
            report
                .unasked
                .push(format!("the states of {shard}: {why} ({})", why.code()));
        }
        let suspects = match self.ask_owners(&pass).await {
            Ok(suspects) => suspects,
            Err(why) => {
                report
                    .unasked
                    .push(format!("who owns pieces of {shard}: {why} ({})", why.code()));
                Suspects::default()
            }
        };
        if suspects.more > 0 {
            let more = suspects.more;
            report.unasked.push(format!(
                "who owns {more} more holds of {shard} that seem to have no owner"
            ));
        }
        let mut pass = self.read_on(pass).await?;
        for (sku, held, (code, why)) in suspects.first {
            if let Some(account) = pass.accounts.get_mut(&sku) {
                account.note_owner(&held, code, &why);
            }
        }
        let seq = pass.seq();
        let mut skus = BTreeSet::new();
        for (sku, account) in pass.accounts {
            if account.is_seen() {
                skus.insert(sku);
            } else {
                report.unseen.push(sku);
            }
            let closed = account.close();
            report.lines += closed.lines;
            report.holds += closed.holds;
            report.add(closed.findings_count, closed.findings);
        }
        report.skus += skus.len() as u64;
        Ok((seq, skus))
    }

    /// Asks for the rows, once they hold what was read.
    async fn ask_rows(&self, shard: Shard, pass: &mut Pass) -> Result<(), Refused> {
        let Operator { store, active, .. } = &self.operator;
        let generation = active.of(PROJECTION).ok_or(VerifyError::NotServing)?;
        let (wanted, deadline) = ([(shard, pass.seq())], Instant::now() + ROWS_WAIT);
        if !store
            .progress()
            .wait_for(PROJECTION, generation, &wanted, deadline)
            .await
        {
            let message =
                format!("rows do not hold yet what {shard} says; `tillroll projections` says how far they are");
            return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, "audit.behind", message));
        }
        let skus: Vec<Sku> = pass.accounts.keys().cloned().collect();
        for skus in skus.chunks(PAGE_ROWS_MAX) {
            let keys: Vec<Key> = skus.iter().map(by_sku_key).collect();
            let rows = store
                .get(&BY_SKU, generation, &keys)
                .await
                .map_err(VerifyError::Store)?;
            for (sku, row) in skus.iter().zip(rows) {
                if let Some(account) = pass.accounts.get_mut(sku) {
                    account.note_row(row.map_or(Row::Absent, |row| row_of(&row)));
                }
            }
        }
        Ok(())
    }

    /// Asks by which states commands are decided.
    async fn ask_states(&self, pass: &mut Pass) -> Result<(), CommandError> {
        let mut asked = Vec::new();
        for account in pass.accounts.values() {
            for location in account.locations() {
                asked.push((account.sku().clone(), location.clone()));
            }
        }
        let commands = &self.operator.commands;
        let answers = asked.into_iter().map(|(sku, location)| async move {
            let stream = StreamId::StockItem(sku.clone(), location.clone());
            let seen = state(commands, &stream).await?;
            Ok::<_, CommandError>((sku, location, seen))
        });
        let mut answers = futures::stream::iter(answers).buffer_unordered(STATES_AT_ONCE_MAX);
        while let Some((sku, location, seen)) = answers.try_next().await? {
            // One that is parked is told of by its commit that cannot be read.
            if let Some(Seen { state, version, .. }) = seen
                && let State::StockItem(item) = &*state
                && let Some(account) = pass.accounts.get_mut(&sku)
            {
                account.note_state(&location, item.clone(), version);
            }
        }
        Ok(())
    }

    /// Asks whose the pieces are that are held. What is wrong may be over by the time the log is read on.
    async fn ask_owners(&self, pass: &Pass) -> Result<Suspects, CommandError> {
        let mut asked = Vec::new();
        for account in pass.accounts.values() {
            asked.extend(account.held().map(|held| (account.sku().clone(), held)));
        }
        let commands = &self.operator.commands;
        let answers = asked.into_iter().map(|(sku, held)| async move {
            let wrong = judge(commands, &sku, &held).await?;
            Ok::<_, CommandError>(wrong.map(|wrong| (sku, held, wrong)))
        });
        let mut answers = futures::stream::iter(answers).buffer_unordered(STATES_AT_ONCE_MAX);
        let mut suspects = Suspects::default();
        while let Some(answer) = answers.try_next().await? {
            match answer {
                Some(suspect) if suspects.first.len() < SUSPECTS_MAX => suspects.first.push(suspect),
                Some(_) => suspects.more += 1,
                None => {}
            }
        }
        Ok(suspects)
    }

    /// Rows of SKUs that the log knows nothing of. A row that is younger than what was read of its shard is none.
    async fn rows_of_nothing(
        &self,
        known: &BTreeMap<Shard, (u64, BTreeSet<Sku>)>,
        report: &mut AuditReport,
    ) -> Result<(), Refused> {
        let Operator {
            store,
            active,
            commands,
            ..
        } = &self.operator;
        let generation = active.of(PROJECTION).ok_or(VerifyError::NotServing)?;
        let mut after = None;
        loop {
            let page = store.scan(&BY_SKU, generation, after.take(), PAGE_ROWS_MAX).await;
            let page = page.map_err(VerifyError::Store)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(last.key.clone());
            for (row, version) in &page {
                let Ok(sku) = row.key.partition.parse::<Sku>() else {
                    continue;
                };
                let shard = StreamId::StockItem(sku.clone(), Default::default()).shard(commands.partitions());
                let is_known = known
                    .get(&shard)
                    .is_none_or(|(seq, skus)| version > seq || skus.contains(&sku));
                if !is_known {
                    let finding = AuditFinding {
                        code: ROW.to_owned(),
                        sku,
                        location: None,
                        why: "queries find a row, and the log knows of no stock".to_owned(),
                    };
                    report.add(1, vec![finding]);
                }
            }
        }
    }

    /// Reads on, on a thread that may wait.
    async fn read_on(&self, mut pass: Pass) -> Result<Pass, Refused> {
        let turn = Arc::clone(&self.turn);
        let reading = tokio::task::spawn_blocking(move || {
            let read = pass.read_on().map(|()| pass);
            // Held until the thread is free again, also when nobody waits for the answer any more.
            drop(turn);
            read
        });
        let read = reading.await;
        let read = read.unwrap_or_else(|error| Err(HistoryError::Interrupted(error.to_string())));
        read.map_err(|error| Refused::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), &error))
    }
}

fn row_of(row: &read_store::Row) -> Row {
    match Versioned::<StockView>::of_row(row) {
        Ok(Versioned { seq, view, .. }) => Row::Present { seq, view },
        Err(error) => Row::Unreadable(error.to_string()),
    }
}

/// A state, confirmed; none of a stream that is parked.
async fn state(commands: &Commands, stream: &StreamId) -> Result<Option<Seen>, CommandError> {
    match commands.state(stream, Instant::now() + STATE_WAIT).await {
        Ok(seen) => Ok(Some(seen)),
        Err(CommandError::Parked(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What is wrong with a hold. The order is looked at before and after its checkout: what is the same both times was so
/// at the moment of the checkout.
async fn judge(commands: &Commands, sku: &Sku, held: &Held) -> Result<Option<Wrong>, CommandError> {
    let order_stream = StreamId::Order(OrderId(held.checkout.0));
    for _ in 0..LOOKS_MAX {
        let before = state(commands, &order_stream).await?;
        let checkout = state(commands, &StreamId::Checkout(held.checkout)).await?;
        let after = state(commands, &order_stream).await?;
        let (Some(before), Some(checkout), Some(after)) = (before, checkout, after) else {
            return Ok(None);
        };
        if before.version != after.version {
            continue;
        }
        let (checkout, order) = (checkout.state, after.state);
        return Ok(match (&*checkout, &*order) {
            (State::Checkout(checkout), State::Order(order)) => wrong_with(sku, held, checkout, order),
            _ => wrong_with(sku, held, &Checkout::default(), &Order::default()),
        });
    }
    Ok(None)
}
