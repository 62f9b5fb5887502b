//! The settings of a shop that has chosen none.

use super::{Settings, ShippingMethod, TaxRate};
use crate::value::{Currency, LocalizedText, Money};

/// Standard and reduced VAT in basis points (European Commission, "VAT rates applied in the Member States").
const VAT_BASIS_POINTS: [(&str, u32, u32); 9] = [
    ("DE", 1_900, 700),
    ("AT", 2_000, 1_000),
    ("BE", 2_100, 600),
    ("ES", 2_100, 1_000),
    ("FR", 2_000, 550),
    ("IT", 2_200, 1_000),
    ("LU", 1_700, 800),
    ("NL", 2_100, 900),
    ("PL", 2_300, 800),
];

const HOLDING_SECONDS: u32 = 15 * 60;
const CART_SECONDS: u32 = 30 * 24 * 60 * 60;
const LOW_STOCK_THRESHOLD: i64 = 5;

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "Tillroll".to_owned(),
            currencies: vec![Currency::EUR],
            locales: vec!["en".to_owned()],
            countries: VAT_BASIS_POINTS
                .iter()
                .map(|(country, ..)| (*country).to_owned())
                .collect(),
            time_zone: "Europe/Berlin".to_owned(),
            prices_include_tax: true,
            tax_rates: VAT_BASIS_POINTS.iter().flat_map(tax_rates).collect(),
            shipping_methods: vec![
                shipping_method("standard", "Standard shipping", 490),
                shipping_method("express", "Express shipping", 990),
            ],
            holding_seconds: HOLDING_SECONDS,
            cart_seconds: CART_SECONDS,
            low_stock_threshold: LOW_STOCK_THRESHOLD,
        }
    }
}

fn tax_rates((country, standard, reduced): &(&str, u32, u32)) -> [TaxRate; 3] {
    [("standard", *standard), ("reduced", *reduced), ("zero", 0)].map(|(tax_class, basis_points)| TaxRate {
        country: (*country).to_owned(),
        tax_class: tax_class.to_owned(),
        basis_points,
    })
}

fn shipping_method(code: &str, name: &str, cents: i64) -> ShippingMethod {
    ShippingMethod {
        code: code.to_owned(),
        name: LocalizedText::of("en", name),
        prices: vec![Money {
            amount: cents,
            currency: Currency::EUR,
        }],
        countries: Vec::new(),
        tax_class: "standard".to_owned(),
    }
}
