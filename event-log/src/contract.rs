//! The contract that every adapter is held to. Call [`contract_tests!`](crate::contract_tests) with something
//! that makes a fresh [`Subject`]; it becomes one test for each promise.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::stream::Shard;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use uuid::Uuid;

use crate::fold::{Fold, Verdict};
use crate::port::{Append, Delivered, Deliveries, Delivery, EventLog, LogError, Record};

mod fight;
mod records;

pub use fight::{Accepted, check, fight, fight_over, fold_all};
pub use records::{SHARDS, barrier_of, claim_of, commit_of};

/// How long the contract waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Records that the queue of a subject holds, so that it can be seen to be full.
pub const QUEUE_RECORDS: usize = 2_000;

/// Partitions that a subject's log has.
pub const PARTITIONS: u32 = 4;

/// A log under test.
pub trait Subject {
    /// Opens the log with [`PARTITIONS`] and [`QUEUE_RECORDS`]; later calls open the same log again after all
    /// handles of it are gone.
    fn open(&mut self, deliveries: Deliveries) -> Arc<dyn EventLog>;
}

/// A log that is open, and what it delivers.
pub struct Open {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// Its deliveries.
    pub delivered: UnboundedReceiver<Vec<Delivered>>,
}

impl Open {
    /// Opens a subject.
    pub fn of(subject: &mut dyn Subject) -> Self {
        let (deliveries, delivered) = mpsc::unbounded_channel();
        Self {
            log: subject.open(deliveries),
            delivered,
        }
    }

    /// Appends, and waits for as many deliveries.
    pub fn deliver(&mut self, records: Vec<Append>) -> Vec<Delivered> {
        let count = records.len();
        self.log.append(records).expect("the log takes records");
        self.deliver_more(count)
    }

    /// Waits for as many deliveries of what was appended before.
    pub fn deliver_more(&mut self, count: usize) -> Vec<Delivered> {
        let deadline = Instant::now() + PATIENCE;
        let mut all = Vec::new();
        while all.len() < count {
            match self.delivered.try_recv() {
                Ok(delivered) => all.extend(delivered),
                Err(_) if Instant::now() > deadline => panic!("{} of {count} deliveries came in time", all.len()),
                Err(_) => std::thread::yield_now(),
            }
        }
        all
    }

    /// Takes a shard over and writes `count` commits of one byte.
    pub fn fill(&mut self, shard: Shard, count: u64) -> Uuid {
        let claim = Uuid::new_v4();
        let end = self.log.end(shard).expect("the log is there");
        let mut fold = Fold::default();
        for record in read_all(self.log.as_ref(), shard, 100) {
            fold.apply(record.offset, &record.envelope).expect("the log is intact");
        }
        let mut records = vec![claim_of(shard, fold.term + 1, claim)];
        for number in 1..=count {
            let offset = end + i64::try_from(number).expect("a small number");
            records.push(commit_of(shard, fold.term + 1, claim, fold.seq + number, offset, &[1]));
        }
        for delivered in self.deliver(records) {
            assert!(matches!(delivered.delivery, Delivery::At { .. }), "{delivered:?}");
        }
        claim
    }
}

/// All records of a shard, read `records_max` at a time.
pub fn read_all(log: &dyn EventLog, shard: Shard, records_max: usize) -> Vec<Arc<Record>> {
    let mut all: Vec<Arc<Record>> = Vec::new();
    loop {
        let from = all.last().map_or(0, |record| record.offset + 1);
        let records = log
            .read(shard, from, records_max, usize::MAX)
            .expect("the log can be read");
        if records.is_empty() {
            return all;
        }
        all.extend(records);
    }
}

/// Makes one test for each promise; `$subject` makes a fresh [`Subject`].
#[macro_export]
macro_rules! contract_tests {
    ($subject:expr) => {
        $crate::contract_tests!($subject;
            pipelined_appends_come_to_lie_in_order_without_holes
            every_append_is_answered_once
            a_shard_is_read_from_any_offset
            a_scan_gives_every_shard_from_its_own_offset
            a_read_stops_at_its_limits_but_gives_one_record_at_least
            the_end_follows_the_last_record
            a_head_is_where_reading_everything_leads
            a_log_opened_again_holds_everything
            the_tail_tells_of_every_record_in_order
            times_never_go_back
            large_payloads_come_back_whole
            a_payload_that_is_too_large_is_not_taken
            a_full_queue_takes_nothing_of_a_call
            a_record_of_an_old_term_never_happens
            a_gap_and_a_repeat_never_happen
            two_writers_that_fight_lose_nothing_acknowledged
        );
    };
    ($subject:expr; $($promise:ident)+) => {
        $(#[test]
        fn $promise() {
            let mut subject = $subject;
            $crate::contract::$promise(&mut subject);
        })+
    };
}

/// Many appends are on their way at once, and lie in the order they were handed over.
pub fn pipelined_appends_come_to_lie_in_order_without_holes(subject: &mut dyn Subject) {
    let mut open = Open::of(subject);
    for shard in SHARDS {
        open.fill(shard, 300);
        let offsets: Vec<i64> = read_all(open.log.as_ref(), shard, 70)
            .iter()
            .map(|record| record.offset)
            .collect();
        assert_eq!(offsets, (0..=300).collect::<Vec<i64>>());
    }
}

/// Each append is answered, with its own claim and number.
pub fn every_append_is_answered_once(subject: &mut dyn Subject) {
    let (mut open, shard, claim) = (Open::of(subject), SHARDS[0], Uuid::new_v4());
    let mut records = vec![claim_of(shard, 1, claim)];
    records.extend((1..=50).map(|seq| commit_of(shard, 1, claim, seq, seq.cast_signed(), &[1])));
    let mut answered: Vec<(u64, Uuid)> = Vec::new();
    for delivered in open.deliver(records) {
        let place = delivered.seq.cast_signed();
        assert!(
            matches!(delivered.delivery, Delivery::At { offset, .. } if offset == place),
            "{delivered:?}"
        );
        answered.push((delivered.seq, delivered.claim));
    }
    answered.sort_unstable();
    assert_eq!(answered, (0..=50).map(|seq| (seq, claim)).collect::<Vec<_>>());
    assert!(open.delivered.try_recv().is_err());
}

/// Reading may begin anywhere, however far apart a shard's records lie.
pub fn a_shard_is_read_from_any_offset(subject: &mut dyn Subject) {
    let mut open = Open::of(subject);
    for _ in 0..3 {
        open.fill(SHARDS[0], 3);
        open.fill(SHARDS[1], 1_500);
    }
    for shard in [SHARDS[0], SHARDS[1]] {
        let all = read_all(open.log.as_ref(), shard, 1_000);
        for from in (0..all.len()).step_by(5).chain([all.len() - 1]) {
            let offset = i64::try_from(from).expect("a small number");
            let records = open
                .log
                .read(shard, offset, 3, usize::MAX)
                .expect("the log can be read");
            assert!(!records.is_empty());
            assert_eq!(records, all[from..from + records.len()]);
        }
        let end = open.log.end(shard).expect("the log is there");
        assert!(
            open.log
                .read(shard, end, 3, usize::MAX)
                .expect("the log can be read")
                .is_empty()
        );
    }
}

/// One pass over several shards begins in each where it is told, and goes on when more comes.
pub fn a_scan_gives_every_shard_from_its_own_offset(subject: &mut dyn Subject) {
    let mut open = Open::of(subject);
    open.fill(SHARDS[0], 1_200);
    open.fill(SHARDS[1], 700);
    open.fill(SHARDS[2], 5);
    let from = BTreeMap::from([(SHARDS[0], 1_190), (SHARDS[1], 0), (SHARDS[3], 0)]);
    let mut scan = open.log.scan(from.clone());
    let mut next = from;
    let mut drain = || loop {
        let records = scan.next(100, usize::MAX).expect("the log can be read");
        for record in &records {
            let expected = next.get_mut(&record.shard).expect("a shard that was asked for");
            assert_eq!(record.offset, *expected);
            *expected += 1;
        }
        if records.is_empty() {
            return next.clone();
        }
    };
    assert_eq!(
        drain(),
        BTreeMap::from([(SHARDS[0], 1_201), (SHARDS[1], 701), (SHARDS[3], 0)])
    );
    open.fill(SHARDS[3], 2);
    assert_eq!(
        drain(),
        BTreeMap::from([(SHARDS[0], 1_201), (SHARDS[1], 701), (SHARDS[3], 3)])
    );
}

/// Limits hold, but never stop a reader for good.
pub fn a_read_stops_at_its_limits_but_gives_one_record_at_least(subject: &mut dyn Subject) {
    let (mut open, shard, claim) = (Open::of(subject), SHARDS[0], Uuid::new_v4());
    let payload = vec![7; 1_000];
    let mut records = vec![claim_of(shard, 1, claim)];
    records.extend((1..=9).map(|seq| commit_of(shard, 1, claim, seq, seq.cast_signed(), &payload)));
    open.deliver(records);
    let read = |records_max, bytes_max| {
        let records = open
            .log
            .read(shard, 1, records_max, bytes_max)
            .expect("the log can be read");
        let scanned = open.log.scan(BTreeMap::from([(shard, 1)])).next(records_max, bytes_max);
        assert_eq!(scanned.expect("the log can be read"), records);
        records.len()
    };
    assert_eq!(read(4, usize::MAX), 4);
    assert_eq!(read(9, 3_500), 3);
    assert_eq!(read(9, 10), 1);
    assert_eq!(read(0, 0), 1);
}

/// The end is the offset of the record to come.
pub fn the_end_follows_the_last_record(subject: &mut dyn Subject) {
    let mut open = Open::of(subject);
    assert_eq!(open.log.end(SHARDS[0]), Ok(0));
    open.fill(SHARDS[0], 4);
    assert_eq!(open.log.end(SHARDS[0]), Ok(5));
    assert_eq!(open.log.end(SHARDS[1]), Ok(0));
}

/// Whether the log knows where a shard ends or not, it must not say anything else than its records do.
pub fn a_head_is_where_reading_everything_leads(subject: &mut dyn Subject) {
    let mut open = Open::of(subject);
    assert_eq!(open.log.head(SHARDS[0]), Ok(None));
    open.fill(SHARDS[0], 3);
    open.fill(SHARDS[0], 2);
    let Some(head) = open.log.head(SHARDS[0]).expect("the log can be read") else {
        return;
    };
    let records = read_all(open.log.as_ref(), SHARDS[0], 100);
    let last = records.last().expect("records were written");
    assert_eq!(head.resume(Some(last)), Ok(fold_of(&open, SHARDS[0])));
    assert_eq!(head.at, last.at);
}

/// Closing and opening changes nothing, and writing goes on.
pub fn a_log_opened_again_holds_everything(subject: &mut dyn Subject) {
    let mut before = BTreeMap::new();
    {
        let mut open = Open::of(subject);
        for (index, shard) in SHARDS.into_iter().enumerate() {
            open.fill(shard, 400 * index as u64);
            before.insert(shard, read_all(open.log.as_ref(), shard, 100));
        }
    }
    for _ in 0..2 {
        let mut open = Open::of(subject);
        for shard in SHARDS {
            assert_eq!(read_all(open.log.as_ref(), shard, 333), before[&shard]);
        }
        open.fill(SHARDS[0], 1);
        before.insert(SHARDS[0], read_all(open.log.as_ref(), SHARDS[0], 100));
    }
}

/// Who listens to the tail from the start hears each shard's records in order, as they are read. An append may be
/// answered before the tail tells of it.
pub fn the_tail_tells_of_every_record_in_order(subject: &mut dyn Subject) {
    let mut open = Open::of(subject);
    let mut tail = open.log.tail();
    let mut heard: BTreeMap<Shard, Vec<Arc<Record>>> = BTreeMap::new();
    for shard in SHARDS {
        open.fill(shard, 40);
        let deadline = Instant::now() + PATIENCE;
        while heard.get(&shard).is_none_or(|heard| heard.len() < 41) {
            assert!(
                Instant::now() < deadline,
                "the tail has not told of all records of {shard}"
            );
            let Ok(group) = tail.try_recv() else {
                std::thread::yield_now();
                continue;
            };
            for record in group.iter() {
                heard.entry(record.shard).or_default().push(Arc::clone(record));
            }
        }
    }
    for shard in SHARDS {
        assert_eq!(heard[&shard], read_all(open.log.as_ref(), shard, 100));
    }
}

/// A record is never earlier than the one before.
pub fn times_never_go_back(subject: &mut dyn Subject) {
    let mut open = Open::of(subject);
    open.fill(SHARDS[0], 100);
    let records = read_all(open.log.as_ref(), SHARDS[0], 100);
    assert!(records.is_sorted_by_key(|record| record.at));
    assert!(records[0].at.0 > 0);
}

/// Payloads of all sizes up to the limit.
pub fn large_payloads_come_back_whole(subject: &mut dyn Subject) {
    let (mut open, shard, claim) = (Open::of(subject), SHARDS[0], Uuid::new_v4());
    open.deliver(vec![claim_of(shard, 1, claim)]);
    let sizes = [0, 1, 4_095, 4_096, 100_000, crate::port::PAYLOAD_BYTES_MAX];
    let mut records = Vec::new();
    for (seq, size) in (1_u64..).zip(sizes) {
        let payload: Vec<u8> = (0..size).map(|index| (index % 251) as u8).collect();
        records.push(commit_of(shard, 1, claim, seq, seq.cast_signed(), &payload));
    }
    open.deliver(records.clone());
    let read = read_all(open.log.as_ref(), shard, 100);
    assert_eq!(read.len(), records.len() + 1);
    for (record, append) in read.iter().skip(1).zip(&records) {
        assert_eq!((&record.payload, &record.envelope), (&append.payload, &append.envelope));
    }
}

/// What no log can store is said at once, and the records beside it are not taken either.
pub fn a_payload_that_is_too_large_is_not_taken(subject: &mut dyn Subject) {
    let (mut open, shard, claim) = (Open::of(subject), SHARDS[0], Uuid::new_v4());
    open.deliver(vec![claim_of(shard, 1, claim)]);
    let payload = vec![0; crate::port::PAYLOAD_BYTES_MAX + 1];
    let small = commit_of(shard, 1, claim, 1, 1, &[1]);
    let large = commit_of(shard, 1, claim, 2, 2, &payload);
    let taken = open.log.append(vec![small, large]);
    assert!(matches!(taken, Err(LogError::Unstorable(_))), "{taken:?}");
    assert_eq!(open.log.end(shard), Ok(1));
    assert!(!LogError::Unstorable(String::new()).is_retryable());
}

/// More than the queue holds is refused as a whole.
pub fn a_full_queue_takes_nothing_of_a_call(subject: &mut dyn Subject) {
    let (mut open, shard, claim) = (Open::of(subject), SHARDS[0], Uuid::new_v4());
    open.deliver(vec![claim_of(shard, 1, claim)]);
    let commits = |count: usize| -> Vec<Append> {
        (1..=count as u64)
            .map(|seq| commit_of(shard, 1, claim, seq, seq.cast_signed(), &[1]))
            .collect()
    };
    assert_eq!(open.log.append(commits(QUEUE_RECORDS + 1)), Err(LogError::QueueFull));
    assert!(LogError::QueueFull.is_retryable());
    assert_eq!(open.log.end(shard), Ok(1));
    assert_eq!(open.deliver(commits(10)).len(), 10);
}

/// Who wrote under a term that has ended is either refused or void.
pub fn a_record_of_an_old_term_never_happens(subject: &mut dyn Subject) {
    let (mut open, shard) = (Open::of(subject), SHARDS[0]);
    let old = open.fill(shard, 2);
    let new = open.fill(shard, 1);
    let end = open.log.end(shard).expect("the log is there");
    let late = open.deliver(vec![
        commit_of(shard, 1, old, 4, end, &[1]),
        barrier_of(shard, 1, old, 5, end + 1),
        claim_of(shard, 2, Uuid::new_v4()),
    ]);
    assert_eq!(late.len(), 3);
    let fold = fold_of(&open, shard);
    assert_eq!((fold.term, fold.seq, fold.owner), (2, 3, Some(new)));
    assert!(matches!(open.log.owns(shard, old), None | Some(false)));
    assert!(matches!(open.log.owns(shard, new), None | Some(true)));
}

/// A number that is left out or used twice is either refused or void.
pub fn a_gap_and_a_repeat_never_happen(subject: &mut dyn Subject) {
    let (mut open, shard) = (Open::of(subject), SHARDS[0]);
    let claim = open.fill(shard, 2);
    let end = open.log.end(shard).expect("the log is there");
    open.deliver(vec![
        commit_of(shard, 1, claim, 4, end, &[1]),
        commit_of(shard, 1, claim, 2, end, &[1]),
    ]);
    assert_eq!(fold_of(&open, shard).seq, 2);
    let end = open.log.end(shard).expect("the log is there");
    open.deliver(vec![commit_of(shard, 1, claim, 3, end, &[1])]);
    assert_eq!(fold_of(&open, shard).seq, 3);
}

/// Two writers claim the same shard over and over, each with several commits on their way.
pub fn two_writers_that_fight_lose_nothing_acknowledged(subject: &mut dyn Subject) {
    let mut open = Open::of(subject);
    for (seed, shard) in (1..).zip(SHARDS) {
        let acknowledged = fight(&mut open, shard, seed, 400, &mut std::thread::yield_now);
        assert!(acknowledged.len() >= 3, "the game was too short to show anything");
        let accepted = fold_all(open.log.as_ref(), shard, 7);
        assert_eq!(accepted, fold_all(open.log.as_ref(), shard, 1_000));
        check(&acknowledged, &accepted);
    }
}

fn fold_of(open: &Open, shard: Shard) -> Fold {
    let mut fold = Fold::default();
    for record in read_all(open.log.as_ref(), shard, 100) {
        let verdict = fold.apply(record.offset, &record.envelope);
        assert!(
            matches!(verdict, Ok(Verdict::Accepted | Verdict::Void(_))),
            "{verdict:?}"
        );
    }
    fold
}
