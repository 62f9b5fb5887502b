use proptest::prelude::*;

use super::*;

fn encoded_integer(number: i64) -> Vec<u8> {
    Clustering::new().integer(number).into_bytes()
}

fn encoded_text(text: &str) -> Vec<u8> {
    Clustering::new().text(text).into_bytes()
}

#[test]
fn case_and_accents_do_not_count() {
    assert_eq!(collated("Äpfel ÉTÉ ﬁn"), "apfel ete fin");
    assert!(encoded_text("Zebra") > encoded_text("Äpfel"));
    assert!(encoded_text("apfel") < encoded_text("Äpfelchen"));
}

#[test]
fn a_text_comes_before_those_it_begins_and_after_them_when_descending() {
    assert!(encoded_text("lamp") < encoded_text("lamp shade"));
    let descending = |text| Clustering::new().text_descending(text).into_bytes();
    assert!(descending("lamp") > descending("lamp shade"));
}

#[test]
fn no_text_can_forge_the_end_of_its_part() {
    let plain = Clustering::new().text("a").id(Uuid::nil()).into_bytes();
    let forged = Clustering::new().text("a\0").id(Uuid::nil()).into_bytes();
    assert_eq!(plain, forged, "control characters are left out");
}

proptest! {
    #[test]
    fn integers_keep_their_order(left: i64, right: i64) {
        prop_assert_eq!(encoded_integer(left).cmp(&encoded_integer(right)), left.cmp(&right));
    }

    #[test]
    fn descending_integers_reverse_it(left: i64, right: i64) {
        let descending = |number| Clustering::new().integer_descending(number).into_bytes();
        prop_assert_eq!(descending(left).cmp(&descending(right)), right.cmp(&left));
    }

    #[test]
    fn short_texts_keep_the_order_of_their_collation(left in "\\PC{0,20}", right in "\\PC{0,20}") {
        prop_assert_eq!(encoded_text(&left).cmp(&encoded_text(&right)), collated(&left).cmp(&collated(&right)));
    }

    #[test]
    fn long_texts_are_never_in_the_wrong_order(left in ".{0,300}", right in ".{0,300}") {
        if encoded_text(&left) < encoded_text(&right) {
            prop_assert!(collated(&left) < collated(&right));
        }
    }

    #[test]
    fn the_first_part_that_differs_decides(
        left in ("[a-c]{0,3}", -2..2_i64),
        right in ("[a-c]{0,3}", -2..2_i64),
    ) {
        let key = |(text, number): &(String, i64)| Clustering::new().text(text).integer(*number).into_bytes();
        prop_assert_eq!(key(&left).cmp(&key(&right)), left.cmp(&right));
    }
}
