//! The subscriptions: what a query would answer, again each time something happens to it.

mod messages;
mod updates;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::{Context, ID, Result};
use domain::stream::{StreamId, Topic as DomainTopic};
use domain::value::{CartId, OrderId, ProductId, Sku};
use domain::{Event, inventory, sales};
use futures::Stream;
use read_store::model;
use strum::IntoEnumIterator;

use self::messages::{
    AvailabilityUpdate, CartUpdate, OrderPlacement, OrderUpdate, ProductUpdate, RollEvent, StockWarning, Topic,
};
use self::updates::{Opening, updates};
use super::id::Kind;
use super::lookup;
use super::variant::ProductVariant;
use crate::error::QueryError;
use crate::limits::SKUS_MAX;
use crate::live::{Interest, LiveScope, public_events};
use crate::scope::Scope;

/// The subscriptions.
pub(crate) struct Subscription;

/// The subscriptions, over a WebSocket at this address (`graphql-transport-ws`). Each begins with a message that says
/// how things are now; with `after` (the `cursor` of any message) it begins with what has happened since instead.
#[async_graphql::Subscription]
impl Subscription {
    /// A cart, each time something happens to it, for who may see it; to everybody else nothing ever happens.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + child_complexity")]
    async fn cart_updated(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Global id or UUID.")] id: ID,
        #[graphql(desc = "The cursor of a message: goes on behind it.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<CartUpdate>> + use<>> {
        let id = CartId(Kind::Cart.uuid(&id)?);
        let opening = Opening::of(context, Interest::Stream(StreamId::Cart(id)), after).await?;
        Ok(updates(opening, move |moment| async move {
            let cart = lookup::cart(&moment.scope, id).await?;
            let is_hidden = cart.is_none();
            let update = CartUpdate {
                change: moment.change(),
                cart,
            };
            Ok(moment.unless(is_hidden, update))
        }))
    }

    /// An order, each time something happens to it, for who may see it; to everybody else nothing ever happens.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + child_complexity")]
    async fn order_updated(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Global id or UUID.")] id: ID,
        #[graphql(desc = "The cursor of a message: goes on behind it.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<OrderUpdate>> + use<>> {
        let id = OrderId(Kind::Order.uuid(&id)?);
        let opening = Opening::of(context, Interest::Stream(StreamId::Order(id)), after).await?;
        Ok(updates(opening, move |moment| async move {
            let order = lookup::order(&moment.scope, id).await?;
            let is_hidden = order.is_none();
            let update = OrderUpdate {
                change: moment.change(),
                order,
            };
            Ok(moment.unless(is_hidden, update))
        }))
    }

    /// A product, each time something happens to it; null once shoppers see it no more.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + child_complexity")]
    async fn product_updated(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Global id or UUID.")] id: ID,
        #[graphql(desc = "The cursor of a message: goes on behind it.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ProductUpdate>> + use<>> {
        let id = ProductId(Kind::Product.uuid(&id)?);
        let opening = Opening::of(context, Interest::Stream(StreamId::Product(id)), after).await?;
        Ok(updates(opening, move |moment| async move {
            let product = lookup::product(&moment.scope, id).await?;
            // A product that is withdrawn is told of; a draft that shoppers have never seen is not.
            let withdrawn = moment.has(is_withdrawal);
            let is_hidden = product.is_none() && !withdrawn;
            let update = ProductUpdate {
                change: moment.change(),
                product,
            };
            Ok(moment.unless(is_hidden, update))
        }))
    }

    /// The variants of these SKUs, each time their stock changes: those of published products.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + crate::limits::LIST_WEIGHT * child_complexity")]
    async fn availability_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "From 1 to 100.")] skus: Vec<String>,
        #[graphql(desc = "The cursor of a message: goes on behind it.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<AvailabilityUpdate>> + use<>> {
        let skus = parse_skus(&skus)?;
        let opening = Opening::of(context, Interest::Skus(skus.clone()), after).await?;
        Ok(updates(opening, move |moment| {
            let skus = moment.touched_skus(&skus);
            async move {
                let mut variants = Vec::new();
                for sku in &skus {
                    variants.extend(variant_of(&moment.scope, sku).await?);
                }
                let is_hidden = variants.is_empty();
                let update = AvailabilityUpdate {
                    change: moment.change(),
                    variants,
                };
                Ok(moment.unless(is_hidden, update))
            }
        }))
    }

    /// Every order as it is placed; for admins.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + child_complexity")]
    async fn order_placed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The cursor of a message: goes on behind it.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<OrderPlacement>> + use<>> {
        admins_only(context)?;
        let opening = Opening::of(context, topic(DomainTopic::Sales), after).await?;
        Ok(updates(opening, |moment| async move {
            let placed = moment.first(|stream, event| match (stream, event) {
                (StreamId::Order(id), Event::Order(sales::order::Event::OrderPlaced { .. })) => Some(*id),
                _ => None,
            });
            let order = match placed {
                Some(id) => lookup::order(&moment.scope, id).await?,
                None => None,
            };
            let update = OrderPlacement {
                change: moment.change(),
                order,
            };
            Ok(moment.unless(placed.is_none(), update))
        }))
    }

    /// Every SKU whose stock falls to its threshold; for admins.
    async fn stock_low(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The cursor of a message: goes on behind it.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<StockWarning>> + use<>> {
        admins_only(context)?;
        let opening = Opening::of(context, topic(DomainTopic::Inventory), after).await?;
        Ok(updates(opening, |moment| async move {
            let low = moment.first(|stream, event| match (stream, event) {
                (
                    StreamId::StockItem(sku, location),
                    Event::StockItem(inventory::item::Event::StockRanLow { available, threshold }),
                ) => Some((sku.to_string(), location.as_str().to_owned(), *available, *threshold)),
                _ => None,
            });
            let update = StockWarning::new(moment.change(), low.clone());
            Ok(moment.unless(low.is_none(), update))
        }))
    }

    /// Everything that happens, without personal fields; for admins, and where the operator has made the roll public.
    async fn events(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of these contexts; all of them when not given.")] topics: Option<Vec<Topic>>,
        #[graphql(desc = "The cursor of a message: goes on behind it.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<RollEvent>> + use<>> {
        let live = LiveScope::of(context);
        let Some(detail) = live.detail else {
            return Err(not_allowed().into());
        };
        let topics = match topics {
            Some(topics) => topics.into_iter().map(DomainTopic::from).collect(),
            None => DomainTopic::iter().collect(),
        };
        let opening = Opening::of(context, Interest::Topics(topics), after).await?;
        Ok(updates::events(opening, detail))
    }
}

fn topic(topic: DomainTopic) -> Interest {
    Interest::Topics(BTreeSet::from([topic]))
}

fn not_allowed() -> QueryError {
    QueryError::argument("access.denied", "this is not allowed to you")
}

fn admins_only(context: &Context<'_>) -> Result<(), QueryError> {
    let is_admin = LiveScope::of(context).visitor.identity().is_admin();
    is_admin.then_some(()).ok_or_else(not_allowed)
}

fn is_withdrawal(event: &Event) -> bool {
    use domain::catalog::product::Event as OfProduct;
    matches!(
        event,
        Event::Product(OfProduct::ProductUnpublished {} | OfProduct::ProductArchived {})
    )
}

fn parse_skus(skus: &[String]) -> Result<BTreeSet<Sku>, QueryError> {
    if !(1..=SKUS_MAX).contains(&skus.len()) {
        let message = format!("skus must have from 1 to {SKUS_MAX} entries");
        return Err(QueryError::argument("subscription.skus", message));
    }
    let parsed = skus.iter().map(|sku| sku.parse::<Sku>());
    parsed
        .collect::<Result<_, _>>()
        .map_err(|error| QueryError::argument("subscription.skus", format!("a SKU {error}")))
}

/// The variant with a SKU, of a product that is seen.
async fn variant_of(scope: &Arc<Scope>, sku: &Sku) -> Result<Option<ProductVariant>, QueryError> {
    let key = model::product::by_sku_key(sku);
    let catalog = scope.reading.catalog();
    let Some(id) = scope.reading.id_at(&model::product::BY_SKU, key, catalog).await? else {
        return Ok(None);
    };
    let product = lookup::product(scope, ProductId(id)).await?;
    Ok(product.and_then(|product| product.variant(sku)))
}
