//! What every giver of ids promises. Call [`ids_contract_tests!`](crate::ids_contract_tests) with something that
//! makes one; it becomes one test for each promise.

use serde_json::Value;

use super::{IdsError, SchemaIds};

/// Makes one test for each promise; `$open` makes a fresh giver, and what must outlive it.
#[macro_export]
macro_rules! ids_contract_tests {
    ($open:expr) => {
        $crate::ids_contract_tests!(@each $open;
            a_schema_keeps_its_number
            a_number_gives_its_schema_back
            a_schema_that_cannot_read_the_earlier_ones_is_refused
            what_is_no_schema_is_refused
            a_subject_takes_a_schema_of_another_one
        );
    };
    (@each $open:expr; $($promise:ident)+) => {
        $(#[test]
        fn $promise() {
            let (_guard, ids) = $open;
            $crate::ids::contract::$promise(&ids);
        })+
    };
}

/// A schema.
pub const LONG: &str = r#"{"type": "record", "name": "Commit", "fields": [{"name": "events", "type": {"type": "array", "items": "long"}}]}"#;
/// One that reads it as well: it has one more field, with a default.
pub const LONG_AND_WHY: &str = r#"{"type": "record", "name": "Commit", "fields": [{"name": "events", "type": {"type": "array", "items": "long"}}, {"name": "why", "type": "string", "default": ""}]}"#;
/// One that does not.
pub const STRING: &str = r#"{"type": "record", "name": "Commit", "fields": [{"name": "events", "type": {"type": "array", "items": "string"}}]}"#;
/// One that does not either: a field is new and has no default.
pub const LONG_WITHOUT_DEFAULT: &str = r#"{"type": "record", "name": "Commit", "fields": [{"name": "events", "type": {"type": "array", "items": "long"}}, {"name": "amount", "type": "int"}]}"#;

/// Also when another one has come after it.
pub fn a_schema_keeps_its_number(ids: &impl SchemaIds) {
    let first = ids.id_of("a-value", LONG).expect("a schema is registered");
    let second = ids.id_of("a-value", LONG_AND_WHY).expect("a schema is registered");
    assert_ne!(first, second);
    assert_eq!(ids.id_of("a-value", LONG), Ok(first));
    assert_eq!(ids.id_of("a-value", LONG_AND_WHY), Ok(second));
}

/// Whole; and a number that was never given gives nothing.
pub fn a_number_gives_its_schema_back(ids: &impl SchemaIds) {
    let id = ids.id_of("a-value", LONG_AND_WHY).expect("a schema is registered");
    let text = ids.schema_of(id).expect("it answers").expect("the schema is known");
    let stored: Value = serde_json::from_str(&text).expect("a schema is JSON");
    let given: Value = serde_json::from_str(LONG_AND_WHY).expect("a schema is JSON");
    assert_eq!(stored, given);
    assert_eq!(ids.schema_of(id ^ 0x4000_0000), Ok(None));
}

/// By name of subject and field.
pub fn a_schema_that_cannot_read_the_earlier_ones_is_refused(ids: &impl SchemaIds) {
    ids.id_of("a-value", LONG).expect("a schema is registered");
    let refused = ids.id_of("a-value", STRING);
    assert!(matches!(refused, Err(IdsError::Refused { .. })), "{refused:?}");
    let refused = ids
        .id_of("a-value", LONG_WITHOUT_DEFAULT)
        .expect_err("it has no default");
    let words = refused.to_string();
    assert!(words.contains("a-value"), "{words}");
    assert!(words.contains("Commit.amount is new and has no default"), "{words}");
    assert!(!refused.is_retryable());
}

/// And never sent to anybody.
pub fn what_is_no_schema_is_refused(ids: &impl SchemaIds) {
    let refused = ids.id_of("a-value", "nonsense");
    assert!(matches!(refused, Err(IdsError::Refused { .. })), "{refused:?}");
}

/// What stands under one name says nothing of the other.
pub fn a_subject_takes_a_schema_of_another_one(ids: &impl SchemaIds) {
    ids.id_of("a-value", LONG).expect("a schema is registered");
    let other = ids.id_of("b-value", LONG).expect("another subject takes it as well");
    assert_eq!(ids.id_of("b-value", LONG), Ok(other));
    ids.id_of("c-value", STRING).expect("a third takes another one");
}
