//! How long after a command's answer a query shows what it did.

use super::clients::{Shopper, enter_all, stock};
use super::http_commands::WARM_UP_MILLISECONDS;
use super::load::{Exchange, Plan, Seen, play};
use super::measure::{Effort, Failure};
use super::report::{against, heading, median, milliseconds, table, thousands};
use super::shop::Server;

/// Numbers of clients; the goal speaks of the last.
const CLIENTS: [usize; 3] = [1, 16, 64];
/// What the p50 should be at most.
const GOAL_MICROSECONDS: f64 = 5_000.0;

pub(super) async fn measure(effort: Effort) -> Result<(), Failure> {
    let shop = Server::shop().await?;
    stock(&shop).await?;
    let shoppers = enter_all(&shop, CLIENTS[CLIENTS.len() - 1]).await?;
    let mut with: Vec<Vec<Seen>> = vec![Vec::new(); CLIENTS.len()];
    let mut without = with.clone();
    for _ in 0..effort.rounds {
        for (index, clients) in CLIENTS.into_iter().enumerate() {
            let plan = |exchanges: &dyn Fn(&Shopper) -> Vec<Exchange>| Plan {
                address: shop.address,
                warm_up_milliseconds: WARM_UP_MILLISECONDS,
                milliseconds: effort.milliseconds,
                clients: shoppers[..clients].iter().map(exchanges).collect(),
            };
            with[index].push(play(&plan(&Shopper::commands_and_queries)).await?);
            without[index].push(play(&plan(&|shopper| vec![shopper.query(&shopper.headers())])).await?);
        }
    }
    heading(
        "From a command to a query that shows it",
        "Each client changes its cart and then asks for it with the answer's consistency token: the time of that \
         query, which waits until the projections hold the change. Beside it the same query alone, which waits for \
         nothing. None may be answered from the past.",
    )?;
    let mut lines = vec![
        [
            "clients",
            "pairs",
            "visible p50",
            "visible p99",
            "the query alone p50",
            "goal",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for ((clients, with), without) in CLIENTS.into_iter().zip(&with).zip(&without) {
        let of = |seen: &[Seen], number: fn(&Seen) -> f64| median(&seen.iter().map(number).collect::<Vec<_>>());
        let p50 = of(with, |seen| seen.p50_microseconds as f64);
        let last = if clients == CLIENTS[CLIENTS.len() - 1] {
            against(p50 / GOAL_MICROSECONDS, "≤ 5 ms", p50 <= GOAL_MICROSECONDS)
        } else {
            String::new()
        };
        lines.push(vec![
            clients.to_string(),
            thousands(of(with, Seen::per_second)),
            milliseconds(p50),
            milliseconds(of(with, |seen| seen.p99_microseconds as f64)),
            milliseconds(of(without, |seen| seen.p50_microseconds as f64)),
            last,
        ]);
    }
    table(&lines)
}
