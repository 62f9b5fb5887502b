//! Read your writes.

use std::time::{Duration, Instant};

use domain::stream::{Shard, StreamId, Topic};
use read_store::model;
use serde_json::json;

use crate::testkit::{PARTITIONS, Rows, TestShop, cart_of, product};

const CATALOG: Shard = Shard {
    topic: Topic::Catalog,
    partition: 0,
};

#[tokio::test]
async fn a_write_is_read_with_its_token_as_soon_as_it_is_there() {
    let shop = TestShop::with_patience(Duration::from_secs(2)).await;
    let lamp = product(1, "lamp", &[1_000], &[]);
    let question = shop.ask_with(
        "{ product(slug: \"lamp\") { slug } }",
        json!({}),
        &[("consistency-token", "catalog.0:7")],
    );
    let arrival = async {
        shop.write(7, lamp.rows()).await;
        shop.advance(model::product::PROJECTION, CATALOG, 7).await;
    };
    let (answer, ()) = tokio::join!(question, arrival);
    let consistency = answer.body["extensions"]["consistency"].clone();
    assert_eq!(answer.data()["product"]["slug"], "lamp");
    assert_eq!(
        (&consistency["stale"], &consistency["token"]),
        (&json!(false), &json!("catalog.0:7"))
    );
}

#[tokio::test]
async fn what_does_not_come_in_time_makes_the_answer_stale_and_says_so() {
    let patience = Duration::from_millis(30);
    let shop = TestShop::with_patience(patience).await;
    let lamp = product(1, "lamp", &[1_000], &[]);
    shop.put(&lamp).await;
    let cart = cart_of(0x77, &[(&lamp, "LAMP-1", 1, 1_000)]);
    shop.put(&cart).await;
    let secret = shop.cart_secret(cart.id);
    let sales = StreamId::Cart(cart.id).shard(PARTITIONS);
    let token = format!("catalog.0:99,{sales}:99");
    let query = format!(
        "{{ products {{ nodes {{ slug }} }} product(slug: \"lamp\") {{ slug }} cart(id: \"{}\") {{ lines {{ sku merchandise {{ sku }} }} }} }}",
        cart.id
    );
    let began = Instant::now();
    let headers = [("consistency-token", token.as_str()), ("cart-secret", secret.as_str())];
    let answer = shop.ask_with(&query, json!({}), &headers).await;
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "there is one deadline for all resolvers"
    );
    let consistency = answer.body["extensions"]["consistency"].clone();
    assert_eq!(
        (&consistency["stale"], &consistency["token"]),
        (&json!(true), &json!(token))
    );
    assert!(consistency["waitedMs"].as_u64().expect("a number") >= 30);
    assert_eq!(answer.data()["cart"]["lines"][0]["sku"], "LAMP-1");
}

#[tokio::test]
async fn a_query_waits_only_for_what_it_reads() {
    let shop = TestShop::with_patience(Duration::from_secs(2)).await;
    let cart = cart_of(0x77, &[]);
    shop.put(&cart).await;
    let own = StreamId::Cart(cart.id).shard(PARTITIONS);
    let other = (0..PARTITIONS)
        .find(|partition| *partition != own.partition)
        .expect("there are several");
    let token = format!("catalog.0:99,shop.0:0,sales.{other}:99,inventory.0:99");
    let secret = shop.cart_secret(cart.id);
    let headers = [("consistency-token", token.as_str()), ("cart-secret", secret.as_str())];
    let query = format!("{{ cart(id: \"{}\") {{ version }} shop {{ name }} }}", cart.id);
    let answer = shop.ask_with(&query, json!({}), &headers).await;
    let consistency = &answer.body["extensions"]["consistency"];
    assert_eq!(
        (&consistency["waitedMs"], &consistency["stale"]),
        (&json!(0), &json!(false))
    );
}

#[tokio::test]
async fn the_token_of_an_answer_asks_for_all_that_the_answer_shows() {
    let shop = TestShop::new().await;
    shop.put(&product(1, "lamp", &[1_000], &[])).await;
    shop.advance(model::product::PROJECTION, CATALOG, 12).await;
    let answer = shop
        .ask_with(
            "{ products { nodes { slug } } }",
            json!({}),
            &[("consistency-token", "sales.1:5")],
        )
        .await;
    assert_eq!(
        answer.body["extensions"]["consistency"]["token"],
        "catalog.0:12,sales.1:5"
    );
}

#[tokio::test]
async fn settings_are_read_again_when_they_change_and_waited_for() {
    let shop = TestShop::with_patience(Duration::from_secs(2)).await;
    let query = "{ shop { name } }";
    assert_eq!(shop.ask(query).await.data()["shop"]["name"], "Tillroll");
    let settings = domain::shop::settings::Settings {
        name: "Lamps".to_owned(),
        ..domain::shop::settings::Settings::default()
    };
    let question = shop.ask_with(query, json!({}), &[("consistency-token", "shop.0:1")]);
    let (answer, ()) = tokio::join!(question, shop.configure(settings));
    assert_eq!(answer.data()["shop"]["name"], "Lamps");
    assert_eq!(shop.ask(query).await.data()["shop"]["name"], "Lamps");
}

#[tokio::test]
async fn an_answer_that_was_given_before_is_never_older_than_what_is_known() {
    let shop = TestShop::with_patience(Duration::from_secs(2)).await;
    let list = "{ products { nodes { title } } }";
    let titled = |title: &str| {
        let mut lamp = product(1, "lamp", &[1_000], &[]);
        lamp.description.title = domain::value::LocalizedText::of("en", title);
        lamp
    };
    for (version, title) in [(1, "one"), (2, "two"), (3, "three")] {
        shop.write(version, titled(title).rows()).await;
        shop.advance(model::product::PROJECTION, CATALOG, version).await;
        for _ in 0..2 {
            let answer = shop.ask(list).await;
            let token = answer.body["extensions"]["consistency"]["token"].clone();
            assert_eq!(token, format!("catalog.0:{version}"));
            assert_eq!(answer.data()["products"]["nodes"], json!([{ "title": title }]));
        }
    }
    let question = shop.ask_with(list, json!({}), &[("consistency-token", "catalog.0:4")]);
    let arrival = async {
        shop.write(4, titled("four").rows()).await;
        shop.advance(model::product::PROJECTION, CATALOG, 4).await;
    };
    let (answer, ()) = tokio::join!(question, arrival);
    assert_eq!(answer.data()["products"]["nodes"], json!([{ "title": "four" }]));
}

#[tokio::test]
async fn an_answer_is_given_again_only_to_the_same_question_for_the_same_audience() {
    let shop = TestShop::new().await;
    let settings = domain::shop::settings::Settings {
        locales: vec!["en".to_owned(), "de".to_owned()],
        ..domain::shop::settings::Settings::default()
    };
    shop.configure(settings).await;
    let mut lamp = product(1, "lamp", &[1_000], &[]);
    lamp.description.title.0.insert("de".to_owned(), "Lampe".to_owned());
    lamp.status = read_store::model::product::ProductStatus::Draft;
    shop.put(&lamp).await;
    shop.put(&product(2, "chair", &[1_000], &[])).await;
    let query = "query A($slug: String!) { product(slug: $slug) { title } } query B { shop { locale } }";
    let ask = |slug: &'static str, headers: Vec<(&'static str, String)>| {
        let shop = &shop;
        async move {
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let request = json!({ "query": query, "variables": { "slug": slug }, "operationName": "A" });
            shop.post(&request, &headers).await.data()["product"].clone()
        }
    };
    let admin = || vec![("authorization", shop.bearer(access::Role::Admin, "ada"))];
    assert_eq!(ask("lamp", vec![]).await, json!(null));
    assert_eq!(ask("lamp", admin()).await, json!({ "title": "lamp" }));
    assert_eq!(ask("lamp", vec![]).await, json!(null));
    assert_eq!(ask("chair", vec![]).await, json!({ "title": "chair" }));
    let german = [admin(), vec![("accept-language", "de".to_owned())]].concat();
    assert_eq!(ask("lamp", german).await, json!({ "title": "Lampe" }));
    for locale in ["de", "en", "de"] {
        let request = json!({ "query": query, "operationName": "B" });
        let answer = shop.post(&request, &[("accept-language", locale)]).await;
        assert_eq!(answer.data()["shop"]["locale"], locale);
    }
}
