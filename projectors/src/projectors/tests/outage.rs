//! A store that does not answer.

use std::time::Duration;

use super::*;
use crate::limits::STOP_GRACE;
use crate::testkit::unsteady::{Mood, Unsteady};

/// What a busy machine may add to a time limit.
const SLACK: Duration = Duration::from_secs(5);

async fn caught_up() -> (Fixture, Arc<Unsteady>) {
    let log = TestLog::new();
    fill(&log, 5);
    let store = Arc::new(Unsteady::default());
    let fixture = Fixture::over(log, store.clone());
    must(fixture.projectors.wait_until_caught_up()).await;
    (fixture, store)
}

#[tokio::test]
async fn while_the_store_refuses_nothing_more_is_read_and_everybody_can_see_why() {
    let (fixture, store) = caught_up().await;
    assert_eq!(fixture.projectors.waits_for_store(), None);
    store.asked();
    store.turn(Mood::Refusing);
    fixture.log.write(&[(cart_stream(90), opened_cart())]);
    must(until(|| fixture.projectors.waits_for_store().is_some())).await;
    let why = fixture.projectors.waits_for_store();
    assert!(why.is_some_and(|why| why.contains("not now")));
    for number in 100..200 {
        fixture.log.write(&[(cart_stream(number), opened_cart())]);
    }
    must(until(|| fixture.projectors.lag_commits() > 100)).await;
    store.turn(Mood::Steady);
    must(until(|| fixture.projectors.lag_commits() == 0)).await;
    must(until(|| fixture.projectors.waits_for_store().is_none())).await;
    assert!(fixture.cart(90).await.is_some() && fixture.cart(199).await.is_some());
    let asked = store.asked();
    let again = asked.iter().take_while(|batches| **batches == asked[0]).count();
    assert!(again > 1, "the same is asked again, and nothing has joined it");
    let parity = must(fixture.projectors.verify(cart::PROJECTION))
        .await
        .expect("it can be compared");
    assert!(parity.is_equal(), "{parity:?}");
}

#[tokio::test]
async fn what_all_projections_make_of_a_round_is_written_at_once() {
    let (fixture, store) = caught_up().await;
    // Until it follows live, a reader may be told of two shards one after the other.
    let written_together = async {
        let mut number = 0;
        while batches_of_a_cart_and_a_product(&fixture, &store, number).await < 2 {
            number += 1;
        }
    };
    must(written_together).await;
}

/// How many batches were written at once at most, when a cart and a product came while the store was busy.
async fn batches_of_a_cart_and_a_product(fixture: &Fixture, store: &Unsteady, number: u128) -> usize {
    store.asked();
    store.turn(Mood::Silent);
    // The first is being written while the others come.
    fixture.log.write(&[(cart_stream(1_000 + number), opened_cart())]);
    must(until(|| !store.asked().is_empty())).await;
    fixture.log.write(&[(cart_stream(2_000 + number), opened_cart())]);
    fixture.log.write(&[(
        product_stream(2 + number),
        domain::catalog::product::Event::ProductDrafted {
            description: description(&format!("desk-{number}"), "Desk"),
        }
        .into(),
    )]);
    let behind = |name: &str| {
        let status = fixture.projectors.status();
        status
            .iter()
            .find(|status| status.name == name)
            .map(|status| status.commits_behind)
    };
    must(until(|| {
        behind(cart::PROJECTION) == Some(2) && behind(product::PROJECTION) == Some(1)
    }))
    .await;
    store.turn(Mood::Steady);
    must(until(|| fixture.projectors.lag_commits() == 0)).await;
    store.asked().iter().map(Vec::len).max().unwrap_or(0)
}

#[tokio::test]
async fn stopping_does_not_wait_for_a_store_that_says_nothing() {
    let (fixture, store) = caught_up().await;
    store.asked();
    store.turn(Mood::Silent);
    fixture.log.write(&[(cart_stream(90), opened_cart())]);
    must(until(|| !store.asked().is_empty())).await;
    let begun = Instant::now();
    fixture.projectors.stop();
    let taken = begun.elapsed();
    assert!(taken < STOP_GRACE + SLACK, "{taken:?}");
    store.turn(Mood::Steady);
    let again = fixture.restarted();
    must(again.projectors.wait_until_caught_up()).await;
    assert!(again.cart(90).await.is_some(), "it is projected at the next start");
}
