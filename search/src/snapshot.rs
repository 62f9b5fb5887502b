//! What is in a file at one moment, and whether two files say the same, row by row.

use std::cmp::Ordering;
use std::path::Path;

use read_store::{Column, ColumnType, Key, Row, Table, Value};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Rows, params};

use crate::error::SearchError;
use crate::file;
use crate::index::PROJECTION;

/// What is in a file at one moment, whatever is written to it meanwhile.
pub struct Snapshot(Connection);

/// What comparing two files has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Rows of the first file.
    pub rows: u64,
    /// Rows that differ, or that only one file has.
    pub differing: u64,
    /// The first of them.
    pub named: Vec<Differing>,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// Of which table.
    pub table: &'static Table,
    /// Where.
    pub key: Key,
    /// What the first file has.
    pub first: Option<Row>,
    /// What the second file has.
    pub second: Option<Row>,
}

const fn text(name: &'static str) -> Column {
    let kind = ColumnType::Text;
    Column { name, kind }
}

const fn integer(name: &'static str) -> Column {
    let kind = ColumnType::Integer;
    Column { name, kind }
}

const fn blob(name: &'static str) -> Column {
    let kind = ColumnType::Blob;
    Column { name, kind }
}

const fn table(name: &'static str, columns: &'static [Column]) -> Table {
    let projection = PROJECTION;
    Table {
        projection,
        name,
        columns,
    }
}

static PRODUCT: Table = table(
    "product",
    &[
        integer("published"),
        integer("newest"),
        integer("best"),
        integer("surplus"),
        integer("unmarked"),
        integer("available"),
        integer("promisable"),
        text("prices"),
        text("titles"),
        blob("view"),
    ],
);
static VALUE: Table = table("value", &[integer("products")]);
static HAS: Table = table("has", &[]);
static WORD: Table = table("word", &[text("folded"), integer("letters"), integer("products")]);
static TERM: Table = table("term", &[integer("products"), integer("places")]);
static SKU: Table = table(
    "sku",
    &[
        text("product"),
        integer("tracks"),
        integer("available"),
        integer("threshold"),
        integer("promisable"),
        blob("stock"),
    ],
);
static CATEGORY: Table = table("category", &[text("parent"), integer("archived"), blob("view")]);
static PARKED: Table = table("parked", &[text("why")]);

/// Lists the words of the full-text table.
const TERMS: &str = "CREATE VIRTUAL TABLE temp.term USING fts5vocab(main, text, row)";

/// What is compared: each table's rows with two columns of their key before the others, in the order of the key. Numbers
/// that a file gives to products and values are its own, so names stand in their place.
const ROWS: [(&Table, &str); 8] = [
    (
        &PRODUCT,
        "SELECT hex(uuid), '', published, newest, best, surplus, unmarked, available, promisable,
           (SELECT group_concat(said, ', ') FROM (SELECT currency || ' ' || amount || ' ' || is_lowest AS said
              FROM price WHERE price.product = p.id ORDER BY currency, amount)),
           (SELECT group_concat(said, ', ') FROM (SELECT locale || ' ' || hex(title) AS said
              FROM title WHERE title.product = p.id ORDER BY locale, title)),
           (SELECT bytes FROM view WHERE view.product = p.id)
         FROM product p ORDER BY uuid",
    ),
    (&VALUE, "SELECT facet, label, products FROM value ORDER BY facet, label"),
    (
        &HAS,
        "SELECT facet || char(31) || label AS named, uuid FROM value JOIN has ON has.value = value.id
           JOIN product ON product.id = has.product ORDER BY named, uuid",
    ),
    (
        &WORD,
        "SELECT word, '', folded, letters, products FROM word ORDER BY word",
    ),
    (&TERM, "SELECT term, '', doc, cnt FROM temp.term ORDER BY term"),
    (
        &SKU,
        "SELECT sku, '', (SELECT hex(uuid) FROM product WHERE id = product), tracks, available, threshold,
           promisable, stock FROM sku ORDER BY sku",
    ),
    (
        &CATEGORY,
        "SELECT id, '', parent, archived, bytes FROM category ORDER BY id",
    ),
    (&PARKED, "SELECT stream, '', why FROM parked ORDER BY stream"),
];

impl Snapshot {
    pub(crate) fn of(path: &Path) -> Result<Self, SearchError> {
        let connection = file::open_to_read(path)?;
        connection.execute_batch(TERMS)?;
        connection.execute_batch("BEGIN")?;
        // The first look decides what is seen.
        connection.query_row("SELECT count(*) FROM position", params![], |_| Ok(()))?;
        Ok(Self(connection))
    }

    /// Compares it with another one, row by row, and names the first `named_max` rows that differ. Blocks.
    ///
    /// # Errors
    /// One of the files cannot be read.
    pub fn compare(&self, other: &Self, named_max: usize) -> Result<Compared, SearchError> {
        let mut compared = Compared::default();
        for (table, sql) in ROWS {
            let (mut first, mut second) = (self.0.prepare(sql)?, other.0.prepare(sql)?);
            let sides = (first.query(params![])?, second.query(params![])?);
            compare_rows(table, sides, named_max, &mut compared)?;
        }
        Ok(compared)
    }
}

fn compare_rows(
    table: &'static Table,
    (mut first_rows, mut second_rows): (Rows<'_>, Rows<'_>),
    named_max: usize,
    compared: &mut Compared,
) -> Result<(), SearchError> {
    let (mut first, mut second) = (next(&mut first_rows)?, next(&mut second_rows)?);
    loop {
        let order = match (&first, &second) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(first), Some(second)) => first.key.cmp(&second.key),
        };
        let mut sides = (None, None);
        if order.is_le() {
            compared.rows += 1;
            sides.0 = std::mem::replace(&mut first, next(&mut first_rows)?);
        }
        if order.is_ge() {
            sides.1 = std::mem::replace(&mut second, next(&mut second_rows)?);
        }
        if sides.0 == sides.1 {
            continue;
        }
        compared.differing += 1;
        let key = sides.0.as_ref().or(sides.1.as_ref()).map(|row| row.key.clone());
        if let Some(key) = key.filter(|_| compared.named.len() < named_max) {
            let (first, second) = sides;
            compared.named.push(Differing {
                table,
                key,
                first,
                second,
            });
        }
    }
}

fn next(rows: &mut Rows<'_>) -> Result<Option<Row>, SearchError> {
    let Some(row) = rows.next()? else { return Ok(None) };
    let key = Key {
        partition: row.get(0)?,
        clustering: row.get_ref(1)?.as_bytes().unwrap_or_default().to_vec(),
    };
    let mut values = Vec::new();
    for column in 2..row.as_ref().column_count() {
        values.push(match row.get_ref(column)? {
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
            ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Null | ValueRef::Real(_) => Value::Text(String::new()),
        });
    }
    Ok(Some(Row { key, values }))
}
