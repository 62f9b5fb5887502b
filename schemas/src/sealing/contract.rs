//! What every store of keys promises. Call [`key_contract_tests!`](crate::key_contract_tests) with something that
//! makes a store; it becomes one test for each promise.

use super::{KeyStore, KeyStoreError, StoredKey};

/// Makes one test for each promise; `$open` makes a fresh store, and what must outlive it.
#[macro_export]
macro_rules! key_contract_tests {
    ($open:expr) => {
        $crate::key_contract_tests!(@each $open;
            a_key_is_kept_as_it_was_made
            a_key_is_written_once
            what_was_never_made_is_absent
            subjects_do_not_see_each_other
            the_newest_key_is_the_live_one_with_the_highest_number
            forgetting_destroys_all_keys_of_a_subject_and_no_others
            a_forgotten_number_never_has_a_key_again
            a_new_number_is_one_that_no_key_has_or_had
            keys_made_at_once_are_all_kept
        );
    };
    (@each $open:expr; $($promise:ident)+) => {
        $(#[test]
        fn $promise() {
            let (_guard, keys) = $open;
            $crate::sealing::contract::$promise(&keys);
        })+
    };
}

/// Threads that make keys of one subject at once.
const MAKERS: u8 = 8;

fn wrapped(bytes: &[u8]) -> Result<StoredKey, KeyStoreError> {
    Ok(StoredKey::Wrapped(bytes.to_vec()))
}

/// Bytes come back as they are, none at all excepted: no wrapped key is empty.
pub fn a_key_is_kept_as_it_was_made(keys: &impl KeyStore) {
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(keys.create("ada", 1, &bytes), Ok(()));
    assert_eq!(keys.key("ada", 1), wrapped(&bytes));
    assert_eq!(keys.create("ada", 0x7fff_ffff, b"last"), Ok(()));
    assert_eq!(keys.key("ada", 0x7fff_ffff), wrapped(b"last"));
}

/// The first stays.
pub fn a_key_is_written_once(keys: &impl KeyStore) {
    for bytes in [b"bb", b"aa", b"cc"] {
        assert_eq!(keys.create("ada", 1, bytes), Ok(()));
        assert_eq!(keys.key("ada", 1), wrapped(b"bb"));
    }
}

/// Nothing is made by looking.
pub fn what_was_never_made_is_absent(keys: &impl KeyStore) {
    assert_eq!(keys.key("ada", 1), Ok(StoredKey::Absent));
    assert_eq!(keys.newest("ada"), Ok(None));
    assert_eq!(keys.create("ada", 2, b"two"), Ok(()));
    assert_eq!(keys.key("ada", 1), Ok(StoredKey::Absent));
    assert_eq!(keys.key("ada", 3), Ok(StoredKey::Absent));
}

/// Whatever they are called; the empty name is the sealer's own.
pub fn subjects_do_not_see_each_other(keys: &impl KeyStore) {
    let long = "x".repeat(super::SUBJECT_BYTES_MAX);
    let names = ["", "a", "ab", "A", "a/b", "a'b\"", "日本", " ", "\0", &long];
    for (place, name) in names.iter().enumerate() {
        assert_eq!(keys.newest(name), Ok(None), "{name:?}");
        assert_eq!(keys.create(name, 1, &[1, u8::try_from(place).unwrap_or(0)]), Ok(()));
    }
    for (place, name) in names.iter().enumerate() {
        let bytes = [1, u8::try_from(place).unwrap_or(0)];
        assert_eq!(keys.key(name, 1), wrapped(&bytes), "{name:?}");
    }
}

/// Those that are forgotten do not count.
pub fn the_newest_key_is_the_live_one_with_the_highest_number(keys: &impl KeyStore) {
    for number in [3, 20, 100] {
        assert_eq!(keys.create("ada", number, &[u8::try_from(number).unwrap_or(0)]), Ok(()));
    }
    assert_eq!(keys.newest("ada"), Ok(Some((100, vec![100]))));
    assert_eq!(keys.forget("ada"), Ok(()));
    assert_eq!(keys.newest("ada"), Ok(None));
    assert_eq!(keys.create("ada", 30, b"later"), Ok(()));
    assert_eq!(keys.newest("ada"), Ok(Some((30, b"later".to_vec()))));
}

/// Again or for nobody, it changes nothing.
pub fn forgetting_destroys_all_keys_of_a_subject_and_no_others(keys: &impl KeyStore) {
    for (subject, number) in [("ada", 1), ("ada", 2), ("adam", 1)] {
        assert_eq!(keys.create(subject, number, b"key"), Ok(()));
    }
    for subject in ["ada", "ada", "nobody"] {
        assert_eq!(keys.forget(subject), Ok(()));
    }
    assert_eq!(keys.key("ada", 1), Ok(StoredKey::Forgotten));
    assert_eq!(keys.key("ada", 2), Ok(StoredKey::Forgotten));
    assert_eq!(keys.key("adam", 1), wrapped(b"key"));
    assert_eq!(keys.key("nobody", 1), Ok(StoredKey::Absent));
}

/// What was sealed with it must stay noise.
pub fn a_forgotten_number_never_has_a_key_again(keys: &impl KeyStore) {
    assert_eq!(keys.create("ada", 1, b"key"), Ok(()));
    assert_eq!(keys.forget("ada"), Ok(()));
    assert_eq!(keys.create("ada", 1, b"key"), Ok(()));
    assert_eq!(keys.key("ada", 1), Ok(StoredKey::Forgotten));
    assert_eq!(keys.newest("ada"), Ok(None));
}

/// Forgotten or not.
pub fn a_new_number_is_one_that_no_key_has_or_had(keys: &impl KeyStore) {
    let mut given = Vec::new();
    for round in 0..10 {
        let number = keys.new_number("ada").expect("there are numbers left");
        assert!((1..=0x7fff_ffff).contains(&number), "{number}");
        assert!(!given.contains(&number), "{number} is given twice");
        given.push(number);
        assert_eq!(keys.create("ada", number, b"key"), Ok(()));
        if round % 3 == 0 {
            assert_eq!(keys.forget("ada"), Ok(()));
        }
    }
}

/// A key that somebody has read is there until its subject is forgotten: something is sealed with it.
pub fn keys_made_at_once_are_all_kept(keys: &impl KeyStore) {
    let make = |maker: u8| {
        let number = keys.new_number("ada").expect("there are numbers left");
        assert_eq!(keys.create("ada", number, &[1, maker]), Ok(()));
        let read = keys.key("ada", number);
        assert!(matches!(read, Ok(StoredKey::Wrapped(_))), "{read:?}");
        (number, read)
    };
    let make = &make;
    let made: Vec<_> = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..MAKERS).map(|maker| scope.spawn(move || make(maker))).collect();
        let ended = makers.into_iter().map(|maker| maker.join());
        ended.map(|made| made.expect("no maker panics")).collect()
    });
    for (number, read) in made {
        assert_eq!(keys.key("ada", number), read);
    }
}
