//! Commands over HTTP, at several numbers of clients, beside a bare axum echo of the same requests.

use std::time::{Duration, Instant};

use super::clients::{Shopper, enter_all, stock};
use super::cpu;
use super::load::{Plan, Seen, play};
use super::measure::{Effort, Failure};
use super::raw::RawLog;
use super::report::{against, heading, median, milliseconds, table, thousands};
use super::shop::Server;

/// Numbers of clients.
const CLIENTS: [usize; 4] = [1, 16, 64, 256];
/// What the goals speak of.
const CLIENTS_OF_GOALS: usize = 64;
/// How long clients run before anything counts.
pub(super) const WARM_UP_MILLISECONDS: u64 = 300;
/// How long projections may take to catch up with a load that is over.
const DRAIN_DEADLINE: Duration = Duration::from_secs(60);
/// How often they are asked.
const DRAIN_POLL: Duration = Duration::from_millis(2);

/// What was seen at one number of clients, a number for each round.
#[derive(Default)]
struct Row {
    echo: Vec<Seen>,
    commands_only: Vec<Seen>,
    shop: Vec<Seen>,
    /// Milliseconds until the projections had caught up after each load of the shop.
    drained: Vec<f64>,
    /// Microseconds of processor time for a request: of the echo, the command side, the shop.
    cpu: [Vec<f64>; 3],
}

pub(super) async fn measure(effort: Effort) -> Result<(), Failure> {
    let echo = Server::yardstick(None).await?;
    let commands_only = Server::commands_only().await?;
    let shop = Server::shop().await?;
    let most = CLIENTS.into_iter().max().unwrap_or(1);
    stock(&commands_only).await?;
    stock(&shop).await?;
    let of_commands_only = enter_all(&commands_only, most).await?;
    let of_shop = enter_all(&shop, most).await?;
    let mut rows: Vec<Row> = CLIENTS.iter().map(|_| Row::default()).collect();
    let mut raw = Vec::new();
    let row_bytes = super::raw::row_bytes(&shop.data()?.join("log.db"))?;
    for _ in 0..effort.rounds {
        let mut probe = RawLog::create(row_bytes)?;
        raw.push(
            probe
                .commits(1, Duration::from_millis(effort.milliseconds))?
                .p50_microseconds,
        );
        for (row, clients) in rows.iter_mut().zip(CLIENTS) {
            let of_shop = &of_shop[..clients];
            row.echo.push(drive(&echo, of_shop, effort, &mut row.cpu[0]).await?);
            let of_commands_only = &of_commands_only[..clients];
            row.commands_only
                .push(drive(&commands_only, of_commands_only, effort, &mut row.cpu[1]).await?);
            row.shop.push(drive(&shop, of_shop, effort, &mut row.cpu[2]).await?);
            row.drained.push(until_caught_up(&shop).await?);
        }
    }
    print(&rows, median(&raw))
}

async fn drive(server: &Server, shoppers: &[Shopper], effort: Effort, cpu: &mut Vec<f64>) -> Result<Seen, Failure> {
    let plan = Plan {
        address: server.address,
        warm_up_milliseconds: WARM_UP_MILLISECONDS,
        milliseconds: effort.milliseconds,
        clients: shoppers.iter().map(Shopper::commands).collect(),
    };
    let before = cpu::microseconds_of(server.process_id()?)?;
    let seen = play(&plan).await?;
    let used = cpu::microseconds_of(server.process_id()?)? - before;
    // The warm-up costs as much, and its requests are not counted.
    let share = effort.milliseconds as f64 / (effort.milliseconds + WARM_UP_MILLISECONDS) as f64;
    cpu.push(used * share / seen.requests as f64);
    Ok(seen)
}

pub(super) async fn until_caught_up(shop: &Server) -> Result<f64, Failure> {
    let start = Instant::now();
    while shop.commits_behind().await? > 0 {
        if start.elapsed() > DRAIN_DEADLINE {
            return Err("the projections do not catch up".into());
        }
        tokio::time::sleep(DRAIN_POLL).await;
    }
    Ok(start.elapsed().as_secs_f64() * 1_000.0)
}

fn print(rows: &[Row], raw_p50: f64) -> Result<(), Failure> {
    heading(
        "Commands over HTTP",
        "Each client changes the quantity in a cart of its own. Beside it a bare axum JSON echo of the same requests \
         on the multi-thread runtime, and the command side alone. `drained`: how long after the load all projections \
         had caught up. `CPU`: processor time of echo, command side and whole shop for a request.",
    )?;
    let mut lines = vec![
        [
            "clients",
            "echo",
            "command side",
            "ratio",
            "whole shop",
            "ratio",
            "p50 / p99 of the shop",
            "drained",
            "CPU",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for (row, clients) in rows.iter().zip(CLIENTS) {
        let (echo, commands_only, shop) = (rate(&row.echo), rate(&row.commands_only), rate(&row.shop));
        lines.push(vec![
            clients.to_string(),
            thousands(echo),
            thousands(commands_only),
            ratio(commands_only / echo, clients, 0.55),
            thousands(shop),
            ratio(shop / echo, clients, 0.4),
            format!(
                "{} / {}",
                milliseconds(p50(&row.shop)),
                milliseconds(median(
                    &row.shop
                        .iter()
                        .map(|seen| seen.p99_microseconds as f64)
                        .collect::<Vec<_>>()
                ))
            ),
            format!("{:.0} ms", median(&row.drained)),
            row.cpu.each_ref().map(|cpu| format!("{:.0}", median(cpu))).join(" / ") + " µs",
        ]);
    }
    table(&lines)?;
    let one = rows.first().map_or(f64::NAN, |row| p50(&row.commands_only));
    let one_in_shop = rows.first().map_or(f64::NAN, |row| p50(&row.shop));
    heading(
        "One client",
        "The p50 of a single client against a raw SQLite commit (FULL) of the same bytes.",
    )?;
    table(&[
        ["raw commit", "command side", "ratio", "whole shop", "ratio"]
            .map(str::to_owned)
            .to_vec(),
        vec![
            milliseconds(raw_p50),
            milliseconds(one),
            against(one / raw_p50, "≤ 2", one / raw_p50 <= 2.0),
            milliseconds(one_in_shop),
            format!("{:.2}×", one_in_shop / raw_p50),
        ],
    ])
}

fn rate(seen: &[Seen]) -> f64 {
    median(&seen.iter().map(Seen::per_second).collect::<Vec<_>>())
}

fn p50(seen: &[Seen]) -> f64 {
    median(&seen.iter().map(|seen| seen.p50_microseconds as f64).collect::<Vec<_>>())
}

fn ratio(ratio: f64, clients: usize, goal: f64) -> String {
    if clients == CLIENTS_OF_GOALS {
        against(ratio, &format!("≥ {goal}"), ratio >= goal)
    } else {
        format!("{ratio:.2}×")
    }
}
