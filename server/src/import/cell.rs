//! From a cell's text to a value.

use domain::value::{Currency, MalformedAmount, Money};

/// One line without control characters, and without blanks around it.
pub(super) fn line(text: &str) -> String {
    let is_break = |character: char| character.is_control() || (character.is_whitespace() && character != ' ');
    let pieces = text.split(is_break).map(str::trim);
    pieces.filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ")
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
    let number = number(text, has_decimal_commas);
    Money::from_decimal(number.as_deref().unwrap_or(text), currency)
}

/// A number without separators of thousands and with a point before its fraction: `1,299.00`, `1.299,00` and
/// `1 299,00` are `1299.00`. A lone comma before three digits parts thousands, unless the file has decimal commas;
/// there a lone point before three digits does. None when the separators make no sense.
pub(super) fn number(text: &str, has_decimal_commas: bool) -> Option<String> {
    let is_blank = |character: char| matches!(character, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '\u{2019}');
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let decimal = decimal_separator(digits, has_decimal_commas);
    let (whole, fraction) = match decimal.and_then(|separator| digits.rsplit_once(separator)) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let is_separator =
        |character: char| is_blank(character) || (matches!(character, '.' | ',') && Some(character) != decimal);
    let mut groups = whole.split(is_separator);
    let first = groups.next()?;
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let rest: Vec<&str> = groups.collect();
    let has_groups = !rest.is_empty();
    let first_fits = !first.is_empty() && is_number(first) && (!has_groups || first.len() <= 3);
    if !first_fits || !rest.iter().all(|group| group.len() == 3 && is_number(group)) {
        return None;
    }
    let whole = format!("{sign}{first}{}", rest.concat());
    match fraction {
        Some(fraction) if is_number(fraction) && !fraction.is_empty() => Some(format!("{whole}.{fraction}")),
        Some(_) => None,
        None => Some(whole),
    }
}

/// The character before the fraction, when there is one.
fn decimal_separator(digits: &str, has_decimal_commas: bool) -> Option<char> {
    let usual = if has_decimal_commas { ',' } else { '.' };
    let other = if has_decimal_commas { '.' } else { ',' };
    let count = |wanted| digits.matches(wanted).count();
    match (count(usual), count(other)) {
        (0, 1) => {
            let after = digits.rsplit(other).next().unwrap_or_default();
            (after.len() != 3).then_some(other)
        }
        (0, _) => None,
        (1, 0) => Some(usual),
        (_, 0) => None,
        // The last one stands before the fraction; the other parts thousands.
        _ => digits.chars().rev().find(|character| matches!(character, '.' | ',')),
    }
}

/// A whole number; `5.0` and `1,000` are.
pub(super) fn whole(text: &str, has_decimal_commas: bool) -> Option<i64> {
    let number = number(text, has_decimal_commas)?;
    let whole = match number.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => &number,
    };
    whole.parse().ok()
}

/// Grams of a weight in a unit of so many micrograms, half a gram and more being one.
pub(super) fn grams_in(text: &str, unit_micrograms: u64, has_decimal_commas: bool) -> Option<u32> {
    /// Micrograms in a gram.
    const GRAM: u128 = 1_000_000;
    /// Digits after the point that are read.
    const DIGITS_MAX: usize = 6;
    let number = number(text, has_decimal_commas)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let fraction: String = fraction.chars().take(DIGITS_MAX).collect();
    let scaled: u128 = format!("{whole}{fraction:0<DIGITS_MAX$}").parse().ok()?;
    let micrograms = scaled.checked_mul(u128::from(unit_micrograms))? / 10u128.pow(6);
    u32::try_from((micrograms + GRAM / 2) / GRAM).ok()
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
