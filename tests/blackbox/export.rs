//! Writing products out: all that a shop says of them, as a file that says the same anywhere.

use serde_json::{Value, json};
use tests::{Client, Shop};

use crate::import::{commits, import_text, token};

/// A title that a spreadsheet would run.
const FORMULA: &str = "=HYPERLINK(\"http://evil.example\",\"Lamp\")";

/// The file that the shop writes, once it has so many lines.
async fn exported(shop: &Shop, lines: usize) -> String {
    let token = token(shop);
    shop.until_seen("the file is whole", async || {
        let output = shop.run(&["export", "--url", shop.url(), "--token", &token]);
        let text = String::from_utf8(output.stdout).expect("the file is text");
        if output.status.success() && text.lines().count() == lines {
            return Ok(text);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("{said}\n{text}"))
    })
    .await
}

/// A shop that speaks English first, and German and French, and is paid in euros first, and in dollars and yen.
async fn shop_of_the_world() -> Shop {
    let shop = Shop::start();
    let settings = json!({
        "name": "World", "currencies": ["EUR", "JPY", "USD"], "locales": ["en", "de", "fr-CA"],
        "countries": ["DE", "JP", "US"], "timeZone": "UTC", "pricesIncludeTax": true,
        "taxRates": [{ "country": "DE", "taxClass": "standard", "basisPoints": 1900 },
                     { "country": "DE", "taxClass": "reduced", "basisPoints": 700 }],
        "shippingMethods": [], "holdingSeconds": 900, "cartSeconds": 1_209_600, "lowStockThreshold": 5
    });
    let configured = shop.admin().put("/v1/shop", settings).await.expect(200);
    let seen = configured.header("consistency-token");
    let seen = shop.client().with_header("consistency-token", seen);
    let spoken = seen.graphql("{ shop { locales } }", json!({})).await.expect(200);
    assert_eq!(spoken.body["data"]["shop"]["locales"], json!(["en", "de", "fr-CA"]));
    shop
}

async fn made(admin: &Client, path: &str, body: Value) -> String {
    admin.post(path, body).await.expect(201).id()
}

/// A product with everything: in three languages and currencies, four categories of a tree, texts that look like
/// formulas and like marks of texts.
async fn with_everything(shop: &Shop) {
    let admin = shop.admin();
    let body = json!({
        "slug": "everything", "title": { "en": FORMULA, "de": "-Lampe", "fr-CA": "'tis" },
        "descriptionHtml": { "en": "\t<p>1  2</p>", "de": "<p>=1+1</p>" }, "vendor": "@Licht", "tags": ["+one", "two"],
        "attributes": { "=Origin": "Wien", "Care [note]": "-dry" }, "seoTitle": "+SEO", "seoDescription": "'=1"
    });
    let product = made(&admin, "/v1/products", body).await;
    let path = format!("/v1/products/{product}");
    for (sku, size, colour) in [("=SUM(A1)", "S", "Red"), ("'-2", "S", "Blue"), ("PLAIN", "M", "Red")] {
        let options = json!([{ "name": "Size", "value": size }, { "name": "+Colour", "value": colour }]);
        let variant = json!({ "sku": sku, "options": options, "barcode": "-0123", "taxClass": "reduced",
                              "weightGrams": 12, "price": { "amount": "3.00", "currency": "EUR" } });
        let _ = admin.post(&format!("{path}/variants"), variant).await.expect(201);
    }
    for (amount, former, currency) in [("3.50", "4.00", "USD"), ("400", "500", "JPY")] {
        let money = |amount| json!({ "amount": amount, "currency": currency });
        let price = json!({ "price": money(amount), "compareAt": money(former) });
        let _ = admin
            .put(&format!("{path}/variants/PLAIN/price"), price)
            .await
            .expect(200);
    }
    let dollars = json!({ "sku": "DOLLARS", "price": { "amount": "9.00", "currency": "USD" },
                          "options": [{ "name": "Size", "value": "L" }, { "name": "+Colour", "value": "Red" }] });
    let _ = admin.post(&format!("{path}/variants"), dollars).await.expect(201);
    let texts = json!({ "options": [{ "name": "Size", "texts": { "de": "=Größe" },
                                      "values": { "S": { "de": "Klein", "fr-CA": "Petit" }, "M": { "de": "S" } } }] });
    let _ = admin.put(&format!("{path}/options"), texts).await.expect(200);
    for (url, alt) in [
        ("/images/desk-lamp.svg", json!({ "en": "A lamp", "de": "@Lampe" })),
        ("/images/2.svg", json!({ "de": "Zwei" })),
    ] {
        let _ = admin
            .post(&format!("{path}/images"), json!({ "url": url, "alt": alt }))
            .await
            .expect(201);
    }
    let home = made(&admin, "/v1/categories", json!({ "slug": "home", "name": "Home" })).await;
    let lamps = json!({ "slug": "lamps-at-home", "name": "Lamps, [all] > big", "parent": home });
    let lamps = made(&admin, "/v1/categories", lamps).await;
    let sale = made(&admin, "/v1/categories", json!({ "slug": "sale", "name": "=Sale" })).await;
    let below = made(
        &admin,
        "/v1/categories",
        json!({ "slug": "tiny", "name": "Tiny", "parent": lamps }),
    )
    .await;
    for category in [lamps, sale, below, home] {
        let _ = admin
            .put(&format!("{path}/categories/{category}"), json!({}))
            .await
            .expect(200);
    }
    let _ = admin.post(&format!("{path}/publish"), json!({})).await.expect(200);
}

#[tokio::test]
async fn an_export_says_everything_changes_nothing_and_makes_the_same_shop_elsewhere() {
    let shop = shop_of_the_world().await;
    crate::import::import(&shop, &[]);
    with_everything(&shop).await;
    let written = exported(&shop, 8).await;
    let header = written.lines().next().unwrap_or_default();
    for column in [
        "'=Origin (product.metafields.custom.origin)",
        "Care [note] (product.metafields.custom.care_note)",
        "Compare At Price / JPY,Price / USD,Compare At Price / USD",
        "Title (de)",
        "Option1 Value (fr-CA)",
        "Image Alt Text (de)",
    ] {
        assert!(header.contains(column), "{column} is in {header}");
    }
    for cell in [
        "\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"Lamp\"\")\"",
        r"Home > Lamps\, \[all\] \> big [lamps-at-home], \=Sale",
        "''-2",
    ] {
        let cell = cell.replace(r"\=", "=");
        assert!(written.contains(&cell), "{cell} is in {written}");
    }
    let before = commits(&shop);
    let (code, said) = import_text(&shop, &written, &[]);
    assert_eq!((code, commits(&shop)), (0, before), "{said}");
    assert!(said.contains("0 changed, 3 were so already"), "{said}");

    let other = shop_of_the_world().await;
    let (code, said) = import_text(&other, &written, &[]);
    assert_eq!(code, 0, "{said}");
    // The stock comes after its product: until it does, the quantities differ.
    other
        .until_seen("both shops write the same file", async || {
            let now = exported(&other, 8).await;
            if now == written {
                Ok(())
            } else {
                Err(format!("{now}\n{written}"))
            }
        })
        .await;
    let query = "{ product(slug: \"everything\") { title categories { name ancestors { slug } }
                   options { name values { name } } images { alt } } }";
    let german = other.client().with_header("accept-language", "de");
    let product = german.graphql(query, json!({})).await.expect(200).body["data"]["product"].clone();
    assert_eq!(product["title"], "-Lampe");
    assert_eq!(product["options"][0]["name"], "=Größe");
    assert_eq!(product["images"], json!([{ "alt": "@Lampe" }, { "alt": "Zwei" }]));
    assert_eq!(
        product["categories"][2]["ancestors"],
        json!([{ "slug": "home" }, { "slug": "lamps-at-home" }])
    );
}

#[tokio::test]
async fn a_file_with_some_languages_and_currencies_says_only_these() {
    let shop = shop_of_the_world().await;
    with_everything(&shop).await;
    let file = "Handle,Variant SKU,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Title (de),Price / USD,Option1 Value (de)\n\
                everything,PLAIN,Size,M,'+Colour,Red,Leuchte,3.75,\n";
    let (code, said) = import_text(&shop, file, &["--dry-run"]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("everything: ProductDescribed, VariantPriced, OptionsTranslated"),
        "{said}"
    );
    let (code, said) = import_text(&shop, file, &[]);
    assert_eq!(code, 0, "{said}");
    let written = exported(&shop, 5).await;
    assert!(
        written.contains("Leuchte") && written.contains("'tis") && written.contains(",3.75,"),
        "{written}"
    );
    assert!(written.contains("Petit") && !written.contains(",S,M,"), "{written}");
    let (_, said) = import_text(&shop, "Handle,Variant SKU,Price / USD\neverything,PLAIN,much\n", &[]);
    assert!(
        said.contains("line 2, column \"Price / USD\"") && said.contains("price.invalid"),
        "{said}"
    );
}
