use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc::{self, UnboundedReceiver};
use uuid::Uuid;

use super::{Faults, MemoryLog, Scheduler};
use crate::contract::{
    Open, PARTITIONS, QUEUE_RECORDS, SHARDS, Subject, check, claim_of, commit_of, fight, fold_all, read_all,
};
use crate::port::{Delivered, Deliveries, Delivery, EventLog};

struct Memory(Option<MemoryLog>);

impl Subject for Memory {
    fn open(&mut self, deliveries: Deliveries) -> Arc<dyn EventLog> {
        let log = match self.0.take() {
            None => MemoryLog::plain_with_room(PARTITIONS, deliveries, QUEUE_RECORDS),
            Some(log) => log.reopened(deliveries),
        };
        self.0 = Some(log.clone());
        Arc::new(log)
    }
}

crate::contract_tests!(Memory(None));

fn held() -> (MemoryLog, UnboundedReceiver<Vec<Delivered>>, Uuid) {
    let (deliveries, delivered) = mpsc::unbounded_channel();
    (MemoryLog::held(PARTITIONS, deliveries), delivered, Uuid::new_v4())
}

fn heard(delivered: &mut UnboundedReceiver<Vec<Delivered>>) -> Vec<Delivery> {
    let mut all = Vec::new();
    while let Ok(delivered) = delivered.try_recv() {
        all.extend(delivered.into_iter().map(|delivered| delivered.delivery));
    }
    all
}

#[test]
fn nothing_lands_before_it_is_told_to() {
    let (log, mut delivered, claim) = held();
    log.append(vec![claim_of(SHARDS[0], 1, claim)])
        .expect("the log takes records");
    assert_eq!(log.end(SHARDS[0]), Ok(0));
    let flight = log.flights()[0].id;
    assert!(!log.acknowledge(flight));
    assert!(log.land(flight));
    assert_eq!(log.end(SHARDS[0]), Ok(1));
    assert!(heard(&mut delivered).is_empty());
    assert!(log.acknowledge(flight));
    assert!(matches!(heard(&mut delivered)[..], [Delivery::At { offset: 0, .. }]));
    assert!(log.flights().is_empty());
}

#[test]
fn a_record_may_land_after_its_sender_heard_unknown() {
    let (log, mut delivered, claim) = held();
    log.append(vec![claim_of(SHARDS[0], 1, claim)])
        .expect("the log takes records");
    let flight = log.flights()[0].id;
    assert!(log.lose_acknowledgement(flight));
    assert!(matches!(heard(&mut delivered)[..], [Delivery::Unknown(_)]));
    assert!(!log.refuse(flight));
    assert!(log.land(flight));
    assert_eq!(log.end(SHARDS[0]), Ok(1));
    assert!(!log.land(flight));
}

#[test]
fn a_duplicate_lies_twice_and_is_acknowledged_where_it_landed_first() {
    let (log, mut delivered, claim) = held();
    log.append(vec![claim_of(SHARDS[0], 1, claim)])
        .expect("the log takes records");
    let flight = log.flights()[0].id;
    assert!(log.land(flight) && log.land(flight) && log.acknowledge(flight));
    assert_eq!(log.end(SHARDS[0]), Ok(2));
    assert!(matches!(heard(&mut delivered)[..], [Delivery::At { offset: 0, .. }]));
}

#[test]
fn a_truncated_tail_is_gone() {
    let (log, _delivered, claim) = held();
    let records = vec![
        claim_of(SHARDS[0], 1, claim),
        commit_of(SHARDS[0], 1, claim, 1, 1, &[1]),
    ];
    log.append(records).expect("the log takes records");
    log.deliver_all();
    log.truncate(SHARDS[0], 1);
    assert_eq!(read_all(&log, SHARDS[0], 10).len(), 1);
}

#[test]
fn a_full_log_takes_no_more_until_something_settles() {
    let (deliveries, _delivered) = mpsc::unbounded_channel();
    let log = MemoryLog::held_with_room(PARTITIONS, deliveries, 1);
    let claim = claim_of(SHARDS[0], 1, Uuid::new_v4());
    assert!(log.append(vec![claim.clone()]).is_ok());
    assert!(log.append(vec![claim.clone()]).is_err());
    log.deliver_all();
    assert!(log.append(vec![claim]).is_ok());
}

/// Whatever the log does to records in flight, readers agree and nothing acknowledged is lost.
#[test]
fn two_writers_survive_every_fault_of_the_log() {
    let faults = Faults {
        refused_percent: 3,
        duplicated_percent: 10,
        unknown_percent: 5,
        lost_percent: 30,
        reordered_percent: 30,
    };
    let mut acknowledged_total = 0;
    let mut voids: BTreeMap<u64, usize> = BTreeMap::new();
    for seed in 0..300 {
        let (deliveries, delivered) = mpsc::unbounded_channel();
        let log = MemoryLog::held(PARTITIONS, deliveries);
        let mut scheduler = Scheduler::new(seed, faults);
        let mut open = Open {
            log: Arc::new(log.clone()),
            delivered,
        };
        let acknowledged = fight(&mut open, SHARDS[0], seed, 150, &mut || {
            for _ in 0..scheduler.number_below(4) {
                scheduler.step(&log);
            }
        });
        scheduler.settle(&log);
        let accepted = fold_all(&log, SHARDS[0], 3);
        assert_eq!(accepted, fold_all(&log, SHARDS[0], 100));
        check(&acknowledged, &accepted);
        acknowledged_total += acknowledged.len();
        let records = read_all(&log, SHARDS[0], 100).len();
        voids.insert(seed, records - accepted.len());
    }
    assert!(
        acknowledged_total > 1_000,
        "only {acknowledged_total} commits were acknowledged"
    );
    assert!(voids.values().sum::<usize>() > 1_000, "the faults did not bite");
}

#[test]
fn the_same_seed_plays_the_same_game() {
    let faults = Faults {
        duplicated_percent: 20,
        unknown_percent: 20,
        reordered_percent: 50,
        ..Faults::default()
    };
    let play = || {
        let (log, _delivered, _) = held();
        let claim = Uuid::from_u128(1);
        let commits = (1..20)
            .map(|seq| commit_of(SHARDS[0], 1, claim, seq, 0, &[1]))
            .collect();
        log.append(commits).expect("the log takes records");
        Scheduler::new(7, faults).settle(&log);
        read_all(&log, SHARDS[0], 100)
    };
    assert_eq!(play(), play());
}
