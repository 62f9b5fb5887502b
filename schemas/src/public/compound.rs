//! Lists and objects of the public form.

use serde::Serialize;
use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use serde_json::{Map, Value};

use super::{NotPublic, Written, public};

/// A list that is being written.
#[derive(Default)]
pub(super) struct Items {
    items: Vec<Value>,
    is_personal: bool,
}

/// An object that is being written.
#[derive(Default)]
pub(super) struct Fields {
    fields: Map<String, Value>,
    key: Option<String>,
    is_personal: bool,
}

/// What stands under the name of a variant.
pub(super) struct Wrapped<T> {
    variant: &'static str,
    inner: T,
}

impl Items {
    pub(super) fn of(is_personal: bool) -> Self {
        Self {
            is_personal,
            ..Self::default()
        }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotPublic> {
        if !self.is_personal {
            self.items.extend(public(value)?);
        }
        Ok(())
    }

    fn finish(self) -> Option<Value> {
        (!self.is_personal).then_some(Value::Array(self.items))
    }
}

impl Fields {
    pub(super) fn of(is_personal: bool) -> Self {
        Self {
            is_personal,
            ..Self::default()
        }
    }

    fn set<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), NotPublic> {
        if !self.is_personal
            && let Some(value) = public(value)?
        {
            self.fields.insert(name.to_owned(), value);
        }
        Ok(())
    }

    fn finish(self) -> Option<Value> {
        (!self.is_personal).then_some(Value::Object(self.fields))
    }
}

impl<T> Wrapped<T> {
    pub(super) fn new(variant: &'static str, inner: T) -> Self {
        Self { variant, inner }
    }

    fn around(variant: &str, inner: Option<Value>) -> Option<Value> {
        inner.map(|inner| Value::Object(Map::from_iter([(variant.to_owned(), inner)])))
    }
}

impl SerializeSeq for Items {
    type Ok = Option<Value>;
    type Error = NotPublic;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotPublic> {
        self.push(value)
    }

    fn end(self) -> Written {
        Ok(self.finish())
    }
}

impl SerializeTuple for Items {
    type Ok = Option<Value>;
    type Error = NotPublic;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotPublic> {
        self.push(value)
    }

    fn end(self) -> Written {
        Ok(self.finish())
    }
}

impl SerializeTupleStruct for Items {
    type Ok = Option<Value>;
    type Error = NotPublic;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotPublic> {
        self.push(value)
    }

    fn end(self) -> Written {
        Ok(self.finish())
    }
}

impl SerializeTupleVariant for Wrapped<Items> {
    type Ok = Option<Value>;
    type Error = NotPublic;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotPublic> {
        self.inner.push(value)
    }

    fn end(self) -> Written {
        Ok(Self::around(self.variant, self.inner.finish()))
    }
}

impl SerializeMap for Fields {
    type Ok = Option<Value>;
    type Error = NotPublic;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NotPublic> {
        self.key = match public(key)? {
            Some(Value::String(text)) => Some(text),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => return Err(NotPublic::custom("a key is neither text nor a number")),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotPublic> {
        let key = self.key.take().unwrap_or_default();
        self.set(&key, value)
    }

    fn end(self) -> Written {
        Ok(self.finish())
    }
}

impl SerializeStruct for Fields {
    type Ok = Option<Value>;
    type Error = NotPublic;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), NotPublic> {
        self.set(name, value)
    }

    fn end(self) -> Written {
        Ok(self.finish())
    }
}

impl SerializeStructVariant for Wrapped<Fields> {
    type Ok = Option<Value>;
    type Error = NotPublic;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), NotPublic> {
        self.inner.set(name, value)
    }

    fn end(self) -> Written {
        Ok(Self::around(self.variant, self.inner.finish()))
    }
}
