use std::sync::atomic::{AtomicUsize, Ordering};

use command_api::http::import::{
    ImportedCategory, ImportedImage, ImportedOption, ImportedPrice, ImportedProduct, ImportedTranslation,
    ImportedVariant, OptionTextsBody,
};
use domain::value::Currency;
use serde_json::{Value, json};

use super::super::pages::Catalogue;
use super::*;
use crate::import;

/// A language of which no file says that it is another.
const FIRST_LOCALE: &str = "qaa";

fn product(change: impl FnOnce(&mut Value)) -> Product {
    let mut product = json!({
        "slug": "tee", "title": "Tee, \"soft\"", "descriptionHtml": " <p>One\nTwo</p>", "vendor": "Ours",
        "tags": ["cotton", "red"], "status": "PUBLISHED", "seo": { "ownTitle": "", "description": "Soft" },
        "images": [{ "url": "/images/1.png", "alt": "Front" }, { "url": "/images/2.png", "alt": "" },
                   { "url": "/images/3.png", "alt": "" }],
        "titleTranslations": [{ "locale": FIRST_LOCALE, "text": "Tee" }, { "locale": "de", "text": "=Hemd" }],
        "descriptionHtmlTranslations": [{ "locale": "de-AT", "text": "<p>Eins</p>" }],
        "attributes": [{ "name": "=Material", "value": "-" }, { "name": "???", "value": "Wien" }],
        "options": [{ "name": "Size", "nameTranslations": [{ "locale": "de", "text": "Größe" }],
                      "values": [{ "name": "S", "nameTranslations": [{ "locale": "de", "text": "Klein" }] }] }],
        "categories": [{ "slug": "t-shirts", "name": "T-Shirts", "ancestors": [{ "slug": "wear", "name": "Clothing" }] },
                       { "slug": "sale", "name": "Sale" }, { "slug": "new", "name": "New, and > old" }],
        "variants": [
            { "sku": "TEE-S", "barcode": "0123", "weightGrams": 180, "requiresShipping": true, "taxClass": "reduced",
              "tracksStock": true, "selectedOptions": [{ "name": "Size", "value": "S" }],
              "prices": [{ "price": { "amount": "19.00", "currency": "EUR" }, "compareAtPrice": { "amount": "25.00" } }],
              "ownImage": { "url": "/images/2.png" }, "stockLevels": [{ "onHand": 3, "backorderLimit": 5 }] },
            { "sku": "'M", "barcode": null, "weightGrams": 0, "requiresShipping": false, "taxClass": "zero",
              "tracksStock": false, "selectedOptions": [{ "name": "Size", "value": "M" }],
              "prices": [{ "price": { "amount": "2500", "currency": "JPY" }, "compareAtPrice": { "amount": "3000" } }],
              "ownImage": null, "stockLevels": null }
        ]
    });
    change(&mut product);
    serde_json::from_value(product).expect("a product")
}

/// What is written of a product in a file of its own: its header, and its rows.
fn file(product: &Product) -> (Vec<String>, Written) {
    let columns = Columns::of(&Catalogue {
        currency: "EUR".to_owned(),
        locale: FIRST_LOCALE.to_owned(),
        products: vec![product.clone()],
    });
    (columns.header().collect(), of(product, &columns))
}

fn read_back(header: &[String], rows: &[Vec<String>]) -> import::Reading {
    let mut file = csv::Writer::from_writer(Vec::new());
    for row in std::iter::once(header).chain(rows.iter().map(Vec::as_slice)) {
        // No number of this shop begins with a sign, so nothing may.
        let mut cells = row.iter();
        assert!(
            !cells.any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])),
            "{row:?}"
        );
        file.write_record(row).expect("a row is written");
    }
    let bytes = file.into_inner().expect("all is written");
    import::read(&bytes, Currency::EUR).expect("the file is read")
}

#[test]
fn what_is_written_reads_as_what_it_was() {
    let (header, written) = file(&product(|_| {}));
    let further: Vec<&str> = header
        .iter()
        .map(String::as_str)
        .skip_while(|name| *name != "Categories")
        .collect();
    assert_eq!(
        further,
        [
            "Categories",
            "'=Material (product.metafields.custom.material)",
            "??? (product.metafields.custom.fact)",
            "Price / JPY",
            "Compare At Price / JPY",
            "Title (de)",
            "Option1 Name (de)",
            "Option1 Value (de)",
            "Body (HTML) (de-AT)",
        ]
    );
    assert_eq!(
        (written.rows.len(), written.variants, written.left_out),
        (3, 2, Vec::new())
    );
    let reading = read_back(&header, &written.rows);
    assert_eq!((&reading.refusals, &reading.notices), (&Vec::new(), &Vec::new()));
    let tee = &reading.products[0].product;
    assert_eq!(tee.title.as_deref(), Some("Tee, \"soft\""));
    assert_eq!(tee.description_html.as_deref(), Some(" <p>One\nTwo</p>"));
    let slugs: Vec<&str> = tee.categories.iter().map(|category| category.slug.as_str()).collect();
    assert_eq!(slugs, ["t-shirts", "sale", "new"]);
    assert_eq!(tee.categories[0].parents[0].slug, "wear");
    assert_eq!(tee.categories[2].name, "New, and > old");
    assert_eq!(tee.translations["de"].title.as_deref(), Some("=Hemd"));
    assert_eq!(tee.attributes.get("=Material").map(String::as_str), Some("-"));
    assert_eq!(tee.option_texts[0].values["S"]["de"], "Klein");
    assert_eq!(tee.images.len(), 3);
    let (small, medium) = (&tee.variants[0], &tee.variants[1]);
    assert_eq!((small.sku.as_str(), medium.sku.as_str()), ("TEE-S", "'M"));
    assert_eq!(
        (small.tax_class.as_deref(), medium.tax_class.as_deref()),
        (Some("reduced"), Some("zero"))
    );
    assert_eq!(
        (medium.price.as_ref(), medium.prices[0].compare_at.as_deref()),
        (None, Some("3000"))
    );
    assert_eq!(small.image.as_deref(), Some("/images/2.png"));
    assert_eq!((small.tracks_stock, medium.tracks_stock), (Some(true), Some(false)));
    let stock = reading.products[0].stock[0].1;
    assert_eq!((stock.quantity, stock.backorder), (3, true));
}

#[test]
fn what_was_never_counted_is_not_counted_by_an_import() {
    let (header, written) = file(&product(|product| product["variants"][0]["stockLevels"] = Value::Null));
    let reading = read_back(&header, &written.rows);
    assert_eq!(reading.products[0].stock, []);
    assert_eq!(reading.products[0].product.variants[0].tracks_stock, Some(true));
}

#[test]
fn what_has_no_price_is_left_out_and_named() {
    let unpriced = |index: usize| move |product: &mut Value| product["variants"][index]["prices"] = json!([]);
    let (_, written) = file(&product(unpriced(1)));
    assert_eq!(written.variants, 1);
    assert_eq!(written.left_out, ["variant 'M has no price"]);
    let (_, written) = file(&product(|product| {
        unpriced(0)(product);
        unpriced(1)(product);
    }));
    assert_eq!((written.rows.len(), written.left_out.len()), (0, 3));
}

#[test]
fn a_category_is_written_as_what_leads_back_to_it() {
    let of_name = |slug: &str, name: &str| {
        let (slug, name) = (slug.to_owned(), name.to_owned());
        kind(&Category {
            slug,
            name,
            ancestors: Vec::new(),
        })
    };
    assert_eq!(of_name("t-shirts", "T-Shirts"), "T-Shirts");
    assert_eq!(of_name("clothing-caps", "Caps"), "clothing-caps");
}

/// Texts by language as a shop tells them, which forgets those that say nothing.
fn translations<'a>(texts: impl IntoIterator<Item = (&'a String, &'a String)>) -> Value {
    let said = texts.into_iter().filter(|(_, text)| !text.is_empty());
    said.map(|(locale, text)| json!({ "locale": locale, "text": text }))
        .collect()
}

/// A product of a file as a shop would tell it that knew nothing of it before; none when an export could not tell
/// it: it has rows for variants.
fn told(read: &import::ReadProduct) -> Option<Product> {
    let product = &read.product;
    if product.variants.is_empty() {
        return None;
    }
    let stock = |sku: &str| read.stock.iter().find(|(stocked, _)| stocked == sku);
    let variants = product.variants.iter().map(|variant| {
        let prices = all_prices(variant);
        let prices = prices.iter().map(|price| {
            let former = price.compare_at.as_ref().map(|amount| json!({ "amount": amount }));
            json!({ "price": { "amount": price.amount, "currency": price.currency }, "compareAtPrice": former })
        });
        let prices: Vec<Value> = prices.collect();
        if prices.is_empty() {
            return None;
        }
        let levels = stock(&variant.sku)
            .map(|(_, stock)| vec![json!({ "onHand": stock.quantity, "backorderLimit": i64::from(stock.backorder) })]);
        let tax_class = variant.tax_class.as_deref().unwrap_or("standard");
        let image = variant.image.as_ref().filter(|url| !url.is_empty());
        Some(json!({
            "sku": variant.sku, "barcode": variant.barcode, "weightGrams": variant.weight_grams.unwrap_or_default(),
            "requiresShipping": variant.requires_shipping.unwrap_or(true), "taxClass": tax_class,
            "tracksStock": variant.tracks_stock.unwrap_or(levels.is_some()),
            "selectedOptions": variant.options.as_ref()?, "prices": prices,
            "ownImage": image.map(|url| json!({ "url": url })), "stockLevels": levels,
        }))
    });
    let variants: Option<Vec<Value>> = variants.collect();
    let is_published = product.published.unwrap_or(product.published_when_new);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let titles = product.translations.iter();
    let titles = titles.filter_map(|(locale, said)| Some((locale, said.title.as_ref()?)));
    let descriptions = product.translations.iter();
    let descriptions = descriptions.filter_map(|(locale, said)| Some((locale, said.description_html.as_ref()?)));
    let option = |option: &OptionTextsBody| {
        let value = |(name, texts)| json!({ "name": name, "nameTranslations": translations(texts) });
        let values: Vec<Value> = option.values.iter().map(value).collect();
        json!({ "name": option.name, "nameTranslations": translations(&option.texts), "values": values })
    };
    // In the order of the dimensions, as a shop tells them.
    let dimensions = product.variants.first().and_then(|variant| variant.options.as_deref());
    let dimensions = dimensions.unwrap_or_default().iter().map(|dimension| {
        let texts = product.option_texts.iter().find(|texts| texts.name == dimension.name);
        texts.map_or_else(|| json!({ "name": dimension.name, "nameTranslations": [] }), option)
    });
    let image = |image: &ImportedImage| {
        let words = translations(&image.translations);
        json!({ "url": image.url, "alt": image.alt.clone().unwrap_or_default(), "altTranslations": words })
    };
    let category = |category: &ImportedCategory| json!({ "slug": category.slug, "name": category.name, "ancestors": category.parents });
    let fact = |(name, value)| json!({ "name": name, "value": value });
    let told = json!({
        "titleTranslations": translations(titles), "descriptionHtmlTranslations": translations(descriptions),
        "options": dimensions.collect::<Vec<_>>(), "attributes": product.attributes.iter().map(fact).collect::<Vec<_>>(),
        "slug": product.slug, "title": product.title.as_ref()?, "descriptionHtml": text(&product.description_html),
        "vendor": text(&product.vendor), "tags": product.tags.clone().unwrap_or_default(),
        "status": if is_published { "PUBLISHED" } else { "HIDDEN" },
        "seo": { "ownTitle": text(&product.seo_title), "description": text(&product.seo_description) },
        "images": product.images.iter().map(image).collect::<Vec<_>>(),
        "categories": product.categories.iter().map(category).collect::<Vec<_>>(), "variants": variants?,
    });
    Some(serde_json::from_value(told).expect("a product"))
}

/// What a variant costs, whichever column says it.
fn all_prices(variant: &ImportedVariant) -> Vec<ImportedPrice> {
    let mut prices: Vec<ImportedPrice> = variant.price.iter().chain(&variant.prices).cloned().collect();
    prices.sort_by(|one, other| one.currency.cmp(&other.currency));
    prices
}

/// Takes out what says nothing: a file has no columns for that.
fn without_silence(said: &mut ImportedProduct) {
    for translation in said.translations.values_mut() {
        let says = |text: &String| !text.is_empty();
        translation.title = translation.title.take().filter(says);
        translation.description_html = translation.description_html.take().filter(says);
    }
    said.translations
        .retain(|_, said| *said != ImportedTranslation::default());
    for image in &mut said.images {
        image.translations.retain(|_, text| !text.is_empty());
    }
    for option in &mut said.option_texts {
        option.texts.retain(|_, text| !text.is_empty());
        option
            .values
            .values_mut()
            .for_each(|texts| texts.retain(|_, text| !text.is_empty()));
        option.values.retain(|_, texts| !texts.is_empty());
    }
    said.option_texts
        .retain(|option| !option.texts.is_empty() || !option.values.is_empty());
}

/// What is said of a product, without what `first` left unsaid. A SKU that was made up is one's own after it.
fn said(read: &import::ReadProduct, first: &import::ReadProduct) -> ImportedProduct {
    let (mut said, first) = (read.product.clone(), &first.product);
    said.description_html = said.description_html.filter(|_| first.description_html.is_some());
    said.vendor = said.vendor.filter(|_| first.vendor.is_some());
    said.tags = said.tags.filter(|_| first.tags.is_some());
    said.seo_title = said.seo_title.filter(|_| first.seo_title.is_some());
    said.seo_description = said.seo_description.filter(|_| first.seo_description.is_some());
    said.published = said.published.filter(|_| first.published.is_some());
    said.published_when_new = false;
    without_silence(&mut said);
    for (image, first) in said.images.iter_mut().zip(&first.images) {
        image.alt = image.alt.take().filter(|_| first.alt.is_some());
    }
    for (variant, first) in said.variants.iter_mut().zip(&first.variants) {
        variant.is_sku_made_up = false;
        variant.prices = all_prices(variant);
        variant.price = None;
        // In this format the only choice of this name is none.
        let is_none = |option: &ImportedOption| {
            option.name.eq_ignore_ascii_case("title") && option.value.eq_ignore_ascii_case("default title")
        };
        if let Some([option]) = variant.options.as_deref()
            && is_none(option)
        {
            variant.options = Some(Vec::new());
        }
        variant.barcode = variant.barcode.take().filter(|_| first.barcode.is_some());
        variant.weight_grams = variant.weight_grams.filter(|_| first.weight_grams.is_some());
        variant.requires_shipping = variant.requires_shipping.filter(|_| first.requires_shipping.is_some());
        variant.tax_class = variant.tax_class.take().filter(|_| first.tax_class.is_some());
        variant.tracks_stock = variant.tracks_stock.filter(|_| first.tracks_stock.is_some());
        variant.image = variant.image.take().filter(|_| first.image.is_some());
    }
    said
}

#[test]
fn what_is_near_a_product_file_says_the_same_after_an_export() {
    static COMPARED: AtomicUsize = AtomicUsize::new(0);
    fuzzing::near!(fuzzing::files(env!("CARGO_MANIFEST_DIR"), "csv"), 5_000, |bytes| {
        let Ok(reading) = import::read(bytes, Currency::EUR) else {
            return;
        };
        for read in &reading.products {
            let Some(product) = told(read) else { continue };
            let (header, written) = file(&product);
            assert_eq!(written.left_out, Vec::<String>::new());
            let again = read_back(&header, &written.rows);
            assert_eq!(again.refusals, [], "{product:?}");
            let [again] = again.products.as_slice() else {
                panic!("{product:?} became {again:?}");
            };
            assert_eq!(again.stock, read.stock);
            assert_eq!(said(again, read), said(read, read));
            COMPARED.fetch_add(1, Ordering::Relaxed);
        }
    });
    let compared = COMPARED.load(Ordering::Relaxed);
    assert!(compared > 500, "only {compared} products were compared");
}

#[test]
fn words_of_choices_stand_in_the_columns_of_the_choices() {
    let product = product(|product| {
        let size = product["options"][0].take();
        product["options"] = json!([{ "name": "Color", "nameTranslations": [] }, size]);
    });
    let (header, written) = file(&product);
    let column = header.iter().position(|name| name == "Option1 Value (de)");
    assert_eq!(written.rows[0][column.expect("it has a column")], "Klein");
}
