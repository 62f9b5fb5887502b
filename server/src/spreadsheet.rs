//! What a spreadsheet would take for a formula, and how a file says that it is a text.

use std::borrow::Cow;

/// What formulas begin with; the wide forms do so in East Asian editions. Before a tab or a line's end some programs
/// look at what comes after it.
const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What marks a text as one.
const MARK: char = '\'';

/// The text as it stands in a file: with an apostrophe before it where a spreadsheet would take it for a formula, or
/// where it reads like such a mark itself.
pub(crate) fn marked(text: &str) -> Cow<'_, str> {
    if may_be_marked(text) {
        Cow::Owned(format!("{MARK}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that a cell stands for: without the apostrophe that only marks it. All others are part of it.
pub(crate) fn unmarked(cell: &str) -> &str {
    cell.strip_prefix(MARK)
        .filter(|text| may_be_marked(text))
        .unwrap_or(cell)
}

fn may_be_marked(text: &str) -> bool {
    text.trim_start_matches(MARK).starts_with(BEGINNINGS)
}

#[cfg(test)]
mod tests;
