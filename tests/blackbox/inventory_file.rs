//! What was counted at each location comes in from a file, once, and never over a count that nobody knew.

use serde_json::{Value, json};
use tests::{Shop, Shopkeeper};

const HEADER: &str = "Handle,Title,SKU,HS Code,COO,Location,Incoming (not editable),Unavailable (not editable),\
                      Committed (not editable),Available (not editable),On hand (current),On hand (new)";

/// The exit code, and all that the program says.
fn import(shop: &Shop, rows: &[&str], arguments: &[&str]) -> (i32, String) {
    let path = shop.data().join("inventory.csv");
    std::fs::write(&path, format!("{HEADER}\n{}\n", rows.join("\n"))).expect("the file can be written");
    let (token, file) = (crate::import::token(shop), path.to_str().expect("a path of text"));
    let all = [&["import", file, "--url", shop.url(), "--token", &token], arguments].concat();
    let output = shop.run(&all);
    let said = [output.stdout, output.stderr].concat();
    let code = output.status.code().expect("it ends by itself");
    (code, String::from_utf8_lossy(&said).into_owned())
}

async fn changes(shop: &Shop, location: &str) -> Vec<Value> {
    let path = format!("/v1/stock/CUP-1/ledger?location={location}");
    let ledger = shop.admin().get(&path).await.expect(200).body;
    let lines = ledger["lines"].as_array().cloned().expect("lines");
    lines.iter().map(|line| line["onHandChange"].clone()).collect()
}

#[tokio::test]
async fn counts_at_each_location_come_in_once_and_only_over_the_count_that_was_known() {
    let shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("CUP-1", "5.00", 10).await;
    let rows = [
        "cup-1,Cup,CUP-1,,,main,0,0,0,10,10,8",
        "cup-1,Cup,CUP-1,,,Attic,0,0,0,0,0,3",
    ];
    let (code, said) = import(&shop, &rows, &["--dry-run"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("CUP-1 at attic: StockAdjusted"), "{said}");
    assert_eq!(changes(&shop, "main").await, [10], "a dry run changes nothing");

    let (code, said) = import(&shop, &rows, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("2 counts came in"), "{said}");
    assert_eq!(
        (changes(&shop, "main").await, changes(&shop, "attic").await),
        (vec![json!(10), json!(-2)], vec![json!(3)])
    );
    let (code, said) = import(&shop, &rows, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("0 changed, 2 were so already"), "{said}");

    let broken = json!({ "delta": -1, "reason": "broken" });
    let _ = shop
        .admin()
        .post("/v1/stock/CUP-1/adjustments", broken)
        .await
        .expect(200);
    let late = [
        "cup-1,Cup,CUP-1,,,main,0,0,0,8,8,20",
        "cup-1,Cup,NEVER-1,,,Attic,0,0,0,0,0,3",
    ];
    let (code, said) = import(&shop, &late, &[]);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("line 2") && said.contains("stock.count_differs"),
        "{said}"
    );
    assert!(said.contains("line 3") && said.contains("stock.sku_absent"), "{said}");
    assert_eq!(changes(&shop, "main").await, [10, -2, -1], "what nobody knew stays");
}
