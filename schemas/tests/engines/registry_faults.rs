//! A registry that dies, hangs, and forgets: on instances of their own.

use std::time::{Duration, Instant};

use domain::stream::Topic;
use engines::Registry;
use schemas::ids::IdsError;
use schemas::ids::contract::{LONG, LONG_AND_WHY, STRING};
use schemas::{CodecError, SchemaIds, subject};
use strum::IntoEnumIterator;

use crate::fixture::{OnRegistry, answered, assert_refused, eventually, id_of, written_id};

/// Longest time for an answer, whatever the registry does.
const BOUND: Duration = Duration::from_secs(6);

#[test]
fn a_registry_that_dies_or_hangs_stops_only_what_is_new() {
    let mut registry = Registry::start().expect("a registry starts");
    let shop = OnRegistry::at(registry.url());
    let ids = shop.ids("one");
    let known = id_of(&ids, "a-value", LONG).expect("it is registered");

    registry.pause().expect("it is paused");
    let began = Instant::now();
    assert_eq!(ids.id_of("a-value", LONG), Ok(known));
    let waits = ids
        .id_of("a-value", LONG_AND_WHY)
        .expect_err("nobody gives it a number");
    assert!(waits.is_retryable(), "{waits}");
    assert!(waits.to_string().contains(&shop.subject("a-value")), "{waits}");
    assert!(matches!(ids.schema_of(77), Err(IdsError::Unavailable(_))));
    assert!(began.elapsed() < 3 * BOUND, "{:?}", began.elapsed());
    registry.resume().expect("it goes on");
    let (unknown, _) = eventually(|| ids.schema_of(77));
    assert_eq!(unknown, None);

    registry.kill().expect("it is killed");
    let began = Instant::now();
    assert_eq!(shop.ids("one").id_of("a-value", LONG), Ok(known));
    assert!(
        ids.id_of("a-value", LONG_AND_WHY)
            .is_err_and(|error| error.is_retryable())
    );
    assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());

    registry.restart().expect("it starts again");
    let (new, _) = eventually(|| ids.id_of("a-value", LONG_AND_WHY));
    assert_ne!(new, known);
    assert_eq!(ids.id_of("a-value", LONG), Ok(known), "its numbers have outlived it");
}

#[test]
fn a_registry_that_has_lost_everything_changes_no_number_in_the_log() {
    let first = Registry::start().expect("a registry starts");
    let shop = OnRegistry::at(first.url());
    let codec = shop.codec("one").expect("the schemas are registered");
    let payload = codec.encode(Topic::Sales, &[]).expect("an empty commit has a form");
    drop(first);

    let empty = Registry::start().expect("another one starts");
    // One that has just started may be slow to answer, and what is asked below is asked once.
    eventually(|| shop.ids_at(&empty.url(), "nobody").schema_of(77));
    let served = shop.codec_at(&empty.url(), "one").expect("all schemas are known");
    assert_eq!(served.encode(Topic::Sales, &[]), Ok(payload.clone()));
    assert_eq!(served.decode(Topic::Sales, &payload), Ok(Vec::new()));
    // Something new would be numbered by somebody who does not know which numbers are taken.
    let lost = shop.ids_at(&empty.url(), "one").id_of(&subject(Topic::Sales), STRING);
    assert_refused(lost, &[&shop.subject("sales-value"), "lost its data"]);

    // A process without the file registers in another order, and so other numbers are given.
    let other = shop.ids_at(&empty.url(), "two");
    id_of(&other, "other-value", LONG).expect("it is registered");
    let renumbered = answered(|| shop.codec_at(&empty.url(), "two"), CodecError::is_retryable);
    let renumbered = renumbered.expect("the schemas are registered");
    assert!(Topic::iter().any(|topic| written_id(&renumbered, topic) != written_id(&codec, topic)));
    let refused = shop
        .codec_at(&empty.url(), "one")
        .expect_err("the log has other numbers");
    let CodecError::Ids(refused) = refused else {
        panic!("{refused}")
    };
    assert_refused(
        Err(refused),
        &[&shop.prefix, "-value", "payloads in the log carry as", "lost its data"],
    );
}
