use super::{Command, Event, Settings, TaxRate};
use crate::stream::StreamId;
use crate::testkit::given_nothing;
use crate::value::{AMOUNT_MINOR_MAX, Currency, LocalizedText, Money};
use crate::{Command as AnyCommand, State};

fn configure(change: impl FnOnce(&mut Settings)) -> AnyCommand {
    let mut settings = Settings::default();
    change(&mut settings);
    AnyCommand::Shop(Command::Configure { settings })
}

#[track_caller]
fn is_refused_for(field: &str, change: impl FnOnce(&mut Settings)) {
    let command = configure(change);
    let mut story = given_nothing();
    match story.run(&command) {
        Err(crate::Refusal::Rejected(rejection)) => {
            assert_eq!(rejection.field(), Some(field));
            assert_eq!(rejection.code(), "shop.setting_invalid");
        }
        other => panic!("{field} was to be refused, but: {other:?}"),
    }
}

#[test]
fn a_shop_works_as_it_comes() {
    let State::Shop(shop) = given_nothing().state_of(&StreamId::Shop) else {
        panic!("the shop was asked for");
    };
    assert_eq!(shop.name, "Tillroll");
    assert_eq!(shop.currencies, [Currency::EUR]);
    assert_eq!(shop.holding_seconds, 900);
    let german_standard = shop
        .tax_rates
        .iter()
        .find(|rate| rate.country == "DE" && rate.tax_class == "standard");
    assert_eq!(german_standard.map(|rate| rate.basis_points), Some(1_900));
}

#[test]
fn configuring_what_already_holds_changes_nothing() {
    given_nothing().when(configure(|_| {})).then_nothing();
    given_nothing()
        .when(configure(|settings| settings.name = "Paper & Bean".to_owned()))
        .then_again_nothing();
}

#[test]
fn a_shop_works_as_it_was_configured_last() {
    let story = given_nothing()
        .when(configure(|settings| settings.name = "Paper & Bean".to_owned()))
        .then_named(["ShopConfigured"]);
    let State::Shop(shop) = story.state_of(&StreamId::Shop) else {
        panic!("the shop was asked for");
    };
    assert_eq!(shop.name, "Paper & Bean");
    story.when(configure(|_| {})).then([(
        StreamId::Shop,
        Event::ShopConfigured {
            settings: Settings::default(),
        }
        .into(),
    )]);
}

#[test]
fn every_setting_is_checked() {
    is_refused_for("name", |settings| settings.name = " ".to_owned());
    is_refused_for("currencies", |settings| settings.currencies.clear());
    is_refused_for("currencies", |settings| settings.currencies.push(Currency::EUR));
    is_refused_for("locales", |settings| settings.locales.clear());
    is_refused_for("locales", |settings| settings.locales.push("English".to_owned()));
    is_refused_for("countries", |settings| settings.countries.clear());
    is_refused_for("countries", |settings| settings.countries.push("XX".to_owned()));
    is_refused_for("countries", |settings| settings.countries.push("de".to_owned()));
    is_refused_for("time_zone", |settings| {
        settings.time_zone = "../etc/localtime; rm".to_owned();
    });
    is_refused_for("holding_seconds", |settings| settings.holding_seconds = 0);
    is_refused_for("holding_seconds", |settings| settings.holding_seconds = u32::MAX);
    is_refused_for("cart_seconds", |settings| settings.cart_seconds = 0);
    is_refused_for("low_stock_threshold", |settings| settings.low_stock_threshold = -1);
}

#[test]
fn a_tax_rate_is_of_a_country_and_at_most_all() {
    let rate = |country: &str, basis_points| TaxRate {
        country: country.to_owned(),
        tax_class: "luxury".to_owned(),
        basis_points,
    };
    is_refused_for("tax_rates", |settings| settings.tax_rates.push(rate("ZZ", 100)));
    is_refused_for("tax_rates", |settings| settings.tax_rates.push(rate("DE", 10_001)));
    is_refused_for("tax_rates", |settings| {
        settings.tax_rates.extend([rate("DE", 100), rate("DE", 200)]);
    });
    given_nothing()
        .when(configure(|settings| settings.tax_rates.push(rate("DE", 10_000))))
        .then_named(["ShopConfigured"]);
}

#[test]
fn a_shipping_method_is_priced_in_the_shops_currencies_for_its_countries() {
    let yen = Money {
        amount: 100,
        currency: "JPY".parse().expect("a currency"),
    };
    let price = |amount| Money {
        amount,
        currency: Currency::EUR,
    };
    is_refused_for("shipping_methods", |settings| {
        settings.shipping_methods[0].prices.push(yen);
    });
    is_refused_for("shipping_methods", |settings| {
        settings.shipping_methods[0].prices.push(price(1));
    });
    for amount in [-1, AMOUNT_MINOR_MAX + 1] {
        is_refused_for("shipping_methods", |settings| {
            settings.shipping_methods[0].prices = vec![price(amount)];
        });
    }
    is_refused_for("shipping_methods", |settings| {
        settings.shipping_methods[0].countries.push("JP".to_owned());
    });
    is_refused_for("shipping_methods", |settings| {
        settings.shipping_methods[0].code = "Über Nacht".to_owned();
    });
    is_refused_for("shipping_methods", |settings| {
        settings.shipping_methods[1].code = "standard".to_owned();
    });
    is_refused_for("shipping_methods", |settings| {
        settings.shipping_methods[0].name = LocalizedText::default();
    });
}
