use std::path::Path;

use domain::Event;
use domain::catalog::{category, product};
use domain::inventory::item::{self, Levels};
use domain::stream::{Location, StreamId};
use domain::value::{CategoryId, Currency};
use read_store::MemoryStore;
use search::{Criteria, Filter, Level, SearchIndex, Slice, Sort};
use tempfile::TempDir;

use super::*;
use crate::testkit::samples::{
    category_stream, description, euros, facts, frozen_line, order_stream, placed, product_stream, sku, slug, uuid,
};
use crate::testkit::{TestLog, must};

/// A feed over a log, and the index that it feeds.
struct Fed {
    feed: SearchFeed,
    index: SearchIndex,
    log: Arc<dyn EventLog>,
    store: Arc<dyn ReadStore>,
    follower: Follower,
}

impl Fed {
    fn start(log: &TestLog, folder: &TempDir) -> Self {
        let (writer, index) = SearchIndex::open(&path(folder), SEARCH_FOLDS).expect("an index can be opened");
        let parts = log.parts(Arc::new(MemoryStore::new()));
        let (follower, store) = (parts.follower.clone(), Arc::clone(&parts.store));
        let feed = SearchFeed::start(SearchFeedParts {
            writer,
            log: Arc::clone(&parts.log),
            follower: parts.follower,
            store: parts.store,
            active: parts.active,
        });
        Self {
            feed: feed.expect("the system gives a thread"),
            index,
            log: parts.log,
            store,
            follower,
        }
    }

    /// Whether everything that is in the log now is in the index: in a test's log, one claim and then commits only.
    fn has_all(&self) -> bool {
        let progress = self.store.progress();
        let shards = self.log.shards();
        let of_index = shards.into_iter().filter(|shard| TOPICS.contains(&shard.topic));
        let mut ends = of_index.map(|shard| (shard, self.log.known_end(shard).expect("a log in memory has an end")));
        ends.all(|(shard, end)| progress.seq(PROJECTION, GENERATION, shard).cast_signed() >= end - 1)
    }

    /// The products that fit, once everything that is in the log now is in the index.
    async fn numbers(&self, filter: Filter, sort: Sort) -> Vec<u128> {
        must(self.feed.wait_until_caught_up()).await;
        must(async {
            while !self.has_all() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        let criteria = Criteria {
            query: None,
            filter,
            sort,
            currency: Currency::EUR,
            low_stock_threshold: 5,
        };
        let slice = Slice {
            limit: 100,
            ..Slice::default()
        };
        let hits = self.index.page(criteria, slice).await.expect("it answers");
        hits.iter().map(|hit| hit.product.0.as_u128()).collect()
    }

    async fn stop(self) {
        let stopping = tokio::task::spawn_blocking(move || {
            self.follower.stop();
            self.feed.join();
        });
        must(stopping).await.expect("it stops");
    }
}

fn path(folder: &TempDir) -> std::path::PathBuf {
    Path::join(folder.path(), "search.db")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

/// A published product in a category, with a variant of this SKU.
fn product_events(number: u128, sku_text: &str) -> Vec<(StreamId, Event)> {
    let events: Vec<Event> = vec![
        product::Event::ProductDrafted {
            description: description(&format!("product-{number}"), "Lamp"),
        }
        .into(),
        product::Event::VariantAdded {
            sku: sku(sku_text),
            facts: product::VariantFacts {
                tracks_stock: true,
                ..facts()
            },
        }
        .into(),
        product::Event::VariantPriced {
            sku: sku(sku_text),
            price: euros(500),
            compare_at: None,
        }
        .into(),
        product::Event::ProductPlaced {
            category: CategoryId(uuid(50)),
        }
        .into(),
        product::Event::ProductPublished {}.into(),
    ];
    events
        .into_iter()
        .map(|event| (product_stream(number), event))
        .collect()
}

fn received(sku_text: &str, on_hand: i64) -> (StreamId, Event) {
    let event = item::Event::StockReceived {
        quantity: on_hand,
        levels_after: Levels {
            on_hand,
            ..Levels::default()
        },
    };
    (StreamId::StockItem(sku(sku_text), Location::default()), event.into())
}

fn category_opened() -> (StreamId, Event) {
    let event = category::Event::CategoryOpened {
        slug: slug("lights"),
        name: domain::value::LocalizedText::of("en", "Lights"),
        parent: None,
    };
    (category_stream(50), event.into())
}

fn in_stock() -> Filter {
    Filter {
        availability: vec![Level::InStock],
        category: Some(CategoryId(uuid(50))),
        ..Filter::default()
    }
}

#[tokio::test]
async fn products_stock_and_sales_are_found_as_the_log_has_them() {
    let (log, folder) = (TestLog::new(), folder());
    log.write(&[category_opened()]);
    log.write(&[received("LAMP-2", 9)]);
    for number in 1..=2 {
        log.write(&product_events(number, &format!("LAMP-{number}")));
    }
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await, [2, 1]);
    assert_eq!(fed.numbers(in_stock(), Sort::Newest).await, [2]);
    log.write(&[received("LAMP-1", 9)]);
    assert_eq!(fed.numbers(in_stock(), Sort::Newest).await, [2, 1]);
    log.write(&[(product_stream(2), product::Event::ProductUnpublished {}.into())]);
    assert_eq!(fed.numbers(in_stock(), Sort::Newest).await, [1]);
    fed.stop().await;
}

#[tokio::test]
async fn what_was_sold_is_counted_once_however_often_the_feed_begins() {
    let (log, folder) = (TestLog::new(), folder());
    for number in 1..=3 {
        log.write(&product_events(number, &format!("LAMP-{number}")));
    }
    let line = |product: u128, quantity| {
        let mut line = frozen_line(product, quantity);
        line.product = domain::value::ProductId(uuid(product));
        line
    };
    log.write(&[(order_stream(1), placed("A", vec![line(1, 2)]))]);
    log.write(&[(order_stream(2), placed("B", vec![line(2, 3)]))]);
    for _ in 0..3 {
        let fed = Fed::start(&log, &folder);
        assert_eq!(fed.numbers(Filter::default(), Sort::BestSelling).await, [2, 1, 3]);
        fed.stop().await;
    }
    // Counted twice, two pieces more would not be enough.
    log.write(&[(order_stream(3), placed("C", vec![line(1, 2)]))]);
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::BestSelling).await, [1, 2, 3]);
    fed.stop().await;
}

#[tokio::test]
async fn a_lost_file_is_made_again_from_the_log() {
    let (log, folder) = (TestLog::new(), folder());
    log.write(&product_events(1, "LAMP-1"));
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await, [1]);
    fed.stop().await;
    std::fs::remove_file(path(&folder)).expect("the file is there");
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await, [1]);
    fed.stop().await;
}

#[tokio::test]
async fn an_index_of_another_log_is_made_again_from_this_one() {
    let folder = folder();
    let log = TestLog::new();
    log.write(&product_events(1, "LAMP-1"));
    log.write(&product_events(2, "LAMP-2"));
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await, [2, 1]);
    fed.stop().await;
    let another = TestLog::new();
    another.write(&product_events(3, "LAMP-3"));
    let fed = Fed::start(&another, &folder);
    let found = async {
        while fed.numbers(Filter::default(), Sort::Newest).await != [3] {
            tokio::task::yield_now().await;
        }
    };
    must(found).await;
    fed.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_stands_still_alone_and_is_read_again_at_the_next_start() {
    let (log, folder) = (TestLog::new(), folder());
    log.write(&product_events(1, "LAMP-1"));
    log.write_poison(&product_events(2, "LAMP-2"));
    log.write(&[(product_stream(2), product::Event::ProductPublished {}.into())]);
    log.write(&product_events(3, "LAMP-3"));
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await, [3, 1]);
    fed.stop().await;
    log.heal();
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await, [3, 2, 1]);
    fed.stop().await;
}
