//! The document against the shop: requests that follow it and requests that do not, made up from a seed.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Shop, Shopkeeper, Shopper};
use uuid::Uuid;

use crate::document::{entries, places};

/// Requests to each entry.
const REQUESTS_EACH: usize = 24;
/// Where the made-up requests begin.
const SEED: u64 = 0x7011_2011;
/// How many kinds of commands must have been done at least once, so that their answers were compared.
const DONE_AT_LEAST: usize = 25;
/// Routes that are not asked here: the first answers in its own format, the second are pages of text.
const ELSEWHERE: [&str; 1] = ["/metrics"];

/// Numbers that look random, the same in every run (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.roll() % count as u64).expect("a small number")
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Something that a body may not expect.
fn odd(dice: &mut Dice) -> Value {
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!(9_223_372_036_854_775_807_i64),
        json!(""),
        json!(" "),
        json!("\u{0}"),
        json!("日本語 🧾"),
        json!("x".repeat(3_000)),
        json!([]),
        json!({}),
        json!([[[[[[[[[[[[[[1]]]]]]]]]]]]]]),
        json!({ "unknown": 1 }),
    ];
    dice.pick(&odd).clone()
}

/// The example, or something near it.
fn near(example: &Value, dice: &mut Dice) -> Value {
    let mut body = example.clone();
    if dice.one_in(4) {
        return body;
    }
    let mut known = Vec::new();
    places(&body, "", &mut known);
    let place = dice.pick(&known).clone();
    let (parent, name) = place.rsplit_once('/').unwrap_or(("", ""));
    match dice.below(3) {
        0 => {
            if let Some(Value::Object(members)) = body.pointer_mut(parent) {
                members.remove(name);
            }
        }
        1 => {
            if let Some(Value::Object(members)) = body.pointer_mut(&place) {
                members.insert("surplus".to_owned(), odd(dice));
            }
        }
        _ => {
            if let Some(value) = body.pointer_mut(&place) {
                *value = odd(dice);
            }
        }
    }
    body
}

/// A shop with one of everything, and its keys.
struct Scene {
    shop: Shop,
    admin: String,
    secret: String,
    ids: BTreeMap<&'static str, String>,
}

impl Scene {
    async fn set() -> Self {
        let shop = Shop::start();
        let keeper = Shopkeeper::new(shop.admin());
        let product = keeper.stock("LAMP-1", "49.00", 1_000).await;
        let _ = keeper.stock("NB-SQUARED", "4.90", 1_000).await;
        let category = json!({ "slug": "shelf", "name": "Shelf" });
        let category = keeper.client().post("/v1/categories", category).await.expect(201).id();
        let opened = shop.client().post("/v1/carts", json!({})).await.expect(201);
        let secret = opened.body["cartSecret"].as_str().expect("a secret").to_owned();
        let shopper = Shopper::of(&shop.client(), &opened);
        let line = shopper.add("LAMP-1", 1).await.expect(200).body["lines"][0]["id"].clone();
        let buyer = Shopper::enter(&shop.client()).await;
        let _ = buyer.add("NB-SQUARED", 3).await.expect(200);
        let order = buyer.check_out().await.expect(201).id();
        let output = shop.run(&["token", "--role", "admin"]);
        let text = String::from_utf8(output.stdout).expect("the token is text");
        let ids = BTreeMap::from([
            ("product", product),
            ("category", category),
            ("cart", shopper.cart.clone()),
            ("checkout", order.clone()),
            ("line", line.as_str().expect("an id").to_owned()),
            ("order", order),
            ("sku", "LAMP-1".to_owned()),
            ("handle", "desk-lamp".to_owned()),
        ]);
        Self {
            admin: text.lines().last().expect("a token").to_owned(),
            shop,
            secret,
            ids,
        }
    }

    /// The address, its parts mostly those of things that exist.
    fn address(&self, path: &str, dice: &mut Dice) -> String {
        let part = |segment: &str, dice: &mut Dice| {
            let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
                return segment.to_owned();
            };
            match (self.ids.get(name), dice.below(6)) {
                (_, 0) => (*dice.pick(&["x", "%00", "%F0%9F%A7%BE", "a%2Fb", "-1", "%20"])).to_owned(),
                (Some(id), 1..) => id.clone(),
                (None, 1..) => Uuid::from_u128(u128::from(dice.roll())).to_string(),
            }
        };
        let parts: Vec<String> = path.split('/').map(|segment| part(segment, dice)).collect();
        format!("{}{}", self.shop.url(), parts.join("/"))
    }

    fn dressed(&self, request: reqwest::RequestBuilder, dice: &mut Dice) -> reqwest::RequestBuilder {
        let mut request = match dice.below(8) {
            0 => request,
            1 => request.header("authorization", "Bearer nonsense"),
            2 => request.header("cart-secret", &self.secret),
            _ => request.bearer_auth(&self.admin),
        };
        for (name, values) in [
            (
                "idempotency-key",
                ["7d3b0a52-3c2e-4f5a-9d11-2f0c3a5b6d7e", "two words", "plain"],
            ),
            ("if-match", ["\"1\"", "1", "\"999999\""]),
            ("consistency-token", ["nonsense", "", "!"]),
            ("prefer", ["wait=1", "wait=soon", "respond-async"]),
        ] {
            if dice.one_in(12) {
                request = request.header(name, *dice.pick(&values));
            }
        }
        request
    }
}

/// What a validator of this part of the document says.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut root = schema.clone();
    root["components"] = document["components"].clone();
    jsonschema::draft202012::new(&root).expect("the document's schemas are schemas")
}

/// The response that the document has for a status.
fn response<'a>(document: &'a Value, entry: &'a Value, status: &str) -> Option<&'a Value> {
    let response = entry["responses"].get(status)?;
    match response["$ref"].as_str() {
        Some(target) => document.pointer(target.strip_prefix('#')?),
        None => Some(response),
    }
}

/// Why an answer is not one that the document has.
fn complaint(document: &Value, entry: &Value, status: u16, media_type: &str, body: &Value) -> Option<String> {
    let Some(response) = response(document, entry, &status.to_string()) else {
        return Some("the status is not in the document".to_owned());
    };
    let essence = media_type.split(';').next().unwrap_or_default();
    let Some(content) = response["content"].get(essence) else {
        return Some(format!("{essence} is not in the document"));
    };
    if let Some(schema) = content.get("schema")
        && let Err(error) = validator(document, schema).validate(body)
    {
        return Some(format!("the body is not as in the document: {error}"));
    }
    if status < 400 || entry["x-codes"].is_null() {
        return None;
    }
    let codes = [&entry["x-codes"], &response["x-codes"]];
    let mut codes = codes.into_iter().filter_map(Value::as_array).flatten();
    let is_known = codes.any(|code| *code == body["code"]);
    (!is_known).then(|| format!("the code {} is not in the document", body["code"]))
}

#[tokio::test]
async fn every_answer_is_one_that_the_document_has() {
    let scene = Scene::set().await;
    let document = scene.shop.client().get("/openapi.json").await.expect(200).body;
    let http = reqwest::Client::new();
    let mut dice = Dice(SEED);
    let mut complaints = BTreeSet::new();
    let mut done = BTreeSet::new();
    for round in 0..REQUESTS_EACH {
        for (method, path, entry) in entries(&document) {
            if ELSEWHERE.contains(&path.as_str()) {
                continue;
            }
            let content = &entry["requestBody"]["content"]["application/json"];
            let request = http.request(method.clone(), scene.address(&path, &mut dice));
            let mut request = scene.dressed(request, &mut dice);
            let mut sent = Value::Null;
            if method != Method::GET {
                // What a later request needs is put away in the last round only.
                sent = if round == 0 {
                    content["example"].clone()
                } else {
                    near(&content["example"], &mut dice)
                };
                request = match dice.below(20) {
                    0 => request.header("content-type", "application/json").body("{\"broken\":"),
                    1 => request.header("content-type", "text/plain").body(sent.to_string()),
                    _ => request
                        .header("content-type", "application/json")
                        .body(sent.to_string()),
                };
            }
            if path.ends_with("/archive") && round + 1 < REQUESTS_EACH {
                continue;
            }
            let answer = request.send().await.expect("the shop answers");
            let status = answer.status().as_u16();
            let media_type = answer
                .headers()
                .get("content-type")
                .and_then(|value| value.to_str().ok());
            let media_type = media_type.unwrap_or_default().to_owned();
            let text = answer.text().await.expect("the answer is text");
            let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
            let at = format!("{method} {path} with {sent}: {status} {text}");
            if status >= 500 {
                complaints.insert(format!("a fault of ours: {at}"));
            }
            if let Some(why) = complaint(&document, &entry, status, &media_type, &body) {
                complaints.insert(format!("{why}: {at}"));
            }
            if status >= 300 {
                continue;
            }
            done.insert(entry["operationId"].to_string());
            let schema = &content["schema"];
            if !sent.is_null() && path.starts_with("/v1/") && !validator(&document, schema).is_valid(&sent) {
                complaints.insert(format!("it took what the document forbids: {at}"));
            }
        }
    }
    let shown: Vec<_> = complaints.iter().take(25).collect();
    assert!(complaints.is_empty(), "{} complaints: {shown:#?}", complaints.len());
    assert!(done.len() >= DONE_AT_LEAST, "only these were done: {done:?}");
}
