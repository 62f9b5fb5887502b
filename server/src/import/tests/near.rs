//! Files that are nearly good: read or refused, never wrongly.

use domain::value::{
    ATTRIBUTE_CHARS_MAX, Currency, Money, PRODUCT_IMAGES_MAX, PRODUCT_OPTIONS_MAX, PRODUCT_TAGS_MAX,
    PRODUCT_VARIANTS_MAX, SEO_DESCRIPTION_CHARS_MAX, Sku, Slug, TITLE_CHARS_MAX, check_locale, check_text,
};

use super::super::*;

/// What some programs put before the first character: in UTF-8, and in UTF-16 of both orders.
const MARKS: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];

/// Whether a shop would understand every field.
fn assert_can_come_in(read: &ReadProduct) {
    let product = &read.product;
    let _: Slug = product.slug.parse().expect("an address");
    if let Some(title) = &product.title {
        check_text(title, 1, TITLE_CHARS_MAX).expect("a title");
    }
    let check = |text: &Option<String>, chars_max| {
        let text = text.as_deref().unwrap_or_default();
        check_text(text, 0, chars_max).expect("one line that is not too long");
    };
    check(&product.vendor, TITLE_CHARS_MAX);
    check(&product.seo_title, TITLE_CHARS_MAX);
    check(&product.seo_description, SEO_DESCRIPTION_CHARS_MAX);
    for category in &product.categories {
        let _: Slug = category.slug.parse().expect("a category's address");
        check_text(&category.name, 1, TITLE_CHARS_MAX).expect("a category's name");
    }
    for (name, value) in &product.attributes {
        check_text(name, 1, ATTRIBUTE_CHARS_MAX).expect("a fact's name");
        check_text(value, 0, ATTRIBUTE_CHARS_MAX).expect("a fact");
    }
    for (locale, said) in &product.translations {
        check_locale(locale).expect("a language");
        check(&said.title, TITLE_CHARS_MAX);
    }
    let words = product.images.iter().flat_map(|image| image.translations.values());
    for text in words.chain(product.option_texts.iter().flat_map(|option| option.texts.values())) {
        check_text(text, 0, SEO_DESCRIPTION_CHARS_MAX).expect("one line in another language");
    }
    assert!(product.variants.len() <= PRODUCT_VARIANTS_MAX);
    assert!(product.images.len() <= PRODUCT_IMAGES_MAX);
    assert!(product.tags.as_ref().is_none_or(|tags| tags.len() <= PRODUCT_TAGS_MAX));
    for variant in &product.variants {
        let _: Sku = variant.sku.parse().expect("a SKU");
        assert!(
            variant
                .options
                .as_ref()
                .is_none_or(|options| options.len() <= PRODUCT_OPTIONS_MAX)
        );
        for option in variant.options.iter().flatten() {
            check_text(&option.name, 1, ATTRIBUTE_CHARS_MAX).expect("a dimension");
            check_text(&option.value, 1, ATTRIBUTE_CHARS_MAX).expect("a choice");
        }
        for price in variant.price.iter().chain(&variant.prices) {
            let currency: Currency = price.currency.parse().expect("a currency");
            for amount in [Some(&price.amount), price.compare_at.as_ref()].into_iter().flatten() {
                let money = Money::from_decimal(amount, currency).expect("an amount");
                assert!(money.amount >= 0, "{amount}");
            }
        }
    }
}

#[test]
fn what_is_near_a_product_file_is_read_as_what_a_shop_takes_or_refused_by_line() {
    fuzzing::near!(fuzzing::files(env!("CARGO_MANIFEST_DIR"), "csv"), 20_000, |bytes| {
        let read = fuzzing::within_memory(bytes, 1 << 20, 256, || super::super::read(bytes, Currency::EUR));
        let Ok(reading) = read else { return };
        reading.products.iter().for_each(assert_can_come_in);
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        assert!(
            reading.refusals.iter().all(|refusal| refusal.line <= lines),
            "{:?}",
            reading.refusals
        );
        if !MARKS.iter().any(|mark| bytes.starts_with(mark)) {
            let marked = [MARKS[0], bytes].concat();
            assert_eq!(
                super::super::read(&marked, Currency::EUR),
                Ok(reading),
                "a mark says nothing"
            );
        }
    });
}
