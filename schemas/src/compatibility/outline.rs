use std::collections::BTreeMap;

use serde_json::Value;

/// A record's fields: whether each has a default.
pub(super) type Record = BTreeMap<String, bool>;

/// An enum.
#[derive(Debug, Default)]
pub(super) struct Enumeration {
    pub(super) symbols: Vec<String>,
    pub(super) default: Option<String>,
}

/// What a commit's schema names, by short name: all of it is in one namespace.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The names of the events, in the union's order.
    pub(super) branches: Vec<String>,
    pub(super) records: BTreeMap<String, Record>,
    pub(super) enumerations: BTreeMap<String, Enumeration>,
}

impl Outline {
    pub(super) fn of(schema: &Value) -> Self {
        let mut outline = Self::default();
        if let Some(branches) = schema.pointer("/fields/0/type/items").and_then(Value::as_array) {
            outline.branches = branches.iter().map(branch_name).collect();
        }
        outline.collect(schema);
        outline
    }

    fn collect(&mut self, schema: &Value) {
        match schema {
            Value::Array(branches) => branches.iter().for_each(|branch| self.collect(branch)),
            Value::Object(object) => {
                match text(schema, "type").as_str() {
                    "record" => self.collect_record(schema),
                    "enum" => self.collect_enumeration(schema),
                    _ => {}
                }
                for inner in ["type", "items", "values"] {
                    object.get(inner).into_iter().for_each(|inner| self.collect(inner));
                }
            }
            _ => {}
        }
    }

    fn collect_record(&mut self, schema: &Value) {
        let mut record = Record::new();
        for field in schema["fields"].as_array().into_iter().flatten() {
            record.insert(text(field, "name"), field.get("default").is_some());
            self.collect(&field["type"]);
        }
        self.records.insert(text(schema, "name"), record);
    }

    fn collect_enumeration(&mut self, schema: &Value) {
        let symbols = schema["symbols"].as_array().into_iter().flatten();
        let enumeration = Enumeration {
            symbols: symbols.filter_map(Value::as_str).map(str::to_owned).collect(),
            default: schema["default"].as_str().map(str::to_owned),
        };
        self.enumerations.insert(text(schema, "name"), enumeration);
    }
}

fn branch_name(branch: &Value) -> String {
    branch.as_str().map_or_else(|| text(branch, "name"), str::to_owned)
}

fn text(schema: &Value, key: &str) -> String {
    schema[key].as_str().unwrap_or_default().to_owned()
}
