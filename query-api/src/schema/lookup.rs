//! Finding one object, for those who may see it. To everybody else it does not exist.

use std::sync::Arc;

use domain::sales::is_order_number;
use domain::stream::Topic;
use domain::value::{CartId, CategoryId, OrderId, ProductId, Slug};
use read_store::model;
use read_store::model::product::ProductStatus;

use super::cart::Cart;
use super::category::Category;
use super::order::Order;
use super::product::Product;
use crate::consistency::Source;
use crate::error::QueryError;
use crate::history::AsOf;
use crate::scope::Scope;

/// A published product; admins see drafts as well.
pub(crate) async fn product(scope: &Arc<Scope>, id: ProductId) -> Result<Option<Product>, QueryError> {
    let view = scope.loaders.products.load(id).await?;
    let shown = view.filter(|view| match view.view.status {
        ProductStatus::Published => true,
        ProductStatus::Draft | ProductStatus::Archived => scope.visitor().identity().is_admin(),
    });
    Ok(shown.map(|view| Product::new(Arc::clone(scope), view)))
}

pub(crate) async fn product_by_slug(scope: &Arc<Scope>, slug: &str) -> Result<Option<Product>, QueryError> {
    // What cannot be a slug names nothing.
    let Ok(slug) = slug.parse::<Slug>() else {
        return Ok(None);
    };
    let key = model::product::by_slug_key(&slug);
    let catalog = scope.reading.catalog();
    match scope.reading.id_at(&model::product::BY_SLUG, key, catalog).await? {
        None => Ok(None),
        Some(id) => product(scope, ProductId(id)).await,
    }
}

/// A category that is shown.
pub(crate) async fn category(scope: &Arc<Scope>, id: CategoryId) -> Result<Option<Category>, QueryError> {
    let view = scope.loaders.categories.load(id).await?;
    let shown = view.filter(|view| !view.view.archived);
    Ok(shown.map(|view| Category::new(Arc::clone(scope), view)))
}

pub(crate) async fn category_by_slug(scope: &Arc<Scope>, slug: &str) -> Result<Option<Category>, QueryError> {
    let Ok(slug) = slug.parse::<Slug>() else {
        return Ok(None);
    };
    let key = model::category::by_slug_key(&slug);
    let catalog = scope.reading.catalog();
    match scope.reading.id_at(&model::category::BY_SLUG, key, catalog).await? {
        None => Ok(None),
        Some(id) => category(scope, CategoryId(id)).await,
    }
}

/// A cart, for who may see it.
pub(crate) async fn cart(scope: &Arc<Scope>, id: CartId) -> Result<Option<Cart>, QueryError> {
    if !may_see_something_of(scope, id) {
        return Ok(None);
    }
    let view = scope.loaders.carts.load(id).await?;
    let seen = view.filter(|view| scope.visitor().may_see_cart(id, view.view.customer));
    Ok(seen.map(|view| Cart::new(Arc::clone(scope), view)))
}

/// A cart as it was, for who may see it now.
pub(crate) async fn cart_as_of(scope: &Arc<Scope>, id: CartId, as_of: AsOf) -> Result<Option<Cart>, QueryError> {
    let Some(now) = cart(scope, id).await? else {
        return Ok(None);
    };
    let then = scope.history().cart(id, now.view.view.opened, as_of).await?;
    Ok(then.map(|view| Cart::new(Arc::clone(scope), Arc::new(view))))
}

/// An order as it was, for who may see it now.
pub(crate) async fn order_as_of(scope: &Arc<Scope>, now: Order, as_of: AsOf) -> Result<Option<Order>, QueryError> {
    let (id, placed) = (now.view().view.id, now.view().view.placed);
    let then = scope.history().order(id, placed, as_of).await?;
    Ok(then.map(|view| Order::new(Arc::clone(scope), Arc::new(view))))
}

/// An order, for who may see the cart it came from.
pub(crate) async fn order(scope: &Arc<Scope>, id: OrderId) -> Result<Option<Order>, QueryError> {
    let cart = CartId(id.0);
    if !may_see_something_of(scope, cart) {
        return Ok(None);
    }
    let view = scope.loaders.orders.load(id).await?;
    let seen = view.filter(|view| scope.visitor().may_see_cart(cart, view.view.customer));
    Ok(seen.map(|view| Order::new(Arc::clone(scope), view)))
}

pub(crate) async fn order_by_number(scope: &Arc<Scope>, number: &str) -> Result<Option<Order>, QueryError> {
    let number = number.trim().to_ascii_uppercase();
    if !is_order_number(&number) {
        return Ok(None);
    }
    let key = model::order::by_number_key(&number);
    let source = Source::Topic(Topic::Sales);
    match scope.reading.id_at(&model::order::BY_NUMBER, key, source).await? {
        None => Ok(None),
        Some(id) => order(scope, OrderId(id)).await,
    }
}

/// Whether it is worth looking: somebody without any credential that could open the cart is told "nothing"
/// before anything is read or waited for, so that not even the time it takes says whether it exists.
fn may_see_something_of(scope: &Scope, id: CartId) -> bool {
    let identity = scope.visitor().identity();
    identity.is_admin() || matches!(identity, access::Principal::Customer { .. }) || scope.visitor().has_secret_of(id)
}
