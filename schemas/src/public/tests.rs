use std::collections::BTreeMap;

use domain::stream::Topic;
use domain::value::Sealed;
use serde::Serialize;
use serde_json::{Value, json};
use strum::IntoEnumIterator;

use super::{PERSONAL, fields, public};
use crate::codec::tests::samples;

fn sealed() -> Sealed {
    Sealed {
        subject: "canary-subject".to_owned(),
        key_id: 7,
        nonce: "canary-nonce".to_owned(),
        ciphertext: "canary-ciphertext".to_owned(),
    }
}

/// What `serde_json` writes, without any object that has the fields of a sealed one.
fn without_sealed(value: Value) -> Option<Value> {
    match value {
        Value::Object(object) if object.contains_key("ciphertext") => None,
        Value::Object(object) => {
            let kept = object
                .into_iter()
                .filter_map(|(name, value)| Some((name, without_sealed(value)?)));
            Some(Value::Object(kept.collect()))
        }
        Value::Array(items) => Some(Value::Array(items.into_iter().filter_map(without_sealed).collect())),
        other => Some(other),
    }
}

#[test]
fn every_event_shows_all_its_fields_but_the_personal_ones() {
    let mut with_personal_fields = 0;
    for topic in Topic::iter() {
        for event in samples::of(topic) {
            let stored = serde_json::to_value(&event).expect("an event has a form in JSON");
            let stored = stored[event.name()].clone();
            let shown = fields(&event).expect("an event has a public form");
            with_personal_fields += usize::from(shown != stored);
            assert_eq!(Some(&shown), without_sealed(stored).as_ref(), "{}", event.name());
            for trace in ["ciphertext", "nonce", "key_id", "subject"] {
                assert!(!shown.to_string().contains(trace), "{}: {shown}", event.name());
            }
        }
    }
    assert!(with_personal_fields >= 4, "the samples hold personal fields");
}

#[test]
fn a_personal_field_is_left_out_wherever_a_new_event_may_put_it() {
    #[derive(Serialize)]
    struct Renamed(Sealed);
    #[derive(Serialize)]
    enum Choice {
        Alone(Sealed),
        Beside(u8, Sealed),
        Named { who: Sealed, what: u8 },
    }
    #[derive(Serialize)]
    struct Everywhere {
        plain: u8,
        field: Sealed,
        maybe: Option<Sealed>,
        boxed: Box<Sealed>,
        renamed: Renamed,
        list: Vec<Sealed>,
        pair: (u8, Sealed),
        map: BTreeMap<String, Sealed>,
        choices: Vec<Choice>,
        #[serde(flatten)]
        flat: BTreeMap<String, Sealed>,
    }
    let map = || BTreeMap::from([("key".to_owned(), sealed())]);
    let everywhere = Everywhere {
        plain: 1,
        field: sealed(),
        maybe: Some(sealed()),
        boxed: Box::new(sealed()),
        renamed: Renamed(sealed()),
        list: vec![sealed()],
        pair: (2, sealed()),
        map: map(),
        choices: vec![
            Choice::Alone(sealed()),
            Choice::Beside(3, sealed()),
            Choice::Named { who: sealed(), what: 4 },
        ],
        flat: map(),
    };
    let shown = public(&everywhere).expect("it has a public form");
    let expected = json!({
        "plain": 1, "list": [], "pair": [2], "map": {}, "choices": [{ "Beside": [3] }, { "Named": { "what": 4 } }]
    });
    assert_eq!(shown, Some(expected));
}

#[test]
fn the_name_of_what_is_personal_is_the_name_of_its_type() {
    assert_eq!(std::any::type_name::<Sealed>().rsplit("::").next(), Some(PERSONAL));
    assert_eq!(public(&sealed()), Ok(None));
}
