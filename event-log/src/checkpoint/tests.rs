use std::sync::Arc;

use tokio::sync::mpsc;
use uuid::Uuid;

use super::Checkpoint;
use crate::contract::{SHARDS, claim_of, commit_of, read_all};
use crate::fold::{Fold, Halt};
use crate::memory::MemoryLog;
use crate::port::{EventLog, Record};

const CLAIM: Uuid = Uuid::from_u128(0xa);

fn records() -> Vec<Arc<Record>> {
    let (deliveries, _delivered) = mpsc::unbounded_channel();
    let log = MemoryLog::plain(1, deliveries);
    let shard = SHARDS[1];
    log.append(vec![
        claim_of(shard, 1, CLAIM),
        commit_of(shard, 1, CLAIM, 1, 1, &[1]),
        commit_of(shard, 1, CLAIM, 2, 2, &[1]),
    ])
    .expect("the log takes records");
    read_all(&log, shard, 10)
}

fn checkpoint_after(records: &[Arc<Record>]) -> (Fold, Checkpoint) {
    let mut fold = Fold::default();
    for record in records {
        fold.apply(record.offset, &record.envelope).expect("an intact log");
    }
    let last = records.last().expect("at least one record");
    let checkpoint = Checkpoint::after(&fold, last.at, last);
    (fold, checkpoint)
}

#[test]
fn a_reader_goes_on_where_the_checkpoint_is() {
    let records = records();
    let (fold, checkpoint) = checkpoint_after(&records[..2]);
    let mut resumed = checkpoint.resume(Some(&records[1])).expect("the record is still there");
    assert_eq!(resumed, fold);
    assert!(resumed.apply(2, &records[2].envelope).is_ok());
}

#[test]
fn another_record_or_none_in_its_place_halts() {
    let records = records();
    let (_, checkpoint) = checkpoint_after(&records[..2]);
    let changed = Err(Halt::Changed { offset: 1 });
    assert_eq!(checkpoint.resume(None), changed);
    assert_eq!(checkpoint.resume(Some(&records[2])), changed);
    let mut other = Record::clone(&records[1]);
    other.payload = vec![2].into();
    assert_eq!(checkpoint.resume(Some(&other)), changed);
}

/// Stored in every checkpoint: another value would halt every shard of every shop.
#[test]
fn the_fingerprint_of_a_record_never_changes() {
    let records = records();
    assert_eq!(records[0].fingerprint(), 14_947_318_602_088_916_551);
    assert_eq!(records[1].fingerprint(), 4_181_893_707_164_113_708);
}
