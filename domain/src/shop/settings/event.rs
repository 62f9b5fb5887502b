//! Events of the shop's settings. These names and fields are the storage format.

use serde::{Deserialize, Serialize};

use crate::value::{Currency, Locale, LocalizedText, Money};

/// The tax on one class of goods in one country.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TaxRate {
    /// ISO 3166 alpha-2.
    pub country: String,
    /// The variants' class, for example `standard`.
    pub tax_class: String,
    /// Hundredths of a percent: 2000 is 20 %.
    pub basis_points: u32,
}

/// A way to send parcels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShippingMethod {
    /// Key, for example `standard`.
    pub code: String,
    /// What shoppers read.
    pub name: LocalizedText,
    /// One price per currency in which it is offered, tax handled as for goods.
    pub prices: Vec<Money>,
    /// Where it goes; empty: everywhere the shop sells to.
    pub countries: Vec<String>,
    /// Which tax rate holds for it.
    pub tax_class: String,
}

/// How the shop works.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Settings {
    /// What it is called.
    pub name: String,
    /// Currencies it sells in; the first is the default.
    pub currencies: Vec<Currency>,
    /// Languages it speaks; the first is the fallback.
    pub locales: Vec<Locale>,
    /// Where it sells to (ISO 3166 alpha-2); the first is the default.
    pub countries: Vec<String>,
    /// Where its days begin (IANA name).
    pub time_zone: String,
    /// Whether prices include tax.
    pub prices_include_tax: bool,
    /// Tax by country and class.
    pub tax_rates: Vec<TaxRate>,
    /// Ways to send parcels.
    pub shipping_methods: Vec<ShippingMethod>,
    /// How long a checkout holds stock.
    pub holding_seconds: u32,
    /// How long a cart lives without being touched.
    pub cart_seconds: u32,
    /// From where on a SKU is low, unless it says otherwise.
    pub low_stock_threshold: i64,
}

impl Settings {
    /// The shop's first language.
    #[must_use]
    pub fn default_locale(&self) -> &str {
        self.locales.first().map_or("en", String::as_str)
    }
}

/// What happened to the shop.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
pub enum Event {
    /// It works like this from now on.
    ShopConfigured {
        /// All settings.
        settings: Settings,
    },
}
