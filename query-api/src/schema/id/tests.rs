use proptest::prelude::*;
use uuid::Uuid;

use super::{Kind, global};

const LAMP: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

#[test]
fn a_global_id_names_kind_and_object() {
    let id = Kind::Product.global_id(LAMP);
    assert_eq!(
        id.as_str(),
        "UHJvZHVjdDowMTkwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDE"
    );
    assert_eq!(global(&id), Ok((Kind::Product, LAMP)));
}

#[test]
fn an_argument_takes_the_global_id_and_the_plain_one() {
    assert_eq!(Kind::Cart.uuid(&Kind::Cart.global_id(LAMP)), Ok(LAMP));
    assert_eq!(Kind::Cart.uuid(&LAMP.to_string()), Ok(LAMP));
}

#[test]
fn the_id_of_another_kind_is_refused() {
    let refused = Kind::Order
        .uuid(&Kind::Cart.global_id(LAMP))
        .expect_err("a cart is no order");
    assert_eq!(refused.code(), "id.invalid");
    assert_eq!(
        global(&LAMP.to_string()).expect_err("a plain UUID has no kind").code(),
        "id.invalid"
    );
}

proptest! {
    #[test]
    fn any_text_is_an_id_or_refused(text in any::<String>()) {
        let _ = global(&text);
        let _ = Kind::Product.uuid(&text);
    }
}
