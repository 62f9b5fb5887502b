//! What became of an import.

use std::fmt;

/// A line that does not come in, or a product that the shop refuses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The line of the file, from 1; of a product, its first.
    pub line: u64,
    /// The stable code, for example `price.missing`.
    pub code: String,
    /// Why, in words.
    pub reason: String,
    /// The name of the column, when one is to blame.
    pub column: Option<String>,
}

/// Something that comes in otherwise than the file says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The line of the file, from 1.
    pub line: u64,
    /// The stable code, for example `sku.repeated`.
    pub code: &'static str,
    /// What was done, in words.
    pub what: String,
}

/// What an import is to the shop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Products that were as the file says already.
    pub unchanged: usize,
    /// Products that were not.
    pub changed: usize,
    /// What would happen to each product, in a dry run: its line, its handle, and the names of the events.
    pub previewed: Vec<(u64, String, Vec<String>)>,
}

/// What became of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Whether nothing was sent.
    pub dry_run: bool,
    /// Products that came in (or would have).
    pub products: usize,
    /// Their variants.
    pub variants: usize,
    /// SKUs whose opening stock was offered; the shop takes it once.
    pub stocked: usize,
    /// Counts of an inventory file that came in.
    pub counted: usize,
    /// What it is to the shop; none when no shop was asked.
    pub changes: Option<Changes>,
    /// What did not come in, by line.
    pub refusals: Vec<Refusal>,
    /// What came in otherwise, by line.
    pub notices: Vec<Notice>,
}

impl Refusal {
    pub(super) fn new(line: u64, code: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            line,
            column: None,
            code: code.into(),
            reason: reason.into(),
        }
    }

    /// Names the column that is to blame.
    pub(super) fn at(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }
}

impl Report {
    /// 0 when all came in, 1 when something was refused, 2 when nothing came in at all.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match (self.refusals.is_empty(), self.products + self.counted) {
            (true, _) => 0,
            (false, 0) => 2,
            (false, _) => 1,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(
                formatter,
                "line {}, column {column:?}: {} ({})",
                self.line, self.reason, self.code
            ),
            None => write!(formatter, "line {}: {} ({})", self.line, self.reason, self.code),
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {} ({})", self.line, self.what, self.code)
    }
}

/// The counts, then every line that did not come in as it stands.
impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.dry_run { "would come in" } else { "came in" };
        if self.counted > 0 && self.products == 0 {
            writeln!(formatter, "{} {verb}", counted(self.counted, "count"))?;
            return self.details(formatter);
        }
        let (products, variants) = (counted(self.products, "product"), counted(self.variants, "variant"));
        writeln!(
            formatter,
            "{products} with {variants} {verb}; opening stock for {}",
            counted(self.stocked, "SKU")
        )?;
        self.details(formatter)
    }
}

impl Report {
    /// What changed, what was changed on the way in, and what did not come in.
    fn details(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(changes) = &self.changes {
            let (are, would) = if self.dry_run {
                ("would change", "are")
            } else {
                ("changed", "were")
            };
            writeln!(
                formatter,
                "{} {are}, {} {would} so already",
                changes.changed, changes.unchanged
            )?;
            for (line, handle, events) in &changes.previewed {
                writeln!(formatter, "  line {line}: {handle}: {}", events.join(", "))?;
            }
        }
        if !self.notices.is_empty() {
            writeln!(formatter, "\nchanged on the way in:")?;
            self.notices
                .iter()
                .try_for_each(|notice| writeln!(formatter, "  {notice}"))?;
        }
        if !self.refusals.is_empty() {
            writeln!(formatter, "\nrefused:")?;
            self.refusals
                .iter()
                .try_for_each(|refusal| writeln!(formatter, "  {refusal}"))?;
        }
        Ok(())
    }
}

/// `1 product`, `2 products`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
