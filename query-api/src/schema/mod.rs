//! The GraphQL schema: what storefront pages ask for, in their words.

mod admin;
mod as_of;
mod cart;
mod cart_line;
mod category;
mod connection;
mod cost;
mod day;
mod facet;
mod id;
mod listed_orders;
mod listed_products;
mod lookup;
mod milestone;
mod open_carts;
mod options;
mod order;
mod person;
mod problem;
mod product;
mod product_filter;
mod product_list;
mod query;
mod sales;
mod scalar;
mod search_list;
mod shop;
mod stock_list;
mod subscription;
#[cfg(test)]
mod tests;
mod translation;
mod variant;
mod why;

use async_graphql::{EmptyMutation, Schema};

use self::query::Query;
pub(crate) use self::scalar::{decimal, moment};
pub(crate) use self::stock_list::StockLedgerLine;
use self::subscription::Subscription;
use crate::limits::{COMPLEXITY_MAX, DEPTH_MAX, FIELD_DIRECTIVES_MAX, NESTING_MAX};

/// The schema that queries are answered by.
pub(crate) type ShopSchema = Schema<Query, EmptyMutation, Subscription>;

/// Builds the schema with its limits.
pub(crate) fn build_schema(introspection: bool) -> ShopSchema {
    let builder = Schema::build(Query, EmptyMutation, Subscription)
        .limit_complexity(COMPLEXITY_MAX)
        .limit_depth(DEPTH_MAX)
        .limit_recursive_depth(NESTING_MAX)
        .limit_directives(FIELD_DIRECTIVES_MAX);
    if introspection {
        return builder.finish();
    }
    builder.disable_introspection().disable_suggestions().finish()
}

/// The schema in the schema definition language, as it is kept in `schema.graphql`.
#[must_use]
pub fn schema_definition() -> String {
    build_schema(true).sdl()
}
