use domain::sales::PaymentMethod;
use domain::sales::order::{Event, LineQuantity};
use domain::value::LineId;

use super::{euros, frozen_line, id, sealed, shipping, totals};

pub(super) fn samples() -> Vec<Event> {
    let mut samples = vec![
        placed(),
        Event::OrderConfirmed {},
        Event::OrderPaid { amount: euros(4_990) },
        Event::OrderCancelled {
            why: "changed my mind".to_owned(),
            refund: true,
        },
    ];
    samples.extend(fulfilment());
    samples.extend(returns());
    samples.push(Event::NoteAdded {
        note: sealed(40, "bm90ZQ=="),
    });
    samples
}

fn placed() -> Event {
    Event::OrderPlaced {
        number: "7K3M9Q".to_owned(),
        customer: Some(id(40)),
        email: sealed(40, "ZW1haWw="),
        phone: Some(sealed(40, "cGhvbmU=")),
        shipping_address: Some(sealed(40, "c2hpcHBpbmc=")),
        billing_address: Some(sealed(40, "YmlsbGluZw==")),
        country: "AT".to_owned(),
        lines: vec![frozen_line()],
        totals: totals(),
        shipping: Some(shipping()),
        payment: PaymentMethod::Invoice,
    }
}

fn lines() -> Vec<LineQuantity> {
    vec![LineQuantity {
        line: LineId(id(41)),
        quantity: 1,
    }]
}

fn fulfilment() -> [Event; 3] {
    let fulfilment = id(50);
    let created = Event::FulfilmentCreated {
        fulfilment,
        lines: lines(),
        carrier: "Post".to_owned(),
        tracking_number: "P 123".to_owned(),
        tracking_url: "https://example.org/P123".to_owned(),
    };
    [
        created,
        Event::FulfilmentShipped { fulfilment },
        Event::FulfilmentDelivered { fulfilment },
    ]
}

fn returns() -> [Event; 4] {
    let request = id(51);
    let requested = Event::ReturnRequested {
        request,
        lines: lines(),
        reason: "too small".to_owned(),
    };
    let received = Event::ReturnReceived {
        request,
        refund_due: euros(2_250),
        restock: true,
    };
    let refunded = Event::OrderRefunded {
        amount: euros(2_250),
        refunded_after: euros(2_250),
    };
    [requested, Event::ReturnApproved { request }, received, refunded]
}
