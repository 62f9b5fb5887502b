//! What the operator is told of an audit, as JSON. `--json` prints it as it is.

use domain::inventory::item::Levels;
use domain::value::Sku;
use serde::{Deserialize, Serialize};

/// Most findings that are listed; all are counted.
pub(super) const FINDINGS_LISTED_MAX: usize = 100;
/// Most SKUs that are asked for by name.
pub(crate) const SKUS_MAX: usize = 1_000;

/// The code of a row that is not what the log says.
pub(super) const ROW: &str = "stock.row";

/// Which stock is to be audited.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct AuditAsk {
    /// Of these SKUs; of all without.
    pub(crate) skus: Option<Vec<Sku>>,
}

/// What an audit has found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct AuditReport {
    /// SKUs that were looked at.
    pub(crate) skus: u64,
    /// Lines of their ledgers.
    pub(crate) lines: u64,
    /// Holds that hold pieces of them.
    pub(crate) holds: u64,
    /// SKUs that were asked for and never had stock.
    pub(crate) unseen: Vec<Sku>,
    /// What could not be asked, and why: the states of a shard that another node serves, for example.
    pub(crate) unasked: Vec<String>,
    /// Everything that does not add up.
    pub(crate) findings_count: u64,
    /// The first of it.
    pub(crate) findings: Vec<AuditFinding>,
}

/// Something that does not add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuditFinding {
    /// The stable code.
    pub(crate) code: String,
    /// Of which SKU.
    pub(crate) sku: Sku,
    /// Where it lies; none when it is about all locations.
    pub(crate) location: Option<String>,
    /// What does not add up.
    pub(crate) why: String,
}

impl AuditReport {
    /// Takes so many findings in, of which these are the first.
    pub(super) fn add(&mut self, count: u64, first: Vec<AuditFinding>) {
        self.findings_count += count;
        let room = FINDINGS_LISTED_MAX.saturating_sub(self.findings.len());
        self.findings.extend(first.into_iter().take(room));
    }

    /// Whether everything was looked at and adds up.
    pub(super) fn is_good(&self) -> bool {
        self.findings_count == 0 && self.unasked.is_empty() && self.unseen.is_empty()
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for AuditFinding {
            code,
            sku,
            location,
            why,
        } in &self.findings
        {
            let place = location
                .as_ref()
                .map_or_else(String::new, |location| format!(" in {location}"));
            text += &format!("{code}  {sku}{place}: {why}\n");
            if code == ROW {
                text += &format!("  `tillroll repair stock {sku}` makes it again\n");
            }
        }
        let more = self.findings_count - self.findings.len() as u64;
        if more > 0 {
            text += &format!("and {more} more\n");
        }
        for sku in &self.unseen {
            text += &format!("{sku} never had stock\n");
        }
        for unasked in &self.unasked {
            text += &format!("not asked: {unasked}\n");
        }
        let Self {
            skus,
            lines,
            holds,
            findings_count,
            ..
        } = self;
        text + &format!("{skus} SKUs with {lines} lines and {holds} holds: {findings_count} findings\n")
    }
}

/// Totals in words.
pub(super) fn levels_text(levels: &Levels) -> String {
    let Levels {
        on_hand,
        reserved,
        allocated,
    } = levels;
    format!("{on_hand} on hand, {reserved} reserved, {allocated} allocated")
}
