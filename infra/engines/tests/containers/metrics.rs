use std::collections::BTreeSet;

use serde_json::Value;

use crate::files::{services, text, yaml};

/// What the program measures.
const METRICS: [&str; 5] = [
    "tillroll_shard_serving",
    "tillroll_shard_seq",
    "tillroll_projection_behind",
    "tillroll_http_requests_total",
    "tillroll_http_request_seconds",
];

fn dashboard() -> Value {
    serde_json::from_str(&text("grafana/dashboards/tillroll.json")).expect("the dashboard is JSON")
}

/// Every name in the dashboard that begins as ours do.
fn asked_for() -> BTreeSet<String> {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().expect("it has panels");
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let expressions: Vec<_> = targets.filter_map(|target| target["expr"].as_str()).collect();
    let joined = expressions.join(" ");
    let words = joined.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words
        .filter(|word| word.starts_with("tillroll_"))
        .map(|word| word.trim_end_matches("_bucket").to_owned())
        .collect()
}

#[test]
fn the_dashboard_asks_for_what_is_measured_and_shows_all_of_it() {
    assert_eq!(asked_for(), METRICS.map(str::to_owned).into());
}

#[test]
fn the_dashboard_asks_a_data_source_that_is_there() {
    let sources = yaml("grafana/provisioning/datasources/prometheus.yaml");
    let source = &sources["datasources"][0];
    for panel in dashboard()["panels"].as_array().expect("it has panels") {
        assert_eq!(panel["datasource"]["uid"], source["uid"], "{}", panel["title"]);
    }
    assert_eq!(source["url"], "http://prometheus:9090");
    assert!(services().contains_key("prometheus"));
}

#[test]
fn the_dashboard_is_where_grafana_looks_for_it() {
    let providers = yaml("grafana/provisioning/dashboards/tillroll.yaml");
    let folder = providers["providers"][0]["options"]["path"]
        .as_str()
        .expect("it has a folder");
    let services = services();
    let volumes = services["grafana"]["volumes"].as_array().expect("it has volumes");
    let mounted = format!("./grafana/dashboards:{folder}:ro");
    assert!(volumes.iter().any(|volume| *volume == mounted), "{mounted}");
}

#[test]
fn the_shop_is_scraped_where_it_listens() {
    let prometheus = yaml("prometheus.yml");
    let target = prometheus["scrape_configs"][0]["static_configs"][0]["targets"][0].as_str();
    assert_eq!(target, Some("tillroll:8080"));
    let services = services();
    let listen = services["tillroll"]["environment"]["TILLROLL_LISTEN"].as_str();
    assert_eq!(listen, Some("0.0.0.0:8080"));
}
