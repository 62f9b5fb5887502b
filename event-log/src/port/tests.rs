use domain::stream::{Shard, Topic};

use super::shards_of;

#[test]
fn topics_have_one_partition_or_as_many_as_asked() {
    let shards = shards_of(3);
    let count = |topic| shards.iter().filter(|shard| shard.topic == topic).count();
    assert_eq!(count(Topic::Catalog), 1);
    assert_eq!(count(Topic::Shop), 1);
    assert_eq!(count(Topic::Sales), 3);
    let last = Shard {
        topic: Topic::Inventory,
        partition: 2,
    };
    assert!(shards.contains(&last));
    assert!(shards.is_sorted());
}
