use domain::Event;
use domain::sales::cart;
use domain::stream::Topic;
use domain::value::{Currency, LineId, LocalizedText, Money, ProductId};
use proptest::prelude::*;
use strum::IntoEnumIterator;

use super::{codec, samples, ties};
use crate::codec::{CodecError, ELEMENTS_MAX, HEADER_BYTES, MAGIC, PAYLOAD_BYTES_MAX};
use crate::ids::{MemoryIds, SchemaIds};
use crate::versions::{subject, versions};

#[track_caller]
fn comes_back(topic: Topic, events: &[Event]) {
    let payload = codec().encode(topic, events).expect("the events fit their schema");
    assert_eq!(codec().decode(topic, &payload).as_deref(), Ok(events));
}

#[test]
fn every_event_comes_back_with_all_and_with_nothing_set() {
    for topic in Topic::iter() {
        for event in ties::full_and_bare(topic) {
            comes_back(topic, &[event]);
        }
    }
}

#[test]
fn many_events_come_back_in_order_and_none_at_all_is_a_commit_too() {
    for topic in Topic::iter() {
        comes_back(topic, &ties::full_and_bare(topic));
        comes_back(topic, &[]);
    }
}

#[test]
fn a_payload_begins_as_a_registry_would_have_it() {
    let ids = MemoryIds::default();
    for topic in Topic::iter() {
        let newest = versions(topic).last().expect("a topic has a schema");
        let id = ids.id_of(&subject(topic), newest).expect("the schema is good");
        let payload = codec().encode(topic, &[]).expect("an empty commit has a form");
        assert_eq!(
            payload.first_chunk::<HEADER_BYTES>().map(|header| header[0]),
            Some(MAGIC)
        );
        assert_eq!(payload[1..HEADER_BYTES], id.to_be_bytes());
    }
}

#[test]
fn an_event_of_another_topic_is_not_encoded() {
    for (topic, other) in [(Topic::Sales, Topic::Shop), (Topic::Shop, Topic::Catalog)] {
        for event in samples::of(other) {
            let refused = codec().encode(topic, std::slice::from_ref(&event));
            assert!(
                matches!(refused, Err(CodecError::Unencodable(_))),
                "{event:?}: {refused:?}"
            );
        }
    }
}

#[test]
fn limits_are_kept() {
    let many = vec![Event::Cart(cart::Event::CartCleared {}); ELEMENTS_MAX + 1];
    let refused = codec().encode(Topic::Sales, &many);
    assert_eq!(
        refused,
        Err(CodecError::TooManyEvents {
            events: ELEMENTS_MAX + 1
        })
    );

    let why = "x".repeat(PAYLOAD_BYTES_MAX);
    let large = [Event::Cart(cart::Event::CheckoutReopened { why })];
    let refused = codec().encode(Topic::Sales, &large);
    assert!(matches!(refused, Err(CodecError::TooLarge { .. })), "{refused:?}");
}

fn texts() -> impl Strategy<Value = LocalizedText> {
    prop::collection::btree_map(".{0,8}", ".{0,40}", 0..4).prop_map(LocalizedText)
}

prop_compose! {
    fn added_line()(
        line in any::<u128>(),
        sku in "[a-zA-Z0-9]{1,64}",
        title in texts(),
        attributes in prop::collection::btree_map(".{0,20}", ".{0,20}", 0..4),
        quantity in any::<u32>(),
        amount in any::<i64>(),
        catalog_seq in 0..=u64::try_from(i64::MAX).expect("it is positive"),
    ) -> Event {
        cart::Event::LineAdded {
            line: LineId(uuid::Uuid::from_u128(line)),
            sku: sku.parse().expect("the pattern makes SKUs"),
            product: ProductId(uuid::Uuid::from_u128(line ^ 1)),
            title,
            attributes,
            quantity,
            unit_price: Money { amount, currency: Currency::EUR },
            catalog_seq,
        }.into()
    }
}

proptest! {
    #[test]
    fn any_line_comes_back(events in prop::collection::vec(added_line(), 0..4)) {
        comes_back(Topic::Sales, &events);
    }

    #[test]
    fn any_order_of_events_comes_back(places in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        for topic in Topic::iter() {
            let all = ties::full_and_bare(topic);
            let events: Vec<_> = places.iter().map(|place| place.get(&all).clone()).collect();
            comes_back(topic, &events);
        }
    }
}
