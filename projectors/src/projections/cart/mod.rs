//! Carts by id.

use domain::sales::cart;
use domain::stream::{StreamId, Topic};
use domain::value::{CartId, LineId, Timestamp};
use domain::{Decided, Event};
use read_store::model::Versioned;
use read_store::model::cart::{
    CartLineView, CartStatus, CartView, FrozenCart, OPEN, PROJECTION, TABLES, by_id_key, open_row,
};
use read_store::{Key, StoreError, Table};

use crate::projection::{DerivedRow, Projection};

/// Carts by id.
#[derive(Debug)]
pub struct Carts;

impl Projection for Carts {
    const NAME: &'static str = PROJECTION;
    const VERSION: u32 = 2;
    const TOPICS: &'static [Topic] = &[Topic::Sales];
    const TABLES: &'static [&'static Table] = &TABLES;

    type View = CartView;

    fn view_key(stream: &StreamId) -> Option<Key> {
        match stream {
            StreamId::Cart(id) => Some(by_id_key(*id)),
            _ => None,
        }
    }

    fn evolve(view: Option<CartView>, decided: &Decided, at: Timestamp) -> Option<CartView> {
        let (Event::Cart(event), StreamId::Cart(id)) = (&decided.event, &decided.stream) else {
            return view;
        };
        if let cart::Event::CartOpened { .. } = event {
            return opened(*id, event, at);
        }
        let mut view = view?;
        change(&mut view, event);
        Some(view)
    }

    fn rows(versioned: &Versioned<CartView>) -> Result<Vec<DerivedRow>, StoreError> {
        Ok(open_row(&versioned.view).map(|row| (&OPEN, row)).into_iter().collect())
    }
}

fn opened(id: CartId, event: &cart::Event, at: Timestamp) -> Option<CartView> {
    let cart::Event::CartOpened {
        customer,
        currency,
        expires,
    } = event
    else {
        return None;
    };
    Some(CartView {
        id,
        customer: *customer,
        currency: *currency,
        lines: Vec::new(),
        email: None,
        phone: None,
        shipping_address: None,
        billing_address: None,
        country: String::new(),
        shipping: None,
        status: CartStatus::Open,
        frozen: None,
        reopened_why: String::new(),
        opened: at,
        expires: *expires,
    })
}

fn change(view: &mut CartView, event: &cart::Event) {
    match event {
        cart::Event::CartOpened { .. } => {}
        cart::Event::LineAdded { .. } => view.lines.extend(line(event)),
        cart::Event::QuantityChanged { line, quantity_after } => {
            if let Some(line) = line_of(view, *line) {
                line.quantity = *quantity_after;
            }
        }
        cart::Event::LineRemoved { line } => view.lines.retain(|known| known.id != *line),
        cart::Event::CartCleared {} => view.lines.clear(),
        cart::Event::LineRepriced {
            line,
            unit_price,
            catalog_seq,
        } => {
            if let Some(line) = line_of(view, *line) {
                line.unit_price = *unit_price;
                line.catalog_seq = *catalog_seq;
            }
        }
        cart::Event::ContactSet { email, phone } => {
            view.email = Some(email.clone());
            view.phone.clone_from(phone);
        }
        cart::Event::AddressesSet {
            shipping,
            billing,
            country,
        } => {
            view.shipping_address = Some(shipping.clone());
            view.billing_address.clone_from(billing);
            view.country.clone_from(country);
        }
        cart::Event::ShippingChosen { shipping } => view.shipping = Some(shipping.clone()),
        cart::Event::CartClaimed { customer } => view.customer = Some(*customer),
        cart::Event::CheckoutBegun {
            attempt,
            lines,
            totals,
            shipping,
            held_until,
        } => {
            view.status = CartStatus::CheckingOut;
            view.frozen = Some(FrozenCart {
                attempt: *attempt,
                lines: lines.clone(),
                totals: *totals,
                shipping: shipping.clone(),
                held_until: *held_until,
            });
        }
        cart::Event::CheckoutReopened { why } => {
            view.status = CartStatus::Open;
            view.reopened_why.clone_from(why);
        }
        cart::Event::CartKept { expires } => view.expires = *expires,
        cart::Event::CartConverted {} => view.status = CartStatus::Converted,
        cart::Event::CartExpired {} => view.status = CartStatus::Expired,
    }
}

fn line(event: &cart::Event) -> Option<CartLineView> {
    let cart::Event::LineAdded {
        line,
        sku,
        product,
        title,
        attributes,
        quantity,
        unit_price,
        catalog_seq,
    } = event
    else {
        return None;
    };
    Some(CartLineView {
        id: *line,
        sku: sku.clone(),
        product: *product,
        title: title.clone(),
        attributes: attributes.clone(),
        quantity: *quantity,
        unit_price: *unit_price,
        catalog_seq: *catalog_seq,
    })
}

fn line_of(view: &mut CartView, id: LineId) -> Option<&mut CartLineView> {
    view.lines.iter_mut().find(|line| line.id == id)
}

#[cfg(test)]
mod tests;
