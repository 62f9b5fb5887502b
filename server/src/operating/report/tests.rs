use super::{DIFFERENCE_CHARS_MAX, around, first_difference};

#[test]
fn a_difference_is_shown_where_it_is() {
    let (first, second) = (format!("{}axb", "é".repeat(500)), format!("{}ayb", "é".repeat(500)));
    let place = first_difference(&first, &second);
    assert_eq!(place, 501);
    let (first, second) = (around(&first, place), around(&second, place));
    assert!(first.ends_with("axb") && second.ends_with("ayb"), "{first} {second}");
    assert!(first.starts_with('…') && first.chars().count() <= DIFFERENCE_CHARS_MAX + 2);
    assert_eq!(around("short", 0), "short");
}
