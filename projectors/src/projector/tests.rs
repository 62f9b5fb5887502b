use std::collections::BTreeMap;
use std::ops::Range;

use domain::value::{CategoryId, ProductId};
use futures::executor::block_on;
use proptest::prelude::*;
use read_store::model::{cart, category, id_value, product};
use read_store::{Direction, MemoryStore, PageRange, Row, Version};

use super::*;
use crate::projections::{Carts, Categories, Orders, Products};
use crate::registry::PROJECTIONS;
use crate::testkit::samples::{Commits, cart_stream, commits, line_added, opened_cart, product_stream, uuid};
use crate::testkit::unsteady::{Break, Unsteady};
use crate::testkit::{dump, told};

type Rows = Vec<(&'static str, Row, Version)>;

/// All projections over one store, fed by hand.
struct Bench {
    store: Arc<Unsteady>,
    projectors: Vec<Box<dyn AnyProjector>>,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self {
            store: Arc::default(),
            projectors: Vec::new(),
        };
        bench.restart();
        bench
    }

    /// What was only in memory is gone.
    fn restart(&mut self) {
        let open = |registered: &crate::registry::Registered| {
            let store: Arc<dyn ReadStore> = self.store.clone();
            block_on(registered.open(store, 1)).expect("a projector can be opened")
        };
        self.projectors = PROJECTIONS.iter().map(open).collect();
    }

    /// Gives a round to all; false when the store broke.
    fn feed(&mut self, followed: &[event_log::Followed]) -> bool {
        let round = Round::new(followed.to_vec());
        self.projectors.iter_mut().all(|projector| {
            block_on(projector.take(&round)).expect("a round can be folded");
            match projector.batch().expect("rows can be encoded") {
                None => projector.passed(),
                Some(batch) => {
                    if block_on(self.store.apply(std::slice::from_ref(&batch))).is_err() {
                        return false;
                    }
                    projector.applied();
                }
            }
            true
        })
    }

    /// Takes in what can be read now; false when the store broke.
    fn retry_all(&mut self, log: &crate::testkit::TestLog) -> bool {
        self.projectors.iter_mut().all(|projector| {
            let retried = block_on(projector.retry_parked(&log.log, log));
            retried.is_ok_and(|retried| retried.views_parked == 0)
        })
    }

    fn rows(&self) -> Rows {
        let tables: Vec<&'static Table> = PROJECTIONS
            .iter()
            .flat_map(|registered| registered.all_tables())
            .collect();
        block_on(dump(self.store.as_ref(), &tables, 1))
    }
}

fn one_pass(commits: &Commits) -> Rows {
    let mut bench = Bench::new();
    assert!(bench.feed(&told(commits, |_| true)));
    bench.rows()
}

/// What happens while commits are read.
#[derive(Clone, Debug)]
enum Incident {
    Restart,
    /// Killed with a part of a batch written, and no position.
    Broken(Break),
    /// These commits come again.
    Again(Range<usize>),
}

fn incidents() -> impl Strategy<Value = Vec<(usize, Option<Incident>)>> {
    let incident = prop_oneof![
        Just(Incident::Restart),
        Break::any().prop_map(Incident::Broken),
        (0..60_usize, 1..20_usize).prop_map(|(from, length)| Incident::Again(from..from + length)),
    ];
    prop::collection::vec((1..12_usize, prop::option::of(incident)), 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

    #[test]
    fn batches_replays_and_kills_leave_the_rows_of_one_pass(commits in commits(), steps in incidents()) {
        let all = told(&commits, |_| true);
        let mut bench = Bench::new();
        let mut read = 0;
        for (length, incident) in steps {
            let to = all.len().min(read + length);
            match incident {
                None => {}
                Some(Incident::Restart) => bench.restart(),
                Some(Incident::Broken(how)) => bench.store.break_once(Some(how)),
                Some(Incident::Again(range)) => {
                    let end = range.end.min(read);
                    bench.feed(&all[range.start.min(end)..end]);
                }
            }
            if !bench.feed(&all[read..to]) {
                bench.restart();
                // From the oldest position on, as the runner does; the others skip what they know.
                prop_assert!(bench.feed(&all[..to]));
            }
            bench.store.break_once(None);
            read = to;
        }
        bench.feed(&all[read..]);
        prop_assert_eq!(bench.rows(), one_pass(&commits));
    }

    #[test]
    fn what_a_page_names_is_there_and_published(commits in commits()) {
        let mut bench = Bench::new();
        bench.feed(&told(&commits, |_| true));
        for (_, row, _) in bench.rows().iter().filter(|(table, ..)| *table == product::CATEGORY_PAGE.name) {
            let id = ProductId(id_value(row).expect("a page names a product"));
            let found = block_on(bench.store.get(&product::BY_ID, 1, &[product::by_id_key(id)])).expect("it can be read");
            let row = found[0].as_ref().expect("it is there");
            let view: Versioned<product::ProductView> = Versioned::of_row(row).expect("it is a view");
            prop_assert!(view.view.is_published());
        }
    }

    #[test]
    fn what_was_parked_gives_the_same_rows_once_it_can_be_read(
        commits in commits(),
        poison in prop::collection::btree_set(0..60_usize, 0..6),
        breaks in prop::array::uniform2(prop::option::of(Break::any())),
        restarts in any::<bool>(),
    ) {
        let log = crate::testkit::TestLog::new();
        for (index, commit) in commits.iter().enumerate() {
            if poison.contains(&index) {
                log.write_poison(commit);
            } else {
                log.write(commit);
            }
        }
        let [breaks_feeding, breaks_retrying] = breaks;
        let mut bench = Bench::new();
        bench.store.break_once(breaks_feeding);
        if !bench.feed(&read_all(&log)) {
            bench.restart();
            bench.feed(&read_all(&log));
        }
        let mut undisturbed = Bench::new();
        undisturbed.feed(&read_all(&log));
        prop_assert_eq!(bench.rows(), undisturbed.rows());
        bench.restart();
        log.heal();
        bench.store.break_once(breaks_retrying);
        if !bench.retry_all(&log) {
            if restarts {
                bench.restart();
            }
            prop_assert!(bench.retry_all(&log));
        }
        let mut fresh = Bench::new();
        fresh.feed(&read_all(&log));
        prop_assert_eq!(bench.rows(), fresh.rows());
    }
}

/// What a follower tells of a whole log.
fn read_all(log: &crate::testkit::TestLog) -> Vec<event_log::Followed> {
    let follower = log.follower();
    let mut subscription = follower.subscribe(&log.log.shards(), &BTreeMap::new());
    let mut told = Vec::new();
    while !subscription.is_caught_up() {
        told.extend(subscription.next_blocking().expect("the follower runs"));
    }
    told
}

async fn projector<P: Projection>() -> (Arc<MemoryStore>, Projector<P>) {
    let store = Arc::new(MemoryStore::new());
    let projector = Projector::open(store.clone(), 1)
        .await
        .expect("a projector can be opened");
    (store, projector)
}

async fn feed<P: Projection>(projector: &mut Projector<P>, followed: Vec<event_log::Followed>) -> Option<Batch> {
    projector
        .take(&Round::new(followed))
        .await
        .expect("a round can be folded");
    let batch = projector.batch().expect("rows can be encoded");
    if let Some(batch) = &batch {
        projector
            .store
            .apply(std::slice::from_ref(batch))
            .await
            .expect("a batch can be written");
        projector.applied();
    }
    batch
}

#[tokio::test]
async fn changes_in_one_round_are_written_once() {
    let (_, mut projector) = projector::<Carts>().await;
    let stream = cart_stream(1);
    let commits = [opened_cart(), line_added(1, 1), line_added(2, 1)].map(|event| vec![(stream.clone(), event)]);
    let batch = feed(&mut projector, told(&commits, |_| true))
        .await
        .expect("rows have changed");
    let [Mutation::Write { row, version: 3, .. }] = batch.views.as_slice() else {
        panic!("one write at the last commit: {:?}", batch.views);
    };
    let view: Versioned<cart::CartView> = Versioned::of_row(row).expect("it is a view");
    assert_eq!((view.view.lines.len(), view.version, view.seq), (2, 3, 3));
}

#[tokio::test]
async fn a_key_that_was_passed_through_in_one_round_is_deleted_all_the_same() {
    let (_, mut projector) = projector::<Products>().await;
    let drafted = |slug: &str| domain::catalog::product::Event::ProductDrafted {
        description: crate::testkit::samples::description(slug, "Lamp"),
    };
    let commits = ["first", "second", "third"].map(|slug| vec![(product_stream(1), drafted(slug).into())]);
    let batch = feed(&mut projector, told(&commits, |_| true))
        .await
        .expect("rows have changed");
    let slugs: Vec<(&str, bool)> = batch
        .mutations
        .iter()
        .filter_map(|mutation| match mutation {
            Mutation::Write { table, row, .. } if table.name == "by_slug" => Some((row.key.partition.as_str(), true)),
            Mutation::Delete { table, key, .. } if table.name == "by_slug" => Some((key.partition.as_str(), false)),
            _ => None,
        })
        .collect();
    assert_eq!(slugs, [("first", false), ("second", false), ("third", true)]);
}

#[tokio::test]
async fn commits_that_change_no_row_write_nothing_until_there_are_many() {
    let (store, mut projector) = projector::<Orders>().await;
    let commits: Vec<_> = (0..UNSAVED_RECORDS_MAX)
        .map(|_| vec![(cart_stream(1), opened_cart())])
        .collect();
    let told = told(&commits, |_| true);
    let shard = cart_stream(1).shard(crate::testkit::PARTITIONS);
    let (last, all_but_one) = told.split_last().expect("there are commits");
    assert_eq!(feed(&mut projector, all_but_one.to_vec()).await, None);
    projector.passed();
    assert_eq!(
        store.progress().seq(projector.name(), 1, shard),
        UNSAVED_RECORDS_MAX as u64 - 1
    );
    let batch = feed(&mut projector, vec![last.clone()])
        .await
        .expect("it is time to store the position");
    assert!(batch.mutations.is_empty() && batch.views.is_empty());
    assert_eq!(batch.positions.len(), 1);
}

#[tokio::test]
async fn a_commit_that_cannot_be_read_parks_its_views_and_nothing_else() {
    let (store, mut projector) = projector::<Carts>().await;
    let commits: Commits = vec![
        vec![(cart_stream(1), opened_cart())],
        vec![(cart_stream(2), opened_cart())],
        vec![(cart_stream(1), line_added(1, 1))],
        vec![(cart_stream(1), line_added(2, 1))],
        vec![(cart_stream(2), line_added(1, 1))],
    ];
    feed(&mut projector, told(&commits, |index| index != 2)).await;
    assert_eq!(projector.parked_views(), 1);
    let parked = store
        .scan(Carts::PARKED, 1, None, 10)
        .await
        .expect("parked commits can be read");
    assert_eq!(parked.len(), 2, "the poison and the one behind it");
    let lines = async |number: u128| {
        let key = cart::by_id_key(domain::value::CartId(uuid(number)));
        let row = store
            .get(&cart::BY_ID, 1, &[key])
            .await
            .expect("a cart can be read")
            .pop()
            .flatten();
        let view: Versioned<cart::CartView> = Versioned::of_row(&row.expect("it is there")).expect("it is a view");
        view.view.lines.len()
    };
    assert_eq!((lines(1).await, lines(2).await), (0, 1));
    let reopened = Projector::<Carts>::open(store.clone(), 1)
        .await
        .expect("a projector can be opened");
    assert_eq!(reopened.parked_views(), 1, "a restart remembers");
}

#[test]
fn commits_stay_in_order_behind_one_that_was_parked_after_them() {
    let stream = cart_stream(1);
    let commits = [opened_cart(), line_added(1, 1), line_added(2, 1)].map(|event| vec![(stream.clone(), event)]);
    let told = told(&commits, |index| index != 1);
    let mut undisturbed = Bench::new();
    assert!(undisturbed.feed(&told));
    let mut bench = Bench::new();
    // Of the two that are parked only the later one is written.
    let how = Break {
        after_calls: 0,
        rows: 0b10,
        views: 0,
    };
    bench.store.break_once(Some(how));
    assert!(!bench.feed(&told));
    assert_eq!(bench.rows().len(), 1);
    bench.restart();
    assert!(bench.feed(&told));
    assert_eq!(bench.rows(), undisturbed.rows());
}

#[tokio::test]
async fn moving_a_category_moves_its_row_in_the_tree() {
    use domain::catalog::category::Event;
    let (store, mut projector) = projector::<Categories>().await;
    let stream = crate::testkit::samples::category_stream(2);
    let opened = Event::CategoryOpened {
        slug: crate::testkit::samples::slug("lamps"),
        name: domain::value::LocalizedText::of("en", "Lamps"),
        parent: None,
    };
    let parent = Some(CategoryId(uuid(1)));
    let commits = [
        vec![(stream.clone(), opened.into())],
        vec![(stream, Event::CategoryMoved { parent }.into())],
    ];
    let told = told(&commits, |_| true);
    let children = async |parent| {
        let partition = category::children_partition(parent);
        let range = PageRange::default();
        store
            .page(&category::CHILDREN, 1, &partition, range, Direction::Forward, 10)
            .await
            .expect("a page")
            .len()
    };
    feed(&mut projector, told[..1].to_vec()).await;
    assert_eq!((children(None).await, children(parent).await), (1, 0));
    feed(&mut projector, told[1..].to_vec()).await;
    assert_eq!((children(None).await, children(parent).await), (0, 1));
}
