use domain::sales::PaymentMethod;
use domain::sales::checkout::{Demand, DemandGroup, Event, StockMovement};
use domain::value::ReservationId;

use super::{id, moment, sku};

pub(super) fn samples() -> Vec<Event> {
    let started = Event::CheckoutStarted {
        attempt: 1,
        reservation: ReservationId(id(60)),
        groups: groups(),
        payment: PaymentMethod::Invoice,
        deadline: moment(900),
    };
    let refused = Event::StockRefused {
        partition: 5,
        sku: sku("POT-1"),
        available: 1,
        code: "stock.insufficient".to_owned(),
    };
    vec![
        started,
        Event::StockHeld { partition: 5 },
        refused,
        Event::StockAllotted { partition: 5 },
        Event::StockFreed { partition: 5 },
        Event::CheckoutCompleted {},
        Event::CheckoutTimedOut {},
        Event::CheckoutAbandoned {
            step: "place".to_owned(),
            why: "order.exists".to_owned(),
        },
        Event::CheckoutCompensated {
            step: "hold".to_owned(),
            why: "stock.insufficient".to_owned(),
        },
        Event::StockMovementOwed {
            movement: id(61),
            kind: StockMovement::Ship,
            groups: groups(),
        },
        Event::StockMovementDone {
            movement: id(61),
            partition: 5,
        },
    ]
}

fn groups() -> Vec<DemandGroup> {
    let demand = Demand {
        sku: sku("POT-1"),
        location: "main".parse().expect("the sample is a location"),
        quantity: 2,
    };
    vec![DemandGroup {
        partition: 5,
        demands: vec![demand],
    }]
}
