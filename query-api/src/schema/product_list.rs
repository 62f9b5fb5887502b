//! Lists of products: the published ones, of the whole shop or of a category with all below it.

use std::sync::Arc;

use async_graphql::{Enum, Object};
use domain::value::{CategoryId, ProductId};
use read_store::model::product::{CATEGORY_PAGE, Sort, page_partition};
use read_store::model::{category, id_value};
use read_store::{Direction, PageRange};

use super::connection::{PageArguments, PageInfo, PageRows};
use super::product::Product;
use crate::cursor::QueryFingerprint;
use crate::error::QueryError;
use crate::limits::CATEGORIES_MERGED_MAX;
use crate::scope::Scope;

/// The order of a list of products.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(crate) enum ProductSort {
    /// First published last.
    #[default]
    Newest,
    /// The lowest price first, in the currency of the answer. Products without a price in it are not in the list.
    PriceAsc,
    /// The highest lowest price first. Products without a price in the currency are not in the list.
    PriceDesc,
    /// By title from A to Z, in the language of the answer. Products without a title in it are not in the list.
    TitleAsc,
    /// By title from Z to A.
    TitleDesc,
}

impl ProductSort {
    fn is_descending(self) -> bool {
        matches!(self, Self::PriceDesc | Self::TitleDesc)
    }

    fn of_rows(self, scope: &Scope) -> Sort {
        match self {
            Self::Newest => Sort::Newest,
            Self::PriceAsc | Self::PriceDesc => Sort::Price(scope.audience.currency),
            Self::TitleAsc | Self::TitleDesc => Sort::Title(scope.audience.locale.clone()),
        }
    }
}

/// A page of products.
pub(crate) struct ProductConnection {
    fingerprint: QueryFingerprint,
    page: PageRows<PlacedProduct>,
}

/// A product and its place in a list.
struct PlacedProduct {
    clustering_key: Vec<u8>,
    product: Product,
}

/// A page of products.
#[Object(serial)]
impl ProductConnection {
    /// The products with their cursors.
    async fn edges(&self) -> Vec<ProductEdge<'_>> {
        let edge = |placed| ProductEdge {
            fingerprint: self.fingerprint,
            placed,
        };
        self.page.rows.iter().map(edge).collect()
    }

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

/// A product and its place in a list.
pub(crate) struct ProductEdge<'a> {
    fingerprint: QueryFingerprint,
    placed: &'a PlacedProduct,
}

/// A product and its place in a list.
#[Object(serial)]
impl ProductEdge<'_> {
    /// Names the place: good for `after` and `before` of the same list in the same order.
    async fn cursor(&self) -> String {
        self.fingerprint.cursor(&self.placed.clustering_key)
    }

    /// The product.
    async fn node(&self) -> &Product {
        &self.placed.product
    }
}

/// Reads a page of the published products of a category with all below it, or of the whole shop.
pub(crate) async fn read(
    scope: &Arc<Scope>,
    category: Option<CategoryId>,
    sort: ProductSort,
    arguments: &PageArguments,
) -> Result<ProductConnection, QueryError> {
    let rows_sort = sort.of_rows(scope);
    let description = format!(
        "products {} {}",
        page_partition(category, &rows_sort),
        if sort.is_descending() {
            "descending"
        } else {
            "ascending"
        }
    );
    let fingerprint = QueryFingerprint::of(&description);
    let page = arguments.page(&fingerprint, sort.is_descending())?;

    let categories = match category {
        None => vec![None],
        Some(category) => with_all_below(scope, category).await?.into_iter().map(Some).collect(),
    };
    let partitions: Vec<String> = categories
        .into_iter()
        .map(|category| page_partition(category, &rows_sort))
        .collect();
    let source = scope.reading.catalog();
    let rows = scope
        .reading
        .page(
            &CATEGORY_PAGE,
            &partitions,
            &page.range,
            page.direction,
            page.rows + 1,
            source,
        )
        .await?;

    let ids: Vec<ProductId> = rows
        .iter()
        .map(|row| id_value(row).map(ProductId))
        .collect::<Result<_, _>>()?;
    let page = arguments.arrange(&page, rows.into_iter().zip(ids).collect());
    let ids: Vec<ProductId> = page.rows.iter().map(|(_, id)| *id).collect();
    let views = scope.loaders.products.load_many(&ids).await?;
    let placed = page.rows.into_iter().zip(views).filter_map(|((row, _), view)| {
        // One that was unpublished between the two reads is gone for shoppers.
        let view = view.filter(|view| view.view.is_published())?;
        Some(PlacedProduct {
            clustering_key: row.key.clustering,
            product: Product::new(Arc::clone(scope), view),
        })
    });
    Ok(ProductConnection {
        fingerprint,
        page: PageRows {
            rows: placed.collect(),
            has_previous: page.has_previous,
            has_next: page.has_next,
        },
    })
}

/// A category and all below it, a level of the tree at a time.
async fn with_all_below(scope: &Scope, top: CategoryId) -> Result<Vec<CategoryId>, QueryError> {
    let mut found = vec![top];
    let mut level = vec![top];
    while !level.is_empty() {
        let children = level.iter().map(|parent| children_of(scope, Some(*parent)));
        let children = futures::future::try_join_all(children).await?;
        level = children.into_iter().flatten().map(|view| view.view.id).collect();
        // A tree has no way back; a damaged one must not be walked for ever.
        level.retain(|id| !found.contains(id));
        found.extend(&level);
        if found.len() > CATEGORIES_MERGED_MAX {
            return Err(QueryError::argument(
                "category.too_wide",
                format!("more than {CATEGORIES_MERGED_MAX} categories are below this one; ask for one of them"),
            ));
        }
    }
    Ok(found)
}

/// The categories below one, or at the top of the tree, by slug.
pub(crate) async fn children_of(
    scope: &Scope,
    parent: Option<CategoryId>,
) -> Result<Vec<read_store::model::Versioned<category::CategoryView>>, QueryError> {
    let partition = [category::children_partition(parent)];
    let rows = scope
        .reading
        .page(
            &category::CHILDREN,
            &partition,
            &PageRange::default(),
            Direction::Forward,
            CATEGORIES_MERGED_MAX,
            scope.reading.catalog(),
        )
        .await?;
    let views = rows.iter().map(read_store::model::Versioned::of_row);
    Ok(views.collect::<Result<_, _>>()?)
}
