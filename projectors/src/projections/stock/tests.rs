use domain::inventory::item::Levels;

use super::*;
use crate::testkit::samples::sku;
use crate::testkit::{folded, moment, shape};

fn item(location: &str) -> StreamId {
    StreamId::StockItem(sku("LAMP-1"), location.parse().expect("it is a location"))
}

fn levels(on_hand: i64, reserved: i64) -> Levels {
    Levels {
        on_hand,
        reserved,
        allocated: 0,
    }
}

fn received(on_hand: i64) -> Event {
    item::Event::StockReceived {
        quantity: on_hand,
        levels_after: levels(on_hand, 0),
    }
    .into()
}

fn reserved(on_hand: i64, pieces: i64) -> Event {
    item::Event::StockCommitted {
        reservation: domain::value::ReservationId(uuid::Uuid::nil()),
        levels_after: levels(on_hand, pieces),
    }
    .into()
}

#[test]
fn what_is_held_is_not_available() {
    let events = [
        received(5),
        reserved(5, 2),
        item::Event::ThresholdSet { threshold: Some(3) }.into(),
        item::Event::BackorderAllowed { limit: 4 }.into(),
    ];
    let (view, _) = folded::<Stock>(&item("main"), &events);
    assert_eq!(
        (view.available(), view.threshold(), view.backorder_limit()),
        (3, Some(3), 4)
    );
}

#[test]
fn locations_of_one_sku_are_one_view() {
    assert_eq!(Stock::view_key(&item("main")), Stock::view_key(&item("attic")));
    let mut view = None;
    for (location, pieces) in [("main", 5), ("attic", 2), ("main", 4)] {
        let decided = Decided {
            stream: item(location),
            event: received(pieces),
        };
        view = Stock::evolve(view, &decided, moment(1));
    }
    let view = view.expect("there is stock");
    assert_eq!(view.locations.len(), 2);
    assert_eq!(view.available(), 6);
}

#[test]
fn what_ran_low_is_listed_until_it_is_replenished() {
    let low = item::Event::StockRanLow {
        available: 1,
        threshold: 3,
    };
    let replenished = item::Event::StockReplenished {
        available: 9,
        threshold: 3,
    };
    let lists = |events: &[Event]| {
        let (_, rows) = folded::<Stock>(&item("main"), events);
        let lists = rows.into_iter().map(|(table, row)| (table, row.key.partition));
        lists.collect::<Vec<_>>()
    };
    let all = || ("listed", "all".to_owned());
    assert_eq!(lists(&[received(5)]), [all()]);
    assert_eq!(
        lists(&[received(5), low.clone().into()]),
        [all(), ("listed", "low".to_owned())]
    );
    assert_eq!(lists(&[received(5), low.into(), replenished.into()]), [all()]);
}

#[test]
fn stored_stock_looks_as_it_did() {
    assert_eq!(
        shape::<Stock>(&item("main"), &[received(5), reserved(5, 2)]),
        0x55b5_81c2_96bf_c968
    );
}
