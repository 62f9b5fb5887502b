use serde_json::json;

use super::*;

fn leaves(value: Value) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    collect(String::new(), value, &mut leaves);
    leaves
}

#[test]
fn a_field_keeps_its_name_when_the_situation_changes() {
    let lines = json!([{ "sku": "LAMP", "price": { "EUR": 100 } }]);
    let open = leaves(json!({ "Cart": { "Open": { "lines": lines } } }));
    let fixed = leaves(json!({ "Cart": { "CheckingOut": { "lines": lines } } }));
    for leaves in [&open, &fixed] {
        assert_eq!(leaves["lines.0.sku"], "LAMP");
        assert_eq!(leaves["lines.0.price.EUR"], 100);
    }
    assert_eq!(
        (&open[SITUATION], &fixed[SITUATION]),
        (&json!("Open"), &json!("CheckingOut"))
    );
    assert_eq!(leaves(json!({ "Cart": "Converted" }))[SITUATION], "Converted");
}

#[test]
fn a_sealed_field_is_one_value() {
    let sealed = json!({ "subject": "s", "key_id": 1, "nonce": "n", "ciphertext": "c" });
    let leaves = leaves(json!({ "Cart": { "Open": { "email": sealed } } }));
    assert_eq!(leaves["email"], sealed);
}
