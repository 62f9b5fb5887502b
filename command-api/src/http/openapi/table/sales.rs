use serde_json::json;

use crate::http::body::Nothing;
use crate::http::openapi::operation::{Operation, Who};
use crate::http::resource::{carts, checkouts, orders, parcels, personal, returns};
use crate::http::view::{CartView, CheckoutView, OrderView, PlacedOrderView};

/// What a cart may refuse with.
const CART: [&str; 5] = [
    "cart.absent",
    "cart.already_converted",
    "cart.expired",
    "cart.not_in_checkout",
    "checkout.running",
];
/// What goes wrong with a line.
const LINE: [&str; 8] = [
    "attributes.unacceptable",
    "cart.too_many_lines",
    "line.absent",
    "quantity.not_positive",
    "quantity.too_large",
    "stock.insufficient",
    "variant.not_priced",
    "variant.unavailable",
];
/// What goes wrong with contact and addresses.
const PERSON: [&str; 5] = [
    "address.invalid",
    "country.invalid",
    "country.not_served",
    "email.invalid",
    "phone.invalid",
];
/// What a checkout may refuse with.
const CHECKOUT: [&str; 17] = [
    "address.shipping_missing",
    "cart.address_missing",
    "cart.contact_missing",
    "cart.empty",
    "cart.shipping_missing",
    "cart.total_changed",
    "checkout.not_ready",
    "checkout.nothing_frozen",
    "checkout.superseded",
    "checkout.undoing",
    "currency.differs",
    "currency.not_sold",
    "money.malformed",
    "money.negative",
    "money.too_large",
    "money.too_many_decimals",
    "shipping.unavailable",
];
/// What an order may refuse with.
const ORDER: [&str; 4] = [
    "order.absent",
    "order.cancelled",
    "order.not_confirmed",
    "text.unacceptable",
];
/// What goes wrong with an amount of money.
const MONEY: [&str; 4] = [
    "money.malformed",
    "money.negative",
    "money.too_large",
    "money.too_many_decimals",
];

pub(super) fn carts() -> Vec<Operation> {
    let address = json!({ "shippingAddress": {
        "name": "Ada Lovelace", "line1": "Petristr. 1", "postalCode": "20095", "city": "Hamburg", "country": "DE"
    } });
    let after = "The cart after it.";
    let of_cart = |method, path, id, summary| Operation::new(method, path, id, summary).by(Who::Holder).may_say(&CART);
    vec![
        Operation::new("post", "/v1/carts", "openCart", "Open a cart")
            .by(Who::Anyone)
            .takes::<carts::OpenBody>(json!({ "currency": "EUR" }))
            .answers::<CartView<'_>>(
                201,
                "The cart; for a guest with its secret, which no later answer tells.",
            )
            .may_say(&["currency.not_sold", "cart.already_opened"]),
        of_cart("post", "/v1/carts/{cart}/lines", "addLine", "Put pieces in")
            .takes::<carts::LineBody>(json!({ "sku": "NB-SQUARED", "quantity": 2 }))
            .answers::<CartView<'_>>(200, after)
            .may_say(&LINE),
        of_cart("delete", "/v1/carts/{cart}/lines", "clearCart", "Take everything out")
            .takes::<Nothing>(json!({}))
            .answers::<CartView<'_>>(200, after),
        of_cart(
            "patch",
            "/v1/carts/{cart}/lines/{line}",
            "setQuantity",
            "Change how many pieces",
        )
        .takes::<carts::QuantityBody>(json!({ "quantity": 3 }))
        .answers::<CartView<'_>>(200, after)
        .may_say(&LINE),
        of_cart(
            "delete",
            "/v1/carts/{cart}/lines/{line}",
            "removeLine",
            "Take a line out",
        )
        .takes::<Nothing>(json!({}))
        .answers::<CartView<'_>>(200, after)
        .may_say(&LINE),
        of_cart("put", "/v1/carts/{cart}/contact", "setContact", "Say whom to write to")
            .takes::<personal::ContactBody>(json!({ "email": "ada@example.org" }))
            .answers::<CartView<'_>>(200, after)
            .may_say(&PERSON),
        of_cart("put", "/v1/carts/{cart}/addresses", "setAddresses", "Say where it goes")
            .takes::<carts::AddressesBody>(address)
            .answers::<CartView<'_>>(200, after)
            .may_say(&PERSON),
        of_cart(
            "put",
            "/v1/carts/{cart}/shipping",
            "chooseShipping",
            "Choose how it goes",
        )
        .takes::<carts::ShippingBody>(json!({ "shippingMethod": "standard" }))
        .answers::<CartView<'_>>(200, after)
        .may_say(&["shipping.unavailable"]),
        of_cart(
            "post",
            "/v1/carts/{cart}/checkout",
            "checkOut",
            "Check out: the cart becomes an order",
        )
        .that_waits()
        .takes::<checkouts::CheckoutBody>(checkout_example())
        .answers::<PlacedOrderView<'_>>(201, "The order.")
        .answers::<CheckoutView<'_>>(202, "It runs still; `Location` tells how far it is.")
        .may_say(&LINE)
        .may_say(&PERSON)
        .may_say(&CHECKOUT),
        Operation::new(
            "get",
            "/v1/checkouts/{checkout}",
            "lookAtCheckout",
            "See how far a checkout is",
        )
        .by(Who::Holder)
        .answers::<CheckoutView<'_>>(200, "How far it is.")
        .may_say(&["checkout.absent"]),
    ]
}

fn checkout_example() -> serde_json::Value {
    json!({
        "contact": { "email": "ada@example.org" },
        "shippingAddress": {
            "name": "Ada Lovelace", "line1": "Petristr. 1", "postalCode": "20095", "city": "Hamburg", "country": "DE"
        },
        "shippingMethod": "standard",
        "payment": "invoice"
    })
}

fn order_example() -> serde_json::Value {
    let mut body = checkout_example();
    body["items"] = json!([{ "sku": "NB-SQUARED", "quantity": 2 }]);
    body
}

pub(super) fn orders() -> Vec<Operation> {
    let after = "The order after it.";
    let line = "5f0f7a8e-7d0e-5c3d-9f0a-3d2f6a1b8c77";
    let pieces = json!([{ "line": line, "quantity": 1 }]);
    let amount = json!({ "amount": { "amount": "12.50", "currency": "EUR" } });
    let of_order = |method, path, id, summary| Operation::new(method, path, id, summary).may_say(&ORDER);
    vec![
        Operation::new("post", "/v1/orders", "placeOrder", "Place an order in one request")
            .by(Who::Anyone)
            .that_waits()
            .takes::<orders::OrderBody>(order_example())
            .answers::<PlacedOrderView<'_>>(201, "The order; for a guest with its secret.")
            .answers::<CheckoutView<'_>>(202, "It runs still; `Location` tells how far it is.")
            .may_say(&CART)
            .may_say(&LINE)
            .may_say(&PERSON)
            .may_say(&CHECKOUT),
        of_order("post", "/v1/orders/{order}/confirm", "confirmOrder", "Confirm an order")
            .takes::<Nothing>(json!({}))
            .answers::<OrderView<'_>>(200, after),
        of_order("post", "/v1/orders/{order}/cancel", "cancelOrder", "Call an order off")
            .by(Who::Holder)
            .takes::<orders::CancelBody>(json!({ "why": "ordered twice" }))
            .answers::<OrderView<'_>>(200, after)
            .may_say(&["order.already_packed", "order.already_shipped"]),
        of_order(
            "post",
            "/v1/orders/{order}/invoice-payments",
            "recordPayment",
            "Record that an invoice was paid",
        )
        .takes::<orders::AmountBody>(amount.clone())
        .answers::<OrderView<'_>>(200, after)
        .may_say(&MONEY)
        .may_say(&["payment.amount_differs"]),
        of_order("post", "/v1/orders/{order}/notes", "addNote", "Note something")
            .takes::<orders::NoteBody>(json!({ "note": "gift wrap, please" }))
            .answers::<OrderView<'_>>(200, after)
            .may_say(&["note.invalid"]),
        of_order("post", "/v1/orders/{order}/fulfilments", "pack", "Pack a parcel")
            .takes::<parcels::FulfilmentBody>(json!({ "lines": pieces, "carrier": "DHL" }))
            .answers::<OrderView<'_>>(201, "The order, and which parcel was packed.")
            .may_say(&["fulfilment.already_exists", "line.absent", "order.nothing_selected"])
            .may_say(&[
                "order.too_many_fulfilments",
                "quantity.not_positive",
                "quantity.too_large",
            ]),
        of_order(
            "post",
            "/v1/orders/{order}/fulfilments/{fulfilment}/shipped",
            "markShipped",
            "A parcel is on its way",
        )
        .takes::<Nothing>(json!({}))
        .answers::<OrderView<'_>>(200, after)
        .may_say(&["fulfilment.absent"]),
        of_order(
            "post",
            "/v1/orders/{order}/fulfilments/{fulfilment}/delivered",
            "markDelivered",
            "A parcel has arrived",
        )
        .takes::<Nothing>(json!({}))
        .answers::<OrderView<'_>>(200, after)
        .may_say(&["fulfilment.absent", "fulfilment.not_shipped"]),
        of_order(
            "post",
            "/v1/orders/{order}/returns",
            "requestReturn",
            "Ask to send pieces back",
        )
        .by(Who::Holder)
        .takes::<returns::ReturnBody>(json!({ "lines": pieces, "reason": "too small" }))
        .answers::<OrderView<'_>>(201, "The order, and which return was asked for.")
        .may_say(&[
            "line.absent",
            "order.nothing_selected",
            "order.too_many_returns",
            "quantity.not_positive",
        ])
        .may_say(&["quantity.too_large", "return.already_exists"]),
        of_order(
            "post",
            "/v1/orders/{order}/returns/{return}/approve",
            "approveReturn",
            "Agree to a return",
        )
        .takes::<Nothing>(json!({}))
        .answers::<OrderView<'_>>(200, after)
        .may_say(&["return.absent"]),
        of_order(
            "post",
            "/v1/orders/{order}/returns/{return}/receive",
            "receiveReturn",
            "A return has arrived",
        )
        .takes::<returns::ReceiveBody>(json!({ "restock": true }))
        .answers::<OrderView<'_>>(200, after)
        .may_say(&["return.absent", "return.not_approved"]),
        of_order(
            "post",
            "/v1/orders/{order}/refunds",
            "recordRefund",
            "Record that money went back",
        )
        .takes::<orders::AmountBody>(amount)
        .answers::<OrderView<'_>>(200, after)
        .may_say(&MONEY)
        .may_say(&["refund.too_large", "refund.unacceptable"]),
    ]
}
