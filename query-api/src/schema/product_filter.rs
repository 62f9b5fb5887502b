//! What a list of products can be narrowed by, as it is asked for.

use std::collections::BTreeMap;

use async_graphql::{ID, InputObject};
use domain::value::{CategoryId, Currency, Money};
use search::limits::{FILTER_DIMENSIONS_MAX, FILTER_VALUE_CHARS_MAX, FILTER_VALUES_MAX};
use search::{Filter, Level, PriceBounds};

use super::id::Kind;
use super::scalar::Decimal;
use super::variant::Availability;
use crate::error::QueryError;

/// Only products of which all this is true. In each list one value suffices.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct ProductFilter {
    /// In this category (global id or UUID) or below it.
    category: Option<ID>,
    /// At least one variant costs this much, in the currency of the answer.
    price: Option<PriceFilter>,
    /// Whether they can be bought.
    availability: Option<Vec<Availability>>,
    /// Who makes them.
    vendors: Option<Vec<String>>,
    /// Labels.
    tags: Option<Vec<String>>,
    /// Choices that there are, in each of these dimensions.
    options: Option<Vec<NamedValues>>,
    /// Free facts, each of them.
    attributes: Option<Vec<NamedValues>>,
}

/// From the lowest to the highest price, both inclusive.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct PriceFilter {
    /// Not less.
    min: Option<Decimal>,
    /// Not more.
    max: Option<Decimal>,
}

/// One of these values under this name.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct NamedValues {
    /// The option or the attribute.
    name: String,
    /// One of these.
    values: Vec<String>,
}

impl ProductFilter {
    /// As the index understands it, and the same for the same wishes in any order.
    ///
    /// # Errors
    /// Something in it is not acceptable.
    pub(crate) fn understood(&self, currency: Currency) -> Result<Filter, QueryError> {
        let category = self.category.as_ref().map(|id| Kind::Category.uuid(id)).transpose()?;
        let mut availability: Vec<Level> = self
            .availability
            .iter()
            .flatten()
            .map(|level| level_of(*level))
            .collect();
        availability.sort_unstable();
        availability.dedup();
        Ok(Filter {
            category: category.map(CategoryId),
            price: self.price.as_ref().map(|price| price.bounds(currency)).transpose()?,
            availability,
            vendors: values(self.vendors.as_deref().unwrap_or_default())?,
            tags: values(self.tags.as_deref().unwrap_or_default())?,
            options: named(self.options.as_deref().unwrap_or_default())?,
            attributes: named(self.attributes.as_deref().unwrap_or_default())?,
        })
    }
}

impl PriceFilter {
    fn bounds(&self, currency: Currency) -> Result<PriceBounds, QueryError> {
        let amount = |decimal: &Decimal| {
            let read = Money::from_decimal(decimal.text(), currency);
            let refused = |error| QueryError::argument("filter.price", format!("a price of the filter {error}"));
            read.map(|money| money.amount).map_err(refused)
        };
        Ok(PriceBounds {
            min: self.min.as_ref().map(amount).transpose()?,
            max: self.max.as_ref().map(amount).transpose()?,
        })
    }
}

fn values(asked: &[String]) -> Result<Vec<String>, QueryError> {
    if asked.len() > FILTER_VALUES_MAX {
        let message = format!("a filter takes at most {FILTER_VALUES_MAX} values");
        return Err(QueryError::argument("filter.too_many", message));
    }
    if asked.iter().any(|value| value.chars().count() > FILTER_VALUE_CHARS_MAX) {
        let message = format!("a value of a filter has at most {FILTER_VALUE_CHARS_MAX} characters");
        return Err(QueryError::argument("filter.too_long", message));
    }
    let mut values = asked.to_vec();
    values.sort_unstable();
    values.dedup();
    Ok(values)
}

fn named(asked: &[NamedValues]) -> Result<BTreeMap<String, Vec<String>>, QueryError> {
    if asked.len() > FILTER_DIMENSIONS_MAX {
        let message = format!("a filter takes at most {FILTER_DIMENSIONS_MAX} options and as many attributes");
        return Err(QueryError::argument("filter.too_many", message));
    }
    let mut named = BTreeMap::new();
    for NamedValues { name, values: asked } in asked {
        values(std::slice::from_ref(name))?;
        if named.insert(name.clone(), values(asked)?).is_some() {
            let message = "a filter names each option and each attribute once";
            return Err(QueryError::argument("filter.repeated", message));
        }
    }
    named.retain(|_, values| !values.is_empty());
    Ok(named)
}

pub(crate) fn level_of(availability: Availability) -> Level {
    match availability {
        Availability::OutOfStock => Level::OutOfStock,
        Availability::Backorder => Level::Backorder,
        Availability::LowStock => Level::LowStock,
        Availability::InStock => Level::InStock,
    }
}
