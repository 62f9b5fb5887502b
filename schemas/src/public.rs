//! The public form of an event: its JSON without personal fields.
//!
//! What is personal is known by its type: whatever serializes as a [`domain::value::Sealed`] is left out, wherever it stands, together
//! with the name of the field or the place in the list that held it. There is no list of fields that somebody could
//! forget to extend.

use domain::Event;
use serde::Serialize;
use serde::ser;
use serde_json::{Map, Value};
use thiserror::Error;

mod compound;

use compound::{Fields, Items, Wrapped};

/// The name under which a [`domain::value::Sealed`] serializes; a test ties it to the type.
const PERSONAL: &str = "Sealed";

/// Something that JSON cannot hold; no event has it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct NotPublic(String);

impl ser::Error for NotPublic {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// The fields of an event, but for the personal ones.
///
/// # Errors
/// A field has no form in JSON.
pub fn fields(event: &Event) -> Result<Value, NotPublic> {
    let whole = public(event)?.unwrap_or_default();
    // An event serializes as `{name: {its fields}}`.
    Ok(match whole {
        Value::Object(mut named) if named.contains_key(event.name()) => named.remove(event.name()).unwrap_or_default(),
        other => other,
    })
}

/// What is public of a value; none when nothing is.
fn public<T: Serialize + ?Sized>(value: &T) -> Result<Option<Value>, NotPublic> {
    value.serialize(Public)
}

/// Serializes into JSON, leaving out what is personal.
#[derive(Clone, Copy)]
struct Public;

type Written = Result<Option<Value>, NotPublic>;

impl ser::Serializer for Public {
    type Ok = Option<Value>;
    type Error = NotPublic;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Wrapped<Items>;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Wrapped<Fields>;

    fn serialize_bool(self, value: bool) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_i8(self, value: i8) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_i16(self, value: i16) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_i32(self, value: i32) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_i64(self, value: i64) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_u8(self, value: u8) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_u16(self, value: u16) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_u32(self, value: u32) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_u64(self, value: u64) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_f32(self, value: f32) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_f64(self, value: f64) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_char(self, value: char) -> Written {
        Ok(Some(value.to_string().into()))
    }

    fn serialize_str(self, value: &str) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        Ok(Some(value.into()))
    }

    fn serialize_none(self) -> Written {
        Ok(Some(Value::Null))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(Some(Value::Null))
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Written {
        Ok(Some(Value::Null))
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Written {
        Ok(Some(variant.into()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Written {
        if name == PERSONAL {
            return Ok(None);
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        let inner = value.serialize(self)?;
        Ok(inner.map(|inner| Value::Object(Map::from_iter([(variant.to_owned(), inner)]))))
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Items, NotPublic> {
        Ok(Items::default())
    }

    fn serialize_tuple(self, _length: usize) -> Result<Items, NotPublic> {
        Ok(Items::default())
    }

    fn serialize_tuple_struct(self, name: &'static str, _length: usize) -> Result<Items, NotPublic> {
        Ok(Items::of(name == PERSONAL))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Wrapped<Items>, NotPublic> {
        Ok(Wrapped::new(variant, Items::default()))
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Fields, NotPublic> {
        Ok(Fields::default())
    }

    fn serialize_struct(self, name: &'static str, _length: usize) -> Result<Fields, NotPublic> {
        Ok(Fields::of(name == PERSONAL))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Wrapped<Fields>, NotPublic> {
        Ok(Wrapped::new(variant, Fields::default()))
    }
}

#[cfg(test)]
mod tests;
