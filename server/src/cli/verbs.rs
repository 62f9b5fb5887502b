//! What the operator's verbs need that look at one thing closely.

use std::time::Duration;

use clap::{Args, Subcommand};
use domain::value::Sku;

use crate::stock_audit::SKUS_MAX;

/// What `log diff` needs.
#[derive(Debug, Args)]
pub(crate) struct DiffOptions {
    /// Which stream, for example `cart/ID`, `order/ID` or `stock/main/SKU`
    pub(crate) stream: String,
    /// The first point: a version, or a moment such as 2026-01-31T12:00:00Z
    pub(crate) from: String,
    /// The second point, the same way [default: now]
    pub(crate) to: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What there is to see of checkouts.
#[derive(Debug, Subcommand)]
pub(crate) enum CheckoutsCommand {
    /// Print the checkouts that neither became an order nor ended: what they wait for, and what they hold
    Stuck(StuckOptions),
}

/// What `checkouts stuck` needs.
#[derive(Debug, Args)]
pub(crate) struct StuckOptions {
    /// Only those that began longer ago, for example `90s`, `15m` or `2h`
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = length)]
    pub(crate) older_than: Duration,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What there is to see of stock.
#[derive(Debug, Subcommand)]
pub(crate) enum StockCommand {
    /// Replay ledgers, and compare them line by line with the shop's states, its rows, and who owns the pieces
    Audit(AuditOptions),
}

/// What `stock audit` needs.
#[derive(Debug, Args)]
pub(crate) struct AuditOptions {
    /// Which SKUs
    #[arg(required_unless_present = "all", num_args = 1..=SKUS_MAX)]
    pub(crate) skus: Vec<Sku>,
    /// All that ever had stock
    #[arg(long, conflicts_with = "skus")]
    pub(crate) all: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What `repair` needs.
#[derive(Debug, Args)]
pub(crate) struct RepairOptions {
    /// Which projection
    pub(crate) name: String,
    /// The key as `tillroll verify` prints it: an id, or a SKU of `stock`
    pub(crate) key: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A length of time as people write it.
fn length(text: &str) -> Result<Duration, String> {
    let parsed: Result<jiff::SignedDuration, _> = text.parse();
    let positive = parsed.ok().and_then(|length| Duration::try_from(length).ok());
    positive.ok_or_else(|| "a length of time is written 90s, 15m or 2h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_written_as_people_do_and_never_negative() {
        assert_eq!(length("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(length("0s"), Ok(Duration::ZERO));
        assert_eq!(length("1h30m"), Ok(Duration::from_secs(5_400)));
        for text in ["", "15", "-1s", "soon"] {
            assert!(length(text).is_err(), "{text:?}");
        }
    }
}
