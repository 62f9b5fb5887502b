//! Facets: what the products of a list can be narrowed by, and how many would be left.
//!
//! Each facet is counted without its own filter, so that what was not chosen in it stays choosable. A product
//! carries the numbers of its values with it: one pass over the products that fit counts all facets, and one more
//! pass for each facet that is filtered by.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::value::CategoryId;
use rusqlite::{Connection, params, params_from_iter};

use crate::availability::{LEVEL, Level};
use crate::conditions::{Dimension, Sql, filters, products, text};
use crate::document::{ATTRIBUTE, CATEGORY, OPTION, TAG, VENDOR};
use crate::error::SearchError;
use crate::limits::{FACET_VALUES_MAX, FACETS_MAX};
use crate::request::{Criteria, Filter};

mod tree;

use tree::ShownCategories;

/// What a facet is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FacetKind {
    /// Where products are found: the categories beside the chosen one and right below it, or those at the top.
    Category,
    /// Whether they can be bought.
    Availability,
    /// What they cost.
    Price,
    /// Who makes them.
    Vendor,
    /// In which dimension variants differ.
    Option(String),
    /// Labels.
    Tag,
    /// A free fact.
    Attribute(String),
}

/// What the products of a list can be narrowed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// What it is about.
    pub kind: FacetKind,
    /// At most [`FACET_VALUES_MAX`], and all that are chosen.
    pub values: Vec<FacetValue>,
}

/// One of a facet's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    /// Which.
    pub value: ValueOf,
    /// How many products would be in the list if it were the only one chosen in its facet.
    pub products: u64,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// What a facet's value is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueOf {
    /// A category, with all below it.
    Category(CategoryId),
    /// A level.
    Availability(Level),
    /// The lowest and the highest price there is, in minor units.
    Price {
        /// The lowest.
        min: i64,
        /// The highest.
        max: i64,
    },
    /// A text: a vendor, a tag, a choice, a fact.
    Label(String),
}

/// How many of the products that fit have what.
#[derive(Debug, Default)]
struct Counts {
    values: HashMap<u32, u64>,
    levels: BTreeMap<Level, u64>,
    categories: BTreeMap<CategoryId, u64>,
}

pub(crate) fn facets(connection: &Connection, criteria: &Criteria) -> Result<Vec<Facet>, SearchError> {
    let shown = ShownCategories::read(connection, criteria.filter.category)?;
    let whole = counts(connection, criteria, None, &shown)?;
    let mut own: BTreeMap<Dimension, Counts> = BTreeMap::new();
    for (dimension, _) in filters(criteria)? {
        let counted = counts(connection, criteria, Some(&dimension), &shown)?;
        own.insert(dimension, counted);
    }
    let of = |dimension: &Dimension| own.get(dimension).unwrap_or(&whole);

    let mut facets = vec![
        category_facet(&of(&Dimension::Category).categories, criteria.filter.category),
        availability_facet(&of(&Dimension::Availability).levels, &criteria.filter.availability),
        price_facet(connection, criteria)?,
    ];
    facets.extend(label_facets(connection, criteria, &whole, &own)?);
    facets.retain(|facet| !facet.values.is_empty());
    facets.truncate(FACETS_MAX);
    Ok(facets)
}

/// The facets of a list whose products are what they were, and of which there are more or fewer now.
pub(crate) fn recount_availability(
    connection: &Connection,
    criteria: &Criteria,
    mut facets: Vec<Facet>,
) -> Result<Vec<Facet>, SearchError> {
    let mut sql = Sql::new("SELECT ");
    sql.push(LEVEL, [criteria.low_stock_threshold.into()]);
    sql.push(" AS level, count(*)", []);
    sql.append(products(criteria, None)?.into_whole());
    sql.push(" GROUP BY level", []);
    let mut statement = connection.prepare_cached(&sql.text)?;
    let mut rows = statement.query(params_from_iter(sql.parameters))?;
    let mut levels = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let count: i64 = row.get(1)?;
        levels.insert(Level::of_number(row.get(0)?), count.cast_unsigned());
    }
    let counted = availability_facet(&levels, &criteria.filter.availability);
    let known = facets.iter_mut().find(|facet| facet.kind == counted.kind);
    // Every product has a level: only a list without products has no such facet, and it still has none.
    if let Some(known) = known {
        *known = counted;
    }
    Ok(facets)
}

fn counts(
    connection: &Connection,
    criteria: &Criteria,
    left_out: Option<&Dimension>,
    shown: &ShownCategories,
) -> Result<Counts, SearchError> {
    let mut sql = Sql::new("SELECT p.facets, ");
    sql.push(LEVEL, [criteria.low_stock_threshold.into()]);
    sql.append(products(criteria, left_out)?.into_whole());
    let mut statement = connection.prepare_cached(&sql.text)?;
    let mut rows = statement.query(params_from_iter(sql.parameters))?;
    let mut counts = Counts::default();
    let mut within = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let facets = row.get_ref(0)?.as_blob().unwrap_or_default();
        within.clear();
        for value in values_of(facets) {
            *counts.values.entry(value).or_default() += 1;
            within.extend(shown.around(value));
        }
        for category in &within {
            *counts.categories.entry(*category).or_default() += 1;
        }
        *counts.levels.entry(Level::of_number(row.get(1)?)).or_default() += 1;
    }
    Ok(counts)
}

/// The numbers of a product's values, as they are kept with it.
pub(crate) fn values_of(facets: &[u8]) -> impl Iterator<Item = u32> {
    let (numbers, _) = facets.as_chunks();
    numbers.iter().map(|bytes| u32::from_le_bytes(*bytes))
}

fn category_facet(counts: &BTreeMap<CategoryId, u64>, chosen: Option<CategoryId>) -> Facet {
    let value = |(category, products): (&CategoryId, &u64)| FacetValue {
        value: ValueOf::Category(*category),
        products: *products,
        is_chosen: Some(*category) == chosen,
    };
    let mut values: Vec<FacetValue> = counts.iter().map(value).collect();
    let is_missing = |category: &CategoryId| !counts.contains_key(category);
    values.extend(chosen.filter(is_missing).map(|category| value((&category, &0))));
    Facet {
        kind: FacetKind::Category,
        values: most_first(values),
    }
}

fn availability_facet(counts: &BTreeMap<Level, u64>, chosen: &[Level]) -> Facet {
    let values = Level::ALL.into_iter().map(|level| FacetValue {
        value: ValueOf::Availability(level),
        products: counts.get(&level).copied().unwrap_or(0),
        is_chosen: chosen.contains(&level),
    });
    Facet {
        kind: FacetKind::Availability,
        values: values.filter(|value| value.products > 0 || value.is_chosen).collect(),
    }
}

/// One value: from the lowest to the highest price that could be asked for. Each product has one lowest price in a
/// currency, if it has any, so these count the products.
fn price_facet(connection: &Connection, criteria: &Criteria) -> Result<Facet, SearchError> {
    let products = products(criteria, Some(&Dimension::Price))?;
    let mut sql = Sql::new("SELECT min(x.amount), max(x.amount), sum(x.is_lowest)");
    sql.append(products.from);
    let in_currency = " JOIN price x ON x.product = p.id AND x.currency = ?";
    sql.push(in_currency, [text(criteria.currency.code())]);
    sql.append(products.conditions);
    let mut statement = connection.prepare_cached(&sql.text)?;
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let found: (Option<i64>, Option<i64>, Option<i64>) = statement.query_row(params_from_iter(sql.parameters), row)?;
    let (Some(min), Some(max), Some(count)) = found else {
        return Ok(Facet {
            kind: FacetKind::Price,
            values: Vec::new(),
        });
    };
    Ok(Facet {
        kind: FacetKind::Price,
        values: vec![FacetValue {
            value: ValueOf::Price { min, max },
            products: u64::try_from(count).unwrap_or(0),
            is_chosen: criteria.filter.price.is_some(),
        }],
    })
}

/// The facets of vendors, options, tags and attributes.
fn label_facets(
    connection: &Connection,
    criteria: &Criteria,
    whole: &Counts,
    own: &BTreeMap<Dimension, Counts>,
) -> Result<Vec<Facet>, SearchError> {
    let all = own.values().chain([whole]);
    let numbers: BTreeSet<u32> = all.flat_map(|counts| counts.values.keys().copied()).collect();
    let sql = "SELECT id, facet, label FROM value WHERE facet <> ?1 AND id IN (SELECT value FROM json_each(?2))";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![CATEGORY, serde_json::to_string(&numbers)?])?;
    let mut found: BTreeMap<FacetKind, BTreeMap<String, u64>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (number, facet, label): (u32, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Some((kind, dimension)) = of_facet(&facet) else {
            continue;
        };
        let counted = own.get(&dimension).unwrap_or(whole).values.get(&number);
        found
            .entry(kind)
            .or_default()
            .extend(counted.map(|count| (label, *count)));
    }
    for (kind, labels) in chosen_labels(&criteria.filter) {
        let values = found.entry(kind).or_default();
        for label in labels {
            values.entry(label.clone()).or_default();
        }
    }
    let mut facets: Vec<Facet> = found
        .into_iter()
        .map(|(kind, values)| label_facet(kind, values, criteria))
        .collect();
    let most = |facet: &Facet| facet.values.iter().map(|value| value.products).sum::<u64>();
    facets.sort_by_cached_key(|facet| (group(&facet.kind), std::cmp::Reverse(most(facet)), facet.kind.clone()));
    Ok(facets)
}

fn label_facet(kind: FacetKind, values: BTreeMap<String, u64>, criteria: &Criteria) -> Facet {
    let chosen = chosen_labels(&criteria.filter);
    let chosen = chosen
        .iter()
        .find(|(known, _)| *known == kind)
        .map(|(_, labels)| *labels);
    let value = |(label, products): (String, u64)| FacetValue {
        is_chosen: chosen.is_some_and(|labels| labels.contains(&label)),
        value: ValueOf::Label(label),
        products,
    };
    Facet {
        values: most_first(values.into_iter().map(value).collect()),
        kind,
    }
}

/// What is chosen, then what most products have, then by name; no more than are shown.
fn most_first(mut values: Vec<FacetValue>) -> Vec<FacetValue> {
    values.sort_by_cached_key(|value| (!value.is_chosen, std::cmp::Reverse(value.products), value.value.clone()));
    values.truncate(FACET_VALUES_MAX);
    values.sort_by_cached_key(|value| (std::cmp::Reverse(value.products), value.value.clone()));
    values
}

/// Options stand before tags, and tags before attributes.
fn group(kind: &FacetKind) -> u8 {
    match kind {
        FacetKind::Category | FacetKind::Availability | FacetKind::Price => 0,
        FacetKind::Vendor => 1,
        FacetKind::Option(_) => 2,
        FacetKind::Tag => 3,
        FacetKind::Attribute(_) => 4,
    }
}

fn of_facet(facet: &str) -> Option<(FacetKind, Dimension)> {
    if let Some(name) = facet.strip_prefix(OPTION) {
        return Some((FacetKind::Option(name.to_owned()), Dimension::Option(name.to_owned())));
    }
    if let Some(name) = facet.strip_prefix(ATTRIBUTE) {
        return Some((
            FacetKind::Attribute(name.to_owned()),
            Dimension::Attribute(name.to_owned()),
        ));
    }
    match facet {
        VENDOR => Some((FacetKind::Vendor, Dimension::Vendor)),
        TAG => Some((FacetKind::Tag, Dimension::Tag)),
        _ => None,
    }
}

fn chosen_labels(filter: &Filter) -> Vec<(FacetKind, &Vec<String>)> {
    let mut chosen = vec![(FacetKind::Vendor, &filter.vendors), (FacetKind::Tag, &filter.tags)];
    let options = filter.options.iter();
    chosen.extend(options.map(|(name, labels)| (FacetKind::Option(name.clone()), labels)));
    let attributes = filter.attributes.iter();
    chosen.extend(attributes.map(|(name, labels)| (FacetKind::Attribute(name.clone()), labels)));
    chosen.retain(|(_, labels)| !labels.is_empty());
    chosen
}
