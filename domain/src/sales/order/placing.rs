//! An order is made of what its cart froze.

use super::{Event, Rejection};
use crate::sales::cart::{Cart, Contents, Frozen};
use crate::sales::counter::{self, OrderCounter};
use crate::sales::{PaymentMethod, order_number};
use crate::stream::StreamId;
use crate::value::{CartId, OrderId};
use crate::{Context, Decided, Known, Refusal, Streams};

/// Draws the next number and places the order; by invoice it is confirmed at once.
pub(super) fn place(
    id: OrderId,
    payment: PaymentMethod,
    streams: &dyn Streams,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let cart = Known::<Cart>::load(streams, &StreamId::Cart(CartId(id.0)))?;
    let Cart::InCheckout(contents, frozen) = &*cart else {
        return Err(Rejection::CartChanged.into());
    };
    let counter_stream = StreamId::OrderCounter(context.partition);
    let counter = Known::<OrderCounter>::load(streams, &counter_stream)?;
    let count_after = counter.count + 1;
    let number = order_number::order_number(count_after, context.partition).ok_or(Rejection::NumbersExhausted)?;
    let drawn = Decided {
        stream: counter_stream,
        event: counter::Event::OrderNumberDrawn { count_after }.into(),
    };
    let placed = placed(number, contents, frozen, payment, context)?;
    let confirmed = match payment {
        PaymentMethod::Invoice => Event::OrderConfirmed {},
    };
    let of_order = [placed, confirmed].map(|event| Decided {
        stream: StreamId::Order(id),
        event: event.into(),
    });
    Ok(std::iter::once(drawn).chain(of_order).collect())
}

fn placed(
    number: String,
    contents: &Contents,
    frozen: &Frozen,
    payment: PaymentMethod,
    context: &Context<'_>,
) -> Result<Event, Rejection> {
    Ok(Event::OrderPlaced {
        number,
        customer: contents.customer,
        email: contents.email.clone().ok_or(Rejection::CartChanged)?,
        phone: contents.phone.clone(),
        shipping_address: contents.shipping_address.clone(),
        billing_address: contents.billing_address.clone(),
        country: contents.destination(context.reference.settings()).to_owned(),
        lines: frozen.lines.clone(),
        totals: frozen.totals,
        shipping: frozen.shipping.clone(),
        payment,
    })
}
