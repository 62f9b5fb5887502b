//! Every query, on hand-made rows.

mod access;
mod carts;
mod catalog;
mod consistency;
mod documented;
mod lists;
mod orders;
mod past;
mod reads;
mod sales;
mod searches;

use std::path::Path;

use super::schema_definition;

/// With `UPDATE_SDL=1` the file is written instead of compared.
#[test]
fn the_schema_in_the_repository_is_the_one_that_is_answered() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let schema = schema_definition();
    if std::env::var_os("UPDATE_SDL").is_some() {
        std::fs::write(&path, &schema).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("the file can be read");
    assert!(
        kept == schema,
        "query-api/schema.graphql is out of date: run this test with UPDATE_SDL=1"
    );
}
