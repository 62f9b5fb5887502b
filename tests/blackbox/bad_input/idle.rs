//! Thousands who only hold a socket: others buy as before, memory is bounded, and who does not say who it is goes.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;
use tests::{Heard, Listener, Shop, Shopkeeper, Shopper, deadline};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Sockets and streams that the shop has places for.
const PLACES: usize = 2_000;
/// Of them, those that follow a product that does not change, and those that never say who they are; the others say
/// that, and then nothing.
const FOLLOWING: usize = 500;
const SILENT: usize = 50;
/// How many connect at a time.
const AT_A_TIME: usize = 100;
/// How long a socket that says who it is listens: longer than this test takes.
const LISTENED: Duration = Duration::from_secs(3_600);
/// Bytes that a socket may cost the shop; both sides of its buffers are in it.
const BYTES_OF_A_SOCKET_MAX: u64 = 32 * 1024;
/// Open files that this test needs: each socket is one here.
const OPEN_FILES: u64 = 4_096;
const PROTOCOL: Option<&str> = Some("graphql-transport-ws");

/// Bytes of memory that the shop's process has; none where the system does not tell.
fn memory(shop: &Shop) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", shop.pid()?)).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim()
        .strip_suffix("kB")?
        .trim()
        .parse::<u64>()
        .ok()
        .map(|kibibytes| kibibytes * 1024)
}

/// What each of so many sockets, made by `connect`, hears next. All are read meanwhile: who answers no ping is dropped.
async fn listening<F: Future<Output = Listener>>(
    count: usize,
    connect: impl Fn() -> F,
) -> Vec<JoinHandle<Option<Heard>>> {
    let mut listening = Vec::new();
    while listening.len() < count {
        let now = AT_A_TIME.min(count - listening.len());
        for mut socket in join_all((0..now).map(|_| connect())).await {
            listening.push(tokio::spawn(async move { socket.hear_within(LISTENED).await }));
        }
    }
    listening
}

/// The longest that a shopper waited for an answer, from an empty cart to the order, and for queries between.
async fn longest_wait_of_a_shopper(shop: &Shop) -> Duration {
    let mut longest = Duration::ZERO;
    let mut note = |began: Instant| longest = longest.max(began.elapsed());
    let began = Instant::now();
    let shopper = Shopper::enter(&shop.client().renewed()).await;
    note(began);
    for _ in 0..10 {
        let began = Instant::now();
        let _ = shopper.add("LAMP-1", 1).await.expect(200);
        note(began);
        let began = Instant::now();
        let query = "{ products(first: 10) { nodes { title } } }";
        let _ = shopper.client().graphql(query, json!({})).await.expect(200);
        note(began);
    }
    let began = Instant::now();
    let _ = shopper.check_out().await.expect(201);
    note(began);
    longest
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_idle_sockets_slow_nobody_and_the_silent_ones_are_closed() {
    let given = rlimit::increase_nofile_limit(OPEN_FILES).expect("the system says how many files may be open");
    assert!(given >= OPEN_FILES, "the system allows only {given} open files");
    let mut shop = Shop::start();
    shop.restart_with(&[("TILLROLL_SOCKETS", &PLACES.to_string())]);
    let keeper = Shopkeeper::new(shop.admin());
    let _ = keeper.stock("LAMP-1", "9.99", 1_000).await;
    let quiet = keeper.stock("LAMP-2", "9.99", 1_000).await;
    let before = memory(&shop);

    let url = shop.url();
    let following = || async {
        let mut socket = Listener::enter(url, json!({})).await;
        let query = "subscription($id: ID!) { productUpdated(id: $id) { events } }";
        socket.subscribe("quiet", query, json!({ "id": quiet })).await;
        let _ = socket.next().await;
        socket
    };
    let idle = || Listener::enter(url, json!({}));
    let silent = || async { Listener::connect(url, PROTOCOL, None).await.expect("there is a place") };
    let following = listening(FOLLOWING, following).await;
    let idle = listening(PLACES - FOLLOWING - SILENT, idle).await;

    // The last places go to those who may keep them for a moment only. Every place is taken now, and whoever comes is
    // told so, whichever way they come.
    let silent = join_all((0..SILENT).map(|_| silent())).await;
    assert_eq!(Listener::connect(url, PROTOCOL, None).await.err(), Some(503));
    let stream = shop.admin().with_header("accept", "text/event-stream");
    let refused = stream.get("/v1/events").await.expect(503);
    assert_eq!(
        (refused.code(), refused.header("retry-after")),
        ("socket.too_many", "1")
    );

    let longest = longest_wait_of_a_shopper(&shop).await;
    assert!(longest < deadline(), "a shopper waited {longest:?}");
    if let (Some(before), Some(now)) = (before, memory(&shop)) {
        let each = now.saturating_sub(before) / u64::try_from(PLACES).expect("a number");
        assert!(each < BYTES_OF_A_SOCKET_MAX, "each socket costs {each} bytes");
    }

    // Who never says who it is goes, each with the protocol's own code, and its place is free again.
    let ends = join_all(silent.into_iter().map(|mut socket| async move { socket.hear().await })).await;
    let mute = Heard::Closed(4408, "Connection initialisation timeout".to_owned());
    let other = ends.iter().find(|end| **end != mute);
    assert_eq!((ends.len(), other), (SILENT, None));
    let newcomer = shop.until_seen("a place is free", async || Listener::connect(url, PROTOCOL, None).await);
    drop(newcomer.await);

    // Who did has been waiting in peace, and hears what it waited for.
    let body = json!({ "slug": "lamp-2", "title": "Loud" });
    let _ = shop
        .admin()
        .put(&format!("/v1/products/{quiet}"), body)
        .await
        .expect(200);
    let heard = timeout(deadline(), join_all(following)).await;
    for said in heard.expect("all hear it in time") {
        let said = said.expect("it listens").expect("something is heard").expect("next");
        assert_eq!(said["data"]["productUpdated"]["events"], json!(["ProductDescribed"]));
    }
    assert!(idle.iter().all(|listening| !listening.is_finished()));
}
