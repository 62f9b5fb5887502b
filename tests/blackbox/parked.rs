//! A commit that cannot be read: its cart stands still and nobody else's, until an operator decides to do without it.

use serde_json::{Value, json};
use tests::{Shop, Shopkeeper, Shopper};
use tokio::task::block_in_place;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_shown_and_done_without_for_ever() {
    let mut shop = Shop::start();
    Shopkeeper::new(shop.admin()).stock("LAMP", "10.00", 100).await;
    let shopper = Shopper::enter(&shop.client()).await;
    let neighbour = Shopper::enter(&shop.client()).await;
    let _ = shopper.add("LAMP", 1).await.expect(200);
    let _ = neighbour.add("LAMP", 1).await.expect(200);
    let stream = format!("cart/{}", shopper.cart);

    // The next commit is unreadable, and nobody remembers what was in it.
    block_in_place(|| {
        shop.stop();
        shop.restart_with(&[("FAILPOINTS", "payload-unreadable=1*return->off")]);
    });
    let _ = shopper.add("LAMP", 10).await.expect(200);
    forget_states(&mut shop);
    let stopped = shopper.add("LAMP", 1).await;
    assert_eq!(stopped.code(), "stream.parked", "{}", stopped.body);
    let _ = neighbour.add("LAMP", 1).await.expect(200);

    // It is told, wherever one looks, and reading it again does not help.
    let listed = run(&shop, &["parked", "list"], 1);
    assert!(
        listed.contains(&stream) && listed.contains("1 views are parked"),
        "{listed}"
    );
    let found = run(&shop, &["doctor"], 1);
    assert!(
        found.contains("stream.parked") && found.contains("projection.parked"),
        "{found}"
    );
    let shards = run(&shop, &["shards"], 1);
    assert!(shards.contains("serving"), "{shards}");
    let shown = run(&shop, &["parked", "show", &stream], 1);
    assert!(shown.contains("cannot be read: "), "{shown}");
    let again = run(&shop, &["parked", "retry", &stream], 1);
    assert!(again.contains("0 commits were taken in"), "{again}");
    let rebuilt = run(&shop, &["rebuild", "cart"], 0);
    assert!(
        rebuilt.contains(", 0 differ"),
        "what is parked is parked in a rebuild as well: {rebuilt}"
    );
    let reports: Value = serde_json::from_str(&run(&shop, &["projections", "--json"], 1)).expect("JSON");
    let parked: Vec<&Value> = reports
        .as_array()
        .expect("a list")
        .iter()
        .map(|report| &report["parked"])
        .collect();
    assert_eq!(
        parked.iter().filter(|parked| **parked == &json!(1)).count(),
        1,
        "{reports}"
    );
    let readable = run(&shop, &["parked", "skip", &format!("cart/{}", neighbour.cart)], 1);
    assert!(readable.contains("parked.readable"), "{readable}");

    let skipped = run(&shop, &["parked", "skip", &stream], 0);
    assert!(
        skipped.contains("is skipped") && skipped.contains("nothing is parked"),
        "{skipped}"
    );
    let added = shopper.add("LAMP", 2).await.expect(200);
    assert_eq!(
        quantity(&shopper.having_seen(&added)).await,
        json!(3),
        "one, ten that nobody knows of, two"
    );

    // The decision is in the log: it outlives restarts, rebuilds, and everything that is kept beside the log.
    forget_states(&mut shop);
    assert_eq!(run(&shop, &["verify", "--all"], 0).matches(" 0 differ").count(), 7);
    let rebuilt = run(&shop, &["rebuild", "cart"], 0);
    assert!(rebuilt.contains(", 0 differ"), "{rebuilt}");
    let _ = run(&shop, &["log", "verify"], 0);
    let listed = run(&shop, &["parked", "list"], 0);
    assert!(
        listed.contains("is skipped") && listed.contains("nothing is parked"),
        "{listed}"
    );
    let added = shopper.add("LAMP", 1).await.expect(200);
    assert_eq!(quantity(&shopper.having_seen(&added)).await, json!(4));
}

/// Starts the shop again without what it keeps beside the log.
fn forget_states(shop: &mut Shop) {
    block_in_place(|| {
        shop.stop();
        std::fs::remove_file(shop.data().join("state.db")).expect("it has states");
        shop.restart();
    });
}

async fn quantity(shopper: &Shopper) -> Value {
    let query = "query($id: ID!) { cart(id: $id) { totalQuantity } }";
    let answer = shopper
        .client()
        .graphql(query, json!({ "id": shopper.cart }))
        .await
        .expect(200);
    answer.body["data"]["cart"]["totalQuantity"].clone()
}

/// What a command of the program says, which is to end with this exit code.
#[track_caller]
fn run(shop: &Shop, arguments: &[&str], code: i32) -> String {
    let output = block_in_place(|| shop.run(arguments));
    let text = String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    text
}
