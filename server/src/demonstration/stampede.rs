//! `tillroll demo stampede`: many buyers, few pieces, and the server killed in the middle of it.
//!
//! The shop is a process of its own. Every request carries a key, and whoever gets no answer asks again under the same
//! key. At the end the books are compared: the orders that exist, what was promised to whom, what left the shelf.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use access::{Holder, Role};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::call::{CLEAR_WITHIN, Call, Caller, Said};
use super::process::OwnShop;
use crate::run::Failure;
use crate::secrets;
use crate::start::now;

/// What they all want.
const SKU: &str = "LAST-PIECES";
/// How long the token of the shop's keeper is valid.
const TOKEN_SECONDS: u32 = 600;

/// How it went.
struct Books {
    sold: usize,
    refused: usize,
    /// Orders, pieces or answers that exist more often than they were asked for.
    doubled: usize,
    /// Pieces sold that were never there.
    oversold: usize,
}

/// A guest with a cart, the piece in it, and the key of their checkout.
struct Buyer {
    guest: Caller,
    cart: String,
    checkout: Call,
}

/// Lets `buyers` guests buy one of `pieces` pieces each, kills the server midway, and prints the books.
///
/// # Errors
/// The shop does not start, or does not answer clearly in time.
pub(crate) async fn run(buyers: usize, pieces: usize) -> Result<ExitCode, Failure> {
    let mut shop = OwnShop::start().await?;
    say(&format!(
        "A shop of its own runs at {}. {pieces} pieces, {buyers} buyers.",
        shop.url()
    ))?;
    let keeper = keeper(&shop)?;
    stock(&keeper, pieces).await?;
    let (told, sold) = watch::channel(0);
    let told = Arc::new(told);
    let guest = Caller::new(&shop.url())?;
    let crowd = (0..buyers).map(|_| buy(guest.clone(), Arc::clone(&told)));
    let disaster = async {
        let killed_at = kill_midway(&mut shop, sold, pieces.min(buyers)).await?;
        say(&format!(
            "kill -9 after {killed_at} orders were told; the shop starts again, everybody asks again."
        ))?;
        shop.restart().await
    };
    let (answered, ()) = futures::try_join!(futures::future::try_join_all(crowd), disaster)?;
    say("All have an answer. Now every one of them asks once more, under the same key.")?;
    let books = compare(&keeper, answered, pieces).await?;
    say(&format!(
        "\n  sold      {}\n  refused   {}\n  doubled   {}",
        books.sold, books.refused, books.doubled
    ))?;
    let is_sound = books.doubled == 0 && books.oversold == 0 && books.sold == pieces.min(buyers);
    say(if is_sound {
        "\nThe books are right."
    } else {
        "\nThe books are WRONG."
    })?;
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Kills the server once half of the pieces are sold, as far as buyers were told.
async fn kill_midway(shop: &mut OwnShop, mut sold: watch::Receiver<usize>, pieces: usize) -> Result<usize, Failure> {
    let half = pieces.div_ceil(2);
    let reached = tokio::time::timeout(CLEAR_WITHIN, sold.wait_for(|sold| *sold >= half)).await;
    let told = *reached.map_err(|_| "nobody buys anything")??;
    shop.kill().await?;
    Ok(told)
}

/// An admin of that shop.
fn keeper(shop: &OwnShop) -> Result<Caller, Failure> {
    let secrets = secrets::load(&shop.data()?, ([127, 0, 0, 1], 0).into())?;
    let holder = Holder {
        subject: "stampede".to_owned(),
        role: Role::Admin,
    };
    let token = secrets.tokens.issue(&holder, TOKEN_SECONDS, now())?;
    Ok(Caller::new(&shop.url())?.with("authorization", format!("Bearer {token}")))
}

async fn stock(keeper: &Caller, pieces: usize) -> Result<(), Failure> {
    let product = json!({
        "slug": "last-pieces", "title": "Last pieces", "published": true,
        "variants": [{
            "sku": SKU, "requiresShipping": true, "taxClass": "standard", "tracksStock": true,
            "price": { "amount": "10.00", "currency": "EUR" }
        }]
    });
    let put = Call::new(Method::PUT, "/v1/imports/products/last-pieces", product);
    let brought = keeper.until_clear(&put).await?;
    brought.done()?;
    let path = format!("/v1/imports/stock/{SKU}");
    let put = Call::new(Method::PUT, path, json!({ "quantity": pieces }));
    let stocked = keeper
        .until_clear(&put.with("consistency-token", brought.token.clone()))
        .await?;
    stocked.done().map(|_| ())
}

/// One buyer's way; how it ended, and how to ask for it again.
async fn buy(guest: Caller, told: Arc<watch::Sender<usize>>) -> Result<(Buyer, Said), Failure> {
    let key = || Uuid::new_v4().to_string();
    let open = Call::new(Method::POST, "/v1/carts", json!({})).with("idempotency-key", key());
    let opened = guest.until_clear(&open).await?;
    opened.done()?;
    let cart = opened.text("/id").to_owned();
    let guest = guest.with("cart-secret", opened.text("/cartSecret"));
    let path = format!("/v1/carts/{cart}/lines");
    let line = Call::new(Method::POST, path, json!({ "sku": SKU, "quantity": 1 })).with("idempotency-key", key());
    let added = guest.until_clear(&line).await?;
    let body = json!({
        "contact": { "email": "ada@example.org" },
        "shippingAddress": {
            "name": "Ada Lovelace", "line1": "Petristr. 1", "postalCode": "20095", "city": "Hamburg", "country": "DE"
        },
        "shippingMethod": "standard", "payment": "invoice"
    });
    let checkout = Call::new(Method::POST, format!("/v1/carts/{cart}/checkout"), body);
    let buyer = Buyer {
        guest,
        cart,
        checkout: checkout.with("idempotency-key", key()),
    };
    // Who came too late for a piece in the cart does not check out.
    if !added.status.is_success() {
        return Ok((buyer, added));
    }
    let said = buyer.guest.until_clear(&buyer.checkout).await?;
    if said.status.is_success() {
        told.send_modify(|sold| *sold += 1);
    }
    Ok((buyer, said))
}

/// Compares what buyers were told, what they are told again, what orders exist and what left the shelf.
async fn compare(keeper: &Caller, answered: Vec<(Buyer, Said)>, pieces: usize) -> Result<Books, Failure> {
    let mut numbers = BTreeSet::new();
    let (mut sold, mut refused, mut doubled) = (0, 0, 0);
    for (buyer, said) in answered {
        let again = match said.status {
            StatusCode::CREATED => buyer.guest.until_clear(&buyer.checkout).await?,
            _ => said.clone(),
        };
        let query = format!("{{ order(id: \"{}\") {{ number totalQuantity }} }}", buyer.cart);
        let asked = Call::ask(&query).with("consistency-token", again.token.clone());
        let read = buyer.guest.until_clear(&asked).await?;
        read.done()?;
        let order = read.body.pointer("/data/order").filter(|order| !order.is_null());
        match (said.status, order) {
            (StatusCode::CREATED, Some(order)) => {
                sold += 1;
                let is_same = again.is_replayed && again.body == said.body && order["number"] == said.body["number"];
                let is_first = numbers.insert(order["number"].to_string());
                doubled += usize::from(!is_same || !is_first || order["totalQuantity"] != 1);
            }
            (StatusCode::CREATED, None) => return Err("an order that was told does not exist".into()),
            // Who was refused has no order.
            (_, Some(_)) => doubled += 1,
            (_, None) if said.text("/code") == "stock.insufficient" => refused += 1,
            (_, None) => return Err(format!("a buyer was told {}", said.body).into()),
        }
    }
    let shelf = keeper.get(&format!("/v1/stock/{SKU}")).await?;
    let count = |name: &str| shelf.body.get(name).and_then(Value::as_i64).unwrap_or_default();
    let allocated = usize::try_from(count("allocated"))?;
    Ok(Books {
        sold,
        refused,
        doubled: doubled + allocated.saturating_sub(sold),
        oversold: sold.max(allocated).saturating_sub(pieces),
    })
}

fn say(text: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
