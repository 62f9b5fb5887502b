//! Who is alive.

use std::time::{Duration, Instant};

use engines::{Direction, Kafka};
use event_log::Membership;
use event_log::kafka::{KafkaMembership, KafkaOptions};

use crate::shop::{Shop, wait_until};

fn join(options: &KafkaOptions, node: &str) -> KafkaMembership {
    let options = KafkaOptions {
        node: node.to_owned(),
        ..options.clone()
    };
    KafkaMembership::join(&options).expect("the node joins")
}

/// A node that goes without leaving is missed no sooner: its session of six seconds has to end.
const SESSION_ENDS_AFTER: Duration = Duration::from_secs(5);
/// How often a node may leave until the others know of it within that time: a busy machine may be slow to tell.
const LEAVES_MAX: usize = 3;

#[test]
fn nodes_see_each_other_come_and_leave() {
    let shop = Shop::fresh();
    drop(shop.open());
    let one = join(&shop.options, "http://one:8080");
    assert!(one.is_alive("http://one:8080"));
    assert!(!one.is_alive("http://two:8080"));
    let is_missed_at_once = (0..LEAVES_MAX).any(|_| {
        let two = join(&shop.options, "http://two:8080");
        wait_until("each sees the other", || {
            one.is_alive("http://two:8080") && two.is_alive("http://one:8080")
        });
        let left = Instant::now();
        drop(two);
        wait_until("it is gone", || !one.is_alive("http://two:8080"));
        left.elapsed() < SESSION_ENDS_AFTER
    });
    assert!(is_missed_at_once, "a node that leaves is not waited for");
}

#[test]
fn a_node_that_is_cut_off_is_dead_once_its_session_has_ended() {
    let (broker, proxy) = Kafka::start_behind_proxy().expect("a broker starts");
    let direct = Shop::at(&broker.bootstrap());
    let mut behind = Shop::at(&proxy.address());
    behind.options.prefix.clone_from(&direct.options.prefix);
    drop(direct.open());
    let (stays, cut_off) = (join(&direct.options, "stays"), join(&behind.options, "cut-off"));
    wait_until("each sees the other", || {
        stays.is_alive("cut-off") && cut_off.is_alive("stays")
    });
    proxy.black_hole(Direction::Requests);
    wait_until("it is dead", || !stays.is_alive("cut-off"));
    proxy.heal();
    wait_until("it is back", || stays.is_alive("cut-off"));
}
