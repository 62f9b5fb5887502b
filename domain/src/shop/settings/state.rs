//! What is known of the shop.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::{Event, Settings};

/// The shop: as it was configured last, or as it comes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Shop {
    /// Nobody has configured it: [`Settings::default`] holds.
    #[default]
    AsItComes,
    /// It works like this.
    Configured(Settings),
}

impl Shop {
    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::ShopConfigured { settings } => *self = Self::Configured(settings.clone()),
        }
    }
}

impl Deref for Shop {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        static AS_IT_COMES: std::sync::LazyLock<Settings> = std::sync::LazyLock::new(Settings::default);
        match self {
            Self::AsItComes => &AS_IT_COMES,
            Self::Configured(settings) => settings,
        }
    }
}
