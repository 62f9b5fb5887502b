use super::super::{DescriptionChange, ImageChange, VariantChange};
use super::*;
use crate::value::ImageId;

fn nothing_said(slug: &str) -> DescriptionChange {
    DescriptionChange {
        slug: slug.parse().expect("a slug"),
        title: None,
        description_html: None,
        vendor: None,
        attributes: Attributes::new(),
        tags: None,
        seo_title: None,
        seo_description: None,
    }
}

fn import(slug: &str) -> AnyCommand {
    let change = DescriptionChange {
        title: Some(LocalizedText::of("en", "Floor lamp")),
        ..nothing_said(slug)
    };
    to(1, Command::Import { change })
}

fn options(options: &[(&str, &str)]) -> VariantChange {
    VariantChange {
        options: Some(facts(options).options),
        ..VariantChange::default()
    }
}

fn import_variant(change: VariantChange) -> AnyCommand {
    let (sku, is_made_up) = (sku("LAMP-1"), false);
    let command = Command::ImportVariant {
        sku,
        is_made_up,
        change,
    };
    to(1, command)
}

fn into(slugs: &[&str]) -> AnyCommand {
    let step = |slug: &&str| (slug.parse().expect("a slug"), LocalizedText::of("en", "Lamps"));
    let path = slugs.iter().map(step).collect();
    to(1, Command::ImportIntoCategory { path })
}

fn into_category(slug: &str) -> AnyCommand {
    into(&[slug])
}

fn images(urls: &[&str]) -> AnyCommand {
    let image = |url: &&str| image(url, None);
    let images = urls.iter().map(image).collect();
    to(1, Command::ImportImages { images })
}

fn image(url: &str, alt: Option<(&str, &str)>) -> ImageChange {
    ImageChange {
        id: ImageId::derived(id(1).0, url),
        url: url.to_owned(),
        alt: alt.map(|(locale, text)| LocalizedText::of(locale, text)),
    }
}

#[test]
fn an_import_says_what_known_images_show_and_leaves_the_other_languages() {
    let say = |alt| {
        let images = vec![image("/1.png", alt)];
        to(1, Command::ImportImages { images })
    };
    let shown = |story: &Story| listing(story).images[0].words("en");
    let story = lamp()
        .when(say(Some(("en", "A lamp"))))
        .then_named(["ImageAdded"])
        .when(say(Some(("en", "A lamp"))))
        .then_nothing()
        .when(say(None))
        .then_nothing()
        .when(say(Some(("de", "Eine Lampe"))))
        .then_named(["ImageDescribed"])
        .when(say(Some(("en", "A red lamp"))))
        .then_named(["ImageDescribed"]);
    let both = [("de", "Eine Lampe"), ("en", "A red lamp")];
    let both = both.map(|(locale, text)| (locale.to_owned(), text.to_owned()));
    assert_eq!(shown(&story), LocalizedText(both.into()));
    let story = story.when(say(Some(("en", "")))).then_named(["ImageDescribed"]);
    assert_eq!(shown(&story), LocalizedText::of("de", "Eine Lampe"));
}

fn urls(story: &Story) -> Vec<String> {
    listing(story).images.into_iter().map(|image| image.url).collect()
}

#[test]
fn importing_drafts_what_is_new_and_describes_what_is_there() {
    given_nothing()
        .when(import("floor-lamp"))
        .then_named(["ProductDrafted", "NameClaimed"])
        .when(import("floor-lamp"))
        .then_nothing()
        .when(import("lamp"))
        .then_named(["ProductDescribed", "NameReleased", "NameClaimed"])
        .having(to(1, Command::Archive))
        .when(import("lamp"))
        .then_refused("product.archived");
}

#[test]
fn importing_adds_variants_that_are_new_and_changes_what_is_there() {
    lamp()
        .when(import_variant(options(&[])))
        .then_named(["VariantAdded", "NameClaimed"])
        .when(import_variant(options(&[])))
        .then_nothing()
        .when(import_variant(options(&[("Size", "S")])))
        .then_named(["VariantChanged"]);
}

#[test]
fn importing_opens_a_category_that_is_new_and_finds_one_that_is_there() {
    lamp()
        .when(into_category("lamps"))
        .then_named(["CategoryOpened", "NameClaimed", "ProductPlaced"])
        .when(into_category("lamps"))
        .then_nothing()
        .having(open_category(7, "indoor"))
        .when(into_category("indoor"))
        .then([happened(Event::ProductPlaced {
            category: category_id(7),
        })]);
}

#[test]
fn importing_gives_the_categories_of_two_causes_two_ids() {
    let story = lamp()
        .having(into_category("lamps"))
        .caused_by(2)
        .having(into_category("lights"));
    let categories = listing(&story).categories;
    assert_eq!(categories.len(), 2);
    assert_ne!(categories[0], categories[1]);
}

#[test]
fn importing_opens_no_category_without_a_name() {
    let path = vec![("lamps".parse().expect("a slug"), LocalizedText::default())];
    lamp()
        .when(to(1, Command::ImportIntoCategory { path }))
        .then_refused("category.name_invalid");
}

#[test]
fn importing_opens_what_there_is_not_of_a_path_and_moves_nothing() {
    let story = lamp()
        .having(open_category(7, "indoor"))
        .when(into(&["home", "indoor", "lamps"]))
        .then_named([
            "CategoryOpened",
            "NameClaimed",
            "CategoryOpened",
            "NameClaimed",
            "ProductPlaced",
        ]);
    let State::Category(lamps) = story.state_of(&StreamId::Category(listing(&story).categories[0])) else {
        panic!("a category was asked for");
    };
    assert_eq!(lamps.place().and_then(|place| place.parent), Some(category_id(7)));
    story.when(into(&["home", "home"])).then_refused("category.cycle");
}

#[test]
fn what_an_import_does_not_say_stays() {
    let said = DescriptionChange {
        title: Some(LocalizedText::of("de", "Stehlampe")),
        attributes: Attributes::from([("origin".to_owned(), "Wien".to_owned())]),
        ..nothing_said("floor-lamp")
    };
    let story = lamp()
        .when(to(
            1,
            Command::Import {
                change: nothing_said("floor-lamp"),
            },
        ))
        .then_nothing()
        .when(to(1, Command::Import { change: said.clone() }))
        .then_named(["ProductDescribed"])
        .when(to(1, Command::Import { change: said }))
        .then_nothing();
    let description = listing(&story).description;
    assert_eq!(description.title.0.len(), 2);
    assert_eq!(description.attributes.len(), 2);
    assert_eq!(description.vendor, "Lumen & Co");
}

#[test]
fn a_text_that_reads_so_already_changes_nothing_and_an_empty_one_takes_its_language_away() {
    let title = |text: &str| {
        let change = DescriptionChange {
            title: Some(LocalizedText::of("fr", text)),
            ..nothing_said("floor-lamp")
        };
        to(1, Command::Import { change })
    };
    lamp()
        .when(title("Floor lamp"))
        .then_nothing()
        .having(title("Lampadaire"))
        .when(title(""))
        .then_named(["ProductDescribed"]);
}

#[test]
fn a_partial_variant_keeps_the_rest_and_a_new_one_can_be_priced_at_once() {
    let priced = VariantChange {
        prices: vec![(euros(6_999), None)],
        ..VariantChange::default()
    };
    let heavier = VariantChange {
        weight_grams: Some(7),
        ..VariantChange::default()
    };
    let story = lamp()
        .when(import_variant(priced.clone()))
        .then_named(["VariantAdded", "NameClaimed", "VariantPriced"])
        .when(import_variant(priced))
        .then_nothing()
        .when(import_variant(heavier))
        .then_named(["VariantChanged"]);
    let variant = listing(&story).variants.remove(0);
    assert_eq!((variant.facts.weight_grams, variant.prices.len()), (7, 1));
}

#[test]
fn a_sku_that_was_made_up_stands_for_the_variant_that_is_the_same_choice() {
    let made_up = |change| {
        let sku = sku("FLOOR-LAMP-S");
        to(
            1,
            Command::ImportVariant {
                sku,
                is_made_up: true,
                change,
            },
        )
    };
    let story = lamp().having(add("LAMP-1", &[("Size", "S")]));
    story
        .clone()
        .when(made_up(options(&[("Size", "S")])))
        .then_nothing()
        .when(made_up(options(&[("Size", "M")])))
        .then_named(["VariantAdded", "NameClaimed"]);
}

#[test]
fn images_come_in_once_by_their_addresses_and_in_the_order_that_is_said() {
    let story = lamp()
        .when(images(&["/1.png", "/2.png", "/3.png"]))
        .then_named(["ImageAdded", "ImageAdded", "ImageAdded"])
        .when(images(&["/1.png", "/2.png"]))
        .then_nothing()
        .when(images(&["/3.png", "/1.png"]))
        .then_named(["ImagesOrdered"]);
    assert_eq!(urls(&story), ["/3.png", "/2.png", "/1.png"]);
    let story = story
        .when(images(&["/4.png", "/3.png"]))
        .then_named(["ImageAdded", "ImagesOrdered"]);
    assert_eq!(urls(&story), ["/4.png", "/2.png", "/1.png", "/3.png"]);
    let of_another = VariantChange {
        image: Some("/9.png".to_owned()),
        ..VariantChange::default()
    };
    story
        .when(import_variant(of_another))
        .then_refused("product.image_absent");
}

#[test]
fn an_import_prices_a_variant_in_several_currencies_and_leaves_the_others() {
    let dollars = |amount| Money {
        amount,
        currency: "USD".parse().expect("a currency"),
    };
    let priced = |prices: &[Money]| VariantChange {
        prices: prices.iter().map(|price| (*price, None)).collect(),
        ..VariantChange::default()
    };
    let story = lamp().when(import_variant(priced(&[euros(6_999), dollars(7_500)])));
    let story = story.then_named(["VariantAdded", "NameClaimed", "VariantPriced", "VariantPriced"]);
    let story = story
        .when(import_variant(priced(&[dollars(7_600)])))
        .then_named(["VariantPriced"]);
    let prices = listing(&story).variants[0].prices.clone();
    let amounts: Vec<i64> = prices.iter().map(|price| price.price.amount).collect();
    assert_eq!(amounts, [6_999, 7_600]);
}

#[test]
fn what_an_import_says_alike_in_two_languages_is_said_in_both() {
    let texts = LocalizedText(["de", "en"].map(|locale| (locale.to_owned(), "Lamp".to_owned())).into());
    let change = DescriptionChange {
        title: Some(texts.clone()),
        ..nothing_said("lamp")
    };
    let story = given_nothing().having(to(1, Command::Import { change: change.clone() }));
    assert_eq!(listing(&story).description.title, texts);
    story.when(to(1, Command::Import { change })).then_nothing();
}

fn described_as(html: &LocalizedText) -> AnyCommand {
    let change = DescriptionChange {
        title: Some(LocalizedText::of("en", "Lamp")),
        description_html: Some(html.clone()),
        ..nothing_said("lamp")
    };
    to(1, Command::Import { change })
}

fn texts<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> LocalizedText {
    let owned = |(locale, text): (&str, &str)| (locale.to_owned(), text.to_owned());
    LocalizedText(texts.into_iter().map(owned).collect())
}

#[test]
fn an_import_that_replaces_what_another_language_read_by_way_of_says_that_one_too() {
    let said = texts([("de", "Schreibtischlampe"), ("en", "Desk lamp")]);
    let story = given_nothing()
        .having(described_as(&texts([("en", "Schreibtischlampe")])))
        .having(described_as(&said));
    assert_eq!(listing(&story).description.description_html, said);
}

#[test]
fn texts_in_any_languages_read_as_they_were_said_and_change_nothing_a_second_time() {
    let said_of_each = [None, Some(""), Some("A"), Some("B")];
    let mut all = Vec::new();
    for first in said_of_each {
        for second in said_of_each {
            for third in said_of_each {
                let said = [("de", first), ("de-AT", second), ("en", third)].into_iter();
                all.push(texts(said.filter_map(|(locale, text)| Some((locale, text?)))));
            }
        }
    }
    for known in &all {
        for said in &all {
            let story = given_nothing().having(described_as(known)).having(described_as(said));
            let reads = listing(&story).description.description_html;
            for (locale, text) in said.0.iter().filter(|(_, text)| !text.is_empty()) {
                assert_eq!(reads.in_locale(locale, locale), text, "{said:?} upon {known:?}");
            }
            story.when(described_as(said)).then_nothing();
        }
    }
}
