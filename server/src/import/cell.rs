//! From a cell's text to a value.

use domain::value::{Currency, MalformedAmount, Money};

/// One line without control characters, and without runs of blanks.
pub(super) fn line(text: &str) -> String {
    let words = text.split(|character: char| character.is_whitespace() || character.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A code that a spreadsheet may have marked as text by an apostrophe.
pub(super) fn code(text: &str) -> &str {
    text.strip_prefix('\'').unwrap_or(text).trim()
}

/// Yes or no, when it says so.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Some(true),
        "false" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// An amount of money, to the last minor unit.
pub(super) fn amount(text: &str, currency: Currency, has_decimal_commas: bool) -> Result<Money, MalformedAmount> {
    if has_decimal_commas && !text.contains('.') {
        return Money::from_decimal(&text.replacen(',', ".", 1), currency);
    }
    Money::from_decimal(text, currency)
}

/// A whole number; `5.0` is one.
pub(super) fn whole(text: &str) -> Option<i64> {
    let whole = match text.split_once(['.', ',']) {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse().ok()
}

/// Grams, half a gram and more being one.
pub(super) fn grams(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let rounds_up = fraction.bytes().next().is_some_and(|digit| digit >= b'5');
    let whole: u32 = whole.parse().ok()?;
    whole.checked_add(u32::from(rounds_up))
}

/// An address in the web or a path of the shop's server, as the shop takes it.
pub(super) fn address(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix("//") {
        return address(&format!("https://{rest}"));
    }
    if text.starts_with('/') {
        return Some(text.replace(' ', "%20"));
    }
    let parsed = url::Url::parse(text).ok()?;
    let is_web = matches!(parsed.scheme(), "http" | "https") && parsed.has_host();
    let is_odd = |character: char| character.is_whitespace() || !character.is_ascii() || "<>\"".contains(character);
    let has_odd_characters = text.contains(is_odd);
    match (is_web, has_odd_characters) {
        (false, _) => None,
        (true, true) => Some(parsed.into()),
        (true, false) => Some(text.to_owned()),
    }
}
