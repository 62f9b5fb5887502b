use serde_json::json;

use crate::http::import::{CountedStock, ImportedProduct, OpeningStock};
use crate::http::openapi::operation::Operation;
use crate::http::preview::Preview;
use crate::http::resource::{shop as settings, stock as shelves};
use crate::http::view::{ProductView, ShopView, StockView};

/// What stock may refuse with.
const STOCK: [&str; 7] = [
    "stock.above_limit",
    "stock.below_zero",
    "stock.count_differs",
    "stock.promised",
    "stock.quantity_invalid",
    "stock.reason_invalid",
    "stock.sku_absent",
];

pub(super) fn stock() -> Vec<Operation> {
    let of_stock = |method, path, id, summary| {
        Operation::new(method, path, id, summary)
            .answers::<StockView<'_>>(200, "The stock at that location.")
            .may_say(&STOCK)
    };
    vec![
        of_stock("get", "/v1/stock/{sku}", "lookAtStock", "See what is on the shelf"),
        of_stock("post", "/v1/stock/{sku}/receipts", "receiveStock", "Pieces have come")
            .takes::<shelves::ReceiptBody>(json!({ "quantity": 25 })),
        of_stock(
            "post",
            "/v1/stock/{sku}/adjustments",
            "adjustStock",
            "Correct the count",
        )
        .takes::<shelves::AdjustmentBody>(json!({ "delta": -1, "expected": 25, "reason": "broken" })),
        of_stock(
            "put",
            "/v1/stock/{sku}/threshold",
            "setThreshold",
            "Say from where on it is low",
        )
        .takes::<shelves::ThresholdBody>(json!({ "threshold": 5 })),
        of_stock(
            "put",
            "/v1/stock/{sku}/backorder",
            "allowBackorder",
            "Sell what is not there yet",
        )
        .takes::<shelves::BackorderBody>(json!({ "limit": 10 })),
    ]
}

pub(super) fn shop() -> Vec<Operation> {
    let body = json!({
        "name": "Tillroll", "currencies": ["EUR"], "locales": ["en", "de"], "countries": ["DE", "AT"],
        "timeZone": "Europe/Berlin", "pricesIncludeTax": true,
        "taxRates": [{ "country": "DE", "taxClass": "standard", "basisPoints": 1900 }],
        "shippingMethods": [{
            "code": "standard", "name": "Parcel", "prices": [{ "amount": "4.90", "currency": "EUR" }],
            "countries": [], "taxClass": "standard"
        }],
        "holdingSeconds": 900, "cartSeconds": 1_209_600, "lowStockThreshold": 5
    });
    vec![
        Operation::new("put", "/v1/shop", "configureShop", "Say how the shop works")
            .takes::<settings::SettingsBody>(body)
            .answers::<ShopView>(200, "The shop's version after it.")
            .may_say(&[
                "shop.setting_invalid",
                "shop.time_zone_unknown",
                "money.malformed",
                "money.negative",
            ])
            .may_say(&["money.too_large", "money.too_many_decimals"]),
    ]
}

pub(super) fn imports() -> Vec<Operation> {
    let product = json!({
        "slug": "desk-lamp", "title": "Desk lamp", "published": true,
        "variants": [{
            "sku": "LAMP-1", "requiresShipping": true, "taxClass": "standard", "tracksStock": true,
            "price": { "amount": "49.00", "currency": "EUR" }
        }]
    });
    let refusals = [
        "category.archived",
        "category.name_invalid",
        "category.parent_not_open",
        "category.too_deep",
        "import.value_invalid",
        "product.absent",
        "product.archived",
        "product.category_not_open",
        "product.image_absent",
        "product.not_priced",
        "product.options_differ",
        "product.options_taken",
        "product.too_many",
        "product.value_invalid",
        "product.variant_absent",
        "product.variant_exists",
        "sku.taken",
        "slug.taken",
    ];
    let would = "What it would change.";
    let quantity = json!({ "quantity": 25 });
    let counted = json!({ "onHand": 24, "expected": 25, "location": "main" });
    vec![
        Operation::new(
            "put",
            "/v1/imports/products/{handle}",
            "importProduct",
            "Bring a product in",
        )
        .takes::<ImportedProduct>(product.clone())
        .answers::<ProductView>(200, "The product's version after it.")
        .may_say(&refusals),
        Operation::new(
            "post",
            "/v1/imports/products/{handle}/preview",
            "previewProduct",
            "See what it would change",
        )
        .takes::<ImportedProduct>(product)
        .answers::<Preview>(200, would)
        .may_say(&refusals),
        Operation::new("put", "/v1/imports/stock/{sku}", "importStock", "Open a SKU's ledger")
            .takes::<OpeningStock>(quantity.clone())
            .answers::<StockView<'_>>(200, "The stock.")
            .may_say(&STOCK),
        Operation::new(
            "post",
            "/v1/imports/stock/{sku}/preview",
            "previewStock",
            "See what it would change",
        )
        .takes::<OpeningStock>(quantity)
        .answers::<Preview>(200, would)
        .may_say(&STOCK),
        Operation::new(
            "put",
            "/v1/imports/stock/{sku}/count",
            "countStock",
            "Say what was counted at a location",
        )
        .takes::<CountedStock>(counted.clone())
        .answers::<StockView<'_>>(200, "The stock at that location.")
        .may_say(&STOCK),
        Operation::new(
            "post",
            "/v1/imports/stock/{sku}/count/preview",
            "previewCount",
            "See what it would change",
        )
        .takes::<CountedStock>(counted)
        .answers::<Preview>(200, would)
        .may_say(&STOCK),
    ]
}
