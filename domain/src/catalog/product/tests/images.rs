use super::*;
use crate::value::{ImageId, PRODUCT_IMAGES_MAX};

fn image_id(number: u128) -> ImageId {
    ImageId(uuid::Uuid::from_u128(number))
}

fn add_image(number: u128, url: &str) -> AnyCommand {
    let command = Command::AddImage {
        image: image_id(number),
        url: url.to_owned(),
        alt: LocalizedText::of("en", "a lamp"),
        width: 800,
        height: 600,
    };
    to(1, command)
}

fn order_images(numbers: &[u128]) -> AnyCommand {
    let images = numbers.iter().copied().map(image_id).collect();
    to(1, Command::OrderImages { images })
}

fn remove_image(number: u128) -> AnyCommand {
    to(
        1,
        Command::RemoveImage {
            image: image_id(number),
        },
    )
}

fn positions(story: &Story) -> Vec<ImageId> {
    listing(story).images.iter().map(|image| image.id).collect()
}

fn lamp_with_images() -> Story {
    lamp()
        .having(add_image(1, "/images/front.svg"))
        .having(add_image(2, "https://example.com/back.jpg?v=2"))
        .having(add_image(3, "http://example.com/side.jpg"))
}

#[test]
fn an_image_is_added_at_the_end_and_only_once() {
    let story = lamp_with_images().when(add_image(2, "/other.svg")).then_nothing();
    assert_eq!(positions(&story), [1, 2, 3].map(image_id));
}

#[test]
fn an_image_lies_in_the_web_or_on_this_server() {
    for url in [
        "",
        "lamp.svg",
        "//example.com/lamp.jpg",
        "/\\example.com/lamp.jpg",
        "javascript:alert(1)",
        "data:image/svg+xml,<svg/>",
        "file:///etc/passwd",
        "https://",
        "https:///lamp.jpg",
        "https://example.com/a lamp.jpg",
        "https://example.com/\"onload=",
    ] {
        is_refused_for(lamp(), add_image(1, url), "url");
    }
}

#[test]
fn images_are_brought_into_another_order() {
    let story = lamp_with_images()
        .when(order_images(&[3, 1, 2]))
        .then_named(["ImagesOrdered"])
        .when(order_images(&[3, 1, 2]))
        .then_nothing();
    assert_eq!(positions(&story), [3, 1, 2].map(image_id));
}

#[test]
fn an_order_of_images_names_each_of_them_once() {
    for numbers in [&[1, 2][..], &[1, 2, 2], &[1, 2, 3, 3], &[1, 2, 4], &[]] {
        lamp_with_images()
            .when(order_images(numbers))
            .then_refused("product.images_differ");
    }
}

#[test]
fn a_removed_image_shows_no_variant_any_more() {
    let shown = Command::AddVariant {
        sku: sku("LAMP-1"),
        facts: VariantFacts {
            image: Some(image_id(2)),
            ..facts(&[])
        },
    };
    let story = lamp_with_images()
        .having(to(1, shown))
        .when(remove_image(2))
        .then([happened(Event::ImageRemoved { image: image_id(2) })])
        .when(remove_image(2))
        .then_nothing();
    assert_eq!(positions(&story), [1, 3].map(image_id));
    assert_eq!(listing(&story).variants[0].facts.image, None);
}

fn words(texts: &[(&str, &str)]) -> LocalizedText {
    let texts = texts
        .iter()
        .map(|(locale, text)| ((*locale).to_owned(), (*text).to_owned()));
    LocalizedText(texts.collect())
}

fn describe_image(number: u128, alt: LocalizedText) -> AnyCommand {
    let image = image_id(number);
    to(1, Command::DescribeImage { image, alt })
}

#[test]
fn what_an_image_shows_is_said_by_language() {
    let both = words(&[("en", "a lamp"), ("de", "eine Lampe")]);
    let story = lamp_with_images()
        .when(describe_image(1, words(&[("en", "a lamp"), ("fr", "")])))
        .then_nothing()
        .when(describe_image(1, both.clone()))
        .then_named(["ImageDescribed"])
        .when(describe_image(1, both.clone()))
        .then_nothing()
        .when(describe_image(9, both.clone()))
        .then_refused("product.image_absent")
        .when(describe_image(1, words(&[("e n", "a lamp")])))
        .then_refused("product.value_invalid");
    assert_eq!(listing(&story).images[0].words("en"), both);
    let in_both = Command::AddImage {
        image: image_id(4),
        url: "/four.png".to_owned(),
        alt: both.clone(),
        width: 0,
        height: 0,
    };
    let story = lamp().when(to(1, in_both)).then_named(["ImageAdded", "ImageDescribed"]);
    assert_eq!(listing(&story).images[0].words("en"), both);
}

#[test]
fn a_product_has_so_many_images_at_most() {
    let mut story = lamp();
    for number in 1..=u128::try_from(PRODUCT_IMAGES_MAX).expect("a small number") {
        story = story.having(add_image(number, "/lamp.svg"));
    }
    story
        .when(add_image(1_000, "/lamp.svg"))
        .then_refused("product.too_many");
}
