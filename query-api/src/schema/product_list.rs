//! Lists of products: the published ones, of the whole shop or of a category with all below it.
//!
//! A plain list is read from the pages that the projection keeps; what is searched, filtered, sorted by anything
//! else, or reached by the number of its page comes from the search index. Both show products in the same order.

use std::sync::Arc;

use async_graphql::{Enum, Object, Result};
use domain::value::{CategoryId, ProductId};
use read_store::model::product::{CATEGORY_PAGE, Sort, page_partition};
use read_store::model::{category, id_value};
use read_store::{Direction, PageRange};

use search::{Criteria, Filter};

use super::connection::{Listed, PageArguments, PageInfo, PageRows, PlacedNode};
use super::facet::Facet;
use super::product::Product;
use super::product_filter::ProductFilter;
use super::search_list::{self, Placed};
use crate::cursor::QueryFingerprint;
use crate::error::QueryError;
use crate::limits::CATEGORIES_MERGED_MAX;
use crate::scope::Scope;

/// The order of a list of products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum ProductSort {
    /// What fits the search text best first; without a text as `NEWEST`.
    Relevance,
    /// First published last.
    Newest,
    /// The lowest price first, in the currency of the answer. Products without a price in it are not in the list.
    PriceAsc,
    /// The highest lowest price first. Products without a price in the currency are not in the list.
    PriceDesc,
    /// By title from A to Z, in the language of the answer. Products without a title in it are not in the list.
    TitleAsc,
    /// By title from Z to A.
    TitleDesc,
    /// What was ordered most first.
    BestSelling,
}

/// The arguments of a list, as they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListArguments {
    pub(crate) page: PageArguments,
    pub(crate) page_number: Option<i32>,
    pub(crate) sort: Option<ProductSort>,
    pub(crate) query: Option<String>,
    pub(crate) filter: Option<ProductFilter>,
    /// Of the category that the list is a field of, or that is an argument of its own.
    pub(crate) category: Option<CategoryId>,
}

impl ProductSort {
    pub(crate) fn is_descending(self) -> bool {
        matches!(self, Self::PriceDesc | Self::TitleDesc)
    }

    /// The order of the rows that the projection keeps; none when it keeps none.
    fn of_rows(self, scope: &Scope) -> Option<Sort> {
        match self {
            Self::Relevance | Self::Newest => Some(Sort::Newest),
            Self::PriceAsc | Self::PriceDesc => Some(Sort::Price(scope.audience.currency)),
            Self::TitleAsc | Self::TitleDesc => Some(Sort::Title(scope.audience.locale.clone())),
            Self::BestSelling => None,
        }
    }
}

/// A page of products.
pub(crate) struct ProductConnection {
    scope: Arc<Scope>,
    criteria: Criteria,
    listed: Listed<Product>,
}

/// A page of products.
#[Object(serial)]
impl ProductConnection {
    /// The products with their cursors.
    async fn edges(&self) -> Vec<ProductEdge<'_>> {
        let edge = |placed| ProductEdge {
            listed: &self.listed,
            placed,
        };
        self.listed.placed().map(edge).collect()
    }

    /// The products.
    async fn nodes(&self) -> Vec<&Product> {
        self.listed.nodes()
    }

    /// What lies around the page.
    async fn page_info(&self) -> PageInfo {
        self.listed.page_info()
    }

    /// How many products the whole list has.
    #[graphql(complexity = "crate::limits::COUNT_WEIGHT")]
    async fn total_count(&self) -> Result<u64> {
        Ok(search_list::count(&self.scope, &self.criteria).await?)
    }

    /// What the list can be narrowed by, with the number of products that would be left.
    #[graphql(complexity = "crate::limits::FACETS_WEIGHT + child_complexity")]
    async fn facets(&self) -> Result<Vec<Facet>> {
        let found = search_list::facets(&self.scope, &self.criteria).await?;
        Ok(Facet::shown(&self.scope, found).await?)
    }
}

/// A product and its place in a list.
pub(crate) struct ProductEdge<'a> {
    listed: &'a Listed<Product>,
    placed: &'a PlacedNode<Product>,
}

/// A product and its place in a list.
#[Object(serial)]
impl ProductEdge<'_> {
    /// Names the place: good for `after` and `before` of the same list in the same order.
    async fn cursor(&self) -> String {
        self.listed.cursor(self.placed)
    }

    /// The product.
    async fn node(&self) -> &Product {
        &self.placed.node
    }
}

/// Reads a page of published products.
pub(crate) async fn read(scope: &Arc<Scope>, arguments: ListArguments) -> Result<ProductConnection, QueryError> {
    let criteria = search_list::criteria(scope, &arguments)?;
    let sort = arguments.sort.unwrap_or(ProductSort::Relevance);
    let only_category = Filter {
        category: criteria.filter.category,
        ..Filter::default()
    };
    let is_plain = criteria.query.is_none() && arguments.page_number.is_none() && criteria.filter == only_category;
    let (fingerprint, page) = match sort.of_rows(scope).filter(|_| is_plain) {
        Some(rows_sort) => read_plain(scope, criteria.filter.category, &rows_sort, sort, &arguments.page).await?,
        None => search_list::read(scope, &criteria, &arguments).await?,
    };
    let ids: Vec<ProductId> = page.rows.iter().map(|(_, id)| *id).collect();
    let views = scope.loaders.products.load_many(&ids).await?;
    // One that was unpublished between the two reads is gone for shoppers.
    let published = views.into_iter().map(|view| {
        let view = view.filter(|view| view.view.is_published());
        view.map(|view| Product::new(Arc::clone(scope), view))
    });
    let places = page.map(|(clustering_key, _)| clustering_key);
    Ok(ProductConnection {
        listed: Listed::of(fingerprint, places, published),
        scope: Arc::clone(scope),
        criteria,
    })
}

/// Reads a page of a category with all below it, or of the whole shop, as the projection keeps it.
async fn read_plain(
    scope: &Arc<Scope>,
    category: Option<CategoryId>,
    rows_sort: &Sort,
    sort: ProductSort,
    arguments: &PageArguments,
) -> Result<(QueryFingerprint, PageRows<Placed>), QueryError> {
    let description = format!(
        "products {} {}",
        page_partition(category, rows_sort),
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
        .map(|category| page_partition(category, rows_sort))
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
    let placed = rows.into_iter().map(|row| {
        let id = id_value(&row).map(ProductId)?;
        Ok((row.key.clustering, id))
    });
    let placed: Vec<Placed> = placed.collect::<Result<_, read_store::StoreError>>()?;
    Ok((fingerprint, arguments.arrange(&page, placed)))
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
