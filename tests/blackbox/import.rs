//! Bringing products in: through the HTTP endpoints, once, with a name for every refused line.

use serde_json::{Value, json};
use tests::Shop;

const FILE: &str = "\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Image Src,Image Alt Text,Status\r
mug,Mug,\"<p onclick=\"\"steal()\"\">Blue<script>steal()</script></p>\",Kiln,Tableware,\"blue, mug\",true,Colour,Blue,MUG-1,shopify,7,12.50,https://example.org/mug.jpg,A mug,active\r
mug,,,,,,,,Red,MUG-1,shopify,3,13.00,,,\r
broken,Broken,,,Tableware,,true,Title,Default Title,BROKEN-1,shopify,1,twelve,,,active\r
bowl,Bowl,<p>Deep</p>,Kiln,Tableware,,true,Title,Default Title,,shopify,2,9.00,,,active\r
";

pub(crate) fn import(shop: &Shop, arguments: &[&str]) -> (i32, String) {
    import_text(shop, FILE, arguments)
}

/// An admin's token, from the command line.
pub(crate) fn token(shop: &Shop) -> String {
    let said = String::from_utf8(shop.run(&["token", "--role", "admin"]).stdout).expect("a token is text");
    said.lines().last().expect("the token is the last line").to_owned()
}

/// The exit code, and all that the program says.
pub(crate) fn import_text(shop: &Shop, text: &str, arguments: &[&str]) -> (i32, String) {
    let path = shop.data().join("products.csv");
    std::fs::write(&path, text).expect("the file can be written");
    let (token, file) = (token(shop), path.to_str().expect("a path of text"));
    let all = [&["import", file, "--url", shop.url(), "--token", &token], arguments].concat();
    let output = shop.run(&all);
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().expect("it ends by itself"),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

pub(crate) fn commits(shop: &Shop) -> u64 {
    let stats = String::from_utf8(shop.run(&["log", "stats"]).stdout).expect("counts are text");
    stats
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok())
        .sum()
}

/// The products of the category, once both are shown with what is on their shelves.
async fn until_shown(shop: &Shop, query: &str) -> Vec<Value> {
    shop.until_seen("both are shown", async || {
        let answer = shop.client().graphql(query, json!({})).await.expect(200);
        let products = answer.body["data"]["category"]["products"]["nodes"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let is_stocked = |product: &Value| product["variants"][0]["quantityAvailable"] != 0;
        if products.len() == 2 && products.iter().all(is_stocked) {
            return Ok(products);
        }
        Err(answer.body)
    })
    .await
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
async fn an_import_changes_the_words_of_an_image_and_a_file_without_them_does_not() {
    let shop = Shop::start();
    import(&shop, &[]);
    let worded = FILE.replace("A mug", "A blue mug");
    let (_, said) = import_text(&shop, &worded, &["--dry-run"]);
    assert!(said.contains("line 2: mug: ImageDescribed\n"), "{said}");
    import_text(&shop, &worded, &[]);
    let without = "Handle,Image Src\nmug,https://example.org/mug.jpg\n";
    let before = commits(&shop);
    let (code, said) = import_text(&shop, without, &[]);
    assert_eq!((code, commits(&shop)), (0, before), "{said}");
    let query = "{ product(slug: \"mug\") { images { alt } } }";
    shop.until_seen("the new words are shown", async || {
        let answer = shop.client().graphql(query, json!({})).await.expect(200);
        let alt = answer.body["data"]["product"]["images"][0]["alt"].clone();
        if alt == "A blue mug" { Ok(()) } else { Err(alt) }
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let shop = Shop::start();
    let before = commits(&shop);
    let (code, said) = import(&shop, &["--dry-run"]);
    assert_eq!((code, commits(&shop)), (1, before), "{said}");
}

#[tokio::test]
async fn a_dry_run_tells_what_would_change() {
    let shop = Shop::start();
    let (_, said) = import(&shop, &["--dry-run"]);
    assert!(
        said.contains("mug: ProductDrafted") && said.contains("2 would change, 0 are so already"),
        "{said}"
    );
    import(&shop, &[]);
    let cheaper = FILE.replace("12.50", "11.50");
    let (code, said) = import_text(&shop, &cheaper, &["--dry-run"]);
    assert_eq!(code, 1);
    assert!(said.contains("line 2: mug: VariantPriced\n"), "{said}");
    assert!(said.contains("1 would change, 1 are so already"), "{said}");
}

#[tokio::test]
async fn a_file_with_some_of_the_columns_changes_only_these() {
    let shop = Shop::start();
    import(&shop, &[]);
    let (code, said) = import_text(&shop, "Handle,Variant SKU,Variant Price\nmug,MUG-1,\"1,012.50\"\n", &[]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = import_text(&shop, "Handle,Vendor\nmug,Potter\nunknown,Potter\n", &[]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("line 3") && said.contains("product.value_invalid"),
        "{said}"
    );
    let query = "{ product(slug: \"mug\") { title vendor tags descriptionHtml status \
                 variants { sku price { amount } selectedOptions { value } } } }";
    let mug = shop.until_seen("its new price is shown", async || {
        let answer = shop.client().graphql(query, json!({})).await.expect(200);
        let mug = &answer.body["data"]["product"];
        if mug["vendor"] == "Potter" && mug["variants"][0]["price"]["amount"] == "1012.50" {
            return Ok(mug.clone());
        }
        Err(answer.body)
    });
    let mug = mug.await;
    assert_eq!((&mug["title"], &mug["status"]), (&json!("Mug"), &json!("PUBLISHED")));
    assert_eq!(
        (&mug["tags"], &mug["descriptionHtml"]),
        (&json!(["blue", "mug"]), &json!("<p>Blue</p>"))
    );
    assert_eq!(mug["variants"][0]["selectedOptions"][0]["value"], "Blue");
}

#[tokio::test]
async fn exports_of_other_programs_and_odd_files_come_in_as_far_as_they_make_sense() {
    let shop = Shop::start();
    // Name, file, exit code, products, what is said.
    let cases: [(&str, &str, i32, usize, &[&str]); 9] = [
        (
            "semicolons and decimal commas",
            "Handle;Title;Variant Price\nsemi;Semi;\"1.299,50\"\n",
            0,
            1,
            &[],
        ),
        (
            "tabs, a mark and CRLF",
            "\u{feff}Handle\tTitle\tVariant Price\r\ntabs\tTabs\t5\r\n",
            0,
            1,
            &[],
        ),
        (
            "padded rows",
            "Handle,Title,Variant Price\npadded,Padded,5,,,\n",
            0,
            1,
            &[],
        ),
        (
            "a ragged row",
            "Handle,Title,Variant Price\nrag\nfine,Fine,0\n",
            1,
            1,
            &["line 2", "row.ragged"],
        ),
        (
            "no price",
            "Handle,Title,Variant Price\nnone,None,\nsome,Some,1\n",
            1,
            1,
            &["line 2, column \"Variant Price\"", "price.missing"],
        ),
        (
            "no columns of any format",
            "Colour,Shape\nred,round\n",
            2,
            0,
            &["names no column of a product file"],
        ),
        (
            "no name",
            "ID,Type,SKU,Regular price\n1,simple,X,1\n",
            2,
            0,
            &["missing the following columns: Name"],
        ),
        (
            "WooCommerce",
            "ID,Type,SKU,Name,Published,In stock?,Stock,Regular price,Categories,Parent,Attribute 1 name,\
             Attribute 1 value(s)\n1,variable,W,Woo,1,1,,,\"Clothing > Caps\",,Size,\"S, M\"\n\
             2,variation,W-S,Woo,1,1,3,9,,id:1,Size,S\n3,variation,W-M,Woo,1,1,4,10,,W,Size,M\n",
            0,
            1,
            &["1 product with 2 variants"],
        ),
        (
            "a gift card and negative stock",
            "Handle,Title,Variant SKU,Variant Price,Variant Inventory Tracker,Variant Inventory Qty,Gift Card\n\
             gift,Gift,G,10,,,TRUE\nless,Less,L,0,shopify,-4,FALSE\n",
            0,
            2,
            &["product.gift_card", "quantity.left_out"],
        ),
    ];
    for (name, file, code, products, says) in cases {
        let (ended, said) = import_text(&shop, file, &[]);
        assert_eq!(ended, code, "{name}: {said}");
        let came_in = said
            .split(" product")
            .next()
            .and_then(|count| count.parse::<usize>().ok());
        assert_eq!(came_in.unwrap_or(0), products, "{name}: {said}");
        for part in says {
            assert!(said.contains(part), "{name} says {part:?}: {said}");
        }
        let before = commits(&shop);
        import_text(&shop, file, &[]);
        assert_eq!(commits(&shop), before, "{name}, a second time");
    }
}
