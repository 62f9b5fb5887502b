//! Fresh names on shared engines, cleaned up behind each test, and a look past the program.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use domain::stream::Topic;
use reqwest::Method;
use schemas::ids::IdsError;
use schemas::registry::{RegistryIds, RegistryOptions};
use schemas::{Codec, CodecError, KeyStoreError, SchemaIds, ScyllaKeys, ScyllaKeysOptions};
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Nothing answers there: the discard port of this machine.
pub(crate) const NOBODY: &str = "http://127.0.0.1:9";

/// A prefix that nobody has had.
pub(crate) fn fresh_prefix() -> String {
    format!("t{}", uuid::Uuid::new_v4().simple()).chars().take(20).collect()
}

pub(crate) fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("the system gives a runtime")
}

/// A shop on a registry: its prefix, and a folder for each of its processes. Its subjects go with it.
pub(crate) struct OnRegistry {
    pub(crate) url: String,
    pub(crate) prefix: String,
    folder: TempDir,
    is_shared: bool,
}

impl OnRegistry {
    /// On the registry that all tests share.
    pub(crate) fn shared() -> Self {
        Self::new(engines::shared().registry(), true)
    }

    /// On one that nobody cleans up.
    pub(crate) fn at(url: String) -> Self {
        Self::new(url, false)
    }

    fn new(url: String, is_shared: bool) -> Self {
        Self {
            url,
            prefix: fresh_prefix(),
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
            is_shared,
        }
    }

    pub(crate) fn subject(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    fn cache(&self, process: &str) -> PathBuf {
        self.folder.path().join(format!("{process}.json"))
    }

    /// The numbers as one process sees them.
    pub(crate) fn ids(&self, process: &str) -> RegistryIds {
        self.ids_at(&self.url, process)
    }

    /// The same, with the registry elsewhere.
    pub(crate) fn ids_at(&self, url: &str, process: &str) -> RegistryIds {
        let options = RegistryOptions {
            url: url.to_owned(),
            prefix: self.prefix.clone(),
            cache: self.cache(process),
        };
        RegistryIds::open(options).expect("the file and the address are good")
    }

    pub(crate) fn codec(&self, process: &str) -> Result<Codec, CodecError> {
        answered(|| self.codec_at(&self.url, process), CodecError::is_retryable)
    }

    pub(crate) fn codec_at(&self, url: &str, process: &str) -> Result<Codec, CodecError> {
        Codec::open(Box::new(self.ids_at(url, process)))
    }

    /// Asks the registry past the program: status and body.
    pub(crate) fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}{path}", self.url);
        runtime().block_on(async {
            let mut request = reqwest::Client::new().request(method, url);
            if let Some(body) = body {
                request = request.json(&body);
            }
            let answer = request.send().await.expect("the registry answers");
            let status = answer.status().as_u16();
            (status, answer.json().await.unwrap_or_default())
        })
    }

    /// Registers a text past the program.
    pub(crate) fn post(&self, subject: &str, schema: &str) -> (u16, Value) {
        let path = format!("/subjects/{}/versions", self.subject(subject));
        self.ask(
            Method::POST,
            &path,
            Some(json!({ "schema": schema, "schemaType": "AVRO" })),
        )
    }

    pub(crate) fn level(&self, subject: &str) -> Value {
        let path = format!("/config/{}", self.subject(subject));
        self.ask(Method::GET, &path, None).1["compatibilityLevel"].take()
    }
}

impl Drop for OnRegistry {
    fn drop(&mut self) {
        if !self.is_shared {
            return;
        }
        let (_, all) = self.ask(Method::GET, "/subjects", None);
        let all = all.as_array().into_iter().flatten().filter_map(Value::as_str);
        for subject in all.filter(|subject| subject.starts_with(&self.prefix)) {
            // Not for good: the registry keeps one text for all subjects that have it, and while it throws one away
            // it takes the same from nobody.
            self.ask(Method::DELETE, &format!("/subjects/{subject}"), None);
        }
    }
}

/// The number that a codec writes a topic with.
pub(crate) fn written_id(codec: &Codec, topic: Topic) -> u32 {
    let payload = codec.encode(topic, &[]).expect("an empty commit has a form");
    let [_, id @ ..] = payload.first_chunk::<5>().expect("it has a header");
    u32::from_be_bytes(*id)
}

#[track_caller]
pub(crate) fn assert_refused(result: Result<u32, IdsError>, words: &[&str]) {
    let error = result.expect_err("it is refused");
    assert!(matches!(error, IdsError::Refused { .. }), "{error:?}");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in {text:?}");
    }
}

/// A shop's keyspace of keys on some Cassandra; it goes with this.
pub(crate) struct Keyspace {
    address: String,
    pub(crate) prefix: String,
    is_shared: bool,
}

impl Keyspace {
    /// On the node that all tests share.
    pub(crate) fn shared() -> Self {
        Self::new(engines::shared().cassandra(), true)
    }

    /// On one that nobody cleans up.
    pub(crate) fn at(address: String) -> Self {
        Self::new(address, false)
    }

    fn new(address: String, is_shared: bool) -> Self {
        Self {
            address,
            prefix: fresh_prefix(),
            is_shared,
        }
    }

    pub(crate) fn options(&self) -> ScyllaKeysOptions {
        ScyllaKeysOptions {
            contact_points: vec![self.address.clone()],
            keyspace_prefix: self.prefix.clone(),
            replication: 1,
            user: None,
            password: None,
        }
    }

    pub(crate) fn keys(&self) -> ScyllaKeys {
        let open = || runtime().block_on(ScyllaKeys::open(self.options()));
        answered(open, KeyStoreError::is_retryable).expect("the keys open")
    }

    /// Tells the database something past the program; `KEYSPACE_` stands for ours.
    pub(crate) fn run(&self, statements: &[&str]) {
        runtime().block_on(async {
            let session: Session = SessionBuilder::new()
                .known_node(&self.address)
                .build()
                .await
                .expect("the database answers");
            for statement in statements {
                let statement = statement.replace("KEYSPACE_", &format!("{}_keys", self.prefix));
                session
                    .query_unpaged(statement, ())
                    .await
                    .expect("the statement is good");
            }
        });
    }
}

impl Drop for Keyspace {
    fn drop(&mut self) {
        if self.is_shared && !std::thread::panicking() {
            self.run(&["DROP KEYSPACE IF EXISTS KEYSPACE_"]);
        }
    }
}

/// What comes of `ask`, once it is good.
#[track_caller]
pub(crate) fn eventually<T, E: std::fmt::Debug>(mut ask: impl FnMut() -> Result<T, E>) -> (T, Duration) {
    let began = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return (answer, began.elapsed()),
            Err(error) => assert!(began.elapsed() < PATIENCE, "still {error:?}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The first answer to `ask` that is not "ask again": an engine that has just started may be slow to give one.
#[track_caller]
pub(crate) fn answered<T, E: std::fmt::Debug>(
    mut ask: impl FnMut() -> Result<T, E>,
    is_retryable: impl Fn(&E) -> bool,
) -> Result<T, E> {
    let (answer, _) = eventually(|| match ask() {
        Err(error) if is_retryable(&error) => Err(error),
        answer => Ok(answer),
    });
    answer
}

/// The number that is given for a schema, asked for until there is an answer.
#[track_caller]
pub(crate) fn id_of(ids: &impl SchemaIds, subject: &str, schema: &str) -> Result<u32, IdsError> {
    answered(|| ids.id_of(subject, schema), IdsError::is_retryable)
}

/// The newest schema of a topic that is shipped, as a file of the repository.
pub(crate) fn shipped(topic: Topic) -> Value {
    let file = format!("{}/avro/{}.avsc", env!("CARGO_MANIFEST_DIR"), topic.name());
    let text = std::fs::read_to_string(Path::new(&file)).expect("the schema is there");
    serde_json::from_str(&text).expect("a schema is JSON")
}
