//! What is parked because a record cannot be read, and reading it again, as lines for the operator.

use command_api::Commands;
use domain::stream::{Shard, StreamId};
use projectors::{Projectors, projection_names};
use tokio::sync::mpsc;

/// The last line when nothing is parked.
pub(crate) const NOTHING: &str = "nothing is parked";

/// Says which streams and how many views are parked.
pub(crate) async fn list(commands: Commands, projectors: Projectors, lines: mpsc::Sender<String>) {
    let look = tokio::task::spawn_blocking(move || commands.parked().map_err(|error| error.to_string()));
    say(look, &projectors, &lines).await;
}

/// Reads everything that is parked again, and says what is left.
pub(crate) async fn retry(commands: Commands, projectors: Projectors, lines: mpsc::Sender<String>) {
    for name in projection_names() {
        // A reader that has gone away stops nothing.
        let _ = match projectors.retry_parked(name).await {
            Ok(retried) => lines.send(format!("{name}: {} commits were taken in", retried.taken_in)),
            Err(error) => lines.send(format!("{name}: {error}")),
        }
        .await;
    }
    let look = tokio::task::spawn_blocking(move || commands.retry_parked().map_err(|error| error.to_string()));
    say(look, &projectors, &lines).await;
}

type Looking = tokio::task::JoinHandle<Result<Vec<(Shard, StreamId)>, String>>;

async fn say(look: Looking, projectors: &Projectors, lines: &mpsc::Sender<String>) {
    let looked = look.await.map_err(|error| error.to_string());
    let streams = match looked.and_then(|looked| looked) {
        Ok(streams) => streams,
        Err(why) => {
            let _ = lines.send(format!("failed: {why}")).await;
            return;
        }
    };
    for (shard, stream) in &streams {
        let _ = lines.send(format!("{shard} {stream}")).await;
    }
    let mut views = 0;
    for status in projectors.status().iter().filter(|status| status.parked_views > 0) {
        views += status.parked_views;
        let _ = lines
            .send(format!("{}: {} views", status.name, status.parked_views))
            .await;
    }
    let last = if streams.is_empty() && views == 0 {
        NOTHING.to_owned()
    } else {
        format!("{} streams and {views} views are parked", streams.len())
    };
    let _ = lines.send(last).await;
}
