//! What can be done, done.

use serde_json::{Value, json};

use super::desk::Desk;

#[tokio::test]
async fn a_cart_is_filled_changed_and_emptied() {
    let desk = Desk::open().await;
    desk.sell("LAMP-1", "9.99", 30).await;
    let cart = desk.cart().await;
    let guest = |method: &str, path: &str| desk.ask(method, &cart.place(path)).secret(&cart.secret);

    let engraved = json!({"sku": "LAMP-1", "quantity": 2, "attributes": {"engraving": "A."}});
    let added = guest("POST", "/v1/carts/{cart}/lines").json(&engraved).send().await;
    assert_eq!(added.status, 200, "{}", added.body);
    assert_eq!(added.body["__typename"], "Cart");
    assert_eq!(added.body["totalQuantity"], 2);
    assert_eq!(added.body["lines"][0]["unitPrice"]["amount"], "9.99");
    assert_eq!(added.body["lines"][0]["attributes"][0]["value"], "A.");
    assert_eq!(
        added.body["cost"]["total"],
        json!({"__typename": "Money", "amount": "19.98", "minorUnits": "1998", "currency": "EUR"})
    );
    assert_eq!(added.body["cost"]["estimated"], true);
    assert!(added.body.get("cartSecret").is_none(), "the secret is shown once");

    let line = added.body["lines"][0]["id"].as_str().expect("an id");
    let line = format!("/v1/carts/{{cart}}/lines/{line}");
    let more = guest("PATCH", &line).json(&json!({"quantity": 5})).send().await;
    assert_eq!((more.status, &more.body["totalQuantity"]), (200, &json!(5)));
    let none = guest("PATCH", &line).json(&json!({"quantity": 0})).send().await;
    assert_eq!((none.status, &none.body["lines"]), (200, &json!([])));
    guest("PATCH", &line)
        .json(&json!({"quantity": 1}))
        .send()
        .await
        .is_refused(404, "line.absent", "line");

    let shipped = guest("PUT", "/v1/carts/{cart}/shipping")
        .json(&json!({"shippingMethod": "standard"}))
        .send()
        .await;
    assert_eq!(
        (shipped.status, &shipped.body["shipping"]["code"]),
        (200, &json!("standard"))
    );
    let cleared = guest("DELETE", "/v1/carts/{cart}/lines").send().await;
    assert_eq!((cleared.status, &cleared.body["totalQuantity"]), (200, &json!(0)));
}

#[tokio::test]
async fn personal_fields_are_sealed_before_they_are_stored_and_never_shown() {
    let desk = Desk::open().await;
    let cart = desk.cart().await;
    let contact = json!({"email": "canary@example.org", "phone": "+49 40 7654321"});
    let address = json!({"name": "Canary Person", "line1": "Canary Street 1", "city": "Canarytown", "country": "DE"});
    let addresses = json!({"shippingAddress": address, "billingAddress": address});
    let place = |path: &str| cart.place(path);
    let said = desk
        .ask("PUT", &place("/v1/carts/{cart}/contact"))
        .secret(&cart.secret)
        .json(&contact)
        .send()
        .await;
    assert_eq!(said.status, 200, "{}", said.body);
    let sent = desk
        .ask("PUT", &place("/v1/carts/{cart}/addresses"))
        .secret(&cart.secret)
        .json(&addresses)
        .send()
        .await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    for canary in ["canary", "Canary", "7654321"] {
        assert!(!String::from_utf8_lossy(&said.bytes).contains(canary), "{canary}");
        assert!(!String::from_utf8_lossy(&sent.bytes).contains(canary), "{canary}");
        assert!(!desk.log_contains(canary.as_bytes()), "{canary}");
    }
    assert!(!desk.log_contains(cart.secret.as_bytes()), "nor is the cart's secret");
}

#[tokio::test]
async fn a_checkout_that_nobody_drives_is_holding_and_can_be_looked_at() {
    let desk = Desk::open().await;
    desk.sell("LAMP-1", "9.99", 30).await;
    let cart = desk.cart().await;
    let lines = cart.place("/v1/carts/{cart}/lines");
    let line = json!({"sku": "LAMP-1", "quantity": 1});
    assert_eq!(
        desk.ask("POST", &lines)
            .secret(&cart.secret)
            .json(&line)
            .send()
            .await
            .status,
        200
    );
    let checkout = desk
        .ask("POST", &cart.place("/v1/carts/{cart}/checkout"))
        .secret(&cart.secret)
        .key("1");
    let begun = checkout.header("prefer", "wait=0").json(&checkout_body()).send().await;
    assert_eq!(begun.status, 202, "{}", begun.body);
    assert_eq!(begun.body["state"], "holding");
    let place = begun.headers["location"].to_str().expect("a place");
    assert_eq!(place, cart.place("/v1/checkouts/{cart}"));
    let seen = desk.ask("GET", place).secret(&cart.secret).send().await;
    assert_eq!((seen.status, &seen.body["state"]), (200, &json!("holding")));

    let again = desk
        .ask("POST", &cart.place("/v1/carts/{cart}/checkout"))
        .secret(&cart.secret)
        .key("1");
    let again = again.header("prefer", "wait=0").json(&checkout_body()).send().await;
    assert_eq!((again.status, &again.bytes), (202, &begun.bytes));
    assert_eq!(again.headers["idempotent-replayed"], "true");
}

#[tokio::test]
async fn an_order_in_one_request_is_all_or_nothing() {
    let desk = Desk::open().await;
    desk.sell("LAMP-1", "9.99", 30).await;
    let stored = desk.stored();
    let mut order = checkout_body();
    order["items"] = json!([{"sku": "LAMP-1", "quantity": 1}, {"sku": "NONE", "quantity": 1}]);
    let refused = desk.ask("POST", "/v1/orders").json(&order).send().await;
    refused.is_refused(422, "variant.unavailable", "sku");
    assert_eq!(desk.stored(), stored, "nothing is stored");

    order["items"] = json!([{"sku": "LAMP-1", "quantity": 1}]);
    let begun = desk
        .ask("POST", "/v1/orders")
        .header("prefer", "wait=0")
        .json(&order)
        .send()
        .await;
    assert_eq!(begun.status, 202, "{}", begun.body);
    let secret = begun.body["cartSecret"].as_str().expect("a guest gets the secret");
    let place = begun.headers["location"].to_str().expect("a place");
    assert_eq!(desk.ask("GET", place).secret(secret).send().await.status, 200);
}

#[tokio::test]
async fn a_description_is_made_harmless() {
    let desk = Desk::open().await;
    let html = "<p onclick=\"canaryHandler()\">fine</p><script>canaryScript()</script><a href=\"javascript:canaryLink()\">x</a>";
    let body = json!({"slug": "lamp", "title": "Lamp", "descriptionHtml": {"en": html}});
    assert_eq!(
        desk.ask("POST", "/v1/products").admin().json(&body).send().await.status,
        201
    );
    assert!(desk.log_contains(b"<p>fine</p>"));
    assert!(!desk.log_contains(b"canary"));
}

#[tokio::test]
async fn the_catalogue_and_the_stock_are_kept() {
    let desk = Desk::open().await;
    let product = desk.sell("LAMP-1", "9.99", 3).await;
    let admin = |method: &str, path: &str, body: Value| desk.ask(method, path).admin().json(&body);
    let image = json!({"url": "https://example.com/lamp.svg", "alt": "A lamp"});
    let added = admin("POST", &format!("/v1/products/{product}/images"), image)
        .send()
        .await;
    assert_eq!(added.status, 201, "{}", added.body);
    let image = added.body["image"]["id"].as_str().expect("an id").to_owned();
    let category = admin("POST", "/v1/categories", json!({"slug": "lamps", "name": "Lamps"}))
        .send()
        .await;
    assert_eq!(category.status, 201, "{}", category.body);
    let category = category.body["id"].as_str().expect("an id").to_owned();
    let kept = [
        (
            "PUT",
            format!("/v1/products/{product}/images"),
            json!({"images": [image]}),
        ),
        (
            "PUT",
            format!("/v1/products/{product}/categories/{category}"),
            json!({}),
        ),
        (
            "DELETE",
            format!("/v1/products/{product}/categories/{category}"),
            json!({}),
        ),
        ("DELETE", format!("/v1/products/{product}/images/{image}"), json!({})),
        (
            "PUT",
            format!("/v1/products/{product}"),
            json!({"slug": "lamp-1", "title": {"en": "Lamp", "de": "Lampe"}}),
        ),
        (
            "PUT",
            format!("/v1/categories/{category}"),
            json!({"slug": "lights", "name": "Lights"}),
        ),
        (
            "PUT",
            format!("/v1/categories/{category}/parent"),
            json!({"parent": null}),
        ),
        ("POST", format!("/v1/categories/{category}/archive"), json!({})),
        (
            "POST",
            "/v1/stock/LAMP-1/adjustments".to_owned(),
            json!({"delta": -1, "expected": 3, "reason": "broken"}),
        ),
        (
            "PUT",
            "/v1/stock/LAMP-1/threshold".to_owned(),
            json!({"threshold": null}),
        ),
        ("PUT", "/v1/stock/LAMP-1/backorder".to_owned(), json!({"limit": 5})),
        ("POST", format!("/v1/products/{product}/unpublish"), json!({})),
        ("POST", format!("/v1/products/{product}/archive"), json!({})),
    ];
    for (method, path, body) in kept {
        let reply = admin(method, &path, body).send().await;
        assert_eq!(reply.status, 200, "{method} {path} {}", reply.body);
    }
    let stock = desk.ask("GET", "/v1/stock/LAMP-1").admin().send().await;
    assert_eq!(
        (stock.status, &stock.body["onHand"], &stock.body["backorderLimit"]),
        (200, &json!(2), &json!(5))
    );
}

fn checkout_body() -> Value {
    json!({
        "contact": {"email": "ada@example.org"},
        "shippingAddress": {"name": "Ada", "line1": "Street 1", "city": "Hamburg", "country": "DE"},
        "shippingMethod": "standard",
        "payment": "invoice"
    })
}
