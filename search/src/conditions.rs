//! Filters as SQL. The text of a statement is made of fixed parts only; whatever comes from outside is a parameter.

use domain::value::CategoryId;
use rusqlite::types::Value;

use crate::availability::LEVEL;
use crate::document::{ATTRIBUTE, CATEGORY, OPTION, TAG, TEXT_COLUMNS, VENDOR};
use crate::error::SearchError;
use crate::request::{Criteria, PriceBounds, Sort};
use crate::words::Wanted;

/// A statement, or a part of one, with its parameters in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) parameters: Vec<Value>,
}

impl Sql {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            parameters: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, text: &str, parameters: impl IntoIterator<Item = Value>) {
        self.text.push_str(text);
        self.parameters.extend(parameters);
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.push(&other.text, other.parameters);
    }
}

/// A filter that has a facet: it can be left out, to count what the facet's other values would give.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dimension {
    Category,
    Price,
    Availability,
    Vendor,
    Tag,
    Option(String),
    Attribute(String),
}

/// What the products of a list are ordered by, ascending.
pub(crate) fn rank(criteria: &Criteria) -> String {
    match &criteria.sort {
        Sort::Relevance if ranks_text(criteria) => score(),
        Sort::Relevance | Sort::Newest => "p.newest".to_owned(),
        Sort::Price => "s.amount".to_owned(),
        Sort::Title(_) => "s.title".to_owned(),
        Sort::BestSelling => "p.best".to_owned(),
    }
}

/// How well a product fits the text: the better, the less.
pub(crate) fn score() -> String {
    let weights: Vec<String> = TEXT_COLUMNS.iter().map(|(_, weight)| format!("{weight:.1}")).collect();
    format!("bm25(text, {})", weights.join(", "))
}

/// Whether the list is ordered by how well its products fit a text.
pub(crate) fn ranks_text(criteria: &Criteria) -> bool {
    criteria.sort == Sort::Relevance && criteria.query.is_some()
}

/// The products `p` that fit: where they are taken from, and what is true of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Selection {
    pub(crate) from: Sql,
    pub(crate) conditions: Sql,
}

impl Selection {
    /// `FROM … WHERE …`, for those who look at every product: then the table itself is faster than an index of it.
    pub(crate) fn into_whole(mut self) -> Sql {
        self.conditions.text = self.conditions.text.replacen("p.published", "+p.published", 1);
        self.into_sql()
    }

    /// `FROM … WHERE …`
    pub(crate) fn into_sql(self) -> Sql {
        let mut sql = self.from;
        sql.append(self.conditions);
        sql
    }
}

/// The products that fit, without the filter of `left_out`.
///
/// # Errors
/// [`SearchError`].
pub(crate) fn products(criteria: &Criteria, left_out: Option<&Dimension>) -> Result<Selection, SearchError> {
    let mut conditions = Sql::new(" WHERE p.published");
    if let Some(query) = &criteria.query {
        let wanted = Wanted::of(query);
        if wanted.is_empty() {
            conditions.push(" AND FALSE", []);
        }
        let found = if ranks_text(criteria) {
            " AND text MATCH ?"
        } else {
            " AND p.id IN (SELECT rowid FROM text WHERE text MATCH ?)"
        };
        conditions.push(found, [text(&wanted.expression())]);
    }
    for (dimension, condition) in filters(criteria)? {
        if Some(&dimension) != left_out {
            conditions.append(condition);
        }
    }
    Ok(Selection {
        from: source(criteria),
        conditions,
    })
}

fn source(criteria: &Criteria) -> Sql {
    let mut from = Sql::new(if ranks_text(criteria) {
        " FROM text JOIN product p ON p.id = text.rowid"
    } else {
        " FROM product p"
    });
    match &criteria.sort {
        Sort::Price => from.push(
            " JOIN price s ON s.product = p.id AND s.currency = ? AND s.is_lowest",
            [text(criteria.currency.code())],
        ),
        Sort::Title(locale) => from.push(" JOIN title s ON s.product = p.id AND s.locale = ?", [text(locale)]),
        Sort::Relevance | Sort::Newest | Sort::BestSelling => {}
    }
    from
}

/// The filters that are set, each with its condition.
///
/// # Errors
/// [`SearchError`].
pub(crate) fn filters(criteria: &Criteria) -> Result<Vec<(Dimension, Sql)>, SearchError> {
    let filter = &criteria.filter;
    let mut filters = Vec::new();
    filters.extend(filter.category.map(|category| (Dimension::Category, below(category))));
    filters.extend(filter.price.map(|bounds| (Dimension::Price, priced(criteria, bounds))));
    if !filter.availability.is_empty() {
        let levels: Vec<i64> = filter.availability.iter().map(|level| level.number()).collect();
        let mut sql = Sql::new(" AND ");
        sql.push(LEVEL, [Value::Integer(criteria.low_stock_threshold)]);
        sql.push(
            " IN (SELECT value FROM json_each(?))",
            [text(&serde_json::to_string(&levels)?)],
        );
        filters.push((Dimension::Availability, sql));
    }
    let mut one_of = |dimension: Dimension, facet: String, labels: &Vec<String>| {
        if !labels.is_empty() {
            filters.push((dimension, labelled(&facet, labels)?));
        }
        Ok::<_, SearchError>(())
    };
    one_of(Dimension::Vendor, VENDOR.to_owned(), &filter.vendors)?;
    one_of(Dimension::Tag, TAG.to_owned(), &filter.tags)?;
    for (name, labels) in &filter.options {
        one_of(Dimension::Option(name.clone()), format!("{OPTION}{name}"), labels)?;
    }
    for (name, labels) in &filter.attributes {
        one_of(Dimension::Attribute(name.clone()), format!("{ATTRIBUTE}{name}"), labels)?;
    }
    Ok(filters)
}

fn labelled(facet: &str, labels: &[String]) -> Result<Sql, SearchError> {
    let mut sql = Sql::default();
    sql.push(
        " AND p.id IN (SELECT has.product FROM value JOIN has ON has.value = value.id \
          WHERE value.facet = ? AND value.label IN (SELECT value FROM json_each(?)))",
        [text(facet), text(&serde_json::to_string(labels)?)],
    );
    Ok(sql)
}

/// In a category that is shown, or in one below it.
fn below(category: CategoryId) -> Sql {
    let mut sql = Sql::default();
    sql.push(
        " AND p.id IN (
            WITH RECURSIVE below (id) AS (
              SELECT id FROM category WHERE id = ? AND NOT archived
              UNION SELECT category.id FROM category JOIN below ON category.parent = below.id
                WHERE NOT category.archived)
            SELECT has.product FROM below CROSS JOIN value ON value.facet = ? AND value.label = below.id
              CROSS JOIN has ON has.value = value.id)",
        [text(&category.to_string()), text(CATEGORY)],
    );
    sql
}

fn priced(criteria: &Criteria, bounds: PriceBounds) -> Sql {
    let mut sql = Sql::default();
    let currency = text(criteria.currency.code());
    let (min, max) = (bounds.min.unwrap_or(i64::MIN), bounds.max.unwrap_or(i64::MAX));
    sql.push(
        " AND EXISTS (SELECT 1 FROM price WHERE price.product = p.id AND price.currency = ? \
          AND price.amount BETWEEN ? AND ?)",
        [currency, Value::Integer(min), Value::Integer(max)],
    );
    sql
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
