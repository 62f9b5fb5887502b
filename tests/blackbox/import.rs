//! Bringing products in: through the HTTP endpoints, once, with a name for every refused line.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Shop, deadline};

const FILE: &str = "\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Image Src,Image Alt Text,Status\r
mug,Mug,\"<p onclick=\"\"steal()\"\">Blue<script>steal()</script></p>\",Kiln,Tableware,\"blue, mug\",true,Colour,Blue,MUG-1,shopify,7,12.50,https://example.org/mug.jpg,A mug,active\r
mug,,,,,,,,Red,MUG-1,shopify,3,13.00,,,\r
broken,Broken,,,Tableware,,true,Title,Default Title,BROKEN-1,shopify,1,twelve,,,active\r
bowl,Bowl,<p>Deep</p>,Kiln,Tableware,,true,Title,Default Title,,shopify,2,9.00,,,active\r
";

fn import(shop: &Shop, arguments: &[&str]) -> (i32, String) {
    let path = shop.data().join("products.csv");
    std::fs::write(&path, FILE).expect("the file can be written");
    let token = String::from_utf8(shop.run(&["token", "--role", "admin"]).stdout).expect("a token is text");
    let token = token.lines().last().expect("the token is the last line");
    let file = path.to_str().expect("a path of text");
    let all = [&["import", file, "--url", shop.url(), "--token", token], arguments].concat();
    let output = shop.run(&all);
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().expect("it ends by itself"),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

fn commits(shop: &Shop) -> u64 {
    let stats = String::from_utf8(shop.run(&["log", "stats"]).stdout).expect("counts are text");
    stats
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok())
        .sum()
}

/// The products of the category, once both are shown with what is on their shelves.
async fn until_shown(shop: &Shop, query: &str) -> Vec<Value> {
    let start = Instant::now();
    loop {
        let answer = shop.client().graphql(query, json!({})).await.expect(200);
        let products = answer.body["data"]["category"]["products"]["nodes"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let is_stocked = |product: &Value| product["variants"][0]["quantityAvailable"] != 0;
        if products.len() == 2 && products.iter().all(is_stocked) {
            return products;
        }
        assert!(start.elapsed() < deadline(), "{}", answer.body);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_import_brings_in_what_is_good_names_the_rest_and_is_done_once() {
    let shop = Shop::start();
    let (code, said) = import(&shop, &[]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("4") && said.contains("twelve"),
        "the refused line is named: {said}"
    );

    let query = "{ category(slug: \"tableware\") { products(first: 10, sort: TITLE_ASC) { nodes { slug descriptionHtml \
                 variants { sku quantityAvailable price { amount } } images { url alt } } } } }";
    let products = until_shown(&shop, query).await;
    assert_eq!(products.len(), 2, "{products:?}");
    let (bowl, mug) = (&products[0], &products[1]);
    assert_eq!(mug["descriptionHtml"], "<p>Blue</p>");
    assert_eq!(
        mug["images"],
        json!([{ "url": "https://example.org/mug.jpg", "alt": "A mug" }])
    );
    assert_eq!(
        mug["variants"][0],
        json!({ "sku": "MUG-1", "quantityAvailable": 7, "price": { "amount": "12.50" } })
    );
    assert_ne!(mug["variants"][1]["sku"], "MUG-1", "a repeated SKU is made unique");
    assert_eq!(bowl["variants"][0]["quantityAvailable"], 2);

    let before = commits(&shop);
    let (again, said) = import(&shop, &[]);
    assert_eq!((again, commits(&shop)), (1, before), "{said}");
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let shop = Shop::start();
    let before = commits(&shop);
    let (code, said) = import(&shop, &["--dry-run"]);
    assert_eq!((code, commits(&shop)), (1, before), "{said}");
}
