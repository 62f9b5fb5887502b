use domain::shop::settings::Settings;

use super::*;
use crate::testkit::{folded, shape};

fn configured(name: &str) -> Event {
    let settings = Settings {
        name: name.to_owned(),
        ..Settings::default()
    };
    settings::Event::ShopConfigured { settings }.into()
}

#[test]
fn the_last_settings_are_shown() {
    let (view, rows) = folded::<ShopSettings>(&StreamId::Shop, &[configured("First"), configured("Second")]);
    assert_eq!(view.settings.name, "Second");
    assert!(rows.is_empty());
}

#[test]
fn generations_are_no_settings() {
    assert_eq!(ShopSettings::view_key(&StreamId::Generation("cart".to_owned())), None);
}

#[test]
fn stored_settings_look_as_they_did() {
    assert_eq!(
        shape::<ShopSettings>(&StreamId::Shop, &[configured("Shop")]),
        0xb80b_c5b9_0577_1d85
    );
}
