//! What the operator is told of checkouts that do not end, as JSON. `--json` prints it as it is.

use serde::{Deserialize, Serialize};

/// Which checkouts are asked for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct StuckAsk {
    /// Those that began longer ago.
    pub(crate) older_than_seconds: u64,
}

/// The checkouts that do not end.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct StuckReport {
    /// All of them, counted.
    pub(crate) count: usize,
    /// The oldest ones.
    pub(crate) checkouts: Vec<StuckCheckout>,
}

/// A checkout that does not end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StuckCheckout {
    /// Its id: the cart's, and that of the order it may become.
    pub(crate) checkout: String,
    /// The shard whose owner runs it.
    pub(crate) shard: String,
    /// Which try of this cart.
    pub(crate) attempt: u32,
    /// `holding`, `allocating`, `placing`, `releasing` or `reopening`.
    pub(crate) stage: String,
    /// Why it is being undone: the step and the code.
    pub(crate) failure: Option<String>,
    /// When this try began, in UTC.
    pub(crate) began: String,
    /// When anything happened to it last.
    pub(crate) since: String,
    /// How long ago it began.
    pub(crate) age_seconds: u64,
    /// When it gives up by itself, unless all stock is promised.
    pub(crate) deadline: String,
    /// The shards that have not answered.
    pub(crate) waits_for: Vec<Awaited>,
    /// What it holds, or held.
    pub(crate) holds: Vec<HoldReport>,
}

/// A shard that has not answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Awaited {
    /// Which.
    pub(crate) shard: String,
    /// `serving`, `standby` while another node has it, or `halted`.
    pub(crate) standing: String,
    /// What it was asked for.
    pub(crate) pieces: Vec<String>,
}

/// What a checkout holds of one SKU.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HoldReport {
    /// The stream, for `tillroll log show`.
    pub(crate) stream: String,
    /// How many pieces are asked for.
    pub(crate) quantity: i64,
    /// `none`, `reserved`, `expired`, `allocated`, `released` or `forbidden`; `unknown` where it cannot be asked.
    pub(crate) state: String,
    /// When it expires, where it does.
    pub(crate) until: Option<String>,
}

impl StuckReport {
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for stuck in &self.checkouts {
            text += &stuck.text();
        }
        let more = self.count - self.checkouts.len();
        if more > 0 {
            text += &format!("and {more} more\n");
        }
        match self.count {
            0 => "no checkout is stuck\n".to_owned(),
            count => text + &format!("{count} checkouts neither became an order nor ended\n"),
        }
    }
}

impl StuckCheckout {
    fn text(&self) -> String {
        let Self {
            checkout,
            shard,
            attempt,
            stage,
            began,
            since,
            age_seconds,
            deadline,
            ..
        } = self;
        let mut text = format!("checkout/{checkout}  {stage}  since {since}\n");
        text += &format!("  try {attempt} in {shard}, began {began} ({age_seconds} s ago), gives up at {deadline}\n");
        if let Some(failure) = &self.failure {
            text += &format!("  being undone: {failure}\n");
        }
        for awaited in &self.waits_for {
            let Awaited {
                shard,
                standing,
                pieces,
            } = awaited;
            text += &format!("  waits for {shard} ({standing}): {}\n", pieces.join(", "));
        }
        if self.waits_for.is_empty() {
            text += &format!("  waits for {shard} to take its end\n");
        }
        for hold in &self.holds {
            let until = hold.until.as_ref().map(|until| format!(" until {until}"));
            text += &format!(
                "  {} of {}: {}{}\n",
                hold.quantity,
                hold.stream,
                hold.state,
                until.unwrap_or_default()
            );
        }
        text
    }
}
