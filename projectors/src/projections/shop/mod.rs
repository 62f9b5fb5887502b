//! The shop's settings.

use domain::shop::settings;
use domain::stream::{StreamId, Topic};
use domain::value::Timestamp;
use domain::{Decided, Event};
use read_store::model::Versioned;
use read_store::model::shop::{PROJECTION, ShopView, TABLES, settings_key};
use read_store::{Key, StoreError, Table};

use crate::projection::{DerivedRow, Projection};

/// The shop's settings.
#[derive(Debug)]
pub struct ShopSettings;

impl Projection for ShopSettings {
    const NAME: &'static str = PROJECTION;
    const VERSION: u32 = 1;
    const TOPICS: &'static [Topic] = &[Topic::Shop];
    const TABLES: &'static [&'static Table] = &TABLES;

    type View = ShopView;

    fn view_key(stream: &StreamId) -> Option<Key> {
        matches!(stream, StreamId::Shop).then(settings_key)
    }

    fn evolve(view: Option<ShopView>, decided: &Decided, _at: Timestamp) -> Option<ShopView> {
        let Event::Shop(event) = &decided.event else {
            return view;
        };
        match event {
            settings::Event::ShopConfigured { settings } => Some(ShopView {
                settings: settings.clone(),
            }),
        }
    }

    fn rows(_view: &Versioned<ShopView>) -> Result<Vec<DerivedRow>, StoreError> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests;
