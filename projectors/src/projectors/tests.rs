use std::sync::Arc;
use std::time::Instant;

use domain::shop::generation::Event as GenerationEvent;
use domain::stream::StreamId;
use event_log::{Checkpoint, EventLog};
use read_store::model::{cart, product};
use read_store::{Key, MemoryStore, Mutation, ReadStore, Row, SqliteStore, Value};
use tempfile::TempDir;

use super::*;
use crate::projection::Projection;
use crate::projections::Carts;
use crate::rebuild::{RebuildFailure, RebuildPhase, RebuildTarget};
use crate::registry::projection_names;
use crate::testkit::samples::{
    cart_stream, description, euros, facts, line_added, opened_cart, product_stream, sku, uuid,
};
use crate::testkit::{PATIENCE, TestLog, dump, must};
use crate::verify::verify_all;

mod neighbours;
mod operated;
mod outage;
mod repair;

/// A log with some carts and a product, and projectors over a store.
struct Fixture {
    log: TestLog,
    store: Arc<dyn ReadStore>,
    parts: ProjectorsParts,
    projectors: Projectors,
    _folder: Option<TempDir>,
}

impl Fixture {
    fn over(log: TestLog, store: Arc<dyn ReadStore>) -> Self {
        let parts = log.parts(Arc::clone(&store));
        let projectors = Projectors::start(parts.clone()).expect("the system gives a thread");
        Self {
            log,
            store,
            parts,
            projectors,
            _folder: None,
        }
    }

    async fn in_memory() -> Self {
        let log = TestLog::new();
        fill(&log, 5);
        let fixture = Self::over(log, Arc::new(MemoryStore::new()));
        must(fixture.projectors.wait_until_caught_up()).await;
        fixture
    }

    async fn in_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let store = SqliteStore::open(&folder.path().join("read.db")).expect("a file can be opened");
        let log = TestLog::new();
        fill(&log, 5);
        let mut fixture = Self::over(log, Arc::new(store));
        fixture._folder = Some(folder);
        must(fixture.projectors.wait_until_caught_up()).await;
        fixture
    }

    /// The same log and store, with new projectors, as after a restart.
    fn restarted(mut self) -> Self {
        self.projectors.stop();
        self.parts.follower.stop();
        let mut again = Self::over(self.log.clone(), Arc::clone(&self.store));
        again._folder = self._folder.take();
        again
    }

    /// Writes a commit and waits until the active rows hold it.
    async fn write_and_wait(&self, projection: &'static str, events: &[(StreamId, domain::Event)]) {
        let written = self.log.write(events);
        let generation = self.parts.active.of(projection).expect("a generation serves");
        let deadline = Instant::now() + PATIENCE;
        assert!(
            self.store
                .progress()
                .wait_for(projection, generation, &[written], deadline)
                .await
        );
    }

    async fn cart(&self, number: u128) -> Option<cart::CartView> {
        let generation = self.parts.active.of(cart::PROJECTION).expect("a generation serves");
        let key = cart::by_id_key(domain::value::CartId(uuid(number)));
        let rows = self
            .store
            .get(&cart::BY_ID, generation, &[key])
            .await
            .expect("carts can be read");
        let view = |row: &Row| read_store::model::Versioned::of_row(row).expect("it is a view").view;
        rows[0].as_ref().map(view)
    }

    async fn rebuild(&self, name: &str, options: RebuildOptions) -> RebuildProgress {
        let mut progress = self.projectors.rebuild(name, options).expect("it can begin");
        must(progress.wait_for(|progress| progress.phase.is_over()))
            .await
            .expect("it ends")
            .clone()
    }

    fn generations(&self, name: &str) -> domain::shop::generation::Generations {
        self.projectors.shared().generations.borrow().of(name)
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.projectors.stop();
        self.parts.follower.stop();
    }
}

/// Waits for a condition.
async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::task::yield_now().await;
    }
}

fn fill(log: &TestLog, carts: u128) {
    use domain::catalog::product::Event as Product;
    let lamp: Vec<domain::Event> = vec![
        Product::ProductDrafted {
            description: description("lamp", "Lamp"),
        }
        .into(),
        Product::VariantAdded {
            sku: sku("LAMP-1"),
            facts: facts(),
        }
        .into(),
        Product::VariantPriced {
            sku: sku("LAMP-1"),
            price: euros(1_990),
            compare_at: None,
        }
        .into(),
        Product::ProductPublished {}.into(),
    ];
    for event in lamp {
        log.write(&[(product_stream(1), event)]);
    }
    for number in 1..=carts {
        log.write(&[
            (cart_stream(number), opened_cart()),
            (cart_stream(number), line_added(1, 2)),
        ]);
    }
}

#[tokio::test]
async fn an_empty_log_gives_every_projection_its_first_generation() {
    let fixture = Fixture::over(TestLog::new(), Arc::new(MemoryStore::new()));
    must(fixture.projectors.wait_until_caught_up()).await;
    for name in projection_names() {
        assert_eq!(fixture.parts.active.of(name), Some(1), "{name}");
    }
    must(until(|| fixture.projectors.lag_commits() == 0)).await;
}

#[tokio::test]
async fn what_is_written_can_be_read_once_its_number_has_come() {
    let fixture = Fixture::in_memory().await;
    assert_eq!(fixture.cart(1).await.expect("it was there at the start").lines.len(), 1);
    fixture
        .write_and_wait(cart::PROJECTION, &[(cart_stream(9), opened_cart())])
        .await;
    assert!(fixture.cart(9).await.is_some());
}

#[tokio::test]
async fn a_restart_goes_on_where_the_rows_are() {
    let fixture = Fixture::in_sqlite().await;
    fixture
        .write_and_wait(cart::PROJECTION, &[(cart_stream(1), line_added(2, 1))])
        .await;
    let fixture = fixture.restarted();
    must(fixture.projectors.wait_until_caught_up()).await;
    fixture
        .write_and_wait(cart::PROJECTION, &[(cart_stream(1), line_added(3, 1))])
        .await;
    assert_eq!(fixture.cart(1).await.expect("it is there").lines.len(), 3);
    for name in projection_names() {
        let parity = must(fixture.projectors.verify(name))
            .await
            .expect("rows can be verified");
        assert!(parity.is_equal(), "{name}: {parity:?}");
    }
}

#[tokio::test]
async fn rows_that_were_lost_are_projected_again_into_the_same_generation() {
    let fixture = Fixture::in_memory().await;
    let log = fixture.log.clone();
    drop(fixture);
    let fixture = Fixture::over(log, Arc::new(MemoryStore::new()));
    must(fixture.projectors.wait_until_caught_up()).await;
    assert_eq!(fixture.parts.active.of(cart::PROJECTION), Some(1));
    assert!(fixture.cart(5).await.is_some());
}

#[tokio::test]
async fn a_rebuild_fills_a_new_generation_that_is_the_same_and_switches_to_it() {
    let fixture = Fixture::in_sqlite().await;
    let options = RebuildOptions {
        requires_parity: true,
        ..RebuildOptions::default()
    };
    let done = fixture.rebuild("product", options).await;
    assert_eq!((done.phase.clone(), done.generation), (RebuildPhase::Done, Some(2)));
    let parity = done.parity.expect("it was compared");
    assert!(parity.is_equal() && parity.rows > 3, "{parity:?}");
    assert_eq!(fixture.parts.active.of("product"), Some(2));
    let blue = dump(fixture.store.as_ref(), &product::TABLES, 1).await;
    assert_eq!(blue, dump(fixture.store.as_ref(), &product::TABLES, 2).await);
    assert_eq!(fixture.projectors.status()[2].generation, Some(2));
}

#[tokio::test]
async fn a_rebuild_takes_its_own_generation_for_its_own_however_late_the_log_shows_it() {
    let fixture = Fixture::in_memory().await;
    fixture.log.show_next_generation_late();
    let done = fixture.rebuild("cart", RebuildOptions::default()).await;
    assert_eq!((done.phase, done.generation), (RebuildPhase::Done, Some(2)));
}

#[tokio::test]
async fn what_happens_during_a_rebuild_and_after_it_is_in_the_new_rows() {
    let fixture = Fixture::in_sqlite().await;
    let writing = async {
        for number in 100..150 {
            fixture.log.write(&[(cart_stream(number), opened_cart())]);
            tokio::task::yield_now().await;
        }
    };
    let (done, ()) = tokio::join!(fixture.rebuild("cart", RebuildOptions::default()), writing);
    assert_eq!(done.phase, RebuildPhase::Done);
    assert!(done.parity.expect("it was compared").is_equal());
    fixture
        .write_and_wait(cart::PROJECTION, &[(cart_stream(150), opened_cart())])
        .await;
    for number in 100..=150 {
        assert!(fixture.cart(number).await.is_some(), "{number}");
    }
}

#[tokio::test]
async fn only_the_generation_before_is_kept_and_can_be_gone_back_to() {
    let fixture = Fixture::in_sqlite().await;
    for _ in 0..2 {
        assert_eq!(
            fixture.rebuild("cart", RebuildOptions::default()).await.phase,
            RebuildPhase::Done
        );
    }
    let kept = |fixture: &Fixture| {
        fixture
            .generations("cart")
            .kept()
            .map(|(number, _)| number)
            .collect::<Vec<_>>()
    };
    let mut generations = fixture.projectors.shared().generations.subscribe();
    must(generations.wait_for(|known| known.of("cart").kept().len() == 2))
        .await
        .expect("the projectors run");
    assert_eq!(kept(&fixture), [2, 3]);
    fixture
        .write_and_wait(cart::PROJECTION, &[(cart_stream(77), opened_cart())])
        .await;
    let back = RebuildOptions {
        target: RebuildTarget::Former,
        requires_parity: true,
        ..RebuildOptions::default()
    };
    let done = fixture.rebuild("cart", back).await;
    assert_eq!((done.phase, done.generation), (RebuildPhase::Done, Some(2)));
    assert_eq!(fixture.parts.active.of("cart"), Some(2));
    assert!(fixture.cart(77).await.is_some(), "it was brought up to date first");
    let fixture = fixture.restarted();
    must(fixture.projectors.wait_until_caught_up()).await;
    let again = fixture.rebuild("cart", back).await;
    assert_eq!((again.phase, again.generation), (RebuildPhase::Done, Some(3)));
}

#[tokio::test]
async fn an_interrupted_rebuild_goes_on_at_the_next_start() {
    let fixture = Fixture::in_sqlite().await;
    let opened = GenerationEvent::GenerationOpened {
        generation: 2,
        version: Carts::VERSION,
        held: false,
    };
    fixture
        .log
        .write(&[(StreamId::Generation("cart".to_owned()), opened.into())]);
    let fixture = fixture.restarted();
    must(fixture.projectors.wait_until_caught_up()).await;
    let mut progress = fixture.projectors.rebuilding("cart").expect("it goes on by itself");
    let done = must(progress.wait_for(|progress| progress.phase.is_over()))
        .await
        .expect("it ends")
        .clone();
    assert_eq!((done.phase, done.generation), (RebuildPhase::Done, Some(2)));
    assert_eq!(fixture.parts.active.of("cart"), Some(2));
}

#[tokio::test]
async fn a_projection_is_rebuilt_once_at_a_time_and_only_if_there_is_one() {
    let fixture = Fixture::in_memory().await;
    let first = fixture
        .projectors
        .rebuild("cart", RebuildOptions::default())
        .expect("it can begin");
    let second = fixture.projectors.rebuild("cart", RebuildOptions::default());
    let is_over = first.borrow().phase.is_over();
    assert!(is_over || second.is_err_and(|error| error == RebuildError::Running));
    let unknown = fixture.projectors.rebuild("carts", RebuildOptions::default());
    assert_eq!(
        unknown.map(drop),
        Err(RebuildError::UnknownProjection("carts".to_owned()))
    );
    let back = RebuildOptions {
        target: RebuildTarget::Former,
        ..RebuildOptions::default()
    };
    let no_former = fixture.projectors.rebuild("order", back);
    assert_eq!(no_former.map(drop), Err(RebuildError::NoFormer));
}

/// A row that no event has written.
async fn tamper(fixture: &Fixture) {
    let row = Row {
        key: Key::of("forged".to_owned()),
        values: vec![Value::Blob(vec![1; 16])],
    };
    let batch = read_store::Batch {
        projection: product::PROJECTION,
        generation: 1,
        mutations: vec![Mutation::Write {
            table: &product::BY_SLUG,
            row,
            version: 1,
        }],
        ..read_store::Batch::default()
    };
    fixture.store.apply(&[batch]).await.expect("a row can be forged");
}

#[tokio::test]
async fn a_row_that_does_not_follow_from_the_log_is_found() {
    let fixture = Fixture::in_memory().await;
    tamper(&fixture).await;
    let parity = must(fixture.projectors.verify("product"))
        .await
        .expect("rows can be verified");
    assert_eq!(parity.differing, 1);
    assert_eq!(parity.differences[0].key, Key::of("forged".to_owned()));
    assert!(parity.differences[0].second.is_none());
}

#[tokio::test]
async fn a_rebuild_repairs_rows_unless_parity_is_required() {
    let fixture = Fixture::in_memory().await;
    tamper(&fixture).await;
    let strict = RebuildOptions {
        requires_parity: true,
        ..RebuildOptions::default()
    };
    let failed = fixture.rebuild("product", strict).await;
    assert_eq!(failed.phase, RebuildPhase::Failed(RebuildFailure::Differs(1)));
    assert_eq!(fixture.parts.active.of("product"), Some(1));
    let done = fixture.rebuild("product", RebuildOptions::default()).await;
    assert_eq!((done.phase, done.generation), (RebuildPhase::Done, Some(2)));
    let parity = must(fixture.projectors.verify("product"))
        .await
        .expect("rows can be verified");
    assert!(parity.is_equal());
}

#[tokio::test]
async fn rows_are_verified_without_running_projectors_as_well() {
    let fixture = Fixture::in_sqlite().await;
    fixture.projectors.stop();
    let log: Arc<dyn EventLog> = Arc::new(fixture.log.log.clone());
    let verified = verify_all(fixture.store.as_ref(), &log, &fixture.parts.follower);
    let parities = must(verified).await.expect("rows can be verified");
    assert_eq!(parities.len(), projection_names().len());
    assert!(parities.values().all(Parity::is_equal), "{parities:?}");
    assert!(parities["cart"].rows >= 5);
}

#[tokio::test]
async fn a_parked_cart_waits_while_others_go_on_and_comes_back_when_it_can_be_read() {
    let fixture = Fixture::in_sqlite().await;
    fixture.log.write_poison(&[(cart_stream(1), line_added(2, 1))]);
    fixture
        .write_and_wait(cart::PROJECTION, &[(cart_stream(1), line_added(3, 1))])
        .await;
    fixture
        .write_and_wait(cart::PROJECTION, &[(cart_stream(2), line_added(2, 1))])
        .await;
    assert_eq!(fixture.cart(1).await.expect("it is there").lines.len(), 1);
    assert_eq!(fixture.cart(2).await.expect("it is there").lines.len(), 2);
    let parked = |fixture: &Fixture| {
        let status = fixture.projectors.status();
        status
            .iter()
            .find(|status| status.name == "cart")
            .expect("there are carts")
            .parked_views
    };
    assert_eq!(parked(&fixture), 1);
    let still = must(fixture.projectors.retry_parked("cart"))
        .await
        .expect("it can be tried");
    assert_eq!((still.taken_in, still.views_parked), (0, 1));
    fixture.log.heal();
    let healed = must(fixture.projectors.retry_parked("cart"))
        .await
        .expect("it can be tried");
    assert_eq!((healed.taken_in, healed.views_parked), (2, 0));
    assert_eq!(fixture.cart(1).await.expect("it is there").lines.len(), 3);
    assert_eq!(parked(&fixture), 0);
    let parity = must(fixture.projectors.verify("cart"))
        .await
        .expect("rows can be verified");
    assert!(parity.is_equal(), "{parity:?}");
}

#[tokio::test]
async fn a_damaged_projection_stops_alone() {
    let fixture = Fixture::in_memory().await;
    let row = Row {
        key: cart::by_id_key(domain::value::CartId(uuid(1))),
        values: vec![Value::Blob(vec![255; 3])],
    };
    let batch = read_store::Batch {
        projection: cart::PROJECTION,
        generation: 1,
        mutations: vec![Mutation::Write {
            table: &cart::BY_ID,
            row,
            version: 1_000,
        }],
        ..read_store::Batch::default()
    };
    fixture.store.apply(&[batch]).await.expect("a row can be damaged");
    let fixture = fixture.restarted();
    must(fixture.projectors.wait_until_caught_up()).await;
    fixture.log.write(&[(cart_stream(1), line_added(2, 1))]);
    let settings = domain::shop::settings::Settings::default();
    let configured = domain::shop::settings::Event::ShopConfigured { settings };
    fixture
        .write_and_wait("shop", &[(StreamId::Shop, configured.into())])
        .await;
    let is_stopped = || {
        let status = fixture.projectors.status();
        status
            .iter()
            .any(|status| status.name == "cart" && status.stopped.is_some())
    };
    must(until(is_stopped)).await;
}

#[tokio::test]
async fn positions_of_records_that_changed_nothing_are_stored_at_the_stop() {
    let fixture = Fixture::in_sqlite().await;
    let (shard, seq) = fixture.log.write(&[(cart_stream(1), line_added(2, 1))]);
    let deadline = Instant::now() + PATIENCE;
    assert!(
        fixture
            .store
            .progress()
            .wait_for("order", 1, &[(shard, seq)], deadline)
            .await
    );
    fixture.projectors.stop();
    let positions = fixture
        .store
        .positions("order", 1)
        .await
        .expect("positions can be read");
    let position = positions.get(&shard).expect("the shard was read");
    assert_eq!(position.seq, seq);
    let end = fixture.log.log.end(shard).expect("the log has an end");
    let checkpoint: Checkpoint = crate::round::checkpoint_of(position);
    assert_eq!(checkpoint.offset, end - 1);
}

#[tokio::test]
async fn a_shard_whose_log_was_cut_stands_still_and_is_named() {
    let fixture = Fixture::in_sqlite().await;
    let shard = cart_stream(1).shard(crate::testkit::PARTITIONS);
    fixture.projectors.stop();
    fixture.parts.follower.stop();
    fixture.log.log.truncate(shard, 1);
    let fixture = fixture.restarted();
    must(fixture.projectors.wait_until_caught_up()).await;
    let halted = || -> Vec<&str> {
        let status = fixture.projectors.status();
        status
            .iter()
            .filter(|status| status.halted.contains_key(&shard))
            .map(|status| status.name)
            .collect()
    };
    must(until(|| halted() == ["cart", "order"])).await;
    assert!(fixture.cart(1).await.is_some(), "what was projected is still shown");
}
