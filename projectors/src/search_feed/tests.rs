use domain::Event;
use domain::catalog::{category, product};
use domain::inventory::item::{self, Levels};
use domain::stream::{Location, StreamId};
use domain::value::{CategoryId, Currency};
use read_store::MemoryStore;
use search::{Changes, Criteria, Filter, Level, SearchIndex, Slice, Sort};
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
        let files = SearchFiles::new(folder.path(), SEARCH_FOLDS);
        let opened = files.open().expect("an index can be opened");
        let index = opened.index.clone();
        let parts = log.parts(Arc::new(MemoryStore::new()));
        let (follower, store) = (parts.follower.clone(), Arc::clone(&parts.store));
        let feed = SearchFeed::start(SearchFeedParts {
            opened,
            files,
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

    /// Rebuilds, and says what comparing has found.
    async fn rebuild(&self) -> Parity {
        must(self.feed.wait_until_caught_up()).await;
        let progress = self.feed.rebuild(RebuildOptions::default());
        let mut progress = progress.expect("nothing is being made");
        let over = must(progress.wait_for(|progress| progress.phase.is_over())).await;
        let over = over.expect("it tells").clone();
        assert_eq!(over.phase, RebuildPhase::Done);
        over.parity.expect("they were compared")
    }

    /// Waits until searches are answered from this file.
    async fn is_answered_from(&self, generation: Generation) {
        let answered = async {
            while self.feed.status().generation != Some(generation) {
                tokio::task::yield_now().await;
            }
        };
        must(answered).await;
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
            self.feed.stop();
        });
        must(stopping).await.expect("it stops");
    }
}

/// Where the index lies that was made first.
fn path(folder: &TempDir) -> std::path::PathBuf {
    SearchFiles::new(folder.path(), SEARCH_FOLDS).path(1)
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

#[tokio::test]
async fn a_rebuild_makes_another_file_that_says_the_same_while_the_log_goes_on() {
    let (log, folder) = (TestLog::new(), folder());
    log.write(&[category_opened()]);
    for number in 1..=20 {
        log.write(&product_events(number, &format!("LAMP-{number}")));
    }
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await.len(), 20);
    let writing = async {
        for number in 21..=40 {
            log.write(&product_events(number, &format!("LAMP-{number}")));
            tokio::task::yield_now().await;
        }
    };
    let (parity, ()) = tokio::join!(fed.rebuild(), writing);
    assert!(parity.is_equal() && parity.rows > 100, "{parity:?}");
    assert_eq!(fed.feed.status().generation, Some(2));
    assert!(!path(&folder).exists(), "one file is kept");
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await.len(), 40);
    assert!(fed.feed.verify().await.expect("it can be compared").is_equal());
    assert_eq!(fed.feed.generations().len(), 1, "what it was compared with is gone");
    fed.stop().await;
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.feed.status().generation, Some(2), "also after a restart");
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await.len(), 40);
    fed.stop().await;
}

#[tokio::test]
async fn a_row_that_does_not_follow_from_the_log_is_found_and_a_rebuild_mends_it() {
    let (log, folder) = (TestLog::new(), folder());
    log.write(&product_events(1, "LAMP-1"));
    log.write(&product_events(2, "LAMP-2"));
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::BestSelling).await, [1, 2]);
    fed.stop().await;
    let opened = SearchFiles::new(folder.path(), SEARCH_FOLDS).open();
    let sold = Changes {
        sold: [(domain::value::ProductId(uuid(2)), 3)].into(),
        ..Changes::default()
    };
    opened
        .expect("it can be opened")
        .writer
        .apply(&sold)
        .expect("it can be written");
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::BestSelling).await, [2, 1]);
    let parity = fed.feed.verify().await.expect("it can be compared");
    assert_eq!(parity.differing, 1, "{parity:?}");
    let columns = parity.differences[0].columns();
    assert_eq!((columns[0].name, columns[0].first.as_str()), ("best", "-3"));
    assert_eq!(fed.rebuild().await.differing, 1);
    assert_eq!(fed.numbers(Filter::default(), Sort::BestSelling).await, [1, 2]);
    assert!(fed.rebuild().await.is_equal());
    fed.stop().await;
}

#[tokio::test]
async fn a_file_that_somebody_takes_away_is_made_again_and_answers_meanwhile() {
    let (log, folder) = (TestLog::new(), folder());
    log.write(&product_events(1, "LAMP-1"));
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await, [1]);
    std::fs::remove_file(path(&folder)).expect("the file is there");
    log.write(&product_events(2, "LAMP-2"));
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await, [2, 1]);
    fed.is_answered_from(2).await;
    assert_eq!(fed.feed.status().stopped, None);
    fed.stop().await;
}

#[tokio::test]
async fn a_file_that_is_overwritten_is_made_again_when_somebody_asks() {
    let (log, folder) = (TestLog::new(), folder());
    for number in 1..=200 {
        log.write(&product_events(number, &format!("LAMP-{number}")));
    }
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await.len(), 100, "a page");
    fed.stop().await;
    // Who writes closes it last: everything is in the file then.
    let opened = SearchFiles::new(folder.path(), SEARCH_FOLDS).open();
    let search::Opened { writer, index, .. } = opened.expect("it can be opened");
    drop(index);
    drop(writer);
    // The beginning is what it was, so that nothing is noticed before somebody asks.
    let file = std::fs::OpenOptions::new().write(true).open(path(&folder));
    let file = file.expect("it is there");
    let half = file.metadata().expect("it has a length").len() / 2;
    let noise = vec![0xa5; usize::try_from(half).expect("a small file")];
    std::os::unix::fs::FileExt::write_all_at(&file, &noise, half).expect("it can be spoiled");
    let fed = Fed::start(&log, &folder);
    let criteria = || Criteria {
        query: None,
        filter: Filter::default(),
        sort: Sort::Newest,
        currency: Currency::EUR,
        low_stock_threshold: 5,
    };
    let healed = async {
        while fed.index.count(criteria()).await != Ok(200) {
            tokio::task::yield_now().await;
        }
    };
    must(healed).await;
    fed.is_answered_from(2).await;
    fed.stop().await;
}

#[tokio::test]
async fn a_file_that_was_begun_is_gone_on_with_at_the_next_start() {
    let (log, folder) = (TestLog::new(), folder());
    log.write(&product_events(1, "LAMP-1"));
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await, [1]);
    fed.stop().await;
    let _half = SearchFiles::new(folder.path(), SEARCH_FOLDS).create(2).expect("a file");
    let fed = Fed::start(&log, &folder);
    fed.is_answered_from(2).await;
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await, [1]);
    fed.stop().await;
}

#[tokio::test]
async fn a_rebuild_that_is_given_up_leaves_nothing_behind_and_a_second_one_is_refused() {
    let (log, folder) = (TestLog::new(), folder());
    log.write(&product_events(1, "LAMP-1"));
    let fed = Fed::start(&log, &folder);
    must(fed.feed.wait_until_caught_up()).await;
    let slow = RebuildOptions {
        records_per_second_max: std::num::NonZeroU32::new(1),
        ..RebuildOptions::default()
    };
    let mut progress = fed.feed.rebuild(slow).expect("nothing is being made");
    assert_eq!(fed.feed.rebuild(slow).err(), Some(RebuildError::Running));
    let _ = must(progress.wait_for(|progress| progress.phase == RebuildPhase::Filling)).await;
    fed.feed.control_rebuild(RebuildControl::Cancel).expect("it runs");
    let over = must(progress.wait_for(|progress| progress.phase.is_over())).await;
    let phase = over.expect("it tells").phase.clone();
    assert_eq!(phase, RebuildPhase::Failed(crate::RebuildFailure::Cancelled));
    assert!(!SearchFiles::new(folder.path(), SEARCH_FOLDS).path(2).exists());
    let held = RebuildOptions {
        is_held: true,
        ..RebuildOptions::default()
    };
    assert_eq!(fed.feed.rebuild(held).err(), Some(RebuildError::OneGeneration));
    fed.stop().await;
}

#[tokio::test]
async fn what_can_be_read_again_is_taken_in_without_a_restart() {
    let (log, folder) = (TestLog::new(), folder());
    log.write(&product_events(1, "LAMP-1"));
    log.write_poison(&product_events(2, "LAMP-2"));
    let fed = Fed::start(&log, &folder);
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await, [1]);
    let parked = fed.feed.parked();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert_eq!((parked[0].projection, parked[0].offset), (PROJECTION, 2));
    log.heal();
    let retried = must(fed.feed.retry_parked()).await.expect("it can be made again");
    assert_eq!((retried.taken_in, retried.views_parked), (1, 0));
    assert_eq!(fed.numbers(Filter::default(), Sort::Newest).await, [2, 1]);
    assert!(fed.feed.parked().is_empty());
    fed.stop().await;
}
