//! A GraphQL list of 20 products beside the same bytes from axum and serde.

use reqwest::Method;
use serde_json::json;

use super::clients::request;
use super::http_commands::WARM_UP_MILLISECONDS;
use super::load::{Exchange, Plan, Seen, play};
use super::measure::{Effort, Failure};
use super::report::{against, heading, median, milliseconds, table, thousands};
use super::shop::Server;

/// Clients that ask at once.
const CLIENTS: usize = 64;
/// What a page of a storefront asks for.
const QUERY: &str = "{ products(first: 20) { nodes { id slug title vendor tags availability \
    priceRange { min { amount currency } max { amount currency } } images { url alt } } \
    pageInfo { hasNextPage endCursor } } }";

pub(super) async fn measure(effort: Effort) -> Result<(), Failure> {
    let shop = Server::shop().await?;
    let body = json!({ "query": QUERY });
    let page = shop.ask(Method::POST, "/graphql", &[], &body).await?;
    let products = page["data"]["products"]["nodes"].as_array().map_or(0, Vec::len);
    if products != 20 {
        return Err(format!("the list has {products} products: {page}").into());
    }
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("page.json");
    let bytes = serde_json::to_vec(&page)?;
    std::fs::write(&file, &bytes)?;
    let yardstick = Server::yardstick(Some(&file)).await?;
    let plan = |server: &Server| Plan {
        address: server.address,
        warm_up_milliseconds: WARM_UP_MILLISECONDS,
        milliseconds: effort.milliseconds,
        clients: vec![
            vec![Exchange {
                request: request("POST", "/graphql", "", &body),
                is_timed: true,
            }];
            CLIENTS
        ],
    };
    let (mut bare, mut queries) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        bare.push(play(&plan(&yardstick)).await?);
        queries.push(play(&plan(&shop)).await?);
    }
    heading(
        "A GraphQL list of 20 products",
        &format!(
            "{CLIENTS} clients ask for a page of {} bytes; beside it the same page serialised by serde for each \
             request and sent by axum on the multi-thread runtime. Nothing changes meanwhile, so the shop may give \
             an answer again.",
            bytes.len()
        ),
    )?;
    let of = |seen: &[Seen], number: fn(&Seen) -> f64| median(&seen.iter().map(number).collect::<Vec<_>>());
    let (bare, queries_rate) = (of(&bare, Seen::per_second), of(&queries, Seen::per_second));
    let ratio = queries_rate / bare;
    table(&[
        ["axum and serde", "GraphQL", "ratio", "GraphQL p50 / p99"]
            .map(str::to_owned)
            .to_vec(),
        vec![
            thousands(bare),
            thousands(queries_rate),
            against(ratio, "≥ 0.6", ratio >= 0.6),
            format!(
                "{} / {}",
                milliseconds(of(&queries, |seen| seen.p50_microseconds as f64)),
                milliseconds(of(&queries, |seen| seen.p99_microseconds as f64))
            ),
        ],
    ])
}
