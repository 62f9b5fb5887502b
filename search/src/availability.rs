//! Availability: what is kept of each product, and what it means under the shop's threshold of today.

use serde::{Deserialize, Serialize};

/// Whether something of a product can be bought now, the best of its variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// It cannot.
    OutOfStock,
    /// It can, and comes later.
    Backorder,
    /// It can, and there is not much left.
    LowStock,
    /// It can.
    InStock,
}

impl Level {
    /// All of them, the best first.
    pub const ALL: [Self; 4] = [Self::InStock, Self::LowStock, Self::Backorder, Self::OutOfStock];

    /// As [`LEVEL`] gives it.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::OutOfStock => 0,
            Self::Backorder => 1,
            Self::LowStock => 2,
            Self::InStock => 3,
        }
    }

    pub(crate) fn of_number(number: i64) -> Self {
        let known = Self::ALL.into_iter().find(|level| level.number() == number);
        known.unwrap_or(Self::OutOfStock)
    }
}

/// The level of the product `p`, as a number. Its one parameter is the shop's threshold, which may change without
/// any product changing.
pub(crate) const LEVEL: &str = "(CASE WHEN p.surplus > 0 OR p.unmarked > max(0, ?) THEN 3 WHEN p.available > 0 THEN 2 \
     WHEN p.promisable > 0 THEN 1 ELSE 0 END)";

/// Brings what is kept of a product (its one parameter) up to its variants' stock. `surplus`: how far the best
/// variant with a threshold of its own is above it; `unmarked`: pieces of the best variant without one;
/// `available` and `promisable`: pieces of the best variant, without and with back-orders. A variant whose pieces
/// are not counted is always there.
pub(crate) const REFRESH: &str = "
UPDATE product SET (surplus, unmarked, available, promisable) = (
  SELECT
    coalesce(max(CASE WHEN NOT tracks THEN 1 WHEN threshold IS NOT NULL THEN available - max(0, threshold) END), 0),
    coalesce(max(CASE WHEN tracks AND threshold IS NULL THEN available END), 0),
    coalesce(max(CASE WHEN tracks THEN available END), 0),
    coalesce(max(CASE WHEN tracks THEN promisable END), 0)
  FROM sku WHERE sku.product = ?1)
WHERE id = ?1";
