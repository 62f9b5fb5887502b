use std::collections::BTreeMap;

use super::*;
use crate::catalog::product::OptionTexts;
use crate::value::{AMOUNT_MINOR_MAX, CODE_CHARS_MAX, ImageId, PRODUCT_VARIANTS_MAX, WEIGHT_GRAMS_MAX};

type Alteration = fn(&mut VariantFacts);

fn change(sku_text: &str, facts: VariantFacts) -> AnyCommand {
    let command = Command::ChangeVariant {
        sku: sku(sku_text),
        facts,
    };
    to(1, command)
}

fn sku_named(sku_text: &str, event: name::Event) -> (StreamId, AnyEvent) {
    (StreamId::Name(NameKey::Sku(sku(sku_text))), event.into())
}

#[test]
fn a_variant_claims_its_sku_for_ever() {
    lamp()
        .when(add("LAMP-1", &[]))
        .then([
            happened(Event::VariantAdded {
                sku: sku("LAMP-1"),
                facts: facts(&[]),
            }),
            sku_named("LAMP-1", name::Event::NameClaimed { by: id(1).0 }),
        ])
        .when(add("LAMP-1", &[]))
        .then_nothing()
        .when(add("LAMP-1", &[("Size", "S")]))
        .then_refused("product.variant_exists");
}

#[test]
fn a_sku_names_one_variant_of_all_products() {
    let theirs = Command::AddVariant {
        sku: sku("LAMP-1"),
        facts: facts(&[]),
    };
    lamp()
        .having(draft(2, "desk-lamp"))
        .having(to(2, theirs))
        .when(add("LAMP-1", &[]))
        .then_refused("sku.taken");
}

#[test]
fn all_variants_choose_in_the_same_options() {
    let story = lamp().having(add("S-RED", &[("Size", "S"), ("Colour", "red")]));
    for options in [
        &[][..],
        &[("Size", "M")],
        &[("Colour", "red"), ("Size", "M")],
        &[("Size", "M"), ("Finish", "matt")],
        &[("Size", "M"), ("Colour", "red"), ("Finish", "matt")],
    ] {
        story
            .clone()
            .when(add("OTHER", options))
            .then_refused("product.options_differ");
    }
    story
        .when(add("M-RED", &[("Size", "M"), ("Colour", "red")]))
        .then_named(["VariantAdded", "NameClaimed"]);
}

#[test]
fn no_two_variants_are_the_same_choice() {
    lamp()
        .having(add("S", &[("Size", "S")]))
        .when(add("S-AGAIN", &[("Size", "S")]))
        .then_refused("product.options_taken")
        .having(add("M", &[("Size", "M")]))
        .when(change("M", facts(&[("Size", "S")])))
        .then_refused("product.options_taken");
    lamp()
        .having(add("ONLY", &[]))
        .when(add("SECOND", &[]))
        .then_refused("product.options_taken");
}

#[test]
fn the_only_variant_may_choose_in_other_options() {
    lamp()
        .having(add("S", &[("Size", "S")]))
        .when(change("S", facts(&[("Colour", "red")])))
        .then_named(["VariantChanged"])
        .when(change("S", facts(&[("Colour", "red")])))
        .then_nothing()
        .having(add("BLUE", &[("Colour", "blue")]))
        .when(change("S", facts(&[("Size", "S")])))
        .then_refused("product.options_differ");
}

#[test]
fn what_a_variant_is_is_checked() {
    let with = |alter: Alteration| {
        let mut facts = facts(&[("Size", "S")]);
        alter(&mut facts);
        let command = Command::AddVariant {
            sku: sku("LAMP-1"),
            facts,
        };
        to(1, command)
    };
    let cases: [(&str, Alteration); 7] = [
        ("options", |facts| facts.options[0].name = String::new()),
        ("options", |facts| facts.options[0].value = " ".to_owned()),
        ("options", |facts| facts.options.push(facts.options[0].clone())),
        ("options", |facts| {
            for name in ["a", "b", "c"] {
                facts.options.push(OptionValue {
                    name: name.to_owned(),
                    value: "x".to_owned(),
                });
            }
        }),
        ("barcode", |facts| facts.barcode = "1".repeat(CODE_CHARS_MAX + 1)),
        ("weight_grams", |facts| facts.weight_grams = WEIGHT_GRAMS_MAX + 1),
        ("tax_class", |facts| facts.tax_class = "imaginary".to_owned()),
    ];
    for (field, alter) in cases {
        is_refused_for(lamp(), with(alter), field);
    }
    let unknown_image = with(|facts| facts.image = Some(ImageId(uuid::Uuid::from_u128(9))));
    lamp().when(unknown_image).then_refused("product.image_absent");
}

#[test]
fn a_product_has_so_many_variants_at_most() {
    let mut story = lamp();
    for number in 1..=PRODUCT_VARIANTS_MAX {
        story = story.having(add(&format!("LAMP-{number}"), &[("Number", &number.to_string())]));
    }
    story
        .when(add("LAMP-TOO-MANY", &[("Number", "too many")]))
        .then_refused("product.too_many");
}

#[test]
fn a_price_is_set_once_per_currency() {
    let dollars = Money {
        amount: 7_999,
        currency: "USD".parse().expect("a currency"),
    };
    let in_dollars = Command::SetPrice {
        sku: sku("LAMP-1"),
        price: dollars,
        compare_at: None,
    };
    let story = lamp()
        .having(add("LAMP-1", &[]))
        .when(price("LAMP-1", 6_999))
        .then([happened(Event::VariantPriced {
            sku: sku("LAMP-1"),
            price: euros(6_999),
            compare_at: None,
        })])
        .when(price("LAMP-1", 6_999))
        .then_nothing()
        .when(to(1, in_dollars))
        .then_named(["VariantPriced"])
        .when(price("LAMP-1", 5_999))
        .then_named(["VariantPriced"]);
    let prices: Vec<Money> = listing(&story).variants[0]
        .prices
        .iter()
        .map(|price| price.price)
        .collect();
    assert_eq!(prices, [euros(5_999), dollars]);
}

#[test]
fn a_price_is_not_negative_and_is_compared_in_its_own_currency() {
    let with = |price: Money, compare_at: Option<Money>| {
        let command = Command::SetPrice {
            sku: sku("LAMP-1"),
            price,
            compare_at,
        };
        to(1, command)
    };
    let story = || lamp().having(add("LAMP-1", &[]));
    let yen = Money {
        amount: 100,
        currency: "JPY".parse().expect("a currency"),
    };
    is_refused_for(story(), with(euros(-1), None), "price");
    is_refused_for(story(), with(euros(AMOUNT_MINOR_MAX + 1), None), "price");
    is_refused_for(story(), with(euros(1), Some(euros(-1))), "compare_at");
    is_refused_for(story(), with(euros(1), Some(yen)), "compare_at");
    story()
        .when(with(euros(0), Some(euros(100))))
        .then_named(["VariantPriced"]);
}

#[test]
fn a_variant_that_is_not_there_is_not_changed() {
    lamp().when(price("LAMP-1", 1)).then_refused("product.variant_absent");
    lamp()
        .when(change("LAMP-1", facts(&[])))
        .then_refused("product.variant_absent");
}

fn translate(options: Vec<OptionTexts>) -> AnyCommand {
    to(1, Command::TranslateOptions { options })
}

fn size(value: &str) -> OptionTexts {
    OptionTexts {
        name: "Size".to_owned(),
        texts: LocalizedText::of("de", "Größe"),
        values: BTreeMap::from([(value.to_owned(), LocalizedText::of("de", "Klein"))]),
    }
}

#[test]
fn options_read_otherwise_in_other_languages_and_stay_what_they_are() {
    let story = lamp().having(add("LAMP-1", &[("Size", "S")]));
    let story = story
        .when(translate(vec![size("S")]))
        .then([happened(Event::OptionsTranslated {
            options: vec![size("S")],
        })])
        .when(translate(vec![size("S")]))
        .then_nothing();
    assert_eq!(listing(&story).variants[0].facts, facts(&[("Size", "S")]));
    is_refused_for(
        story.having(translate(vec![])),
        translate(vec![size("XXL")]),
        "options.values",
    );
}

#[test]
fn what_no_variant_chooses_in_is_not_translated() {
    is_refused_for(lamp(), translate(vec![size("S")]), "options.name");
}

#[test]
fn an_import_says_how_options_read_and_leaves_the_other_languages() {
    let say = |locale: &str, text: &str| {
        let texts = LocalizedText::of(locale, text);
        let values = BTreeMap::from([("S".to_owned(), texts.clone())]);
        let options = vec![OptionTexts {
            name: "Size".to_owned(),
            texts,
            values,
        }];
        to(1, Command::ImportOptionTexts { options })
    };
    let story = lamp().having(add("LAMP-1", &[("Size", "S")]));
    let story = story.having(translate(vec![size("S")])).when(say("de", ""));
    let story = story.then([happened(Event::OptionsTranslated { options: vec![] })]);
    // The same in another language is said: options have no fallback but what is written.
    let story = story.having(say("de", "Format")).having(say("fr", "Format"));
    let texts = LocalizedText(
        ["de", "fr"]
            .map(|locale| (locale.to_owned(), "Format".to_owned()))
            .into(),
    );
    assert_eq!(listing(&story).option_texts[0].texts, texts);
    assert_eq!(listing(&story).option_texts[0].values["S"], texts);
    story.when(say("fr", "Format")).then_nothing();
}

#[test]
fn an_import_forgets_how_values_read_that_no_variant_chooses_any_more() {
    let color = |values: &[(&str, &str)]| {
        let values = values.iter();
        let options = vec![OptionTexts {
            name: "Color".to_owned(),
            texts: LocalizedText::default(),
            values: values
                .map(|(value, text)| ((*value).to_owned(), LocalizedText::of("de", text)))
                .collect(),
        }];
        to(1, Command::ImportOptionTexts { options })
    };
    let story = lamp().having(add("LAMP-1", &[("Color", "Red")]));
    let story = story.having(color(&[("Red", "Rot")]));
    let story = story.having(change("LAMP-1", facts(&[("Color", "Crimson")])));
    let crimson = color(&[("Crimson", "Karmin")]);
    let story = story.when(crimson.clone()).then_named(["OptionsTranslated"]);
    let known: Vec<String> = listing(&story).option_texts[0].values.keys().cloned().collect();
    assert_eq!(known, ["Crimson"]);
    let story = story.when(crimson).then_nothing();
    // A value that is said and that nobody chooses is a mistake, and no remnant.
    is_refused_for(story, color(&[("Blue", "Blau")]), "options.values");
}
