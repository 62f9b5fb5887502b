//! What is bought is fixed before it is paid for.

use super::estimate::Problem;
use super::state::Contents;
use super::{Event, Rejection};
use crate::Context;
use crate::sales::Totals;
use crate::value::{Money, Sku};

/// Reprices at today's prices, then fixes everything. Whether there is enough stock is not asked here:
/// only the stock items know, and the checkout asks them.
pub(super) fn begin_checkout(
    contents: &Contents,
    expected_total: Option<i64>,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    if contents.lines.is_empty() {
        return Err(Rejection::Empty);
    }
    let offer = |sku: &Sku| context.reference.offer(sku);
    let estimate = contents.estimate(context.reference.settings(), &offer);
    let mut events = Vec::new();
    for problem in estimate.problems {
        match problem {
            Problem::VariantUnavailable { sku, .. } => return Err(Rejection::VariantUnavailable(sku)),
            Problem::VariantNotPriced { sku, .. } => {
                let currency = contents.currency;
                return Err(Rejection::VariantNotPriced { sku, currency });
            }
            Problem::ShippingUnavailable { code } => return Err(Rejection::ShippingUnavailable(code)),
            Problem::PriceChanged { line, to, .. } => events.push(Event::LineRepriced {
                line,
                unit_price: to,
                catalog_seq: context.reference.catalog_seq(),
            }),
            Problem::InsufficientStock { .. } => {}
        }
    }
    if contents.email.is_none() {
        return Err(Rejection::ContactMissing);
    }
    if estimate.requires_shipping && contents.shipping_address.is_none() {
        return Err(Rejection::AddressMissing);
    }
    if estimate.requires_shipping && estimate.shipping.is_none() {
        return Err(Rejection::ShippingMissing);
    }
    check_total(expected_total, &estimate.totals)?;
    events.push(Event::CheckoutBegun {
        attempt: contents.attempts.saturating_add(1),
        lines: estimate.lines,
        totals: estimate.totals,
        shipping: estimate.shipping,
        // As the checkout reckons it, which starts in the same commit.
        held_until: Some(context.now.plus_seconds(context.reference.settings().holding_seconds)),
    });
    Ok(events)
}

/// Whether the sum is what the shopper saw.
pub(super) fn check_total(expected: Option<i64>, totals: &Totals) -> Result<(), Rejection> {
    if expected.is_none_or(|expected| expected == totals.total) {
        return Ok(());
    }
    Err(Rejection::TotalChanged {
        total: Money {
            amount: totals.total,
            currency: totals.currency,
        },
    })
}
