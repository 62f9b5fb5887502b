//! The forms of texts and ids in bodies, as the document tells them: what a field's Rust type does not say.

use std::borrow::Cow;
use std::marker::PhantomData;

use domain::value::{SKU_CHARS_MAX, SLUG_CHARS_MAX};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::http::limits::{AMOUNT_CHARS_MAX, EMAIL_CHARS_MAX, PHONE_CHARS_MAX};

/// A field that must be there, also when it says `null`.
pub(crate) struct Stated<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for Stated<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Stated{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}

macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident $schema:tt;)+) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )+};
}

forms! {
    /// An id that the server gave.
    Id { "type": "string", "format": "uuid" };
    /// The identity of a variant.
    Sku { "type": "string", "minLength": 1, "maxLength": SKU_CHARS_MAX, "pattern": r"^\S([^\t\r\n]*\S)?$" };
    /// The part of an address that names something.
    Slug { "type": "string", "minLength": 1, "maxLength": SLUG_CHARS_MAX, "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$" };
    /// ISO 4217, in capitals.
    Currency { "type": "string", "pattern": "^[A-Z]{3}$" };
    /// ISO 3166 alpha-2, in capitals.
    Country { "type": "string", "pattern": "^[A-Z]{2}$" };
    /// A decimal number of a currency's main unit.
    Amount { "type": "string", "maxLength": AMOUNT_CHARS_MAX, "pattern": r"^[0-9]+(\.[0-9]+)?$" };
    /// A mail address.
    Email { "type": "string", "format": "email", "maxLength": EMAIL_CHARS_MAX };
    /// A telephone number.
    Phone { "type": "string", "maxLength": PHONE_CHARS_MAX, "pattern": r"^\+?[0-9 ./()-]+$" };
}
