//! Every event, by aggregate. A new event stops every reader at compile time; a new aggregate stops none.

use serde::Serialize;
use strum::VariantNames;

use crate::stream::Topic;
use crate::{catalog, inventory, sales, shop};

macro_rules! events {
    ($($(#[$doc:meta])* $aggregate:ident: $topic:ident = $event:path;)+) => {
        /// Something that happened to an aggregate.
        ///
        /// Serializes as the aggregate's own event (one flat union per topic in Avro).
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
        #[serde(untagged)]
        #[expect(clippy::large_enum_variant, reason = "events live as long as one commit is handled, a few at a time")]
        pub enum Event {
            $($(#[$doc])* $aggregate($event),)+
        }

        impl Event {
            /// Its name: unique within its topic, and the storage format.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$aggregate(event) => event.into(),)+
                }
            }

            /// The topic it is written to.
            #[must_use]
            pub fn topic(&self) -> Topic {
                match self {
                    $(Self::$aggregate(_) => Topic::$topic,)+
                }
            }

            /// The names of all events of a topic, in the order of its union.
            #[must_use]
            pub fn names(topic: Topic) -> Vec<&'static str> {
                let mut names = Vec::new();
                $(if topic == Topic::$topic {
                    names.extend_from_slice(<$event>::VARIANTS);
                })+
                names
            }

            /// Reads the event called `name` of `topic` from what `access` holds for it.
            ///
            /// # Errors
            /// An unknown name, or whatever the deserializer says.
            pub fn deserialize_named<'de, A: serde::de::EnumAccess<'de>>(
                topic: Topic,
                name: &str,
                access: A,
            ) -> Result<Self, A::Error> {
                use serde::Deserialize;
                use serde::de::value::EnumAccessDeserializer;
                $(if topic == Topic::$topic && <$event>::VARIANTS.contains(&name) {
                    return <$event>::deserialize(EnumAccessDeserializer::new(access)).map(Self::$aggregate);
                })+
                Err(serde::de::Error::custom(format_args!("{topic} knows no event {name}")))
            }
        }

        $(impl From<$event> for Event {
            fn from(event: $event) -> Self {
                Self::$aggregate(event)
            }
        })+
    };
}

events! {
    /// To a category.
    Category: Catalog = catalog::category::Event;
    /// To a product.
    Product: Catalog = catalog::product::Event;
    /// To a unique name.
    Name: Catalog = catalog::name::Event;
    /// To a stock item.
    StockItem: Inventory = inventory::item::Event;
    /// To a hold.
    Hold: Inventory = inventory::hold::Event;
    /// To a cart.
    Cart: Sales = sales::cart::Event;
    /// To an order.
    Order: Sales = sales::order::Event;
    /// To a checkout.
    Checkout: Sales = sales::checkout::Event;
    /// To a counter of order numbers.
    OrderCounter: Sales = sales::counter::Event;
    /// To the shop.
    Shop: Shop = shop::settings::Event;
    /// To a projection's generations.
    Generation: Shop = shop::generation::Event;
    /// To a shard's commits that cannot be read.
    Skips: Shop = shop::skips::Event;
}
