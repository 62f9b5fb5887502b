//! Who is alive: the members of one consumer group. The broker detects failures; a member is known by its client id.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::{FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError as RdKafkaError, KafkaResult};
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaRespErr;

use domain::stream::Topic;

use super::dispose::dispose;
use super::names::Names;
use super::signal::Signal;
use super::{KafkaError, KafkaOptions, client};
use crate::membership::Membership;

/// How often the members are asked for.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// How long that may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How long it may take until a node that has just begun is known: two heartbeats to join, and to be asked for.
const KNOWN_WITHIN: Duration = Duration::from_secs(5);
/// A list without this node is one of a group that is not whole: for so long, who is missing in it is not dead. A
/// broker that has just started, or just become the group's, may know nobody yet.
const DOUBTED_FOR: Duration = Duration::from_secs(15);
/// How long one look for the group's events takes.
const LOOK: Duration = Duration::from_millis(100);

/// A member of the shop's group of nodes.
pub struct KafkaMembership {
    node: String,
    alive: Arc<Mutex<BTreeSet<String>>>,
    signal: Signal,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl KafkaMembership {
    /// Joins the group `<prefix>.nodes` under the node's name and stays a member until dropped. The topics of the
    /// log must be there.
    ///
    /// # Errors
    /// [`KafkaError`].
    pub fn join(options: &KafkaOptions) -> Result<Self, KafkaError> {
        options.check()?;
        let consumer: BaseConsumer<Member> = BaseConsumer::from_config_and_context(&client::member(options), Member)?;
        let names = Names::new(&options.prefix);
        // Nothing is read; a group must be about some topic.
        consumer.subscribe(&[names.of(Topic::Shop)])?;
        let alive = Arc::<Mutex<BTreeSet<String>>>::default();
        let signal = Signal::default();
        let asking = Asking {
            node: options.node.clone(),
            group: format!("{}.nodes", options.prefix),
            consumer,
            alive: Arc::clone(&alive),
            signal: signal.clone(),
        };
        let thread = std::thread::Builder::new().name("membership".to_owned());
        let thread = thread.spawn(move || asking.run());
        Ok(Self {
            node: options.node.clone(),
            alive,
            signal,
            thread: Mutex::new(Some(thread.map_err(|error| KafkaError::Thread(error.to_string()))?)),
        })
    }

    /// Leaves the group, so that nobody waits for the session to end. Waits for that, within limits.
    pub fn leave(&self) {
        self.signal.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let end = move || {
            if thread.is_some_and(|thread| thread.join().is_err()) {
                tracing::error!("the thread of the membership has panicked");
            }
        };
        dispose([Box::new(end) as Box<dyn FnOnce() + Send>]);
    }
}

impl Membership for KafkaMembership {
    fn is_alive(&self, node: &str) -> bool {
        node == self.node || self.alive.lock().unwrap_or_else(PoisonError::into_inner).contains(node)
    }

    fn delay(&self) -> Duration {
        KNOWN_WITHIN
    }
}

impl Drop for KafkaMembership {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Keeps the membership, and asks who else is there.
struct Asking {
    node: String,
    group: String,
    consumer: BaseConsumer<Member>,
    alive: Arc<Mutex<BTreeSet<String>>>,
    signal: Signal,
}

impl Asking {
    fn run(self) {
        let (mut asked, mut named): (Option<Instant>, Instant) = (None, Instant::now());
        while !self.signal.is_closing() {
            if let Some(Err(error)) = self.consumer.poll(LOOK) {
                tracing::debug!(%error, "the group of nodes has trouble");
            }
            if asked.is_none_or(|asked| asked.elapsed() >= ASK_EVERY) {
                match self.ask() {
                    Ok(listed) => {
                        if listed.contains(&self.node) {
                            named = Instant::now();
                        }
                        self.take_in(listed, named.elapsed() >= DOUBTED_FOR);
                    }
                    // A hint may be old; without the brokers nobody can take over anything anyway.
                    Err(error) => tracing::debug!(%error, "who is alive is not known anew"),
                }
                asked = Some(Instant::now());
            }
        }
    }

    /// Whoever is listed lives; whoever is not has died, if the list is to be believed.
    fn take_in(&self, listed: BTreeSet<String>, is_believed: bool) {
        let mut alive = self.alive.lock().unwrap_or_else(PoisonError::into_inner);
        if is_believed || listed.contains(&self.node) {
            *alive = listed;
        } else {
            alive.extend(listed);
        }
    }

    fn ask(&self) -> KafkaResult<BTreeSet<String>> {
        let list = self.consumer.fetch_group_list(Some(&self.group), ANSWER_WITHIN)?;
        let members = list.groups().iter().flat_map(|group| group.members());
        Ok(members.map(|member| member.client_id().to_owned()).collect())
    }
}

/// Takes part in the group and reads nothing.
struct Member;

impl ClientContext for Member {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        client::tell(facility, message);
    }

    fn error(&self, error: RdKafkaError, reason: &str) {
        client::tell(&error.to_string(), reason);
    }
}

impl ConsumerContext for Member {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, event: RDKafkaRespErr, _: &mut TopicPartitionList) {
        // To take part, one must answer what is assigned or taken away; the answer is to read nothing.
        let answered = if event == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            consumer.assign(&TopicPartitionList::new())
        } else {
            consumer.unassign()
        };
        if let Err(error) = answered {
            tracing::warn!(%error, "the group of nodes was not answered");
        }
    }
}
