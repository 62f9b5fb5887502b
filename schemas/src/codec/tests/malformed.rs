use domain::Event;
use domain::sales::cart;
use domain::stream::Topic;
use proptest::prelude::*;
use strum::IntoEnumIterator;

use super::{codec, ties};
use crate::codec::{CodecError, ELEMENTS_MAX, HEADER_BYTES, PAYLOAD_BYTES_MAX};

/// The first bytes of every good payload of the topic.
fn header(topic: Topic) -> Vec<u8> {
    let payload = codec().encode(topic, &[]).expect("an empty commit has a form");
    payload[..HEADER_BYTES].to_vec()
}

fn with_datum(topic: Topic, datum: &[u8]) -> Vec<u8> {
    [header(topic).as_slice(), datum].concat()
}

fn is_malformed(result: &Result<Vec<Event>, CodecError>) -> bool {
    matches!(result, Err(CodecError::Malformed { .. }))
}

#[test]
fn what_has_no_header_is_short() {
    for bytes in 0..HEADER_BYTES {
        let payload = &header(Topic::Sales)[..bytes];
        assert_eq!(codec().decode(Topic::Sales, payload), Err(CodecError::Short { bytes }));
    }
}

#[test]
fn another_magic_byte_is_named() {
    let mut payload = with_datum(Topic::Sales, &[0]);
    payload[0] = 1;
    assert_eq!(
        codec().decode(Topic::Sales, &payload),
        Err(CodecError::Magic { found: 1 })
    );
}

#[test]
fn what_follows_a_commit_is_counted() {
    let payload = with_datum(Topic::Sales, &[0, 1, 2]);
    assert_eq!(
        codec().decode(Topic::Sales, &payload),
        Err(CodecError::Trailing { bytes: 2 })
    );
}

#[test]
fn every_cut_of_a_payload_is_refused() {
    let payload = codec()
        .encode(Topic::Shop, &ties::full_and_bare(Topic::Shop))
        .expect("the events fit");
    for length in HEADER_BYTES..payload.len() {
        let refused = codec().decode(Topic::Shop, &payload[..length]);
        assert!(is_malformed(&refused), "{length}: {refused:?}");
    }
}

#[test]
fn a_payload_beyond_the_limit_is_not_looked_at() {
    let bytes = PAYLOAD_BYTES_MAX + 1;
    assert_eq!(
        codec().decode(Topic::Sales, &vec![0; bytes]),
        Err(CodecError::TooLarge { bytes })
    );
}

#[test]
fn a_payload_of_another_topic_is_refused() {
    let cleared = Event::Cart(cart::Event::CartCleared {});
    let payload = codec().encode(Topic::Sales, &[cleared]).expect("the event fits");
    assert!(is_malformed(&codec().decode(Topic::Shop, &payload)));
}

#[test]
fn more_elements_than_the_limit_are_refused_before_they_are_read() {
    let mut datum = Vec::new();
    let mut count = (u64::try_from(ELEMENTS_MAX).expect("it is small") + 1) * 2;
    while count > 0x7f {
        datum.push(u8::try_from(count & 0x7f).expect("it has seven bits") | 0x80);
        count >>= 7;
    }
    datum.push(u8::try_from(count).expect("it has seven bits"));
    let refused = codec().decode(Topic::Sales, &with_datum(Topic::Sales, &datum));
    let Err(CodecError::Malformed { reason, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(reason.contains("max sequence size"), "{reason}");
}

#[test]
fn a_symbol_that_is_never_written_is_refused() {
    let samples = ties::full_and_bare(Topic::Sales);
    let started = samples.into_iter().rfind(|event| event.name() == "CheckoutStarted");
    let started = started.expect("the bare samples come last");
    let payload = codec().encode(Topic::Sales, &[started]).expect("the event fits");
    // No groups and the method `Invoice`: the only two bytes 0, 2 in a row after the reservation.
    let place = payload
        .windows(2)
        .rposition(|window| window == [0, 2])
        .expect("the method is there");
    let mut changed = payload.to_vec();
    changed[place + 1] = 0;
    assert!(is_malformed(&codec().decode(Topic::Sales, &changed)));
}

/// Each event as a payload of its own, and all of a topic in one.
fn payloads() -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    for topic in Topic::iter() {
        let events = ties::full_and_bare(topic);
        let alone = events.iter().map(std::slice::from_ref);
        for commit in alone.chain([events.as_slice()]) {
            payloads.push(codec().encode(topic, commit).expect("the events fit").to_vec());
        }
    }
    payloads
}

#[test]
fn what_is_near_a_payload_comes_back_or_is_refused() {
    fuzzing::near!(payloads(), 100_000, |payload| {
        for topic in Topic::iter() {
            let read = fuzzing::within_memory(payload, 64 * 1_024, 1_024, || codec().decode(topic, payload));
            if let Ok(events) = read {
                let written = codec().encode(topic, &events).expect("what was read can be written");
                assert_eq!(codec().decode(topic, &written), Ok(events));
            }
        }
    });
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        for topic in Topic::iter() {
            let _ = codec().decode(topic, &payload);
        }
    }

    #[test]
    fn no_datum_makes_it_panic(datum in prop::collection::vec(any::<u8>(), 0..200)) {
        for topic in Topic::iter() {
            let _ = codec().decode(topic, &with_datum(topic, &datum));
        }
    }

    #[test]
    fn no_changed_byte_makes_it_panic(
        event in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        for topic in Topic::iter() {
            let event = event.get(&ties::full_and_bare(topic)).clone();
            let mut payload = codec().encode(topic, &[event]).expect("the event fits").to_vec();
            let place = place.index(payload.len());
            payload[place] = byte;
            let _ = codec().decode(topic, &payload);
        }
    }
}
