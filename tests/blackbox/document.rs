//! Reading the `OpenAPI` document.

use reqwest::Method;
use serde_json::Value;

/// The entries of the document: method, path, entry.
pub(crate) fn entries(document: &Value) -> Vec<(Method, String, Value)> {
    let paths = document["paths"].as_object().expect("it has paths");
    let of_path = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().expect("a path has methods").clone();
        let path = path.clone();
        let named = |method: String| method.to_uppercase().parse().expect("a method");
        methods
            .into_iter()
            .map(move |(method, entry)| (named(method), path.clone(), entry))
    };
    paths.iter().flat_map(of_path).collect()
}

/// Every place in a value, as JSON pointers.
pub(crate) fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, member)| places(member, &format!("{at}/{name}"), into)),
        Value::Array(values) => {
            values
                .iter()
                .enumerate()
                .for_each(|(index, value)| places(value, &format!("{at}/{index}"), into));
        }
        _ => {}
    }
}
