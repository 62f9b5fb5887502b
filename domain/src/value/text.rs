use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{SKU_CHARS_MAX, SLUG_CHARS_MAX};

/// A language tag such as `en` or `de-AT` (BCP 47).
pub type Locale = String;

/// Free name and value pairs, in the order of their names.
pub type Attributes = BTreeMap<String, String>;

/// A text in several languages; the shop's first locale is the fallback.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalizedText(pub BTreeMap<Locale, String>);

impl LocalizedText {
    /// A text in one language.
    #[must_use]
    pub fn of(locale: &str, text: &str) -> Self {
        Self(BTreeMap::from([(locale.to_owned(), text.to_owned())]))
    }

    /// The text without the languages in which it says nothing.
    #[must_use]
    pub fn said(&self) -> Self {
        let said = self.0.iter().filter(|(_, text)| !text.is_empty());
        Self(said.map(|(locale, text)| (locale.clone(), text.clone())).collect())
    }

    /// The text in `locale`, else in its language without a region, else in `fallback`, else in any language.
    #[must_use]
    pub fn in_locale(&self, locale: &str, fallback: &str) -> &str {
        self.in_language(locale)
            .or_else(|| {
                self.0
                    .get(fallback)
                    .or_else(|| self.0.values().next())
                    .map(String::as_str)
            })
            .unwrap_or_default()
    }

    /// The text in `locale`, else in its language without a region; none when there is neither.
    #[must_use]
    pub fn in_language(&self, locale: &str) -> Option<&str> {
        let language = locale.split('-').next().unwrap_or(locale);
        let text = self.0.get(locale).or_else(|| self.0.get(language));
        text.map(String::as_str)
    }
}

/// Why a text cannot be the value it is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    /// No characters.
    #[error("is empty")]
    Empty,
    /// More characters than the limit.
    #[error("has more than {0} characters")]
    TooLong(usize),
    /// A character outside what is allowed.
    #[error("has a character that is not allowed")]
    Character,
    /// More entries than the limit.
    #[error("has more than {0} entries")]
    TooMany(usize),
    /// The same entry twice.
    #[error("names something twice")]
    Repeated,
    /// Not a language tag.
    #[error("has a language that is not one")]
    Locale,
    /// Neither an address in the web nor a path of this server.
    #[error("is neither an http(s) address nor an absolute path")]
    Address,
    /// A number outside what is allowed.
    #[error("must be from {min} to {max}")]
    Range {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// An amount of another currency.
    #[error("is of another currency")]
    Currency,
    /// Something that is not known.
    #[error("is not known")]
    Unknown,
}

/// The identity of a variant: 1–64 printable characters, no blanks at the ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sku(String);

/// The part of an address that names a product or a category: `a-z`, `0-9` and single hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Sku {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Slug {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Sku {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |character: char| character == ' ' || !(character.is_control() || character.is_whitespace());
        match text.chars().count() {
            0 => Err(ValueError::Empty),
            count if count > SKU_CHARS_MAX => Err(ValueError::TooLong(SKU_CHARS_MAX)),
            _ if text.trim() != text || !text.chars().all(allowed) => Err(ValueError::Character),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl FromStr for Slug {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed =
            |character: char| character == '-' || character.is_ascii_lowercase() || character.is_ascii_digit();
        match text.chars().count() {
            0 => Err(ValueError::Empty),
            count if count > SLUG_CHARS_MAX => Err(ValueError::TooLong(SLUG_CHARS_MAX)),
            _ if !text.chars().all(allowed) || text.starts_with('-') || text.ends_with('-') || text.contains("--") => {
                Err(ValueError::Character)
            }
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for Sku {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
