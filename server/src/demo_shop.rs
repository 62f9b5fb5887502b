//! The demo shop: brought in once, through the HTTP endpoints, when a shop starts on an empty data directory.

use domain::stream::{Shard, Topic};
use domain::value::Currency;
use event_log::{EventLog, LogError};

use crate::data_dir::{DataDir, DataDirError};
use crate::{demo, import};

/// Says, while the demo is being brought in, that a start that finds it is to bring it in again: that changes
/// nothing that is there already.
const PENDING_FILE: &str = "demo-pending";

/// Whether the demo shop is to be brought in: into an empty log, or because an earlier start did not get to the end.
///
/// # Errors
/// The log cannot be read.
pub(crate) fn is_due(data: &DataDir, log: &dyn EventLog) -> Result<bool, LogError> {
    if data.path(PENDING_FILE).exists() {
        return Ok(true);
    }
    // The catalogue's first record is the claim of its shard.
    Ok(log.end(Shard {
        topic: Topic::Catalog,
        partition: 0,
    })? <= 1)
}

/// Brings the demo products in.
///
/// # Errors
/// Why not, for the terminal.
pub(crate) async fn bring_in(data: &DataDir, url: &str, token: &str) -> Result<(), String> {
    let file = |error: DataDirError| error.to_string();
    data.write_private(PENDING_FILE, b"").map_err(file)?;
    let reading = import::read(demo::PRODUCTS_CSV, Currency::EUR).map_err(|error| error.to_string())?;
    let shop = import::Shop::new(url, token).map_err(|error| error.to_string())?;
    let report = import::bring_in(reading, &shop)
        .await
        .map_err(|error| error.to_string())?;
    if let Some(refusal) = report.refusals.first() {
        return Err(refusal.to_string());
    }
    data.remove(PENDING_FILE).map_err(file)
}
