use std::time::Duration;

use tokio::sync::mpsc;
use uuid::Uuid;

use super::Sending;
use crate::contract::{SHARDS, commit_of};
use crate::port::{Append, Delivered, Delivery, LogError};

struct Fixture {
    sending: Sending,
    delivered: mpsc::UnboundedReceiver<Vec<Delivered>>,
}

fn fixture(records_max: usize) -> Fixture {
    let (deliveries, delivered) = mpsc::unbounded_channel();
    Fixture {
        sending: Sending::new(deliveries, records_max),
        delivered,
    }
}

fn commits(count: u64) -> Vec<Append> {
    let commit = |seq: u64| commit_of(SHARDS[0], 1, Uuid::nil(), seq, seq.cast_signed(), &[1]);
    (1..=count).map(commit).collect()
}

impl Fixture {
    fn begin(&self, records: &[Append], bytes: usize, producer: u64) -> Result<usize, LogError> {
        let sized = records.iter().map(|append| (append.clone(), bytes)).collect();
        self.sending.begin(sized, producer)
    }

    fn answered(&mut self) -> Vec<(u64, bool)> {
        let mut answered = Vec::new();
        while let Ok(group) = self.delivered.try_recv() {
            let seqs = group.into_iter();
            answered.extend(seqs.map(|one| (one.seq, matches!(one.delivery, Delivery::Unknown(_)))));
        }
        answered
    }
}

#[test]
fn a_full_queue_takes_nothing_and_an_answer_makes_room() {
    let mut fixture = fixture(3);
    assert_eq!(fixture.begin(&commits(4), 1, 1), Err(LogError::QueueFull));
    let first = fixture.begin(&commits(2), 1, 1).expect("there is room");
    assert_eq!(fixture.begin(&commits(2), 1, 1), Err(LogError::QueueFull));
    fixture.sending.answer(first, Delivery::Refused(String::new()));
    fixture.begin(&commits(2), 1, 1).expect("there is room");
    assert_eq!(fixture.answered(), [(1, false)]);
}

#[test]
fn a_record_that_is_larger_than_the_queue_goes_alone() {
    let fixture = fixture(10);
    let first = fixture
        .begin(&commits(1), super::BYTES_MAX + 1, 1)
        .expect("it goes alone");
    assert_eq!(fixture.begin(&commits(1), 1, 1), Err(LogError::QueueFull));
    fixture.sending.take_back(first..=first);
    fixture.begin(&commits(1), 1, 1).expect("there is room");
}

#[test]
fn what_a_producer_leaves_behind_is_unknown_and_answered_once() {
    let mut fixture = fixture(10);
    let first = fixture.begin(&commits(3), 1, 1).expect("there is room");
    fixture.begin(&commits(1), 1, 2).expect("there is room");
    fixture.sending.answer(first + 1, Delivery::Refused(String::new()));
    fixture.sending.abandon(1, "gone");
    fixture.sending.answer(first, Delivery::Refused(String::new()));
    assert_eq!(fixture.answered(), [(2, false), (1, true), (3, true)]);
    fixture.sending.abandon(2, "gone");
    assert_eq!(fixture.answered(), [(1, true)]);
}

#[test]
fn closing_waits_for_what_is_on_its_way_and_takes_nothing_more() {
    let fixture = fixture(10);
    let first = fixture.begin(&commits(1), 1, 1).expect("there is room");
    std::thread::scope(|scope| {
        let closing = scope.spawn(|| fixture.sending.close(Duration::from_secs(20)));
        while fixture.begin(&commits(1), 1, 9).is_ok_and(|taken| {
            fixture.sending.take_back(taken..=taken);
            true
        }) {
            std::thread::yield_now();
        }
        assert!(!closing.is_finished());
        fixture.sending.answer(first, Delivery::Refused(String::new()));
    });
    assert!(matches!(
        fixture.begin(&commits(1), 1, 1),
        Err(LogError::Unavailable(_))
    ));
}
