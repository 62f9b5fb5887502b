//! Ties each schema to its Rust type: what one has, the other has.

use std::collections::BTreeMap;

use domain::Event;
use domain::inventory::hold::ReleaseReason;
use domain::sales::PaymentMethod;
use domain::sales::checkout::StockMovement;
use domain::stream::Topic;
use serde_json::Value;
use strum::{IntoEnumIterator, VariantNames};

use super::{from_json, samples, to_json};
use crate::versions::versions;

/// The schema a topic is written with.
pub(super) struct Written {
    branches: Vec<Value>,
    named: BTreeMap<String, Value>,
}

impl Written {
    pub(super) fn of(topic: Topic) -> Self {
        let text = versions(topic).last().expect("a topic has a schema");
        let schema: Value = serde_json::from_str(text).expect("a schema is JSON");
        assert_eq!(schema["namespace"], format!("tillroll.{topic}"));
        let branches = schema["fields"][0]["type"]["items"].as_array();
        let branches = branches.expect("a commit is a list of a union").clone();
        let mut named = BTreeMap::new();
        collect_named(&schema, &mut named);
        Self { branches, named }
    }

    fn branch_names(&self) -> Vec<&str> {
        let names = self.branches.iter().map(|branch| branch["name"].as_str());
        names
            .map(|name| name.expect("an event is a record with a name"))
            .collect()
    }

    /// A reference is replaced by what it refers to.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        schema.as_str().and_then(|name| self.named.get(name)).unwrap_or(schema)
    }
}

fn collect_named(schema: &Value, named: &mut BTreeMap<String, Value>) {
    match schema {
        Value::Array(all) => all.iter().for_each(|one| collect_named(one, named)),
        Value::Object(object) => {
            if let (Some(name), Some("record" | "enum")) = (schema["name"].as_str(), schema["type"].as_str()) {
                named.insert(name.to_owned(), schema.clone());
            }
            object.values().for_each(|inner| collect_named(inner, named));
        }
        _ => {}
    }
}

/// What a schema says of a value, without logical types.
enum Shape<'a> {
    Record(&'a Vec<Value>),
    Enumeration,
    List(&'a Value),
    Map(&'a Value),
    Optional(&'a Value),
    Plain(&'a str),
}

impl Written {
    fn shape<'a>(&'a self, schema: &'a Value) -> Shape<'a> {
        let schema = self.resolved(schema);
        if let Some([_null, inner]) = schema.as_array().map(Vec::as_slice) {
            return Shape::Optional(inner);
        }
        match schema["type"]
            .as_str()
            .or(schema.as_str())
            .expect("a schema has a type")
        {
            "record" => Shape::Record(schema["fields"].as_array().expect("a record has fields")),
            "enum" => Shape::Enumeration,
            "array" => Shape::List(&schema["items"]),
            "map" => Shape::Map(&schema["values"]),
            plain => Shape::Plain(plain),
        }
    }

    /// Checks that `value` has all that `schema` has and nothing else, down to the last field.
    fn assert_same(&self, schema: &Value, value: &Value, path: &str) {
        match self.shape(schema) {
            Shape::Record(fields) => {
                let object = value
                    .as_object()
                    .unwrap_or_else(|| panic!("{path} is {value}, not a record"));
                let mut names: Vec<_> = fields.iter().filter_map(|field| field["name"].as_str()).collect();
                names.sort_unstable();
                assert_eq!(names, object.keys().collect::<Vec<_>>(), "{path}");
                for field in fields {
                    let name = field["name"].as_str().expect("a field has a name");
                    self.assert_same(&field["type"], &value[name], &format!("{path}.{name}"));
                }
            }
            Shape::List(items) => {
                let list = value.as_array().filter(|list| !list.is_empty());
                let list = list.unwrap_or_else(|| panic!("{path} is {value}: samples have no empty lists"));
                list.iter()
                    .for_each(|item| self.assert_same(items, item, &format!("{path}[]")));
            }
            Shape::Map(values) => {
                let map = value.as_object().filter(|map| !map.is_empty());
                let map = map.unwrap_or_else(|| panic!("{path} is {value}: samples have no empty maps"));
                map.values()
                    .for_each(|value| self.assert_same(values, value, &format!("{path}{{}}")));
            }
            Shape::Optional(inner) => {
                assert!(!value.is_null(), "{path} is null: samples have every field set");
                self.assert_same(inner, value, path);
            }
            Shape::Enumeration | Shape::Plain("string") => assert!(value.is_string(), "{path} is {value}"),
            Shape::Plain("long") => assert!(value.is_i64(), "{path} is {value}"),
            Shape::Plain("boolean") => assert!(value.is_boolean(), "{path} is {value}"),
            Shape::Plain(other) => panic!("{path} has the type {other}, which nothing here uses"),
        }
    }

    /// `value` without what it can be without: options none, lists and maps empty.
    fn bare(&self, schema: &Value, value: &Value) -> Value {
        match self.shape(schema) {
            Shape::Record(fields) => {
                let bare = |field: &Value| {
                    let name = field["name"].as_str().expect("a field has a name");
                    (name.to_owned(), self.bare(&field["type"], &value[name]))
                };
                fields.iter().map(bare).collect()
            }
            Shape::List(_) => Value::Array(Vec::new()),
            Shape::Map(_) => Value::Object(serde_json::Map::new()),
            Shape::Optional(_) => Value::Null,
            Shape::Enumeration | Shape::Plain(_) => value.clone(),
        }
    }
}

/// The samples of a topic, each once more without all that it can be without.
pub(super) fn full_and_bare(topic: Topic) -> Vec<Event> {
    let written = Written::of(topic);
    let mut events = samples::of(topic);
    for event in samples::of(topic) {
        let json = to_json(&event);
        let bare = written.bare(&written.named[event.name()], &json[event.name()]);
        events.push(from_json(topic, serde_json::json!({ event.name(): bare })));
    }
    events
}

#[test]
fn each_event_is_one_branch_of_its_union() {
    for topic in Topic::iter() {
        let written = Written::of(topic);
        let (mut branches, mut events) = (written.branch_names(), Event::names(topic));
        branches.sort_unstable();
        events.sort_unstable();
        assert_eq!(branches, events, "{topic}");
    }
}

#[test]
fn each_schema_has_the_fields_of_its_event() {
    for topic in Topic::iter() {
        let written = Written::of(topic);
        for event in samples::of(topic) {
            let name = event.name();
            written.assert_same(&written.named[name], &to_json(&event)[name], name);
        }
    }
}

#[test]
fn each_enum_has_the_symbols_of_its_type_after_its_default() {
    let types = BTreeMap::from([
        ("PaymentMethod", PaymentMethod::VARIANTS),
        ("ReleaseReason", ReleaseReason::VARIANTS),
        ("StockMovement", StockMovement::VARIANTS),
    ]);
    for topic in Topic::iter() {
        let named = Written::of(topic).named;
        for (name, schema) in named.iter().filter(|(_, schema)| schema["type"] == "enum") {
            let known = types
                .get(name.as_str())
                .unwrap_or_else(|| panic!("{name} is tied to no type"));
            let symbols = [&["Unknown"], *known].concat();
            assert_eq!(schema["symbols"], serde_json::json!(symbols), "{name}");
            assert_eq!(schema["default"], "Unknown", "{name}");
        }
    }
}

#[test]
fn optional_fields_have_a_default_and_everything_is_documented() {
    for topic in Topic::iter() {
        for (name, schema) in Written::of(topic).named {
            assert!(schema["doc"].is_string(), "{name} says nothing of itself");
            for field in schema["fields"].as_array().into_iter().flatten() {
                assert!(
                    field["doc"].is_string(),
                    "{name}.{} says nothing of itself",
                    field["name"]
                );
                let is_optional = field["type"].is_array();
                assert_eq!(
                    is_optional,
                    field.get("default") == Some(&Value::Null),
                    "{name}.{}",
                    field["name"]
                );
            }
        }
    }
}
