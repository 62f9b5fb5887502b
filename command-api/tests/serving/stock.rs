use command_api::CommandError;

use crate::node::{Node, asking, in_seconds, item, levels, receive, reserve, soon};

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_buyers_get_ten_pieces_and_never_eleven() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    node.commands
        .execute(asking(vec![receive("LAMP-1", 10)]))
        .await
        .expect("ten pieces come in");
    let until = in_seconds(600);
    let buyers = (0..64).map(|buyer| {
        let commands = node.commands.clone();
        tokio::spawn(async move { commands.execute(asking(vec![reserve("LAMP-1", buyer, 1, until)])).await })
    });
    let mut held = 0;
    for buyer in buyers.collect::<Vec<_>>() {
        match buyer.await.expect("the buyer ends") {
            Ok(_) => held += 1,
            Err(error) => assert_eq!(error.code(), "stock.insufficient"),
        }
    }
    assert_eq!(held, 10);
    let seen = node.commands.state(&item("LAMP-1"), soon()).await.expect("it is there");
    assert_eq!((levels(&seen.state).reserved, levels(&seen.state).available()), (10, 0));
    node.stop().await;
}

#[tokio::test]
async fn a_hold_ends_by_itself_when_it_is_due() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    node.commands
        .execute(asking(vec![receive("LAMP-1", 3)]))
        .await
        .expect("pieces come in");
    node.commands
        .execute(asking(vec![reserve("LAMP-1", 1, 2, in_seconds(1))]))
        .await
        .expect("two are held");
    let free = node
        .commands
        .wait_for(&item("LAMP-1"), |state| levels(state).available() == 3, soon())
        .await
        .expect("the shard is served");
    assert_eq!((levels(&free.state).reserved, levels(&free.state).available()), (0, 3));
    node.stop().await;
}

#[tokio::test]
async fn commands_of_two_shards_are_no_request() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    let shard = |name: &str| item(name).shard(node.commands.partitions());
    let other = ["B", "C", "D", "E", "F", "G"]
        .into_iter()
        .find(|name| shard(name) != shard("A"))
        .expect("not all are in one shard");
    let asked = node
        .commands
        .execute(asking(vec![receive("A", 1), receive(other, 1)]))
        .await;
    assert_eq!(asked, Err(CommandError::Misrouted));
    assert_eq!(
        node.commands.execute(asking(Vec::new())).await,
        Err(CommandError::Misrouted)
    );
    node.stop().await;
}

#[tokio::test]
async fn one_refusal_refuses_all() {
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path()).await;
    let until = in_seconds(600);
    let asked = node
        .commands
        .execute(asking(vec![
            receive("A", 2),
            reserve("A", 1, 1, until),
            reserve("A", 2, 2, until),
        ]))
        .await;
    assert_eq!(
        asked.expect_err("one piece is left for the second").code(),
        "stock.insufficient"
    );
    let seen = node.commands.state(&item("A"), soon()).await.expect("it is served");
    assert_eq!(seen.version, 0);
    node.stop().await;
}
