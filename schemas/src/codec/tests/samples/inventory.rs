use domain::Event;
use domain::inventory::hold::{self, ReleaseReason};
use domain::inventory::item::{self, Levels};
use domain::value::{OrderId, ReservationId};

use super::{id, moment};

pub(super) fn samples() -> Vec<Event> {
    let items = items().into_iter().map(Event::from);
    items.chain(holds().into_iter().map(Event::from)).collect()
}

fn items() -> Vec<item::Event> {
    use item::Event as E;
    let levels_after = Levels {
        on_hand: 100,
        reserved: 3,
        allocated: 2,
    };
    let adjusted = E::StockAdjusted {
        delta: -7,
        reason: "broken".to_owned(),
        forced: true,
        levels_after,
    };
    let committed = E::StockCommitted {
        reservation: ReservationId(id(30)),
        levels_after,
    };
    vec![
        E::StockReceived {
            quantity: 100,
            levels_after,
        },
        adjusted,
        committed,
        E::StockShort { available: -2 },
        E::StockRanLow {
            available: 3,
            threshold: 5,
        },
        E::StockReplenished {
            available: 50,
            threshold: 5,
        },
        E::ThresholdSet { threshold: Some(5) },
        E::BackorderAllowed { limit: 10 },
    ]
}

fn holds() -> Vec<hold::Event> {
    use hold::Event as E;
    let reserved = E::StockReserved {
        quantity: 3,
        until: moment(900),
        available_after: 95,
    };
    let released = E::ReservationReleased {
        quantity: 3,
        why: ReleaseReason::CheckoutEnded,
        available_after: 98,
    };
    vec![
        reserved,
        E::ReservationExtended { until: moment(1_800) },
        released,
        E::ReservationForbidden { until: moment(2_700) },
        E::StockAllocated {
            order: OrderId(id(31)),
            quantity: 3,
        },
        E::StockShipped {
            quantity: 2,
            allocated_after: 1,
        },
        E::StockReturned {
            quantity: 1,
            returned_after: 1,
        },
    ]
}
