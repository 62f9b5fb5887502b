//! Guests: they fill carts and check them out, look at what they did, and never see it go back.

use serde_json::{Value, json};

use super::asking::{Asker, GivenUp, shown};
use super::finding::Invariant;
use super::scene::{Scene, sku};
use crate::{Answer, Client, Shopper, checkout_body};

/// Lines of a cart, and pieces of a line, are 1 to this many.
const QUANTITY_MAX: u64 = 3;

const CART: &str = "query($id: ID!) { seen: cart(id: $id) { version totalQuantity } }";
/// What else a page shows: from every read model that guests see.
const PAGE: &str = "{ products(first: 3, query: \"sku\") { totalCount nodes { slug availability } facets { id } }
    all: products(first: 3) { nodes { slug } } categories { slug } shop { currencies } }";
const ORDER: &str = "query($id: ID!) { seen: order(id: $id) { version totalQuantity status } }";

/// What a session knows of its cart or order.
struct Known {
    id: String,
    version: u64,
    pieces: i64,
    token: String,
}

/// Shops until the crowd goes home.
pub(crate) async fn shop(scene: &Scene, mut asker: Asker) {
    let nobody = asker.client.clone();
    while !scene.is_over() {
        asker.become_client(&nobody);
        // What went wrong was noted; the next session may fare better.
        let _ = session(scene, &mut asker).await;
        tokio::time::sleep(scene.options.rests).await;
    }
}

async fn session(scene: &Scene, asker: &mut Asker) -> Result<(), GivenUp> {
    let opened = scene.ask(asker, "/v1/carts", json!({}), 201).await?;
    let shopper = Shopper::of(&asker.client, &opened);
    asker.become_client(shopper.client());
    let mut known = Known {
        id: shopper.cart.clone(),
        version: opened.version().unwrap_or(0),
        pieces: 0,
        token: opened.header("consistency-token").to_owned(),
    };
    for _ in 0..=asker.chance.below(QUANTITY_MAX) {
        add(scene, asker, &mut known).await?;
        if asker.chance.below(2) == 0 {
            look(scene, asker, CART, &mut known).await;
        }
        if scene.must_answer() {
            browse(scene, asker).await;
        }
    }
    let path = format!("/v1/carts/{}/checkout", known.id);
    let ordered = scene.ask(asker, &path, checkout_body(), 201).await?;
    expect_pieces(scene, &path, &ordered, known.pieces);
    known.token = ordered.header("consistency-token").to_owned();
    // An order's versions are its own.
    known.version = 0;
    look(scene, asker, ORDER, &mut known).await;
    Ok(())
}

/// Looks at what there is.
async fn browse(scene: &Scene, asker: &mut Asker) {
    let client = asker.anywhere(scene);
    let Some(answer) = read(scene, &client, PAGE, "").await else {
        return;
    };
    let found = &answer.body["data"]["products"]["totalCount"];
    if found.as_u64() != Some(scene.options.skus) {
        let what = format!("{} products were found of {}", found, scene.options.skus);
        scene.finding(Invariant::NoQueryFails, what);
    }
}

async fn add(scene: &Scene, asker: &mut Asker, known: &mut Known) -> Result<(), GivenUp> {
    let quantity = 1 + asker.chance.below(QUANTITY_MAX);
    let line = json!({ "sku": sku(asker.chance.below(scene.options.skus)), "quantity": quantity });
    let path = format!("/v1/carts/{}/lines", known.id);
    let added = scene.ask(asker, &path, line, 200).await?;
    known.pieces += i64::try_from(quantity).unwrap_or(0);
    expect_pieces(scene, &path, &added, known.pieces);
    known.version = added.version().unwrap_or(known.version);
    known.token = added.header("consistency-token").to_owned();
    Ok(())
}

/// The answer counts every piece that this session put in, once.
fn expect_pieces(scene: &Scene, path: &str, answer: &Answer, pieces: i64) {
    let found = answer.body["totalQuantity"].as_i64().unwrap_or(0);
    let invariant = if found < pieces {
        Invariant::NothingAcknowledgedIsLost
    } else {
        Invariant::NothingHappensTwice
    };
    if found != pieces {
        scene.finding(invariant, format!("{path}: {found} pieces, {pieces} were put in"));
    }
}

/// Reads with the token of the last answer, and again elsewhere with nothing but the token of that reading.
async fn look(scene: &Scene, asker: &mut Asker, query: &str, known: &mut Known) {
    let invariants = [Invariant::WritesAreReadWithTheirToken, Invariant::SessionsNeverGoBack];
    for invariant in invariants {
        let client = asker.anywhere(scene).with_header("consistency-token", &known.token);
        let Some(answer) = read(scene, &client, query, &known.id).await else {
            return;
        };
        let seen = &answer.body["data"]["seen"];
        let version = seen["version"].as_u64().unwrap_or(0);
        let is_whole = seen["totalQuantity"].as_i64() == Some(known.pieces)
            && (seen["status"].is_null() || seen["status"] == "CONFIRMED");
        if version < known.version || !is_whole {
            let (
                Known {
                    id, version, pieces, ..
                },
                token,
            ) = (&*known, &known.token);
            scene.finding(
                invariant,
                format!(
                    "{id} with {pieces} pieces at version {version} was read with {token} as {}",
                    shown(&answer)
                ),
            );
            return;
        }
        known.version = version;
        let consistency = &answer.body["extensions"]["consistency"];
        consistency["token"]
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut known.token);
    }
}

/// What a query shows, when it says that it shows all that was asked for.
async fn read(scene: &Scene, client: &Client, query: &str, id: &str) -> Option<Answer> {
    scene.history.queries.add_one();
    let must_answer = scene.must_answer();
    let question = json!({ "query": query, "variables": { "id": id } });
    let answer = client
        .send_json(reqwest::Method::POST, "/graphql", &question)
        .await
        .ok()?;
    if answer.status != 200 || answer.body["errors"].is_array() {
        scene.history.unanswered.add_one();
        if must_answer {
            let what = format!("{query}: {} {}", answer.status, shown(&answer));
            scene.finding(Invariant::NoQueryFails, what);
        }
        return None;
    }
    if answer.body["extensions"]["consistency"]["stale"] != Value::Bool(false) {
        scene.history.stale.add_one();
        return None;
    }
    Some(answer)
}
