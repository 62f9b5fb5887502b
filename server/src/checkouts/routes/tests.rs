use domain::sales::PaymentMethod;
use domain::sales::checkout::Event;
use domain::value::{CheckoutId, ReservationId};
use uuid::Uuid;

use super::*;

fn checkout(number: u128) -> StreamId {
    StreamId::Checkout(CheckoutId(Uuid::from_u128(number)))
}

fn started(attempt: u32) -> Event {
    Event::CheckoutStarted {
        attempt,
        reservation: ReservationId(Uuid::nil()),
        groups: Vec::new(),
        payment: PaymentMethod::Invoice,
        deadline: Timestamp(900_000),
    }
}

#[test]
fn only_the_times_of_the_last_try_are_kept_of_each_checkout() {
    let mut times = BTreeMap::new();
    let log = [
        (1, checkout(1), started(1)),
        (2, checkout(2), started(1)),
        (3, checkout(1), Event::CheckoutTimedOut {}),
        (4, checkout(1), started(2)),
        (5, checkout(1), Event::StockHeld { partition: 3 }),
    ];
    for (at, stream, event) in log {
        let event = event.into();
        note(&mut times, &Decided { stream, event }, Timestamp(at));
    }
    let known = times.iter();
    let known: Vec<_> = known
        .map(|(stream, times)| (stream.clone(), times.began.0, times.since.0))
        .collect();
    assert_eq!(known, [(checkout(1), 4, 5), (checkout(2), 2, 2)]);
}
