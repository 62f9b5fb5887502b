//! The `OpenAPI` document: made from one table beside the router and from the types of bodies and answers.
//!
//! A test compares the table with the router, both ways: a route without an entry, or an entry without a route,
//! does not pass.

pub(crate) mod form;
mod operation;
mod shared;
mod table;
#[cfg(test)]
mod tests;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The document of the commands (`OpenAPI` 3.1).
#[must_use]
pub fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut incoming = settings.clone().for_deserialize().into_generator();
    let mut outgoing = settings.for_serialize().into_generator();
    let mut paths = Map::new();
    let operations = table::operations();
    for operation in &operations {
        let entry = operation.to_json(&mut incoming, &mut outgoing);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = entry;
    }
    let mut schemas = incoming.take_definitions(true);
    schemas.extend(outgoing.take_definitions(true));
    schemas.insert("Problem".to_owned(), shared::problem());
    schemas.insert("Location".to_owned(), form::schema::<form::Location>());
    let parts = operations.iter().flat_map(operation::Operation::parts);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tillroll",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "The commands of a shop whose truth is one append-only roll.",
            "description": format!("{}\n\n{}", shared::DESCRIPTION, shared::body_limits()),
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": "/" }],
        "tags": table::tags(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": shared::parameters(parts),
            "headers": shared::headers(),
            "responses": shared::responses(),
            "securitySchemes": shared::security(),
        },
    })
}
