//! Two processes that project the same log into the same store.

use super::*;
use crate::projection::Projection;
use crate::projections::Carts;

async fn two() -> (Fixture, Fixture) {
    let log = TestLog::new();
    fill(&log, 5);
    let store: Arc<dyn ReadStore> = Arc::new(MemoryStore::new());
    // One after the other, so that only one of them opens a generation.
    let one = Fixture::over(log.clone(), Arc::clone(&store));
    must(one.projectors.wait_until_caught_up()).await;
    let other = Fixture::over(log, store);
    must(other.projectors.wait_until_caught_up()).await;
    (one, other)
}

#[tokio::test]
async fn queries_of_both_move_to_what_one_of_them_has_rebuilt() {
    let (one, other) = two().await;
    for generation in 2..=3 {
        assert_eq!(
            one.rebuild("cart", RebuildOptions::default()).await.phase,
            RebuildPhase::Done
        );
        must(until(|| other.parts.active.of("cart") == Some(generation))).await;
    }
    one.projectors.stop();
    other
        .write_and_wait(cart::PROJECTION, &[(cart_stream(9), opened_cart())])
        .await;
    assert!(other.cart(9).await.is_some(), "it is kept up, not only read");
    let status = other.projectors.status();
    assert!(status.iter().all(|status| status.stopped.is_none()), "{status:?}");
}

#[tokio::test]
async fn what_one_has_taken_in_of_a_parked_view_the_other_begins_from() {
    let (one, other) = two().await;
    one.log.write(&[(cart_stream(1), line_added(2, 1))]);
    one.log.write_poison(&[(cart_stream(1), line_added(3, 1))]);
    let parked = |fixture: &Fixture| fixture.projectors.status()[4].parked_views;
    must(until(|| parked(&one) == 1 && parked(&other) == 1)).await;
    one.log.heal();
    let healed = must(other.projectors.retry_parked("cart")).await;
    assert_eq!(healed.map(|healed| healed.taken_in), Ok(1));
    other.projectors.stop();
    one.write_and_wait(cart::PROJECTION, &[(cart_stream(1), line_added(4, 1))])
        .await;
    let waiting = one.store.scan(Carts::PARKED, 1, None, 10).await;
    assert_eq!(
        waiting.map(|waiting| waiting.len()),
        Ok(1),
        "for the one still holds it"
    );
    let healed = must(one.projectors.retry_parked("cart")).await;
    assert_eq!(healed.map(|healed| healed.taken_in), Ok(1));
    let parity = must(one.projectors.verify("cart")).await.expect("rows can be verified");
    assert!(parity.is_equal(), "{parity:?}");
    assert_eq!(one.cart(1).await.expect("it is there").lines.len(), 4);
}
