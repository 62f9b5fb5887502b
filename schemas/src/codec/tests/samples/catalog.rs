use domain::Event;
use domain::catalog::product::{Description, OptionTexts, OptionValue, VariantFacts};
use domain::catalog::{category, name, product};
use domain::value::{CategoryId, ImageId};

use super::{euros, id, pairs, sku, text};

pub(super) fn samples() -> Vec<Event> {
    let mut samples: Vec<Event> = Vec::new();
    samples.extend(categories().into_iter().map(Event::from));
    samples.extend(products().into_iter().map(Event::from));
    samples.push(name::Event::NameClaimed { by: id(1) }.into());
    samples.push(name::Event::NameReleased {}.into());
    samples
}

fn categories() -> [category::Event; 4] {
    use category::Event::{CategoryArchived, CategoryMoved, CategoryOpened, CategoryRenamed};
    let slug = "tea-pots".parse().expect("the sample is a slug");
    [
        CategoryOpened {
            slug,
            name: text("Tea pots", "Teekannen"),
            parent: Some(CategoryId(id(2))),
        },
        CategoryRenamed {
            slug: "pots".parse().expect("the sample is a slug"),
            name: text("Pots", "Kannen"),
        },
        CategoryMoved {
            parent: Some(CategoryId(id(3))),
        },
        CategoryArchived {},
    ]
}

fn products() -> Vec<product::Event> {
    use product::Event as E;
    let image = ImageId(id(20));
    let described = E::ProductDescribed {
        description: description("blue-pot"),
    };
    let added = E::VariantAdded {
        sku: sku("POT-1 M/Ö"),
        facts: facts(),
    };
    let changed = E::VariantChanged {
        sku: sku("POT-1 M/Ö"),
        facts: facts(),
    };
    let priced = E::VariantPriced {
        sku: sku("POT-1 M/Ö"),
        price: euros(2_490),
        compare_at: Some(euros(2_990)),
    };
    let image_added = E::ImageAdded {
        image,
        url: "https://example.org/pot.svg".to_owned(),
        alt: "A blue pot".to_owned(),
        width: 800,
        height: 600,
    };
    let category = CategoryId(id(2));
    let translated = E::OptionsTranslated {
        options: vec![OptionTexts {
            name: "Size".to_owned(),
            texts: text("Size", "Größe"),
            values: [("M".to_owned(), text("Medium", "Mittel"))].into(),
        }],
    };
    let image_described = E::ImageDescribed {
        image,
        alt: text("A blue pot", "Eine blaue Kanne"),
    };
    vec![
        translated,
        image_described,
        E::ProductDrafted {
            description: description("pot"),
        },
        described,
        added,
        changed,
        priced,
        E::ProductPlaced { category },
        E::ProductWithdrawn { category },
        image_added,
        E::ImagesOrdered {
            images: vec![ImageId(id(21)), image],
        },
        E::ImageRemoved { image },
        E::ProductPublished {},
        E::ProductUnpublished {},
        E::ProductArchived {},
    ]
}

fn description(slug: &str) -> Description {
    Description {
        slug: slug.parse().expect("the sample is a slug"),
        title: text("Pot", "Kanne"),
        description_html: text("<p>Holds tea.</p>", "<p>Hält Tee.</p>"),
        vendor: "Potters".to_owned(),
        attributes: pairs([("material", "clay"), ("origin", "AT")]),
        tags: vec!["new".to_owned(), "clay".to_owned()],
        seo_title: "Pots for tea".to_owned(),
        seo_description: "All about pots".to_owned(),
    }
}

fn facts() -> VariantFacts {
    VariantFacts {
        options: vec![OptionValue {
            name: "Size".to_owned(),
            value: "M".to_owned(),
        }],
        barcode: "4006381333931".to_owned(),
        weight_grams: 1_200,
        requires_shipping: true,
        tax_class: "standard".to_owned(),
        tracks_stock: true,
        image: Some(ImageId(id(20))),
    }
}
