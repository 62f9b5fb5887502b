use search::Changes;
use serde_json::json;

use crate::limits::SEARCHES_MAX;
use crate::testkit::{TestShop, category, product, stock};

/// Three lamps in the index and in the store; `p2` is in stock.
async fn shop_with_lamps() -> TestShop {
    let shop = TestShop::new().await;
    let lights = category(100, "lights", None);
    shop.put(&lights).await;
    let lamps: Vec<_> = (1..=3)
        .map(|number| product(number, &format!("p{number}"), &[1_000], &[lights.id]))
        .collect();
    for lamp in &lamps {
        shop.put(lamp).await;
    }
    let shelf = stock("P2-1", 30, 0);
    shop.put(&shelf).await;
    shop.index(&Changes {
        products: lamps,
        categories: vec![lights],
        stock: vec![shelf],
        ..Changes::default()
    });
    shop
}

#[tokio::test]
async fn a_filtered_list_comes_from_the_index_with_its_facets_and_its_length() {
    let shop = shop_with_lamps().await;
    let query = r#"{ products(filter: { availability: [IN_STOCK] }) {
      totalCount
      nodes { slug related(first: 2) { slug } }
      facets { id values { label count selected } }
    } }"#;
    let list = shop.ask(query).await.data()["products"].clone();
    assert_eq!(list["totalCount"], 1);
    assert_eq!(
        list["nodes"],
        json!([{ "slug": "p2", "related": [{ "slug": "p1" }, { "slug": "p3" }] }])
    );
    assert_eq!(
        list["facets"][1],
        json!({ "id": "availability", "values": [
            { "label": "In stock", "count": 1, "selected": true },
            { "label": "Out of stock", "count": 2, "selected": false },
        ] })
    );
}

#[tokio::test]
async fn a_plain_list_has_the_same_facets_and_length_as_a_searched_one() {
    let shop = shop_with_lamps().await;
    let fields = "totalCount nodes { slug } facets { id values { label count } }";
    let plain = shop.ask(&format!("{{ products {{ {fields} }} }}")).await.data();
    let searched = shop
        .ask(&format!("{{ products(query: \"p\") {{ {fields} }} }}"))
        .await
        .data();
    assert_eq!(plain["products"]["facets"], searched["products"]["facets"]);
    assert_eq!(plain["products"]["totalCount"], 3);
    assert_eq!(searched["products"]["totalCount"], 3);
}

#[tokio::test]
async fn related_products_of_a_whole_page_are_one_question() {
    let shop = shop_with_lamps().await;
    let pages = (0..SEARCHES_MAX).map(|number| format!("p{number}: products {{ nodes {{ related {{ slug }} }} }}"));
    let query = format!("{{ {} }}", pages.collect::<Vec<_>>().join(" "));
    let data = shop.ask(&query).await.data();
    assert_eq!(data["p0"]["nodes"][0]["related"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_request_cannot_search_without_end() {
    let shop = shop_with_lamps().await;
    let counts = (0..=SEARCHES_MAX).map(|number| format!("c{number}: products(first: 1) {{ totalCount }}"));
    let query = format!("{{ {} }}", counts.collect::<Vec<_>>().join(" "));
    assert_eq!(shop.ask(&query).await.code(), "search.too_often");
}

#[tokio::test]
async fn an_answer_about_stock_is_kept_only_as_long_as_no_stock_moves() {
    let shop = shop_with_lamps().await;
    let query = "{ products(filter: { availability: [IN_STOCK] }) { nodes { slug } } }";
    let slugs = async || shop.ask(query).await.data()["products"]["nodes"].clone();
    assert_eq!(slugs().await, json!([{ "slug": "p2" }]));
    let shelf = stock("P1-1", 30, 0);
    let moved = domain::stream::StreamId::StockItem(shelf.sku.clone(), domain::stream::Location::default());
    shop.index(&Changes {
        stock: vec![shelf],
        ..Changes::default()
    });
    shop.advance(search::PROJECTION, moved.shard(crate::testkit::PARTITIONS), 1)
        .await;
    assert_eq!(slugs().await, json!([{ "slug": "p2" }, { "slug": "p1" }]));
}
