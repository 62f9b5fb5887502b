//! Commits that an operator has decided to do without (ADR 36): read from the log before anything else is, and
//! followed from then on, so that every process, every restart and every rebuild does without the same ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use command_api::{CommandError, Commands, Wire};
use domain::shop::skips;
use domain::stream::{Shard, StreamId, Topic};
use domain::{Command, Decided, Event};
use event_log::follower::decode_commit;
use event_log::{EventLog, Fold, Followed, Follower, Kind, LogError, Verdict};
use schemas::Codec;
use tokio_util::sync::CancellationToken;

use crate::generation_commands::request;
use crate::read_models::ReadModels;

/// Where these decisions are written.
const SHARD: Shard = Shard {
    topic: Topic::Shop,
    partition: 0,
};
/// Most records read at once.
const READ_RECORDS_MAX: usize = 1_000;
/// Most bytes read at once.
const READ_BYTES_MAX: usize = 4 << 20;
/// Who decides, in the log.
const ACTOR: &str = "admin:operator";

/// Reads the decisions that are in the log. Blocks.
///
/// # Errors
/// The log cannot be read.
pub(crate) fn load(log: &dyn EventLog, codec: &Arc<Codec>) -> Result<(), LogError> {
    let wire = Wire(Arc::clone(codec));
    let mut fold = Fold::default();
    let end = log.end(SHARD)?;
    let mut scan = log.scan(BTreeMap::from([(SHARD, 0)]));
    while fold.offset + 1 < end {
        let records = scan.next(READ_RECORDS_MAX, READ_BYTES_MAX)?;
        if records.is_empty() {
            return Ok(());
        }
        for record in records {
            // Who serves the shard says that it is not intact.
            let Ok(verdict) = fold.apply(record.offset, &record.envelope) else {
                return Ok(());
            };
            let is_about_skips = |stream: &StreamId| matches!(stream, StreamId::Skips(_));
            let touches = record
                .envelope
                .streams
                .iter()
                .any(|touched| is_about_skips(&touched.stream));
            if verdict == Verdict::Accepted && record.envelope.kind == Kind::Commit && touches {
                take(codec, &decode_commit(&wire, &record).unwrap_or_default());
            }
        }
    }
    Ok(())
}

/// Does without what these events name. Whether any of it is news.
fn take(codec: &Codec, events: &[Decided]) -> bool {
    let mut is_news = false;
    for decided in events {
        if let (StreamId::Skips(shard), Event::Skips(skips::Event::CommitSkipped { offset, .. })) =
            (&decided.stream, &decided.event)
        {
            is_news |= codec.skipped().add(*shard, *offset);
        }
    }
    is_news
}

/// What takes part in doing without.
#[derive(Clone)]
pub(crate) struct Skipping {
    pub(crate) codec: Arc<Codec>,
    pub(crate) commands: Commands,
    pub(crate) read_models: ReadModels,
}

impl Skipping {
    /// Follows what is decided from now on, here or by another process, until it is stopped.
    pub(crate) async fn follow(self, follower: Follower, stop: CancellationToken) {
        let mut subscription = follower.subscribe(&[SHARD], &BTreeMap::new());
        loop {
            let followed = tokio::select! {
                () = stop.cancelled() => return,
                followed = subscription.next() => followed,
            };
            let Some(followed) = followed else { return };
            let mut is_news = false;
            for followed in followed {
                if let Followed::Commit(commit) = followed {
                    is_news |= take(&self.codec, commit.events.as_deref().unwrap_or_default());
                }
            }
            if is_news {
                tracing::warn!("commits that cannot be read are done without, as an operator has decided");
                for failure in self.read_again().await.1 {
                    tracing::warn!(failure, "what is parked could not be read again");
                }
            }
        }
    }

    /// Records the decision, and does without the commit here at once.
    ///
    /// # Errors
    /// See [`CommandError`].
    pub(crate) async fn skip(
        &self,
        shard: Shard,
        offset: i64,
        streams: Vec<String>,
        why: String,
    ) -> Result<(), CommandError> {
        let command = skips::Command::Skip { offset, streams, why };
        self.commands
            .execute(request(Command::Skips(shard, command), ACTOR))
            .await?;
        self.codec.skipped().add(shard, offset);
        Ok(())
    }

    /// Reads everything that is parked again: how many commits views have taken in, and what did not work.
    pub(crate) async fn read_again(&self) -> (usize, Vec<String>) {
        let (mut taken_in, mut failures) = (0, Vec::new());
        for name in ReadModels::names() {
            match self.read_models.retry_parked(name).await {
                Ok(retried) => taken_in += retried.taken_in,
                Err(error) => failures.push(format!("{name}: {error}")),
            }
        }
        let commands = self.commands.clone();
        match tokio::task::spawn_blocking(move || commands.retry_parked()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => failures.push(error.to_string()),
            Err(error) => failures.push(error.to_string()),
        }
        (taken_in, failures)
    }
}
