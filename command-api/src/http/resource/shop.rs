//! The shop's settings.

use std::collections::BTreeSet;

use axum::extract::State;
use domain::Command;
use domain::shop::settings::{Command as ShopCommand, Settings, ShippingMethod, TaxRate};
use domain::value::{
    BASIS_POINTS_MAX, CART_SECONDS_MAX, HOLDING_SECONDS_MAX, SHOP_COUNTRIES_MAX, SHOP_CURRENCIES_MAX,
    SHOP_SHIPPING_METHODS_MAX, SHOP_TAX_RATES_MAX, STOCK_QUANTITY_MAX, TEXT_LOCALES_MAX, TITLE_CHARS_MAX,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::http::answer::{Answer, Answered};
use crate::http::body::Body;
use crate::http::fields::TextBody;
use crate::http::intent::Admin;
use crate::http::money::{self, MoneyBody};
use crate::http::openapi::form;
use crate::http::problem::Problem;
use crate::http::state::HttpState;
use crate::http::view::ShopView;

/// How the shop works: all of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct SettingsBody {
    #[schemars(with = "form::Line<1, TITLE_CHARS_MAX>")]
    name: String,
    #[schemars(with = "BTreeSet<form::Currency>", length(min = 1, max = SHOP_CURRENCIES_MAX))]
    currencies: Vec<String>,
    #[schemars(with = "BTreeSet<form::Locale>", length(min = 1, max = TEXT_LOCALES_MAX))]
    locales: Vec<String>,
    #[schemars(with = "BTreeSet<form::AssignedCountry>", length(min = 1, max = SHOP_COUNTRIES_MAX))]
    countries: Vec<String>,
    #[schemars(with = "form::TimeZone")]
    time_zone: String,
    prices_include_tax: bool,
    #[schemars(length(max = SHOP_TAX_RATES_MAX))]
    tax_rates: Vec<TaxRateBody>,
    #[schemars(length(max = SHOP_SHIPPING_METHODS_MAX))]
    shipping_methods: Vec<ShippingMethodBody>,
    #[schemars(range(min = 1, max = HOLDING_SECONDS_MAX))]
    holding_seconds: u32,
    #[schemars(range(min = 1, max = CART_SECONDS_MAX))]
    cart_seconds: u32,
    #[schemars(range(min = 0, max = STOCK_QUANTITY_MAX))]
    low_stock_threshold: i64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct TaxRateBody {
    #[schemars(with = "form::AssignedCountry")]
    country: String,
    #[schemars(with = "form::Code")]
    tax_class: String,
    #[schemars(range(max = BASIS_POINTS_MAX))]
    basis_points: u32,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ShippingMethodBody {
    #[schemars(with = "form::Code")]
    code: String,
    #[schemars(with = "form::Title")]
    name: TextBody,
    #[schemars(length(max = SHOP_CURRENCIES_MAX))]
    prices: Vec<MoneyBody>,
    #[serde(default)]
    #[schemars(with = "BTreeSet<form::AssignedCountry>", length(max = SHOP_COUNTRIES_MAX))]
    countries: Vec<String>,
    #[schemars(with = "form::Code")]
    tax_class: String,
}

impl SettingsBody {
    fn read(self) -> Result<Settings, Problem> {
        check_time_zone(&self.time_zone)?;
        let locale = self.locales.first().map_or("en", String::as_str);
        let currencies = self.currencies.iter().enumerate();
        let methods = self.shipping_methods.into_iter().enumerate();
        Ok(Settings {
            name: self.name,
            currencies: currencies
                .map(|(index, code)| money::currency(&format!("currencies[{index}]"), code))
                .collect::<Result<_, _>>()?,
            countries: self.countries,
            time_zone: self.time_zone,
            prices_include_tax: self.prices_include_tax,
            tax_rates: self.tax_rates.into_iter().map(TaxRateBody::read).collect(),
            shipping_methods: methods
                .map(|(index, method)| method.read(&format!("shippingMethods[{index}]"), locale))
                .collect::<Result<_, _>>()?,
            holding_seconds: self.holding_seconds,
            cart_seconds: self.cart_seconds,
            low_stock_threshold: self.low_stock_threshold,
            locales: self.locales,
        })
    }
}

/// Days begin somewhere that the time zone database knows.
fn check_time_zone(name: &str) -> Result<(), Problem> {
    match jiff::tz::TimeZone::get(name) {
        Ok(_) => Ok(()),
        Err(_) => Err(Problem::value(
            "shop.time_zone_unknown",
            "timeZone",
            "is not the name of a time zone (IANA)",
        )),
    }
}

impl TaxRateBody {
    fn read(self) -> TaxRate {
        TaxRate {
            country: self.country,
            tax_class: self.tax_class,
            basis_points: self.basis_points,
        }
    }
}

impl ShippingMethodBody {
    fn read(self, field: &str, locale: &str) -> Result<ShippingMethod, Problem> {
        let prices = self.prices.iter().enumerate();
        Ok(ShippingMethod {
            code: self.code,
            name: self.name.read(locale),
            prices: prices
                .map(|(index, price)| price.read(&format!("{field}.prices[{index}]")))
                .collect::<Result<_, _>>()?,
            countries: self.countries,
            tax_class: self.tax_class,
        })
    }
}

/// `PUT /v1/shop`
pub(crate) async fn configure(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    body: Body<SettingsBody>,
) -> Answered {
    let (fields, body) = body.take();
    let command = ShopCommand::Configure {
        settings: fields.read()?,
    };
    let outcome = shop.run(&intent, &body, vec![Command::Shop(command)]).await?;
    Answer::of(&intent, &outcome, &ShopView::of(&outcome))
}
