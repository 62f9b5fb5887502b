use domain::stream::Topic;

use super::*;

const SHARD: Shard = Shard {
    topic: Topic::Sales,
    partition: 0,
};
const IDLE: Shard = Shard {
    topic: Topic::Sales,
    partition: 1,
};

#[test]
fn until_it_is_filled_everything_may_be_there() {
    let filter = Filter::default();
    assert!(filter.may_hold(&1));
    filter.set_filled();
    assert!(!filter.may_hold(&1));
}

#[test]
fn what_was_taken_in_is_never_denied_and_little_else_is_confirmed() {
    let filter = Filter::default();
    filter.set_filled();
    let keys = 5 * LAYER_KEYS_MIN as u64;
    (0..keys).for_each(|key| filter.take_in(&key));
    assert_eq!(filter.layers(), 3);
    assert!((0..keys).all(|key| filter.may_hold(&key)));
    let wrong = (keys..2 * keys).filter(|key| filter.may_hold(key)).count() as u64;
    assert!(wrong < keys / 100, "{wrong} of {keys}");
}

#[test]
fn keys_that_are_expected_are_one_layer() {
    let filter = Filter::default();
    filter.set_filled();
    let keys = 5 * LAYER_KEYS_MIN as u64;
    filter.expect(5 * LAYER_KEYS_MIN);
    (0..keys).for_each(|key| filter.take_in_until_passed(&key, SHARD, Timestamp(0)));
    assert_eq!(filter.layers(), 1);
    let wrong = (keys..2 * keys).filter(|key| filter.may_hold(key)).count() as u64;
    assert!(wrong < keys / 250, "{wrong} of {keys}");
}

#[test]
fn a_layer_goes_when_the_logs_of_all_its_keys_have_passed_them() {
    let filter = Filter::default();
    filter.set_filled();
    let (early, late) = (Timestamp(10), Timestamp(20));
    filter.take_in_until_passed(&"idle", IDLE, early);
    (1..LAYER_KEYS_MIN).for_each(|key| filter.take_in_until_passed(&key, SHARD, early));
    filter.take_in_until_passed(&"new", SHARD, late);
    assert_eq!(filter.layers(), 2);

    let kept_since = |busy, idle| {
        move |shard| {
            if shard == SHARD {
                Timestamp(busy)
            } else {
                Timestamp(idle)
            }
        }
    };
    filter.forget(kept_since(15, 0));
    assert!(
        filter.may_hold(&"idle") && filter.layers() == 2,
        "its own log has not passed it"
    );
    filter.forget(kept_since(15, 15));
    assert!(!filter.may_hold(&"idle"));
    filter.forget(kept_since(50, 50));
    assert!(filter.may_hold(&"new"), "the layer that takes keys stays");
}
