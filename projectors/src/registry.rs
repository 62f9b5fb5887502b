//! The projections of the shop, without their types.

use std::sync::Arc;

use domain::stream::{Shard, StreamId, Topic, partition_of};
use futures::FutureExt;
use read_store::model::Versioned;
use read_store::{Answer, Generation, Key, ReadStore, Row, Table, Value};

use crate::projection::Projection;
use crate::projections::{Carts, Categories, Orders, Products, ShopSettings, Stock};
use crate::projector::{AnyProjector, Projector, tables};

/// A projector that is about to be opened.
type Opening = Answer<'static, Box<dyn AnyProjector>>;

/// A projection without its types.
pub(crate) struct Registered {
    pub(crate) name: &'static str,
    pub(crate) version: u32,
    pub(crate) topics: &'static [Topic],
    /// What queries read, and parity is about.
    pub(crate) tables: &'static [&'static Table],
    /// Where commits wait that cannot be read.
    pub(crate) parked: &'static Table,
    describe: fn(&[u8]) -> Option<String>,
    all_tables: fn() -> Vec<&'static Table>,
    open: fn(Arc<dyn ReadStore>, Generation) -> Opening,
    open_one: fn(Arc<dyn ReadStore>, Generation, String) -> Opening,
    /// The view that a stream feeds.
    pub(crate) view_key: fn(&StreamId) -> Option<Key>,
}

/// All projections, those first that others are joined with.
pub(crate) static PROJECTIONS: [Registered; 6] = [
    registered::<ShopSettings>(),
    registered::<Categories>(),
    registered::<Products>(),
    registered::<Stock>(),
    registered::<Carts>(),
    registered::<Orders>(),
];

/// The names of all projections.
pub fn projection_names() -> impl ExactSizeIterator<Item = &'static str> {
    PROJECTIONS.iter().map(|registered| registered.name)
}

/// The projection of this name.
pub(crate) fn projection(name: &str) -> Option<&'static Registered> {
    PROJECTIONS.iter().find(|registered| registered.name == name)
}

const fn registered<P: Projection>() -> Registered {
    Registered {
        name: P::NAME,
        version: P::VERSION,
        topics: P::TOPICS,
        tables: P::TABLES,
        parked: P::PARKED,
        describe: describe::<P>,
        all_tables: tables::<P>,
        open: open::<P>,
        open_one: open_one::<P>,
        view_key: P::view_key,
    }
}

fn open<P: Projection>(store: Arc<dyn ReadStore>, generation: Generation) -> Opening {
    async move {
        let projector: Box<dyn AnyProjector> = Box::new(Projector::<P>::open(store, generation).await?);
        Ok(projector)
    }
    .boxed()
}

fn open_one<P: Projection>(store: Arc<dyn ReadStore>, generation: Generation, view: String) -> Opening {
    async move {
        let projector: Box<dyn AnyProjector> = Box::new(Projector::<P>::open_one(store, generation, view).await?);
        Ok(projector)
    }
    .boxed()
}

/// A stored view in words; none of what is no view. Personal fields are sealed in it.
fn describe<P: Projection>(bytes: &[u8]) -> Option<String> {
    let row = Row {
        key: Key::of(String::new()),
        values: vec![Value::Blob(bytes.to_vec())],
    };
    let view = Versioned::<P::View>::of_row(&row).ok()?;
    Some(format!("{view:?}"))
}

impl Registered {
    /// A stored view in words; none of what is no view.
    pub(crate) fn describe(&self, bytes: &[u8]) -> Option<String> {
        (self.describe)(bytes)
    }

    /// Opens a generation where it stands, and creates its tables unless they are there.
    pub(crate) fn open(&self, store: Arc<dyn ReadStore>, generation: Generation) -> Opening {
        (self.open)(store, generation)
    }

    /// Opens a generation for one view.
    pub(crate) fn open_one(&self, store: Arc<dyn ReadStore>, generation: Generation, view: &str) -> Opening {
        (self.open_one)(store, generation, view.to_owned())
    }

    /// The one of its shards that feeds a view. A view's key is what its streams are routed by.
    pub(crate) fn shard_of_view(&self, key: &str, shards: &[Shard], partitions: u32) -> Option<Shard> {
        let of_partition =
            |shard: &&Shard| shard.topic.is_single_shard() || shard.partition == partition_of(key, partitions);
        shards.iter().find(of_partition).copied()
    }

    /// All its tables, with that of parked commits.
    pub(crate) fn all_tables(&self) -> Vec<&'static Table> {
        (self.all_tables)()
    }

    /// Those of `shards` that it reads.
    pub(crate) fn shards(&self, shards: &[Shard]) -> Vec<Shard> {
        shards
            .iter()
            .filter(|shard| self.topics.contains(&shard.topic))
            .copied()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_views_key_says_which_shard_feeds_it() {
        const PARTITIONS: u32 = 16;
        let mut all = Vec::new();
        for topic in [Topic::Catalog, Topic::Inventory, Topic::Sales, Topic::Shop] {
            let partitions = if topic.is_single_shard() { 1 } else { PARTITIONS };
            all.extend((0..partitions).map(|partition| Shard { topic, partition }));
        }
        let mut streams = vec![StreamId::Shop];
        for number in 0..50 {
            let id = Uuid::from_u128(number);
            for kind in ["cart", "order", "product", "category"] {
                streams.push(format!("{kind}/{id}").parse().expect("a stream"));
            }
            streams.push(format!("stock/north/LAMP-{number}").parse().expect("a stream"));
        }
        let mut seen = 0;
        for stream in &streams {
            for registered in &PROJECTIONS {
                if let Some(key) = (registered.view_key)(stream) {
                    let shards = registered.shards(&all);
                    let shard = registered.shard_of_view(&key.partition, &shards, PARTITIONS);
                    assert_eq!(shard, Some(stream.shard(PARTITIONS)), "{stream}");
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, streams.len(), "each of them feeds a view");
    }
}
