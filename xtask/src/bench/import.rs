//! How long it takes to bring 5,000 products in from a file, beside as many requests that a bare server answers.

use std::fmt::Write as _;
use std::time::Instant;

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use super::measure::Failure;
use super::report::{heading, table};
use super::shop::Server;

/// Products in the file.
const PRODUCTS: usize = 5_000;
/// Variants of each.
const VARIANTS: usize = 2;
/// How long it should take at most.
const GOAL_SECONDS: f64 = 60.0;

pub(super) async fn measure() -> Result<(), Failure> {
    let directory = TempDir::new()?;
    let file = directory.path().join("products.csv");
    std::fs::write(&file, sheet())?;
    let shop = Server::shop_with(TempDir::new()?).await?;
    let begun = Instant::now();
    let output = shop.command(&["import", &file.display().to_string()]).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        return Err(format!("the import has failed: {said}").into());
    }
    let counted = "{ products(first: 1) { totalCount } }";
    let body = serde_json::json!({ "query": counted });
    let counted: Value = shop.ask(Method::POST, "/graphql", &[], &body).await?;
    let again = Instant::now();
    let repeated = shop.command(&["import", &file.display().to_string()]).await?;
    let again_seconds = again.elapsed().as_secs_f64();
    if !repeated.status.success() {
        return Err("the import cannot be repeated".into());
    }
    heading(
        "Importing 5,000 products",
        &format!(
            "`tillroll import` of a file in Shopify's format with {PRODUCTS} products of {VARIANTS} variants, price and \
             stock, into an empty shop; and the same file once more, which changes nothing."
        ),
    )?;
    table(&[
        ["took", "a second", "shown afterwards", "once more"]
            .map(str::to_owned)
            .to_vec(),
        vec![
            format!(
                "{seconds:.1} s (goal ≤ {GOAL_SECONDS:.0} s: {})",
                if seconds <= GOAL_SECONDS { "met" } else { "**missed**" }
            ),
            format!("{:.0} products", PRODUCTS as f64 / seconds),
            counted["data"]["products"]["totalCount"].to_string(),
            format!("{again_seconds:.1} s"),
        ],
    ])
}

/// The file, as Shopify exports it.
fn sheet() -> String {
    let mut sheet = "Handle,Title,Body (HTML),Vendor,Tags,Published,Option1 Name,Option1 Value,Variant SKU,\
                     Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Image Src\n"
        .to_owned();
    for product in 0..PRODUCTS {
        for variant in 0..VARIANTS {
            let facts = match variant {
                0 => format!(
                    "Product {product},<p>One of many.</p>,Vendor {},\"many, tag{}\",true,Size",
                    product % 50,
                    product % 20
                ),
                _ => ",,,,,".to_owned(),
            };
            let image = if variant == 0 {
                "https://example.org/picture.jpg"
            } else {
                ""
            };
            let _ = writeln!(
                sheet,
                "product-{product},{facts},S{variant},P{product}-{variant},shopify,{},{}.50,{image}",
                product % 90,
                product % 200 + 1
            );
        }
    }
    sheet
}
