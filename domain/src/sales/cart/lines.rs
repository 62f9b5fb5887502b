//! Decisions about what is in a cart.

use super::state::Contents;
use super::{Event, Rejection};
use crate::value::{
    ATTRIBUTE_CHARS_MAX, Attributes, CART_LINES_MAX, CartId, Currency, LINE_ATTRIBUTES_MAX, LINE_QUANTITY_MAX, LineId,
    Money, Sku,
};
use crate::{Context, VariantOffer};

/// The line of a SKU with these attributes; each text carries its length, so that no two lists read alike.
pub(super) fn line_id(cart: CartId, sku: &Sku, attributes: &Attributes) -> LineId {
    let texts = attributes
        .iter()
        .flat_map(|(name, value)| [name.as_str(), value.as_str()]);
    let role = std::iter::once(sku.as_str())
        .chain(texts)
        .fold("line".to_owned(), |role, text| format!("{role}/{}:{text}", text.len()));
    LineId::derived(cart.0, &role)
}

pub(super) fn add(
    cart: CartId,
    contents: &Contents,
    sku: &Sku,
    quantity: i64,
    attributes: &Attributes,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    if quantity <= 0 {
        return Err(Rejection::QuantityNotPositive);
    }
    check_attributes(attributes)?;
    let (offer, unit_price) = offered(sku, contents.currency, context)?;
    check_quantity(contents.quantity_of(sku).saturating_add(quantity), sku, &offer)?;

    let line = line_id(cart, sku, attributes);
    let before = contents.line(line).map(|line| line.quantity);
    let quantity_after = pieces(i64::from(before.unwrap_or(0)) + quantity, sku)?;
    if before.is_some() {
        return Ok(vec![Event::QuantityChanged { line, quantity_after }]);
    }
    if contents.lines.len() >= CART_LINES_MAX {
        return Err(Rejection::TooManyLines);
    }
    Ok(vec![Event::LineAdded {
        line,
        sku: sku.clone(),
        product: offer.product,
        title: offer.title,
        attributes: attributes.clone(),
        quantity: quantity_after,
        unit_price,
        catalog_seq: context.reference.catalog_seq(),
    }])
}

pub(super) fn set_quantity(
    contents: &Contents,
    id: LineId,
    quantity: i64,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    if quantity < 0 {
        return Err(Rejection::QuantityNotPositive);
    }
    let line = contents.line(id).ok_or(Rejection::LineAbsent(id))?;
    if quantity == 0 {
        return Ok(vec![Event::LineRemoved { line: id }]);
    }
    if quantity == i64::from(line.quantity) {
        return Ok(Vec::new());
    }
    let (offer, _) = offered(&line.sku, contents.currency, context)?;
    let in_other_lines = contents.quantity_of(&line.sku) - i64::from(line.quantity);
    check_quantity(in_other_lines.saturating_add(quantity), &line.sku, &offer)?;
    Ok(vec![Event::QuantityChanged {
        line: id,
        quantity_after: pieces(quantity, &line.sku)?,
    }])
}

pub(super) fn remove(contents: &Contents, id: LineId) -> Result<Vec<Event>, Rejection> {
    contents.line(id).ok_or(Rejection::LineAbsent(id))?;
    Ok(vec![Event::LineRemoved { line: id }])
}

pub(super) fn clear(contents: &Contents) -> Vec<Event> {
    if contents.lines.is_empty() {
        return Vec::new();
    }
    vec![Event::CartCleared {}]
}

/// What is offered under a SKU, and for how much.
fn offered(sku: &Sku, currency: Currency, context: &Context<'_>) -> Result<(VariantOffer, Money), Rejection> {
    let offer = context.reference.offer(sku);
    let offer = offer.ok_or_else(|| Rejection::VariantUnavailable(sku.clone()))?;
    let sku = sku.clone();
    let price = offer
        .price_in(currency)
        .ok_or(Rejection::VariantNotPriced { sku, currency })?;
    Ok((offer, price))
}

/// Whether a cart may have so many pieces of a SKU, over all its lines.
fn check_quantity(of_sku: i64, sku: &Sku, offer: &VariantOffer) -> Result<(), Rejection> {
    if of_sku > i64::from(LINE_QUANTITY_MAX) {
        return Err(Rejection::QuantityTooLarge(sku.clone()));
    }
    match offer.shortage(of_sku) {
        Some(available) => Err(Rejection::InsufficientStock {
            sku: sku.clone(),
            available,
        }),
        None => Ok(()),
    }
}

fn pieces(quantity: i64, sku: &Sku) -> Result<u32, Rejection> {
    u32::try_from(quantity).map_err(|_| Rejection::QuantityTooLarge(sku.clone()))
}

fn check_attributes(attributes: &Attributes) -> Result<(), Rejection> {
    let fits = |text: &String| text.chars().count() <= ATTRIBUTE_CHARS_MAX;
    let acceptable = attributes.len() <= LINE_ATTRIBUTES_MAX
        && attributes
            .iter()
            .all(|(name, value)| !name.is_empty() && fits(name) && fits(value));
    if acceptable {
        Ok(())
    } else {
        Err(Rejection::AttributesUnacceptable)
    }
}
