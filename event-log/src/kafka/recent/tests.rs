use std::collections::BTreeMap;
use std::sync::Arc;

use domain::value::Timestamp;
use uuid::Uuid;

use super::Recent;
use crate::contract::{SHARDS, commit_of};
use crate::port::Record;

fn record(shard: usize, offset: i64, payload: &[u8]) -> Arc<Record> {
    let append = commit_of(SHARDS[shard], 1, Uuid::nil(), 1, offset, payload);
    Arc::new(Record {
        shard: append.shard,
        offset,
        at: Timestamp(1),
        envelope: append.envelope,
        payload: append.payload,
    })
}

fn recent(bytes_max: usize) -> Recent {
    Recent::new(&BTreeMap::from([(SHARDS[0], 10), (SHARDS[1], 0)]), bytes_max)
}

fn offsets(records: &[Arc<Record>]) -> Vec<i64> {
    records.iter().map(|record| record.offset).collect()
}

#[test]
fn what_came_is_read_from_any_offset_that_is_kept() {
    let recent = recent(1_000_000);
    assert!(recent.from(SHARDS[0], 10, 9).is_empty());
    (10..15).for_each(|offset| recent.bring(vec![record(0, offset, &[1])]));
    recent.bring(vec![record(1, 0, &[1])]);
    assert_eq!(offsets(&recent.from(SHARDS[0], 12, 2)), [12, 13]);
    assert_eq!(offsets(&recent.from(SHARDS[0], 14, 9)), [14]);
    assert!(recent.from(SHARDS[0], 15, 9).is_empty());
    assert!(recent.from(SHARDS[0], 9, 9).is_empty());
    assert_eq!((recent.next(SHARDS[0]), recent.next(SHARDS[1])), (15, 1));
}

#[test]
fn the_oldest_records_leave_when_there_are_too_many_bytes() {
    let recent = recent(4 * 1_512);
    recent.bring(vec![record(1, 0, &[1; 1_000])]);
    (10..14).for_each(|offset| recent.bring(vec![record(0, offset, &[1; 1_000])]));
    assert!(recent.from(SHARDS[1], 0, 9).is_empty());
    assert_eq!(offsets(&recent.from(SHARDS[0], 10, 9)), [10, 11, 12, 13]);
    recent.bring(vec![record(0, 14, &[1; 1_000])]);
    assert!(recent.from(SHARDS[0], 10, 9).is_empty());
    assert_eq!(offsets(&recent.from(SHARDS[0], 11, 9)), [11, 12, 13, 14]);
}

#[test]
fn nothing_is_read_across_a_hole() {
    let recent = recent(1_000_000);
    (10..12).for_each(|offset| recent.bring(vec![record(0, offset, &[1])]));
    recent.bring(vec![record(0, 20, &[1])]);
    assert!(recent.from(SHARDS[0], 11, 9).is_empty());
    assert_eq!(offsets(&recent.from(SHARDS[0], 20, 9)), [20]);
    recent.begin_anew(SHARDS[0], 30);
    assert!(recent.last(SHARDS[0]).is_none());
    assert_eq!(recent.next(SHARDS[0]), 30);
    (30..32).for_each(|offset| recent.bring(vec![record(0, offset, &[1])]));
    assert_eq!(recent.last(SHARDS[0]).map(|record| record.offset), Some(31));
}

#[test]
fn each_record_is_told_once_whoever_knows_it_first() {
    let recent = recent(1_000_000);
    let mut tail = recent.tail();
    recent.acknowledge(record(0, 10, &[1]));
    recent.bring(vec![record(0, 10, &[1]), record(0, 11, &[1])]);
    recent.acknowledge(record(0, 11, &[1]));
    // Another one's record lies before this one.
    recent.acknowledge(record(0, 13, &[1]));
    recent.bring(vec![record(0, 12, &[1]), record(0, 13, &[1])]);
    let told: Vec<Vec<i64>> = std::iter::from_fn(|| tail.try_recv().ok())
        .map(|group| offsets(&group))
        .collect();
    assert_eq!(told, [vec![10], vec![11], vec![12, 13]]);
}
