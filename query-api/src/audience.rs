//! For whom an answer is made: language, currency and country, chosen by headers among what the shop offers.
//!
//! `Accept-Language` is a wish: what comes closest is chosen, else the shop's first language. `X-Currency` and
//! `X-Country` are demands: what the shop does not offer is refused, because an answer in another currency would
//! be mistaken for the one that was asked for.

use axum::http::HeaderMap;
use domain::shop::settings::Settings;
use domain::value::{Currency, LocalizedText};
use thiserror::Error;

use crate::limits::{HEADER_BYTES_MAX, LANGUAGES_MAX};

/// The header that names an ISO 4217 currency.
pub const CURRENCY_HEADER: &str = "x-currency";
/// The header that names a country (ISO 3166 alpha-2).
pub const COUNTRY_HEADER: &str = "x-country";

/// What the headers ask for, not compared with the shop's settings yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Wishes {
    /// Language tags in lower case, the dearest first.
    languages: Vec<String>,
    currency: Option<Currency>,
    country: Option<String>,
}

/// For whom an answer is made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Audience {
    /// One of the shop's locales.
    pub(crate) locale: String,
    /// The shop's first locale, for texts that do not have the other.
    pub(crate) fallback_locale: String,
    /// One of the shop's currencies.
    pub(crate) currency: Currency,
    /// One of the shop's countries (ISO 3166 alpha-2).
    pub(crate) country: String,
}

/// Why an answer cannot be made for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum AudienceError {
    /// A header is too long, not text, or not of its form.
    #[error("the header {0} cannot be read")]
    Malformed(&'static str),
    /// The shop has no such currency.
    #[error("the shop does not sell in this currency; `shop {{ currencies }}` lists those it sells in")]
    CurrencyNotOffered,
    /// The shop does not sell there.
    #[error("the shop does not sell to this country; `shop {{ countries }}` lists those it sells to")]
    CountryNotOffered,
}

impl AudienceError {
    /// The stable code.
    #[must_use]
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "header.malformed",
            Self::CurrencyNotOffered => "currency.not_offered",
            Self::CountryNotOffered => "country.not_offered",
        }
    }
}

impl Wishes {
    /// Reads `Accept-Language`, `X-Currency` and `X-Country`.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Self, AudienceError> {
        let languages = text(headers, "accept-language")?.map(languages).unwrap_or_default();
        let currency = text(headers, CURRENCY_HEADER)?
            .map(|code| code.to_ascii_uppercase().parse())
            .transpose()
            .map_err(|_| AudienceError::Malformed(CURRENCY_HEADER))?;
        let country = text(headers, COUNTRY_HEADER)?.map(country).transpose()?;
        Ok(Self {
            languages,
            currency,
            country,
        })
    }
}

impl Audience {
    /// Chooses among what the shop offers.
    ///
    /// # Errors
    /// The shop does not offer the currency or the country.
    pub(crate) fn choose(wishes: &Wishes, settings: &Settings) -> Result<Self, AudienceError> {
        let fallback_locale = settings.locales.first().cloned().unwrap_or_else(|| "en".to_owned());
        let locale = wishes
            .languages
            .iter()
            .find_map(|wish| closest_locale(wish, &settings.locales))
            .unwrap_or(&fallback_locale)
            .clone();
        let currency = match wishes.currency {
            None => settings.currencies.first().copied().unwrap_or(Currency::EUR),
            Some(wish) if settings.currencies.contains(&wish) => wish,
            Some(_) => return Err(AudienceError::CurrencyNotOffered),
        };
        let country = match &wishes.country {
            None => settings.countries.first().cloned().unwrap_or_default(),
            Some(wish) if settings.countries.contains(wish) => wish.clone(),
            Some(_) => return Err(AudienceError::CountryNotOffered),
        };
        Ok(Self {
            locale,
            fallback_locale,
            currency,
            country,
        })
    }

    /// The text in their language.
    #[must_use]
    pub(crate) fn read<'a>(&self, text: &'a LocalizedText) -> &'a str {
        text.in_locale(&self.locale, &self.fallback_locale)
    }
}

/// One header's value, if it is there. Two of them are two wishes, of which neither can be preferred.
fn text<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, AudienceError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| AudienceError::Malformed(name))?.trim();
    if values.next().is_some() || text.len() > HEADER_BYTES_MAX {
        return Err(AudienceError::Malformed(name));
    }
    Ok(Some(text))
}

fn country(code: &str) -> Result<String, AudienceError> {
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Ok(code.to_ascii_uppercase())
    } else {
        Err(AudienceError::Malformed(COUNTRY_HEADER))
    }
}

/// The languages of an `Accept-Language` (RFC 9110 §12.5.4), the dearest first. What cannot be read is skipped:
/// browsers write this header, not people.
fn languages(header: &str) -> Vec<String> {
    let mut weighted: Vec<(u32, String)> = header
        .split(',')
        .take(LANGUAGES_MAX)
        .filter_map(|part| {
            let mut pieces = part.split(';');
            let tag = pieces.next()?.trim().to_ascii_lowercase();
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(Some(1_000), weight)?;
            (weight > 0 && !tag.is_empty() && tag != "*").then_some((weight, tag))
        })
        .collect();
    weighted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    weighted.into_iter().map(|(_, tag)| tag).collect()
}

/// A weight in thousandths: `0.8` is 800.
fn weight(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{fraction:0<3}").parse::<u32>().ok()?;
    let whole = whole.parse::<u32>().ok().filter(|whole| *whole <= 1)?;
    Some((whole * 1_000 + thousandths).min(1_000))
}

/// The locale itself, else its language without a region, else any region of its language.
fn closest_locale<'a>(wish: &str, locales: &'a [String]) -> Option<&'a String> {
    let language = language_of(wish);
    locales
        .iter()
        .find(|locale| locale.eq_ignore_ascii_case(wish))
        .or_else(|| locales.iter().find(|locale| locale.eq_ignore_ascii_case(language)))
        .or_else(|| {
            locales
                .iter()
                .find(|locale| language_of(locale).eq_ignore_ascii_case(language))
        })
}

fn language_of(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

#[cfg(test)]
mod tests;
