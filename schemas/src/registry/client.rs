use std::error::Error;
use std::fmt;
use std::time::Duration;

use reqwest::Url;
use schema_registry_converter::async_impl::schema_registry::{
    SrSettings, get_all_versions, get_schema_by_id, get_schema_by_subject_and_version, perform_sr_call,
};
use schema_registry_converter::error::SRCError;
use schema_registry_converter::schema_registry_common::{RawError, SrCall};
use serde_json::{Value, json};

use crate::ids::IdsError;

/// How long one request may take.
const REQUEST_SECONDS_MAX: Duration = Duration::from_secs(3);
/// How long connecting may take.
const CONNECT_SECONDS_MAX: Duration = Duration::from_secs(1);
/// How often a new schema is offered: two that register at once may trip over each other.
const REGISTER_TRIES: u32 = 3;
/// How long to wait between two tries.
const REGISTER_PAUSE: Duration = Duration::from_millis(100);

/// The level that all subjects have: whoever reads knows every schema that was ever written.
const LEVEL: &str = "BACKWARD_TRANSITIVE";
/// A level that promises this and more.
const STRICTER_LEVEL: &str = "FULL_TRANSITIVE";

/// The codes with which a registry says that it has no such subject, version, schema or setting.
const NOT_FOUND: [u32; 4] = [40_401, 40_402, 40_403, 40_408];
/// The codes with which it refuses a schema or a level: incompatible, not a schema, not a version, not a level,
/// forbidden.
const REFUSED: [u32; 6] = [409, 42_201, 42_202, 42_203, 422, 42_205];

/// Why the registry did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It did not answer, or not as a registry does.
    Unavailable(String),
    /// It never will.
    Refused(String),
}

/// A schema as the registry has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registered {
    pub(super) id: u32,
    pub(super) text: String,
}

/// Talks to the registry. Nothing is remembered here, errors neither.
#[derive(Clone)]
pub(super) struct Client {
    settings: SrSettings,
    /// For what the registry's library does not ask.
    http: reqwest::Client,
    url: Url,
}

impl Client {
    pub(super) fn new(address: &str) -> Result<Self, IdsError> {
        let wrong = |reason: String| IdsError::Address {
            address: address.to_owned(),
            reason,
        };
        let mut url: Url = address.parse().map_err(|error| wrong(format!("{error}")))?;
        if url.scheme() != "http" {
            return Err(wrong("it must begin with http://".to_owned()));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        let builder = || {
            reqwest::Client::builder()
                .connect_timeout(CONNECT_SECONDS_MAX)
                .timeout(REQUEST_SECONDS_MAX)
        };
        let http = builder().build().map_err(|error| wrong(in_words(&error)))?;
        let settings = SrSettings::new_builder(url.as_str().trim_end_matches('/').to_owned())
            .set_timeout(REQUEST_SECONDS_MAX)
            .build_with(builder())
            .map_err(|error| wrong(error.error))?;
        Ok(Self { settings, http, url })
    }

    /// A subject's schema that is this one, in the registry's eyes.
    pub(super) async fn find(&self, subject: &str, schema: &str) -> Result<Option<Registered>, Trouble> {
        let body = offer(schema);
        let found = perform_sr_call(&self.settings, SrCall::PostForVersion(subject, &body)).await;
        let Some(found) = unless_absent(found)? else {
            return Ok(None);
        };
        match (found.id, found.schema) {
            (Some(id), Some(text)) => Ok(Some(Registered { id, text })),
            _ => Err(nonsense("a schema without its number or text")),
        }
    }

    /// Registers a schema, or finds that it is.
    pub(super) async fn register(&self, subject: &str, schema: &str) -> Result<u32, Trouble> {
        let body = offer(schema);
        let mut tries = 1;
        loop {
            let answer = perform_sr_call(&self.settings, SrCall::PostNew(subject, &body)).await;
            let trouble = match answer {
                Ok(registered) => return registered.id.ok_or_else(|| nonsense("a schema without a number")),
                Err(error) => trouble(&error),
            };
            // Another process may have registered it at the same moment.
            if let Ok(Some(found)) = self.find(subject, schema).await {
                return Ok(found.id);
            }
            if tries == REGISTER_TRIES || matches!(trouble, Trouble::Refused(_)) {
                return Err(trouble);
            }
            tries += 1;
            tokio::time::sleep(REGISTER_PAUSE).await;
        }
    }

    /// All schemas of a subject, oldest first.
    pub(super) async fn versions(&self, subject: &str) -> Result<Vec<Registered>, Trouble> {
        let numbers = get_all_versions(&self.settings, subject.to_owned()).await;
        let mut versions = Vec::new();
        for number in unless_absent(numbers)?.unwrap_or_default() {
            let version = get_schema_by_subject_and_version(&self.settings, subject, Some(number)).await;
            let version = version.map_err(|error| trouble(&error))?;
            versions.push(Registered {
                id: version.id,
                text: version.schema,
            });
        }
        Ok(versions)
    }

    /// The schema with this number.
    pub(super) async fn text_of(&self, id: u32) -> Result<Option<String>, Trouble> {
        let found = get_schema_by_id(id, &self.settings).await;
        Ok(unless_absent(found)?.map(|found| found.schema))
    }

    /// Sees to it that the registry takes only schemas that read all earlier ones of the subject.
    pub(super) async fn ensure_level(&self, subject: &str) -> Result<(), Trouble> {
        let before = self.level(subject).await?;
        if is_strict(before.as_deref()) {
            return Ok(());
        }
        if let Some(weaker) = before {
            tracing::warn!(
                subject,
                weaker,
                "the registry would take incompatible schemas: setting {LEVEL}"
            );
        }
        let set = self.set_level(subject).await;
        // Another process may set it at the same moment: what counts is what is there now.
        match self.level(subject).await? {
            Some(level) if is_strict(Some(&level)) => Ok(()),
            Some(level) => set.and(Err(Trouble::Refused(format!(
                "the registry keeps its compatibility at {level} instead of {LEVEL}"
            )))),
            None => set,
        }
    }

    /// The subject's own level; none when it has none.
    async fn level(&self, subject: &str) -> Result<Option<String>, Trouble> {
        let answer = self.http.get(self.config_of(subject)).send().await;
        match answered(answer).await {
            Ok(body) => match body["compatibilityLevel"].as_str() {
                Some(level) => Ok(Some(level.to_owned())),
                None => Err(nonsense("a subject without a compatibility level")),
            },
            Err(Answer::Absent) => Ok(None),
            Err(Answer::Trouble(trouble)) => Err(trouble),
        }
    }

    async fn set_level(&self, subject: &str) -> Result<(), Trouble> {
        let request = self.http.put(self.config_of(subject));
        let answer = request.json(&json!({ "compatibility": LEVEL })).send().await;
        match answered(answer).await {
            Ok(_) => Ok(()),
            // It has nothing to set a level for before the first schema.
            Err(Answer::Absent) => Ok(()),
            Err(Answer::Trouble(trouble)) => Err(trouble),
        }
    }

    fn config_of(&self, subject: &str) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["config", subject]);
        }
        url
    }
}

impl fmt::Display for Client {
    /// Its address, without what it may hold of credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.url.clone();
        // An address that has a host can have no credentials as well.
        let _ = shown.set_username("").and_then(|()| shown.set_password(None));
        formatter.write_str(shown.as_str())
    }
}

/// How a registry can fail to give what it was asked for.
enum Answer {
    Absent,
    Trouble(Trouble),
}

async fn answered(answer: reqwest::Result<reqwest::Response>) -> Result<Value, Answer> {
    let unavailable = |error: reqwest::Error| Answer::Trouble(Trouble::Unavailable(in_words(&error)));
    let answer = answer.map_err(unavailable)?;
    let status = answer.status();
    let body: Value = answer.json().await.map_err(unavailable)?;
    if status.is_success() {
        return Ok(body);
    }
    let code = body["error_code"].as_u64().and_then(|code| u32::try_from(code).ok());
    let message = body["message"].as_str().unwrap_or_default();
    match code.unwrap_or(0) {
        code if NOT_FOUND.contains(&code) => Err(Answer::Absent),
        code => Err(Answer::Trouble(of_code(
            code,
            format!("HTTP status {status}: {message}"),
        ))),
    }
}

fn unless_absent<T>(answer: Result<T, SRCError>) -> Result<Option<T>, Trouble> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if raw(&error).is_some_and(|raw| NOT_FOUND.contains(&raw.error_code)) => Ok(None),
        Err(error) => Err(trouble(&error)),
    }
}

fn trouble(error: &SRCError) -> Trouble {
    match raw(error) {
        Some(raw) => of_code(raw.error_code, format!("{}: {}", error.error, raw.message)),
        None => Trouble::Unavailable(in_words(error.source().unwrap_or(error))),
    }
}

fn of_code(code: u32, message: String) -> Trouble {
    if REFUSED.contains(&code) {
        Trouble::Refused(message)
    } else {
        Trouble::Unavailable(message)
    }
}

/// What the registry itself said.
fn raw(error: &SRCError) -> Option<&RawError> {
    error.source()?.downcast_ref()
}

/// An error with what caused it: the outermost one often says only that a request failed.
fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}

fn nonsense(what: &str) -> Trouble {
    Trouble::Unavailable(format!("the registry answered with {what}"))
}

fn offer(schema: &str) -> String {
    json!({ "schema": schema, "schemaType": "AVRO" }).to_string()
}

fn is_strict(level: Option<&str>) -> bool {
    level.is_some_and(|level| [LEVEL, STRICTER_LEVEL].contains(&level))
}
