//! A JSON body as a tree: bounded, without repeated names, and with one canonical form.

use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use crate::http::limits::{BODY_DEPTH_MAX, BODY_VALUES_MAX};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Natural(u64),
    Negative(i64),
    Float(f64),
    Text(String),
    List(Vec<Tree>),
    /// In the order of the body; no name twice.
    Object(Vec<(String, Tree)>),
}

/// Why a body is no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TreeError {
    /// Not JSON.
    Malformed(String),
    /// An object says a name twice.
    Repeated(String),
    /// Deeper or larger than the limits.
    TooLarge,
}

impl Tree {
    /// Reads all of `bytes`.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, TreeError> {
        let mut faults = Faults::default();
        let mut values_left = BODY_VALUES_MAX;
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let seed = Seed {
            depth_left: BODY_DEPTH_MAX,
            values_left: &mut values_left,
            faults: &mut faults,
        };
        let parsed = seed
            .deserialize(&mut reader)
            .and_then(|tree| reader.end().map(|()| tree));
        match (parsed, faults) {
            (Ok(tree), _) => Ok(tree),
            (Err(_), Faults { too_large: true, .. }) => Err(TreeError::TooLarge),
            (
                Err(_),
                Faults {
                    repeated: Some(name), ..
                },
            ) => Err(TreeError::Repeated(name)),
            (Err(error), _) => Err(TreeError::Malformed(error.to_string())),
        }
    }

    /// The canonical form: names sorted, no blanks. What is the same request has the same form.
    pub(crate) fn write_canonical(&self, form: &mut Vec<u8>) {
        match self {
            Self::Null => form.extend_from_slice(b"null"),
            Self::Bool(value) => form.extend_from_slice(if *value { b"true" } else { b"false" }),
            Self::Natural(value) => form.extend_from_slice(value.to_string().as_bytes()),
            Self::Negative(value) => form.extend_from_slice(value.to_string().as_bytes()),
            Self::Float(value) => form.extend_from_slice(format!("{value:?}").as_bytes()),
            Self::Text(text) => write_text(text, form),
            Self::List(values) => {
                form.push(b'[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        form.push(b',');
                    }
                    value.write_canonical(form);
                }
                form.push(b']');
            }
            Self::Object(fields) => {
                let mut sorted: Vec<_> = fields.iter().collect();
                sorted.sort_by(|one, other| one.0.cmp(&other.0));
                form.push(b'{');
                for (index, (name, value)) in sorted.into_iter().enumerate() {
                    if index > 0 {
                        form.push(b',');
                    }
                    write_text(name, form);
                    form.push(b':');
                    value.write_canonical(form);
                }
                form.push(b'}');
            }
        }
    }
}

/// Texts are told apart by their length, so nothing in them needs escaping.
fn write_text(text: &str, form: &mut Vec<u8>) {
    form.extend_from_slice(text.len().to_string().as_bytes());
    form.push(b'"');
    form.extend_from_slice(text.as_bytes());
}

/// What the reader's own errors cannot carry.
#[derive(Default)]
struct Faults {
    too_large: bool,
    repeated: Option<String>,
}

struct Seed<'a> {
    depth_left: usize,
    values_left: &'a mut usize,
    faults: &'a mut Faults,
}

impl Seed<'_> {
    fn deeper<E: serde::de::Error>(&mut self) -> Result<Seed<'_>, E> {
        if self.depth_left == 0 || *self.values_left == 0 {
            self.faults.too_large = true;
            return Err(E::custom("too large"));
        }
        *self.values_left -= 1;
        Ok(Seed {
            depth_left: self.depth_left - 1,
            values_left: self.values_left,
            faults: self.faults,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Tree;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Tree;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Natural(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(u64::try_from(value).map_or(Tree::Negative(value), Tree::Natural))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Float(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Tree, E> {
        Ok(Tree::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Tree, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element_seed(self.deeper()?)? {
            values.push(value);
        }
        Ok(Tree::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<Tree, A::Error> {
        let mut fields: Vec<(String, Tree)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        while let Some(name) = access.next_key::<String>()? {
            if !names.insert(name.clone()) {
                self.faults.repeated = Some(name);
                return Err(serde::de::Error::custom("a name is repeated"));
            }
            let value = access.next_value_seed(self.deeper()?)?;
            fields.push((name, value));
        }
        Ok(Tree::Object(fields))
    }
}
