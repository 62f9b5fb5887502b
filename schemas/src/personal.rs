//! What is inside the sealed fields: names and plain forms that whoever seals and whoever opens agree on.

use serde::{Deserialize, Serialize};

/// The field that holds a mail address.
pub const EMAIL: &str = "email";
/// The field that holds a telephone number.
pub const PHONE: &str = "phone";
/// The field that holds the [`Address`] parcels go to, as JSON.
pub const SHIPPING_ADDRESS: &str = "shipping_address";
/// The field that holds the [`Address`] that is invoiced, as JSON.
pub const BILLING_ADDRESS: &str = "billing_address";
/// The field that holds a note on an order.
pub const NOTE: &str = "note";

/// A postal address. What it does not have is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Who lives there.
    pub name: String,
    /// Street and number.
    pub line1: String,
    /// Floor, company, care of.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub line2: String,
    /// Town.
    pub city: String,
    /// Postal code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub postal_code: String,
    /// State, province, county.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// ISO 3166 alpha-2.
    pub country: String,
}
