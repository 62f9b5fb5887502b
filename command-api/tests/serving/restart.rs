use command_api::{Outcome, STATE_DB_FILE_NAME};

use crate::keys::without_mark;
use crate::node::{Node, asking, in_seconds, item, keyed, levels, receive, reserve, soon};

/// Forty streams, their answers under keys, and what they came to.
async fn filled(node: &Node) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let until = in_seconds(600);
    for number in 0..40_u128 {
        let name = format!("SKU-{number}");
        let commands = vec![receive(&name, 5), reserve(&name, number, 2, until)];
        outcomes.push(
            node.commands
                .execute(keyed(number, commands))
                .await
                .expect("it is done"),
        );
        node.commands
            .execute(asking(vec![receive(&name, 1)]))
            .await
            .expect("one more comes in");
    }
    outcomes
}

async fn holds_everything(node: &Node, outcomes: &[Outcome]) {
    let until = in_seconds(600);
    for (number, outcome) in (0_u128..).zip(outcomes) {
        let name = format!("SKU-{number}");
        let seen = node.commands.state(&item(&name), soon()).await.expect("it is served");
        assert_eq!(
            (
                levels(&seen.state).on_hand,
                levels(&seen.state).reserved,
                seen.version > outcome.version
            ),
            (6, 2, true)
        );
        let commands = vec![receive(&name, 5), reserve(&name, number, 2, until)];
        let again = node
            .commands
            .execute(keyed(number, commands))
            .await
            .expect("it is told again");
        assert!(again.replayed);
        assert_eq!(without_mark(&again), *outcome);
    }
}

#[tokio::test]
async fn a_restart_keeps_everything() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    let outcomes = filled(&node).await;
    node.stop().await;
    let node = Node::start(directory.path()).await;
    holds_everything(&node, &outcomes).await;
    node.stop().await;
}

#[tokio::test]
async fn a_crash_loses_nothing_that_was_answered() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    let outcomes = filled(&node).await;
    node.crash().await;
    let node = Node::start(directory.path()).await;
    holds_everything(&node, &outcomes).await;
    node.stop().await;
}

#[tokio::test]
async fn without_state_db_the_answers_are_the_same() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    let outcomes = filled(&node).await;
    node.stop().await;
    std::fs::remove_file(directory.path().join(STATE_DB_FILE_NAME)).expect("it was there");
    let node = Node::start(directory.path()).await;
    holds_everything(&node, &outcomes).await;
    node.stop().await;
}

#[tokio::test]
async fn a_state_db_that_is_no_database_is_made_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    let outcomes = filled(&node).await;
    node.stop().await;
    std::fs::write(directory.path().join(STATE_DB_FILE_NAME), [0xff; 10_000]).expect("it can be written");
    let node = Node::start(directory.path()).await;
    holds_everything(&node, &outcomes).await;
    node.stop().await;
}
