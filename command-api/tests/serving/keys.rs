use command_api::{CommandError, Outcome, Request};

use crate::node::{Node, asking, item, keyed, levels, receive, soon};

#[tokio::test]
async fn a_repeat_under_a_key_gets_the_same_answer_and_does_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    let request = keyed(1, vec![receive("A", 5)]);
    let first = node.commands.execute(request.clone()).await.expect("it is done");
    let repeat = node.commands.execute(request.clone()).await.expect("it is told again");
    assert!(repeat.replayed && !first.replayed);
    assert_eq!(without_mark(&repeat), without_mark(&first));

    let other = Request {
        request_hash: [8; 32],
        ..request
    };
    assert_eq!(node.commands.execute(other).await, Err(CommandError::KeyReused));
    let seen = node.commands.state(&item("A"), soon()).await.expect("it is served");
    assert_eq!(levels(&seen.state).on_hand, 5);
    node.stop().await;
}

#[tokio::test]
async fn a_keyed_success_without_events_is_kept_too() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    let open = || {
        let command = domain::inventory::item::Command::Open {
            quantity: 100,
            backorder_limit: 0,
        };
        domain::Command::StockItem(crate::node::sku("A"), Default::default(), command)
    };
    let opened = node.commands.execute(asking(vec![open()])).await.expect("it is opened");
    let unkeyed = node
        .commands
        .execute(asking(vec![open()]))
        .await
        .expect("it is so already");
    assert_eq!((unkeyed.seq, unkeyed.streams.len()), (opened.seq, 0));

    let first = node
        .commands
        .execute(keyed(1, vec![open()]))
        .await
        .expect("it is so already");
    assert_eq!((first.seq, first.streams.len(), first.version), (opened.seq + 1, 0, 1));
    node.commands
        .execute(asking(vec![receive("A", 4)]))
        .await
        .expect("pieces come in");
    let repeat = node
        .commands
        .execute(keyed(1, vec![open()]))
        .await
        .expect("it is told again");
    assert_eq!(without_mark(&repeat), without_mark(&first));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_that_comes_while_the_first_runs_does_not_run_twice() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    let repeats = (0..32).map(|_| {
        let commands = node.commands.clone();
        tokio::spawn(async move { commands.execute(keyed(1, vec![receive("A", 100)])).await })
    });
    for repeat in repeats.collect::<Vec<_>>() {
        match repeat.await.expect("the caller ends") {
            Ok(outcome) => assert_eq!(outcome.version, 1),
            Err(error) => assert_eq!(error, CommandError::StillRunning),
        }
    }
    let seen = node.commands.state(&item("A"), soon()).await.expect("it is served");
    assert_eq!((levels(&seen.state).on_hand, seen.version), (100, 1));
    node.stop().await;
}

pub(crate) fn without_mark(outcome: &Outcome) -> Outcome {
    Outcome {
        replayed: false,
        ..outcome.clone()
    }
}
