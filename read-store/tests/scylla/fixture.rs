//! Keyspaces to try the store in, and the rows of a projection that is made up.

use std::time::{Duration, Instant};

use domain::stream::{Shard, Topic};
use read_store::scylla::{ScyllaOptions, ScyllaStore};
use read_store::{
    Batch, Column, ColumnType, Generation, Key, MemoryStore, Mutation, PAGE_ROWS_MAX, Position, ReadStore, Row,
    StoreError, Table, Value, Version,
};
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use uuid::Uuid;

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How many characters of a random name are taken.
const NAME_LENGTH: usize = 12;

pub(crate) static VIEWS: Table = Table {
    projection: "trial",
    name: "views",
    columns: &[Column {
        name: "view",
        kind: ColumnType::Blob,
    }],
};

pub(crate) static DERIVED: Table = Table {
    projection: "trial",
    name: "derived",
    columns: &[Column {
        name: "text",
        kind: ColumnType::Text,
    }],
};

pub(crate) static TABLES: [&Table; 2] = [&VIEWS, &DERIVED];

pub(crate) const SHARD: Shard = Shard {
    topic: Topic::Sales,
    partition: 0,
};

/// A keyspace of its own in some database; taken away when it is dropped, unless the database is its own as well.
pub(crate) struct Keyspace {
    address: String,
    prefix: String,
    is_shared: bool,
}

impl Keyspace {
    /// In the database of all tests.
    pub(crate) fn shared() -> Self {
        let mut keyspace = Self::at(engines::shared().cassandra());
        keyspace.is_shared = true;
        keyspace
    }

    /// In a database that goes with the test.
    pub(crate) fn at(address: String) -> Self {
        let name = Uuid::new_v4().simple().to_string();
        Self {
            address,
            prefix: format!("t{}", &name[..NAME_LENGTH]),
            is_shared: false,
        }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn options(&self) -> ScyllaOptions {
        self.options_at(&self.address)
    }

    /// The same keyspace, reached by another way.
    pub(crate) fn options_at(&self, address: &str) -> ScyllaOptions {
        ScyllaOptions {
            contact_points: vec![address.to_owned()],
            keyspace_prefix: self.prefix.clone(),
            replication: 1,
            user: None,
            password: None,
        }
    }

    pub(crate) async fn open(&self) -> ScyllaStore {
        ScyllaStore::open(self.options())
            .await
            .expect("the store can be opened")
    }

    /// Opens the store and creates the tables of the made-up projection.
    pub(crate) async fn open_with_tables(&self) -> ScyllaStore {
        let store = self.open().await;
        store.create(&TABLES, 1).await.expect("tables can be created");
        store
    }

    /// Says something to the database without the store.
    pub(crate) async fn say(&self, cql: &str) {
        let cql = cql.replace("KEYSPACE_NAME", &format!("{}_read", self.prefix));
        let session = connect(&self.address).await;
        session.query_unpaged(cql, ()).await.expect("the database obeys");
    }
}

impl Drop for Keyspace {
    fn drop(&mut self) {
        if !self.is_shared {
            return;
        }
        let (address, keyspace) = (self.address.clone(), format!("{}_read", self.prefix));
        // A test's own runtime cannot be waited in here.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be made").block_on(async {
                let session = connect(&address).await;
                let drop = format!(r#"DROP KEYSPACE IF EXISTS "{keyspace}""#);
                // What is left over is a small matter, and a second panic would hide the first.
                let _ = session.query_unpaged(drop, ()).await;
            });
        });
        let _ = dropping.join();
    }
}

pub(crate) async fn connect(address: &str) -> Session {
    let builder = SessionBuilder::new().known_node(address);
    builder.build().await.expect("the database can be reached")
}

pub(crate) fn position(seq: u64) -> Position {
    Position {
        offset: seq.cast_signed(),
        term: 1,
        seq,
        log: 7,
        ..Position::default()
    }
}

/// How many streams the made-up projection has a view of.
const STREAMS: u64 = 20;

/// What one commit changes: the view of its stream, and a row that moves within one partition.
pub(crate) fn commit(seq: u64) -> Batch {
    let stream = seq % STREAMS;
    let place = |seq: u64| Key {
        partition: "page".to_owned(),
        clustering: seq.to_be_bytes().to_vec(),
    };
    let mut mutations = vec![Mutation::Write {
        table: &DERIVED,
        row: Row {
            key: place(seq),
            values: vec![Value::Text(format!("stream {stream}"))],
        },
        version: seq,
    }];
    if let Some(before) = seq.checked_sub(STREAMS) {
        mutations.push(Mutation::Delete {
            table: &DERIVED,
            key: place(before),
            version: seq,
        });
    }
    let view = Mutation::Write {
        table: &VIEWS,
        row: Row {
            key: Key::of(format!("stream {stream}")),
            values: vec![Value::Blob(seq.to_be_bytes().to_vec())],
        },
        version: seq,
    };
    Batch {
        projection: "trial",
        generation: 1,
        mutations,
        views: vec![view],
        positions: vec![(SHARD, position(seq))],
    }
}

/// Every row of the made-up projection, by table and key.
pub(crate) async fn dump(store: &dyn ReadStore, generation: Generation) -> Vec<(&'static str, Row, Version)> {
    let mut all = Vec::new();
    for table in TABLES {
        let mut after = None;
        loop {
            let page = store.scan(table, generation, after.take(), PAGE_ROWS_MAX).await;
            let page = page.expect("a table can be scanned");
            let Some((last, _)) = page.last() else { break };
            after = Some(last.key.clone());
            all.extend(page.into_iter().map(|(row, version)| (table.name, row, version)));
        }
    }
    all.sort_by(|left, right| (left.0, &left.1.key).cmp(&(right.0, &right.1.key)));
    all
}

/// What a pass over the first commits leaves.
pub(crate) async fn expected(commits: u64) -> Vec<(&'static str, Row, Version)> {
    let memory = MemoryStore::new();
    memory.create(&TABLES, 1).await.expect("tables can be created");
    for seq in 1..=commits {
        memory.apply(&[commit(seq)]).await.expect("memory can be written");
    }
    dump(&memory, 1).await
}

/// Asks until there is an answer.
pub(crate) async fn at_last<T>(mut ask: impl AsyncFnMut() -> Result<T, StoreError>) -> T {
    let begun = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => {
                assert!(error.is_retryable(), "{error}");
                assert!(begun.elapsed() < PATIENCE, "not in time: {error}");
            }
        }
        tokio::task::yield_now().await;
    }
}

/// Applies until it works; how long that took.
pub(crate) async fn apply_at_last(store: &dyn ReadStore, batches: &[Batch]) -> Duration {
    let begun = Instant::now();
    while let Err(error) = store.apply(batches).await {
        assert!(error.is_retryable(), "{error}");
        assert!(begun.elapsed() < PATIENCE, "not in time: {error}");
        tokio::task::yield_now().await;
    }
    begun.elapsed()
}
