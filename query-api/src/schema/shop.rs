//! The shop.

use std::sync::Arc;

use async_graphql::Object;

use crate::scope::Scope;

/// The shop, and what this answer is made in.
pub(crate) struct Shop(pub(crate) Arc<Scope>);

/// The shop, and what this answer is made in.
#[Object(serial)]
impl Shop {
    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.shop.settings.name
    }

    /// Currencies it sells in (ISO 4217); the first is the default.
    async fn currencies(&self) -> Vec<&str> {
        self.0
            .shop
            .settings
            .currencies
            .iter()
            .map(|currency| currency.code())
            .collect()
    }

    /// Languages it speaks (BCP 47); the first is the default.
    async fn locales(&self) -> &[String] {
        &self.0.shop.settings.locales
    }

    /// Where it sells to (ISO 3166 alpha-2); the first is the default.
    async fn countries(&self) -> &[String] {
        &self.0.shop.settings.countries
    }

    /// Whether shown prices include tax.
    async fn prices_include_tax(&self) -> bool {
        self.0.shop.settings.prices_include_tax
    }

    /// The currency of this answer: `X-Currency`, else the default.
    async fn currency(&self) -> &str {
        self.0.audience.currency.code()
    }

    /// The language of this answer: what comes closest to `Accept-Language`, else the default.
    async fn locale(&self) -> &str {
        &self.0.audience.locale
    }

    /// The country of this answer: `X-Country`, else the default.
    async fn country(&self) -> &str {
        &self.0.audience.country
    }

    /// How many changes it has had: what `If-Match` compares.
    async fn version(&self) -> u64 {
        self.0.shop.version
    }
}
