//! What pretends to be something else: tokens that nobody gave, and texts that want to be lines of the log.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tests::{Client, Shop};

use super::{NOTHING, Scene, commits};

/// Fewest tokens that are tried at each door.
const FORGERIES_AT_LEAST: usize = 50;

fn decoded(part: &str) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("a part of a token is base64url");
    serde_json::from_slice(&bytes).expect("a part of a token is JSON")
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

/// A good token, changed in the ways that have opened other shops.
fn forgeries(token: &str) -> Vec<String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        panic!("a token has three parts")
    };
    let (good_header, good_claims) = (decoded(header), decoded(claims));
    let mut forgeries = Vec::new();
    for algorithm in [
        "none", "None", "NONE", "nOnE", "", "HS256", "hs256", "RS256", "ES256", "EDDSA",
    ] {
        let header = encoded(&with(good_header.clone(), "alg", json!(algorithm)));
        forgeries.push(format!("{header}.{claims}."));
        forgeries.push(format!("{header}.{claims}.{signature}"));
    }
    for (name, value) in [
        ("kid", json!("")),
        ("kid", json!("unknown")),
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("' UNION SELECT 'key' --")),
        ("kid", json!(["a"])),
        ("jku", json!("http://127.0.0.1:1/keys.json")),
        ("jwk", json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" })),
        ("x5u", json!("http://127.0.0.1:1/cert.pem")),
        ("crit", json!(["exp"])),
        ("typ", json!("refresh")),
    ] {
        let header = encoded(&with(good_header.clone(), name, value));
        forgeries.push(format!("{header}.{claims}.{signature}"));
    }
    let soon = good_claims["exp"].as_i64().expect("it ends") + 1;
    for (name, value) in [
        ("exp", json!(soon)),
        ("exp", json!(soon.to_string())),
        ("exp", json!([soon])),
        ("exp", json!(1e300)),
        ("exp", Value::Null),
        ("nbf", json!("0")),
        ("iat", json!(-1)),
        ("role", json!("ADMIN")),
        ("role", json!(["admin"])),
        ("sub", json!("somebody else")),
        ("aud", json!("another shop")),
        ("iss", json!("another shop")),
    ] {
        let claims = encoded(&with(good_claims.clone(), name, value));
        forgeries.push(format!("{header}.{claims}.{signature}"));
    }
    let half = &signature[..signature.len() / 2];
    forgeries.extend([
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{half}"),
        format!("{header}.{claims}.{signature}{signature}"),
        format!("{header}.{claims}.{signature}="),
        format!("{header}.{claims}.{signature}.{signature}"),
        format!("{claims}.{header}.{signature}"),
        format!(".{claims}.{signature}"),
        format!("{token} {token}"),
        format!("{token},{token}"),
        token.to_ascii_lowercase(),
        token.repeat(50),
    ]);
    forgeries
}

#[tokio::test(flavor = "multi_thread")]
async fn no_forged_token_opens_any_door() {
    let scene = Scene::shared().await;
    let before = commits(&scene.shop);
    let good = scene
        .admin
        .header("authorization")
        .expect("an admin has a token")
        .to_owned();
    let token = good.strip_prefix("Bearer ").expect("a bearer token");
    let forgeries = forgeries(token);
    assert!(forgeries.len() >= FORGERIES_AT_LEAST, "only {}", forgeries.len());
    for forged in &forgeries {
        assert_ne!(forged, token);
        let client = scene
            .shop
            .client()
            .with_header("authorization", &format!("Bearer {forged}"));
        let query = "{ admin { orders(first: 1) { totalCount } } }";
        let doors = [
            client.post("/v1/products", json!({ "slug": "x", "title": "X" })).await,
            client.get("/v1/stock/LAMP-1").await,
            client.get("/v1/events?limit=1").await,
            client.graphql(query, json!({})).await,
        ];
        for (place, answer) in doors.iter().enumerate() {
            assert_eq!(answer.status, 401, "door {place}, {forged}: {}", answer.body);
            assert!(
                answer.code().starts_with("access."),
                "door {place}, {forged}: {}",
                answer.body
            );
        }
    }
    // Nor does a good one where no token is looked for.
    let nobody = scene.shop.client();
    let address = format!("/v1/stock/LAMP-1?access_token={token}");
    assert_eq!(nobody.get(&address).await.status, 401);
    let cookie = nobody.with_header("cookie", &format!("token={token}; authorization={token}"));
    assert_eq!(cookie.get("/v1/stock/LAMP-1").await.status, 401);
    assert_eq!(commits(&scene.shop), before, "nothing is stored");
}

/// Asks in every way in which a text can come to a place that logs.
async fn ask_with(shop: &Shop, client: &Client, text: &str) {
    let address = "/v1/carts/%0D%0AFORGED%20line/lines";
    let _ = client.post(address, json!({ "sku": text, "quantity": 1 })).await;
    let _ = client.post("/v1/carts", json!({ text: 1 })).await;
    let _ = client.post("/v1/carts", json!({ "currency": text })).await;
    let _ = client
        .post(&format!("/v1/orders/{NOTHING}/notes"), json!({ "note": text }))
        .await;
    let _ = client
        .post("/v1/stock/LAMP-1/adjustments", json!({ "delta": 1, "reason": text }))
        .await;
    let _ = client
        .post("/v1/products", json!({ "slug": "x", "title": text, "vendor": text }))
        .await;
    let _ = client.graphql(&format!("{{ shop {{ {text} }} }}"), json!({})).await;
    let _ = client
        .graphql("query Q($id: ID!) { cart(id: $id) { version } }", json!({ "id": text }))
        .await;
    let _ = client.get("/v1/events?topics=%0D%0AFORGED&after=%0AFORGED").await;
    let named = shop.client().with_header("x-request-id", "x%0D%0AFORGED");
    let _ = named.with_header("user-agent", "x FORGED").get("/v1/%0AFORGED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_sent_becomes_a_line_of_the_log() {
    let mut shop = Shop::start();
    shop.restart_with(&[("TILLROLL_LOG", "trace")]);
    let admin = shop.admin();
    for text in [
        "\nFORGED",
        "\r\nFORGED",
        "\u{2028}FORGED",
        "\u{1b}[2K\rFORGED",
        "\u{85}FORGED",
    ] {
        ask_with(&shop, &admin, text).await;
    }
    shop.stop();
    let output = shop.output();
    assert!(output.contains("FORGED"), "something of it is logged at this level");
    let forged: Vec<&str> = output
        .split(['\n', '\r', '\u{2028}', '\u{85}'])
        .filter(|line| line.trim_start().starts_with("FORGED"))
        .collect();
    assert!(forged.is_empty(), "{forged:?}");
    assert!(!output.contains('\u{1b}'), "no terminal is told what to do");
}
