//! The forms of texts, ids and money in bodies, as the document tells them: what a field's Rust type does not say.
//!
//! Lengths are the constants that the checks use. What is here is no check: a program that follows the document is
//! not refused for the form of what it sends, and schemathesis holds the shop to that.

mod money;

use std::borrow::Cow;
use std::marker::PhantomData;

use domain::shop::settings::countries;
use domain::value::{
    ATTRIBUTE_CHARS_MAX, CODE_CHARS_MAX, DESCRIPTION_BYTES_MAX, PRODUCT_TAGS_MAX, SEO_DESCRIPTION_CHARS_MAX,
    SKU_CHARS_MAX, SLUG_CHARS_MAX, TEXT_LOCALES_MAX, TITLE_CHARS_MAX, URL_CHARS_MAX,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::http::limits::{EMAIL_CHARS_MAX, NOTE_CHARS_MAX, PHONE_CHARS_MAX, PHONE_DIGITS_MIN};
pub(crate) use money::{Currency, Price, Sum};

/// One line: no control characters.
const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";
/// One line that says something.
const WORDS: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
/// The same for fields around which blanks are taken away, line breaks among them.
const TRIMMED_LINE: &str = r"^\s*[^\u0000-\u001f\u007f-\u009f]*\s*$";
const TRIMMED_WORDS: &str =
    r"^\s*[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*\s*$";
/// A language tag: letters, then parts of letters and digits (BCP 47).
const LOCALE: &str = "^[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$";

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

/// One for each of some languages.
pub(crate) struct ByLocale<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for ByLocale<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ByLocale{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object", "maxProperties": TEXT_LOCALES_MAX, "propertyNames": { "pattern": LOCALE },
            "additionalProperties": generator.subschema_for::<T>(),
        })
    }
}

/// The schema of a form, for a place that no type has.
pub(super) fn schema<T: JsonSchema>() -> Value {
    let mut generator = SchemaGenerator::default();
    T::json_schema(&mut generator).to_value()
}

/// Gives a type the schema that stands behind it.
macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident $(<$(const $number:ident),+>)? = $schema:expr;)+) => {$(
        $(#[$doc])*
        pub(crate) struct $name $(<$(const $number: usize),+>)?;

        impl $(<$(const $number: usize),+>)? JsonSchema for $name $(<$($number),+>)? {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )+};
}

forms! {
    /// An id that the server gave.
    Id = json_schema!({ "type": "string", "format": "uuid" });
    /// A line of text with at least `MIN` characters that are no blanks around it, and at most `MAX` in all.
    Line<const MIN, const MAX> = text(MIN, MAX, LINE, WORDS);
    /// The same, where blanks around it are taken away.
    TrimmedLine<const MIN, const MAX> = text(MIN, MAX, TRIMMED_LINE, TRIMMED_WORDS);
    /// The identity of a variant.
    Sku = json_schema!({
        "type": "string", "minLength": 1, "maxLength": SKU_CHARS_MAX,
        "pattern": r"^[^\s\u0000-\u001f\u007f-\u009f]+( +[^\s\u0000-\u001f\u007f-\u009f]+)*$",
    });
    /// The part of an address that names something.
    Slug = slug(SLUG_CHARS_MAX);
    /// Where stock lies.
    Location = slug(domain::stream::LOCATION_CHARS_MAX);
    /// A key such as a tax class.
    Code = json_schema!({ "type": "string", "maxLength": CODE_CHARS_MAX, "pattern": "^[a-z0-9_-]+$" });
    /// ISO 3166 alpha-2, in capitals.
    Country = json_schema!({ "type": "string", "pattern": "^[A-Z]{2}$" });
    /// ISO 3166 alpha-2, and officially assigned.
    AssignedCountry = json_schema!({ "type": "string", "enum": countries().collect::<Vec<_>>() });
    /// A language tag.
    Locale = json_schema!({ "type": "string", "pattern": LOCALE });
    /// A mail address.
    Email = json_schema!({ "type": "string", "format": "email", "maxLength": EMAIL_CHARS_MAX });
    /// A telephone number.
    Phone = json_schema!({
        "type": "string", "maxLength": PHONE_CHARS_MAX,
        "pattern": format!(r"^\s*[+]?([ ./()-]*[0-9]){{{PHONE_DIGITS_MIN},}}[ ./()-]*\s*$"),
    });
    /// A note for the shop's own people: several lines are fine.
    Note = json_schema!({
        "type": "string", "minLength": 1, "maxLength": NOTE_CHARS_MAX,
        "pattern": r"^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*$",
    });
    /// The address of an image: in the web, or a path of this server.
    ImageUrl = json_schema!({
        "type": "string", "minLength": 1, "maxLength": URL_CHARS_MAX,
        "pattern": r#"^(https?://[^/\s<>"\u0000-\u001f\u007f-\u009f]|/$|/[^/\\\s<>"\u0000-\u001f\u007f-\u009f])[^\s<>"\u0000-\u001f\u007f-\u009f]*$"#,
    });
    /// The name of a time zone; which there are, the zones' data say.
    TimeZone = json_schema!({ "type": "string", "maxLength": CODE_CHARS_MAX, "pattern": "^[A-Za-z0-9/_+-]+$" });
    /// A title or a name, in the shop's first language or by language.
    Title = by_locale(&text(1, TITLE_CHARS_MAX, LINE, WORDS), 1);
    /// What an image shows, in the shop's first language or by language.
    Words = by_locale(&text(0, SEO_DESCRIPTION_CHARS_MAX, LINE, WORDS), 0);
    /// HTML, in the shop's first language or by language.
    Html = by_locale(&json_schema!({ "type": "string", "maxLength": DESCRIPTION_BYTES_MAX }), 0);
    /// Labels, each once.
    Tags = json_schema!({
        "type": "array", "maxItems": PRODUCT_TAGS_MAX, "uniqueItems": true,
        "items": text(1, ATTRIBUTE_CHARS_MAX, LINE, WORDS),
    });
    /// Free facts of a product, each a line.
    Facts<const MAX> = json_schema!({
        "type": "object", "maxProperties": MAX,
        "propertyNames": text(1, ATTRIBUTE_CHARS_MAX, LINE, WORDS),
        "additionalProperties": text(0, ATTRIBUTE_CHARS_MAX, LINE, WORDS),
    });
    /// What a shopper asks of a line: an engraving, a wrapping.
    LineAttributes<const MAX> = json_schema!({
        "type": "object", "maxProperties": MAX,
        "propertyNames": { "minLength": 1, "maxLength": ATTRIBUTE_CHARS_MAX },
        "additionalProperties": { "type": "string", "maxLength": ATTRIBUTE_CHARS_MAX },
    });
}

/// Of `words` when it has to say something.
fn text(chars_min: usize, chars_max: usize, line: &str, words: &str) -> Schema {
    let pattern = if chars_min > 0 { words } else { line };
    json_schema!({ "type": "string", "minLength": chars_min, "maxLength": chars_max, "pattern": pattern })
}

fn slug(chars_max: usize) -> Schema {
    json_schema!({
        "type": "string", "minLength": 1, "maxLength": chars_max, "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
    })
}

/// A text, or one for each of some languages.
fn by_locale(text: &Schema, locales_min: usize) -> Schema {
    json_schema!({
        "description": "A text in the shop's first language, or texts by language (BCP 47).",
        "examples": ["Desk lamp", { "en": "Desk lamp", "de": "Tischlampe" }],
        "anyOf": [
            text,
            {
                "type": "object", "minProperties": locales_min, "maxProperties": TEXT_LOCALES_MAX,
                "propertyNames": { "pattern": LOCALE }, "additionalProperties": text,
            },
        ],
    })
}

#[cfg(test)]
mod tests;
