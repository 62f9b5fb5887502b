use serde_json::Value;

use crate::files::{path, services, text, yaml};

/// The image that is built here and gets its name here.
const OWN_IMAGE: &str = "tillroll:dev";

#[test]
fn it_fits_the_compose_specification() {
    let mut schema: Value = serde_json::from_str(&text("compose-spec/compose-spec.json")).expect("the schema is JSON");
    // It names a version of JSON Schema by an address that is not quite that version's.
    schema.as_object_mut().expect("it is an object").remove("$schema");
    let validator = jsonschema::draft7::new(&schema).expect("it is a schema");
    let compose = yaml("compose.yaml");
    let complaints: Vec<_> = validator
        .iter_errors(&compose)
        .map(|complaint| format!("{}: {complaint}", complaint.instance_path()))
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn the_specification_notices_what_does_not_fit() {
    let mut schema: Value = serde_json::from_str(&text("compose-spec/compose-spec.json")).expect("the schema is JSON");
    schema.as_object_mut().expect("it is an object").remove("$schema");
    let validator = jsonschema::draft7::new(&schema).expect("it is a schema");
    let mut compose = yaml("compose.yaml");
    compose["services"]["kafka"]["helthcheck"] = Value::Null;
    assert!(!validator.is_valid(&compose));
}

#[test]
fn every_image_is_pinned_to_an_exact_version() {
    for (name, service) in services() {
        let image = service["image"]
            .as_str()
            .unwrap_or_else(|| panic!("{name} has no image"));
        if image == OWN_IMAGE {
            continue;
        }
        let (_, tag) = image
            .rsplit_once(':')
            .unwrap_or_else(|| panic!("{name} has no version"));
        let parts = tag.trim_start_matches('v').split('.');
        let is_exact = parts.clone().count() == 3 && parts.clone().all(|part| part.parse::<u32>().is_ok());
        assert!(is_exact, "{name} runs {image}: that may be another one tomorrow");
    }
}

#[test]
fn what_is_waited_for_can_say_that_it_is_ready() {
    let services = services();
    for (name, service) in &services {
        let Some(waited_for) = service["depends_on"].as_object() else {
            continue;
        };
        for (other, how) in waited_for {
            let other_service = services
                .get(other)
                .unwrap_or_else(|| panic!("{name} waits for {other}"));
            let is_healthy = how["condition"] == "service_healthy";
            assert!(
                !is_healthy || other_service["healthcheck"]["test"].is_array(),
                "{other} cannot tell {name} that it is healthy"
            );
        }
    }
    let tillroll = &services["tillroll"]["depends_on"];
    for engine in ["kafka", "registry", "scylla", "cassandra"] {
        assert_eq!(tillroll[engine]["condition"], "service_healthy", "{engine}");
    }
}

#[test]
fn one_of_the_two_databases_runs_by_profile_and_both_answer_to_one_name() {
    let services = services();
    for name in ["scylla", "cassandra"] {
        assert_eq!(services[name]["profiles"][0], name);
        assert_eq!(services[name]["networks"]["default"]["aliases"][0], "cql");
        assert_eq!(services["tillroll"]["depends_on"][name]["required"], false);
    }
    assert_eq!(services["tillroll"]["environment"]["TILLROLL_SCYLLA"], "cql:9042");
}

#[test]
fn nothing_is_open_to_other_machines() {
    for (name, service) in services() {
        for port in service["ports"].as_array().into_iter().flatten() {
            let port = port.as_str().unwrap_or_else(|| panic!("{name}: a port is text"));
            assert!(port.starts_with("127.0.0.1:"), "{name} opens {port} to everybody");
        }
    }
}

#[test]
fn every_file_and_volume_that_is_named_exists() {
    let compose = yaml("compose.yaml");
    for (name, service) in services() {
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let volume = volume.as_str().unwrap_or_else(|| panic!("{name}: a volume is text"));
            let (source, _) = volume.split_once(':').unwrap_or_else(|| panic!("{name}: {volume}"));
            let is_there = match source.strip_prefix("./") {
                Some(file) => path(file).exists(),
                None => compose["volumes"].get(source).is_some(),
            };
            assert!(is_there, "{name}: there is no {source}");
        }
    }
}
