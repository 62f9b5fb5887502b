use std::time::Duration;

use domain::stream::Topic;

use super::*;

const LONG: Duration = Duration::from_secs(60);

fn shard(partition: u32) -> Shard {
    Shard {
        topic: Topic::Sales,
        partition,
    }
}

#[tokio::test]
async fn what_is_there_is_not_waited_for() {
    let progress = Progress::new();
    progress.advance("cart", 1, [(shard(0), 5)]);
    let wanted = [(shard(0), 5), (shard(1), 0)];
    assert!(progress.wait_for("cart", 1, &wanted, Instant::now()).await);
}

#[tokio::test]
async fn one_who_waits_is_woken_when_all_that_was_asked_for_has_come() {
    let progress = Progress::new();
    let wanted = [(shard(0), 5), (shard(1), 2)];
    let waiting = progress.wait_for("cart", 1, &wanted, Instant::now() + LONG);
    let advancing = async {
        for (shard, seq) in [(shard(1), 2), (shard(0), 4), (shard(0), 6)] {
            tokio::task::yield_now().await;
            progress.advance("cart", 1, [(shard, seq)]);
        }
    };
    let (arrived, ()) = tokio::join!(waiting, advancing);
    assert!(arrived);
}

#[tokio::test]
async fn a_deadline_ends_the_wait_and_leaves_nobody_behind() {
    let progress = Progress::new();
    let soon = Instant::now() + Duration::from_millis(5);
    assert!(!progress.wait_for("cart", 1, &[(shard(0), 5)], soon).await);
    let tracks = progress.lock();
    assert!(tracks.values().all(|track| track.waiters.is_empty()));
}

#[tokio::test]
async fn generations_and_projections_are_told_apart() {
    let progress = Progress::new();
    progress.advance("cart", 1, [(shard(0), 5)]);
    assert_eq!(progress.seq("cart", 2, shard(0)), 0);
    assert_eq!(progress.seq("order", 1, shard(0)), 0);
}

#[test]
fn progress_never_goes_back() {
    let progress = Progress::new();
    progress.advance("cart", 1, [(shard(0), 5)]);
    progress.advance("cart", 1, [(shard(0), 4)]);
    assert_eq!(progress.seq("cart", 1, shard(0)), 5);
}

#[tokio::test]
async fn dropping_a_generation_ends_the_wait_for_it() {
    let progress = Progress::new();
    let wanted = [(shard(0), 5)];
    let waiting = progress.wait_for("cart", 1, &wanted, Instant::now() + LONG);
    let forgetting = async {
        tokio::task::yield_now().await;
        progress.forget("cart", 1);
    };
    let (arrived, ()) = tokio::join!(waiting, forgetting);
    assert!(!arrived);
}

#[test]
fn rows_that_are_made_again_are_told_from_those_before() {
    let progress = Progress::new();
    progress.advance("carts", 1, [(shard(0), 7)]);
    let before = progress.reached("carts", 1, shard(0));
    assert_eq!(progress.reached("carts", 1, shard(0)), before);
    progress.amended("carts", 1);
    let after = progress.reached("carts", 1, shard(0));
    assert_eq!((after.seq, before.seq), (7, 7));
    assert_ne!(after, before);
}
