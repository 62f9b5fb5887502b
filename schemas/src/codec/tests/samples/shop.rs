use domain::Event;
use domain::shop::generation::Event as Generation;
use domain::shop::settings::{self, Settings, ShippingMethod, TaxRate};
use domain::shop::skips::Event as Skips;
use domain::value::Currency;

use super::{euros, text};

pub(super) fn samples() -> Vec<Event> {
    let settings = settings();
    vec![
        settings::Event::ShopConfigured { settings }.into(),
        Generation::GenerationOpened {
            generation: 2,
            version: 3,
            held: true,
        }
        .into(),
        Generation::GenerationSwitched { generation: 2 }.into(),
        Generation::GenerationDropped { generation: 1 }.into(),
        Skips::CommitSkipped {
            offset: 7,
            streams: vec!["cart/0198c0de-0000-7000-8000-000000000001".to_owned()],
            why: "the magic byte is 7".to_owned(),
        }
        .into(),
    ]
}

fn settings() -> Settings {
    let standard = ShippingMethod {
        code: "standard".to_owned(),
        name: text("Parcel", "Paket"),
        prices: vec![euros(490)],
        countries: vec!["AT".to_owned()],
        tax_class: "standard".to_owned(),
    };
    let vat = TaxRate {
        country: "AT".to_owned(),
        tax_class: "standard".to_owned(),
        basis_points: 2_000,
    };
    Settings {
        name: "Tillroll".to_owned(),
        currencies: vec![Currency::EUR],
        locales: vec!["en".to_owned(), "de".to_owned()],
        countries: vec!["AT".to_owned(), "DE".to_owned()],
        time_zone: "Europe/Vienna".to_owned(),
        prices_include_tax: true,
        tax_rates: vec![vat],
        shipping_methods: vec![standard],
        holding_seconds: 900,
        cart_seconds: 2_592_000,
        low_stock_threshold: 5,
    }
}
