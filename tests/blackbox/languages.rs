//! A shop that speaks several languages: images and options read as who asks reads.

use serde_json::{Value, json};
use tests::{Answer, Client, Shop};

/// What was answered last has been seen by whoever asks next, in their language.
fn reader(shop: &Shop, locale: &str, answer: &Answer) -> Client {
    let client = shop.client().with_header("accept-language", locale);
    client.with_header("consistency-token", answer.header("consistency-token"))
}

async fn shown(client: &Client) -> Value {
    let query = "{ product(slug: \"cup\") { images { alt } options { name writtenName values { name } } \
                 variants { title selectedOptions { name value writtenValue } } } }";
    client.graphql(query, json!({})).await.expect(200).body["data"]["product"].clone()
}

/// A published cup in sizes S and M with an image, in a shop that speaks English first, and German.
async fn shop_with_a_cup() -> (Shop, String, String) {
    let shop = Shop::start();
    let settings = json!({
        "name": "Cups", "currencies": ["EUR"], "locales": ["en", "de"], "countries": ["DE"], "timeZone": "UTC",
        "pricesIncludeTax": true,
        "taxRates": [{ "country": "DE", "taxClass": "standard", "basisPoints": 1900 }],
        "shippingMethods": [], "holdingSeconds": 900, "cartSeconds": 1_209_600, "lowStockThreshold": 5
    });
    let configured = shop.admin().put("/v1/shop", settings).await.expect(200);
    let seen = configured.header("consistency-token").to_owned();
    let admin = shop.admin().with_header("consistency-token", &seen);
    let spoken = admin.graphql("{ shop { locales } }", json!({})).await.expect(200);
    assert_eq!(spoken.body["data"]["shop"]["locales"], json!(["en", "de"]));
    let cup = admin
        .post("/v1/products", json!({ "slug": "cup", "title": "Cup" }))
        .await
        .expect(201)
        .id();
    for (sku, size) in [("CUP-S", "S"), ("CUP-M", "M")] {
        let variant = json!({ "sku": sku, "options": [{ "name": "Size", "value": size }],
                              "price": { "amount": "5.00", "currency": "EUR" } });
        let _ = admin
            .post(&format!("/v1/products/{cup}/variants"), variant)
            .await
            .expect(201);
    }
    let image = json!({ "url": "/cup.png", "alt": { "en": "A cup", "de": "Eine Tasse" } });
    let added = admin
        .post(&format!("/v1/products/{cup}/images"), image)
        .await
        .expect(201);
    let image = added.body["image"]["id"].as_str().expect("the image's id").to_owned();
    let _ = admin
        .post(&format!("/v1/products/{cup}/publish"), json!({}))
        .await
        .expect(200);
    (shop, cup, image)
}

#[tokio::test]
async fn images_and_options_read_in_the_language_of_who_asks() {
    let (shop, cup, image) = shop_with_a_cup().await;
    let admin = shop.admin();
    let options = json!({ "options": [
        { "name": "Size", "texts": { "de": "Größe" }, "values": { "S": { "de": "Klein" }, "M": { "de": "Mittel" } } },
    ] });
    let path = format!("/v1/products/{cup}/options");
    let translated = admin.put(&path, options.clone()).await.expect(200);
    let version = translated.version();
    assert_eq!(
        admin.put(&path, options).await.expect(200).version(),
        version,
        "twice is once"
    );

    let german = shown(&reader(&shop, "de", &translated)).await;
    assert_eq!(german["images"], json!([{ "alt": "Eine Tasse" }]));
    let option =
        json!([{ "name": "Größe", "writtenName": "Size", "values": [{ "name": "Klein" }, { "name": "Mittel" }] }]);
    assert_eq!(german["options"], option);
    assert_eq!(german["variants"][0]["title"], "Klein");
    let english = shown(&reader(&shop, "en", &translated)).await;
    assert_eq!(
        (&english["images"][0]["alt"], &english["variants"][1]["title"]),
        (&json!("A cup"), &json!("M"))
    );

    let path = format!("/v1/products/{cup}/images/{image}");
    let described = admin
        .put(&path, json!({ "alt": { "en": "A red cup" } }))
        .await
        .expect(200);
    let german = shown(&reader(&shop, "de", &described)).await;
    assert_eq!(
        german["images"],
        json!([{ "alt": "A red cup" }]),
        "what is not said is not kept"
    );
}

#[tokio::test]
async fn words_for_what_is_not_there_are_refused_with_a_code() {
    let (shop, cup, _) = shop_with_a_cup().await;
    let admin = shop.admin();
    let options = format!("/v1/products/{cup}/options");
    let cases = [
        (
            json!([{ "name": "Colour", "texts": { "de": "Farbe" } }]),
            "options.name",
        ),
        (
            json!([{ "name": "Size", "values": { "XL": { "de": "Riesig" } } }]),
            "options.values",
        ),
        (
            json!([{ "name": "Size", "texts": { "not a language": "Size" } }]),
            "options",
        ),
        (json!([{ "name": "Size", "texts": { "de": "" } }]), "options"),
    ];
    for (said, field) in cases {
        let refused = admin.put(&options, json!({ "options": said })).await.expect(422);
        assert_eq!(
            (refused.code(), &refused.body["field"]),
            ("product.value_invalid", &json!(field)),
            "{said}"
        );
    }
    let nowhere = format!("/v1/products/{cup}/images/00000000-0000-0000-0000-000000000001");
    let refused = admin.put(&nowhere, json!({ "alt": "Nothing" })).await.expect(404);
    assert_eq!(refused.code(), "product.image_absent");
}
