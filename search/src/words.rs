//! Words: how texts and search texts are folded and cut, the same for both, so that they meet.

use std::collections::BTreeSet;

use read_store::model::clustering::collated;

use crate::limits::{QUERY_WORDS_MAX, WORD_CHARS_MAX};

/// A text without case and accents: what the full-text table is given, and asked for.
pub(crate) fn folded(text: &str) -> String {
    // Line breaks part words; where texts are only ordered, they are left out.
    collated(&text.replace(char::is_control, " "))
}

/// The words of a text as they are written, in lower case.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|character: char| !is_of_word(character));
    parts.filter(|part| !part.is_empty()).map(str::to_lowercase)
}

/// Letters and digits, and the accents that follow them in decomposed text.
fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&character)
}

/// The words that suggestions may offer of a text: not too long, and not only digits.
pub(crate) fn vocabulary<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let is_offered = |word: &String| {
        let letters = word.chars().count();
        (2..=WORD_CHARS_MAX).contains(&letters) && word.chars().any(char::is_alphabetic)
    };
    texts.flat_map(words).filter(is_offered).collect()
}

/// What a search text asks for: everything that has each of its parts, a part being words side by side (`LAMP-1`)
/// of which the last may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    parts: Vec<Vec<String>>,
}

impl Wanted {
    /// Reads a search text; whatever is no letter and no digit only separates words.
    pub(crate) fn of(text: &str) -> Self {
        // Folded first: what a letter is made of need not be letters only.
        let part = |chunk: &str| words(&folded(chunk)).collect::<Vec<_>>();
        let parts = text.split_whitespace().map(part).filter(|part| !part.is_empty());
        Self {
            parts: parts.take(QUERY_WORDS_MAX).collect(),
        }
    }

    /// Whether it has no word at all: then nothing has it.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// In the language of the full-text table. A word stands between quotes and has only letters and digits, so
    /// that none of it can be an operator. Whole words count more than beginnings, since both alternatives score.
    pub(crate) fn expression(&self) -> String {
        let alternatives = |part: &Vec<String>| {
            let phrase = part.join(" ");
            format!("(\"{phrase}\" OR \"{phrase}\"*)")
        };
        self.parts.iter().map(alternatives).collect::<Vec<_>>().join(" AND ")
    }
}

/// The text between the tags of harmless HTML.
pub(crate) fn text_of_html(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut is_tag = false;
    for character in html.chars() {
        match character {
            '<' => is_tag = true,
            '>' if is_tag => {
                is_tag = false;
                text.push(' ');
            }
            _ if is_tag => {}
            _ => text.push(character),
        }
    }
    text.replace("&nbsp;", " ").replace("&amp;", "&")
}

#[cfg(test)]
mod tests;
