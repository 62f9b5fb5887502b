mod cart;
mod checkout;
mod order;

use domain::Event;
use domain::sales::counter::Event as Counter;
use domain::sales::{FrozenLine, ShippingChoice, Totals};
use domain::value::{Currency, LineId, ProductId};

use super::{euros, id, moment, pairs, sealed, sku, text};

pub(super) fn samples() -> Vec<Event> {
    let mut samples: Vec<Event> = Vec::new();
    samples.extend(cart::samples().into_iter().map(Event::from));
    samples.extend(order::samples().into_iter().map(Event::from));
    samples.extend(checkout::samples().into_iter().map(Event::from));
    samples.push(Counter::OrderNumberDrawn { count_after: 7 }.into());
    samples
}

fn frozen_line() -> FrozenLine {
    FrozenLine {
        line: LineId(id(41)),
        sku: sku("POT-1"),
        product: ProductId(id(42)),
        title: text("Pot", "Kanne"),
        attributes: pairs([("engraving", "For Ada")]),
        quantity: 2,
        unit_price: 2_490,
        discount: 480,
        net: 3_750,
        tax: 750,
        gross: 4_500,
        tax_basis_points: 2_000,
        requires_shipping: true,
        tracks_stock: true,
    }
}

fn totals() -> Totals {
    Totals {
        currency: Currency::EUR,
        subtotal: 4_980,
        discount: 480,
        shipping: 490,
        tax: 832,
        total: 4_990,
        prices_include_tax: true,
    }
}

fn shipping() -> ShippingChoice {
    ShippingChoice {
        code: "standard".to_owned(),
        name: text("Parcel", "Paket"),
        price: 490,
        tax_basis_points: 2_000,
    }
}
