//! Clustering keys: bytes whose order is the order that a page is read in.

use icu_normalizer::DecomposingNormalizerBorrowed;
use uuid::Uuid;

/// Most bytes of a text in a clustering key. Texts that agree so far stand in the order of what follows.
pub const COLLATED_BYTES_MAX: usize = 128;

/// A clustering key in the making: its parts one after the other, the first the most significant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clustering(Vec<u8>);

impl Clustering {
    /// No parts yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A number, the smallest first.
    #[must_use]
    pub fn integer(mut self, number: i64) -> Self {
        self.0.extend_from_slice(&sortable(number));
        self
    }

    /// A number, the largest first.
    #[must_use]
    pub fn integer_descending(mut self, number: i64) -> Self {
        self.0.extend(sortable(number).map(|byte| !byte));
        self
    }

    /// A text in the order of [`collated`], cut to [`COLLATED_BYTES_MAX`].
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.extend(terminated(text));
        self
    }

    /// A text in the reverse order of [`collated`].
    #[must_use]
    pub fn text_descending(mut self, text: &str) -> Self {
        self.0.extend(terminated(text).into_iter().map(|byte| !byte));
        self
    }

    /// An id: it makes a key unique, and says what the row is about.
    #[must_use]
    pub fn id(mut self, id: Uuid) -> Self {
        self.0.extend_from_slice(id.as_bytes());
        self
    }

    /// The key.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// What a text is ordered by: without case, accents and control characters, so that "Äpfel" stands beside
/// "apfel". Never shown; two texts may have the same.
#[must_use]
pub fn collated(text: &str) -> String {
    if text.is_ascii() {
        return text
            .chars()
            .filter(|character| !character.is_control())
            .map(|character| character.to_ascii_lowercase())
            .collect();
    }
    DecomposingNormalizerBorrowed::new_nfkd()
        .normalize_iter(text.chars())
        .flat_map(char::to_lowercase)
        .filter(|character| !character.is_control() && !is_combining(*character))
        .collect()
}

fn is_combining(character: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&character)
}

/// Big endian with the sign flipped: bytes that are ordered like the numbers.
fn sortable(number: i64) -> [u8; 8] {
    (number ^ i64::MIN).to_be_bytes()
}

/// The collated text, cut, and a zero: no collated text has one, so a text comes before those it begins.
fn terminated(text: &str) -> Vec<u8> {
    let mut bytes = collated(text).into_bytes();
    bytes.truncate(COLLATED_BYTES_MAX);
    bytes.push(0);
    bytes
}

#[cfg(test)]
mod tests;
