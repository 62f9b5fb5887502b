use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{DirectoryLock, FILE_NAME, LockError, OpenError, SqliteLog, SqliteOptions};
use crate::contract::{Open, PARTITIONS, QUEUE_RECORDS, SHARDS, Subject, claim_of, commit_of, read_all};
use crate::port::{Append, Deliveries, Delivery, EventLog, LogError};

const OPTIONS: SqliteOptions = SqliteOptions {
    partitions: PARTITIONS,
    queue_records_max: QUEUE_RECORDS,
};

struct Sqlite(TempDir);

impl Sqlite {
    fn fresh() -> Self {
        Self(tempfile::tempdir().expect("a directory for the test"))
    }

    fn file(&self) -> Connection {
        Connection::open(self.0.path().join(FILE_NAME)).expect("the log's file")
    }

    fn try_open(&self, options: SqliteOptions, deliveries: Deliveries) -> Result<SqliteLog, OpenError> {
        let lock = DirectoryLock::acquire(self.0.path()).expect("nobody else has the directory");
        SqliteLog::open(&Arc::new(lock), options, deliveries)
    }
}

impl Subject for Sqlite {
    fn open(&mut self, deliveries: Deliveries) -> Arc<dyn EventLog> {
        Arc::new(self.try_open(OPTIONS, deliveries).expect("the log opens"))
    }
}

crate::contract_tests!(Sqlite::fresh());

/// The same log, with nothing of it in memory.
fn reopened(open: Open, subject: &mut Sqlite) -> Open {
    drop(open);
    Open::of(subject)
}

fn refused(delivery: &Delivery) -> bool {
    matches!(delivery, Delivery::Refused(_))
}

/// What a commit is answered, alone in its group.
fn deliver_one(open: &mut Open, append: Append) -> Delivery {
    let delivered = open.deliver(vec![append]);
    delivered.into_iter().next().expect("one answer").delivery
}

#[test]
fn what_would_be_void_is_refused_and_never_written() {
    let mut subject = Sqlite::fresh();
    let mut open = Open::of(&mut subject);
    let (shard, old) = (SHARDS[0], open.fill(SHARDS[0], 2));
    let new = open.fill(shard, 0);
    let end = open.log.end(shard).expect("the log is there");
    let wrong = [
        commit_of(shard, 1, old, 3, end, &[1]),
        commit_of(shard, 2, new, 4, end, &[1]),
        commit_of(shard, 2, new, 2, end, &[1]),
        commit_of(shard, 2, new, 3, end + 1, &[1]),
        commit_of(shard, 2, old, 3, end, &[1]),
        commit_of(shard, 3, new, 3, end, &[1]),
        claim_of(shard, 2, Uuid::new_v4()),
        claim_of(shard, 4, Uuid::new_v4()),
    ];
    for append in wrong {
        let delivery = deliver_one(&mut open, append);
        assert!(refused(&delivery), "{delivery:?}");
    }
    assert_eq!(open.log.end(shard), Ok(end));
    let right = deliver_one(&mut open, commit_of(shard, 2, new, 3, end, &[1]));
    assert!(matches!(right, Delivery::At { offset, .. } if offset == end));
}

#[test]
fn one_refusal_in_a_group_refuses_those_that_build_on_it_only() {
    let mut subject = Sqlite::fresh();
    let mut open = Open::of(&mut subject);
    let (ours, theirs) = (open.fill(SHARDS[0], 0), open.fill(SHARDS[1], 0));
    let delivered = open.deliver(vec![
        commit_of(SHARDS[0], 1, ours, 2, 1, &[1]),
        commit_of(SHARDS[1], 1, theirs, 1, 1, &[1]),
        commit_of(SHARDS[0], 1, ours, 3, 2, &[1]),
    ]);
    let refusals: Vec<bool> = SHARDS[..2]
        .iter()
        .map(|shard| {
            let mut of_shard = delivered.iter().filter(|delivered| delivered.shard == *shard);
            of_shard.all(|delivered| refused(&delivered.delivery))
        })
        .collect();
    assert_eq!(refusals, [true, false]);
}

#[test]
fn the_owner_is_known_at_once() {
    let mut subject = Sqlite::fresh();
    let claim = {
        let mut open = Open::of(&mut subject);
        let old = open.fill(SHARDS[0], 1);
        let claim = open.fill(SHARDS[0], 1);
        assert_eq!(open.log.owns(SHARDS[0], old), Some(false));
        assert_eq!(open.log.owns(SHARDS[0], claim), Some(true));
        claim
    };
    let open = Open::of(&mut subject);
    assert_eq!(open.log.owns(SHARDS[0], claim), Some(true));
    assert_eq!(open.log.owns(SHARDS[1], claim), Some(false));
}

#[test]
fn another_partition_count_is_refused() {
    let mut subject = Sqlite::fresh();
    drop(Open::of(&mut subject));
    let (deliveries, _delivered) = mpsc::unbounded_channel();
    let options = SqliteOptions {
        partitions: PARTITIONS + 1,
        ..OPTIONS
    };
    let error = subject.try_open(options, deliveries).err().expect("it must not open");
    let expected = format!(
        "the log has {PARTITIONS} partitions and cannot be opened with {}",
        PARTITIONS + 1
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn the_format_of_a_later_program_is_refused() {
    let mut subject = Sqlite::fresh();
    drop(Open::of(&mut subject));
    subject
        .file()
        .pragma_update(None, "user_version", 2)
        .expect("the file takes it");
    let (deliveries, _delivered) = mpsc::unbounded_channel();
    let opened = subject.try_open(OPTIONS, deliveries);
    assert!(matches!(opened, Err(OpenError::Format(2))));
}

#[test]
fn a_second_taker_of_the_directory_hears_who_has_it() {
    let directory = tempfile::tempdir().expect("a directory for the test");
    let first = DirectoryLock::acquire(directory.path()).expect("nobody else has the directory");
    let second = DirectoryLock::acquire(directory.path()).expect_err("it is taken");
    assert!(matches!(second, LockError::InUse { .. }));
    assert!(second.to_string().ends_with(&format!("process {}", std::process::id())));
    drop(first);
    assert!(DirectoryLock::acquire(directory.path()).is_ok());
    let missing = DirectoryLock::acquire(Path::new("/nonexistent/tillroll"));
    assert!(matches!(missing, Err(LockError::Io { .. })));
}

#[test]
fn a_taker_of_the_directory_waits_for_who_is_just_going() {
    let directory = tempfile::tempdir().expect("a directory for the test");
    let first = DirectoryLock::acquire(directory.path()).expect("nobody else has the directory");
    let (tries, trying) = std::sync::mpsc::channel();
    let path = directory.path().to_owned();
    let second = std::thread::spawn(move || {
        tries.send(()).expect("somebody waits for it");
        DirectoryLock::acquire(&path)
    });
    trying.recv().expect("it tries");
    drop(first);
    assert!(second.join().expect("it ends").is_ok());
}

#[test]
fn the_log_keeps_its_name() {
    let subject = Sqlite::fresh();
    let open = || {
        let (deliveries, _delivered) = mpsc::unbounded_channel();
        subject.try_open(OPTIONS, deliveries).expect("the log opens").identity()
    };
    assert_eq!(open(), open());
}

/// Stands for a disk that is full while rows are written.
#[test]
fn a_group_that_fails_before_its_commit_is_refused_and_writing_goes_on() {
    let mut subject = Sqlite::fresh();
    let mut open = Open::of(&mut subject);
    let (shard, claim) = (SHARDS[0], open.fill(SHARDS[0], 1));
    let file = subject.file();
    file.execute_batch("CREATE TRIGGER full BEFORE INSERT ON records BEGIN SELECT RAISE(ABORT, 'full'); END")
        .expect("a trigger");
    for _ in 0..2 {
        let delivery = deliver_one(&mut open, commit_of(shard, 1, claim, 2, 2, &[1]));
        assert!(refused(&delivery), "{delivery:?}");
    }
    assert_eq!(open.log.end(shard), Ok(2));
    file.execute_batch("DROP TRIGGER full").expect("it was there");
    let delivery = deliver_one(&mut open, commit_of(shard, 1, claim, 2, 2, &[1]));
    assert!(matches!(delivery, Delivery::At { offset: 2, .. }), "{delivery:?}");
}

/// Stands for a disk that fails while a commit is made durable: a deferred constraint fails only then.
#[test]
fn a_commit_that_fails_is_unknown_and_writing_goes_on() {
    let mut subject = Sqlite::fresh();
    let mut open = Open::of(&mut subject);
    let (shard, claim) = (SHARDS[0], open.fill(SHARDS[0], 1));
    let file = subject.file();
    file.execute_batch(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);
         CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
         CREATE TRIGGER failing AFTER INSERT ON records BEGIN INSERT INTO child VALUES (1); END",
    )
    .expect("a trigger");
    let delivery = deliver_one(&mut open, commit_of(shard, 1, claim, 2, 2, &[1]));
    assert!(matches!(delivery, Delivery::Unknown(_)), "{delivery:?}");
    assert_eq!(read_all(open.log.as_ref(), shard, 10).len(), 2);
    file.execute_batch("DROP TRIGGER failing").expect("it was there");
    open.fill(shard, 1);
    assert_eq!(read_all(open.log.as_ref(), shard, 10).len(), 4);
}

#[test]
fn a_flipped_bit_is_damage_at_its_record_and_the_records_before_it_are_given() {
    let mut subject = Sqlite::fresh();
    let mut open = Open::of(&mut subject);
    open.fill(SHARDS[0], 5);
    open.fill(SHARDS[1], 5);
    let open = reopened(open, &mut subject);
    subject
        .file()
        .execute(
            "UPDATE records SET payload = x'02' WHERE topic = 'sales' AND offset = 3",
            [],
        )
        .expect("the row is there");
    let read = |from| open.log.read(SHARDS[0], from, 10, usize::MAX);
    assert_eq!(read(0).map(|records| records.len()), Ok(3));
    assert!(matches!(read(3), Err(LogError::Damaged { offset: 3, .. })));

    let from = SHARDS.iter().map(|shard| (*shard, 0)).collect();
    let mut scan = open.log.scan(from);
    assert_eq!(scan.next(100, usize::MAX).map(|records| records.len()), Ok(3));
    assert!(matches!(
        scan.next(100, usize::MAX),
        Err(LogError::Damaged { offset: 3, .. })
    ));
    assert_eq!(scan.next(100, usize::MAX).map(|records| records.len()), Ok(8));
    assert_eq!(scan.next(100, usize::MAX), Ok(Vec::new()));
}

#[test]
fn a_scan_does_not_look_at_runs_of_rows_that_hold_nothing_it_wants() {
    let mut subject = Sqlite::fresh();
    let mut open = Open::of(&mut subject);
    for _ in 0..3 {
        open.fill(SHARDS[1], 5);
        for _ in 0..3 {
            open.fill(SHARDS[0], 1_000);
        }
    }
    // Between the first records that are wanted and the next ones lies a run that cannot be read.
    let spoilt = "UPDATE records SET partition = 'none' WHERE id > 1600 AND id <= 2000";
    assert_eq!(subject.file().execute(spoilt, []), Ok(400));
    let scanned = |shard, records_max| {
        let mut scan = open.log.scan(BTreeMap::from([(shard, 0)]));
        let mut offsets = Vec::new();
        loop {
            match scan.next(records_max, usize::MAX) {
                Ok(records) if records.is_empty() => return Ok(offsets),
                Ok(records) => offsets.extend(records.iter().map(|record| record.offset)),
                Err(error) => return Err(error),
            }
        }
    };
    let expected: Vec<i64> = (0..18).collect();
    assert_eq!(scanned(SHARDS[1], 1_000).as_ref(), Ok(&expected));
    assert_eq!(scanned(SHARDS[1], 4), Ok(expected));
    assert!(scanned(SHARDS[0], 1_000).is_err(), "they were spoilt");
}

#[test]
fn the_last_records_are_read_from_memory_and_the_others_from_the_file() {
    let mut subject = Sqlite::fresh();
    let mut open = Open::of(&mut subject);
    open.fill(SHARDS[0], 199);
    subject
        .file()
        .execute("UPDATE records SET payload = x'02'", [])
        .expect("the rows are there");
    let read = |from, records| open.log.read(SHARDS[0], from, records, usize::MAX);
    assert!(matches!(read(71, 1), Err(LogError::Damaged { offset: 71, .. })));
    let offsets = |records: Vec<Arc<crate::Record>>| records.iter().map(|record| record.offset).collect::<Vec<_>>();
    assert_eq!(read(72, 1).map(offsets), Ok(vec![72]));
    assert_eq!(read(197, 10).map(offsets), Ok(vec![197, 198, 199]));
}

#[test]
fn a_row_that_is_gone_is_damage() {
    let mut subject = Sqlite::fresh();
    let mut open = Open::of(&mut subject);
    open.fill(SHARDS[0], 2);
    let open = reopened(open, &mut subject);
    subject
        .file()
        .execute("DELETE FROM records WHERE offset = 2", [])
        .expect("the row is there");
    let read = open.log.read(SHARDS[0], 2, 10, usize::MAX);
    assert!(matches!(read, Err(LogError::Damaged { offset: 2, .. })));
}

#[test]
fn a_log_that_is_closed_has_written_what_it_took_and_takes_no_more() {
    let subject = Sqlite::fresh();
    let (deliveries, mut delivered) = mpsc::unbounded_channel();
    let log = subject.try_open(OPTIONS, deliveries).expect("the log opens");
    let claim = Uuid::new_v4();
    let mut records = vec![claim_of(SHARDS[0], 1, claim)];
    records.extend((1..=999).map(|seq| commit_of(SHARDS[0], 1, claim, seq, seq.cast_signed(), &[1])));
    log.append(records).expect("the log takes records");
    log.close();
    assert_eq!(log.end(SHARDS[0]), Ok(1_000));
    let mut answers = 0;
    while let Ok(delivered) = delivered.try_recv() {
        answers += delivered.len();
    }
    assert_eq!(answers, 1_000);
    let late = log.append(vec![claim_of(SHARDS[0], 2, claim)]);
    assert!(matches!(late, Err(LogError::Unavailable(_))));
}
