//! An event in a few words, for people who watch the roll.
//!
//! Nothing here says what a shopper has typed: no note, no reason, no engraving.

use domain::sales::{cart, order};
use domain::value::{Currency, LocalizedText, Money};
use domain::{Event, catalog, inventory, sales};

use crate::schema::decimal;

/// The event in a few words, beside its name and its stream.
pub(crate) fn summary(event: &Event) -> String {
    let told = match event {
        Event::Product(event) => product(event),
        Event::StockItem(event) => stock(event),
        Event::Hold(event) => hold(event),
        Event::Cart(event) => of_cart(event),
        Event::Order(event) => of_order(event),
        Event::Checkout(event) => checkout(event),
        _ => None,
    };
    told.unwrap_or_else(|| in_words(event.name()))
}

/// `GiftCardIssued` is "gift card issued".
fn in_words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(character.to_lowercase());
    }
    words
}

fn title(text: &LocalizedText) -> &str {
    text.in_locale("en", "en")
}

fn amount(amount: i64, currency: Currency) -> String {
    money(Money { amount, currency })
}

fn money(money: Money) -> String {
    format!("{} {}", decimal(money), money.currency.code())
}

fn product(event: &catalog::product::Event) -> Option<String> {
    use catalog::product::Event;
    Some(match event {
        Event::ProductDrafted { description } => format!("“{}” drafted", title(&description.title)),
        Event::ProductDescribed { description } => format!("“{}” described", title(&description.title)),
        Event::VariantAdded { sku, .. } => format!("variant {sku} added"),
        Event::VariantPriced { sku, price, .. } => format!("{sku} costs {}", money(*price)),
        _ => return None,
    })
}

fn stock(event: &inventory::item::Event) -> Option<String> {
    use inventory::item::Event;
    Some(match event {
        Event::StockReceived { quantity, levels_after } => {
            format!("{quantity} came in, {} on hand", levels_after.on_hand)
        }
        Event::StockAdjusted {
            delta, levels_after, ..
        } => format!("adjusted by {delta:+}, {} on hand", levels_after.on_hand),
        Event::StockCommitted { levels_after, .. } => format!("{} left to sell", levels_after.available()),
        Event::StockRanLow { available, threshold } => format!("only {available} left, {threshold} is low"),
        Event::StockReplenished { available, .. } => format!("{available} available again"),
        _ => return None,
    })
}

fn hold(event: &inventory::hold::Event) -> Option<String> {
    use inventory::hold::Event;
    Some(match event {
        Event::StockReserved { quantity, .. } => format!("{quantity} held for a checkout"),
        Event::ReservationReleased { quantity, .. } => format!("{quantity} free again"),
        Event::StockAllocated { quantity, .. } => format!("{quantity} promised to an order"),
        Event::StockShipped { quantity, .. } => format!("{quantity} shipped"),
        Event::StockReturned { quantity, .. } => format!("{quantity} came back"),
        _ => return None,
    })
}

fn of_cart(event: &cart::Event) -> Option<String> {
    use cart::Event;
    Some(match event {
        Event::CartOpened { currency, .. } => format!("a cart in {}", currency.code()),
        Event::LineAdded {
            quantity,
            title: name,
            unit_price,
            ..
        } => format!("{quantity} × {} at {}", title(name), money(*unit_price)),
        Event::QuantityChanged { quantity_after, .. } => format!("{quantity_after} of a line now"),
        Event::CheckoutBegun { totals, .. } => format!("to pay: {}", amount(totals.total, totals.currency)),
        _ => return None,
    })
}

fn of_order(event: &order::Event) -> Option<String> {
    use order::Event;
    Some(match event {
        Event::OrderPlaced {
            number, lines, totals, ..
        } => {
            let pieces: u64 = lines.iter().map(|line| u64::from(line.quantity)).sum();
            let plural = if pieces == 1 { "" } else { "s" };
            let total = amount(totals.total, totals.currency);
            format!("order {number}: {pieces} piece{plural}, {total}")
        }
        Event::OrderPaid { amount } => format!("{} paid", money(*amount)),
        Event::OrderRefunded { amount, .. } => format!("{} refunded", money(*amount)),
        _ => return None,
    })
}

fn checkout(event: &sales::checkout::Event) -> Option<String> {
    use sales::checkout::Event;
    Some(match event {
        Event::StockRefused { sku, available, .. } => format!("{sku} is short: {available} left"),
        _ => return None,
    })
}
