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
    /// What did not come in, by line.
    pub refusals: Vec<Refusal>,
    /// What came in otherwise, by line.
    pub notices: Vec<Notice>,
}

impl Refusal {
    pub(super) fn new(line: u64, code: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            line,
            code: code.into(),
            reason: reason.into(),
        }
    }
}

impl Report {
    /// 0 when all came in, 1 when something was refused, 2 when nothing came in at all.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match (self.refusals.is_empty(), self.products) {
            (true, _) => 0,
            (false, 0) => 2,
            (false, _) => 1,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {} ({})", self.line, self.reason, self.code)
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
        let (products, variants) = (counted(self.products, "product"), counted(self.variants, "variant"));
        writeln!(
            formatter,
            "{products} with {variants} {verb}; opening stock for {}",
            counted(self.stocked, "SKU")
        )?;
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

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
