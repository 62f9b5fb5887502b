//! Streams: where an aggregate's events live, and which shard writes them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use thiserror::Error;
use uuid::Uuid;

use crate::value::{CartId, CategoryId, CheckoutId, OrderId, ProductId, ReservationId, Sku, Slug};

/// A bounded context with a topic of its own in the log. The names are the storage format.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
)]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Topic {
    /// Products, categories and the names that make them unique. One partition.
    Catalog,
    /// Stock items and the holds on them.
    Inventory,
    /// Carts, orders and checkouts.
    Sales,
    /// The shop's settings and the generations of its read models. One partition.
    Shop,
}

impl Topic {
    /// Whether the whole context is one shard, because its rules are about uniqueness and its writes are few.
    #[must_use]
    pub fn is_single_shard(self) -> bool {
        matches!(self, Self::Catalog | Self::Shop)
    }

    /// Its name in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One shard: a partition of a topic, with one writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Shard {
    /// The context.
    pub topic: Topic,
    /// Which of its partitions, from 0.
    pub partition: u32,
}

/// Written `sales.3`.
impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.topic.name(), self.partition)
    }
}

/// A text that names no stream or shard.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} names no stream or shard")]
pub struct UnknownName(pub String);

impl FromStr for Shard {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownName(text.to_owned());
        let (topic, partition) = text.split_once('.').ok_or_else(unknown)?;
        Ok(Self {
            topic: topic.parse().map_err(|_| unknown())?,
            partition: partition.parse().map_err(|_| unknown())?,
        })
    }
}

/// What a unique name of the catalogue names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NameKey {
    /// A product's slug.
    ProductSlug(Slug),
    /// A category's slug.
    CategorySlug(Slug),
    /// A variant's SKU.
    Sku(Sku),
}

/// The stream of one aggregate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StreamId {
    /// A category.
    Category(CategoryId),
    /// A product.
    Product(ProductId),
    /// A unique name in the catalogue.
    Name(NameKey),
    /// The stock of a SKU at a location.
    StockItem(Sku, Location),
    /// What one reservation holds of a SKU at a location.
    Hold(Sku, Location, ReservationId),
    /// A cart.
    Cart(CartId),
    /// The order a cart became.
    Order(OrderId),
    /// The process that turns a cart into an order.
    Checkout(CheckoutId),
    /// The counter behind the order numbers of one sales shard.
    OrderCounter(u32),
    /// The shop's settings.
    Shop,
    /// The generations of one projection, by its name.
    Generation(String),
    /// The commits of one shard that an operator has decided to do without.
    Skips(Shard),
}

/// Where stock lies: `a-z`, `0-9` and hyphens, at most 64 characters; `main` unless told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Location(Slug);

impl Default for Location {
    fn default() -> Self {
        Self("main".parse().unwrap_or_else(|_| unreachable!("`main` is a slug")))
    }
}

impl Location {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Most characters of a location's name.
pub const LOCATION_CHARS_MAX: usize = 64;

impl FromStr for Location {
    type Err = crate::value::ValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let slug: Slug = text.parse()?;
        if text.len() > LOCATION_CHARS_MAX {
            Err(crate::value::ValueError::TooLong(LOCATION_CHARS_MAX))
        } else {
            Ok(Self(slug))
        }
    }
}

impl StreamId {
    /// The topic that its events are written to.
    #[must_use]
    pub fn topic(&self) -> Topic {
        match self {
            Self::Category(_) | Self::Product(_) | Self::Name(_) => Topic::Catalog,
            Self::StockItem(..) | Self::Hold(..) => Topic::Inventory,
            Self::Cart(_) | Self::Order(_) | Self::Checkout(_) | Self::OrderCounter(_) => Topic::Sales,
            Self::Shop | Self::Generation(_) | Self::Skips(_) => Topic::Shop,
        }
    }

    /// The shard that writes it, in a log whose topics of many shards have `partitions` each.
    #[must_use]
    pub fn shard(&self, partitions: u32) -> Shard {
        let topic = self.topic();
        let partition = match self {
            _ if topic.is_single_shard() => 0,
            Self::OrderCounter(partition) => *partition,
            _ => partition_of(self.routing_key(&mut Uuid::encode_buffer()), partitions),
        };
        Shard { topic, partition }
    }

    /// The text whose hash chooses the shard: streams that must change together share it.
    fn routing_key<'a>(&'a self, id_text: &'a mut [u8]) -> &'a str {
        match self {
            Self::StockItem(sku, _) | Self::Hold(sku, ..) => sku.as_str(),
            Self::Cart(CartId(id)) | Self::Order(OrderId(id)) | Self::Checkout(CheckoutId(id)) => {
                id.as_hyphenated().encode_lower(id_text)
            }
            Self::Category(_)
            | Self::Product(_)
            | Self::Name(_)
            | Self::OrderCounter(_)
            | Self::Shop
            | Self::Generation(_)
            | Self::Skips(_) => "",
        }
    }
}

/// Which of `partitions` a routing key belongs to: FNV-1a of 64 bits, finished by the mixer of
/// `MurmurHash3`, modulo the count. Pinned: golden vectors hold it, because a log depends on it for ever.
#[must_use]
pub fn partition_of(routing_key: &str, partitions: u32) -> u32 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in routing_key.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^= hash >> 33;
    u32::try_from(hash % u64::from(partitions.max(1))).unwrap_or(0)
}

/// Written `kind/key`, the key's last part being the free one: `stock/main/LAMP-1`.
impl fmt::Display for StreamId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Category(id) => write!(formatter, "category/{id}"),
            Self::Product(id) => write!(formatter, "product/{id}"),
            Self::Name(NameKey::ProductSlug(slug)) => write!(formatter, "name/product/{slug}"),
            Self::Name(NameKey::CategorySlug(slug)) => write!(formatter, "name/category/{slug}"),
            Self::Name(NameKey::Sku(sku)) => write!(formatter, "name/sku/{sku}"),
            Self::StockItem(sku, location) => write!(formatter, "stock/{}/{sku}", location.as_str()),
            Self::Hold(sku, location, reservation) => {
                write!(formatter, "hold/{reservation}/{}/{sku}", location.as_str())
            }
            Self::Cart(id) => write!(formatter, "cart/{id}"),
            Self::Order(id) => write!(formatter, "order/{id}"),
            Self::Checkout(id) => write!(formatter, "checkout/{id}"),
            Self::OrderCounter(partition) => write!(formatter, "order-counter/{partition}"),
            Self::Shop => write!(formatter, "shop"),
            Self::Generation(projection) => write!(formatter, "generation/{projection}"),
            Self::Skips(shard) => write!(formatter, "skips/{shard}"),
        }
    }
}

impl FromStr for StreamId {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| UnknownName(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<StreamId> {
    if text == "shop" {
        return Some(StreamId::Shop);
    }
    let (kind, key) = text.split_once('/')?;
    Some(match kind {
        "category" => StreamId::Category(key.parse().ok()?),
        "product" => StreamId::Product(key.parse().ok()?),
        "name" => StreamId::Name(match key.split_once('/')? {
            ("product", slug) => NameKey::ProductSlug(slug.parse().ok()?),
            ("category", slug) => NameKey::CategorySlug(slug.parse().ok()?),
            ("sku", sku) => NameKey::Sku(sku.parse().ok()?),
            _ => return None,
        }),
        "stock" => {
            let (location, sku) = key.split_once('/')?;
            StreamId::StockItem(sku.parse().ok()?, location.parse().ok()?)
        }
        "hold" => {
            let mut parts = key.splitn(3, '/');
            let (reservation, location, sku) = (parts.next()?, parts.next()?, parts.next()?);
            StreamId::Hold(sku.parse().ok()?, location.parse().ok()?, reservation.parse().ok()?)
        }
        "cart" => StreamId::Cart(key.parse().ok()?),
        "order" => StreamId::Order(key.parse().ok()?),
        "checkout" => StreamId::Checkout(key.parse().ok()?),
        "order-counter" => StreamId::OrderCounter(key.parse().ok()?),
        "skips" => StreamId::Skips(key.parse().ok()?),
        "generation" if !key.is_empty() => StreamId::Generation(key.to_owned()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
