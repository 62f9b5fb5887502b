//! Limits, in one place.

/// Most characters of a search text.
pub const QUERY_CHARS_MAX: usize = 256;
/// Most words of a search text.
pub const QUERY_WORDS_MAX: usize = 16;
/// Most rows that `page` can reach: who wants more goes on with a cursor.
pub const PAGED_ROWS_MAX: usize = 10_000;
/// Most values that may be chosen in one filter.
pub const FILTER_VALUES_MAX: usize = 100;
/// Most options and attributes that may be filtered by at once.
pub const FILTER_DIMENSIONS_MAX: usize = 10;
/// Most characters of a value that is filtered by.
pub const FILTER_VALUE_CHARS_MAX: usize = 256;
/// Most facets of one answer; options come before attributes, those that more products have before others.
pub const FACETS_MAX: usize = 24;
/// Most values of one facet; those that more products have come first, and chosen ones always.
pub const FACET_VALUES_MAX: usize = 100;
/// Most suggestions of one answer.
pub const SUGGESTIONS_MAX: usize = 20;
/// Most letters of a word that suggestions know; longer ones are found, and not suggested.
pub const WORD_CHARS_MAX: usize = 40;
/// Most words of the vocabulary that one misspelt word is compared with.
pub const WORDS_COMPARED_MAX: usize = 200_000;
/// Most completions of one word that are looked at.
pub const COMPLETIONS_MAX: usize = 50;
/// Lists whose facets are kept until something changes; the ones counted last.
pub const FACET_LISTS_KEPT_MAX: usize = 256;
/// A value that more products have says too little to make two of them related.
pub const RELATED_VALUE_PRODUCTS_MAX: i64 = 5_000;
/// Most related products of one product.
pub const RELATED_MAX: usize = 20;
/// Most products whose related ones are asked for at once.
pub const RELATED_SOURCES_MAX: usize = 100;
/// Most streams that may stand still because a commit of theirs cannot be read. With more, something else is wrong.
pub const PARKED_STREAMS_MAX: usize = 10_000;
/// Longest that one answer may take; what takes longer is interrupted.
pub const SEARCH_MS_MAX: u64 = 5_000;
/// Connections that read: so many answers are worked on at once, and further ones wait for their turn.
pub const READERS: usize = 4;
