//! One event of each kind, with every field set: the golden files and the round trips are made of these.

mod catalog;
mod inventory;
mod sales;
mod shop;

use domain::Event;
use domain::stream::Topic;
use domain::value::{Currency, LocalizedText, Money, Sealed, Sku, Timestamp};
use strum::IntoEnumIterator;
use uuid::Uuid;

/// The samples of a topic.
pub(crate) fn of(topic: Topic) -> Vec<Event> {
    match topic {
        Topic::Catalog => catalog::samples(),
        Topic::Inventory => inventory::samples(),
        Topic::Sales => sales::samples(),
        Topic::Shop => shop::samples(),
    }
}

#[test]
fn every_event_has_a_sample() {
    for topic in Topic::iter() {
        let samples = of(topic);
        let mut sampled: Vec<_> = samples.iter().map(Event::name).collect();
        let mut names = Event::names(topic);
        sampled.sort_unstable();
        names.sort_unstable();
        assert_eq!(sampled, names, "{topic}");
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn text(english: &str, german: &str) -> LocalizedText {
    let pairs = [("de", german), ("en", english)];
    LocalizedText(pairs.map(|(locale, text)| (locale.to_owned(), text.to_owned())).into())
}

fn pairs<const COUNT: usize>(pairs: [(&str, &str); COUNT]) -> std::collections::BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn euros(amount: i64) -> Money {
    Money {
        amount,
        currency: Currency::EUR,
    }
}

fn sku(text: &str) -> Sku {
    text.parse().expect("the sample is a SKU")
}

fn moment(seconds: i64) -> Timestamp {
    Timestamp(1_700_000_000_000 + seconds * 1_000)
}

fn sealed(subject: u128, ciphertext: &str) -> Sealed {
    Sealed {
        subject: id(subject).to_string(),
        key_id: 1,
        nonce: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX".to_owned(),
        ciphertext: ciphertext.to_owned(),
    }
}
