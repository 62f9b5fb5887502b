//! From bytes to rows of text, whatever wrote them.

use super::encoding;
use super::report::{Notice, Refusal};
use crate::spreadsheet::unmarked;

/// Most bytes of one file.
pub const FILE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Why nothing of a file can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Nothing is in it.
    #[error("the file is empty")]
    Empty,
    /// It is too large.
    #[error("the file has more than {FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// Columns that no product can do without.
    #[error("missing the following columns: {}", .0.join(", "))]
    MissingColumns(Vec<&'static str>),
    /// No column of any format that is read.
    #[error(
        "the first line names no column of a product file: Shopify's begin with Handle or URL handle, WooCommerce's \
         with ID, Type, SKU, Name (exported in English)"
    )]
    UnknownHeader,
}

/// One row, and the line on which it begins.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    record: csv::StringRecord,
}

/// The rows of a file that can be read, and those that cannot.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    /// The names of its columns, as they stand there.
    header: Vec<String>,
    pub(super) rows: Vec<Row>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) notices: Vec<Notice>,
    /// Whether numbers may have a comma where others have a point: so do programs that part cells by semicolons.
    pub(super) has_decimal_commas: bool,
}

impl Sheet {
    /// Takes a record, unless it has only empty cells.
    fn take(&mut self, line: u64, record: csv::ByteRecord) {
        let width = self.header.len();
        let is_blank = |cell: &[u8]| cell.iter().all(u8::is_ascii_whitespace);
        if record.iter().all(is_blank) {
            return;
        }
        let has_more = record.iter().skip(width).any(|cell| !is_blank(cell));
        if record.len() < width || has_more {
            let reason = format!("the row has {} cells, the header has {width}", record.len());
            return self.refusals.push(Refusal::new(line, "row.ragged", reason));
        }
        let (record, is_utf8) = encoding::text(record);
        self.note_encoding(line, is_utf8);
        self.rows.push(Row { line, record });
    }

    fn note_encoding(&mut self, line: u64, is_utf8: bool) {
        if !is_utf8 {
            self.notices.push(Notice {
                line,
                code: "row.not_utf8",
                what: "the row is not UTF-8 and was read as Windows-1252".to_owned(),
            });
        }
    }

    /// The names of its columns, in lower case.
    pub(super) fn columns(&self) -> impl Iterator<Item = String> {
        self.header.iter().map(|name| name.to_lowercase())
    }

    /// The name of a column, as it stands in the file.
    pub(super) fn name(&self, column: usize) -> &str {
        self.header.get(column).map_or("", String::as_str)
    }

    /// A cell's text without blanks around it; empty when there is no such column.
    pub(super) fn text(row: &Row, column: Option<usize>) -> &str {
        unmarked(Self::cell(row, column).trim()).trim()
    }

    /// A cell's text as it stands in the file; empty when there is no such column.
    pub(super) fn raw(row: &Row, column: Option<usize>) -> &str {
        unmarked(Self::cell(row, column))
    }

    fn cell(row: &Row, column: Option<usize>) -> &str {
        let text = column.and_then(|column| row.record.get(column));
        text.unwrap_or_default()
    }
}

pub(super) fn read(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Unreadable::TooLarge);
    }
    let text = encoding::in_utf8(bytes);
    let delimiter = delimiter(&text);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(&*text);
    // Bytes in memory are always there to be read.
    let mut records = reader.byte_records().filter_map(Result::ok);
    let (header, is_utf8) = encoding::text(records.next().ok_or(Unreadable::Empty)?);
    let mut sheet = Sheet {
        header: header
            .iter()
            .map(|name| unmarked(name.trim()).trim().to_owned())
            .collect(),
        rows: Vec::new(),
        refusals: Vec::new(),
        notices: Vec::new(),
        has_decimal_commas: delimiter == b';',
    };
    sheet.note_encoding(1, is_utf8);
    for record in records {
        let line = record.position().map_or(0, |position| first_line(&text, position));
        sheet.take(line, record);
    }
    Ok(sheet)
}

/// The line on which a record begins: its position may be that of empty lines before it.
fn first_line(text: &[u8], position: &csv::Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let before = text.get(start..).unwrap_or_default().iter();
    let line_ends = before.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + line_ends.filter(|byte| **byte == b'\n').map(|_| 1).sum::<u64>()
}

/// The character that parts the header's cells: a comma, unless there are more semicolons or tabs.
fn delimiter(text: &[u8]) -> u8 {
    let header = text
        .split(|byte| *byte == b'\n')
        .find(|line| !line.trim_ascii().is_empty())
        .unwrap_or_default();
    let count = |wanted: u8| header.iter().filter(|byte| **byte == wanted).count();
    let mut best = b',';
    for candidate in [b';', b'\t'] {
        if count(candidate) > count(best) {
            best = candidate;
        }
    }
    best
}
