use engines::recipe::{apicurio, cassandra, kafka};

use crate::files::{services, variable};

#[track_caller]
fn runs(service: &str, image: &str, version: &str) {
    assert_eq!(services()[service]["image"], format!("{image}:{version}"));
}

#[test]
fn kafka_has_the_version_and_the_settings_of_the_tests() {
    runs("kafka", "apache/kafka", kafka::VERSION);
    for (name, value) in kafka::SETTINGS.iter().chain(kafka::SETTINGS_ALONE) {
        let variable_name = format!("KAFKA_{}", name.replace('.', "_").to_uppercase());
        assert_eq!(variable("kafka", &variable_name), *value, "{name}");
    }
    assert!(variable("kafka", "KAFKA_HEAP_OPTS").contains(kafka::HEAP));
}

#[test]
fn kafka_has_no_setting_that_the_tests_do_not_have() {
    // Where it is, and how it is found: different everywhere.
    let places = [
        "NODE_ID",
        "LISTENERS",
        "ADVERTISED_LISTENERS",
        "LISTENER_SECURITY_PROTOCOL_MAP",
        "INTER_BROKER_LISTENER_NAME",
        "CONTROLLER_LISTENER_NAMES",
        "CONTROLLER_QUORUM_VOTERS",
        "LOG_DIRS",
        "HEAP_OPTS",
    ];
    let services = services();
    let environment = services["kafka"]["environment"]
        .as_object()
        .expect("it has an environment");
    for name in environment.keys() {
        let name = name
            .strip_prefix("KAFKA_")
            .unwrap_or_else(|| panic!("{name} is not for Kafka"));
        let setting = name.replace('_', ".").to_lowercase();
        let mut tested = kafka::SETTINGS.iter().chain(kafka::SETTINGS_ALONE);
        let is_tested = tested.any(|(known, _)| *known == setting);
        assert!(is_tested || places.contains(&name), "{setting} is not in the recipe");
    }
}

#[test]
fn cassandra_has_the_version_and_the_settings_of_the_tests() {
    runs("cassandra", "cassandra", cassandra::VERSION);
    let options = variable("cassandra", "JVM_EXTRA_OPTS");
    let options: Vec<_> = options.split_whitespace().collect();
    assert!(options.contains(&"-Dcassandra.config.allow_system_properties=true"));
    for (name, value) in cassandra::SETTINGS {
        let option = format!("-Dcassandra.settings.{name}={value}");
        assert!(options.contains(&option.as_str()), "{option} is missing");
    }
    // The image's own file has a period, with which `batch` is refused.
    assert!(options.contains(&"-Dcassandra.settings.commitlog_sync_period=0ms"));
}

#[test]
fn scylla_acknowledges_no_write_before_it_is_in_the_commit_log_either() {
    let services = services();
    let command = services["scylla"]["command"].as_array().expect("it has arguments");
    let sync = cassandra::SETTINGS.iter().find(|(name, _)| *name == "commitlog_sync");
    let (_, sync) = sync.expect("the recipe says how the commit log is written");
    let pairs = command.windows(2);
    assert!(
        pairs
            .into_iter()
            .any(|pair| pair[0] == "--commitlog-sync" && pair[1] == *sync)
    );
}

#[test]
fn the_registry_has_the_version_and_the_settings_of_the_tests() {
    runs("registry", "apicurio/apicurio-registry", apicurio::VERSION);
    let options = variable("registry", "JAVA_OPTS_APPEND");
    let options: Vec<_> = options.split_whitespace().collect();
    for (name, value) in apicurio::SETTINGS {
        let option = format!("-D{name}={value}");
        assert!(options.contains(&option.as_str()), "{option} is missing");
    }
    let database = format!("-Dapicurio.datasource.url={}", apicurio::database("/registry-data"));
    assert!(options.contains(&database.as_str()), "{database} is missing");
    for service in ["tillroll", "kafka-ui"] {
        let environment = &services()[service]["environment"];
        let mut values = environment.as_object().into_iter().flatten().map(|(_, value)| value);
        let url = format!("http://registry:8080{}", apicurio::API);
        assert!(values.any(|value| *value == url), "{service} does not know {url}");
    }
}
