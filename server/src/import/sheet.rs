//! From bytes to rows of text, whatever wrote them.

use super::report::Refusal;

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
    /// It is not UTF-8.
    #[error("the file is not UTF-8; save it as \"CSV UTF-8\"")]
    NotUtf8,
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
    /// Whether numbers may have a comma where others have a point: so do programs that part cells by semicolons.
    pub(super) has_decimal_commas: bool,
}

impl Sheet {
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
        Self::raw(row, column).trim()
    }

    /// A cell's text as it stands in the file; empty when there is no such column.
    pub(super) fn raw(row: &Row, column: Option<usize>) -> &str {
        let text = column.and_then(|column| row.record.get(column));
        text.unwrap_or_default()
    }
}

pub(super) fn read(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Unreadable::TooLarge);
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Unreadable::NotUtf8);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let delimiter = delimiter(text);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(text);
    let mut records = reader.byte_records();
    let header = records
        .next()
        .ok_or(Unreadable::Empty)?
        .map_err(|_| Unreadable::NotUtf8)?;
    let header = csv::StringRecord::from_byte_record(header).map_err(|_| Unreadable::NotUtf8)?;
    let mut sheet = Sheet {
        header: header.iter().map(|name| name.trim().to_owned()).collect(),
        rows: Vec::new(),
        refusals: Vec::new(),
        has_decimal_commas: delimiter == b';',
    };
    for record in records {
        let record = record.map_err(|_| Unreadable::NotUtf8)?;
        let line = record.position().map_or(0, |position| first_line(text, position));
        match row(line, record, header.len()) {
            Ok(Some(row)) => sheet.rows.push(row),
            Ok(None) => {}
            Err(refusal) => sheet.refusals.push(refusal),
        }
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

/// The row of a record; none when it has only empty cells.
fn row(line: u64, record: csv::ByteRecord, width: usize) -> Result<Option<Row>, Refusal> {
    let is_blank = |cell: &[u8]| cell.iter().all(u8::is_ascii_whitespace);
    if record.iter().all(is_blank) {
        return Ok(None);
    }
    let has_more = record.iter().skip(width).any(|cell| !is_blank(cell));
    if record.len() < width || has_more {
        let reason = format!("the row has {} cells, the header has {width}", record.len());
        return Err(Refusal::new(line, "row.ragged", reason));
    }
    match csv::StringRecord::from_byte_record(record) {
        Ok(record) => Ok(Some(Row { line, record })),
        Err(_) => Err(Refusal::new(line, "row.not_utf8", "the row is not UTF-8")),
    }
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
