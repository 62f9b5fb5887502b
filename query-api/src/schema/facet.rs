//! Facets: what a list can be narrowed by, and how many products would be left.

use std::sync::Arc;

use async_graphql::{ID, SimpleObject};
use domain::value::{CategoryId, Money};
use search::{Facet as Found, FacetKind, FacetValue as FoundValue, Level, ValueOf};
use serde_json::{Value, json};

use super::id::Kind;
use crate::error::QueryError;
use crate::scope::Scope;

/// What a list can be narrowed by. It is counted without its own filter, so that what was not chosen in it can
/// still be.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct Facet {
    /// `category`, `availability`, `price`, `vendor`, `tag`, `option:<name>` or `attribute:<name>`.
    id: ID,
    /// In English, or the name of the option or attribute.
    label: String,
    /// What can be chosen: what most products have comes first.
    values: Vec<FacetValue>,
}

/// One of a facet's values.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct FacetValue {
    /// What shoppers read.
    label: String,
    /// How many products the list would have if only this were chosen in its facet.
    count: u64,
    /// The `ProductFilter` that chooses it, as JSON: parse it, and add what it has to the filter of the list.
    input: String,
    /// Whether it is chosen.
    selected: bool,
}

impl Facet {
    /// What the index has found, in the words of the audience.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn shown(scope: &Arc<Scope>, found: Vec<Found>) -> Result<Vec<Self>, QueryError> {
        let values = found.iter().flat_map(|facet| &facet.values);
        let categories: Vec<CategoryId> = values
            .filter_map(|value| match value.value {
                ValueOf::Category(category) => Some(category),
                _ => None,
            })
            .collect();
        let views = scope.loaders.categories.load_many(&categories).await?;
        let named = |id: CategoryId| {
            let place = categories.iter().position(|known| *known == id)?;
            let view = views.get(place)?.as_ref()?;
            Some(scope.audience.read(&view.view.name).to_owned())
        };
        let facet = |facet: &Found| Self {
            id: ID(id(&facet.kind)),
            label: label(&facet.kind),
            values: facet
                .values
                .iter()
                .filter_map(|found| value(scope, &facet.kind, found, &named))
                .collect(),
        };
        Ok(found.iter().map(facet).collect())
    }
}

fn id(kind: &FacetKind) -> String {
    match kind {
        FacetKind::Category => "category".to_owned(),
        FacetKind::Availability => "availability".to_owned(),
        FacetKind::Price => "price".to_owned(),
        FacetKind::Vendor => "vendor".to_owned(),
        FacetKind::Tag => "tag".to_owned(),
        FacetKind::Option(name) => format!("option:{name}"),
        FacetKind::Attribute(name) => format!("attribute:{name}"),
    }
}

fn label(kind: &FacetKind) -> String {
    match kind {
        FacetKind::Category => "Category".to_owned(),
        FacetKind::Availability => "Availability".to_owned(),
        FacetKind::Price => "Price".to_owned(),
        FacetKind::Vendor => "Vendor".to_owned(),
        FacetKind::Tag => "Tag".to_owned(),
        FacetKind::Option(name) | FacetKind::Attribute(name) => name.clone(),
    }
}

/// None of a category that is not shown any more.
fn value(
    scope: &Scope,
    kind: &FacetKind,
    found: &FoundValue,
    named: &impl Fn(CategoryId) -> Option<String>,
) -> Option<FacetValue> {
    let (label, input) = match &found.value {
        ValueOf::Category(id) => (named(*id)?, json!({ "category": *Kind::Category.global_id(id.0) })),
        ValueOf::Availability(level) => {
            let (label, name) = level_words(*level);
            (label.to_owned(), json!({ "availability": [name] }))
        }
        ValueOf::Price { min, max } => {
            let currency = scope.audience.currency;
            let [min, max] = [*min, *max].map(|amount| Money { amount, currency }.decimal());
            (format!("{min} – {max}"), json!({ "price": { "min": min, "max": max } }))
        }
        ValueOf::Label(label) => (label.clone(), chosen(kind, label)),
    };
    Some(FacetValue {
        label,
        count: found.products,
        input: input.to_string(),
        selected: found.is_chosen,
    })
}

fn chosen(kind: &FacetKind, label: &str) -> Value {
    match kind {
        FacetKind::Vendor => json!({ "vendors": [label] }),
        FacetKind::Option(name) => json!({ "options": [{ "name": name, "values": [label] }] }),
        FacetKind::Attribute(name) => json!({ "attributes": [{ "name": name, "values": [label] }] }),
        FacetKind::Tag | FacetKind::Category | FacetKind::Availability | FacetKind::Price => json!({ "tags": [label] }),
    }
}

/// In English, and as the schema names it.
fn level_words(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::InStock => ("In stock", "IN_STOCK"),
        Level::LowStock => ("Low stock", "LOW_STOCK"),
        Level::Backorder => ("Backorder", "BACKORDER"),
        Level::OutOfStock => ("Out of stock", "OUT_OF_STOCK"),
    }
}
