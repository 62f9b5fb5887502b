//! A small shop in which the stories of carts, orders and checkouts play. It sells to Germany at 20 % and to
//! Austria without tax, at prices without tax.

use uuid::Uuid;

use super::{PaymentMethod, cart, checkout, order};
use crate::inventory::item;
use crate::shop::settings::{Settings, ShippingMethod, TaxRate};
use crate::stream::{Location, StreamId};
use crate::testkit::{Story, given_nothing};
use crate::value::{Attributes, CartId, CheckoutId, Currency, LocalizedText, Money, OrderId, ProductId, Sealed, Sku};
use crate::{Command, VariantOffer};

/// The cart of all stories, and so their order and their checkout.
pub(super) const CART: CartId = CartId(Uuid::from_u128(0xca27));
pub(super) const CART_SECONDS: u32 = 1_000;
pub(super) const HOLDING_SECONDS: u32 = 600;

pub(super) fn sku(text: &str) -> Sku {
    text.parse().expect("a SKU")
}

pub(super) fn euros(amount: i64) -> Money {
    Money {
        amount,
        currency: Currency::EUR,
    }
}

pub(super) fn sealed(text: &str) -> Sealed {
    Sealed {
        subject: CART.to_string(),
        key_id: 1,
        nonce: String::new(),
        ciphertext: text.to_owned(),
    }
}

pub(super) fn offer(cents: i64, available: i64) -> VariantOffer {
    VariantOffer {
        product: ProductId(Uuid::from_u128(7)),
        title: LocalizedText::of("en", "Lamp"),
        prices: vec![euros(cents)],
        tax_class: "standard".to_owned(),
        requires_shipping: true,
        tracks_stock: true,
        available: Some(available),
    }
}

fn shipping(code: &str, cents: i64, countries: &[&str]) -> ShippingMethod {
    ShippingMethod {
        code: code.to_owned(),
        name: LocalizedText::of("en", code),
        prices: vec![euros(cents)],
        countries: countries.iter().map(|country| (*country).to_owned()).collect(),
        tax_class: "standard".to_owned(),
    }
}

fn settings() -> Settings {
    Settings {
        currencies: vec![Currency::EUR],
        countries: vec!["DE".to_owned(), "AT".to_owned()],
        prices_include_tax: false,
        tax_rates: vec![TaxRate {
            country: "DE".to_owned(),
            tax_class: "standard".to_owned(),
            basis_points: 2_000,
        }],
        shipping_methods: vec![shipping("parcel", 500, &[]), shipping("bicycle", 300, &["DE"])],
        holding_seconds: HOLDING_SECONDS,
        cart_seconds: CART_SECONDS,
        ..Settings::default()
    }
}

/// The shop with its offers: three counted goods, and a download.
pub(super) fn shop() -> Story {
    given_nothing().knowing(|facts| {
        facts.settings = settings();
        facts.offers.insert(sku("LAMP"), offer(1_000, 10));
        facts.offers.insert(sku("VASE"), offer(2_500, 10));
        facts.offers.insert(sku("BOWL"), offer(100, 10));
        let song = VariantOffer {
            requires_shipping: false,
            tracks_stock: false,
            available: None,
            ..offer(99, 0)
        };
        facts.offers.insert(sku("SONG"), song);
    })
}

pub(super) fn to_cart(command: cart::Command) -> Command {
    Command::Cart(CART, command)
}

pub(super) fn to_order(command: order::Command) -> Command {
    Command::Order(CART.order(), command)
}

pub(super) fn to_checkout(command: checkout::Command) -> Command {
    Command::Checkout(CART.checkout(), command)
}

pub(super) fn open() -> Command {
    to_cart(cart::Command::Open {
        customer: None,
        currency: Currency::EUR,
    })
}

pub(super) fn add(text: &str, quantity: i64) -> Command {
    to_cart(cart::Command::AddLine {
        sku: sku(text),
        quantity,
        attributes: Attributes::new(),
    })
}

pub(super) fn set_contact() -> Command {
    to_cart(cart::Command::SetContact {
        email: sealed("ada@example.org"),
        phone: None,
    })
}

pub(super) fn set_address(country: &str) -> Command {
    to_cart(cart::Command::SetAddresses {
        shipping: sealed("1 Long Lane"),
        billing: None,
        country: country.to_owned(),
    })
}

pub(super) fn choose_shipping(code: &str) -> Command {
    to_cart(cart::Command::ChooseShipping { code: code.to_owned() })
}

pub(super) fn begin_checkout() -> Command {
    to_cart(cart::Command::BeginCheckout { expected_total: None })
}

pub(super) fn start() -> Command {
    to_checkout(checkout::Command::Start {
        payment: PaymentMethod::Invoice,
    })
}

/// Pieces on the shelf, where a story needs a shelf and not only what is known of it.
pub(super) fn receive(text: &str, quantity: i64) -> Command {
    Command::StockItem(sku(text), Location::default(), item::Command::Receive { quantity })
}

/// An open cart with these pieces, complete for its checkout.
pub(super) fn filled_cart(pieces: &[(&str, i64)]) -> Story {
    let mut story = shop().having(open());
    for (text, quantity) in pieces {
        story = story.having(add(text, *quantity));
    }
    story
        .having(set_contact())
        .having(set_address("DE"))
        .having(choose_shipping("parcel"))
}

/// An order with these pieces, placed without asking the shelves.
pub(super) fn placed_order(pieces: &[(&str, i64)]) -> Story {
    filled_cart(pieces)
        .having(begin_checkout())
        .having(to_order(order::Command::Place {
            payment: PaymentMethod::Invoice,
        }))
}

pub(super) fn cart_stream() -> StreamId {
    StreamId::Cart(CART)
}

pub(super) fn order_stream() -> StreamId {
    StreamId::Order(OrderId(CART.0))
}

pub(super) fn checkout_stream() -> StreamId {
    StreamId::Checkout(CheckoutId(CART.0))
}
