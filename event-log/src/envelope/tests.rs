use domain::stream::StreamId;
use domain::value::{CartId, CommandId};
use proptest::prelude::*;
use uuid::Uuid;

use super::{ACTOR_BYTES_MAX, Claim, Envelope, EnvelopeError, Kind, STREAMS_MAX, Touched};

fn commit() -> Envelope {
    Envelope {
        kind: Kind::Commit,
        term: 3,
        seq: 258,
        claim: Uuid::from_u128(1),
        command: CommandId(Uuid::from_u128(2)),
        request_hash: [0xab; 32],
        correlation: Uuid::from_u128(3),
        causation: Uuid::from_u128(4),
        actor: "guest".to_owned(),
        traceparent: "00-x".to_owned(),
        streams: vec![
            Touched {
                stream: StreamId::Cart(CartId(Uuid::from_u128(5))),
                version: 7,
                events: 2,
            },
            Touched {
                stream: StreamId::Shop,
                version: 1,
                events: 0,
            },
        ],
        claimed: None,
    }
}

fn claim() -> Envelope {
    Envelope {
        kind: Kind::Claim,
        seq: 0,
        streams: Vec::new(),
        claimed: Some(Claim {
            log: Uuid::from_u128(6),
            partitions: 16,
            node: "n1".to_owned(),
            url: "http://h".to_owned(),
        }),
        ..commit()
    }
}

fn barrier() -> Envelope {
    Envelope {
        kind: Kind::Barrier,
        streams: Vec::new(),
        ..commit()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn uuid(number: u8) -> String {
    format!("{number:032x}")
}

/// What every envelope of these tests has after its kind.
fn head(seq: &str) -> String {
    let hash = "ab".repeat(32);
    let (claim, command, correlation, causation) = (uuid(1), uuid(2), uuid(3), uuid(4));
    let texts = "00056775657374000430302d78";
    format!("0000000000000003{seq}{claim}{command}{hash}{correlation}{causation}{texts}")
}

/// These bytes are in logs: they may be read by later versions, never changed.
#[test]
fn each_kind_keeps_its_bytes() {
    let cart = "cart/00000000-0000-0000-0000-000000000005";
    let streams = format!(
        "0002{:04x}{}{:016x}{:08x}{}{:016x}{:08x}",
        cart.len(),
        hex(cart.as_bytes()),
        7,
        2,
        "000473686f70",
        1,
        0
    );
    let claimed = format!("{}00000010{}{}", uuid(6), "00026e31", "0008687474703a2f2f68");
    let golden = [
        (commit(), format!("0101{}{streams}", head("0000000000000102"))),
        (claim(), format!("0102{}0000{claimed}", head("0000000000000000"))),
        (barrier(), format!("0103{}0000", head("0000000000000102"))),
    ];
    for (envelope, bytes) in golden {
        let stored = envelope.encode().expect("an envelope within its limits");
        assert_eq!(hex(&stored), bytes);
        assert_eq!(Envelope::decode(&stored), Ok(envelope));
    }
}

#[test]
fn a_later_version_is_named() {
    assert_eq!(Envelope::decode(&[2, 1]), Err(EnvelopeError::Version(2)));
}

#[test]
fn a_part_of_an_envelope_is_none() {
    let stored = claim().encode().expect("an envelope within its limits");
    for length in 0..stored.len() {
        assert!(matches!(
            Envelope::decode(&stored[..length]),
            Err(EnvelopeError::Ends(_))
        ));
    }
}

#[test]
fn bytes_after_an_envelope_are_refused() {
    let mut stored = commit().encode().expect("an envelope within its limits");
    stored.push(0);
    assert_eq!(Envelope::decode(&stored), Err(EnvelopeError::Follows(1)));
}

#[test]
fn fields_over_their_limit_are_refused_both_ways() {
    let mut long = commit();
    long.actor = "a".repeat(ACTOR_BYTES_MAX + 1);
    let field = "actor";
    let max = ACTOR_BYTES_MAX;
    assert_eq!(long.encode(), Err(EnvelopeError::TooLong { field, max }));

    let mut stored = barrier().encode().expect("an envelope within its limits");
    let streams = stored.len() - 2;
    let count = u16::try_from(STREAMS_MAX + 1).expect("a count of two bytes");
    stored[streams..].copy_from_slice(&count.to_be_bytes());
    let (field, max) = ("streams", STREAMS_MAX);
    assert_eq!(Envelope::decode(&stored), Err(EnvelopeError::TooLong { field, max }));
}

#[test]
fn a_claim_says_something_and_nothing_else_does() {
    let silent = Envelope {
        claimed: None,
        ..claim()
    };
    let boasting = Envelope {
        claimed: claim().claimed,
        ..commit()
    };
    assert_eq!(silent.encode(), Err(EnvelopeError::Field("claim")));
    assert_eq!(boasting.encode(), Err(EnvelopeError::Field("claim")));
}

fn touched() -> impl Strategy<Value = Touched> {
    let stream = prop_oneof![
        any::<u128>().prop_map(|id| StreamId::Cart(CartId(Uuid::from_u128(id)))),
        any::<u32>().prop_map(StreamId::OrderCounter),
        "[^/]{1,40}".prop_map(StreamId::Generation),
    ];
    (stream, any::<u64>(), any::<u32>()).prop_map(|(stream, version, events)| Touched {
        stream,
        version,
        events,
    })
}

prop_compose! {
    fn envelope()(
        kind in prop_oneof![Just(Kind::Commit), Just(Kind::Claim), Just(Kind::Barrier)],
        (term, seq) in any::<(u64, u64)>(),
        ids in any::<[u128; 5]>(),
        request_hash in any::<[u8; 32]>(),
        actor in ".{0,80}",
        traceparent in ".{0,60}",
        streams in prop::collection::vec(touched(), 0..5),
        partitions in any::<u32>(),
        node in ".{0,30}",
        url in ".{0,90}",
    ) -> Envelope {
        let [claim, command, correlation, causation, log] = ids.map(Uuid::from_u128);
        Envelope {
            kind,
            term,
            seq,
            claim,
            command: CommandId(command),
            request_hash,
            correlation,
            causation,
            actor,
            traceparent,
            streams,
            claimed: (kind == Kind::Claim).then_some(Claim { log, partitions, node, url }),
        }
    }
}

#[test]
fn what_is_near_an_envelope_comes_back_or_is_refused() {
    let seeds = [commit(), claim(), barrier()].map(|envelope| envelope.encode().expect("it is within its limits"));
    fuzzing::near!(seeds.to_vec(), 200_000, |bytes| {
        let read = fuzzing::within_memory(bytes, 4_096, 64, || Envelope::decode(bytes));
        if let Ok(envelope) = read {
            // An id in capitals is the same stream, so the bytes may differ.
            let written = envelope.encode().expect("what was read can be written");
            assert_eq!(written.len(), bytes.len());
            assert_eq!(Envelope::decode(&written), Ok(envelope));
        }
    });
}

proptest! {
    #[test]
    fn what_is_written_is_read(envelope in envelope()) {
        let stored = envelope.encode().expect("an envelope within its limits");
        prop_assert_eq!(Envelope::decode(&stored), Ok(envelope));
    }

    #[test]
    fn any_bytes_are_an_envelope_or_an_error(mut bytes in prop::collection::vec(any::<u8>(), 0..300), kind in 1..4_u8) {
        let _ = Envelope::decode(&bytes);
        if let [version, second, ..] = bytes.as_mut_slice() {
            (*version, *second) = (1, kind);
        }
        if let Ok(envelope) = Envelope::decode(&bytes) {
            prop_assert_eq!(envelope.encode(), Ok(bytes));
        }
    }

    #[test]
    fn a_flipped_byte_never_panics(envelope in envelope(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut stored = envelope.encode().expect("an envelope within its limits");
        let at = at.index(stored.len());
        stored[at] = byte;
        let _ = Envelope::decode(&stored);
    }
}
