//! Secrets that are none refuse to start; secrets and people are nowhere they should not be.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use serde_json::json;
use tests::{Shop, Shopkeeper, Shopper};

#[tokio::test(flavor = "multi_thread")]
async fn a_placeholder_or_short_secret_refuses_to_start() {
    let mut shop = Shop::start();
    shop.stop();
    // Should it start all the same, it ends because the address is taken.
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    for (file, text) in [
        ("cart-secret.key", "changeme"),
        ("cart-secret.key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("cart-secret.key", ""),
        ("master.key", "c2hvcnQ"),
        ("master.key", "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZSAxMjM"),
        (
            "token-key.pem",
            "-----BEGIN PRIVATE KEY-----\nchangeme\n-----END PRIVATE KEY-----\n",
        ),
    ] {
        let path = shop.data().join(file);
        let good = std::fs::read(&path).expect("the secret is there");
        std::fs::write(&path, text).expect("it can be written");
        let output = shop.run(&["serve", "--listen", &address]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success(), "{file} {text:?}: {said}");
        assert!(
            !said.contains(&address),
            "{file} {text:?}: it came as far as listening: {said}"
        );
        let name = if file == "token-key.pem" { "token key" } else { file };
        assert!(said.contains(name), "{file} {text:?}: {said}");
        assert!(
            text.is_empty() || !said.contains(text),
            "what the secret was is not shown: {said}"
        );
        std::fs::write(&path, good).expect("it can be written");
    }
    shop.restart();
}

#[tokio::test(flavor = "multi_thread")]
async fn canaries_are_in_no_file_and_no_log_line() {
    let mut shop = Shop::start();
    shop.restart_with(&[("TILLROLL_LOG", "trace")]);
    let admin = shop.admin();
    Shopkeeper::new(admin.clone()).stock("LAMP-1", "9.99", 3).await;
    let keyed = shop
        .client()
        .with_header("idempotency-key", &uuid::Uuid::new_v4().to_string());
    let opened = keyed.post("/v1/carts", json!({})).await.expect(201);
    let secret = opened.body["cartSecret"].as_str().expect("a secret").to_owned();
    let shopper = Shopper::of(&shop.client(), &opened);
    let _ = shopper.add("LAMP-1", 1).await.expect(200);
    let checkout = json!({
        "contact": {"email": "canary.mail@example.org", "phone": "+49 40 987654321"},
        "shippingAddress": {
            "name": "Canaryname", "line1": "Canarystreet 1", "city": "Canarytown", "country": "DE"
        },
        "billingAddress": {"name": "Canarypayer", "line1": "Canaryroad 2", "city": "Canaryville", "country": "DE"},
        "shippingMethod": "standard",
        "payment": "invoice"
    });
    let path = format!("/v1/carts/{}/checkout", shopper.cart);
    let mut bad = checkout.clone();
    bad["contact"]["email"] = json!("canary.mail@nowhere");
    assert_eq!(shopper.client().post(&path, bad).await.status, 422);
    let ordered = shopper.client().post(&path, checkout).await.expect(201);
    let note = json!({"note": "Canarynote"});
    let noted = admin
        .post(&format!("/v1/orders/{}/notes", ordered.id()), note)
        .await
        .expect(200);
    let query = "query($id: ID!) { order(id: $id) { contact { email } shippingAddress { name } } }";
    let seen = shopper
        .having_seen(&noted)
        .client()
        .graphql(query, json!({"id": ordered.id()}))
        .await
        .expect(200);
    assert_eq!(
        seen.body["data"]["order"]["contact"]["email"],
        "canary.mail@example.org"
    );
    shop.stop();

    let canaries = ["canary", "Canary", "987654321", secret.as_str()];
    for file in files(shop.data()) {
        let bytes = std::fs::read(&file).expect("a file");
        for canary in canaries {
            let is_there = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
            assert!(!is_there, "{canary} is in {}", file.display());
        }
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("a directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}
