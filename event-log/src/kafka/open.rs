//! Opening: the topics, then the clients, then the threads.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::asker::Asker;
use super::known::{Births, Damage};
use super::names::Names;
use super::producer::{Acknowledged, Producer};
use super::readers::Readers;
use super::recent::Recent;
use super::signal::Signal;
use super::{Inner, KafkaError, KafkaLog, KafkaOptions, Running, guard, place, tail, topics};
use crate::port::{Deliveries, shards_of};

/// How long to wait before asking again where the partitions end.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

pub(super) fn open(options: &KafkaOptions, deliveries: Deliveries) -> Result<KafkaLog, KafkaError> {
    options.check()?;
    let begun = Instant::now();
    let names = Names::new(&options.prefix);
    topics::prepare(options, &names)?;
    let shards = shards_of(options.partitions);
    let signal = Signal::default();
    let asker = Asker::new(options, signal.clone())?;
    let ends = loop {
        match asker.ends(shards.iter().copied()) {
            Ok(ends) if ends.len() == shards.len() => break ends,
            Ok(_) | Err(_) if begun.elapsed() < options.connect_within => std::thread::sleep(RETRY_PAUSE),
            answer => {
                return Err(KafkaError::Unreachable {
                    bootstrap: options.bootstrap.clone(),
                    waited_s: begun.elapsed().as_secs(),
                    why: format!("where the partitions end is not known: {answer:?}"),
                });
            }
        }
    };
    let recent = Arc::new(Recent::new(&ends, options.recent_bytes_max));
    let births = Arc::new(Births::default());
    let acknowledged = Acknowledged {
        recent: Arc::clone(&recent),
        births: Arc::clone(&births),
    };
    // The producer gets its number from the brokers while the rest is opened.
    let producer = Producer::new(options, deliveries, acknowledged, signal.clone())?;
    let consumer = Arc::new(tail::consumer(options, signal.clone())?);
    let inner = Arc::new(Inner {
        partitions: options.partitions,
        names,
        asker,
        readers: Readers::new(options, signal.clone())?,
        recent,
        births,
        damage: Damage::default(),
        producer,
        shards,
        signal,
    });
    place::go_to(&consumer, &ends, &inner.names)?;
    inner.producer.warm_up();
    let thread = |error: std::io::Error| KafkaError::Thread(error.to_string());
    let running = Running {
        tail: tail::spawn(Arc::clone(&inner), Arc::clone(&consumer)).map_err(thread)?,
        guard: guard::spawn(Arc::clone(&inner), Arc::clone(&consumer)).map_err(thread)?,
        consumer,
    };
    let (prefix, records) = (&options.prefix, ends.values().sum::<i64>());
    tracing::info!(bootstrap = options.bootstrap, prefix, records, "the log is open");
    Ok(KafkaLog {
        inner,
        running: Mutex::new(Some(running)),
    })
}
