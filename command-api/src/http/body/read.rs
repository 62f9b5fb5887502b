//! From a tree to a typed body, with errors that name the field and the fault.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, EnumAccess, Expected, IntoDeserializer, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::tree::Tree;

/// What is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A field that no one asked for, or that only the server sets.
    UnknownField(String),
    /// A field that is needed.
    MissingField(&'static str),
    /// Another JSON type.
    WrongType(String),
    /// The right type, but no value of what it should be.
    InvalidValue(String),
}

/// What is wrong with a body, and where: `lines[0].quantity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FaultAt {
    pub(crate) field: String,
    pub(crate) fault: Fault,
}

/// Reads a typed body from a tree.
pub(crate) fn read<T: DeserializeOwned>(tree: Tree) -> Result<T, FaultAt> {
    serde_path_to_error::deserialize(tree).map_err(|error| {
        let parent = error.path().to_string();
        let fault = error.into_inner();
        let field = match &fault {
            Fault::UnknownField(name) => joined(&parent, name),
            Fault::MissingField(name) => joined(&parent, name),
            Fault::WrongType(_) | Fault::InvalidValue(_) if parent == "." => String::new(),
            Fault::WrongType(_) | Fault::InvalidValue(_) => parent,
        };
        FaultAt { field, fault }
    })
}

/// The path of a child. The library may have stepped into the child already.
fn joined(parent: &str, name: &str) -> String {
    let is_there = parent == name || parent.ends_with(&format!(".{name}"));
    match parent {
        "." | "" => name.to_owned(),
        _ if is_there => parent.to_owned(),
        _ => format!("{parent}.{name}"),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownField(_) => formatter.write_str("is not a field of this body, or only the server sets it"),
            Self::MissingField(_) => formatter.write_str("is missing"),
            Self::WrongType(expected) => write!(formatter, "must be {expected}"),
            Self::InvalidValue(why) => formatter.write_str(why),
        }
    }
}

impl std::error::Error for Fault {}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::InvalidValue(message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::WrongType(expected.to_string())
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::InvalidValue(format!("must be {expected}"))
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::InvalidValue(format!("must have {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::InvalidValue(format!("must be one of: {}", expected.join(", ")))
    }

    fn unknown_field(name: &str, _: &'static [&'static str]) -> Self {
        Self::UnknownField(name.chars().take(NAME_CHARS_SHOWN_MAX).collect())
    }

    fn missing_field(name: &'static str) -> Self {
        Self::MissingField(name)
    }
}

/// Most characters of a stranger's field name that an answer repeats.
const NAME_CHARS_SHOWN_MAX: usize = 64;

impl<'de> IntoDeserializer<'de, Fault> for Tree {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> serde::Deserializer<'de> for Tree {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Natural(value) => visitor.visit_u64(value),
            Self::Negative(value) => visitor.visit_i64(value),
            Self::Float(value) => visitor.visit_f64(value),
            Self::Text(text) => visitor.visit_string(text),
            Self::List(values) => {
                let mut access = SeqDeserializer::new(values.into_iter());
                let list = visitor.visit_seq(&mut access)?;
                access.end().map(|()| list)
            }
            Self::Object(fields) => {
                let mut access = MapDeserializer::new(fields.into_iter());
                let object = visitor.visit_map(&mut access)?;
                access.end().map(|()| object)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Self::Null => visitor.visit_none(),
            value => visitor.visit_some(value),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    /// A body is an object, also where a list of its values in the right order could stand for it.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self {
            Self::Object(_) => self.deserialize_any(visitor),
            _ => Err(Fault::WrongType("an object".to_owned())),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self {
            Self::Text(variant) => visitor.visit_enum(UnitVariant(variant)),
            _ => Err(Fault::WrongType("a string".to_owned())),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

/// The name of a choice without contents: the only enums that bodies have.
struct UnitVariant(String);

impl<'de> EnumAccess<'de> for UnitVariant {
    type Error = Fault;
    type Variant = NoContents;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, NoContents), Fault> {
        seed.deserialize(self.0.into_deserializer())
            .map(|value: V::Value| (value, NoContents))
    }
}

struct NoContents;

impl<'de> VariantAccess<'de> for NoContents {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Fault> {
        Err(Fault::WrongType("a choice without contents".to_owned()))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Fault> {
        Err(Fault::WrongType("a choice without contents".to_owned()))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Fault> {
        Err(Fault::WrongType("a choice without contents".to_owned()))
    }
}
