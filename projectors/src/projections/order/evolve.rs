use domain::sales::order::Event;
use domain::value::{OrderId, Timestamp};
use read_store::model::order::{
    FulfilmentStatus, FulfilmentView, NoteView, OrderStatus, OrderView, PaymentStatus, ReturnStatus, ReturnView,
};
use uuid::Uuid;

pub(super) fn placed(id: OrderId, event: &Event, at: Timestamp) -> Option<OrderView> {
    let Event::OrderPlaced {
        number,
        customer,
        email,
        phone,
        shipping_address,
        billing_address,
        country,
        lines,
        totals,
        shipping,
        payment,
    } = event
    else {
        return None;
    };
    Some(OrderView {
        id,
        number: number.clone(),
        customer: *customer,
        email: email.clone(),
        phone: phone.clone(),
        shipping_address: shipping_address.clone(),
        billing_address: billing_address.clone(),
        country: country.clone(),
        lines: lines.clone(),
        totals: *totals,
        shipping: shipping.clone(),
        payment: *payment,
        status: OrderStatus::Pending,
        payment_status: PaymentStatus::Pending,
        refunded: 0,
        cancelled_why: String::new(),
        fulfilments: Vec::new(),
        returns: Vec::new(),
        notes: Vec::new(),
        timeline: Vec::new(),
        placed: at,
    })
}

pub(super) fn change(view: &mut OrderView, event: &Event, at: Timestamp) {
    match event {
        Event::OrderPlaced { .. } => {}
        Event::OrderConfirmed {} => view.status = OrderStatus::Confirmed,
        Event::OrderPaid { .. } => view.payment_status = PaymentStatus::Paid,
        Event::OrderCancelled { why, .. } => {
            view.status = OrderStatus::Cancelled;
            view.cancelled_why.clone_from(why);
        }
        Event::FulfilmentCreated {
            fulfilment,
            lines,
            carrier,
            tracking_number,
            tracking_url,
        } => view.fulfilments.push(FulfilmentView {
            id: *fulfilment,
            lines: lines.clone(),
            carrier: carrier.clone(),
            tracking_number: tracking_number.clone(),
            tracking_url: tracking_url.clone(),
            status: FulfilmentStatus::Packed,
        }),
        Event::FulfilmentShipped { fulfilment } => {
            set_fulfilment(view, *fulfilment, FulfilmentStatus::Shipped);
            let is_all = has_all(view, |status| status != FulfilmentStatus::Packed);
            view.status = if is_all {
                OrderStatus::Shipped
            } else {
                OrderStatus::PartiallyShipped
            };
        }
        Event::FulfilmentDelivered { fulfilment } => {
            set_fulfilment(view, *fulfilment, FulfilmentStatus::Delivered);
            if has_all(view, |status| status == FulfilmentStatus::Delivered) {
                view.status = OrderStatus::Delivered;
            }
        }
        Event::ReturnRequested { request, lines, reason } => view.returns.push(ReturnView {
            id: *request,
            lines: lines.clone(),
            reason: reason.clone(),
            status: ReturnStatus::Requested,
            refund_due: 0,
        }),
        Event::ReturnApproved { request } => set_return(view, *request, ReturnStatus::Approved),
        Event::ReturnReceived {
            request, refund_due, ..
        } => {
            set_return(view, *request, ReturnStatus::Received);
            if let Some(returned) = view.returns.iter_mut().find(|returned| returned.id == *request) {
                returned.refund_due = refund_due.amount;
            }
        }
        Event::OrderRefunded { refunded_after, .. } => {
            view.refunded = refunded_after.amount;
            let is_all = view.refunded >= view.totals.total;
            view.payment_status = if is_all {
                PaymentStatus::Refunded
            } else {
                PaymentStatus::PartiallyRefunded
            };
        }
        Event::NoteAdded { note } => view.notes.push(NoteView { at, note: note.clone() }),
    }
}

fn set_fulfilment(view: &mut OrderView, id: Uuid, status: FulfilmentStatus) {
    if let Some(fulfilment) = view.fulfilments.iter_mut().find(|fulfilment| fulfilment.id == id) {
        fulfilment.status = status;
    }
}

fn set_return(view: &mut OrderView, id: Uuid, status: ReturnStatus) {
    if let Some(returned) = view.returns.iter_mut().find(|returned| returned.id == id) {
        returned.status = status;
    }
}

/// Whether every piece of every line is in a parcel that is as far as `is_far_enough` says.
fn has_all(view: &OrderView, is_far_enough: impl Fn(FulfilmentStatus) -> bool) -> bool {
    view.lines.iter().all(|line| {
        let parcels = view
            .fulfilments
            .iter()
            .filter(|fulfilment| is_far_enough(fulfilment.status));
        let parts = parcels
            .flat_map(|fulfilment| &fulfilment.lines)
            .filter(|part| part.line == line.line);
        let pieces: u64 = parts.map(|part| u64::from(part.quantity)).sum();
        pieces >= u64::from(line.quantity)
    })
}
