//! Every operation that the document has: who may ask for it, and what nobody may say in it.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Client};

use super::{NOTHING, Scene, assert_refused, commits};
use crate::document::{entries, places};

/// What anybody may ask for.
const OPEN_TO_ALL: [&str; 2] = ["openCart", "placeOrder"];
/// What whoever has the secret of the cart, or of the order that it became, may ask for; and nobody else.
const OPEN_TO_HOLDERS: [&str; 11] = [
    "addLine",
    "cancelOrder",
    "checkOut",
    "chooseShipping",
    "clearCart",
    "lookAtCheckout",
    "removeLine",
    "requestReturn",
    "setAddresses",
    "setContact",
    "setQuantity",
];
/// Names under which clients of other shops have set what only the server sets.
const SERVER_OWNED: [&str; 26] = [
    "__typename",
    "available",
    "cartSecret",
    "committed",
    "createdAt",
    "customer",
    "customerId",
    "discount",
    "fulfilment",
    "id",
    "isAdmin",
    "number",
    "onHand",
    "orderId",
    "owner",
    "paid",
    "priceId",
    "refunded",
    "role",
    "roles",
    "state",
    "status",
    "tax",
    "total",
    "updatedAt",
    "version",
];
/// Fewest cases of each kind: when the document loses operations, so do these tests.
const OPERATIONS_AT_LEAST: usize = 49;
const INJECTIONS_AT_LEAST: usize = 1_500;

/// An operation of the document.
struct Operation {
    method: Method,
    path: String,
    id: String,
    /// A body that it takes; none when it takes a file or nothing.
    example: Option<Value>,
}

async fn operations(client: &Client) -> Vec<Operation> {
    let document = client.get("/openapi.json").await.expect(200).body;
    let commands = entries(&document)
        .into_iter()
        .filter(|(_, _, entry)| entry["x-codes"].is_array());
    let operation = |(method, path, entry): (Method, String, Value)| Operation {
        method,
        path,
        id: entry["operationId"].as_str().expect("a name").to_owned(),
        example: entry["requestBody"]["content"]["application/json"]
            .get("example")
            .cloned(),
    };
    let operations: Vec<Operation> = commands.map(operation).collect();
    let count = operations.len();
    assert!(
        count >= OPERATIONS_AT_LEAST,
        "only {count} operations are in the document"
    );
    operations
}

impl Operation {
    /// Its address, the first part of which names this.
    fn address(&self, named: &str) -> String {
        let mut names = 0;
        let part = |segment: &str| {
            if !segment.starts_with('{') {
                return segment.to_owned();
            }
            names += 1;
            match segment {
                "{sku}" => "LAMP-1".to_owned(),
                _ if names == 1 => named.to_owned(),
                _ => NOTHING.to_owned(),
            }
        };
        self.path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    async fn ask(&self, client: &Client, named: &str, body: Option<&Value>) -> Answer {
        let nothing = json!({});
        let body = body.unwrap_or(&nothing);
        let answer = client.send_json(self.method.clone(), &self.address(named), body).await;
        answer.expect("the shop answers")
    }
}

/// The answer but for what is different in each.
fn but_for_its_request(answer: &Answer) -> (u16, Value) {
    let mut body = answer.body.clone();
    body["request_id"] = Value::Null;
    (answer.status.as_u16(), body)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_for_whom_it_is_meant_and_for_nobody_else() {
    let scene = Scene::shared().await;
    let before = commits(&scene.shop);
    let (guest, buyer, nobody) = (scene.guest.client(), scene.buyer.client(), scene.shop.client());
    let forged = nobody.with_header("authorization", "Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ.");
    let mut seen = BTreeSet::new();
    let mut cases = 0;
    for operation in operations(&nobody).await {
        let body = operation.example.as_ref();
        let id = operation.id.as_str();
        let refused = operation.ask(&forged, &scene.guest.cart, body).await;
        assert_refused(&refused, 401, "access.invalid", "Authorization", id);
        cases += 1;
        if OPEN_TO_ALL.contains(&id) {
            seen.insert(operation.id.clone());
            continue;
        }
        if OPEN_TO_HOLDERS.contains(&id) {
            // Another's is told from an absent one by nothing at all; the two have each other's secrets.
            let absent = but_for_its_request(&operation.ask(&nobody, NOTHING, body).await);
            assert_eq!(absent.0, 404, "{id}: {}", absent.1);
            let strangers = [
                (&nobody, &scene.guest.cart),
                (&nobody, &scene.buyer.cart),
                (guest, &scene.buyer.cart),
                (buyer, &scene.guest.cart),
            ];
            for (stranger, theirs) in strangers {
                let hidden = operation.ask(stranger, theirs, body).await;
                assert_eq!(but_for_its_request(&hidden), absent, "{id}");
                cases += 1;
            }
            for client in [guest, buyer, &scene.admin] {
                let told = operation.ask(client, NOTHING, body).await;
                assert_eq!(told.status, 404, "{id}: {}", told.body);
                cases += 1;
            }
            seen.insert(operation.id.clone());
            continue;
        }
        for client in [&nobody, guest, buyer] {
            for named in [scene.guest.cart.as_str(), &scene.buyer.cart, &scene.product, NOTHING] {
                let refused = operation.ask(client, named, body).await;
                assert_refused(&refused, 401, "access.required", "-", id);
                cases += 1;
            }
        }
    }
    let listed = OPEN_TO_ALL.iter().chain(&OPEN_TO_HOLDERS).map(|id| (*id).to_owned());
    assert_eq!(seen, listed.collect(), "what is open to others is in the document");
    assert!(cases >= 500, "only {cases} cases");
    assert_eq!(commits(&scene.shop), before, "nothing is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_field_that_the_server_owns_is_taken_anywhere_in_any_body() {
    let scene = Scene::shared().await;
    let before = commits(&scene.shop);
    let mut cases = 0;
    for operation in operations(&scene.shop.client()).await {
        let Some(example) = operation.example.as_ref().filter(|_| operation.method != Method::GET) else {
            continue;
        };
        let mut objects = Vec::new();
        places(example, "", &mut objects);
        objects.retain(|place| {
            example
                .pointer(place)
                .is_some_and(|value| value.is_object() && !is_free(place))
        });
        for place in objects {
            for name in SERVER_OWNED {
                let mut body = example.clone();
                let object = body
                    .pointer_mut(&place)
                    .and_then(Value::as_object_mut)
                    .expect("an object");
                if object.contains_key(name) {
                    continue;
                }
                object.insert(name.to_owned(), json!(1));
                let answer = operation.ask(&scene.admin, NOTHING, Some(&body)).await;
                let asked = format!("{} with {name} in {place:?}", operation.id);
                assert_eq!(answer.code(), "body.unknown_field", "{asked}: {}", answer.body);
                let field = answer.body["field"].as_str().unwrap_or_default();
                assert!(
                    field == name || field.ends_with(&format!(".{name}")),
                    "{asked}: {field}"
                );
                cases += 1;
            }
        }
    }
    assert!(cases >= INJECTIONS_AT_LEAST, "only {cases} cases");
    assert_eq!(commits(&scene.shop), before, "nothing is stored");
}

/// Whether an object's names are the caller's own: languages.
fn is_free(place: &str) -> bool {
    ["/title", "/name", "/alt"].iter().any(|free| place.ends_with(free))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_an_address_does_not_have_is_refused_and_told_those_that_it_has() {
    let scene = Scene::shared().await;
    let before = commits(&scene.shop);
    let document = scene.shop.client().get("/openapi.json").await.expect(200).body;
    let entries = entries(&document);
    let paths: BTreeSet<&str> = entries.iter().map(|(_, path, _)| path.as_str()).collect();
    let mut cases = 0;
    for path in paths.into_iter().filter(|path| path.starts_with("/v1/")) {
        let has = |method: &Method| entries.iter().any(|(known, at, _)| at == path && known == method);
        let address = path.replace("{sku}", "LAMP-1");
        let address: Vec<&str> = address
            .split('/')
            .map(|part| if part.starts_with('{') { NOTHING } else { part })
            .collect();
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::TRACE,
        ] {
            if has(&method) {
                continue;
            }
            let answer = scene
                .admin
                .send_json(method.clone(), &address.join("/"), &json!({}))
                .await;
            let answer = answer.expect("the shop answers");
            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.body);
            assert!(answer.body["code"].is_string(), "{method} {path}: {}", answer.body);
            let allowed = answer.header("allow");
            let told: Vec<&str> = allowed.split(',').map(str::trim).collect();
            for known in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                assert_eq!(told.contains(&known.as_str()), has(&known), "{path} allows {allowed}");
            }
            cases += 1;
        }
    }
    assert!(cases >= 180, "only {cases} cases");
    assert_eq!(commits(&scene.shop), before, "nothing is stored");
}
