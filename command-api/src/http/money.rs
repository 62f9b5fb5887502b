//! Money in bodies: a decimal text, read exactly into minor units; and the same way back.

use domain::value::{AMOUNT_MINOR_MAX, Currency, MalformedAmount, Money};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits::AMOUNT_CHARS_MAX;
use super::openapi::form;
use super::problem::Problem;

/// Money as a body says it: `{"amount": "12.50", "currency": "EUR"}`. A JSON number is refused: it may be a float.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(with = "form::Sum")]
pub(crate) struct MoneyBody {
    amount: String,
    currency: String,
}

impl MoneyBody {
    /// The amount in minor units, none of it lost.
    pub(crate) fn read(&self, field: &str) -> Result<Money, Problem> {
        let currency = currency(&format!("{field}.currency"), &self.currency)?;
        let refused = |code, detail: String| Problem::value(code, format!("{field}.amount"), detail);
        let too_large = || format!("an amount has at most {AMOUNT_MINOR_MAX} minor units");
        if self.amount.len() > AMOUNT_CHARS_MAX {
            return Err(refused("money.too_large", too_large()));
        }
        match Money::from_decimal(&self.amount, currency) {
            Ok(_) if self.amount.starts_with('-') => {
                Err(refused("money.negative", "an amount is not negative".to_owned()))
            }
            Ok(money) if money.amount <= AMOUNT_MINOR_MAX => Ok(money),
            Ok(_) | Err(MalformedAmount::TooLarge) => Err(refused("money.too_large", too_large())),
            Err(error @ MalformedAmount::TooFine(_)) => {
                Err(refused("money.too_many_decimals", format!("the amount {error}")))
            }
            Err(error @ MalformedAmount::NotANumber) => Err(refused("money.malformed", format!("the amount {error}"))),
        }
    }
}

/// An ISO 4217 code, in capitals.
pub(crate) fn currency(field: &str, code: &str) -> Result<Currency, Problem> {
    code.parse()
        .map_err(|_| Problem::value("currency.unknown", field, "is not an ISO 4217 currency code"))
}

/// Money as an answer shows it, in GraphQL's field names.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Money")]
pub(crate) struct MoneyView {
    #[serde(rename = "__typename")]
    typename: &'static str,
    amount: String,
    minor_units: String,
    currency: &'static str,
}

impl MoneyView {
    pub(crate) fn of(amount: i64, currency: Currency) -> Self {
        Self {
            typename: "Money",
            amount: Money { amount, currency }.decimal(),
            minor_units: amount.to_string(),
            currency: iso_currency::Currency::from_code(currency.code()).map_or("XXX", |known| known.code()),
        }
    }
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self::of(money.amount, money.currency)
    }
}

#[cfg(test)]
mod tests;
