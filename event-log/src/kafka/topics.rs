//! The topics: created when they are not there, then compared with what a log needs.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::stream::Topic;
use futures::executor::block_on;
use rdkafka::admin::{
    AdminClient, AdminOptions, ConfigResource, NewTopic, OwnedResourceSpecifier, ResourceSpecifier, TopicReplication,
};
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::metadata::MetadataTopic;

use super::client::{self, Context};
use super::names::Names;
use super::options::WrongTopic;
use super::{KafkaError, KafkaOptions, RECORD_BYTES_MAX};

/// How long one question to the brokers may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How long to wait before asking again for what is not there yet.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// Creates and compares; everything within [`KafkaOptions::connect_within`].
pub(super) fn prepare(options: &KafkaOptions, names: &Names) -> Result<(), KafkaError> {
    let preparing = Preparing {
        options,
        names,
        admin: AdminClient::from_config_and_context(&client::admin(options), Context::default())?,
        begun: Instant::now(),
    };
    let found = preparing.wait_for_brokers()?;
    let missing: Vec<Topic> = names
        .all()
        .map(|(topic, _)| topic)
        .filter(|topic| !found.contains_key(topic))
        .collect();
    if !missing.is_empty() {
        preparing.create(&missing)?;
    }
    let found = preparing.wait_for_topics()?;
    let mut wrong = preparing.compare_sizes(&found);
    wrong.extend(preparing.wait_for_settings()?);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(KafkaError::Topics(wrong))
}

struct Preparing<'a> {
    options: &'a KafkaOptions,
    names: &'a Names,
    admin: AdminClient<Context>,
    begun: Instant,
}

/// How large a topic is.
struct Size {
    partitions: usize,
    /// On the partition that lies on the fewest brokers.
    replication: usize,
    has_leaders: bool,
}

impl Preparing<'_> {
    fn is_late(&self) -> bool {
        self.begun.elapsed() >= self.options.connect_within
    }

    fn unreachable(&self, why: String) -> KafkaError {
        KafkaError::Unreachable {
            bootstrap: self.options.bootstrap.clone(),
            waited_s: self.begun.elapsed().as_secs(),
            why,
        }
    }

    /// The topics that are there.
    fn look(&self) -> Result<BTreeMap<Topic, Size>, String> {
        let left = self.options.connect_within.saturating_sub(self.begun.elapsed());
        let timeout = ANSWER_WITHIN.min(left.max(RETRY_PAUSE));
        let mut found = BTreeMap::new();
        for (topic, name) in self.names.all() {
            let metadata = self.admin.inner().fetch_metadata(Some(name), timeout);
            let metadata = metadata.map_err(|error| error.to_string())?;
            let size = metadata
                .topics()
                .iter()
                .find(|found| found.name() == name)
                .and_then(size);
            if let Some(size) = size {
                found.insert(topic, size);
            }
        }
        Ok(found)
    }

    fn wait_for_brokers(&self) -> Result<BTreeMap<Topic, Size>, KafkaError> {
        loop {
            match self.look() {
                Ok(found) => return Ok(found),
                Err(why) if self.is_late() => return Err(self.unreachable(why)),
                Err(why) => tracing::info!(bootstrap = self.options.bootstrap, why, "waiting for the brokers"),
            }
            std::thread::sleep(RETRY_PAUSE);
        }
    }

    /// Another process may create them at the same moment; what comes out is compared in any case.
    fn create(&self, missing: &[Topic]) -> Result<(), KafkaError> {
        let settings = settings(self.options.replication);
        let topics: Vec<NewTopic<'_>> = missing
            .iter()
            .map(|topic| {
                let replication = TopicReplication::Fixed(self.options.replication);
                let mut new = NewTopic::new(self.names.of(*topic), self.partitions(*topic), replication);
                for setting in &settings {
                    new = new.set(setting.name, &setting.value);
                }
                new
            })
            .collect();
        let options = AdminOptions::new()
            .request_timeout(Some(ANSWER_WITHIN))
            .operation_timeout(Some(ANSWER_WITHIN));
        loop {
            let results = block_on(self.admin.create_topics(&topics, &options));
            let failed = match results {
                Ok(results) => results.into_iter().find_map(|result| match result {
                    Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => None,
                    Err((topic, code)) => Some(KafkaError::Client(format!("{topic} cannot be created: {code}"))),
                }),
                // No broker has answered.
                Err(error) => Some(self.unreachable(error.to_string())),
            };
            match failed {
                None => return Ok(()),
                // A broker that has just started may not have found its controller yet.
                Some(error) if self.is_late() => return Err(error),
                Some(error) => tracing::info!(%error, "topics are not created yet"),
            }
            std::thread::sleep(RETRY_PAUSE);
        }
    }

    /// Every topic, once all of its partitions have leaders.
    fn wait_for_topics(&self) -> Result<BTreeMap<Topic, Size>, KafkaError> {
        loop {
            let why = match self.look() {
                Ok(found) => {
                    let late = self.names.all().find(|(topic, _)| {
                        let size = found.get(topic);
                        !size.is_some_and(|size| size.has_leaders)
                    });
                    let Some((_, late)) = late else {
                        return Ok(found);
                    };
                    format!("{late} has partitions without a leader")
                }
                Err(why) => why,
            };
            if self.is_late() {
                return Err(self.unreachable(why));
            }
            std::thread::sleep(RETRY_PAUSE);
        }
    }

    fn partitions(&self, topic: Topic) -> i32 {
        let partitions = if topic.is_single_shard() {
            1
        } else {
            self.options.partitions
        };
        i32::try_from(partitions).unwrap_or(i32::MAX)
    }

    fn compare_sizes(&self, found: &BTreeMap<Topic, Size>) -> Vec<WrongTopic> {
        let mut wrong = Vec::new();
        for (topic, size) in found {
            let mut differs = |setting: &str, expected: String, found: usize| {
                wrong.push(WrongTopic {
                    topic: self.names.of(*topic).to_owned(),
                    setting: setting.to_owned(),
                    expected,
                    found: found.to_string(),
                });
            };
            let partitions = self.partitions(*topic);
            if i32::try_from(size.partitions) != Ok(partitions) {
                differs("the number of partitions", partitions.to_string(), size.partitions);
            }
            let replication = self.options.replication;
            if i32::try_from(size.replication).is_ok_and(|found| found < replication) {
                differs("the replication", format!("{replication} or more"), size.replication);
            }
        }
        wrong
    }

    /// What is set otherwise. A broker may not have heard yet of a topic that another one has created.
    fn wait_for_settings(&self) -> Result<Vec<WrongTopic>, KafkaError> {
        loop {
            match self.compare_settings() {
                Ok(wrong) => return Ok(wrong),
                Err(why) if self.is_late() => return Err(self.unreachable(why)),
                Err(why) => tracing::info!(why, "the settings of the topics are not known yet"),
            }
            std::thread::sleep(RETRY_PAUSE);
        }
    }

    fn compare_settings(&self) -> Result<Vec<WrongTopic>, String> {
        let specifiers: Vec<ResourceSpecifier<'_>> = self
            .names
            .all()
            .map(|(_, name)| ResourceSpecifier::Topic(name))
            .collect();
        let options = AdminOptions::new().request_timeout(Some(ANSWER_WITHIN));
        let described = block_on(self.admin.describe_configs(&specifiers, &options));
        let mut wrong = Vec::new();
        let described = described.map_err(|error| error.to_string())?;
        for (specifier, resource) in specifiers.iter().zip(described) {
            let resource = resource.map_err(|code| format!("{specifier:?}: {code}"))?;
            let OwnedResourceSpecifier::Topic(name) = &resource.specifier else {
                continue;
            };
            wrong.extend(wrong_settings(name, &resource, self.options.replication));
        }
        Ok(wrong)
    }
}

fn size(topic: &MetadataTopic) -> Option<Size> {
    if topic.error().is_some() || topic.partitions().is_empty() {
        return None;
    }
    let partitions = topic.partitions();
    Some(Size {
        partitions: partitions.len(),
        replication: partitions
            .iter()
            .map(|partition| partition.replicas().len())
            .min()
            .unwrap_or_default(),
        has_leaders: partitions.iter().all(|partition| partition.leader() >= 0),
    })
}

/// A setting that every topic of a log must have.
struct Setting {
    name: &'static str,
    value: String,
    /// Whether a larger number is as good.
    or_more: bool,
}

fn settings(replication: i32) -> Vec<Setting> {
    let exactly = |name, value: &str| Setting {
        name,
        value: value.to_owned(),
        or_more: false,
    };
    let at_least = |name, value: String| Setting {
        name,
        value,
        or_more: true,
    };
    vec![
        exactly("cleanup.policy", "delete"),
        exactly("retention.ms", "-1"),
        exactly("retention.bytes", "-1"),
        exactly("message.timestamp.type", "LogAppendTime"),
        exactly("unclean.leader.election.enable", "false"),
        at_least("min.insync.replicas", (replication - 1).max(1).to_string()),
        at_least("max.message.bytes", RECORD_BYTES_MAX.to_string()),
    ]
}

fn wrong_settings(topic: &str, resource: &ConfigResource, replication: i32) -> Vec<WrongTopic> {
    let mut wrong = Vec::new();
    for setting in settings(replication) {
        let found = resource.get(setting.name).and_then(|entry| entry.value.clone());
        let found = found.unwrap_or_else(|| "not there".to_owned());
        let is_more = || match (found.parse::<i64>(), setting.value.parse::<i64>()) {
            (Ok(found), Ok(least)) => setting.or_more && found >= least,
            _ => false,
        };
        if found == setting.value || is_more() {
            continue;
        }
        let or_more = if setting.or_more { " or more" } else { "" };
        wrong.push(WrongTopic {
            topic: topic.to_owned(),
            setting: setting.name.to_owned(),
            expected: format!("{}{or_more}", setting.value),
            found,
        });
    }
    wrong
}
