//! Values of bodies and paths, checked by form. What depends on the shop's state is the domain's to say.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use domain::stream::Location;
use domain::value::{Locale, LocalizedText, Sku, Slug, ValueError};
use schemars::JsonSchema;
use schemas::personal::Address;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::limits::{
    ADDRESS_LINE_CHARS_MAX, EMAIL_CHARS_MAX, EMAIL_LOCAL_CHARS_MAX, NOTE_CHARS_MAX, PHONE_CHARS_MAX, PHONE_DIGITS_MIN,
    POSTAL_CODE_CHARS_MAX,
};
use super::openapi::form;
use super::problem::Problem;

fn parsed<T: FromStr<Err = ValueError>>(code: &'static str, field: &str, text: &str) -> Result<T, Problem> {
    text.parse()
        .map_err(|error| Problem::value(code, field, format!("{field} {error}")))
}

pub(crate) fn sku(field: &str, text: &str) -> Result<Sku, Problem> {
    parsed("sku.invalid", field, text)
}

pub(crate) fn slug(field: &str, text: &str) -> Result<Slug, Problem> {
    parsed("slug.invalid", field, text)
}

/// Where stock lies; the one place there is when the body names none.
pub(crate) fn location(text: Option<&str>) -> Result<Location, Problem> {
    text.map_or_else(
        || Ok(Location::default()),
        |text| parsed("location.invalid", "location", text),
    )
}

/// A text in one language or in several: `"Lamp"` or `{"en": "Lamp", "de": "Lampe"}`.
#[derive(Debug)]
pub(crate) enum TextBody {
    /// In the shop's first language.
    Plain(String),
    /// By language.
    ByLocale(BTreeMap<Locale, String>),
}

impl TextBody {
    pub(crate) fn read(self, default_locale: &str) -> LocalizedText {
        match self {
            Self::Plain(text) => LocalizedText::of(default_locale, &text),
            Self::ByLocale(texts) => LocalizedText(texts),
        }
    }
}

impl<'de> Deserialize<'de> for TextBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EitherForm;

        impl<'de> Visitor<'de> for EitherForm {
            type Value = TextBody;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text, or texts by language")
            }

            fn visit_str<E>(self, text: &str) -> Result<TextBody, E> {
                Ok(TextBody::Plain(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<TextBody, A::Error> {
                let mut texts = BTreeMap::new();
                while let Some((locale, text)) = access.next_entry()? {
                    texts.insert(locale, text);
                }
                Ok(TextBody::ByLocale(texts))
            }
        }

        deserializer.deserialize_any(EitherForm)
    }
}

/// A line of text: not empty, not too long, no control characters.
fn line(code: &'static str, field: &str, text: &str, chars_max: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::value(code, field, format!("{field} is empty")));
    }
    optional_line(code, field, text, chars_max)
}

fn optional_line(code: &'static str, field: &str, text: &str, chars_max: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().count() > chars_max || text.chars().any(char::is_control) {
        let detail = format!("{field} has at most {chars_max} characters, none of them a control character");
        return Err(Problem::value(code, field, detail));
    }
    Ok(text.to_owned())
}

/// A mail address by its form; whether somebody reads there, only a mail can tell.
pub(crate) fn email(field: &str, text: &str) -> Result<String, Problem> {
    let refused = || Problem::value("email.invalid", field, format!("{field} is not a mail address"));
    let text = text.trim();
    let (local, host) = text.rsplit_once('@').ok_or_else(refused)?;
    let is_visible = |character: char| !character.is_control() && !character.is_whitespace();
    let is_local = !local.is_empty()
        && local.chars().count() <= EMAIL_LOCAL_CHARS_MAX
        && local
            .chars()
            .all(|character| is_visible(character) && !"<>()[]\\,;:\"@".contains(character))
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|character| character.is_alphanumeric() || character == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_host = host.contains('.') && host.split('.').all(is_label);
    if is_local && is_host && text.chars().count() <= EMAIL_CHARS_MAX {
        Ok(text.to_owned())
    } else {
        Err(refused())
    }
}

/// A telephone number by its form: digits, with the usual punctuation.
pub(crate) fn phone(field: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_usual = |(index, character): (usize, char)| {
        character.is_ascii_digit() || " -./()".contains(character) || (character == '+' && index == 0)
    };
    let is_number =
        digits >= PHONE_DIGITS_MIN && text.chars().count() <= PHONE_CHARS_MAX && text.chars().enumerate().all(is_usual);
    if is_number {
        Ok(text.to_owned())
    } else {
        Err(Problem::value(
            "phone.invalid",
            field,
            format!("{field} is not a telephone number"),
        ))
    }
}

/// A note for the shop's own people: several lines are fine.
pub(crate) fn note(field: &str, text: &str) -> Result<String, Problem> {
    let is_fine = |character: char| character == '\n' || !character.is_control();
    let count = text.chars().count();
    if text.trim().is_empty() || count > NOTE_CHARS_MAX || !text.chars().all(is_fine) {
        let detail = format!("a note has 1 to {NOTE_CHARS_MAX} characters");
        return Err(Problem::value("note.invalid", field, detail));
    }
    Ok(text.to_owned())
}

/// A postal address as a body says it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct AddressBody {
    #[schemars(with = "form::TrimmedLine<1, ADDRESS_LINE_CHARS_MAX>")]
    name: String,
    #[schemars(with = "form::TrimmedLine<1, ADDRESS_LINE_CHARS_MAX>")]
    line1: String,
    #[serde(default)]
    #[schemars(with = "form::TrimmedLine<0, ADDRESS_LINE_CHARS_MAX>")]
    line2: String,
    #[schemars(with = "form::TrimmedLine<1, ADDRESS_LINE_CHARS_MAX>")]
    city: String,
    #[serde(default)]
    #[schemars(with = "form::TrimmedLine<0, POSTAL_CODE_CHARS_MAX>")]
    postal_code: String,
    #[serde(default)]
    #[schemars(with = "form::TrimmedLine<0, ADDRESS_LINE_CHARS_MAX>")]
    region: String,
    #[schemars(with = "form::Country")]
    country: String,
}

impl AddressBody {
    /// Each part by its form; which countries the shop sells to, the domain says.
    pub(crate) fn read(&self, field: &str) -> Result<Address, Problem> {
        const CODE: &str = "address.invalid";
        let at = |part: &str| format!("{field}.{part}");
        Ok(Address {
            name: line(CODE, &at("name"), &self.name, ADDRESS_LINE_CHARS_MAX)?,
            line1: line(CODE, &at("line1"), &self.line1, ADDRESS_LINE_CHARS_MAX)?,
            line2: optional_line(CODE, &at("line2"), &self.line2, ADDRESS_LINE_CHARS_MAX)?,
            city: line(CODE, &at("city"), &self.city, ADDRESS_LINE_CHARS_MAX)?,
            postal_code: optional_line(CODE, &at("postalCode"), &self.postal_code, POSTAL_CODE_CHARS_MAX)?,
            region: optional_line(CODE, &at("region"), &self.region, ADDRESS_LINE_CHARS_MAX)?,
            country: country(&at("country"), &self.country)?,
        })
    }
}

/// Two capital letters (ISO 3166 alpha-2).
fn country(field: &str, text: &str) -> Result<String, Problem> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        Err(Problem::value(
            "country.invalid",
            field,
            "a country is two capital letters (ISO 3166 alpha-2)",
        ))
    }
}

#[cfg(test)]
mod tests;
