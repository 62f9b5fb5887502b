//! Facets of all products and of a category: counted for the first time, given again, and after something has changed.

use std::time::Instant;

use domain::Command;
use domain::inventory::item::Command as StockCommand;
use domain::stream::Location;
use domain::value::Sku;
use projectors::SearchFeed;
use search::{Filter, SearchIndex};

use super::{CATEGORIES, Failure, Timed, category_id, category_opened, criteria, request};
use crate::bench::commands_only::CommandSide;
use crate::bench::inside::callers_until;

/// How often something changes.
const CHANGES: usize = 20;
/// How often each list is asked for again after each change.
const AGAIN: usize = 20;

/// What is timed, in the order of [`ask`].
pub(super) const QUESTIONS: [&str; 4] = [
    "facets of all products, when one has changed",
    "facets of all products, when stock has changed",
    "facets of a category, when one has changed",
    "facets of all products or of a category, again",
];

/// Changes something, and asks for the facets of whole lists.
pub(super) async fn ask(
    side: &CommandSide,
    feed: &SearchFeed,
    index: &SearchIndex,
    timed: &mut [Timed],
) -> Result<(), Failure> {
    let [product_changed, stock_changed, category, again] = timed else {
        return Err("there are four questions".into());
    };
    let all = || criteria(None, Filter::default());
    let of_category = |number: usize| {
        let filter = Filter {
            category: Some(category_id(number % CATEGORIES)),
            ..Filter::default()
        };
        criteria(None, filter)
    };
    for number in 0..CHANGES {
        change(side, feed, &|| category_opened(CATEGORIES + number)).await?;
        let begin = Instant::now();
        let _ = index.facets(all()).await?;
        product_changed.note(begin)?;
        let begin = Instant::now();
        let _ = index.facets(of_category(number)).await?;
        category.note(begin)?;
        for _ in 0..AGAIN {
            for criteria in [all(), of_category(number)] {
                let begin = Instant::now();
                let _ = index.facets(criteria).await?;
                again.note(begin)?;
            }
        }
        change(side, feed, &|| stock_received(number)).await?;
        let begin = Instant::now();
        let _ = index.facets(all()).await?;
        stock_changed.note(begin)?;
    }
    Ok(())
}

/// Does something, and waits until the index holds it.
async fn change(
    side: &CommandSide,
    feed: &SearchFeed,
    request: &impl Fn() -> command_api::Request,
) -> Result<(), Failure> {
    let commits = || side.follower.positions().values().sum::<u64>();
    let before = commits();
    callers_until(&side.commands, 1, 1, request).await?;
    while commits() == before || feed.lag_commits() > 0 {
        tokio::task::yield_now().await;
    }
    Ok(())
}

fn stock_received(number: usize) -> command_api::Request {
    let sku: Sku = format!("BENCH-{number}")
        .parse()
        .expect("the SKUs of the measurement are well formed");
    let command = StockCommand::Receive { quantity: 1 };
    request(vec![Command::StockItem(sku, Location::default(), command)])
}
