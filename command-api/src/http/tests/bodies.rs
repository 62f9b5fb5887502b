//! Bad bodies: each refused with its code and its field, and nothing stored.

use serde_json::{Value, json};

use super::desk::{Asked, Cart, Desk, ID};

/// Every endpoint that takes a body: who may ask, method, path, and a body that its form does not refuse.
const ENDPOINTS: &str = r#"
guest POST   /v1/carts                            {}
guest POST   /v1/carts/{cart}/lines               {"sku":"LAMP-1","quantity":1}
guest PATCH  /v1/carts/{cart}/lines/{id}          {"quantity":1}
guest DELETE /v1/carts/{cart}/lines/{id}          {}
guest DELETE /v1/carts/{cart}/lines               {}
guest PUT    /v1/carts/{cart}/contact             {"email":"ada@example.org"}
guest PUT    /v1/carts/{cart}/addresses           {"shippingAddress":{"name":"A","line1":"1","city":"H","country":"DE"}}
guest PUT    /v1/carts/{cart}/shipping            {"shippingMethod":"standard"}
guest POST   /v1/carts/{cart}/checkout            {"payment":"invoice"}
guest POST   /v1/orders                           {"items":[{"sku":"LAMP-1","quantity":1}],"payment":"invoice"}
admin POST   /v1/orders/{id}/confirm              {}
admin POST   /v1/orders/{id}/cancel               {"why":"changed my mind"}
admin POST   /v1/orders/{id}/invoice-payments     {"amount":{"amount":"9.99","currency":"EUR"}}
admin POST   /v1/orders/{id}/notes                {"note":"called"}
admin POST   /v1/orders/{id}/fulfilments          {"lines":[{"line":"{id}","quantity":1}]}
admin POST   /v1/orders/{id}/fulfilments/{id}/shipped   {}
admin POST   /v1/orders/{id}/fulfilments/{id}/delivered {}
admin POST   /v1/orders/{id}/returns              {"lines":[{"line":"{id}","quantity":1}]}
admin POST   /v1/orders/{id}/returns/{id}/approve {}
admin POST   /v1/orders/{id}/returns/{id}/receive {"restock":true}
admin POST   /v1/orders/{id}/refunds              {"amount":{"amount":"9.99","currency":"EUR"}}
admin POST   /v1/products                         {"slug":"lamp","title":"Lamp"}
admin PUT    /v1/products/{id}                    {"slug":"lamp","title":{"en":"Lamp"}}
admin POST   /v1/products/{id}/variants           {"sku":"LAMP-1"}
admin PUT    /v1/products/{id}/variants/LAMP-1    {"options":[],"barcode":"","weightGrams":1,"requiresShipping":true,"taxClass":"standard","tracksStock":true}
admin PUT    /v1/products/{id}/variants/LAMP-1/price {"price":{"amount":"9.99","currency":"EUR"}}
admin POST   /v1/products/{id}/images             {"url":"https://example.com/lamp.svg"}
admin PUT    /v1/products/{id}/images             {"images":["{id}"]}
admin DELETE /v1/products/{id}/images/{id}        {}
admin PUT    /v1/products/{id}/categories/{id}    {}
admin DELETE /v1/products/{id}/categories/{id}    {}
admin POST   /v1/products/{id}/publish            {}
admin POST   /v1/products/{id}/unpublish          {}
admin POST   /v1/products/{id}/archive            {}
admin POST   /v1/categories                       {"slug":"lamps","name":"Lamps"}
admin PUT    /v1/categories/{id}                  {"slug":"lamps","name":"Lamps"}
admin PUT    /v1/categories/{id}/parent           {"parent":null}
admin POST   /v1/categories/{id}/archive          {}
admin POST   /v1/stock/LAMP-1/receipts            {"quantity":1}
admin POST   /v1/stock/LAMP-1/adjustments         {"delta":-1,"reason":"broken"}
admin PUT    /v1/stock/LAMP-1/threshold           {"threshold":3}
admin PUT    /v1/stock/LAMP-1/backorder           {"limit":3}
admin PUT    /v1/shop                             {"name":"S","currencies":["EUR"],"locales":["en"],"countries":["DE"],"timeZone":"Europe/Berlin","pricesIncludeTax":true,"taxRates":[],"shippingMethods":[],"holdingSeconds":60,"cartSeconds":60,"lowStockThreshold":5}
admin PUT    /v1/imports/products/lamp            {"slug":"lamp","title":"Lamp","variants":[],"published":true}
admin PUT    /v1/imports/stock/LAMP-1             {"quantity":1}
"#;

/// Fields that only the server sets.
const SERVER_OWNED: [&str; 14] = [
    "id",
    "version",
    "status",
    "owner",
    "customer",
    "number",
    "price",
    "unitPrice",
    "total",
    "subtotal",
    "tax",
    "discount",
    "role",
    "__typename",
];

/// Values that cannot be. Who asks, method, path, body; then the status, the code and the field. LAMP-1 is sold
/// at 9.99 and there are 3 of it.
const CASES: &str = r#"
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":0}                     => 422 quantity.not_positive quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":-1}                    => 422 quantity.not_positive quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":-9223372036854775808}  => 422 quantity.not_positive quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":10000}                 => 422 quantity.too_large quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":9223372036854775807}   => 422 quantity.too_large quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":9223372036854775808}   => 422 body.invalid_value quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":1.5}                   => 400 body.wrong_type quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":1e2}                   => 400 body.wrong_type quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":"1"}                   => 400 body.wrong_type quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":null}                  => 400 body.wrong_type quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1"}                                  => 400 body.missing_field quantity
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":4}                     => 409 stock.insufficient quantity
guest POST /v1/carts/{cart}/lines {"sku":"NONE","quantity":1}                       => 422 variant.unavailable sku
guest POST /v1/carts/{cart}/lines {"sku":"","quantity":1}                           => 422 sku.invalid sku
guest POST /v1/carts/{cart}/lines {"sku":"a\nb","quantity":1}                       => 422 sku.invalid sku
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":1,"attributes":{"":"x"}}   => 422 attributes.unacceptable attributes
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":1,"attributes":{"a":1}}    => 400 body.wrong_type attributes.a
guest POST /v1/carts/{cart}/lines {"sku":"LAMP-1","quantity":1,"attributes":["a"]}      => 400 body.wrong_type attributes
guest PATCH /v1/carts/{cart}/lines/{id} {"quantity":1}                              => 404 line.absent line
guest POST /v1/carts {"currency":"GBP"}                                             => 422 currency.not_sold currency
guest POST /v1/carts {"currency":"eur"}                                             => 422 currency.unknown currency
guest POST /v1/carts {"currency":978}                                               => 400 body.wrong_type currency
guest PUT /v1/carts/{cart}/contact {"email":"a@b@c.org"}                            => 422 email.invalid email
guest PUT /v1/carts/{cart}/contact {"email":"a@b.org\r\nBcc: c@d.org"}              => 422 email.invalid email
guest PUT /v1/carts/{cart}/contact {"email":"a@b.org","phone":"x"}                  => 422 phone.invalid phone
guest PUT /v1/carts/{cart}/addresses {"shippingAddress":{"name":"A","line1":"1","city":"H","country":"de"}}  => 422 country.invalid shippingAddress.country
guest PUT /v1/carts/{cart}/addresses {"shippingAddress":{"name":"A","line1":"1","city":"H","country":"JP"}}  => 422 country.not_served country
guest PUT /v1/carts/{cart}/addresses {"shippingAddress":{"name":"","line1":"1","city":"H","country":"DE"}}   => 422 address.invalid shippingAddress.name
guest PUT /v1/carts/{cart}/addresses {"shippingAddress":{"name":"A","line1":"1","city":"H"}}                 => 400 body.missing_field shippingAddress.country
guest PUT /v1/carts/{cart}/addresses {"shippingAddress":"Hamburg"}                  => 400 body.wrong_type shippingAddress
guest PUT /v1/carts/{cart}/shipping {"shippingMethod":"teleport"}                   => 422 shipping.unavailable shippingMethod
guest POST /v1/carts/{cart}/checkout {}                                             => 400 body.missing_field payment
guest POST /v1/carts/{cart}/checkout {"payment":"card"}                             => 422 body.invalid_value payment
guest POST /v1/carts/{cart}/checkout {"payment":{"invoice":{}}}                     => 400 body.wrong_type payment
guest POST /v1/carts/{cart}/checkout {"payment":"invoice"}                          => 409 cart.empty -
guest POST /v1/carts/{cart}/checkout {"payment":"invoice","contact":{"email":"ada"}}                         => 422 email.invalid contact.email
guest POST /v1/carts/{cart}/checkout {"payment":"invoice","contact":{"email":"a@b.org","name":"Ada"}}        => 400 body.unknown_field contact.name
guest POST /v1/carts/{cart}/checkout {"payment":"invoice","billingAddress":{"name":"A","line1":"1","city":"H","country":"DE"}} => 422 address.shipping_missing shippingAddress
guest POST /v1/carts/{cart}/checkout {"payment":"invoice","expectedTotal":{"amount":"1.00","currency":"USD"}} => 422 currency.differs expectedTotal.currency
guest POST /v1/carts/{cart}/checkout {"payment":"invoice","expectedTotal":{"amount":"-1.00","currency":"EUR"}} => 422 money.negative expectedTotal.amount
guest POST /v1/carts/{cart}/checkout {"payment":"invoice","expectedTotal":1.00}     => 400 body.wrong_type expectedTotal
guest POST /v1/orders {"items":[],"payment":"invoice"}                              => 409 cart.empty -
guest POST /v1/orders {"items":[{"sku":"LAMP-1","quantity":1,"unitPrice":1}],"payment":"invoice"} => 400 body.unknown_field items[0].unitPrice
guest POST /v1/orders {"items":[{"sku":"LAMP-1","quantity":1},{"sku":"a\tb","quantity":1}],"payment":"invoice"} => 422 sku.invalid items[1].sku
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":"-1.00","currency":"EUR"}}          => 422 money.negative price.amount
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":"1.001","currency":"EUR"}}          => 422 money.too_many_decimals price.amount
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":"1e3","currency":"EUR"}}            => 422 money.malformed price.amount
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":"99999999999999","currency":"EUR"}} => 422 money.too_large price.amount
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":9.99,"currency":"EUR"}}             => 400 body.wrong_type price.amount
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":999,"currency":"EUR"}}              => 400 body.wrong_type price.amount
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":"1.00","currency":"XYZ"}}           => 422 currency.unknown price.currency
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":{"amount":"1.00"}}                            => 400 body.missing_field price.currency
admin PUT /v1/products/{product}/variants/LAMP-1/price {"price":"9.99"}                                       => 400 body.wrong_type price
admin PUT /v1/products/{product}/variants/NONE/price {"price":{"amount":"1.00","currency":"EUR"}}             => 404 product.variant_absent sku
admin POST /v1/products/{product}/variants {"sku":"LAMP-2","compareAt":{"amount":"1.00","currency":"EUR"}}    => 422 price.missing price
admin POST /v1/products/{product}/variants {"sku":"LAMP-2","weightGrams":-1}        => 422 body.invalid_value weightGrams
admin POST /v1/products/{product}/variants {"sku":"LAMP-2","image":"first"}         => 422 body.invalid_value image
admin POST /v1/products/{product}/images {"url":"javascript:alert(1)"}              => 422 product.value_invalid url
admin POST /v1/products {"slug":"A B","title":"x"}                                  => 422 slug.invalid slug
admin POST /v1/products {"slug":"x","title":1}                                      => 400 body.wrong_type title
admin POST /v1/products {"slug":"x","title":{"en":1}}                               => 400 body.wrong_type title.en
admin POST /v1/products {"slug":"x","title":""}                                     => 422 product.value_invalid title
admin POST /v1/categories {"slug":"x","name":"X","parent":"top"}                    => 422 body.invalid_value parent
admin POST /v1/categories {"slug":"x","name":"X","parent":"{id}"}                   => 422 category.parent_not_open parent
admin PUT /v1/categories/{id}/parent {}                                             => 400 body.missing_field parent
admin POST /v1/stock/LAMP-1/receipts {"quantity":0}                                 => 422 stock.quantity_invalid quantity
admin POST /v1/stock/LAMP-1/receipts {"quantity":-5}                                => 422 stock.quantity_invalid quantity
admin POST /v1/stock/LAMP-1/receipts {"quantity":9223372036854775807}               => 422 stock.quantity_invalid quantity
admin POST /v1/stock/LAMP-1/receipts {"quantity":1,"location":"../x"}               => 422 location.invalid location
admin POST /v1/stock/LAMP-1/adjustments {"delta":-4,"reason":"x"}                   => 409 stock.below_zero -
admin POST /v1/stock/LAMP-1/adjustments {"delta":-1,"expected":9,"reason":"x"}      => 409 stock.count_differs expected
admin POST /v1/stock/LAMP-1/adjustments {"delta":-1}                                => 400 body.missing_field reason
admin PUT /v1/stock/LAMP-1/threshold {}                                             => 400 body.missing_field threshold
admin PUT /v1/stock/LAMP-1/backorder {"limit":-1}                                   => 422 stock.quantity_invalid limit
admin POST /v1/orders/{id}/cancel {"refund":"yes"}                                  => 400 body.wrong_type refund
admin POST /v1/orders/{id}/fulfilments {"lines":[{"line":"1","quantity":1}]}        => 422 body.invalid_value lines[0].line
admin POST /v1/orders/{id}/fulfilments {"lines":[{"line":"{id}","quantity":-1}]}    => 422 body.invalid_value lines[0].quantity
admin POST /v1/orders/{id}/refunds {"amount":{"amount":"0.001","currency":"EUR"}}   => 422 money.too_many_decimals amount.amount
admin POST /v1/orders/{id}/notes {"note":"  "}                                      => 422 note.invalid note
admin PUT /v1/imports/products/lamp {"slug":"lamp","title":"Lamp","variants":[{"sku":"","requiresShipping":true,"taxClass":"standard","tracksStock":true,"price":{"amount":"1","currency":"EUR"}}],"published":true} => 422 import.value_invalid variants[0].sku
"#;

/// A line of a table: who asks, method, path, and the rest.
struct Row<'a> {
    who: &'a str,
    method: &'a str,
    path: &'a str,
    rest: &'a str,
}

fn rows(table: &str) -> impl Iterator<Item = Row<'_>> {
    table.trim().lines().map(|line| {
        let (who, rest) = line.split_once(' ').expect("who asks");
        let (method, rest) = rest.trim_start().split_once(' ').expect("a method");
        let (path, rest) = rest.trim_start().split_once(' ').expect("a path");
        Row {
            who,
            method,
            path,
            rest: rest.trim(),
        }
    })
}

fn ask<'a>(desk: &'a Desk, cart: &Cart, row: &Row<'_>, product: &str) -> Asked<'a> {
    let asked = desk.ask(row.method, &cart.place(row.path).replace("{product}", product));
    match row.who {
        "admin" => asked.admin(),
        _ => asked.secret(&cart.secret),
    }
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(&text.replace("{id}", ID)).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[tokio::test]
async fn a_field_that_only_the_server_sets_is_refused_by_name_everywhere() {
    let desk = Desk::open().await;
    let cart = desk.cart().await;
    let stored = desk.stored();
    for row in rows(ENDPOINTS) {
        for field in SERVER_OWNED {
            let mut body = json_of(row.rest);
            let is_by_right = body.get(field).is_some() || (field == "price" && row.path.ends_with("/variants"));
            if is_by_right {
                continue;
            }
            body[field] = json!("1");
            let reply = ask(&desk, &cart, &row, ID).json(&body).send().await;
            reply.is_refused(400, "body.unknown_field", field);
        }
    }
    assert_eq!(desk.stored(), stored, "nothing is stored");
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused_everywhere() {
    let desk = Desk::open().await;
    let cart = desk.cart().await;
    let stored = desk.stored();
    let kinds: [(&str, &[u8], u16, &str); 6] = [
        ("text/plain", b"{}", 415, "body.not_json"),
        ("application/json", b"{", 400, "body.malformed"),
        ("application/json", b"[]", 400, "body.wrong_type"),
        ("application/json", b"\"\xFF\"", 400, "body.malformed"),
        ("application/json", b"{\"a\":1,\"a\":2}", 400, "body.repeated_field"),
        ("application/json", b"[[[[[[[[[[[[[[[[", 413, "body.too_large"),
    ];
    for row in rows(ENDPOINTS) {
        for (content_type, bytes, status, code) in kinds {
            let reply = ask(&desk, &cart, &row, ID).bytes(content_type, bytes).send().await;
            assert_eq!(
                (reply.status, reply.code()),
                (status, code),
                "{} {}",
                row.method,
                row.path
            );
        }
    }
    assert_eq!(desk.stored(), stored, "nothing is stored");
}

#[tokio::test]
async fn values_that_cannot_be_are_refused_with_their_code_and_field() {
    let desk = Desk::open().await;
    let product = desk.sell("LAMP-1", "9.99", 3).await;
    let cart = desk.cart().await;
    let stored = desk.stored();
    for row in rows(CASES) {
        let (body, expected) = row.rest.split_once("=>").expect("what is expected");
        let expected: Vec<&str> = expected.split_whitespace().collect();
        let [status, code, field] = expected.as_slice() else {
            panic!("{expected:?}")
        };
        let reply = ask(&desk, &cart, &row, &product)
            .json(&json_of(body.trim()))
            .send()
            .await;
        reply.is_refused(status.parse().expect("a status"), code, field.trim_start_matches('-'));
    }
    assert_eq!(desk.stored(), stored, "nothing is stored");
}

#[tokio::test]
async fn what_has_a_limit_says_so_beyond_it() {
    let desk = Desk::open().await;
    desk.sell("LAMP-1", "9.99", 30).await;
    let cart = desk.cart().await;
    let stored = desk.stored();
    let attributes: serde_json::Map<String, Value> = (0..21).map(|n| (format!("a{n}"), json!("x"))).collect();
    let items: Vec<Value> = (0..101)
        .map(|n| json!({"sku": "LAMP-1", "quantity": 1, "attributes": {"n": n.to_string()}}))
        .collect();
    let asked = desk
        .ask("POST", &cart.place("/v1/carts/{cart}/lines"))
        .secret(&cart.secret);
    let reply = asked
        .json(&json!({"sku": "LAMP-1", "quantity": 1, "attributes": attributes}))
        .send()
        .await;
    reply.is_refused(422, "attributes.unacceptable", "attributes");
    // There are 30 pieces, and each line takes one: the stock says no first.
    let reply = desk
        .ask("POST", "/v1/orders")
        .json(&json!({"items": items, "payment": "invoice"}))
        .send()
        .await;
    assert_eq!(reply.status, 409, "{}", reply.body);
    assert_eq!(desk.stored(), stored, "nothing is stored");
}
