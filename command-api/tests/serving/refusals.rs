use std::time::Instant;

use command_api::{CommandError, Request};
use event_log::EventLog;

use crate::node::{Node, asking, item, receive, soon};

#[tokio::test]
async fn if_match_holds_or_tells_the_version() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    let expecting = |version| Request {
        expected_version: Some(version),
        ..asking(vec![receive("A", 100)])
    };
    let first = node.commands.execute(expecting(0)).await.expect("it has no events yet");
    assert_eq!(first.version, 1);
    assert_eq!(
        node.commands.execute(expecting(0)).await,
        Err(CommandError::VersionMismatch { current: 1 })
    );
    assert_eq!(
        node.commands.execute(expecting(1)).await.map(|outcome| outcome.version),
        Ok(2)
    );
    node.stop().await;
}

#[tokio::test]
async fn what_came_too_late_is_not_begun() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    let late = Request {
        deadline: Instant::now(),
        ..asking(vec![receive("A", 1)])
    };
    assert_eq!(node.commands.execute(late).await, Err(CommandError::DeadlinePassed));
    let seen = node.commands.state(&item("A"), soon()).await.expect("it is served");
    assert_eq!(seen.version, 0);
    node.stop().await;
}

#[tokio::test]
async fn refusals_and_reads_write_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    let shard = item("A").shard(node.commands.partitions());
    let end = node.log.end(shard).expect("the log is open");
    for _ in 0..10 {
        let refused = node.commands.execute(asking(vec![receive("A", 0)])).await;
        assert_eq!(refused.expect_err("nothing came in").code(), "stock.quantity_invalid");
        node.commands.state(&item("A"), soon()).await.expect("it is served");
    }
    assert_eq!(node.log.end(shard), Ok(end));
    node.stop().await;
}

#[tokio::test]
async fn after_a_stop_nothing_is_begun() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    node.commands.stop(soon()).await;
    let asked = node.commands.execute(asking(vec![receive("A", 1)])).await;
    assert_eq!(asked.expect_err("it is stopping").code(), "shard.moving");
    node.stop().await;
}
