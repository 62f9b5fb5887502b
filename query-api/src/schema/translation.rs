//! Texts in every language they were written in, for those who carry a catalogue elsewhere.

use async_graphql::SimpleObject;
use domain::value::LocalizedText;

/// A text in a language that it was written in.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct Translation {
    /// BCP 47.
    locale: String,
    /// The text.
    text: String,
}

impl Translation {
    /// All of a text, by language.
    pub(crate) fn all(text: &LocalizedText) -> Vec<Self> {
        let texts = text.0.iter().map(|(locale, text)| Self {
            locale: locale.clone(),
            text: text.clone(),
        });
        texts.collect()
    }
}
