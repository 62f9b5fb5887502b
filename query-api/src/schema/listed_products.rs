//! All products, those that shoppers do not see included, for those who run the shop.

use std::sync::Arc;

use async_graphql::Object;
use domain::value::ProductId;
use read_store::model::id_value;
use read_store::model::product::{LISTED, ProductStatus, listed_partition};

use super::connection::{PageArguments, PageInfo, PageRows};
use super::product::Product;
use crate::cursor::QueryFingerprint;
use crate::error::QueryError;
use crate::scope::Scope;

/// A page of all products.
pub(crate) struct ListedProducts {
    fingerprint: QueryFingerprint,
    page: PageRows<PlacedProduct>,
}

/// A product and its place in a list.
struct PlacedProduct {
    clustering_key: Vec<u8>,
    product: Product,
}

/// A page of all products, those that shoppers do not see included.
#[Object(serial)]
impl ListedProducts {
    /// The products.
    async fn nodes(&self) -> Vec<&Product> {
        self.page.rows.iter().map(|placed| &placed.product).collect()
    }

    /// What lies around the page.
    async fn page_info(&self) -> PageInfo {
        let cursor = |placed: &PlacedProduct| self.fingerprint.cursor(&placed.clustering_key);
        PageInfo {
            has_previous: self.page.has_previous,
            has_next: self.page.has_next,
            start: self.page.rows.first().map(cursor),
            end: self.page.rows.last().map(cursor),
        }
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
    let page = arguments.page(&fingerprint, false)?;
    let source = scope.reading.catalog();
    let rows = scope
        .reading
        .page(&LISTED, &partitions, &page.range, page.direction, page.rows + 1, source)
        .await?;
    let page = arguments.arrange(&page, rows);
    let ids = page.rows.iter().map(|row| id_value(row).map(ProductId));
    let ids: Vec<ProductId> = ids.collect::<Result<_, _>>()?;
    let views = scope.loaders.products.load_many(&ids).await?;
    let placed = page.rows.into_iter().zip(views).filter_map(|(row, view)| {
        Some(PlacedProduct {
            clustering_key: row.key.clustering,
            product: Product::new(Arc::clone(scope), view?),
        })
    });
    Ok(ListedProducts {
        fingerprint,
        page: PageRows {
            rows: placed.collect(),
            has_previous: page.has_previous,
            has_next: page.has_next,
        },
    })
}
