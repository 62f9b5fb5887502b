//! What an import sends: whole products by handle, and opening stock.

use axum::extract::State;
use domain::catalog::name::Name;
use domain::catalog::product::Command as ProductCommand;
use domain::inventory::item::{Command as StockCommand, StockItem};
use domain::stream::{Location, NameKey, StreamId};
use domain::value::{ProductId, STOCK_QUANTITY_MAX, Sku};
use domain::{Aggregate, Command};

use crate::Outcome;
use crate::http::answer::{Answer, Answered};
use crate::http::body::Body;
use crate::http::fields;
use crate::http::import::{
    CountedStock, ImportedProduct, ImportedVariant, InvalidField, OpeningStock, product_commands, product_id,
    stock_command,
};
use crate::http::intent::{Admin, Intent, Place};
use crate::http::preview;
use crate::http::problem::Problem;
use crate::http::state::HttpState;
use crate::http::view::{ProductView, StockView};

/// Why a count changes that an import brings.
const COUNTED: &str = "counted";
/// What is said when a slug is that of another product.
const SLUG_TAKEN: &str = "slug.taken";

/// `PUT /v1/imports/products/{handle}`
pub(crate) async fn put_product(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((handle,)): Place<(String,)>,
    body: Body<ImportedProduct>,
) -> Answered {
    let id = product_id(&handle);
    match import(&shop, &intent, &body, id).await {
        Err(problem) if problem.code == SLUG_TAKEN => {
            let id = owner(&shop, &body.fields.slug).await?.ok_or(problem)?;
            let outcome = import(&shop, &intent, &body, id).await?;
            Answer::of(&intent, &outcome, &ProductView::of(id, &outcome).with_changed(&outcome))
        }
        imported => {
            let outcome = imported?;
            Answer::of(&intent, &outcome, &ProductView::of(id, &outcome).with_changed(&outcome))
        }
    }
}

/// `POST /v1/imports/products/{handle}/preview`: what the same body would change, and nothing is changed.
pub(crate) async fn preview_product(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((handle,)): Place<(String,)>,
    body: Body<ImportedProduct>,
) -> Answered {
    let commands = commands(&shop, &body.fields, product_id(&handle)).await?;
    match preview::events(&shop, &intent, &commands).await {
        Err(problem) if problem.code == SLUG_TAKEN => {
            let id = owner(&shop, &body.fields.slug).await?.ok_or(problem)?;
            let commands = self::commands(&shop, &body.fields, id).await?;
            preview::events(&shop, &intent, &commands).await?.answer(&intent)
        }
        seen => seen?.answer(&intent),
    }
}

async fn import(
    shop: &HttpState,
    intent: &Intent,
    body: &Body<ImportedProduct>,
    id: ProductId,
) -> Result<Outcome, Problem> {
    let commands = commands(shop, &body.fields, id).await?;
    shop.run(intent, body, commands).await
}

async fn commands(shop: &HttpState, body: &ImportedProduct, id: ProductId) -> Result<Vec<Command>, Problem> {
    let mut commands = product_commands(id, body, &shop.default_locale()).map_err(refused)?;
    let is_priced = |variant: &ImportedVariant| variant.price.is_some() || !variant.prices.is_empty();
    let has_price = body.variants.iter().any(is_priced);
    let may_be_new = body.published.is_none() && body.published_when_new && has_price;
    if may_be_new && shop.seen(&StreamId::Product(id)).await?.version == 0 {
        commands.push(Command::Product(id, ProductCommand::Publish));
    }
    Ok(commands)
}

/// The product that has a slug: one that was made by hand, or that came in under another handle.
async fn owner(shop: &HttpState, slug: &str) -> Result<Option<ProductId>, Problem> {
    let Ok(slug) = slug.parse() else { return Ok(None) };
    let seen = shop.seen(&StreamId::Name(NameKey::ProductSlug(slug))).await?;
    Ok(Name::of(&seen.state).and_then(Name::owner).map(ProductId))
}

/// `PUT /v1/imports/stock/{sku}`
pub(crate) async fn put_stock(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((sku,)): Place<(Sku,)>,
    body: Body<OpeningStock>,
) -> Answered {
    shop.expect_sku(&sku, &intent.after).await?;
    let command = stock_command(sku.clone(), body.fields);
    let outcome = shop.run(&intent, &body, vec![command]).await?;
    let location = Location::default();
    let view = StockView::of(&sku, &location, outcome.state.as_deref(), outcome.version);
    Answer::of(&intent, &outcome, &view)
}

/// `POST /v1/imports/stock/{sku}/preview`: what the same body would change, were there such a SKU.
pub(crate) async fn preview_stock(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((sku,)): Place<(Sku,)>,
    body: Body<OpeningStock>,
) -> Answered {
    let command = stock_command(sku, body.fields);
    preview::events(&shop, &intent, &[command]).await?.answer(&intent)
}

/// `PUT /v1/imports/stock/{sku}/count`
pub(crate) async fn count_stock(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((sku,)): Place<(Sku,)>,
    body: Body<CountedStock>,
) -> Answered {
    let (location, command) = count_command(&shop, &intent, &sku, &body.fields).await?;
    let outcome = shop.run(&intent, &body, vec![command]).await?;
    let view = StockView::of(&sku, &location, outcome.state.as_deref(), outcome.version);
    Answer::of(&intent, &outcome, &view.with_changed(&outcome))
}

/// `POST /v1/imports/stock/{sku}/count/preview`: what the same body would change.
pub(crate) async fn preview_count(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((sku,)): Place<(Sku,)>,
    body: Body<CountedStock>,
) -> Answered {
    let (_, command) = count_command(&shop, &intent, &sku, &body.fields).await?;
    preview::events(&shop, &intent, &[command]).await?.answer(&intent)
}

/// Where it was counted, and what makes the count so. It is decided on what was seen to be there: when that changes meanwhile, it is refused.
async fn count_command(
    shop: &HttpState,
    intent: &Intent,
    sku: &Sku,
    counted: &CountedStock,
) -> Result<(Location, Command), Problem> {
    pieces("onHand", Some(counted.on_hand))?;
    pieces("expected", counted.expected)?;
    shop.expect_sku(sku, &intent.after).await?;
    let location = fields::location(counted.location.as_deref())?;
    let seen = shop.seen(&StreamId::StockItem(sku.clone(), location.clone())).await?;
    let on_hand = StockItem::of(&seen.state).map_or(0, |item| item.stock().levels.on_hand);
    let believed = counted
        .expected
        .filter(|_| on_hand != counted.on_hand)
        .unwrap_or(on_hand);
    let adjust = StockCommand::Adjust {
        delta: counted.on_hand.saturating_sub(believed),
        expected: Some(believed),
        force: false,
        reason: COUNTED.to_owned(),
    };
    let command = Command::StockItem(sku.clone(), location.clone(), adjust);
    Ok((location, command))
}

/// Whether so many can lie on a shelf.
fn pieces(field: &str, quantity: Option<i64>) -> Result<(), Problem> {
    let range = 0..=STOCK_QUANTITY_MAX;
    if quantity.is_none_or(|quantity| range.contains(&quantity)) {
        return Ok(());
    }
    let detail = format!("{field} must be from 0 to {STOCK_QUANTITY_MAX}");
    Err(Problem::value("stock.quantity_invalid", field, detail))
}

fn refused(invalid: InvalidField) -> Problem {
    Problem::value("import.value_invalid", invalid.field.clone(), invalid.to_string())
}
