use axum::http::HeaderMap;
use domain::shop::settings::Settings;
use domain::value::{Currency, LocalizedText};

use super::{Audience, AudienceError, Wishes};

fn settings() -> Settings {
    Settings {
        name: "Lamps".to_owned(),
        currencies: vec![Currency::EUR, "USD".parse().expect("USD is a currency")],
        locales: vec!["en".to_owned(), "de-AT".to_owned(), "pt-BR".to_owned()],
        countries: vec!["AT".to_owned(), "DE".to_owned()],
        time_zone: "Europe/Vienna".to_owned(),
        prices_include_tax: true,
        tax_rates: Vec::new(),
        shipping_methods: Vec::new(),
        holding_seconds: 900,
        cart_seconds: 86_400,
        low_stock_threshold: 5,
    }
}

fn wishes(headers: &[(&'static str, &str)]) -> Result<Wishes, AudienceError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().expect("the value is a header's"));
    }
    Wishes::from_headers(&map)
}

#[track_caller]
fn locale_for(accept_language: &str) -> String {
    let wishes = wishes(&[("accept-language", accept_language)]).expect("the header can be read");
    Audience::choose(&wishes, &settings())
        .expect("languages never refuse")
        .locale
}

#[test]
fn without_headers_the_shops_first_choices_hold() {
    let audience = Audience::choose(&Wishes::default(), &settings()).expect("defaults are offered");
    assert_eq!((audience.locale.as_str(), audience.country.as_str()), ("en", "AT"));
    assert_eq!(audience.currency, Currency::EUR);
}

#[test]
fn the_dearest_language_that_is_spoken_is_chosen() {
    assert_eq!(locale_for("fr, de;q=0.4, pt-PT;q=0.7"), "pt-BR");
    assert_eq!(locale_for("de-CH"), "de-AT");
    assert_eq!(locale_for("EN-us, de"), "en");
    assert_eq!(locale_for("fr, *;q=0.1"), "en");
    assert_eq!(locale_for("de;q=0, en;q=0.1"), "en");
    assert_eq!(locale_for("de;q=nonsense,,;;,"), "en");
}

#[test]
fn what_the_shop_does_not_offer_is_refused() {
    let refused = |headers| Audience::choose(&wishes(headers).expect("well formed"), &settings());
    assert_eq!(
        refused(&[("x-currency", "JPY")]),
        Err(AudienceError::CurrencyNotOffered)
    );
    assert_eq!(refused(&[("x-country", "US")]), Err(AudienceError::CountryNotOffered));
}

#[test]
fn codes_are_read_in_any_case() {
    let wishes = wishes(&[("x-currency", "usd"), ("x-country", "de")]).expect("well formed");
    let audience = Audience::choose(&wishes, &settings()).expect("both are offered");
    assert_eq!((audience.currency.code(), audience.country.as_str()), ("USD", "DE"));
}

#[test]
fn what_is_no_code_is_malformed() {
    for (name, value) in [
        ("x-currency", "EURO"),
        ("x-currency", ""),
        ("x-country", "A1"),
        ("x-country", "AUT"),
    ] {
        assert_eq!(
            wishes(&[(name, value)]),
            Err(AudienceError::Malformed(name)),
            "{name}: {value}"
        );
    }
}

#[test]
fn a_text_falls_back_to_the_shops_first_language() {
    let audience = Audience::choose(&Wishes::default(), &settings()).expect("defaults are offered");
    let text = LocalizedText::of("de-AT", "Lampe");
    assert_eq!(audience.read(&text), "Lampe");
}

#[test]
fn a_header_that_comes_twice_is_malformed() {
    let mut headers = HeaderMap::new();
    headers.append("x-currency", "EUR".parse().expect("a value"));
    headers.append("x-currency", "USD".parse().expect("a value"));
    assert_eq!(
        Wishes::from_headers(&headers),
        Err(AudienceError::Malformed("x-currency"))
    );
}
