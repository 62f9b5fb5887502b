//! What the shop keeps in memory while nobody asks it anything.

use std::time::Duration;

use super::measure::Failure;
use super::report::{against, heading, table};
use super::shop::Server;

/// How long it rests before it is looked at.
const REST: Duration = Duration::from_secs(5);
/// What it should have at most.
const GOAL_MB: f64 = 64.0;

pub(super) async fn measure() -> Result<(), Failure> {
    let shop = Server::shop().await?;
    tokio::time::sleep(REST).await;
    let [resident, anonymous] = shop.memory()?;
    heading(
        "Memory at rest",
        "The shop with its demo products, five seconds after it was ready (RSS).",
    )?;
    table(&[
        ["resident", "of it not backed by files", "goal"]
            .map(str::to_owned)
            .to_vec(),
        vec![
            format!("{resident:.0} MB"),
            format!("{anonymous:.0} MB"),
            against(resident / GOAL_MB, "≤ 64 MB", resident <= GOAL_MB),
        ],
    ])
}
