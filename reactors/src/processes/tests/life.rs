//! One life of a process on a log that outlives it, and can be told when the life ends.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use command_api::{CommandError, Commands, Options, Outcome, Request, Wire};
use domain::catalog::product::{self, Description, VariantFacts};
use domain::inventory::item::{self, Levels, StockItem};
use domain::sales::checkout::{self, Checkout};
use domain::sales::order::Order;
use domain::sales::{PaymentMethod, cart};
use domain::shop::settings::{self, Settings};
use domain::stream::{Location, Shard, StreamId};
use domain::value::{Attributes, CartId, CommandId, Currency, LocalizedText, Money, ProductId, Sealed, Sku};
use domain::{Aggregate, Command, ConsistencyToken, State};
use event_log::{Append, EventLog, Follower, LogError, MemoryLog, Record, Scan};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// SKUs and pieces.
pub(super) type Basket = [(&'static str, i64); 3];

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(20);
const PARTITIONS: u32 = 4;

/// A log that outlives processes. After so many more records it takes no more and tells nobody, as if the
/// process had died.
pub(super) struct Log {
    memory: Mutex<MemoryLog>,
    left: Arc<AtomicUsize>,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            memory: Mutex::new(MemoryLog::plain(PARTITIONS, mpsc::unbounded_channel().0)),
            left: Arc::new(AtomicUsize::new(usize::MAX)),
        }
    }
}

impl Log {
    pub(super) fn die_after(&self, records: usize) {
        self.left.store(records, Ordering::SeqCst);
    }

    pub(super) fn revive(&self) {
        self.left.store(usize::MAX, Ordering::SeqCst);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }
}

/// What one life sees of the log.
struct Mortal {
    memory: MemoryLog,
    left: Arc<AtomicUsize>,
}

impl EventLog for Mortal {
    fn shards(&self) -> Vec<Shard> {
        self.memory.shards()
    }

    fn partitions(&self) -> u32 {
        self.memory.partitions()
    }

    fn append(&self, records: Vec<Append>) -> Result<(), LogError> {
        for record in records {
            let spend = |left: usize| match left {
                usize::MAX => Some(usize::MAX),
                left => left.checked_sub(1),
            };
            if self
                .left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, spend)
                .is_ok()
            {
                self.memory.append(vec![record])?;
            }
        }
        Ok(())
    }

    fn owns(&self, shard: Shard, claim: Uuid) -> Option<bool> {
        self.memory.owns(shard, claim)
    }

    fn read(
        &self,
        shard: Shard,
        from: i64,
        records_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Arc<Record>>, LogError> {
        self.memory.read(shard, from, records_max, bytes_max)
    }

    fn scan(&self, from: BTreeMap<Shard, i64>) -> Box<dyn Scan> {
        self.memory.scan(from)
    }

    fn end(&self, shard: Shard) -> Result<i64, LogError> {
        self.memory.end(shard)
    }

    fn tail(&self) -> broadcast::Receiver<Arc<[Arc<Record>]>> {
        self.memory.tail()
    }
}

/// A process that takes commands and runs processes, until it is dropped: then nothing of it goes on.
pub(super) struct Life {
    commands: Commands,
    processes: CancellationToken,
    follower: Follower,
    _directory: tempfile::TempDir,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Drop for Life {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        self.follower.stop();
    }
}

impl Life {
    pub(super) fn begin(log: &Log) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be built");
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let (deliveries, receiver) = mpsc::unbounded_channel();
        let memory = {
            let mut memory = log.memory.lock().unwrap_or_else(PoisonError::into_inner);
            *memory = memory.reopened(deliveries);
            memory.clone()
        };
        let mortal = Arc::new(Mortal {
            memory,
            left: Arc::clone(&log.left),
        });
        let codec = schemas::Codec::open(Box::new(schemas::MemoryIds::default())).expect("the schemas are sound");
        let wire = Wire(Arc::new(codec));
        let follower = Follower::start(
            Arc::clone(&mortal) as Arc<dyn EventLog>,
            Arc::new(wire.clone()),
            &BTreeMap::new(),
        )
        .expect("the system gives a thread");
        let options = Options {
            node: "test".to_owned(),
            url: String::new(),
            directory: directory.path().to_owned(),
            membership: Arc::new(event_log::Alone),
        };
        let processes = CancellationToken::new();
        let commands = runtime.block_on(async {
            let commands = command_api::start(options, mortal, receiver, Arc::new(wire), &follower)
                .await
                .expect("the shards start");
            assert!(
                commands.until_serving(Instant::now() + PATIENCE).await,
                "all shards are claimed"
            );
            commands
        });
        runtime.spawn(super::super::run(commands.clone(), processes.clone()));
        Self {
            commands,
            processes,
            follower,
            _directory: directory,
            runtime: Some(runtime),
        }
    }

    fn runtime(&self) -> &tokio::runtime::Runtime {
        self.runtime.as_ref().expect("it lives")
    }

    pub(super) fn stop_processes(&self) {
        self.processes.cancel();
    }

    pub(super) fn execute(&self, commands: Vec<Command>) -> Result<Outcome, CommandError> {
        self.runtime()
            .block_on(self.commands.execute(request(commands, PATIENCE)))
    }

    pub(super) fn state(&self, stream: &StreamId) -> Arc<State> {
        let seen = self.commands.state(stream, Instant::now() + PATIENCE);
        self.runtime().block_on(seen).expect("the shard is served").state
    }

    pub(super) fn checkout(&self, cart: CartId) -> Checkout {
        let state = self.state(&StreamId::Checkout(cart.checkout()));
        Checkout::of(&state).expect("a checkout").clone()
    }

    pub(super) fn levels(&self, text: &str) -> Levels {
        let state = self.state(&StreamId::StockItem(sku(text), Location::default()));
        StockItem::of(&state).expect("a stock item").stock().levels
    }

    /// Products with a price, and so many pieces of each, known to all shards.
    pub(super) fn stock(&self, basket: &Basket, pieces: i64) {
        let mut token = ConsistencyToken::default();
        for (text, _) in basket {
            let outcome = self.execute(product(text)).expect("it is published");
            token.merge(&outcome.token());
            token.merge(&self.receive(text, pieces));
        }
        self.learn(&token);
    }

    /// Pieces more, or fewer.
    pub(super) fn receive(&self, text: &str, pieces: i64) -> ConsistencyToken {
        let command = item::Command::Adjust {
            delta: pieces,
            expected: None,
            force: false,
            reason: "counted".to_owned(),
        };
        let command = Command::StockItem(sku(text), Location::default(), command);
        self.execute(vec![command]).expect("it is counted").token()
    }

    /// A guest's cart with these pieces, complete for its checkout.
    pub(super) fn fill_cart(&self, cart: CartId, basket: &[(&str, i64)]) {
        self.execute(filling(cart, basket)).expect("the cart is filled");
    }

    pub(super) fn begin_checkout(&self, cart: CartId) {
        self.execute(checking_out(cart)).expect("the checkout begins");
    }

    /// False when the process dies before it answers.
    pub(super) fn try_begin_checkout(&self, cart: CartId) -> bool {
        let patience = Duration::from_millis(300);
        let begun = self.commands.execute(request(checking_out(cart), patience));
        let answered = async { tokio::time::timeout(patience, begun).await };
        self.runtime().block_on(answered).is_ok_and(|begun| begun.is_ok())
    }

    /// Lets checkouts hold stock for so long.
    pub(super) fn hold_for(&self, holding_seconds: u32) {
        let settings = Settings {
            holding_seconds,
            ..Settings::default()
        };
        let configure = settings::Command::Configure { settings };
        let outcome = self.execute(vec![Command::Shop(configure)]).expect("it is configured");
        self.learn(&outcome.token());
    }

    fn learn(&self, token: &ConsistencyToken) {
        let after = self.commands.reference_after(token, Instant::now() + PATIENCE);
        self.runtime().block_on(after).expect("the facts arrive");
    }

    /// Waits for the end of the checkout, or of this life.
    pub(super) fn ends_before_death(&self, cart: CartId, log: &Log) -> bool {
        let start = Instant::now();
        loop {
            let step = Instant::now() + Duration::from_millis(5);
            let stream = StreamId::Checkout(cart.checkout());
            let seen = self.commands.wait_for(&stream, is_over, step);
            let seen = self
                .runtime()
                .block_on(async { tokio::time::timeout_at(step.into(), seen).await });
            if let Ok(Ok(seen)) = seen
                && is_over(&seen.state)
            {
                return true;
            }
            if log.is_dead() {
                return false;
            }
            assert!(start.elapsed() < PATIENCE, "it neither ends nor dies");
        }
    }

    pub(super) fn end_of_checkout(&self, cart: CartId) -> Checkout {
        self.wait_until(cart, is_over)
    }

    /// Waits until the order's stock is seen to.
    pub(super) fn end_of_movements(&self, cart: CartId) {
        self.wait_until(cart, |state| {
            Checkout::of(state).is_some_and(|checkout| !checkout.is_unfinished())
        });
    }

    pub(super) fn wait_until(
        &self,
        cart: CartId,
        accepted: impl Fn(&State) -> bool + Clone + Send + Sync + 'static,
    ) -> Checkout {
        let stream = StreamId::Checkout(cart.checkout());
        let waiting = self
            .commands
            .wait_for(&stream, accepted.clone(), Instant::now() + PATIENCE);
        let seen = self.runtime().block_on(waiting).expect("the shard is served");
        assert!(accepted(&seen.state), "waited in vain: {:?}", seen.state);
        Checkout::of(&seen.state).expect("a checkout").clone()
    }

    /// The order is there once, its stock is promised to it, and the cart is closed.
    pub(super) fn check_completed(&self, cart: CartId, basket: &Basket, pieces: i64) {
        let state = self.state(&StreamId::Order(cart.order()));
        let placed = Order::of(&state).and_then(Order::placed).expect("it is placed");
        assert_eq!(placed.lines.len(), basket.len());
        let state = self.state(&StreamId::Cart(cart));
        assert!(matches!(cart::Cart::of(&state), Some(cart::Cart::Converted { .. })));
        for (sku, quantity) in basket {
            let levels = self.levels(sku);
            assert_eq!(
                (levels.on_hand, levels.reserved, levels.allocated),
                (pieces, 0, *quantity),
                "{sku}"
            );
        }
    }

    /// There is no order, nothing is held, and the shopper has the cart.
    pub(super) fn check_refused(&self, cart: CartId, basket: &Basket) {
        let state = self.state(&StreamId::Order(cart.order()));
        assert_eq!(Order::of(&state), Some(&Order::Absent));
        let state = self.state(&StreamId::Cart(cart));
        assert!(matches!(cart::Cart::of(&state), Some(cart::Cart::Open(_))));
        for (sku, _) in basket {
            let levels = self.levels(sku);
            assert_eq!((levels.reserved, levels.allocated), (0, 0), "{sku}");
        }
    }
}

fn is_over(state: &State) -> bool {
    matches!(
        Checkout::of(state),
        Some(Checkout::Completed { .. } | Checkout::Refused { .. })
    )
}

fn sku(text: &str) -> Sku {
    text.parse().expect("a SKU")
}

fn sealed(text: &str) -> Sealed {
    Sealed {
        subject: "somebody".to_owned(),
        key_id: 1,
        nonce: String::new(),
        ciphertext: text.to_owned(),
    }
}

fn product(text: &str) -> Vec<Command> {
    let description = Description {
        slug: text.to_lowercase().parse().expect("a slug"),
        title: LocalizedText::of("en", text),
        description_html: LocalizedText::default(),
        vendor: String::new(),
        attributes: Attributes::new(),
        tags: Vec::new(),
        seo_title: String::new(),
        seo_description: String::new(),
    };
    let facts = VariantFacts {
        options: Vec::new(),
        barcode: String::new(),
        weight_grams: 100,
        requires_shipping: true,
        tax_class: "standard".to_owned(),
        tracks_stock: true,
        image: None,
    };
    let price = Money {
        amount: 1_000,
        currency: Currency::EUR,
    };
    let sku = sku(text);
    let commands = [
        product::Command::Draft { description },
        product::Command::AddVariant {
            sku: sku.clone(),
            facts,
        },
        product::Command::SetPrice {
            sku,
            price,
            compare_at: None,
        },
        product::Command::Publish,
    ];
    let id = ProductId::derived(Uuid::nil(), text);
    commands.map(|command| Command::Product(id, command)).into()
}

fn filling(cart: CartId, basket: &[(&str, i64)]) -> Vec<Command> {
    let open = cart::Command::Open {
        customer: None,
        currency: Currency::EUR,
    };
    let add = basket.iter().map(|(text, quantity)| cart::Command::AddLine {
        sku: sku(text),
        quantity: *quantity,
        attributes: Attributes::new(),
    });
    let complete = [
        cart::Command::SetContact {
            email: sealed("ada@example.org"),
            phone: None,
        },
        cart::Command::SetAddresses {
            shipping: sealed("1 Long Lane"),
            billing: None,
            country: "DE".to_owned(),
        },
        cart::Command::ChooseShipping {
            code: "standard".to_owned(),
        },
    ];
    let commands = std::iter::once(open).chain(add).chain(complete);
    commands.map(|command| Command::Cart(cart, command)).collect()
}

fn checking_out(cart: CartId) -> Vec<Command> {
    let begin = cart::Command::BeginCheckout { expected_total: None };
    let start = checkout::Command::Start {
        payment: PaymentMethod::Invoice,
    };
    vec![Command::Cart(cart, begin), Command::Checkout(cart.checkout(), start)]
}

fn request(commands: Vec<Command>, patience: Duration) -> Request {
    let id = Uuid::new_v4();
    Request {
        commands,
        command_id: CommandId(id),
        keyed: None,
        request_hash: [1; 32],
        expected_version: None,
        actor: "guest".to_owned(),
        correlation: id,
        causation: id,
        traceparent: String::new(),
        after: ConsistencyToken::default(),
        deadline: Instant::now() + patience,
    }
}
