//! Who may do what: another person's object is an absent one, word for word.

use serde_json::json;

use super::desk::{Desk, ID};

/// What admins alone may do.
const FOR_ADMINS: [(&str, &str); 32] = [
    ("POST", "/v1/orders/{id}/confirm"),
    ("POST", "/v1/orders/{id}/invoice-payments"),
    ("POST", "/v1/orders/{id}/notes"),
    ("POST", "/v1/orders/{id}/fulfilments"),
    ("POST", "/v1/orders/{id}/fulfilments/{id}/shipped"),
    ("POST", "/v1/orders/{id}/fulfilments/{id}/delivered"),
    ("POST", "/v1/orders/{id}/returns/{id}/approve"),
    ("POST", "/v1/orders/{id}/returns/{id}/receive"),
    ("POST", "/v1/orders/{id}/refunds"),
    ("POST", "/v1/products"),
    ("PUT", "/v1/products/{id}"),
    ("POST", "/v1/products/{id}/variants"),
    ("PUT", "/v1/products/{id}/variants/LAMP-1"),
    ("PUT", "/v1/products/{id}/variants/LAMP-1/price"),
    ("POST", "/v1/products/{id}/images"),
    ("PUT", "/v1/products/{id}/images"),
    ("DELETE", "/v1/products/{id}/images/{id}"),
    ("PUT", "/v1/products/{id}/categories/{id}"),
    ("DELETE", "/v1/products/{id}/categories/{id}"),
    ("POST", "/v1/products/{id}/publish"),
    ("POST", "/v1/products/{id}/archive"),
    ("POST", "/v1/categories"),
    ("PUT", "/v1/categories/{id}"),
    ("PUT", "/v1/categories/{id}/parent"),
    ("POST", "/v1/categories/{id}/archive"),
    ("GET", "/v1/stock/LAMP-1"),
    ("POST", "/v1/stock/LAMP-1/receipts"),
    ("POST", "/v1/stock/LAMP-1/adjustments"),
    ("PUT", "/v1/stock/LAMP-1/threshold"),
    ("PUT", "/v1/stock/LAMP-1/backorder"),
    ("PUT", "/v1/shop"),
    ("PUT", "/v1/imports/products/lamp"),
];

/// What whoever holds a cart may do with it, its checkout and its order.
const FOR_HOLDERS: [(&str, &str, &str); 11] = [
    ("POST", "/v1/carts/{cart}/lines", "cart.absent"),
    ("DELETE", "/v1/carts/{cart}/lines", "cart.absent"),
    ("PATCH", "/v1/carts/{cart}/lines/{id}", "cart.absent"),
    ("DELETE", "/v1/carts/{cart}/lines/{id}", "cart.absent"),
    ("PUT", "/v1/carts/{cart}/contact", "cart.absent"),
    ("PUT", "/v1/carts/{cart}/addresses", "cart.absent"),
    ("PUT", "/v1/carts/{cart}/shipping", "cart.absent"),
    ("POST", "/v1/carts/{cart}/checkout", "cart.absent"),
    ("GET", "/v1/checkouts/{cart}", "checkout.absent"),
    ("POST", "/v1/orders/{cart}/cancel", "order.absent"),
    ("POST", "/v1/orders/{cart}/returns", "order.absent"),
];

#[tokio::test]
async fn what_is_for_admins_is_refused_to_everybody_else() {
    let desk = Desk::open().await;
    let cart = desk.cart().await;
    let stored = desk.stored();
    for (method, path) in FOR_ADMINS {
        let place = cart.place(path);
        let anonymous = desk.ask(method, &place).json(&json!({})).send().await;
        anonymous.is_refused(401, "access.required", "");
        assert_eq!(anonymous.headers["www-authenticate"], "Bearer");
        let guest = desk
            .ask(method, &place)
            .secret(&cart.secret)
            .json(&json!({}))
            .send()
            .await;
        guest.is_refused(401, "access.required", "");
        let customer = desk.ask(method, &place).customer().json(&json!({})).send().await;
        customer.is_refused(403, "access.denied", "");
    }
    assert_eq!(desk.stored(), stored, "nothing is stored");
}

#[tokio::test]
async fn another_persons_cart_is_an_absent_one() {
    let desk = Desk::open().await;
    let (cart, other) = (desk.cart().await, desk.cart().await);
    let stored = desk.stored();
    for (method, path, code) in FOR_HOLDERS {
        let theirs = cart.place(path);
        let nobodys = path.replace("{cart}", ID).replace("{id}", ID);
        let absent = desk.ask(method, &nobodys).json(&json!({})).send().await;
        absent.is_refused(404, code, "");
        let strangers = [
            desk.ask(method, &theirs),
            desk.ask(method, &theirs).secret(&other.secret),
            desk.ask(method, &theirs).secret("guess"),
            desk.ask(method, &theirs).secret(&cart.secret[..42]),
            desk.ask(method, &theirs).customer(),
            desk.ask(method, &theirs).customer().secret(&other.secret),
            desk.ask(method, &nobodys).secret(&cart.secret),
        ];
        for stranger in strangers {
            let reply = stranger.json(&json!({})).send().await;
            assert_eq!(reply.status, absent.status, "{method} {path}");
            assert_eq!(
                reply.but_for_its_request(),
                absent.but_for_its_request(),
                "{method} {path}"
            );
        }
    }
    assert_eq!(desk.stored(), stored, "nothing is stored");
}

#[tokio::test]
async fn an_admin_is_told_the_same_of_what_does_not_exist() {
    let desk = Desk::open().await;
    let cart = desk.cart().await;
    let path = format!("/v1/carts/{ID}/lines");
    let absent = desk.ask("DELETE", &path).admin().send().await;
    absent.is_refused(404, "cart.absent", "");
    let hidden = desk.ask("DELETE", &cart.place("/v1/carts/{cart}/lines")).send().await;
    assert_eq!(hidden.but_for_its_request(), absent.but_for_its_request());
}

#[tokio::test]
async fn credentials_that_do_not_hold_are_refused_where_none_would_do() {
    let desk = Desk::open().await;
    let stored = desk.stored();
    for (authorization, code) in [
        ("Bearer x", "access.malformed"),
        ("Bearer a.b.c", "access.malformed"),
        ("Basic YWRtaW46YWRtaW4=", "access.malformed"),
        ("Bearer eyJhbGciOiJub25lIn0.e30.", "access.invalid"),
    ] {
        let asked = desk.ask("POST", "/v1/carts").header("authorization", authorization);
        asked
            .json(&json!({}))
            .send()
            .await
            .is_refused(401, code, "Authorization");
    }
    assert_eq!(desk.stored(), stored, "nothing is stored");
}

#[tokio::test]
async fn what_cannot_be_an_id_names_nothing() {
    let desk = Desk::open().await;
    let longest = "x".repeat(65);
    let places = [
        ("PUT", "/v1/products/7".to_owned(), 404, "path.absent"),
        ("PUT", "/v1/products/%00".to_owned(), 404, "path.absent"),
        ("PUT", "/v1/products/%FF%FE".to_owned(), 404, "path.absent"),
        ("PUT", format!("/v1/products/{ID}'--"), 404, "path.absent"),
        ("POST", format!("/v1/stock/{longest}/receipts"), 404, "path.absent"),
        ("POST", "/v1/stock/%20A/receipts".to_owned(), 404, "path.absent"),
        ("POST", "/v1/stock/UNKNOWN/receipts".to_owned(), 404, "stock.sku_absent"),
        ("DELETE", "/v1/carts/not-an-id/lines".to_owned(), 404, "cart.absent"),
        ("POST", "/v1/orders/not-an-id/cancel".to_owned(), 404, "order.absent"),
        ("GET", "/v1/checkouts/not-an-id".to_owned(), 404, "checkout.absent"),
    ];
    for (method, path, status, code) in places {
        let body = match method {
            "POST" if path.contains("stock") => json!({"quantity": 1}),
            "PUT" => json!({"slug": "x", "title": "x"}),
            _ => json!({}),
        };
        let reply = desk.ask(method, &path).admin().json(&body).send().await;
        assert_eq!((reply.status, reply.code()), (status, code), "{path}");
    }
}
