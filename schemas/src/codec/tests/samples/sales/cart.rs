use domain::sales::cart::Event;
use domain::value::{Currency, LineId, ProductId};

use super::{euros, frozen_line, id, moment, pairs, sealed, shipping, sku, text, totals};

pub(super) fn samples() -> Vec<Event> {
    let line = LineId(id(41));
    let added = Event::LineAdded {
        line,
        sku: sku("POT-1"),
        product: ProductId(id(42)),
        title: text("Pot", "Kanne"),
        attributes: pairs([("engraving", "For Ada")]),
        quantity: 2,
        unit_price: euros(2_490),
        catalog_seq: 12,
    };
    let repriced = Event::LineRepriced {
        line,
        unit_price: euros(2_390),
        catalog_seq: 14,
    };
    let begun = Event::CheckoutBegun {
        attempt: 1,
        lines: vec![frozen_line()],
        totals: totals(),
        shipping: Some(shipping()),
        held_until: Some(moment(900)),
    };
    vec![
        Event::CartOpened {
            customer: Some(id(40)),
            currency: Currency::EUR,
            expires: moment(86_400),
        },
        added,
        Event::QuantityChanged {
            line,
            quantity_after: 3,
        },
        Event::LineRemoved { line },
        Event::CartCleared {},
        repriced,
        Event::ContactSet {
            email: sealed(40, "ZW1haWw="),
            phone: Some(sealed(40, "cGhvbmU=")),
        },
        Event::AddressesSet {
            shipping: sealed(40, "c2hpcHBpbmc="),
            billing: Some(sealed(40, "YmlsbGluZw==")),
            country: "AT".to_owned(),
        },
        Event::ShippingChosen { shipping: shipping() },
        Event::CartClaimed { customer: id(40) },
        begun,
        Event::CheckoutReopened {
            why: "cart.changed".to_owned(),
        },
        Event::CartKept {
            expires: moment(172_800),
        },
        Event::CartConverted {},
        Event::CartExpired {},
    ]
}
