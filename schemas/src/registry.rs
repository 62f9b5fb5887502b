//! Numbers of schemas from a schema registry with Confluent's API, remembered in a file.
//!
//! What the registry has once said is durable here before it is used, so a restart and a replay need no
//! registry; it is asked for what is new, and once at the start whether it still says the same. It refuses an
//! incompatible schema, and so does [`compatibility`](crate::compatibility) before it is asked, in words that
//! name the field.
//!
//! The numbers are in the log for ever. A registry that gives a known schema another number, or a known number
//! to another schema, has lost its data or is not ours: nothing is written then, and the error says what to do.

mod asking;
mod client;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::background::Background;
use crate::compatibility;
use crate::ids::{Entry, IdsError, Kept, SchemaIds, fingerprint};
use asking::Asked;
use client::{Client, Registered, Trouble};

/// How long all that a new schema takes may take: some ten requests to a registry that answers slowly.
const REGISTER_SECONDS_MAX: Duration = Duration::from_secs(15);
/// How long asking for one known schema may take.
const CHECK_SECONDS_MAX: Duration = Duration::from_secs(5);
/// How long asking for the schema behind a number may take.
const SCHEMA_SECONDS_MAX: Duration = Duration::from_secs(3);

/// Where the registry is, and what is ours in it.
#[derive(Clone, Debug)]
pub struct RegistryOptions {
    /// Where its subjects lie: `http://host:port`, or with the path before `/subjects`.
    pub url: String,
    /// What the names of this shop's subjects begin with: a schema of `sales-value` is registered as
    /// `<prefix>.sales-value`.
    pub prefix: String,
    /// The file that remembers what the registry has said.
    pub cache: PathBuf,
}

/// Numbers from a schema registry, remembered in a file.
///
/// Known schemas are served without the registry, with one warning. A new one waits for it: that is
/// [`IdsError::Unavailable`], and the caller asks again.
pub struct RegistryIds {
    prefix: String,
    kept: Kept,
    client: Client,
    asked: Mutex<Asked>,
    has_warned: AtomicBool,
    background: Background,
}

impl RegistryIds {
    /// Reads the file; the registry is not asked yet.
    ///
    /// # Errors
    /// [`IdsError::Address`], or what is wrong with the file; [`IdsError::Unavailable`] when the system gives
    /// no thread.
    pub fn open(options: RegistryOptions) -> Result<Self, IdsError> {
        let client = Client::new(&options.url)?;
        let kept = Kept::open(options.cache)?;
        let background = Background::start("registry").map_err(|error| IdsError::Unavailable(error.to_string()))?;
        Ok(Self {
            prefix: options.prefix,
            kept,
            client,
            asked: Mutex::default(),
            has_warned: AtomicBool::new(false),
            background,
        })
    }

    /// What a subject is called in a registry that others use as well.
    fn full_subject(&self, subject: &str) -> String {
        format!("{}.{subject}", self.prefix)
    }

    /// Compares a number that payloads carry with what the registry says today.
    fn check(&self, known: u32, subject: &str, schema: &str, fingerprint: &str) -> Result<(), IdsError> {
        if let Some(why) = self.asked().recently_failed() {
            self.warn_once(&why);
            return Ok(());
        }
        let (client, name, text) = (self.client.clone(), subject.to_owned(), schema.to_owned());
        let asked = self.ask(CHECK_SECONDS_MAX, async move {
            let found = client.find(&name, &text).await?;
            if found.is_some() {
                client.ensure_level(&name).await?;
            }
            Ok(found)
        });
        match asked {
            Ok(Some(Registered { id, .. })) if id == known => Ok(()),
            Ok(Some(Registered { id, text })) if is_same(&text, fingerprint) => Err(refused(
                subject,
                format!(
                    "the registry gives a schema the id {id} that payloads in the log carry as {known}: it has lost \
                     its data, or is another one; restore it"
                ),
            )),
            Ok(_) => {
                tracing::warn!(
                    subject,
                    id = known,
                    "the registry does not have a schema that payloads in the log carry: it has lost its data, or is \
                     another one; serving with the ids in the data directory"
                );
                Ok(())
            }
            Err(Trouble::Unavailable(why)) => {
                self.warn_once(&why);
                Ok(())
            }
            Err(Trouble::Refused(reason)) => Err(refused(subject, reason)),
        }
    }

    /// Has the registry number a schema that is not known here.
    fn register(&self, subject: &str, schema: &str, fingerprint: String) -> Result<u32, IdsError> {
        let json: Value = serde_json::from_str(schema).map_err(|error| refused(subject, error.to_string()))?;
        let needed: Vec<String> = self.kept.look(|known| {
            known
                .of_subject(subject)
                .map(|entry| entry.fingerprint.clone())
                .collect()
        });
        let (client, name, text) = (self.client.clone(), subject.to_owned(), schema.to_owned());
        let print = fingerprint.clone();
        let asked = self.ask(REGISTER_SECONDS_MAX, async move {
            register(&client, &name, &text, &print, &needed).await
        });
        let id = asked.map_err(|trouble| match trouble {
            Trouble::Unavailable(why) => IdsError::Unavailable(format!("{subject} needs a number: {why}")),
            Trouble::Refused(reason) => refused(subject, reason),
        })?;
        self.remember(Entry {
            id,
            subject: subject.to_owned(),
            fingerprint,
            schema: json,
        })
    }

    /// Keeps what the registry said, durably, unless it contradicts what is known.
    fn remember(&self, entry: Entry) -> Result<u32, IdsError> {
        let id = entry.id;
        self.kept.change(|known| {
            if let Some(other) = known.conflict(&entry) {
                return Err(refused(
                    &entry.subject,
                    format!(
                        "the registry gives it the id {id}, which payloads in the log carry for a schema of {}: it has \
                         lost its data, or is another one; restore it",
                        other.subject
                    ),
                ));
            }
            known.insert(entry);
            Ok(id)
        })
    }

    /// Asks on the registry's own thread, and remembers when it is away. Blocks.
    fn ask<T: Send + 'static>(
        &self,
        limit: Duration,
        asking: impl Future<Output = Result<T, Trouble>> + Send + 'static,
    ) -> Result<T, Trouble> {
        let answer = self.background.wait_for(limit, asking).unwrap_or_else(|| {
            let seconds = limit.as_secs();
            Err(Trouble::Unavailable(format!("no answer within {seconds} s")))
        });
        if let Err(Trouble::Unavailable(why)) = &answer {
            self.asked().failed(why.clone());
        }
        answer
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn warn_once(&self, why: &str) {
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                registry = %self.client,
                why,
                "the schema registry is not available: serving with the ids in the data directory"
            );
        }
    }
}

impl SchemaIds for RegistryIds {
    fn id_of(&self, subject: &str, schema: &str) -> Result<u32, IdsError> {
        let subject = self.full_subject(subject);
        let fingerprint = fingerprint(schema).map_err(|reason| refused(&subject, reason))?;
        match self.kept.look(|known| known.id(&subject, &fingerprint)) {
            Some(id) => self.check(id, &subject, schema, &fingerprint).map(|()| id),
            None => self.register(&subject, schema, fingerprint),
        }
    }

    fn schema_of(&self, id: u32) -> Result<Option<String>, IdsError> {
        if let Some(text) = self.kept.look(|known| known.text(id)) {
            return Ok(Some(text));
        }
        if self.asked().recently_unknown(id) {
            return Ok(None);
        }
        let unavailable = |why: String| IdsError::Unavailable(format!("schema {id} is not known here: {why}"));
        if let Some(why) = self.asked().recently_failed() {
            return Err(unavailable(why));
        }
        let client = self.client.clone();
        let asked = self.ask(SCHEMA_SECONDS_MAX, async move { client.text_of(id).await });
        let text = match asked {
            Ok(Some(text)) => text,
            Ok(None) => {
                self.asked().unknown(id);
                return Ok(None);
            }
            Err(Trouble::Unavailable(why) | Trouble::Refused(why)) => return Err(unavailable(why)),
        };
        let damaged = |reason: String| IdsError::Damaged(format!("the registry's schema {id}: {reason}"));
        self.remember(Entry {
            id,
            subject: String::new(),
            fingerprint: fingerprint(&text).map_err(damaged)?,
            schema: serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?,
        })?;
        Ok(Some(text))
    }
}

impl std::fmt::Debug for RegistryIds {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RegistryIds")
            .field("registry", &self.client.to_string())
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// The number of a schema: the one that the registry has given it, or a new one.
async fn register(
    client: &Client,
    subject: &str,
    schema: &str,
    fingerprint: &str,
    needed: &[String],
) -> Result<u32, Trouble> {
    client.ensure_level(subject).await?;
    let found = client.find(subject, schema).await?;
    if let Some(found) = found.filter(|found| is_same(&found.text, fingerprint)) {
        return Ok(found.id);
    }
    let registered = client.versions(subject).await?;
    // A registry may have written the same schema in other words.
    if let Some(same) = registered.iter().find(|one| is_same(&one.text, fingerprint)) {
        return Ok(same.id);
    }
    let is_registered = |needed: &String| registered.iter().any(|one| is_same(&one.text, needed));
    if !needed.iter().all(is_registered) {
        return Err(Trouble::Refused(
            "the registry does not have a schema that payloads in the log carry: it has lost its data, or is another \
             one; restore it before anything new is registered"
                .to_owned(),
        ));
    }
    for older in &registered {
        compatibility::check(&older.text, schema)
            .map_err(|reasons| Trouble::Refused(format!("it cannot read what schema {} wrote: {reasons}", older.id)))?;
    }
    let id = client.register(subject, schema).await?;
    // Some registries keep no level for a subject that had no schema yet.
    client.ensure_level(subject).await?;
    Ok(id)
}

fn is_same(text: &str, expected: &str) -> bool {
    fingerprint(text).as_deref() == Ok(expected)
}

fn refused(subject: &str, reason: String) -> IdsError {
    IdsError::Refused {
        subject: subject.to_owned(),
        reason,
    }
}
