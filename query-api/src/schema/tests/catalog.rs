use domain::catalog::product::OptionTexts;
use domain::shop::settings::Settings;
use domain::value::{ImageId, LocalizedText, Money};
use read_store::model::product::{ImageView, PriceView, ProductStatus};
use serde_json::json;
use uuid::Uuid;

use crate::testkit::{TestShop, category, cents, product, stock};

async fn shop_with_a_lamp() -> TestShop {
    let shop = TestShop::new().await;
    let lights = category(10, "lights", None);
    let desk_lights = category(11, "desk-lights", Some(lights.id));
    let mut lamp = product(1, "lamp", &[1_999, 2_999, 2_499], &[desk_lights.id, lights.id]);
    lamp.variants[0].prices[0].compare_at = Some(cents(2_500));
    lamp.description.title.0.insert("de".to_owned(), "Lampe".to_owned());
    for view in [&lights, &desk_lights] {
        shop.put(view).await;
    }
    shop.put(&lamp).await;
    shop.put(&stock("LAMP-2", 3, 0)).await;
    shop.put(&stock("LAMP-3", 30, 0)).await;
    shop
}

#[tokio::test]
async fn a_product_page_gets_all_that_it_shows_in_one_query() {
    let shop = shop_with_a_lamp().await;
    let query = r#"{
      product(slug: "lamp") {
        id uuid version slug title descriptionHtml vendor status publishedAt tags
        attributes { name value }
        seo { title description }
        options { name values { name firstSelectableVariant { sku } } }
        variants { sku title selectedOptions { name value } price { amount minorUnits currency }
                   compareAtPrice { amount } availability quantityAvailable requiresShipping weightGrams barcode
                   image { url } product { slug } }
        priceRange { min { amount } max { amount } }
        compareAtPrice { amount }
        availability
        images { url alt width height }
        featuredImage { url }
        category { slug name ancestors { slug } }
        categories { slug }
      }
    }"#;
    let data = shop.ask(query).await.data();
    let lamp = &data["product"];
    assert_eq!(
        lamp["id"],
        "UHJvZHVjdDowMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDE"
    );
    assert_eq!(lamp["uuid"], "00000000-0000-0000-0000-000000000001");
    assert_eq!((&lamp["version"], &lamp["status"]), (&json!(3), &json!("PUBLISHED")));
    assert_eq!(lamp["publishedAt"], "2026-01-01T00:00:00.001Z");
    assert_eq!(lamp["attributes"], json!([{ "name": "Material", "value": "Oak" }]));
    assert_eq!(lamp["seo"], json!({ "title": "lamp", "description": "" }));
    assert_eq!(
        lamp["options"],
        json!([{ "name": "Size", "values": [
            { "name": "S", "firstSelectableVariant": { "sku": "LAMP-1" } },
            { "name": "M", "firstSelectableVariant": { "sku": "LAMP-2" } },
            { "name": "L", "firstSelectableVariant": { "sku": "LAMP-3" } },
        ] }])
    );
    assert_eq!(
        lamp["variants"][0]["price"],
        json!({ "amount": "19.99", "minorUnits": "1999", "currency": "EUR" })
    );
    let available = |index: usize| {
        let variant = &lamp["variants"][index];
        (variant["availability"].clone(), variant["quantityAvailable"].clone())
    };
    assert_eq!(available(0), (json!("OUT_OF_STOCK"), json!(0)));
    assert_eq!(available(1), (json!("LOW_STOCK"), json!(3)));
    assert_eq!(available(2), (json!("IN_STOCK"), json!(30)));
    assert_eq!(lamp["variants"][0]["product"]["slug"], "lamp");
    assert_eq!(lamp["availability"], "IN_STOCK");
    assert_eq!(
        lamp["priceRange"],
        json!({ "min": { "amount": "19.99" }, "max": { "amount": "29.99" } })
    );
    assert_eq!(lamp["compareAtPrice"], json!({ "amount": "25.00" }));
    assert_eq!(lamp["category"]["slug"], "desk-lights");
    assert_eq!(lamp["category"]["ancestors"], json!([{ "slug": "lights" }]));
    assert_eq!(
        lamp["categories"],
        json!([{ "slug": "desk-lights" }, { "slug": "lights" }])
    );
}

#[tokio::test]
async fn a_product_is_found_by_global_id_uuid_slug_and_node() {
    let shop = shop_with_a_lamp().await;
    let query = r#"{
      a: product(id: "UHJvZHVjdDowMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDE") { slug }
      b: product(id: "00000000-0000-0000-0000-000000000001") { slug }
      c: product(slug: "lamp") { slug }
      d: node(id: "UHJvZHVjdDowMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDE") { id ... on Product { slug } }
      none: product(slug: "no-such-lamp") { slug }
      nonsense: product(slug: "No Slug!") { slug }
    }"#;
    let data = shop.ask(query).await.data();
    for found in ["a", "b", "c", "d"] {
        assert_eq!(data[found]["slug"], "lamp", "{found}");
    }
    assert_eq!((&data["none"], &data["nonsense"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn the_selected_variant_comes_back_else_the_first_that_can_be_bought() {
    let shop = shop_with_a_lamp().await;
    let query = r#"{
      product(slug: "lamp") {
        selected: selectedOrFirstAvailableVariant(selectedOptions: [{ name: "Size", value: "L" }]) { sku }
        sold_out: selectedOrFirstAvailableVariant(selectedOptions: [{ name: "Size", value: "S" }]) { sku }
        unknown: selectedOrFirstAvailableVariant(selectedOptions: [{ name: "Size", value: "Huge" }]) { sku }
        first: selectedOrFirstAvailableVariant { sku }
      }
    }"#;
    let data = shop.ask(query).await.data();
    let skus = ["selected", "sold_out", "unknown", "first"].map(|field| data["product"][field]["sku"].clone());
    assert_eq!(skus, ["LAMP-3", "LAMP-1", "LAMP-2", "LAMP-2"]);
}

#[tokio::test]
async fn language_and_currency_come_by_header() {
    let shop = TestShop::new().await;
    let settings = domain::shop::settings::Settings {
        locales: vec!["en".to_owned(), "de".to_owned()],
        currencies: vec![domain::value::Currency::EUR, "USD".parse().expect("a currency")],
        ..domain::shop::settings::Settings::default()
    };
    shop.configure(settings).await;
    let mut lamp = product(1, "lamp", &[1_999], &[]);
    lamp.description.title = LocalizedText::of("en", "Lamp");
    lamp.description.title.0.insert("de".to_owned(), "Lampe".to_owned());
    lamp.variants[0].prices.push(PriceView {
        price: Money {
            amount: 2_199,
            currency: "USD".parse().expect("a currency"),
        },
        compare_at: None,
    });
    shop.put(&lamp).await;
    let headers = [("accept-language", "de-AT, en;q=0.5"), ("x-currency", "usd")];
    let query = r#"{
      shop { locale currency country locales currencies }
      product(slug: "lamp") { title priceRange { min { amount currency } } }
    }"#;
    let data = shop.ask_with(query, json!({}), &headers).await.data();
    assert_eq!(data["product"]["title"], "Lampe");
    assert_eq!(
        data["product"]["priceRange"]["min"],
        json!({ "amount": "21.99", "currency": "USD" })
    );
    assert_eq!(
        (&data["shop"]["locale"], &data["shop"]["currency"]),
        (&json!("de"), &json!("USD"))
    );
}

#[tokio::test]
async fn options_and_images_speak_the_language_of_the_answer() {
    let shop = TestShop::new().await;
    let settings = Settings {
        locales: ["en", "de", "fr"].map(str::to_owned).to_vec(),
        ..Settings::default()
    };
    shop.configure(settings).await;
    let mut lamp = product(1, "lamp", &[1_999, 2_999], &[]);
    let german = |text: &str| LocalizedText::of("de", text);
    lamp.option_texts = vec![OptionTexts {
        name: "Size".to_owned(),
        texts: german("Größe"),
        values: [("S".to_owned(), german("Klein"))].into(),
    }];
    let image = |number: u128, alt: &str, alts: LocalizedText| ImageView {
        id: ImageId(Uuid::from_u128(number)),
        url: format!("/{number}.png"),
        alt: alt.to_owned(),
        alts,
        width: 0,
        height: 0,
    };
    let both = LocalizedText(
        [("en", "A lamp"), ("de", "Eine Lampe")]
            .map(|(to, text)| (to.to_owned(), text.to_owned()))
            .into(),
    );
    lamp.images = vec![image(1, "", both), image(2, "Its foot", LocalizedText::default())];
    shop.put(&lamp).await;
    let query = "query($selected: [SelectedOptionInput!]) { product(slug: \"lamp\") {
      options { name writtenName values { name writtenName } }
      images { alt }
      selectedOrFirstAvailableVariant(selectedOptions: $selected) { sku title selectedOptions { name value writtenValue } }
    } }";
    let asked = async |locale: &str, name: &str, value: &str| {
        let selected = json!({ "selected": [{ "name": name, "value": value }] });
        shop.ask_with(query, selected, &[("accept-language", locale)])
            .await
            .data()["product"]
            .clone()
    };
    let german = asked("de-AT", "Größe", "Klein").await;
    let options = json!([{ "name": "Größe", "writtenName": "Size", "values": [
        { "name": "Klein", "writtenName": "S" }, { "name": "M", "writtenName": "M" },
    ] }]);
    assert_eq!(german["options"], options);
    assert_eq!(
        german["images"],
        json!([{ "alt": "Eine Lampe" }, { "alt": "Its foot" }])
    );
    let selected = json!({ "sku": "LAMP-1", "title": "Klein", "selectedOptions": [
        { "name": "Größe", "value": "Klein", "writtenValue": "S" },
    ] });
    assert_eq!(german["selectedOrFirstAvailableVariant"], selected);
    let written = asked("de", "Size", "M").await;
    assert_eq!(
        written["selectedOrFirstAvailableVariant"]["sku"], "LAMP-2",
        "as it is written"
    );
    let french = asked("fr", "Size", "S").await;
    assert_eq!(french["options"][0]["name"], "Size", "no third language");
    assert_eq!(french["images"][0]["alt"], "A lamp", "the shop's first language");
}

#[tokio::test]
async fn what_is_not_published_is_seen_by_admins_alone() {
    let shop = TestShop::new().await;
    for (number, name, status) in [(1, "draft", ProductStatus::Draft), (2, "gone", ProductStatus::Archived)] {
        let mut view = product(number, name, &[1_000], &[]);
        view.status = status;
        shop.put(&view).await;
    }
    let query = r#"{ draft: product(slug: "draft") { title } gone: product(slug: "gone") { title } }"#;
    assert_eq!(shop.ask(query).await.data(), json!({ "draft": null, "gone": null }));
    let admin = shop.bearer(access::Role::Admin, "ada");
    let data = shop
        .ask_with(query, json!({}), &[("authorization", &admin)])
        .await
        .data();
    assert_eq!(
        data,
        json!({ "draft": { "title": "draft" }, "gone": { "title": "gone" } })
    );
}

#[tokio::test]
async fn categories_are_a_tree() {
    let shop = TestShop::new().await;
    let lights = category(10, "lights", None);
    let chairs = category(20, "chairs", None);
    let desk = category(11, "desk", Some(lights.id));
    let clamp = category(12, "clamp", Some(desk.id));
    let mut old = category(13, "old", Some(lights.id));
    old.archived = true;
    for view in [&lights, &chairs, &desk, &clamp, &old] {
        shop.put(view).await;
    }
    let query = r#"{
      categories { slug name children { slug children { slug } } }
      category(slug: "clamp") { parent { slug } ancestors { slug } version }
      old: category(id: "00000000-0000-0000-0000-00000000000d") { slug }
    }"#;
    let data = shop.ask(query).await.data();
    assert_eq!(
        data["categories"],
        json!([
            { "slug": "chairs", "name": "chairs", "children": [] },
            { "slug": "lights", "name": "lights", "children": [{ "slug": "desk", "children": [{ "slug": "clamp" }] }] },
        ])
    );
    assert_eq!(
        data["category"]["ancestors"],
        json!([{ "slug": "lights" }, { "slug": "desk" }])
    );
    assert_eq!(data["category"]["parent"], json!({ "slug": "desk" }));
    assert_eq!(data["old"], json!(null));
}

#[tokio::test]
async fn the_shop_says_what_it_offers() {
    let shop = TestShop::new().await;
    let data = shop
        .ask("{ shop { name currencies locales countries pricesIncludeTax version } }")
        .await
        .data();
    assert_eq!(data["shop"]["name"], "Tillroll");
    assert_eq!(data["shop"]["currencies"], json!(["EUR"]));
    assert_eq!(data["shop"]["countries"][0], "DE");
}
