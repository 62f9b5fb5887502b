//! Decisions about what leaves the house.

use uuid::Uuid;

use super::decide::{ORDER_PARCELS_MAX, check_text, checked_lines};
use super::state::{Fulfilment, ParcelProgress, Placed, Status};
use super::{Event, LineQuantity, Rejection};
use crate::value::{TITLE_CHARS_MAX, URL_CHARS_MAX};

/// Who carries a parcel, and how to follow it.
pub(super) struct Carriage<'a> {
    pub(super) carrier: &'a str,
    pub(super) tracking_number: &'a str,
    pub(super) tracking_url: &'a str,
}

pub(super) fn fulfil(
    order: &Placed,
    id: Uuid,
    lines: &[LineQuantity],
    carriage: &Carriage<'_>,
) -> Result<Vec<Event>, Rejection> {
    let lines = checked_lines(order, lines)?;
    if let Some(known) = find(order, id) {
        let same = known.lines == lines;
        return if same {
            Ok(Vec::new())
        } else {
            Err(Rejection::FulfilmentExists)
        };
    }
    match order.status {
        Status::Pending => return Err(Rejection::NotConfirmed),
        Status::Cancelled => return Err(Rejection::Cancelled),
        Status::Shipped | Status::Delivered => return Err(Rejection::AlreadyShipped),
        Status::Confirmed | Status::PartiallyShipped => {}
    }
    check_carriage(carriage)?;
    if order.fulfilments.len() >= ORDER_PARCELS_MAX {
        return Err(Rejection::TooManyFulfilments);
    }
    for LineQuantity { line, quantity } in &lines {
        let ordered = order.line(*line).map_or(0, |line| line.quantity);
        let remaining = ordered - order.in_parcels(*line, ParcelProgress::Packed);
        if *quantity > remaining {
            return Err(Rejection::QuantityTooLarge { line: *line, remaining });
        }
    }
    Ok(vec![Event::FulfilmentCreated {
        fulfilment: id,
        lines,
        carrier: carriage.carrier.to_owned(),
        tracking_number: carriage.tracking_number.to_owned(),
        tracking_url: carriage.tracking_url.to_owned(),
    }])
}

pub(super) fn mark_shipped(order: &Placed, id: Uuid) -> Result<Vec<Event>, Rejection> {
    match find(order, id).ok_or(Rejection::FulfilmentAbsent)?.progress {
        ParcelProgress::Packed => Ok(vec![Event::FulfilmentShipped { fulfilment: id }]),
        ParcelProgress::Shipped | ParcelProgress::Delivered => Ok(Vec::new()),
    }
}

pub(super) fn mark_delivered(order: &Placed, id: Uuid) -> Result<Vec<Event>, Rejection> {
    match find(order, id).ok_or(Rejection::FulfilmentAbsent)?.progress {
        ParcelProgress::Packed => Err(Rejection::FulfilmentNotShipped),
        ParcelProgress::Shipped => Ok(vec![Event::FulfilmentDelivered { fulfilment: id }]),
        ParcelProgress::Delivered => Ok(Vec::new()),
    }
}

fn find(order: &Placed, id: Uuid) -> Option<&Fulfilment> {
    order.fulfilments.iter().find(|parcel| parcel.id == id)
}

fn check_carriage(carriage: &Carriage<'_>) -> Result<(), Rejection> {
    check_text("carrier", carriage.carrier, TITLE_CHARS_MAX)?;
    check_text("tracking_number", carriage.tracking_number, TITLE_CHARS_MAX)?;
    check_text("tracking_url", carriage.tracking_url, URL_CHARS_MAX)?;
    // It becomes a link in the shop: anything but a web address could be a script.
    let url = carriage.tracking_url;
    if url.is_empty() || url.starts_with("https://") || url.starts_with("http://") {
        Ok(())
    } else {
        Err(Rejection::TextUnacceptable { field: "tracking_url" })
    }
}
