//! Every route of the router, with what the document says of it.

mod catalogue;
mod sales;
mod stock;

use serde_json::{Value, json};

use super::operation::Operation;

/// All entries, in the order in which a shopper and then a shopkeeper would need them.
pub(super) fn operations() -> Vec<Operation> {
    let chapters = [
        ("Carts", sales::carts()),
        ("Orders", sales::orders()),
        ("Products", catalogue::products()),
        ("Images", catalogue::images()),
        ("Categories", catalogue::categories()),
        ("Stock", stock::stock()),
        ("Shop", stock::shop()),
        ("Imports", stock::imports()),
    ];
    let tagged = chapters.into_iter().flat_map(|(tag, operations)| {
        let operations = operations.into_iter();
        operations.map(move |operation| operation.under(tag))
    });
    tagged.collect()
}

pub(super) fn tags() -> Value {
    json!([
        { "name": "Carts", "description": "For whoever has the cart's secret, its customer, and admins." },
        { "name": "Orders", "description": "A cart and its order share one id, and the cart's secret opens both." },
        { "name": "Products", "description": "For admins." },
        { "name": "Images", "description": "For admins: files, kept under their hash." },
        { "name": "Categories", "description": "For admins." },
        { "name": "Stock", "description": "For admins." },
        { "name": "Shop", "description": "For admins." },
        { "name": "Imports", "description": "For admins: whole products, safe to send again." },
    ])
}
