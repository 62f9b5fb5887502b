//! The whole API as one list.

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, patch, post, put};

use super::edge;
use super::resource::{
    carts, categories, checkouts, elsewhere, images, imports, orders, parcels, products, returns, shop, stock, variants,
};
use super::state::HttpState;

/// The endpoints of commands, ready to be mounted.
pub fn router(state: HttpState) -> Router {
    Router::new()
        // Carts: whoever has the cart's secret, its customer, an admin.
        .route("/v1/carts", post(carts::open))
        .route("/v1/carts/{cart}/lines", post(carts::add_line).delete(carts::clear))
        .route(
            "/v1/carts/{cart}/lines/{line}",
            patch(carts::set_quantity).delete(carts::remove_line),
        )
        .route("/v1/carts/{cart}/contact", put(carts::set_contact))
        .route("/v1/carts/{cart}/addresses", put(carts::set_addresses))
        .route("/v1/carts/{cart}/shipping", put(carts::choose_shipping))
        .route("/v1/carts/{cart}/checkout", post(checkouts::begin))
        .route("/v1/checkouts/{checkout}", get(checkouts::look))
        // Orders: the same people, as far as the rules let them; the rest is for admins.
        .route("/v1/orders", post(orders::place))
        .route("/v1/orders/{order}/confirm", post(orders::confirm))
        .route("/v1/orders/{order}/cancel", post(orders::cancel))
        .route("/v1/orders/{order}/invoice-payments", post(orders::record_paid))
        .route("/v1/orders/{order}/notes", post(orders::add_note))
        .route("/v1/orders/{order}/fulfilments", post(parcels::pack))
        .route(
            "/v1/orders/{order}/fulfilments/{fulfilment}/shipped",
            post(parcels::mark_shipped),
        )
        .route(
            "/v1/orders/{order}/fulfilments/{fulfilment}/delivered",
            post(parcels::mark_delivered),
        )
        .route("/v1/orders/{order}/returns", post(returns::request))
        .route("/v1/orders/{order}/returns/{return}/approve", post(returns::approve))
        .route("/v1/orders/{order}/returns/{return}/receive", post(returns::receive))
        .route("/v1/orders/{order}/refunds", post(returns::record_refund))
        // The catalogue: admins.
        .route("/v1/products", post(products::draft))
        .route("/v1/products/{product}", put(products::describe))
        .route("/v1/products/{product}/variants", post(variants::add))
        .route("/v1/products/{product}/variants/{sku}", put(variants::change_facts))
        .route("/v1/products/{product}/variants/{sku}/price", put(variants::set_price))
        .route(
            "/v1/products/{product}/images",
            post(products::add_image).put(products::order_images),
        )
        .route(
            "/v1/products/{product}/images/{image}",
            put(products::describe_image).delete(products::remove_image),
        )
        .route("/v1/products/{product}/options", put(products::translate_options))
        .route(
            "/v1/products/{product}/categories/{category}",
            put(products::place).delete(products::withdraw),
        )
        .route("/v1/products/{product}/publish", post(products::publish))
        .route("/v1/products/{product}/unpublish", post(products::unpublish))
        .route("/v1/products/{product}/archive", post(products::archive))
        .route("/v1/images", post(images::upload))
        .route("/v1/categories", post(categories::open))
        .route("/v1/categories/{category}", put(categories::rename))
        .route("/v1/categories/{category}/parent", put(categories::hang))
        .route("/v1/categories/{category}/archive", post(categories::archive))
        // Stock and the shop itself: admins.
        .route("/v1/stock/{sku}", get(stock::look))
        .route("/v1/stock/{sku}/receipts", post(stock::receive))
        .route("/v1/stock/{sku}/adjustments", post(stock::adjust))
        .route("/v1/stock/{sku}/threshold", put(stock::set_threshold))
        .route("/v1/stock/{sku}/backorder", put(stock::allow_backorder))
        .route("/v1/shop", put(shop::configure))
        // Imports: admins.
        .route("/v1/imports/products/{handle}", put(imports::put_product))
        .route("/v1/imports/products/{handle}/preview", post(imports::preview_product))
        .route("/v1/imports/stock/{sku}", put(imports::put_stock))
        .route("/v1/imports/stock/{sku}/preview", post(imports::preview_stock))
        .route("/v1/imports/stock/{sku}/count", put(imports::count_stock))
        .route("/v1/imports/stock/{sku}/count/preview", post(imports::preview_count))
        .fallback(elsewhere::not_found)
        .method_not_allowed_fallback(elsewhere::method_not_allowed)
        .layer(from_fn(edge::pass))
        .layer(edge::cors())
        .with_state(state)
}
