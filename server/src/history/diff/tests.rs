use std::sync::Arc;

use domain::Event;
use domain::inventory::item::{Event as ItemEvent, Levels};
use domain::value::{CommandId, Timestamp};
use event_log::{Envelope, Kind, Record, Touched};
use schemas::{Codec, FileIds};
use uuid::Uuid;

use super::*;

fn stream() -> StreamId {
    "stock/main/LAMP".parse().expect("it names a stream")
}

fn levels(on_hand: i64) -> Levels {
    Levels {
        on_hand,
        ..Levels::default()
    }
}

fn received(quantity: i64, on_hand: i64) -> ItemEvent {
    ItemEvent::StockReceived {
        quantity,
        levels_after: levels(on_hand),
    }
}

/// A history of one stream: each entry is one commit, at 1, 2, 3 … seconds.
fn history(commits: Vec<Vec<ItemEvent>>) -> (Vec<Found>, Wire) {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let ids = FileIds::open(directory.path().join("ids.json")).expect("there are no ids yet");
    let codec = Arc::new(Codec::open(Box::new(ids)).expect("the schemas are shipped"));
    let mut version = 0;
    let found = commits.into_iter().zip(1_i64..).map(|(events, number)| {
        version += events.len() as u64;
        let count = u32::try_from(events.len()).expect("few");
        let events: Vec<Event> = events.into_iter().map(Event::from).collect();
        let shard = stream().shard(4);
        let command = Uuid::from_u128(number.unsigned_abs().into());
        let envelope = Envelope {
            kind: Kind::Commit,
            term: 1,
            seq: number.unsigned_abs(),
            claim: Uuid::nil(),
            command: CommandId(command),
            request_hash: [0; 32],
            correlation: command,
            causation: command,
            actor: format!("admin:{number}"),
            traceparent: String::new(),
            streams: vec![Touched {
                stream: stream(),
                version,
                events: count,
            }],
            claimed: None,
        };
        let payload = codec.encode(shard.topic, &events).expect("it can be written");
        let at = Timestamp(number * 1_000);
        let record = Record {
            shard,
            offset: number,
            at,
            envelope,
            payload,
        };
        Found {
            at,
            record: Arc::new(record),
        }
    });
    (found.collect(), Wire(Arc::clone(&codec)))
}

fn between_versions(commits: Vec<Vec<ItemEvent>>, from: u64, to: u64) -> Result<DiffReport, Backwards> {
    let (found, wire) = history(commits);
    between(&stream(), &found, &wire, AsOf::Version(from), AsOf::Version(to))
}

fn three_receipts() -> Vec<Vec<ItemEvent>> {
    vec![
        vec![received(5, 5), ItemEvent::BackorderAllowed { limit: 2 }],
        vec![received(3, 8)],
        vec![received(1, 9)],
    ]
}

#[test]
fn a_field_that_differs_is_told_with_everything_that_changed_it_in_between() {
    let diff = between_versions(three_receipts(), 2, 4).expect("forwards");
    assert_eq!((diff.from_version, diff.to_version), (2, 4));
    let [field] = diff.fields.as_slice() else {
        panic!("{diff:?}")
    };
    assert_eq!(field.field, "levels.on_hand");
    assert_eq!((&field.before, &field.after), (&Some(5.into()), &Some(9.into())));
    let by: Vec<_> = field
        .by
        .iter()
        .map(|by| (by.version, by.events[0].as_str(), by.actor.as_str()))
        .collect();
    assert_eq!(by, [(3, "StockReceived", "admin:2"), (4, "StockReceived", "admin:3")]);
}

#[test]
fn a_point_may_lie_within_a_commit_and_before_the_first_one() {
    let diff = between_versions(three_receipts(), 1, 2).expect("forwards");
    let fields: Vec<&str> = diff.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["backorder_limit"]);
    let diff = between_versions(three_receipts(), 0, 1).expect("forwards");
    let on_hand = diff
        .fields
        .iter()
        .find(|field| field.field == "levels.on_hand")
        .expect("it differs");
    assert_eq!((&on_hand.before, &on_hand.after), (&None, &Some(5.into())));
}

#[test]
fn what_changed_and_changed_back_does_not_differ() {
    let commits = vec![vec![received(5, 5)], vec![received(-1, 4)], vec![received(1, 5)]];
    let diff = between_versions(commits, 1, 3).expect("forwards");
    assert_eq!(diff.fields, []);
}

#[test]
fn a_moment_means_the_last_commit_until_then_and_the_order_of_points_matters() {
    let (found, wire) = history(three_receipts());
    let at = |ms| AsOf::Moment(Timestamp(ms));
    let versions = |from, to| {
        let diff = between(&stream(), &found, &wire, from, to);
        diff.map(|diff| (diff.from_version, diff.to_version))
    };
    assert_eq!(versions(at(999), at(2_500)), Ok((0, 3)));
    assert_eq!(versions(at(1_000), AsOf::Version(u64::MAX)), Ok((2, 4)));
    assert_eq!(versions(at(3_000), at(1_000)), Err(Backwards));
}
