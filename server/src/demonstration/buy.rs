//! `tillroll demo buy`: a guest buys something, request by request.

use std::io::Write;
use std::process::ExitCode;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::{Call, Caller, Said};
use crate::run::Failure;

/// Products that are looked at to find one that can be bought.
const SHELF: &str = "{ products(first: 50, sort: PRICE_ASC) { nodes { title availability variants { sku } } } }";
/// Pieces that the guest buys.
const PIECES: u32 = 2;

/// Buys two pieces of `sku`, or of what is in stock, in the shop at `url`, and prints every request and the essentials
/// of its answer.
///
/// # Errors
/// The shop does not answer, or refuses.
pub(crate) async fn run(url: &str, sku: Option<String>) -> Result<ExitCode, Failure> {
    let guest = Caller::new(url)?;
    let sku = match sku {
        Some(sku) => sku,
        None => in_stock(&guest).await?,
    };
    let open = Call::new(Method::POST, "/v1/carts", json!({})).with("idempotency-key", Uuid::new_v4());
    let opened = show(&guest, "Open a cart. A guest's is theirs by its secret.", &open).await?;
    let (cart, secret) = (opened.text("/id").to_owned(), opened.text("/cartSecret").to_owned());
    say(&format!("cart {cart}"))?;

    let guest = guest.with("cart-secret", secret);
    let at = |part: &str| format!("/v1/carts/{cart}/{part}");
    let line = Call::new(Method::POST, at("lines"), json!({ "sku": sku, "quantity": PIECES }));
    let line = line.with("idempotency-key", Uuid::new_v4());
    let filled = show(&guest, "Put two pieces in.", &line).await?;
    say(&format!(
        "{} × {}, {}",
        PIECES,
        filled.text("/lines/0/title"),
        total(&filled)
    ))?;

    let contact = Call::new(Method::PUT, at("contact"), json!({ "email": "ada@example.org" }));
    show(
        &guest,
        "Say whom to write to. Personal fields are sealed before they are logged.",
        &contact,
    )
    .await?;
    let address = json!({ "shippingAddress": {
        "name": "Ada Lovelace", "line1": "Petristr. 1", "postalCode": "20095", "city": "Hamburg", "country": "DE"
    } });
    let address = Call::new(Method::PUT, at("addresses"), address);
    show(&guest, "Say where it goes.", &address).await?;
    let shipping = Call::new(Method::PUT, at("shipping"), json!({ "shippingMethod": "standard" }));
    let ready = show(&guest, "Choose how it goes.", &shipping).await?;
    say(&format!("{} with shipping", total(&ready)))?;

    let checkout = Call::new(Method::POST, at("checkout"), json!({ "payment": "invoice" }));
    let checkout = checkout.with("idempotency-key", Uuid::new_v4());
    let ordered = show(
        &guest,
        "Check out: prices are fixed, stock is held, the order is placed.",
        &checkout,
    )
    .await?;
    let number = ordered.text("/number").to_owned();
    say(&format!("order {number}, {}", total(&ordered)))?;

    let query = format!("{{ order(id: \"{cart}\") {{ number status cost {{ total {{ amount currency }} }} }} }}");
    let read = Call::ask(&query).with("consistency-token", ordered.token.clone());
    let read = show(
        &guest,
        "Read it back. The token makes the query wait for what the command wrote.",
        &read,
    )
    .await?;
    say(&format!(
        "order {} is {}",
        read.text("/data/order/number"),
        read.text("/data/order/status")
    ))?;

    let again = show(
        &guest,
        "Check out again, under the same key: nothing happens twice.",
        &checkout,
    )
    .await?;
    say(&format!(
        "the same order {}{}",
        again.text("/number"),
        if again.is_replayed {
            ", told again (Idempotent-Replayed: true)"
        } else {
            ""
        }
    ))?;
    let is_once = again.is_replayed && again.text("/number") == number && read.text("/data/order/number") == number;
    Ok(if is_once { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A SKU that can be bought now.
async fn in_stock(guest: &Caller) -> Result<String, Failure> {
    let said = show(guest, "What is there, cheapest first?", &Call::ask(SHELF)).await?;
    let products = said.body.pointer("/data/products/nodes").and_then(Value::as_array);
    let mut products = products.into_iter().flatten();
    let found = products
        .find(|product| product["availability"] == "IN_STOCK")
        .ok_or("nothing is in stock; the demo shop has something, any other may be told with --sku")?;
    say(found["title"].as_str().unwrap_or_default())?;
    let sku = found.pointer("/variants/0/sku").and_then(Value::as_str);
    Ok(sku.ok_or("the product has no variant")?.to_owned())
}

/// Prints a request and sends it, again when the shop cannot say yet what came of it.
async fn show(caller: &Caller, why: &str, call: &Call) -> Result<Said, Failure> {
    write!(std::io::stdout(), "\n# {why}\n{}", caller.curl(call))?;
    let mut said = caller.send(call).await?;
    if !said.is_clear() {
        said = caller.until_clear(call).await?;
    }
    said.done()?;
    Ok(said)
}

fn say(text: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "→ {text}")?)
}

fn total(said: &Said) -> String {
    format!(
        "{} {}",
        said.text("/cost/total/amount"),
        said.text("/cost/total/currency")
    )
}
