//! SKUs: every variant of a file gets one of its own.

use std::collections::BTreeSet;

use domain::value::SKU_CHARS_MAX;

/// The SKUs of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Skus {
    /// Every SKU that stands in the file: none of them is made up for another variant.
    written: BTreeSet<String>,
    given: BTreeSet<String>,
}

impl Skus {
    pub(super) fn of<'a>(written: impl Iterator<Item = &'a str>) -> Self {
        Self {
            written: written.map(str::to_owned).collect(),
            given: BTreeSet::new(),
        }
    }

    /// The SKU for a variant with this one in the file: the same, or one with a number when another variant
    /// has it.
    pub(super) fn give_written(&mut self, written: &str) -> String {
        if self.given.insert(written.to_owned()) {
            return written.to_owned();
        }
        self.numbered(written, 2)
    }

    /// A SKU for a variant that has none, made of the product's handle and the variant's options.
    pub(super) fn give_made(&mut self, handle: &str, options: &[&str]) -> String {
        let parts = std::iter::once(handle).chain(options.iter().copied());
        let words: Vec<String> = parts.map(slug::slugify).filter(|part| !part.is_empty()).collect();
        let made = words.join("-").to_uppercase();
        let made = shortened(&made, SKU_CHARS_MAX);
        if !self.written.contains(made) && self.given.insert(made.to_owned()) {
            return made.to_owned();
        }
        self.numbered(made, 2)
    }

    /// `base-2`, `base-3` and so on: the first that nothing else has.
    fn numbered(&mut self, base: &str, first: usize) -> String {
        let mut number = first;
        loop {
            let suffix = format!("-{number}");
            let candidate = format!("{}{suffix}", shortened(base, SKU_CHARS_MAX - suffix.len()));
            if !self.written.contains(&candidate) && self.given.insert(candidate.clone()) {
                return candidate;
            }
            number += 1;
        }
    }
}

/// The first characters, without a hyphen or a blank at the end.
fn shortened(text: &str, chars_max: usize) -> &str {
    let end = text
        .char_indices()
        .nth(chars_max)
        .map_or(text.len(), |(index, _)| index);
    text[..end].trim_end_matches(['-', ' '])
}
