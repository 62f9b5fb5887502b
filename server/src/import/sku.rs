//! SKUs: every variant of a file gets one of its own.

use std::collections::BTreeSet;

use domain::value::SKU_CHARS_MAX;
use uuid::Uuid;

use super::cell;
use super::report::Notice;

/// Names the digests of SKUs that are too long.
const TOO_LONG: Uuid = Uuid::from_u128(0x5e0b_9a2c_81d4_5c17_9d6e_0f64_3c58_b7a1);
/// Hexadecimal digits of the digest that tells apart SKUs which begin alike.
const DIGEST_CHARS: usize = 8;

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
            written: written.map(fitting).collect(),
            given: BTreeSet::new(),
        }
    }

    /// The SKU for a variant with this one in the file: the same, where a shop can take it, or one with a number when
    /// another variant has it.
    pub(super) fn give_written(&mut self, line: u64, written: &str, notices: &mut Vec<Notice>) -> String {
        let fitting = fitting(written);
        let mut notice = |code, what| notices.push(Notice { line, code, what });
        if self.given.insert(fitting.clone()) {
            if fitting != written {
                let what = format!(
                    "SKU {written:?} is not of up to {SKU_CHARS_MAX} printable characters; here it is {fitting:?}"
                );
                notice("sku.shortened", what);
            }
            return fitting;
        }
        let given = self.numbered(&fitting, 2);
        let what = format!("SKU {written:?} is that of an earlier line; this variant got {given:?}");
        notice("sku.repeated", what);
        given
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

/// What a SKU of a file is in the shop: in one line, and when it is too long its beginning with a digest of the whole, so
/// that the same file always means the same variants.
pub(super) fn fitting(written: &str) -> String {
    let line = cell::line(written);
    if !line.is_empty() && line.chars().count() <= SKU_CHARS_MAX {
        return line;
    }
    let digest = Uuid::new_v5(&TOO_LONG, written.as_bytes()).simple().to_string();
    let digest = &digest[..DIGEST_CHARS];
    match shortened(&line, SKU_CHARS_MAX - DIGEST_CHARS - 1) {
        "" => digest.to_owned(),
        beginning => format!("{beginning}-{digest}"),
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
