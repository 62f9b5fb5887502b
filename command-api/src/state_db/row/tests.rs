use std::sync::LazyLock;

use domain::stream::{Location, NameKey};
use domain::value::{CartId, OrderId, ProductId};
use uuid::Uuid;

use super::*;

/// What the rows of these tests are named by.
const NAME: &str = "shop";

/// A row of each kind of state, and one without a state.
static ROWS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let id = Uuid::from_u128(7);
    let sku = "LAMP-1".parse().expect("a SKU");
    let streams = [
        StreamId::Shop,
        StreamId::Cart(CartId(id)),
        StreamId::Order(OrderId(id)),
        StreamId::Product(ProductId(id)),
        StreamId::StockItem(sku, Location::default()),
        StreamId::Name(NameKey::Sku("LAMP-2".parse().expect("a SKU"))),
    ];
    let states = streams.iter().map(|stream| Some(State::initial(stream)));
    let rows = states.chain([None]).map(|state| {
        let mut row = Vec::new();
        seal_state(NAME, 300, state.as_ref(), &mut row);
        row
    });
    rows.collect()
});

#[test]
fn what_is_near_a_row_is_found_damaged_and_never_loaded() {
    fuzzing::near!(ROWS.clone(), 100_000, |bytes| {
        let read = unseal_state(NAME, bytes);
        assert_eq!(read.is_ok(), ROWS.iter().any(|row| row == bytes), "{bytes:?}");
        // And without its checksum: the reader of lists may make room for a mebibyte before it sees that they end.
        let body = bytes.get(CHECKSUM_BYTES..).unwrap_or_default();
        let _ = fuzzing::within_memory(bytes, 4 << 20, 1_024, || {
            postcard::from_bytes::<(u64, Option<State>)>(body)
        });
    });
}
