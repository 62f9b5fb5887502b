//! The shop's settings.

use axum::extract::State;
use domain::Command;
use domain::shop::settings::{Command as ShopCommand, Settings, ShippingMethod, TaxRate};
use domain::value::BASIS_POINTS_MAX;
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
    name: String,
    #[schemars(with = "Vec<form::Currency>")]
    currencies: Vec<String>,
    locales: Vec<String>,
    #[schemars(with = "Vec<form::Country>")]
    countries: Vec<String>,
    time_zone: String,
    prices_include_tax: bool,
    tax_rates: Vec<TaxRateBody>,
    shipping_methods: Vec<ShippingMethodBody>,
    holding_seconds: u32,
    cart_seconds: u32,
    low_stock_threshold: i64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct TaxRateBody {
    #[schemars(with = "form::Country")]
    country: String,
    tax_class: String,
    #[schemars(range(max = BASIS_POINTS_MAX))]
    basis_points: u32,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ShippingMethodBody {
    code: String,
    name: TextBody,
    prices: Vec<MoneyBody>,
    #[serde(default)]
    countries: Vec<String>,
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
