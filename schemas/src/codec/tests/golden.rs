//! Every form that an event was ever written in stays in `golden/` and must still be read.
//!
//! `golden/<topic>/<Event>.hex` is a payload with one event, `<Event>.json` what it reads as. A form that
//! was released is never overwritten: a later one stands beside it as `<Event>.2.hex`.
//! `UPDATE_GOLDEN=1 cargo test -p schemas` writes what is missing; read the difference before you commit it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use domain::Event;
use domain::stream::Topic;
use serde_json::Value;
use strum::IntoEnumIterator;

use super::{codec, from_json, samples, to_json};
use crate::codec::HEADER_BYTES;
use crate::ids::{MemoryIds, SchemaIds};
use crate::versions::{subject, versions};

const BYTES_PER_LINE: usize = 32;

fn folder(topic: Topic) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(topic.name())
}

/// The file name of an event's form, without its ending: forms count from 1.
fn stem(name: &str, form: usize) -> String {
    if form == 1 {
        name.to_owned()
    } else {
        format!("{name}.{form}")
    }
}

/// All forms of an event, oldest first.
fn forms(topic: Topic, name: &str) -> Vec<Vec<u8>> {
    let paths = (1..).map(|form| folder(topic).join(stem(name, form)).with_added_extension("hex"));
    paths
        .map_while(|path| fs::read_to_string(path).ok())
        .map(|text| from_hex(&text))
        .collect()
}

fn reading(topic: Topic, name: &str, form: usize) -> Value {
    let path = folder(topic).join(stem(name, form)).with_added_extension("json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("a golden reading is JSON")
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("digits are text"), 16);
    digits
        .chunks(2)
        .map(|pair| byte(pair).expect("a golden payload is hexadecimal"))
        .collect()
}

fn to_hex(bytes: &[u8]) -> String {
    let line = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n";
    bytes.chunks(BYTES_PER_LINE).map(line).collect()
}

/// The header of what is written with a released schema, which is all but the last.
fn is_released(topic: Topic, payload: &[u8]) -> bool {
    let ids = MemoryIds::default();
    let released = versions(topic).split_last().map_or(&[][..], |(_, released)| released);
    let header = |schema| {
        ids.id_of(&subject(topic), schema)
            .expect("a released schema is good")
            .to_be_bytes()
    };
    released.iter().any(|schema| payload[1..HEADER_BYTES] == header(schema))
}

#[test]
fn every_event_is_written_as_its_newest_golden_form() {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        Topic::iter().for_each(update);
    }
    for topic in Topic::iter() {
        for event in samples::of(topic) {
            let name = event.name();
            let forms = forms(topic, name);
            let golden = forms
                .last()
                .unwrap_or_else(|| panic!("{topic} has no golden form of {name}"));
            let written = codec().encode(topic, &[event]).expect("the event fits its schema");
            // A later schema has another number; what follows it must stay.
            assert_eq!(
                to_hex(&written[HEADER_BYTES..]),
                to_hex(&golden[HEADER_BYTES..]),
                "{topic} {name}"
            );
        }
    }
}

#[test]
fn every_golden_form_still_reads_as_it_did() {
    for topic in Topic::iter() {
        for name in Event::names(topic) {
            for (place, payload) in forms(topic, name).iter().enumerate() {
                let expected = from_json(topic, reading(topic, name, place + 1));
                assert_eq!(codec().decode(topic, payload), Ok(vec![expected]), "{topic} {name}");
            }
        }
    }
}

#[test]
fn no_golden_file_is_left_over() {
    for topic in Topic::iter() {
        let mut expected = BTreeSet::new();
        for name in Event::names(topic) {
            for form in 1..=forms(topic, name).len() {
                expected.extend(["hex", "json"].map(|ending| format!("{}.{ending}", stem(name, form))));
            }
        }
        let files = fs::read_dir(folder(topic)).expect("the topic has golden files");
        let names = files.map(|file| file.expect("the entry is readable").file_name());
        let found: BTreeSet<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        assert_eq!(found, expected, "{topic}");
    }
}

fn update(topic: Topic) {
    fs::create_dir_all(folder(topic)).expect("the folder can be made");
    for event in samples::of(topic) {
        let name = event.name();
        let forms = forms(topic, name);
        let payload = codec()
            .encode(topic, std::slice::from_ref(&event))
            .expect("the event fits its schema");
        let form = match forms.last() {
            Some(newest) if !is_released(topic, newest) => forms.len(),
            Some(newest) if newest[HEADER_BYTES..] == payload[HEADER_BYTES..] => continue,
            Some(_) => forms.len() + 1,
            None => 1,
        };
        let path = folder(topic).join(stem(name, form));
        let json = serde_json::to_string_pretty(&to_json(&event)).expect("an event is serializable") + "\n";
        fs::write(path.with_added_extension("hex"), to_hex(&payload)).expect("the payload can be written");
        fs::write(path.with_added_extension("json"), json).expect("the reading can be written");
    }
}
