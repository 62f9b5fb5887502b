use serde_json::{Value, json};

use crate::testkit::{TestShop, category, product};

/// Twenty-five products: `p01` is the oldest and the dearest.
async fn shop_with_a_list() -> TestShop {
    let shop = TestShop::new().await;
    let lights = category(100, "lights", None);
    let desk = category(101, "desk", Some(lights.id));
    shop.put(&lights).await;
    shop.put(&desk).await;
    for number in 1..=25 {
        let categories = match number % 5 {
            0 => vec![lights.id],
            1 => vec![desk.id],
            2 => vec![lights.id, desk.id],
            _ => Vec::new(),
        };
        let price = 10_000 - i64::try_from(number).unwrap_or(0) * 100;
        shop.put(&product(number, &format!("p{number:02}"), &[price], &categories))
            .await;
    }
    shop
}

fn slugs(connection: &Value) -> Vec<String> {
    let nodes = connection["nodes"].as_array().expect("there are nodes");
    nodes
        .iter()
        .map(|node| node["slug"].as_str().expect("a slug").to_owned())
        .collect()
}

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $sort: ProductSort) {
  products(first: $first, after: $after, last: $last, before: $before, sort: $sort) {
    nodes { slug }
    edges { cursor node { slug } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}";

async fn page(shop: &TestShop, variables: Value) -> Value {
    shop.ask_with(PAGE, variables, &[]).await.data()["products"].clone()
}

#[tokio::test]
async fn a_list_is_walked_forward_to_its_end_and_back_in_every_order() {
    let shop = shop_with_a_list().await;
    for (sort, first) in [
        ("NEWEST", "p25"),
        ("PRICE_ASC", "p25"),
        ("PRICE_DESC", "p01"),
        ("TITLE_ASC", "p01"),
        ("TITLE_DESC", "p25"),
    ] {
        let mut walked = Vec::new();
        let mut after = Value::Null;
        loop {
            let page = page(&shop, json!({ "first": 10, "after": after, "sort": sort })).await;
            assert_eq!(page["pageInfo"]["hasPreviousPage"], !walked.is_empty(), "{sort}");
            walked.extend(slugs(&page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!((walked.len(), walked[0].as_str()), (25, first), "{sort}");

        let mut walked_back: Vec<String> = Vec::new();
        let mut before = Value::Null;
        loop {
            let page = page(&shop, json!({ "last": 7, "before": before, "sort": sort })).await;
            assert_eq!(page["pageInfo"]["hasNextPage"], !walked_back.is_empty(), "{sort}");
            walked_back.splice(0..0, slugs(&page));
            before = page["pageInfo"]["startCursor"].clone();
            if page["pageInfo"]["hasPreviousPage"] == false {
                break;
            }
        }
        assert_eq!(walked_back, walked, "{sort}");
    }
}

#[tokio::test]
async fn a_page_without_a_size_has_twenty_rows_and_every_row_a_cursor() {
    let shop = shop_with_a_list().await;
    let whole = page(&shop, json!({})).await;
    assert_eq!(slugs(&whole).len(), 20);
    let cursor = &whole["edges"][4]["cursor"];
    let rest = page(&shop, json!({ "after": cursor, "first": 2 })).await;
    assert_eq!(slugs(&rest), slugs(&whole)[5..7]);
    let between = json!({ "after": cursor, "before": whole["edges"][7]["cursor"] });
    assert_eq!(slugs(&page(&shop, between).await), slugs(&whole)[5..7]);
    assert_eq!(whole["edges"][4]["node"]["slug"], slugs(&whole)[4]);
}

#[tokio::test]
async fn the_cursor_of_another_list_is_refused() {
    let shop = shop_with_a_list().await;
    let newest = page(&shop, json!({ "first": 1 })).await;
    let cursor = &newest["pageInfo"]["endCursor"];
    for sort in ["PRICE_ASC", "PRICE_DESC", "TITLE_ASC"] {
        let answer = shop.ask_with(PAGE, json!({ "after": cursor, "sort": sort }), &[]).await;
        assert_eq!(answer.code(), "cursor.invalid", "{sort}");
    }
    let of_category =
        "query($after: String) { category(slug: \"lights\") { products(after: $after) { nodes { slug } } } }";
    assert_eq!(
        shop.ask_with(of_category, json!({ "after": cursor }), &[]).await.code(),
        "cursor.invalid"
    );
}

#[tokio::test]
async fn an_empty_list_has_no_cursors() {
    let shop = TestShop::new().await;
    let empty = page(&shop, json!({})).await;
    assert_eq!(
        empty["pageInfo"],
        json!({ "hasNextPage": false, "hasPreviousPage": false, "startCursor": null, "endCursor": null })
    );
}

#[tokio::test]
async fn a_category_lists_what_is_in_it_and_below_it_each_product_once() {
    let shop = shop_with_a_list().await;
    let query = r#"query($first: Int, $after: String, $desk: ID) {
      category(slug: "lights") {
        products(first: $first, after: $after, sort: TITLE_ASC) { nodes { slug } pageInfo { hasNextPage endCursor } }
      }
      desk: products(category: $desk, sort: TITLE_ASC) { nodes { slug } }
    }"#;
    let desk = "00000000-0000-0000-0000-000000000065";
    let whole = shop
        .ask_with(query, json!({ "first": 100, "desk": desk }), &[])
        .await
        .data();
    let in_lights = slugs(&whole["category"]["products"]);
    assert_eq!(in_lights.len(), 15);
    assert_eq!(in_lights[..4], ["p01", "p02", "p05", "p06"]);
    assert_eq!(slugs(&whole["desk"])[..3], ["p01", "p02", "p06"]);

    let first = shop
        .ask_with(query, json!({ "first": 4, "desk": desk }), &[])
        .await
        .data();
    let cursor = first["category"]["products"]["pageInfo"]["endCursor"].clone();
    let rest = shop
        .ask_with(query, json!({ "first": 100, "after": cursor, "desk": desk }), &[])
        .await
        .data();
    assert_eq!(slugs(&rest["category"]["products"]), in_lights[4..]);
}

#[tokio::test]
async fn a_product_that_was_unpublished_between_two_reads_is_left_out() {
    let shop = shop_with_a_list().await;
    let mut gone = product(25, "p25", &[7_500], &[]);
    gone.status = read_store::model::product::ProductStatus::Draft;
    // Its view is newer, and its place in the list is still there.
    shop.write(9, crate::testkit::Rows::rows(&gone)).await;
    let first = page(&shop, json!({ "first": 3 })).await;
    assert_eq!(slugs(&first), ["p24", "p23"]);
}
