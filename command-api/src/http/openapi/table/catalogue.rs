use serde_json::json;

use crate::http::body::Nothing;
use crate::http::image::SeenImage;
use crate::http::openapi::operation::Operation;
use crate::http::resource::{categories, products, variants};
use crate::http::view::{CategoryView, ProductView};

/// What a product may refuse with.
const PRODUCT: [&str; 5] = [
    "product.absent",
    "product.archived",
    "product.exists",
    "product.too_many",
    "product.value_invalid",
];
/// What a variant may refuse with.
const VARIANT: [&str; 10] = [
    "money.malformed",
    "money.negative",
    "money.too_large",
    "money.too_many_decimals",
    "price.missing",
    "product.image_absent",
    "product.options_differ",
    "product.options_taken",
    "product.variant_absent",
    "product.variant_exists",
];
/// What a category may refuse with.
const CATEGORY: [&str; 8] = [
    "category.absent",
    "category.archived",
    "category.cycle",
    "category.exists",
    "category.name_invalid",
    "category.parent_not_open",
    "category.too_deep",
    "slug.taken",
];

pub(super) fn products() -> Vec<Operation> {
    let after = "The product's version after it.";
    let description = json!({
        "slug": "desk-lamp", "title": { "en": "Desk lamp", "de": "Tischlampe" },
        "descriptionHtml": "<p>Light where you write.</p>", "vendor": "Hafenlicht", "tags": ["office"]
    });
    let price = json!({ "price": { "amount": "49.00", "currency": "EUR" } });
    let facts = json!({
        "options": [], "barcode": "", "weightGrams": 900, "requiresShipping": true, "taxClass": "standard",
        "tracksStock": true
    });
    let of_product = |method, path, id, summary| {
        Operation::new(method, path, id, summary)
            .answers::<ProductView>(200, after)
            .may_say(&PRODUCT)
    };
    let making = |path, id, summary, made| {
        Operation::new("post", path, id, summary)
            .answers::<ProductView>(201, made)
            .may_say(&PRODUCT)
    };
    vec![
        making(
            "/v1/products",
            "draftProduct",
            "Write a new product down",
            "The product.",
        )
        .takes::<products::DescriptionBody>(description.clone())
        .may_say(&["slug.taken"]),
        of_product(
            "put",
            "/v1/products/{product}",
            "describeProduct",
            "Say all that a product says of itself",
        )
        .takes::<products::DescriptionBody>(description)
        .may_say(&["slug.taken"]),
        making(
            "/v1/products/{product}/variants",
            "addVariant",
            "Add a variant",
            "The product.",
        )
        .takes::<variants::NewVariantBody>(json!({ "sku": "LAMP-1", "price": price["price"] }))
        .may_say(&["sku.taken"])
        .may_say(&VARIANT),
        of_product(
            "put",
            "/v1/products/{product}/variants/{sku}",
            "changeVariant",
            "Change a variant's facts",
        )
        .takes::<variants::VariantBody>(facts)
        .may_say(&VARIANT),
        of_product(
            "put",
            "/v1/products/{product}/variants/{sku}/price",
            "setPrice",
            "Price a variant",
        )
        .takes::<variants::PriceBody>(price)
        .may_say(&VARIANT),
        making(
            "/v1/products/{product}/images",
            "addImage",
            "Add an image",
            "The product, and which image.",
        )
        .takes::<products::ImageBody>(json!({ "url": "https://img.example/lamp.jpg", "alt": "A lamp" })),
        of_product(
            "put",
            "/v1/products/{product}/images",
            "orderImages",
            "Put the images in another order",
        )
        .takes::<products::ImagesBody>(json!({ "images": [] }))
        .may_say(&["product.images_differ"]),
        of_product(
            "put",
            "/v1/products/{product}/images/{image}",
            "describeImage",
            "Say what an image shows",
        )
        .takes::<products::AltBody>(json!({ "alt": { "en": "A lamp", "de": "Eine Lampe" } }))
        .may_say(&["product.image_absent"]),
        of_product(
            "put",
            "/v1/products/{product}/options",
            "translateOptions",
            "Say how its options read in other languages",
        )
        .takes::<products::OptionsBody>(json!({ "options": [] })),
        of_product(
            "delete",
            "/v1/products/{product}/images/{image}",
            "removeImage",
            "Take an image away",
        )
        .takes::<Nothing>(json!({}))
        .may_say(&["product.image_absent"]),
        of_product(
            "put",
            "/v1/products/{product}/categories/{category}",
            "placeInCategory",
            "Put it in a category",
        )
        .takes::<Nothing>(json!({}))
        .may_say(&["product.category_not_open"]),
        of_product(
            "delete",
            "/v1/products/{product}/categories/{category}",
            "takeFromCategory",
            "Take it out of one",
        )
        .takes::<Nothing>(json!({})),
        of_product(
            "post",
            "/v1/products/{product}/publish",
            "publish",
            "Show it to shoppers",
        )
        .takes::<Nothing>(json!({}))
        .may_say(&["product.not_priced"]),
        of_product(
            "post",
            "/v1/products/{product}/unpublish",
            "unpublish",
            "Show it to shoppers no more",
        )
        .takes::<Nothing>(json!({})),
        of_product(
            "post",
            "/v1/products/{product}/archive",
            "archiveProduct",
            "Put it away for good",
        )
        .takes::<Nothing>(json!({})),
    ]
}

/// What an image is uploaded as.
const IMAGES: [&str; 4] = ["image/gif", "image/jpeg", "image/png", "image/webp"];

pub(super) fn images() -> Vec<Operation> {
    vec![
        Operation::new("post", "/v1/images", "uploadImage", "Upload an image")
            .takes_file(&IMAGES)
            .answers::<SeenImage>(201, "Where it is, for ever, and how large.")
            .may_say(&[
                "image.broken",
                "image.size",
                "image.too_large",
                "image.type",
                "image.unavailable",
            ]),
    ]
}

pub(super) fn categories() -> Vec<Operation> {
    let of_category = |method, path, id, summary| {
        Operation::new(method, path, id, summary)
            .answers::<CategoryView>(200, "The category's version after it.")
            .may_say(&CATEGORY)
    };
    let named = json!({ "slug": "lamps", "name": { "en": "Lamps", "de": "Lampen" } });
    vec![
        Operation::new("post", "/v1/categories", "openCategory", "Open a category")
            .takes::<categories::OpenBody>(named.clone())
            .answers::<CategoryView>(201, "The category.")
            .may_say(&CATEGORY),
        of_category(
            "put",
            "/v1/categories/{category}",
            "renameCategory",
            "Name it otherwise",
        )
        .takes::<categories::NameBody>(named),
        of_category(
            "put",
            "/v1/categories/{category}/parent",
            "moveCategory",
            "Hang it elsewhere in the tree",
        )
        .takes::<categories::ParentBody>(json!({ "parent": null })),
        of_category(
            "post",
            "/v1/categories/{category}/archive",
            "archiveCategory",
            "Put it away for good",
        )
        .takes::<Nothing>(json!({})),
    ]
}
