//! What is asked for.

use std::collections::BTreeMap;

use domain::value::{CategoryId, Currency};

use crate::availability::Level;
use crate::place::Place;

/// Which products.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this category or below it.
    pub category: Option<CategoryId>,
    /// At least one variant's price lies within these bounds.
    pub price: Option<PriceBounds>,
    /// Whether they can be bought: one of these. Empty: does not matter, as in all lists below.
    pub availability: Vec<Level>,
    /// By one of these.
    pub vendors: Vec<String>,
    /// With one of these.
    pub tags: Vec<String>,
    /// With one of these choices in each of these dimensions.
    pub options: BTreeMap<String, Vec<String>>,
    /// With one of these values in each of these.
    pub attributes: BTreeMap<String, Vec<String>>,
}

/// Minor units of the currency that is asked in, both ends inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PriceBounds {
    /// Not less.
    pub min: Option<i64>,
    /// Not more.
    pub max: Option<i64>,
}

/// The order of the products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sort {
    /// What fits the search text best first; without a text as [`Sort::Newest`].
    Relevance,
    /// First published last.
    Newest,
    /// The cheapest variant's price. Products without a price in the currency are not in the list.
    Price,
    /// The title in this language. Products without one are not in the list.
    Title(String),
    /// What was ordered most first.
    BestSelling,
}

/// What a list, its facets and its count are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criteria {
    /// Words that all must be there; none: no matter.
    pub query: Option<String>,
    /// What else must be true.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// In which prices are asked and shown.
    pub currency: Currency,
    /// From where on a variant without a threshold of its own is low.
    pub low_stock_threshold: i64,
}

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slice {
    /// Only behind this place.
    pub after: Option<Place>,
    /// Only before this place.
    pub before: Option<Place>,
    /// Whether the list is read from its end, and the last products come first.
    pub is_backward: bool,
    /// Rows to pass over first.
    pub offset: usize,
    /// Most rows.
    pub limit: usize,
}
