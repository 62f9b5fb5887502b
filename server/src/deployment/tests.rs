use clap::Parser;

use super::*;
use crate::cli::Cli;

fn deployment(arguments: &[&str]) -> Result<Deployment, String> {
    let program = ["tillroll"].iter().chain(arguments).copied();
    Deployment::from_knobs(&Cli::parse_from(program).options.cluster)
}

const ENGINES: [&str; 6] = [
    "--kafka",
    "one:9092,two:9092",
    "--schema-registry",
    "http://registry:8081",
    "--scylla",
    "three:9042,four:9042",
];

#[test]
fn without_any_engine_everything_is_embedded() {
    assert_eq!(deployment(&["--prefix", "other"]), Ok(Deployment::Embedded));
}

#[test]
fn with_all_engines_the_shop_runs_on_them() {
    let Ok(Deployment::Cluster(cluster)) = deployment(&ENGINES) else {
        panic!("all engines are named");
    };
    assert_eq!(cluster.kafka, "one:9092,two:9092");
    assert_eq!(cluster.scylla, ["three:9042", "four:9042"]);
    assert_eq!((cluster.prefix.as_str(), cluster.kafka_replication), ("tillroll", 3));
}

#[test]
fn half_a_cluster_is_refused_and_names_what_is_missing() {
    for left_out in [0, 2, 4] {
        let mut arguments = ENGINES.to_vec();
        arguments.drain(left_out..left_out + 2);
        let refused = deployment(&arguments).expect_err("an engine is missing");
        let named = ["TILLROLL_KAFKA", "TILLROLL_SCHEMA_REGISTRY", "TILLROLL_SCYLLA"][left_out / 2];
        assert!(refused.ends_with(&format!("missing: {named}")), "{refused}");
    }
}

#[test]
fn a_user_without_a_password_is_refused() {
    let refused = deployment(&[&ENGINES[..], &["--scylla-user", "tillroll"]].concat());
    assert!(refused.is_err_and(|why| why.contains("TILLROLL_SCYLLA_PASSWORD")));
}

#[test]
fn a_prefix_that_some_engine_would_not_take_is_refused() {
    let too_long = "a".repeat(PREFIX_CHARS_MAX + 1);
    for prefix in ["", "Shop", "1shop", "my-shop", "my.shop", "shop\"; DROP", &too_long] {
        let refused = deployment(&[&ENGINES[..], &["--prefix", prefix]].concat());
        assert!(refused.is_err_and(|why| why.contains("TILLROLL_PREFIX")), "{prefix}");
    }
    let longest = "a".repeat(PREFIX_CHARS_MAX);
    assert!(deployment(&[&ENGINES[..], &["--prefix", &longest]].concat()).is_ok());
}
