//! The shop's settings.

use domain::shop::settings::Settings;
use serde::{Deserialize, Serialize};

use super::VIEW_COLUMN;
use crate::port::{Key, Table};

/// The projection's name.
pub const PROJECTION: &str = "shop";

/// The settings, once something was configured: one row.
pub static SETTINGS: Table = Table {
    projection: PROJECTION,
    name: "settings",
    columns: &[VIEW_COLUMN],
};

/// All tables of the projection, the views' first.
pub static TABLES: [&Table; 1] = [&SETTINGS];

/// What is shown of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopView {
    /// How it works.
    pub settings: Settings,
}

/// Where the settings are.
#[must_use]
pub fn settings_key() -> Key {
    Key::of("shop".to_owned())
}
