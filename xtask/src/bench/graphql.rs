//! A list of 20 products and a storefront's pages in GraphQL, beside the same bytes from axum and serde.

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::clients::{request, text};
use super::http_commands::WARM_UP_MILLISECONDS;
use super::load::{Exchange, Plan, Seen, play};
use super::measure::{Effort, Failure};
use super::report::{against, heading, median, milliseconds, table, thousands};
use super::shop::Server;

/// Clients that ask at once.
const CLIENTS: usize = 64;
/// What axum and serde do in the same time, at most that many times as much: of the list.
const LIST_RATIO_MIN: f64 = 0.6;
/// A list, as a shelf shows it.
const LIST: &str = "query { products(first: 20) { nodes { id slug title vendor tags availability \
    priceRange { min { amount currency } max { amount currency } } images { url alt } } \
    pageInfo { hasNextPage endCursor } } }";
/// What a storefront's pages ask, as the documentation has it, with their variables in their heads.
const CATEGORY_PAGE: &str = include_str!("../../../docs/graphql/category-page.graphql");
const PRODUCT_PAGE: &str = include_str!("../../../docs/graphql/product-page.graphql");

/// Something that is asked for, and what the bare server sends instead.
struct Page {
    name: &'static str,
    body: Value,
    /// The same, and the caller's own cart.
    body_with_cart: Value,
    bytes: usize,
    yardstick: Server,
    /// Keeps the bare server's page.
    _directory: TempDir,
}

/// How it was served: by axum and serde, by the shop to anybody, by the shop beside the caller's own cart.
#[derive(Default)]
struct Served {
    bare: Vec<Seen>,
    again: Vec<Seen>,
    anew: Vec<Seen>,
}

pub(super) async fn measure(effort: Effort) -> Result<(), Failure> {
    let shop = Server::shop().await?;
    let opened = shop.ask(Method::POST, "/v1/carts", &[], &json!({})).await?;
    let header = format!("cart-secret: {}\r\n", text(&opened, "cartSecret")?);
    let cart = text(&opened, "id")?;
    let mut pages = Vec::new();
    for (name, document, shown) in [
        ("a list of 20", LIST, "/products"),
        ("a category page", CATEGORY_PAGE, "/category/products"),
        ("a product page", PRODUCT_PAGE, "/product"),
    ] {
        pages.push(Page::open(&shop, name, document, &cart, shown).await?);
    }
    let mut rows = vec![
        [
            "what",
            "bytes",
            "axum and serde",
            "to anybody",
            "ratio",
            "with one's cart",
            "ratio",
            "p50 / p99 of it",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for page in &pages {
        let mut served = Served::default();
        for _ in 0..effort.rounds {
            served.bare.push(play(&page.plan(&page.yardstick, effort)).await?);
            served.again.push(play(&page.plan(&shop, effort)).await?);
            served
                .anew
                .push(play(&page.plan_with_cart(&shop, &header, effort)).await?);
        }
        rows.push(page.row(&served));
    }
    heading(
        "A list of 20 products and the pages of a storefront in GraphQL",
        &format!(
            "{CLIENTS} clients ask; beside it the same page serialised by serde for each request and sent by axum on \
             the multi-thread runtime. What is the same for everybody is given again as long as nothing has changed; \
             beside one's own cart it is made anew."
        ),
    )?;
    table(&rows)
}

/// The body that asks a document with the variables in its head, if it has any.
fn documented(document: &str) -> Result<Value, Failure> {
    let head = document.lines().find_map(|line| line.strip_prefix("# Variables: "));
    let variables: Value = serde_json::from_str(head.unwrap_or("{}"))?;
    Ok(json!({ "query": document, "variables": variables }))
}

/// The document with a cart as its first field.
fn with_cart(document: &str, cart: &str) -> Result<String, Failure> {
    let operation = document.find("query").ok_or("the document has no query")?;
    let (head, fields) = document[operation..].split_once('{').ok_or("the query has no fields")?;
    Ok(format!(
        "{}{head}{{ own: cart(id: \"{cart}\") {{ id }} {fields}",
        &document[..operation]
    ))
}

impl Page {
    /// What the shop answers; there must be something at `shown`.
    async fn open(shop: &Server, name: &'static str, document: &str, cart: &str, shown: &str) -> Result<Self, Failure> {
        let body = documented(document)?;
        let answer = shop.ask(Method::POST, "/graphql", &[], &body).await?;
        let is_there = answer["data"].pointer(shown).is_some_and(|shown| !shown.is_null());
        if !is_there || answer.get("errors").is_some() {
            return Err(format!("{name} is not shown: {answer}").into());
        }
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("page.json");
        let bytes = serde_json::to_vec(&answer)?;
        std::fs::write(&file, &bytes)?;
        Ok(Self {
            name,
            body,
            body_with_cart: documented(&with_cart(document, cart)?)?,
            bytes: bytes.len(),
            yardstick: Server::yardstick(Some(&file)).await?,
            _directory: directory,
        })
    }

    fn plan(&self, server: &Server, effort: Effort) -> Plan {
        Self::plan_of(request("POST", "/graphql", "", &self.body), server, effort)
    }

    fn plan_with_cart(&self, server: &Server, headers: &str, effort: Effort) -> Plan {
        Self::plan_of(
            request("POST", "/graphql", headers, &self.body_with_cart),
            server,
            effort,
        )
    }

    fn plan_of(request: String, server: &Server, effort: Effort) -> Plan {
        let exchange = Exchange {
            request,
            is_timed: true,
        };
        Plan {
            address: server.address,
            warm_up_milliseconds: WARM_UP_MILLISECONDS,
            milliseconds: effort.milliseconds,
            clients: vec![vec![exchange]; CLIENTS],
        }
    }

    fn row(&self, served: &Served) -> Vec<String> {
        let of = |seen: &[Seen], number: fn(&Seen) -> f64| median(&seen.iter().map(number).collect::<Vec<_>>());
        let bare = of(&served.bare, Seen::per_second);
        let ratio = |seen: &[Seen]| {
            let ratio = of(seen, Seen::per_second) / bare;
            if self.name.contains("list") {
                against(ratio, "≥ 0.6", ratio >= LIST_RATIO_MIN)
            } else {
                format!("{ratio:.2}×")
            }
        };
        vec![
            self.name.to_owned(),
            self.bytes.to_string(),
            thousands(bare),
            thousands(of(&served.again, Seen::per_second)),
            ratio(&served.again),
            thousands(of(&served.anew, Seen::per_second)),
            ratio(&served.anew),
            format!(
                "{} / {}",
                milliseconds(of(&served.anew, |seen| seen.p50_microseconds as f64)),
                milliseconds(of(&served.anew, |seen| seen.p99_microseconds as f64))
            ),
        ]
    }
}
