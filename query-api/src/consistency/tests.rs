use std::time::Duration;

use domain::ConsistencyToken;
use domain::stream::{Shard, Topic};
use read_store::Progress;

use super::{Consistency, Source};

const CATALOG: Shard = Shard {
    topic: Topic::Catalog,
    partition: 0,
};
const SALES: Shard = Shard {
    topic: Topic::Sales,
    partition: 3,
};

fn asking_for(shard: Shard, seq: u64, patience_ms: u64) -> Consistency {
    Consistency::new(ConsistencyToken::at(shard, seq), Duration::from_millis(patience_ms))
}

#[tokio::test]
async fn what_has_come_is_not_waited_for() {
    let progress = Progress::new();
    progress.advance("product", 1, [(CATALOG, 7)]);
    let consistency = asking_for(CATALOG, 5, 1_000);
    consistency.wait(&progress, "product", 1, Source::Shard(CATALOG)).await;
    let report = consistency.report();
    assert_eq!((report.waited, report.is_stale), (Duration::ZERO, false));
    assert_eq!(report.token.to_string(), "catalog.0:7");
}

#[tokio::test]
async fn another_shard_and_another_projection_are_not_waited_for() {
    let progress = Progress::new();
    let consistency = asking_for(SALES, 9, 1_000);
    consistency.wait(&progress, "product", 1, Source::Shard(CATALOG)).await;
    assert_eq!(consistency.report().waited, Duration::ZERO);
    assert_eq!(consistency.report().token.to_string(), "sales.3:9");
}

#[tokio::test]
async fn what_comes_in_time_ends_the_wait() {
    let progress = Progress::new();
    let consistency = asking_for(SALES, 2, 30_000);
    let wait = consistency.wait(&progress, "order", 1, Source::Topic(Topic::Sales));
    let arrive = async { progress.advance("order", 1, [(SALES, 2)]) };
    tokio::join!(wait, arrive);
    assert!(!consistency.report().is_stale);
}

#[tokio::test]
async fn what_does_not_come_makes_the_answer_stale_after_one_deadline_for_all() {
    let progress = Progress::new();
    let mut token = ConsistencyToken::at(SALES, 2);
    token.include(CATALOG, 1);
    let patience = Duration::from_millis(20);
    let consistency = Consistency::new(token, patience);
    let began = std::time::Instant::now();
    for projection in ["cart", "order"] {
        consistency.wait(&progress, projection, 1, Source::Shard(SALES)).await;
    }
    consistency.wait(&progress, "product", 1, Source::Shard(CATALOG)).await;
    let report = consistency.report();
    assert!(report.is_stale && report.waited >= patience);
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "the deadline is one for all waits"
    );
}
