//! The collection for Postman, run as Postman runs it: in order, with what its scripts keep and expect.

use std::collections::BTreeMap;

use serde_json::Value;
use tests::{Answer, Client, Shop};

/// What the scripts have kept.
type Variables = BTreeMap<String, String>;

fn filled(text: &str, variables: &Variables) -> String {
    let mut filled = text.to_owned();
    for (name, value) in variables {
        filled = filled.replace(&format!("{{{{{name}}}}}"), value);
    }
    assert!(!filled.contains("{{"), "a variable has no value: {filled}");
    filled
}

/// What a script reads of an answer: `json().data.nodes[0].sku` or `headers.get("ETag")`.
fn read(place: &str, answer: &Answer) -> String {
    if let Some(header) = place.strip_prefix("headers.get(\"") {
        return answer.header(header.trim_end_matches("\")")).to_owned();
    }
    let path = place.strip_prefix("json()").expect("a script reads JSON or a header");
    let pointer = path.replace(['.', '['], "/").replace(']', "");
    match answer.body.pointer(&pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => panic!("{place} is not in {}", answer.body),
    }
}

/// Carries out a line of a script: the three kinds of it that there are.
fn carry_out(line: &str, answer: &Answer, variables: &mut Variables) {
    if let Some((_, status)) = line.split_once("pm.response.to.have.status(") {
        let status: u16 = status.trim_end_matches("));").parse().expect("a status");
        assert_eq!(answer.status, status, "{}", answer.body);
    } else if let Some(kept) = line.strip_prefix("pm.collectionVariables.set(\"") {
        let (variable, place) = kept.split_once("\", pm.response.").expect("a variable and a place");
        let value = read(place.strip_suffix(");").expect("the line ends"), answer);
        assert!(!value.is_empty(), "{variable} stays empty");
        variables.insert(variable.to_owned(), value);
    } else {
        let expected = line
            .split_once("pm.expect(String(pm.response.")
            .expect("a kind of line that is known");
        let (place, value) = expected
            .1
            .split_once(")).to.eql(pm.variables.replaceIn(\"")
            .expect("a value");
        let value = filled(value.strip_suffix("\")));").expect("the line ends"), variables);
        assert_eq!(read(place, answer), value, "{line}");
    }
}

async fn send(item: &Value, is_admins: bool, variables: &Variables) -> Answer {
    let request = &item["request"];
    let url = filled(request["url"].as_str().expect("an address"), variables);
    let base = &variables["baseUrl"];
    let path = url.strip_prefix(base.as_str()).expect("it is the shop's");
    let mut client = Client::new(base);
    let headers = request["header"].as_array().into_iter().flatten();
    for header in headers {
        let name = header["key"].as_str().expect("a name").to_lowercase();
        client = client.with_header(&name, &filled(header["value"].as_str().expect("a value"), variables));
    }
    if is_admins {
        client = client.with_header("authorization", &format!("Bearer {}", variables["adminToken"]));
    }
    let method = request["method"].as_str().expect("a method").parse().expect("a method");
    match request["body"]["raw"].as_str() {
        None => client.send(method, path).await.expect("an answer"),
        Some(body) => {
            let body: Value = serde_json::from_str(&filled(body, variables)).expect("JSON");
            client.send_json(method, path, &body).await.expect("an answer")
        }
    }
}

#[tokio::test]
async fn the_collection_for_postman_runs_in_order() {
    let shop = Shop::start_demo();
    let collection = shop.client().get("/docs/postman.json").await.expect(200).body;
    let declared = collection["variable"].as_array().expect("it has variables");
    let mut variables = Variables::new();
    for variable in declared {
        let (key, value) = (variable["key"].as_str(), variable["value"].as_str());
        let (key, value) = (key.expect("a name"), value.expect("a value"));
        if !value.is_empty() {
            variables.insert(key.to_owned(), value.to_owned());
        }
    }
    // What a person changes.
    variables.insert("baseUrl".to_owned(), shop.url().to_owned());
    let token = String::from_utf8(shop.run(&["token", "--role", "admin"]).stdout).expect("text");
    let token = token.lines().last().expect("a token").to_owned();
    variables.insert("adminToken".to_owned(), token);
    let mut sent = 0;
    for folder in collection["item"].as_array().expect("it has folders") {
        let is_admins = folder["auth"]["type"] == "bearer";
        for item in folder["item"].as_array().expect("a folder has requests") {
            let answer = send(item, is_admins, &variables).await;
            for line in item["event"][0]["script"]["exec"].as_array().expect("a script") {
                carry_out(line.as_str().expect("a line"), &answer, &mut variables);
            }
            sent += 1;
        }
    }
    assert_eq!(sent, 11);
    let known = |name: &String| declared.iter().any(|variable| variable["key"] == **name);
    assert!(variables.keys().all(known), "every variable is declared");
}
