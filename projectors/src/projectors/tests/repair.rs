//! Making the rows of one view again: what was damaged is what the log says, and everything goes on.

use read_store::model::product::BY_SLUG;
use read_store::{Batch, Version};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::RepairError;
use crate::repair::{Mended, mend};
use crate::retold::Retold;
use crate::testkit::PARTITIONS;

fn key_of(cart: u128) -> String {
    uuid(cart).to_string()
}

async fn stored(fixture: &Fixture, table: &'static read_store::Table, key: &str) -> (Row, Version) {
    let found = fixture.store.get_versioned(table, 1, &[Key::of(key.to_owned())]).await;
    let mut found = found.expect("rows can be read");
    found.pop().flatten().expect("there is a row")
}

/// Projectors over the same log, in whose store this was written before everything else.
async fn over_damage(healthy: Fixture, damage: Mutation) -> Fixture {
    healthy.projectors.stop();
    let store: Arc<dyn ReadStore> = Arc::new(MemoryStore::new());
    let table = match &damage {
        Mutation::Write { table, .. } | Mutation::Replace { table, .. } | Mutation::Delete { table, .. } => *table,
    };
    store.create(&[table], 1).await.expect("a table can be made");
    let batch = Batch {
        projection: table.projection,
        generation: 1,
        mutations: vec![damage],
        ..Batch::default()
    };
    store.apply(&[batch]).await.expect("damage can be planted");
    let fixture = Fixture::over(healthy.log.clone(), store);
    must(fixture.projectors.wait_until_caught_up()).await;
    fixture
}

/// The view of cart 2, written where that of another cart belongs.
fn view_of_another(of_cart: u128, other: Row, version: Version) -> Mutation {
    let row = Row {
        key: Key::of(key_of(of_cart)),
        values: other.values,
    };
    Mutation::Write {
        table: &cart::BY_ID,
        row,
        version,
    }
}

/// A cart that was never opened, in the shard of one that was.
fn unknown_cart_beside(cart: u128) -> u128 {
    let shard = cart_stream(cart).shard(PARTITIONS);
    let mut unknown = (90..).filter(|unknown| cart_stream(*unknown).shard(PARTITIONS) == shard);
    unknown.next().expect("each shard has carts")
}

/// A cart told again, as far as the rows in the store are.
async fn retold_as_far_as_stored(fixture: &Fixture, cart: u128) -> Retold {
    let registered = projection("cart").expect("there are carts");
    let retold = Retold::new(&fixture.parts, registered, &key_of(cart)).await;
    let mut retold = retold.expect("it can begin");
    let stored = fixture.store.positions("cart", 1).await.expect("they can be read");
    let last = stored[&retold.shard()].offset;
    let read = retold.read_to(last, PATIENCE, &CancellationToken::new()).await;
    read.expect("the log can be read");
    retold
}

/// One row is younger than what was read: another process may be ahead, and at last it is told.
async fn assert_waited_for_and_then_left(fixture: &Fixture, retold: &Retold) {
    let mended = mend(&fixture.store, 1, retold, false).await;
    assert!(matches!(mended, Ok(Mended::Behind)), "another process may be ahead");
    let mended = mend(&fixture.store, 1, retold, true).await.expect("it can be tried");
    let Mended::Done(repaired) = mended else {
        panic!("it was to insist")
    };
    assert_eq!((repaired.differences.len(), repaired.left), (1, 1));
}

async fn differing(fixture: &Fixture, name: &str) -> u64 {
    let parity = must(fixture.projectors.verify(name)).await;
    parity.expect("rows can be verified").differing
}

#[tokio::test]
async fn a_damaged_view_is_made_again_and_goes_on_from_there() {
    let healthy = Fixture::in_memory().await;
    let (_, version) = stored(&healthy, &cart::BY_ID, &key_of(1)).await;
    let (other, _) = stored(&healthy, &cart::BY_ID, &key_of(2)).await;
    let before = healthy.cart(1).await;
    let fixture = over_damage(healthy, view_of_another(1, other, version)).await;
    assert_eq!(differing(&fixture, "cart").await, 1);
    let shard = cart_stream(1).shard(PARTITIONS);
    let reached = || fixture.store.progress().reached("cart", 1, shard);
    let damaged = reached();

    let repaired = must(fixture.projectors.repair("cart", &key_of(1)))
        .await
        .expect("it can be repaired");
    let mended = reached();
    assert_eq!(mended.seq, damaged.seq);
    assert_ne!(mended, damaged, "what was read before is not shown again");
    assert_eq!(
        (repaired.generation, repaired.differences.len(), repaired.left),
        (1, 1, 0)
    );
    assert_eq!(differing(&fixture, "cart").await, 0);
    assert_eq!(fixture.cart(1).await, before);
    let again = must(fixture.projectors.repair("cart", &key_of(1)))
        .await
        .expect("it can be asked again");
    assert_eq!((again.rows, again.differences), (repaired.rows, vec![]));

    fixture
        .write_and_wait("cart", &[(cart_stream(1), line_added(7, 3))])
        .await;
    assert_eq!(differing(&fixture, "cart").await, 0);
}

#[tokio::test]
async fn what_lies_there_and_is_younger_stays_and_is_told() {
    let healthy = Fixture::in_memory().await;
    let (row, version) = stored(&healthy, &BY_SLUG, "lamp").await;
    let damage = Mutation::Delete {
        table: &BY_SLUG,
        key: row.key,
        version: version + 1,
    };
    let fixture = over_damage(healthy, damage).await;
    let StreamId::Product(product) = product_stream(1) else {
        panic!("a product")
    };
    let repaired = must(fixture.projectors.repair("product", &product.to_string())).await;
    let repaired = repaired.expect("it can be tried");
    assert_eq!((repaired.differences.len(), repaired.left), (1, 1));
    assert_eq!(repaired.differences[0].table, &BY_SLUG);
    assert!(repaired.differences[0].first.is_none());
}

#[tokio::test]
async fn a_row_that_claims_to_be_younger_is_waited_for_before_it_is_told() {
    let healthy = Fixture::in_memory().await;
    let (other, version) = stored(&healthy, &cart::BY_ID, &key_of(2)).await;
    let fixture = over_damage(healthy, view_of_another(1, other, version + 9)).await;
    let retold = retold_as_far_as_stored(&fixture, 1).await;
    assert_waited_for_and_then_left(&fixture, &retold).await;
}

#[tokio::test]
async fn rows_are_made_again_while_events_come_and_none_is_lost() {
    const ROUNDS: u128 = 30;
    let healthy = Fixture::in_memory().await;
    let (_, version) = stored(&healthy, &cart::BY_ID, &key_of(1)).await;
    let (other, _) = stored(&healthy, &cart::BY_ID, &key_of(2)).await;
    let fixture = over_damage(healthy, view_of_another(1, other, version)).await;
    for round in 0..ROUNDS {
        for cart in [1, 2] {
            fixture.log.write(&[(cart_stream(cart), line_added(10 + round, 1))]);
        }
        for cart in [1, 2] {
            let repaired = must(fixture.projectors.repair("cart", &key_of(cart))).await;
            assert_eq!(repaired.expect("it can be repaired").left, 0);
        }
    }
    must(until(|| fixture.projectors.lag_commits() == 0)).await;
    assert_eq!(differing(&fixture, "cart").await, 0);
    for cart in [1, 2] {
        let lines = fixture.cart(cart).await.expect("it is there").lines.len();
        assert_eq!(lines as u128, 1 + ROUNDS);
    }
}

#[tokio::test]
async fn a_row_of_a_key_that_the_log_does_not_know_goes() {
    let healthy = Fixture::in_memory().await;
    let (other, version) = stored(&healthy, &cart::BY_ID, &key_of(2)).await;
    let unknown = unknown_cart_beside(2);
    let fixture = over_damage(healthy, view_of_another(unknown, other, version)).await;
    let repaired = must(fixture.projectors.repair("cart", &key_of(unknown)))
        .await
        .expect("it can be repaired");
    assert_eq!((repaired.differences.len(), repaired.left), (1, 0));
    assert_eq!(fixture.cart(unknown).await, None);
    assert_eq!(differing(&fixture, "cart").await, 0);
    let again = must(fixture.projectors.repair("cart", &key_of(unknown))).await;
    assert_eq!(again, Err(RepairError::UnknownKey));
}

#[tokio::test]
async fn a_row_of_a_key_that_another_process_may_know_already_stays() {
    let healthy = Fixture::in_memory().await;
    let (other, version) = stored(&healthy, &cart::BY_ID, &key_of(2)).await;
    let unknown = unknown_cart_beside(2);
    // There is no commit of this number in what was read here.
    let fixture = over_damage(healthy, view_of_another(unknown, other, version + 9)).await;
    let retold = retold_as_far_as_stored(&fixture, unknown).await;
    assert_waited_for_and_then_left(&fixture, &retold).await;
    assert!(fixture.cart(unknown).await.is_some(), "it was taken away");
}

#[tokio::test]
async fn what_cannot_be_repaired_is_refused_with_its_reason() {
    let fixture = Fixture::in_memory().await;
    let refused = must(fixture.projectors.repair("hats", "1")).await;
    assert_eq!(refused, Err(RepairError::UnknownProjection("hats".to_owned())));
    fixture.log.write_poison(&[(cart_stream(1), line_added(2, 1))]);
    fixture
        .write_and_wait("cart", &[(cart_stream(1), line_added(3, 1))])
        .await;
    let refused = must(fixture.projectors.repair("cart", &key_of(1))).await;
    assert_eq!(refused, Err(RepairError::Parked));
}
