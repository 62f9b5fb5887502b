use domain::sales::checkout::{Demand, DemandGroup, Event as CheckoutEvent};
use domain::sales::order::{OrderLine, Placed};
use domain::sales::{PaymentMethod, Totals};
use domain::value::{CheckoutId, LineId, OrderId, Timestamp};
use uuid::Uuid;

use super::*;

const ID: Uuid = Uuid::from_u128(7);

fn sku() -> Sku {
    "LAMP".parse().expect("a SKU")
}

fn reservation() -> ReservationId {
    ReservationId(Uuid::from_u128(1))
}

fn held(hold: Hold) -> Held {
    Held {
        location: Location::default(),
        reservation: reservation(),
        hold,
        checkout: CheckoutId(ID),
    }
}

fn reserved(quantity: i64) -> Held {
    held(Hold::Reserved {
        quantity,
        until: Timestamp(1),
    })
}

fn allocated(to_ship: i64, shipped: i64) -> Held {
    held(Hold::Allocated {
        order: OrderId(ID),
        to_ship,
        shipped,
        returned: 0,
    })
}

fn checkout(events: &[CheckoutEvent]) -> Checkout {
    let mut checkout = Checkout::default();
    checkout.evolve(&CheckoutEvent::CheckoutStarted {
        attempt: 1,
        reservation: reservation(),
        groups: vec![DemandGroup {
            partition: 3,
            demands: vec![Demand {
                sku: sku(),
                location: Location::default(),
                quantity: 2,
            }],
        }],
        payment: PaymentMethod::Invoice,
        deadline: Timestamp(1),
    });
    for event in events {
        checkout.evolve(event);
    }
    checkout
}

fn completed() -> Checkout {
    let allotted = CheckoutEvent::StockAllotted { partition: 3 };
    checkout(&[
        CheckoutEvent::StockHeld { partition: 3 },
        allotted,
        CheckoutEvent::CheckoutCompleted {},
    ])
}

fn order(status: Status, quantity: u32) -> Order {
    Order::Placed(Box::new(Placed {
        number: "A1".to_owned(),
        customer: None,
        status,
        lines: vec![OrderLine {
            line: LineId(Uuid::nil()),
            sku: sku(),
            quantity,
            gross: 0,
            tracks_stock: true,
        }],
        totals: Totals {
            currency: "EUR".parse().expect("a currency"),
            subtotal: 0,
            discount: 0,
            shipping: 0,
            tax: 0,
            total: 0,
            prices_include_tax: true,
        },
        payment: PaymentMethod::Invoice,
        paid: 0,
        refunded: 0,
        fulfilments: Vec::new(),
        returns: Vec::new(),
    }))
}

fn code(held: &Held, checkout: &Checkout, order: &Order) -> Option<&'static str> {
    wrong_with(&sku(), held, checkout, order).map(|(code, _)| code)
}

#[test]
fn what_a_checkout_holds_has_an_owner_until_it_has_ended() {
    let none = Order::Absent;
    let undoing = checkout(&[CheckoutEvent::CheckoutTimedOut {}]);
    for running in [checkout(&[]), undoing] {
        assert_eq!(code(&reserved(2), &running, &none), None);
        assert_eq!(code(&reserved(3), &running, &none), Some(QUANTITY));
    }
    let refused = checkout(&[
        CheckoutEvent::CheckoutTimedOut {},
        CheckoutEvent::StockFreed { partition: 3 },
        CheckoutEvent::CheckoutCompensated {
            step: "deadline".to_owned(),
            why: "checkout.timed_out".to_owned(),
        },
    ]);
    for ended in [Checkout::NotStarted, refused, completed()] {
        assert_eq!(code(&reserved(2), &ended, &none), Some(WITHOUT_CHECKOUT), "{ended:?}");
    }
}

#[test]
fn what_is_promised_belongs_to_an_order_that_waits_for_it() {
    let confirmed = order(Status::Confirmed, 2);
    assert_eq!(
        code(&allocated(2, 0), &checkout(&[]), &Order::Absent),
        None,
        "the order follows"
    );
    assert_eq!(code(&allocated(2, 0), &completed(), &confirmed), None);
    assert_eq!(
        code(&allocated(1, 1), &completed(), &confirmed),
        None,
        "one is on its way"
    );
    assert_eq!(code(&allocated(2, 1), &completed(), &confirmed), Some(QUANTITY));
    assert_eq!(
        code(&allocated(2, 0), &completed(), &Order::Absent),
        Some(WITHOUT_ORDER)
    );
    assert_eq!(
        code(&allocated(2, 0), &Checkout::NotStarted, &confirmed),
        Some(WITHOUT_ORDER)
    );
    let cancelled = order(Status::Cancelled, 2);
    assert_eq!(code(&allocated(2, 0), &completed(), &cancelled), Some(WITHOUT_ORDER));
    let mut releasing = completed();
    releasing.evolve(&CheckoutEvent::StockMovementOwed {
        movement: Uuid::nil(),
        kind: StockMovement::Release,
        groups: Vec::new(),
    });
    assert_eq!(
        code(&allocated(2, 0), &releasing, &cancelled),
        None,
        "it is on its way back"
    );
    let elses = Held {
        checkout: CheckoutId(Uuid::nil()),
        ..allocated(2, 0)
    };
    assert_eq!(code(&elses, &completed(), &confirmed), Some(WITHOUT_ORDER));
}
