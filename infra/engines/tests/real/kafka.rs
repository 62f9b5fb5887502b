use std::io;
use std::time::Duration;

use engines::{Kafka, KafkaCluster};

use crate::wire::{DEADLINE, SILENCE, kafka, until};

const METADATA: i16 = 3;
const CREATE_TOPICS: i16 = 19;

fn short(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short text");
    [&length.to_be_bytes()[..], text.as_bytes()].concat()
}

/// Creates a topic of one partition, by `CreateTopics` version 2.
fn create_topic(address: &str, name: &str, replicas: u16) {
    let topic = [&short(name)[..], &[0, 0, 0, 1], &replicas.to_be_bytes(), &[0; 8]].concat();
    let body = [&[0, 0, 0, 1][..], &topic, &10_000_u32.to_be_bytes(), &[0]].concat();
    until("a topic is created", || {
        let answer = kafka(address, CREATE_TOPICS, 2, &body, DEADLINE)?;
        let after_name = 4 + 4 + 2 + name.len();
        match answer[after_name..after_name + 2] {
            // Created, or created by an attempt that heard no answer.
            [0, 0 | 36] => Ok(()),
            ref code => Err(io::Error::other(format!("error {code:?}"))),
        }
    });
}

/// What a broker says of all brokers and topics.
fn metadata(address: &str, patience: Duration) -> io::Result<Vec<u8>> {
    kafka(address, METADATA, 1, &[0xff; 4], patience)
}

fn mentions(answer: &[u8], text: &str) -> bool {
    answer.windows(text.len()).any(|window| window == text.as_bytes())
}

#[track_caller]
fn has_topic(address: &str, name: &str) {
    until("the topic is there", || {
        let answer = metadata(address, DEADLINE)?;
        let is_there = mentions(&answer, name);
        is_there.then_some(()).ok_or_else(|| io::Error::other("no such topic"))
    });
}

#[test]
fn a_broker_keeps_its_topics_over_kill_and_stop_and_answers_nothing_while_paused() {
    let mut broker = Kafka::start().expect("Kafka starts");
    let address = broker.bootstrap();
    create_topic(&address, "kept", 1);
    let first = broker.pid();

    broker.kill().expect("it is killed");
    assert!(!broker.is_running());
    assert!(metadata(&address, SILENCE).is_err());
    assert!(broker.pause().is_err(), "nobody is there to pause");
    broker.restart().expect("it comes back");
    assert_ne!(broker.pid(), first);
    assert_eq!(broker.bootstrap(), address);
    has_topic(&address, "kept");

    broker.pause().expect("it is paused");
    assert!(broker.is_running());
    assert!(metadata(&address, SILENCE).is_err());
    broker.resume().expect("it goes on");
    has_topic(&address, "kept");

    broker.stop().expect("it stops");
    assert!(!broker.is_running());
    broker.restart().expect("it comes back");
    has_topic(&address, "kept");
}

#[test]
fn behind_a_proxy_clients_that_begin_there_are_told_its_address_and_others_are_not() {
    let (broker, proxy) = Kafka::start_behind_proxy().expect("Kafka starts");
    let port_of = |address: &str| {
        let (_, port) = address.split_once(':').expect("an address has a port");
        port.parse::<u32>().expect("a port is a number").to_be_bytes()
    };
    for address in [broker.bootstrap(), proxy.address()] {
        let answer = metadata(&address, DEADLINE).expect("it answers");
        let own = port_of(&address);
        assert!(
            answer.windows(4).any(|window| window == own),
            "{address} must name itself"
        );
    }
    proxy.drop_replies();
    assert!(metadata(&proxy.address(), SILENCE).is_err());
    assert!(metadata(&broker.bootstrap(), DEADLINE).is_ok());
}

#[test]
fn a_cluster_of_three_replicates_and_lives_on_without_one() {
    let mut cluster = KafkaCluster::start(3).expect("three brokers start");
    assert_eq!(cluster.bootstrap().split(',').count(), 3);
    let addresses: Vec<_> = cluster.brokers().iter().map(Kafka::bootstrap).collect();
    create_topic(&addresses[0], "replicated", 3);
    cluster.brokers()[0].kill().expect("it is killed");
    // A new topic needs the controllers' quorum, which may have to elect first.
    until("the others go on", || {
        let controller = controller_among(&addresses[1..])?;
        create_topic(&controller, "later", 2);
        Ok(())
    });
    cluster.brokers()[0].restart().expect("it comes back");
    has_topic(&addresses[0], "replicated");
    has_topic(&addresses[0], "later");
}

/// The first address that knows a broker to serve beside itself.
fn controller_among(addresses: &[String]) -> io::Result<String> {
    for address in addresses {
        if metadata(address, DEADLINE).is_ok() {
            return Ok(address.clone());
        }
    }
    Err(io::Error::other("nobody answers"))
}
