//! Whether a changed schema still reads everything ever written under its subject (`BACKWARD_TRANSITIVE`).
//!
//! The specification's own rules are `apache-avro`'s to check; here are, in addition, the rules of this
//! log: events keep their place in the union, enums keep their symbols and have a default from the first
//! version. They also say in words what is wrong where the specification's check only says "partial".

mod outline;
#[cfg(test)]
mod tests;

use std::fmt;

use apache_avro::Schema;
use apache_avro::schema_compatibility::{Compatibility, SchemaCompatibility};
use serde_json::Value;
use thiserror::Error;

use outline::{Enumeration, Outline, Record};

/// Everything that keeps a schema from replacing an older one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Incompatible(pub Vec<String>);

impl fmt::Display for Incompatible {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("; "))
    }
}

/// Checks that `newer` reads all that was written with `older`.
///
/// # Errors
/// [`Incompatible`] with each reason.
pub fn check(older: &str, newer: &str) -> Result<(), Incompatible> {
    let mut reasons = Vec::new();
    let outlines = outline_of(older).and_then(|older| Ok((older, outline_of(newer)?)));
    match outlines {
        Ok((older, newer)) => compare(&older, &newer, &mut reasons),
        Err(reason) => reasons.push(reason),
    }
    if let Err(reason) = resolve(older, newer) {
        reasons.push(reason);
    }
    if reasons.is_empty() {
        Ok(())
    } else {
        Err(Incompatible(reasons))
    }
}

fn outline_of(schema: &str) -> Result<Outline, String> {
    let json: Value = serde_json::from_str(schema).map_err(|error| error.to_string())?;
    Ok(Outline::of(&json))
}

/// The specification's schema resolution.
fn resolve(older: &str, newer: &str) -> Result<(), String> {
    let older = Schema::parse_str(older).map_err(|error| error.to_string())?;
    let newer = Schema::parse_str(newer).map_err(|error| error.to_string())?;
    match SchemaCompatibility::can_read(&older, &newer) {
        Ok(Compatibility::Full) => Ok(()),
        Ok(Compatibility::Partial) => Err("not everything that was written resolves".to_owned()),
        Err(error) => Err(format!("what was written does not resolve: {error}")),
    }
}

fn compare(older: &Outline, newer: &Outline, reasons: &mut Vec<String>) {
    for (place, branch) in older.branches.iter().enumerate() {
        if newer.branches.get(place) != Some(branch) {
            reasons.push(format!("{branch} is no longer number {place} of the union"));
        }
    }
    for (name, record) in &newer.records {
        if let Some(before) = older.records.get(name) {
            compare_records(name, before, record, reasons);
        }
    }
    for (name, enumeration) in &newer.enumerations {
        compare_enumerations(name, older.enumerations.get(name), enumeration, reasons);
    }
}

fn compare_records(name: &str, older: &Record, newer: &Record, reasons: &mut Vec<String>) {
    for (field, has_default) in newer {
        if !has_default && !older.contains_key(field) {
            reasons.push(format!("{name}.{field} is new and has no default"));
        }
    }
}

fn compare_enumerations(name: &str, older: Option<&Enumeration>, newer: &Enumeration, reasons: &mut Vec<String>) {
    if newer.default.is_none() {
        reasons.push(format!("{name} has no default"));
    }
    let Some(older) = older else {
        return;
    };
    if newer.default != older.default {
        reasons.push(format!("{name} has another default"));
    }
    for (place, symbol) in older.symbols.iter().enumerate() {
        if newer.symbols.get(place) != Some(symbol) {
            reasons.push(format!("{symbol} is no longer number {place} of {name}"));
        }
    }
}
