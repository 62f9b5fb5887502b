//! What a hundred times the data changes: start, memory, files, and how long people wait.

use std::fs::File;
use std::path::Path;

use domain::value::CartId;
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::clients::{Shopper, enter_all, request, stock};
use super::commands_only::CommandSide;
use super::http_commands::{WARM_UP_MILLISECONDS, until_caught_up};
use super::inside::{CALLERS, callers_until, opening};
use super::load::{Exchange, Plan, Seen, play};
use super::measure::{Effort, Failure};
use super::report::{against, heading, median, milliseconds, table};
use super::shop::Server;

/// Events of the two shops.
const EVENTS: [usize; 2] = [10_000, 1_000_000];
/// Clients of the load.
const CLIENTS: usize = 16;
/// Old carts that each client looks at in turn.
const CARTS_OF_CLIENT: usize = 64;
/// How long a start may take, in seconds.
const START_SECONDS_MAX: f64 = 1.0;
/// How much longer the slowest may wait.
const P99_MAX: f64 = 1.1;

/// A shop of one size, and what was seen of it.
struct Shop {
    events: usize,
    server: Option<Server>,
    shoppers: Vec<Shopper>,
    /// Carts from all over its log.
    carts: Vec<Uuid>,
    starts: Vec<f64>,
    memory: [f64; 2],
    commands: Vec<Seen>,
    queries: Vec<Seen>,
}

pub(super) async fn measure(effort: Effort) -> Result<(), Failure> {
    let mut shops = Vec::new();
    for events in EVENTS {
        shops.push(Shop::grow(events).await?);
    }
    for _ in 0..effort.rounds {
        for shop in &mut shops {
            shop.round(effort).await?;
        }
    }
    for shop in &mut shops {
        for _ in 0..effort.rounds.min(5) {
            shop.start_again().await?;
        }
    }
    print(&shops)
}

impl Shop {
    async fn grow(events: usize) -> Result<Self, Failure> {
        let data = TempDir::new()?;
        let side = CommandSide::start(data.path(), "http://bench").await?;
        let wanted = CLIENTS * CARTS_OF_CLIENT;
        let opened = std::cell::RefCell::new((0, Vec::with_capacity(wanted)));
        let remembering = || {
            let request = opening();
            let (count, carts) = &mut *opened.borrow_mut();
            if *count % (events / wanted).max(1) == 0 && carts.len() < wanted {
                carts.push(CartId::derived(request.command_id.0, "cart").0);
            }
            *count += 1;
            request
        };
        callers_until(&side.commands, CALLERS, events, &remembering).await?;
        side.stop().await?;
        let (_, carts) = opened.into_inner();
        let server = Server::shop_with(data).await?;
        until_caught_up(&server).await?;
        stock(&server).await?;
        let shoppers = enter_all(&server, CLIENTS).await?;
        settle(server.data()?)?;
        Ok(Self {
            events,
            server: Some(server),
            shoppers,
            carts,
            starts: Vec::new(),
            memory: [0.0; 2],
            commands: Vec::new(),
            queries: Vec::new(),
        })
    }

    fn server(&self) -> Result<&Server, Failure> {
        self.server.as_ref().ok_or_else(|| "the server is gone".into())
    }

    async fn round(&mut self, effort: Effort) -> Result<(), Failure> {
        let server = self.server()?;
        let authorization = format!("authorization: {}\r\n", server.authorization());
        let looks = |carts: &[Uuid]| carts.iter().map(|cart| look(*cart, &authorization)).collect();
        let plan = |clients: Vec<Vec<Exchange>>| Plan {
            address: server.address,
            warm_up_milliseconds: WARM_UP_MILLISECONDS,
            milliseconds: effort.milliseconds,
            clients,
        };
        let commands = play(&plan(self.shoppers.iter().map(Shopper::commands).collect())).await?;
        until_caught_up(server).await?;
        let queries = play(&plan(self.carts.chunks(CARTS_OF_CLIENT).map(looks).collect())).await?;
        self.memory = server.memory()?;
        self.commands.push(commands);
        self.queries.push(queries);
        Ok(())
    }

    /// Killed, so that nothing is left in order.
    async fn start_again(&mut self) -> Result<(), Failure> {
        let server = self.server.take().ok_or("the server is gone")?;
        let data = server.kill().await?;
        let started = Server::shop_with(data).await?;
        self.starts.push(started.started_in.as_secs_f64());
        self.server = Some(started);
        Ok(())
    }

    fn p99(seen: &[Seen]) -> f64 {
        let all: Vec<f64> = seen.iter().map(|seen| seen.p99_microseconds as f64).collect();
        median(&all)
    }

    fn p50(seen: &[Seen]) -> f64 {
        let all: Vec<f64> = seen.iter().map(|seen| seen.p50_microseconds as f64).collect();
        median(&all)
    }
}

/// Lets the system write out what growing has left in memory: syncs of the load would wait for it.
fn settle(data: &Path) -> Result<(), Failure> {
    for entry in std::fs::read_dir(data)? {
        let path = entry?.path();
        if path.is_file() {
            File::open(path)?.sync_all()?;
        }
    }
    Ok(())
}

fn look(cart: Uuid, authorization: &str) -> Exchange {
    let query = format!("{{ cart(id: \"{cart}\") {{ id version totalQuantity }} }}");
    Exchange {
        request: request("POST", "/graphql", authorization, &json!({ "query": query })),
        is_timed: true,
    }
}

/// Megabytes of a database with its write-ahead log.
fn size(data: &Path, name: &str) -> Result<String, Failure> {
    let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let (file, wal) = (data.join(name), data.join(format!("{name}-wal")));
    let megabytes = |bytes: u64| bytes as f64 / (1 << 20) as f64;
    Ok(format!(
        "{:.0} + {:.0} MB",
        megabytes(bytes(&file)),
        megabytes(bytes(&wal))
    ))
}

fn print(shops: &[Shop]) -> Result<(), Failure> {
    heading(
        "Growth",
        &format!(
            "Two shops side by side, whose logs hold carts that were opened. {CLIENTS} clients change carts of their own, \
             then look at {CARTS_OF_CLIENT} old carts each, as an admin does. Then both are killed and started again, a few \
             times. Files: database + write-ahead log.",
        ),
    )?;
    let mut lines = vec![
        [
            "events",
            "start after kill -9",
            "resident",
            "not backed by files",
            "log.db",
            "state.db",
            "read.db",
            "commands p50 / p99",
            "queries p50 / p99",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for shop in shops {
        let start = median(&shop.starts);
        let data = shop.server()?.data()?;
        let both = |seen: &[Seen]| format!("{} / {}", milliseconds(Shop::p50(seen)), milliseconds(Shop::p99(seen)));
        let is_met = if start <= START_SECONDS_MAX { "met" } else { "missed" };
        lines.push(vec![
            shop.events.to_string(),
            format!("{start:.2} s (goal ≤ {START_SECONDS_MAX} s: {is_met})"),
            format!("{:.0} MB", shop.memory[0]),
            format!("{:.0} MB", shop.memory[1]),
            size(data, "log.db")?,
            size(data, "state.db")?,
            size(data, "read.db")?,
            both(&shop.commands),
            both(&shop.queries),
        ]);
    }
    table(&lines)?;
    let [small, large] = shops else {
        return Ok(());
    };
    let ratio = |of: fn(&Shop) -> &[Seen]| {
        let ratio = Shop::p99(of(large)) / Shop::p99(of(small));
        against(ratio, &format!("≤ {P99_MAX}"), ratio <= P99_MAX)
    };
    heading("The p99 of the large shop beside that of the small one", "")?;
    table(&[
        ["commands", "queries"].map(str::to_owned).to_vec(),
        vec![ratio(|shop| &shop.commands), ratio(|shop| &shop.queries)],
    ])
}
