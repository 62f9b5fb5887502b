use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Not the code of an ISO 4217 currency.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not an ISO 4217 currency code")]
pub struct UnknownCurrency(pub String);

impl Currency {
    /// The euro, the currency of a shop that has chosen none.
    pub const EUR: Self = Self(*b"EUR");

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits after the decimal point: 2 for EUR, 0 for JPY, 3 for KWD (ISO 4217).
    #[must_use]
    pub fn exponent(&self) -> u32 {
        iso_currency::Currency::from_code(self.code())
            .and_then(|currency| currency.exponent())
            .map_or(0, u32::from)
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = iso_currency::Currency::from_code(text).ok_or_else(|| UnknownCurrency(text.to_owned()))?;
        let mut code = [0; 3];
        code.copy_from_slice(known.code().as_bytes());
        Ok(Self(code))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount of one currency, in its minor unit (cents; whole yen). Never a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units.
    pub amount: i64,
    /// Whose minor units.
    pub currency: Currency,
}

/// Why a text is no amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MalformedAmount {
    /// Not digits with at most one point between them.
    #[error("is not a decimal number")]
    NotANumber,
    /// A part of the minor unit.
    #[error("has more than {0} digits after the point")]
    TooFine(u32),
    /// More than can be counted.
    #[error("is too large")]
    TooLarge,
}

impl Money {
    /// Reads `12.90`, `12` or `-0.50` exactly. Zeros beyond the minor unit are read, other digits there are not.
    ///
    /// # Errors
    /// Why the text is no amount of this currency.
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, MalformedAmount> {
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(MalformedAmount::NotANumber),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(MalformedAmount::NotANumber);
        }
        let exponent = usize::try_from(currency.exponent()).unwrap_or(0);
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > exponent {
            return Err(MalformedAmount::TooFine(currency.exponent()));
        }
        let minor = format!("{whole}{fraction:0<exponent$}");
        let amount: i64 = minor.parse().map_err(|_| MalformedAmount::TooLarge)?;
        Ok(Self {
            amount: if is_negative { -amount } else { amount },
            currency,
        })
    }

    /// The amount in the currency's main unit, with all its digits: `12.90`, and `1290` yen.
    #[must_use]
    pub fn decimal(&self) -> String {
        let exponent = usize::try_from(self.currency.exponent()).unwrap_or(0);
        let sign = if self.amount < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.amount.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}")
    }
}

/// `numerator ÷ denominator`, rounded half away from zero, the rule that tax law commonly asks for
/// (half-even breaks it). The denominator is positive.
#[must_use]
pub fn round_half_away(numerator: i128, denominator: i128) -> i64 {
    let half = denominator / 2;
    let shifted = if numerator >= 0 {
        numerator + half
    } else {
        numerator - half
    };
    i64::try_from(shifted / denominator).unwrap_or(if numerator >= 0 { i64::MAX } else { i64::MIN })
}

#[cfg(test)]
mod tests;
