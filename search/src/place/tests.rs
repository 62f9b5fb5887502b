use proptest::prelude::*;

use super::*;

#[test]
fn a_place_survives_the_way_through_a_cursor() {
    let product = ProductId(Uuid::from_u128(7));
    for rank in [
        Rank::Integer(-3),
        Rank::Score(-1.25),
        Rank::Text(b"lamp\0".to_vec()),
        Rank::Text(Vec::new()),
    ] {
        let place = Place { rank, product };
        assert_eq!(Place::of_bytes(&place.to_bytes()), Some(place));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_place_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Some(place) = Place::of_bytes(&bytes) {
            prop_assert_eq!(place.to_bytes(), bytes);
        }
    }
}
