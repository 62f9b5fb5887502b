//! What texts and lists may look like when they come from outside.

use std::collections::BTreeSet;

use super::{CODE_CHARS_MAX, LocalizedText, TEXT_LOCALES_MAX, ValueError};

/// Whether a line of text has from `chars_min` to `chars_max` characters, no control characters among them,
/// and, when it may not be empty, something else than blanks.
///
/// # Errors
/// What is wrong with it.
pub fn check_text(text: &str, chars_min: usize, chars_max: usize) -> Result<(), ValueError> {
    if text.trim().chars().count() < chars_min {
        return Err(ValueError::Empty);
    }
    if text.chars().count() > chars_max {
        return Err(ValueError::TooLong(chars_max));
    }
    if text.chars().any(char::is_control) {
        return Err(ValueError::Character);
    }
    Ok(())
}

/// Whether a text says something in at least one language, and no more than `chars_max` characters in each.
///
/// # Errors
/// What is wrong with it.
pub fn check_title(text: &LocalizedText, chars_max: usize) -> Result<(), ValueError> {
    check_locales(text)?;
    if text.0.is_empty() {
        return Err(ValueError::Empty);
    }
    text.0.values().try_for_each(|text| check_text(text, 1, chars_max))
}

/// Whether the languages of a text are languages, and not too many.
///
/// # Errors
/// What is wrong with them.
pub fn check_locales(text: &LocalizedText) -> Result<(), ValueError> {
    if text.0.len() > TEXT_LOCALES_MAX {
        return Err(ValueError::TooMany(TEXT_LOCALES_MAX));
    }
    text.0.keys().try_for_each(|locale| check_locale(locale))
}

/// Whether a text has the shape of a language tag: letters, then parts of letters and digits (BCP 47).
///
/// # Errors
/// [`ValueError::Locale`].
pub fn check_locale(locale: &str) -> Result<(), ValueError> {
    let mut parts = locale.split('-');
    let language = parts.next().unwrap_or_default();
    let is_language = (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_language && parts.all(is_part) && locale.len() <= 35 {
        Ok(())
    } else {
        Err(ValueError::Locale)
    }
}

/// Whether a list has no more than `max` entries and none of them twice.
///
/// # Errors
/// What is wrong with it.
pub fn check_set<T: Ord>(entries: impl IntoIterator<Item = T>, max: usize) -> Result<(), ValueError> {
    let mut seen = BTreeSet::new();
    for entry in entries {
        if !seen.insert(entry) {
            return Err(ValueError::Repeated);
        }
        if seen.len() > max {
            return Err(ValueError::TooMany(max));
        }
    }
    Ok(())
}

/// Whether a text can be a key such as a tax class: lower-case letters, digits, hyphens and underscores.
///
/// # Errors
/// What is wrong with it.
pub fn check_code(code: &str) -> Result<(), ValueError> {
    check_text(code, 1, CODE_CHARS_MAX)?;
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    if code.bytes().all(allowed) {
        Ok(())
    } else {
        Err(ValueError::Character)
    }
}

/// Whether a number is from `min` to `max`.
///
/// # Errors
/// [`ValueError::Range`].
pub fn check_range(number: i64, min: i64, max: i64) -> Result<(), ValueError> {
    if (min..=max).contains(&number) {
        Ok(())
    } else {
        Err(ValueError::Range { min, max })
    }
}
