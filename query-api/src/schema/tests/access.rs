//! Who sees a cart and an order: to everybody else it is as if there were none.

use access::Role;
use domain::value::CartId;
use schemas::personal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testkit::{TestShop, cart_of, order_of, product};

const NUMBER: &str = "0000000000";
const CUSTOMER: Uuid = Uuid::from_u128(0xc);
const GUEST_CART: u128 = 0x77;
const CUSTOMER_CART: u128 = 0x78;
const ABSENT: u128 = 0x99;

async fn shop_with_carts_and_orders() -> TestShop {
    let shop = TestShop::new().await;
    let lamp = product(1, "lamp", &[1_000], &[]);
    shop.put(&lamp).await;
    for (number, customer, order_number) in [(GUEST_CART, None, NUMBER), (CUSTOMER_CART, Some(CUSTOMER), "A")] {
        let mut cart = cart_of(number, &[(&lamp, "LAMP-1", 1, 1_000)]);
        cart.customer = customer;
        let mut order = order_of(
            cart.id,
            order_number,
            &lamp,
            shop.seal(cart.id, personal::EMAIL, "ada@example.org"),
        );
        order.customer = customer;
        shop.put(&cart).await;
        shop.put(&order).await;
    }
    shop
}

fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

/// Asks for a cart, its order and both as nodes; the answer without what may differ by itself.
async fn ask_for(shop: &TestShop, number: u128, headers: &[(&str, &str)]) -> (Value, Value) {
    use base64::Engine;
    let global = |kind: &str| {
        let plain = format!("{kind}:{}", id(number));
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(plain)
    };
    let query = "query($id: ID!, $cart: ID!, $order: ID!) {
      cart(id: $id) { version contact { email } }
      order(id: $id) { version contact { email } }
      a: node(id: $cart) { id }
      b: node(id: $order) { id }
    }";
    let variables = json!({ "id": id(number), "cart": global("Cart"), "order": global("Order") });
    let answer = shop.ask_with(query, variables, headers).await;
    let extensions = answer.body["extensions"].clone();
    (answer.data(), extensions)
}

#[tokio::test]
async fn the_matrix_of_who_sees_what() {
    let shop = shop_with_carts_and_orders().await;
    let secret = |number| shop.cart_secret(CartId(Uuid::from_u128(number)));
    let admin = shop.bearer(Role::Admin, "ada");
    let owner = shop.bearer(Role::Customer, &CUSTOMER.to_string());
    let stranger = shop.bearer(Role::Customer, &Uuid::from_u128(0xd).to_string());
    let (own, other) = (secret(GUEST_CART), secret(ABSENT));
    let of_customer = secret(CUSTOMER_CART);
    let nobody: Vec<(&str, &str)> = Vec::new();
    let cases = vec![
        // who, headers, whether they see (the guest's, the customer's)
        ("nobody", nobody.clone(), [false, false]),
        ("the guest", vec![("cart-secret", &own)], [true, false]),
        ("another guest", vec![("cart-secret", &other)], [false, false]),
        ("a liar", vec![("cart-secret", "AAAA")], [false, false]),
        (
            "who kept the secret of a cart that is a customer's now",
            vec![("cart-secret", &of_customer)],
            [false, false],
        ),
        ("the customer", vec![("authorization", &owner)], [false, true]),
        ("another customer", vec![("authorization", &stranger)], [false, false]),
        (
            "a customer with a guest's secret",
            vec![("authorization", &stranger), ("cart-secret", &own)],
            [true, false],
        ),
        ("an admin", vec![("authorization", &admin)], [true, true]),
    ];
    for (who, headers, [sees_guest, sees_customer]) in cases {
        let (absent, absent_extensions) = ask_for(&shop, ABSENT, &headers).await;
        assert_eq!(
            absent,
            json!({ "cart": null, "order": null, "a": null, "b": null }),
            "{who}"
        );
        for (number, sees) in [(GUEST_CART, sees_guest), (CUSTOMER_CART, sees_customer)] {
            let (seen, extensions) = ask_for(&shop, number, &headers).await;
            for field in ["cart", "order", "a", "b"] {
                assert_eq!(!seen[field].is_null(), sees, "{who} and {field} of {number:x}");
            }
            if !sees {
                assert_eq!((seen, extensions), (absent.clone(), absent_extensions.clone()), "{who}");
            }
        }
    }
}

#[tokio::test]
async fn an_order_number_opens_nothing_by_itself() {
    let shop = shop_with_carts_and_orders().await;
    let query = "query($number: String!) { order(number: $number) { uuid } }";
    let secret = shop.cart_secret(CartId(Uuid::from_u128(GUEST_CART)));
    let nobody = shop.ask_with(query, json!({ "number": NUMBER }), &[]).await;
    let absent = shop.ask_with(query, json!({ "number": "0000000015" }), &[]).await;
    assert_eq!(nobody.body, absent.body);
    assert_eq!(nobody.body["data"], json!({ "order": null }));
    let guest = shop
        .ask_with(query, json!({ "number": NUMBER }), &[("cart-secret", &secret)])
        .await;
    assert_eq!(guest.data(), json!({ "order": { "uuid": id(GUEST_CART) } }));
    let written_badly = shop.ask_with(query, json!({ "number": "not a number" }), &[]).await;
    assert_eq!(written_badly.data(), json!({ "order": null }));
}

#[tokio::test]
async fn who_may_not_see_a_cart_does_not_wait_for_it_either() {
    let shop = shop_with_carts_and_orders().await;
    let query = format!(
        "{{ cart(id: \"{}\") {{ version }} order(id: \"{}\") {{ version }} }}",
        id(GUEST_CART),
        id(ABSENT)
    );
    let token = "sales.0:9,sales.1:9,sales.2:9,sales.3:9";
    let answer = shop.ask_with(&query, json!({}), &[("consistency-token", token)]).await;
    assert_eq!(
        answer.body["extensions"]["consistency"],
        json!({ "token": token, "waitedMs": 0, "stale": false })
    );
}
