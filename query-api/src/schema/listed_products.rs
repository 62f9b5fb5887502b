//! All products, those that shoppers do not see included, for those who run the shop.

use std::sync::Arc;

use async_graphql::Object;
use domain::value::ProductId;
use read_store::PageRange;
use read_store::model::id_value;
use read_store::model::product::{LISTED, ProductStatus, listed_partition};

use super::connection::{Listed, ListedRows, PageArguments, PageInfo};
use super::product::Product;
use crate::cursor::QueryFingerprint;
use crate::error::QueryError;
use crate::scope::Scope;

/// A page of all products.
pub(crate) struct ListedProducts(Listed<Product>);

/// A page of all products, those that shoppers do not see included.
#[Object(serial)]
impl ListedProducts {
    /// The products.
    async fn nodes(&self) -> Vec<&Product> {
        self.0.nodes()
    }

    /// What lies around the page.
    async fn page_info(&self) -> PageInfo {
        self.0.page_info()
    }
}

/// Reads a page of all products that are one of these, by slug.
pub(crate) async fn read(
    scope: &Arc<Scope>,
    statuses: &[ProductStatus],
    arguments: &PageArguments,
) -> Result<ListedProducts, QueryError> {
    let partitions: Vec<String> = statuses.iter().map(|status| listed_partition(*status)).collect();
    let fingerprint = QueryFingerprint::of(&format!("listed products {}", partitions.join(" ")));
    let rows = ListedRows {
        table: &LISTED,
        partitions: &partitions,
        within: PageRange::default(),
        source: scope.reading.catalog(),
    };
    let page = rows.read(&scope.reading, &fingerprint, arguments).await?;
    let ids = page.rows.iter().map(|row| id_value(row).map(ProductId));
    let ids: Vec<ProductId> = ids.collect::<Result<_, _>>()?;
    let views = scope.loaders.products.load_many(&ids).await?;
    let products = views
        .into_iter()
        .map(|view| view.map(|view| Product::new(Arc::clone(scope), view)));
    Ok(ListedProducts(Listed::of(fingerprint, page.places(), products)))
}
