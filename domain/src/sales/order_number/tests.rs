use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{COUNT_MAX, DIGITS, PARTITIONS_MAX, is_valid, order_number};

fn number(count: u64, partition: u32) -> String {
    order_number(count, partition).expect("numbers are left")
}

#[test]
fn numbers_are_unique_over_counts_and_partitions() {
    let numbers: BTreeSet<String> = (0..32)
        .flat_map(|partition| (0..500).map(move |count| number(count, partition)))
        .collect();
    assert_eq!(numbers.len(), 32 * 500);
}

#[test]
fn neighbours_do_not_look_alike() {
    let alike = |count| {
        let (one, other) = (number(count, 0), number(count + 1, 0));
        one.bytes()
            .zip(other.bytes())
            .filter(|(one, other)| one == other)
            .count()
    };
    assert!((1..1_000).all(|count| alike(count) <= 5));
}

#[test]
fn no_number_is_made_beyond_what_the_digits_hold() {
    assert!(order_number(COUNT_MAX - 1, PARTITIONS_MAX - 1).is_some());
    assert_eq!(order_number(COUNT_MAX, 0), None);
    assert_eq!(order_number(0, PARTITIONS_MAX), None);
}

#[test]
fn other_texts_are_no_order_numbers() {
    for text in ["", "0", "ILOU ILOU!", "00000000000", "é123456789", "abcdefghjk"] {
        assert!(!is_valid(text), "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_wrong_character_and_any_two_that_changed_places_are_noticed(
        count in 0..COUNT_MAX,
        partition in 0..PARTITIONS_MAX,
        places in (0..10_usize, 0..10_usize),
        digit in 0..32_usize,
    ) {
        let right = number(count, partition);
        prop_assert!(is_valid(&right));

        let mut mistyped = right.clone().into_bytes();
        mistyped[places.0] = DIGITS[digit];
        let mistyped = String::from_utf8(mistyped).expect("digits are ASCII");
        prop_assert_eq!(is_valid(&mistyped), mistyped == right);

        let mut swapped = right.clone().into_bytes();
        swapped.swap(places.0, places.1);
        let swapped = String::from_utf8(swapped).expect("digits are ASCII");
        prop_assert_eq!(is_valid(&swapped), swapped == right);
    }
}
