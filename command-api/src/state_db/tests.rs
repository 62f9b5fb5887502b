use std::sync::Arc;

use domain::inventory::{hold, item};
use domain::sales::checkout;
use domain::stream::{Location, Topic};
use domain::value::{CheckoutId, ReservationId};
use domain::{Event, State};
use event_log::{Append, Envelope, Fold, Kind, LogError, MemoryLog, Record, Scan};
use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc};
use uuid::Uuid;

use super::*;
use crate::limits::KEY_WINDOW_MS;
use crate::request::Outcome;
use crate::shard::{Changed, Kept};

const SHARD: Shard = Shard {
    topic: Topic::Inventory,
    partition: 0,
};
const OTHER: Shard = Shard {
    topic: Topic::Sales,
    partition: 0,
};
const NOW: Timestamp = Timestamp(1_750_000_000_000);

/// A log in memory with a claim and some barriers in each shard, and a `state.db` beside it.
struct Place {
    directory: TempDir,
    log: Arc<MemoryLog>,
    _deliveries: mpsc::UnboundedReceiver<Vec<event_log::Delivered>>,
}

impl Place {
    fn new() -> Self {
        let (deliveries, received) = mpsc::unbounded_channel();
        let log = Arc::new(MemoryLog::plain(1, deliveries));
        for shard in [SHARD, OTHER] {
            let records = (0..10).map(|number| record(shard, number));
            log.append(records.collect()).expect("the log has room");
        }
        Self {
            directory: tempfile::tempdir().expect("a directory"),
            log,
            _deliveries: received,
        }
    }

    fn open(&self) -> StateDb {
        let log: Arc<dyn EventLog> = Arc::<MemoryLog>::clone(&self.log);
        StateDb::open(self.directory.path(), log).expect("the file opens")
    }

    fn query<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.query_column(sql, 0)
    }

    fn query_column<T: rusqlite::types::FromSql>(&self, sql: &str, column: usize) -> T {
        let file = Connection::open(self.directory.path().join(FILE_NAME)).expect("the file opens");
        file.query_row(sql, [], |row| row.get(column))
            .expect("the query is sound")
    }
}

/// The log, but that one shard cannot be read from an offset on.
struct Damaged {
    log: Arc<MemoryLog>,
    from: i64,
}

impl EventLog for Damaged {
    fn shards(&self) -> Vec<Shard> {
        self.log.shards()
    }

    fn partitions(&self) -> u32 {
        self.log.partitions()
    }

    fn append(&self, records: Vec<Append>) -> Result<(), LogError> {
        self.log.append(records)
    }

    fn owns(&self, shard: Shard, claim: Uuid) -> Option<bool> {
        self.log.owns(shard, claim)
    }

    fn read(&self, shard: Shard, from: i64, records: usize, bytes: usize) -> Result<Vec<Arc<Record>>, LogError> {
        if shard == SHARD && from >= self.from {
            return Err(LogError::Damaged {
                shard,
                offset: from,
                why: "cut".to_owned(),
            });
        }
        self.log.read(shard, from, records, bytes)
    }

    fn scan(&self, from: BTreeMap<Shard, i64>) -> Box<dyn Scan> {
        self.log.scan(from)
    }

    fn end(&self, shard: Shard) -> Result<i64, LogError> {
        self.log.end(shard)
    }

    fn tail(&self) -> broadcast::Receiver<Arc<[Arc<Record>]>> {
        self.log.tail()
    }
}

fn record(shard: Shard, number: u64) -> Append {
    Append {
        shard,
        expected_offset: i64::try_from(number).expect("small"),
        envelope: Envelope {
            kind: if number == 0 { Kind::Claim } else { Kind::Barrier },
            term: 1,
            seq: number,
            claim: Uuid::from_u128(1),
            command: CommandId(Uuid::nil()),
            request_hash: [0; 32],
            correlation: Uuid::nil(),
            causation: Uuid::nil(),
            actor: String::new(),
            traceparent: String::new(),
            streams: Vec::new(),
            claimed: (number == 0).then(|| event_log::Claim {
                log: Uuid::from_u128(2),
                partitions: 1,
                node: String::new(),
                url: String::new(),
            }),
        },
        payload: bytes::Bytes::new(),
    }
}

/// What commit `seq` came to.
fn committed(seq: u64, at: Timestamp, changed: Vec<Changed>, kept: Option<Kept>) -> Committed {
    Committed {
        fold: Fold {
            offset: i64::try_from(seq).expect("small"),
            term: 1,
            seq,
            owner: Some(Uuid::from_u128(1)),
            log: Some(Uuid::from_u128(2)),
        },
        at,
        changed,
        kept,
    }
}

fn stock(name: &str) -> StreamId {
    StreamId::StockItem(name.parse().expect("a SKU"), Location::default())
}

fn changed(stream: StreamId, version: u64, event: impl Into<Event>) -> Changed {
    let mut state = State::initial(&stream);
    state.evolve(&event.into());
    Changed {
        stream,
        version,
        state: Some(Arc::new(state)),
    }
}

fn received(name: &str, version: u64, on_hand: i64) -> Changed {
    let levels_after = item::Levels {
        on_hand,
        ..item::Levels::default()
    };
    let quantity = on_hand;
    changed(
        stock(name),
        version,
        item::Event::StockReceived { quantity, levels_after },
    )
}

fn kept(command: u128, seq: u64, at: Timestamp, of: &Changed) -> Kept {
    Kept {
        command: CommandId(Uuid::from_u128(command)),
        request_hash: [7; 32],
        outcome: Arc::new(Outcome {
            shard: SHARD,
            seq,
            at,
            replayed: false,
            streams: vec![(of.stream.clone(), of.version)],
            version: of.version,
            state: of.state.clone(),
        }),
    }
}

#[test]
fn states_answers_and_checkpoint_come_back_after_a_restart() {
    let place = Place::new();
    let (first, second) = (received("A", 1, 5), received("A", 2, 8));
    let answer = kept(1, 1, NOW, &first);
    let db = place.open();
    db.keep(SHARD, committed(1, NOW, vec![first], Some(answer.clone())));
    db.keep(SHARD, committed(2, NOW, vec![second.clone()], None));
    db.close();

    let db = place.open();
    let loaded = db
        .load(SHARD, vec![stock("A"), stock("B")], Some(answer.command))
        .expect("it can be read");
    assert_eq!(loaded.streams[0].1.version, 2);
    assert_eq!(loaded.streams[0].1.state, second.state);
    assert_eq!(loaded.streams[1].1, Versioned::initial(&stock("B")));
    assert_eq!(loaded.kept, Some(answer));
    assert_eq!(db.written(SHARD), 2);
    let checkpoint = db
        .checkpoints()
        .expect("they can be read")
        .remove(&SHARD)
        .expect("there is one");
    let record = place.log.read(SHARD, 2, 1, usize::MAX).expect("the log is there");
    assert_eq!(
        checkpoint.resume(record.first().map(Arc::as_ref)).map(|fold| fold.seq),
        Ok(2)
    );
    db.close();
}

#[test]
fn a_parked_stream_stays_parked() {
    let place = Place::new();
    let parked = Changed {
        state: None,
        ..received("A", 3, 5)
    };
    let db = place.open();
    db.keep(SHARD, committed(1, NOW, vec![parked], None));
    db.flush();
    let loaded = db.load(SHARD, vec![stock("A")], None).expect("it can be read");
    let expected = Versioned {
        version: 3,
        state: None,
    };
    assert_eq!(loaded.streams, [(stock("A"), expected)]);
    db.close();
}

#[test]
fn a_damaged_row_is_never_decoded_and_the_file_is_made_again() {
    let place = Place::new();
    let db = place.open();
    db.keep(SHARD, committed(1, NOW, vec![received("A", 1, 5)], None));
    db.flush();
    let flip = "UPDATE streams SET state = CAST(substr(state, 1, 8) || x'ff' || substr(state, 10) AS BLOB)";
    let file = Connection::open(place.directory.path().join(FILE_NAME)).expect("the file opens");
    file.execute(flip, []).expect("a bit flips");
    drop(file);
    let loaded = db.load(SHARD, vec![stock("A")], None);
    assert!(matches!(loaded, Err(StateDbError::Damaged(what)) if what == "stock/main/A"));
    db.close();

    let db = place.open();
    assert_eq!(db.written(SHARD), 0);
    assert_eq!(db.checkpoints().expect("they can be read"), BTreeMap::new());
    db.close();
}

#[test]
fn a_shard_whose_log_is_damaged_keeps_what_it_has_and_holds_up_no_other() {
    let place = Place::new();
    let log = Arc::new(Damaged {
        log: Arc::clone(&place.log),
        from: 2,
    });
    let db = StateDb::open(place.directory.path(), log).expect("the file opens");
    db.keep(SHARD, committed(1, NOW, vec![received("A", 1, 5)], None));
    db.flush();
    db.keep(SHARD, committed(2, NOW, vec![received("A", 2, 6)], None));
    db.keep(OTHER, committed(1, NOW, Vec::new(), None));
    db.flush();
    db.keep(SHARD, committed(1, NOW, vec![received("B", 1, 5)], None));
    db.flush();
    assert_eq!((db.written(SHARD), db.written(OTHER)), (1, 1));
    let loaded = db.load(SHARD, vec![stock("A")], None).expect("it can be read");
    assert_eq!(loaded.streams[0].1.version, 1, "what the checkpoint covers");
    assert_eq!(place.query::<i64>("SELECT count(*) FROM streams"), 1);
    db.close();
}

#[test]
fn a_file_of_another_program_is_made_again() {
    let place = Place::new();
    let db = place.open();
    db.keep(SHARD, committed(1, NOW, vec![received("A", 1, 5)], None));
    db.close();
    let file = Connection::open(place.directory.path().join(FILE_NAME)).expect("the file opens");
    file.execute("UPDATE meta SET value = 'older' WHERE key = 'shape'", [])
        .expect("it can be written");
    drop(file);
    let db = place.open();
    assert_eq!(db.written(SHARD), 0);
    let loaded = db.load(SHARD, vec![stock("A")], None).expect("it can be read");
    assert_eq!(loaded.streams[0].1.version, 0);
    db.close();
}

#[test]
fn answers_go_when_their_own_log_has_passed_their_window() {
    let place = Place::new();
    let db = place.open();
    let change = received("A", 1, 5);
    db.keep(SHARD, committed(1, NOW, Vec::new(), Some(kept(1, 1, NOW, &change))));
    db.keep(OTHER, committed(1, NOW, Vec::new(), Some(kept(2, 1, NOW, &change))));
    db.flush();
    let later = Timestamp(NOW.0 + KEY_WINDOW_MS + 1);
    db.keep(SHARD, committed(2, later, Vec::new(), Some(kept(3, 2, later, &change))));
    db.flush();
    assert_eq!(place.query::<i64>("SELECT count(*) FROM answers"), 2);
    let of_the_idle_shard = CommandId(Uuid::from_u128(2));
    let loaded = db
        .load(OTHER, Vec::new(), Some(of_the_idle_shard))
        .expect("it can be read");
    assert!(loaded.kept.is_some());
    db.close();
}

#[test]
fn an_answer_is_found_in_whichever_block_it_lies_the_youngest_first() {
    let place = Place::new();
    let db = place.open();
    let change = received("A", 1, 5);
    let answers = [
        kept(1, 1, NOW, &change),
        kept(2, 2, NOW, &change),
        kept(1, 3, NOW, &change),
    ];
    for (seq, answer) in (1..).zip(&answers) {
        db.keep(SHARD, committed(seq, NOW, Vec::new(), Some(answer.clone())));
        db.flush();
        // As if so many others had come in between.
        let file = Connection::open(place.directory.path().join(FILE_NAME)).expect("the file opens");
        let far = "UPDATE answers SET number = number + 200000 WHERE number = (SELECT max(number) FROM answers)";
        assert_eq!(file.execute(far, []), Ok(1));
    }
    let found = |command: u128| {
        let loaded = db.load(SHARD, Vec::new(), Some(CommandId(Uuid::from_u128(command))));
        loaded.expect("it can be read").kept
    };
    assert_eq!(
        [found(1), found(2), found(3)],
        [Some(answers[2].clone()), Some(answers[1].clone()), None]
    );
    let plan: String = place.query_column(
        "EXPLAIN QUERY PLAN SELECT answer FROM answers WHERE number >> 16 = 1 AND command = x'00' \
         ORDER BY number DESC LIMIT 1",
        3,
    );
    assert!(plan.contains("answers_by_command (<expr>=? AND command=?)"), "{plan}");
    db.close();
}

#[test]
fn due_streams_and_unfinished_processes_are_found() {
    let place = Place::new();
    let hold = |number: u128| {
        let reservation = ReservationId(Uuid::from_u128(number));
        StreamId::Hold("A".parse().expect("a SKU"), Location::default(), reservation)
    };
    let until = |seconds| hold::Event::StockReserved {
        quantity: 1,
        until: NOW.plus_seconds(seconds),
        available_after: 0,
    };
    let checkout = StreamId::Checkout(CheckoutId(Uuid::from_u128(9)));
    let started = checkout::Event::CheckoutStarted {
        attempt: 1,
        reservation: ReservationId(Uuid::from_u128(1)),
        groups: Vec::new(),
        payment: domain::sales::PaymentMethod::Invoice,
        deadline: NOW.plus_seconds(60),
    };
    let db = place.open();
    let holds = (1..=3)
        .rev()
        .map(|number| changed(hold(u128::from(number)), 1, until(number * 10)));
    db.keep(SHARD, committed(1, NOW, holds.collect(), None));
    db.keep(
        OTHER,
        committed(1, NOW, vec![changed(checkout.clone(), 1, started)], None),
    );
    db.flush();

    let due = db.due(SHARD, NOW.plus_seconds(20), 10).expect("it can be read");
    assert_eq!(due, [(NOW.plus_seconds(10), hold(1)), (NOW.plus_seconds(20), hold(2))]);
    let first = db.due(SHARD, NOW.plus_seconds(20), 1).expect("it can be read");
    assert_eq!(first, [(NOW.plus_seconds(10), hold(1))]);
    let unfinished = db.unfinished(OTHER).expect("it can be read");
    assert_eq!(
        unfinished.iter().map(|(stream, _)| stream).collect::<Vec<_>>(),
        [&checkout]
    );
    assert_eq!(db.unfinished(SHARD).expect("it can be read"), []);
    db.close();
}
