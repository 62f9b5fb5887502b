//! Access tokens that are signed and still not ours: by the shop's own key with another header or other claims, and by
//! what everybody knows of that key.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePublicKey};
use ed25519_dalek::{Signer, SigningKey};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};
use tests::{Client, Listener};

use super::{Scene, commits};

/// Fewest tokens of each kind: when a table loses rows, so does this test.
const SIGNED_BY_WHAT_IS_PUBLIC_AT_LEAST: usize = 36;
const HEADERS_AT_LEAST: usize = 50;
const CLAIMS_AT_LEAST: usize = 75;
/// Far beyond how much clocks may differ.
const HOUR_SECONDS: u64 = 60 * 60;

/// What a shop refuses, and with which code.
struct Row {
    what: String,
    token: String,
    code: &'static str,
}

/// What a token of the shop is made of.
struct Mint {
    key: SigningKey,
    header: Value,
    claims: Value,
}

impl Mint {
    /// With the shop's own key, and what a good token of it says.
    fn of(scene: &Scene) -> Self {
        let pem = std::fs::read_to_string(scene.shop.secrets().join("token-key.pem")).expect("the shop has a key");
        let good = scene.admin.header("authorization").expect("an admin has a token");
        let parts: Vec<&str> = good.trim_start_matches("Bearer ").split('.').collect();
        let [header, claims, _] = parts.as_slice() else {
            panic!("a token has three parts")
        };
        let decoded = |part: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(part).expect("a part of a token is base64url");
            serde_json::from_slice(&bytes).expect("a part of a token is JSON")
        };
        Self {
            key: SigningKey::from_pkcs8_pem(pem.trim()).expect("it is a key"),
            header: decoded(header),
            claims: decoded(claims),
        }
    }

    /// A token of these two, signed by the shop's key.
    fn signed(&self, header: &str, claims: &str) -> String {
        let message = message(header, claims);
        let signature = self.key.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn with_header(&self, header: &Value) -> Row {
        let token = self.signed(&header.to_string(), &self.claims.to_string());
        row(format!("header {header}"), token, "access.invalid")
    }

    fn with_claims(&self, claims: &Value, code: &'static str) -> Row {
        let token = self.signed(&self.header.to_string(), &claims.to_string());
        row(format!("claims {claims}"), token, code)
    }

    /// Signed by what everybody knows, as if it were a secret: whoever takes the algorithm from the token, and the key
    /// for whatever the algorithm wants, lets these in.
    fn signed_by_what_is_public(&self) -> Vec<Row> {
        let public = self.key.verifying_key();
        let pem = public.to_public_key_pem(LineEnding::LF).expect("it can be written");
        let text = URL_SAFE_NO_PAD.encode(public.as_bytes());
        let known: [(&str, Vec<u8>); 9] = [
            ("PEM", pem.clone().into_bytes()),
            ("PEM without its last line's end", pem.trim_end().as_bytes().to_vec()),
            ("PEM with CRLF", pem.replace('\n', "\r\n").into_bytes()),
            ("DER", public.to_public_key_der().expect("it can be written").into_vec()),
            ("its 32 bytes", public.as_bytes().to_vec()),
            ("base64url", text.clone().into_bytes()),
            (
                "JWK",
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{text}"}}"#).into_bytes(),
            ),
            (
                "the key's id",
                self.header["kid"].as_str().expect("a text").as_bytes().to_vec(),
            ),
            ("nothing", Vec::new()),
        ];
        let algorithms = [
            ("HS256", Algorithm::HS256),
            ("HS384", Algorithm::HS384),
            ("HS512", Algorithm::HS512),
            ("EdDSA", Algorithm::HS256),
        ];
        let mut rows = Vec::new();
        for (what, secret) in known {
            for (said, algorithm) in algorithms {
                let message = message(
                    &changed(&self.header, "alg", &json!(said)).to_string(),
                    &self.claims.to_string(),
                );
                let key = EncodingKey::from_secret(&secret);
                let code = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).expect("it signs");
                let what = format!("{said}, signed by {what}");
                rows.push(row(what, format!("{message}.{code}"), "access.invalid"));
            }
        }
        rows
    }

    /// Signed by the shop's own key, with every header that it does not write.
    fn headers(&self) -> Vec<Row> {
        let own = URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes());
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": own });
        let algorithms = [
            "none", "None", "NONE", "nOnE", "", "HS256", "RS256", "ES256", "PS256", "eddsa", "EDDSA", "Eddsa",
            "EdDSA ", "Ed25519",
        ];
        let keys = [
            "",
            "unknown",
            "../../../../dev/null",
            "/dev/null",
            "..\\..\\token-key.pem",
            "file:///dev/null",
            "http://127.0.0.1:1/key",
            "' UNION SELECT 'key' --",
            "$(id)",
            "\u{0}",
            "%00",
        ];
        let types = ["JWT", "jwt", "refresh", "rt+jwt", "AT+JWT", "application/at+jwt", ""];
        let others = [
            ("jku", json!("http://127.0.0.1:1/keys.json")),
            ("jwk", jwk),
            ("x5u", json!("http://127.0.0.1:1/cert.pem")),
            ("x5c", json!(["AAAA"])),
            ("x5t", json!("AAAA")),
            ("crit", json!(["exp"])),
            ("b64", json!(false)),
            ("zip", json!("DEF")),
            ("cty", json!("JWT")),
            ("alg", json!(["EdDSA"])),
            ("alg", Value::Null),
            ("alg", json!(0)),
            ("kid", json!([self.header["kid"]])),
            ("kid", json!(0)),
            ("kid", Value::Null),
            ("typ", Value::Null),
        ];
        let of = |name: &'static str| move |value: &&str| (name, json!(value));
        let texts = algorithms.iter().map(of("alg")).chain(keys.iter().map(of("kid")));
        let changes = texts.chain(types.iter().map(of("typ"))).chain(others);
        let mut headers: Vec<Value> = changes
            .map(|(name, value)| changed(&self.header, name, &value))
            .collect();
        headers.extend(["alg", "kid", "typ"].map(|name| without(&self.header, name)));
        headers.extend([json!({}), json!([]), Value::Null, json!("EdDSA")]);
        headers.iter().map(|header| self.with_header(header)).collect()
    }

    /// Signed by the shop's own key, with claims that it does not make.
    fn claims(&self) -> Vec<Row> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("it is after 1970")
            .as_secs();
        let soon = now + HOUR_SECONDS;
        let mut rows = Vec::new();
        for time in ["exp", "nbf", "iat"] {
            let good = &self.claims[time];
            let wrong = [
                json!(good.to_string()),
                json!(format!("{soon}")),
                json!(1_795_000_000.5),
                json!([good]),
                json!([]),
                json!({ "seconds": good }),
                json!(true),
                json!(-1),
                json!(1e300),
                Value::Null,
            ];
            rows.extend(wrong.map(|value| self.with_claims(&changed(&self.claims, time, &value), "access.invalid")));
        }
        let wrong = [
            ("aud", json!("another shop")),
            ("aud", json!("Tillroll")),
            ("aud", json!("tillroll ")),
            ("aud", json!(["tillroll"])),
            ("aud", json!(["another shop", "tillroll"])),
            ("aud", json!([])),
            ("aud", json!("")),
            ("aud", json!("*")),
            ("aud", Value::Null),
            ("iss", json!("another shop")),
            ("iss", json!("Tillroll")),
            ("iss", json!("tillroll/")),
            ("iss", json!(["tillroll"])),
            ("iss", json!("")),
            ("iss", Value::Null),
            ("role", json!("ADMIN")),
            ("role", json!("root")),
            ("role", json!(["admin"])),
            ("role", json!({ "admin": true })),
            ("role", Value::Null),
            ("roles", json!(["admin"])),
            ("scope", json!("admin")),
            ("admin", json!(true)),
            ("sub", json!("")),
            ("sub", json!("a b")),
            ("sub", json!("a\r\nb")),
            ("sub", json!("a".repeat(65))),
            ("sub", json!(["operator"])),
            ("sub", json!(0)),
            ("sub", Value::Null),
        ];
        rows.extend(
            wrong.map(|(name, value)| self.with_claims(&changed(&self.claims, name, &value), "access.invalid")),
        );
        for name in ["iss", "aud", "sub", "role", "iat", "nbf", "exp"] {
            rows.push(self.with_claims(&without(&self.claims, name), "access.invalid"));
        }
        for nothing in [json!({}), json!([]), Value::Null, json!("admin"), json!([self.claims])] {
            rows.push(self.with_claims(&nothing, "access.invalid"));
        }
        let late = [json!(now - HOUR_SECONDS), json!(1), json!(0)];
        rows.extend(late.map(|exp| self.with_claims(&changed(&self.claims, "exp", &exp), "access.expired")));
        let early = [json!(soon), json!(u64::MAX)];
        rows.extend(early.map(|nbf| self.with_claims(&changed(&self.claims, "nbf", &nbf), "access.not_yet")));
        // Which of two would count, readers differ.
        for twice in [r#"{"role":"customer","#, r#"{"exp":1,"#, r#"{"aud":"another shop","#] {
            let claims = self.claims.to_string().replacen('{', twice, 1);
            let token = self.signed(&self.header.to_string(), &claims);
            rows.push(row(format!("claims {claims}"), token, "access.invalid"));
        }
        rows
    }
}

fn row(what: String, token: String, code: &'static str) -> Row {
    Row { what, token, code }
}

fn message(header: &str, claims: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

fn changed(object: &Value, name: &str, value: &Value) -> Value {
    let mut object: Map<String, Value> = object.as_object().expect("an object").clone();
    object.insert(name.to_owned(), value.clone());
    Value::Object(object)
}

fn without(object: &Value, name: &str) -> Value {
    let mut object: Map<String, Value> = object.as_object().expect("an object").clone();
    object.remove(name);
    Value::Object(object)
}

/// Status and code at each door: a command, a look at stock, events, a query.
async fn at_each_door(client: &Client) -> [(u16, String); 4] {
    let query = "{ admin { orders(first: 1) { totalCount } } }";
    let answers = [
        client.post("/v1/products", json!({ "slug": "x" })).await,
        client.get("/v1/stock/LAMP-1").await,
        client.get("/v1/events?limit=1").await,
        client.graphql(query, json!({})).await,
    ];
    answers.map(|answer| (answer.status.as_u16(), answer.code().to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_alone_makes_no_token() {
    let scene = Scene::shared().await;
    let before = commits(&scene.shop);
    let mint = Mint::of(&scene);
    let bearer = |token: &str| {
        scene
            .shop
            .client()
            .with_header("authorization", &format!("Bearer {token}"))
    };

    // What is tried below fails for what it says, and not for how it is made.
    let good = mint.signed(&mint.header.to_string(), &mint.claims.to_string());
    let doors = at_each_door(&bearer(&good)).await.map(|(status, _)| status);
    assert_eq!(doors, [400, 200, 200, 200], "the first is let in and has no title");

    let (public, headers, claims) = (mint.signed_by_what_is_public(), mint.headers(), mint.claims());
    let counts = [public.len(), headers.len(), claims.len()];
    let least = [SIGNED_BY_WHAT_IS_PUBLIC_AT_LEAST, HEADERS_AT_LEAST, CLAIMS_AT_LEAST];
    assert!(
        counts.iter().zip(least).all(|(count, least)| *count >= least),
        "only {counts:?}"
    );
    for Row { what, token, code } in public.into_iter().chain(headers).chain(claims) {
        let refused = (401, code.to_owned());
        let doors = at_each_door(&bearer(&token)).await;
        assert_eq!(doors, [(); 4].map(|()| refused.clone()), "{what}");
        let socket = Listener::connect(scene.shop.url(), Some("graphql-transport-ws"), None).await;
        let mut socket = socket.expect("the shop takes a WebSocket");
        let init = json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}") } });
        socket.say(init).await;
        let heard = socket.hear().await;
        assert_eq!(heard, tests::Heard::Closed(4403, code.to_owned()), "{what}");
    }
    assert_eq!(commits(&scene.shop), before, "nothing is stored");
}
