//! The columns of a WooCommerce export, under their English names.

use crate::import::sheet::{Row, Sheet};

/// Names that tell this format from others, in lower case.
const NAMES: [&str; 20] = [
    "id",
    "type",
    "sku",
    "name",
    "published",
    "is featured?",
    "visibility in catalog",
    "short description",
    "description",
    "tax status",
    "tax class",
    "in stock?",
    "stock",
    "backorders allowed?",
    "regular price",
    "sale price",
    "categories",
    "tags",
    "images",
    "parent",
];
/// What no product can do without, as exports write it.
const REQUIRED: [&str; 1] = ["Name"];
/// Most attributes that are read.
const ATTRIBUTES_MAX: usize = 100;
/// Names of weights with their units in micrograms.
const WEIGHTS: [(&str, u64); 4] = [
    ("weight (kg)", 1_000_000_000),
    ("weight (g)", 1_000_000),
    // The international pound and its sixteenth.
    ("weight (lbs)", 453_592_370),
    ("weight (oz)", 28_349_523),
];

/// A sheet and where its columns stand.
pub(super) struct Export<'a> {
    pub(super) sheet: &'a Sheet,
    header: Vec<String>,
}

impl<'a> Export<'a> {
    /// How many of a header's names are of this format.
    pub(super) fn count(sheet: &Sheet) -> usize {
        sheet.columns().filter(|name| NAMES.contains(&name.as_str())).count()
    }

    /// Finds the columns in a header.
    ///
    /// # Errors
    /// The names of the required columns that are not there.
    pub(super) fn find(sheet: &'a Sheet) -> Result<Self, Vec<&'static str>> {
        let export = Self {
            header: sheet.columns().collect(),
            sheet,
        };
        let is_missing = |name: &&str| export.position(&name.to_lowercase()).is_none();
        let missing: Vec<&'static str> = REQUIRED.into_iter().filter(is_missing).collect();
        if missing.is_empty() { Ok(export) } else { Err(missing) }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|known| known == name)
    }

    /// Whether the file has a column, by its name in lower case.
    pub(super) fn has(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// Whether the file has one of these columns.
    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.has(name))
    }

    /// Whether the file has all of these columns.
    pub(super) fn has_all(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.has(name))
    }

    /// A cell's text without blanks around it; empty when the file has no such column.
    pub(super) fn cell<'b>(&self, row: &'b Row, name: &str) -> &'b str {
        Sheet::text(row, self.position(name))
    }

    /// The column's name as it stands in the file.
    pub(super) fn name(&self, name: &str) -> &str {
        self.position(name).map_or("", |index| self.sheet.name(index))
    }

    /// Whether the file says anything of attributes.
    pub(super) fn has_attributes(&self) -> bool {
        self.has(&attribute_name(1)) && self.has(&attribute_values(1))
    }

    /// Names and values of a row's attributes, in their order.
    pub(super) fn attributes<'b>(&self, row: &'b Row) -> Vec<(&'b str, &'b str)> {
        let attribute = |number: usize| {
            let name = self.cell(row, &attribute_name(number));
            let values = self.cell(row, &attribute_values(number));
            (!name.is_empty()).then_some((name, values))
        };
        let has_column = |number: &usize| self.has(&attribute_name(*number));
        (1..=ATTRIBUTES_MAX)
            .take_while(has_column)
            .filter_map(attribute)
            .collect()
    }

    /// A row's weight and its unit in micrograms, when the file has weights.
    pub(super) fn weight<'b>(&self, row: &'b Row) -> Option<(&'b str, u64)> {
        let (name, unit) = WEIGHTS.iter().find(|(name, _)| self.has(name))?;
        Some((self.cell(row, name), *unit))
    }
}

fn attribute_name(number: usize) -> String {
    format!("attribute {number} name")
}

fn attribute_values(number: usize) -> String {
    format!("attribute {number} value(s)")
}

/// The parts of a list whose separators are commas, unless a backslash stands before them.
pub(super) fn list(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('\\', Some(',')) => {
                characters.next();
                if let Some(part) = parts.last_mut() {
                    part.push(',');
                }
            }
            (',', _) => parts.push(String::new()),
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(character);
                }
            }
        }
    }
    let parts = parts.into_iter().map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}
