mod images;
mod import;
mod variants;

use super::{Command, Description, Event, OptionValue, VariantFacts};
use crate::catalog::{category, name};
use crate::stream::{NameKey, StreamId};
use crate::testkit::{Story, given_nothing};
use crate::value::{
    Attributes, CategoryId, Currency, DESCRIPTION_BYTES_MAX, LocalizedText, Money, PRODUCT_ATTRIBUTES_MAX,
    PRODUCT_CATEGORIES_MAX, PRODUCT_TAGS_MAX, ProductId, Sku, TITLE_CHARS_MAX,
};
use crate::{Command as AnyCommand, Event as AnyEvent, Refusal, State};

fn id(number: u128) -> ProductId {
    ProductId(uuid::Uuid::from_u128(number))
}

fn category_id(number: u128) -> CategoryId {
    CategoryId(uuid::Uuid::from_u128(number))
}

fn sku(text: &str) -> Sku {
    text.parse().expect("a SKU")
}

fn euros(cents: i64) -> Money {
    Money {
        amount: cents,
        currency: Currency::EUR,
    }
}

fn described(slug: &str) -> Description {
    Description {
        slug: slug.parse().expect("a slug"),
        title: LocalizedText::of("en", "Floor lamp"),
        description_html: LocalizedText::of("en", "<p>Warm light.</p>"),
        vendor: "Lumen & Co".to_owned(),
        attributes: Attributes::from([("material".to_owned(), "brass".to_owned())]),
        tags: vec!["lamp".to_owned()],
        seo_title: String::new(),
        seo_description: String::new(),
    }
}

fn facts(options: &[(&str, &str)]) -> VariantFacts {
    VariantFacts {
        options: options
            .iter()
            .map(|(name, value)| OptionValue {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
            })
            .collect(),
        barcode: String::new(),
        weight_grams: 3_200,
        requires_shipping: true,
        tax_class: "standard".to_owned(),
        tracks_stock: true,
        image: None,
    }
}

fn to(number: u128, command: Command) -> AnyCommand {
    AnyCommand::Product(id(number), command)
}

fn draft(number: u128, slug: &str) -> AnyCommand {
    let description = described(slug);
    to(number, Command::Draft { description })
}

fn describe(change: impl FnOnce(&mut Description)) -> AnyCommand {
    let mut description = described("floor-lamp");
    change(&mut description);
    to(1, Command::Describe { description })
}

fn add(sku_text: &str, options: &[(&str, &str)]) -> AnyCommand {
    let command = Command::AddVariant {
        sku: sku(sku_text),
        facts: facts(options),
    };
    to(1, command)
}

fn price(sku_text: &str, cents: i64) -> AnyCommand {
    let command = Command::SetPrice {
        sku: sku(sku_text),
        price: euros(cents),
        compare_at: None,
    };
    to(1, command)
}

fn open_category(number: u128, slug: &str) -> AnyCommand {
    let command = category::Command::Open {
        slug: slug.parse().expect("a slug"),
        name: LocalizedText::of("en", "Lamps"),
        parent: None,
    };
    AnyCommand::Category(category_id(number), command)
}

fn place(category: u128) -> AnyCommand {
    let category = category_id(category);
    to(1, Command::PlaceInCategory { category })
}

fn happened(event: Event) -> (StreamId, AnyEvent) {
    (StreamId::Product(id(1)), event.into())
}

fn slug_named(slug: &str, event: name::Event) -> (StreamId, AnyEvent) {
    let key = NameKey::ProductSlug(slug.parse().expect("a slug"));
    (StreamId::Name(key), event.into())
}

fn lamp() -> Story {
    given_nothing().having(draft(1, "floor-lamp"))
}

fn lamp_for_sale() -> Story {
    lamp().having(add("LAMP-1", &[])).having(price("LAMP-1", 6_999))
}

fn listing(story: &Story) -> super::Listing {
    let State::Product(product) = story.state_of(&StreamId::Product(id(1))) else {
        panic!("a product was asked for");
    };
    product.listing().expect("the product has a listing").clone()
}

#[track_caller]
fn is_refused_for(story: Story, command: AnyCommand, field: &str) {
    let mut story = story;
    match story.run(&command) {
        Err(Refusal::Rejected(rejection)) => {
            assert_eq!(rejection.code(), "product.value_invalid");
            assert_eq!(rejection.field(), Some(field));
        }
        other => panic!("{field} was to be refused, but: {other:?}"),
    }
}

#[test]
fn a_product_is_drafted_and_claims_its_slug() {
    let description = described("floor-lamp");
    given_nothing()
        .when(draft(1, "floor-lamp"))
        .then([
            happened(Event::ProductDrafted { description }),
            slug_named("floor-lamp", name::Event::NameClaimed { by: id(1).0 }),
        ])
        .when(draft(1, "floor-lamp"))
        .then_nothing()
        .when(draft(1, "desk-lamp"))
        .then_refused("product.exists");
}

#[test]
fn two_products_do_not_share_a_slug() {
    lamp()
        .when(draft(2, "floor-lamp"))
        .then_refused("slug.taken")
        .having(draft(2, "desk-lamp"))
        .when(describe(|description| {
            description.slug = "desk-lamp".parse().expect("a slug");
        }))
        .then_refused("slug.taken");
}

#[test]
fn a_product_and_a_category_may_share_a_slug() {
    lamp()
        .when(open_category(1, "floor-lamp"))
        .then_named(["CategoryOpened", "NameClaimed"]);
}

#[test]
fn describing_keeps_the_slug_or_frees_it() {
    lamp()
        .when(describe(|description| description.vendor = "Nobody".to_owned()))
        .then_named(["ProductDescribed"])
        .when(describe(|description| {
            description.slug = "lamp".parse().expect("a slug");
        }))
        .then_named(["ProductDescribed", "NameReleased", "NameClaimed"])
        .when(draft(2, "floor-lamp"))
        .then_named(["ProductDrafted", "NameClaimed"]);
    lamp().when(describe(|_| {})).then_nothing();
}

#[test]
fn what_a_product_says_of_itself_is_checked() {
    let long = |chars: usize| "x".repeat(chars);
    let text = |text: String| LocalizedText::of("en", &text);
    for title in [LocalizedText::default(), LocalizedText::of("en", " ")] {
        is_refused_for(lamp(), describe(|description| description.title = title), "title");
    }
    let too_long = text(long(TITLE_CHARS_MAX + 1));
    is_refused_for(lamp(), describe(|description| description.title = too_long), "title");
    let too_long = text(long(DESCRIPTION_BYTES_MAX + 1));
    is_refused_for(
        lamp(),
        describe(|description| description.description_html = too_long),
        "description_html",
    );
    is_refused_for(
        lamp(),
        describe(|description| description.vendor = "\u{7}".to_owned()),
        "vendor",
    );
    let too_many = (0..=PRODUCT_TAGS_MAX).map(|number| number.to_string()).collect();
    is_refused_for(lamp(), describe(|description| description.tags = too_many), "tags");
    is_refused_for(
        lamp(),
        describe(|description| description.tags.push("lamp".to_owned())),
        "tags",
    );
    let too_many = (0..=PRODUCT_ATTRIBUTES_MAX)
        .map(|number| (number.to_string(), String::new()))
        .collect();
    is_refused_for(
        lamp(),
        describe(|description| description.attributes = too_many),
        "attributes",
    );
    is_refused_for(
        lamp(),
        describe(|description| description.seo_title = long(TITLE_CHARS_MAX + 1)),
        "seo_title",
    );
    is_refused_for(
        lamp(),
        describe(|description| description.seo_description = long(100_000)),
        "seo_description",
    );
}

#[test]
fn a_product_is_placed_in_open_categories_only() {
    let category = category_id(1);
    lamp()
        .when(place(1))
        .then_refused("product.category_not_open")
        .having(open_category(1, "lamps"))
        .when(place(1))
        .then([happened(Event::ProductPlaced { category })])
        .when(place(1))
        .then_nothing()
        .when(to(1, Command::TakeFromCategory { category }))
        .then([happened(Event::ProductWithdrawn { category })])
        .when(to(1, Command::TakeFromCategory { category }))
        .then_nothing()
        .having(AnyCommand::Category(category, category::Command::Archive))
        .when(place(1))
        .then_refused("product.category_not_open");
}

#[test]
fn a_product_is_in_so_many_categories_at_most() {
    let mut story = lamp();
    for number in 1..=u128::try_from(PRODUCT_CATEGORIES_MAX).expect("a small number") + 1 {
        story = story.having(open_category(number, &format!("lamps-{number}")));
        if number <= 50 {
            story = story.having(place(number));
        }
    }
    story.when(place(51)).then_refused("product.too_many");
}

#[test]
fn only_what_has_a_price_is_published() {
    lamp()
        .when(to(1, Command::Publish))
        .then_refused("product.not_priced")
        .having(add("LAMP-1", &[]))
        .when(to(1, Command::Publish))
        .then_refused("product.not_priced")
        .having(price("LAMP-1", 6_999))
        .when(to(1, Command::Publish))
        .then([happened(Event::ProductPublished {})])
        .when(to(1, Command::Publish))
        .then_nothing();
}

#[test]
fn what_is_published_can_be_hidden_and_shown_again() {
    lamp_for_sale()
        .when(to(1, Command::Unpublish))
        .then_nothing()
        .having(to(1, Command::Publish))
        .when(to(1, Command::Unpublish))
        .then([happened(Event::ProductUnpublished {})])
        .when(to(1, Command::Unpublish))
        .then_nothing()
        .when(to(1, Command::Publish))
        .then_named(["ProductPublished"]);
}

#[test]
fn an_archived_product_frees_its_slug_and_keeps_its_skus() {
    let story = lamp_for_sale()
        .when(to(1, Command::Archive))
        .then([
            happened(Event::ProductArchived {}),
            slug_named("floor-lamp", name::Event::NameReleased {}),
        ])
        .when(to(1, Command::Archive))
        .then_nothing()
        .having(draft(2, "floor-lamp"));
    let same_sku = Command::AddVariant {
        sku: sku("LAMP-1"),
        facts: facts(&[]),
    };
    story.when(to(2, same_sku)).then_refused("sku.taken");
}

#[test]
fn an_archived_product_is_history() {
    let archived = lamp_for_sale().having(to(1, Command::Archive));
    for command in [
        draft(1, "floor-lamp"),
        describe(|_| {}),
        add("LAMP-2", &[]),
        price("LAMP-1", 1),
        place(1),
        to(1, Command::Publish),
        to(1, Command::Unpublish),
    ] {
        archived.clone().when(command).then_refused("product.archived");
    }
}

#[test]
fn what_never_was_cannot_be_changed() {
    for command in [
        describe(|_| {}),
        add("LAMP-1", &[]),
        price("LAMP-1", 1),
        place(1),
        to(1, Command::Publish),
        to(1, Command::Unpublish),
        to(1, Command::Archive),
    ] {
        given_nothing().when(command).then_refused("product.absent");
    }
}
