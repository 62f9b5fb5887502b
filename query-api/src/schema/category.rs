//! Categories and their tree.

use std::sync::Arc;

use async_graphql::{ID, Object, Result};
use domain::value::CATEGORY_DEPTH_MAX;
use read_store::model::Versioned;
use read_store::model::category::CategoryView;

use super::connection::{PageArguments, page_weight};
use super::id::Kind;
use super::product_filter::ProductFilter;
use super::product_list::{self, ListArguments, ProductConnection, ProductSort, children_of};
use crate::error::QueryError;
use crate::scope::Scope;

/// A category of the catalogue.
#[derive(Clone)]
pub(crate) struct Category {
    scope: Arc<Scope>,
    view: Arc<Versioned<CategoryView>>,
}

impl Category {
    pub(crate) fn new(scope: Arc<Scope>, view: Arc<Versioned<CategoryView>>) -> Self {
        Self { scope, view }
    }

    async fn parent_category(&self) -> Result<Option<Self>, QueryError> {
        let Some(parent) = self.view.view.parent else {
            return Ok(None);
        };
        let view = self.scope.loaders.categories.load(parent).await?;
        let shown = view.filter(|view| !view.view.archived);
        Ok(shown.map(|view| Self::new(Arc::clone(&self.scope), view)))
    }

    /// Those below one, or at the top of the tree.
    pub(crate) async fn below(scope: &Arc<Scope>, parent: Option<&Self>) -> Result<Vec<Self>, QueryError> {
        let children = children_of(scope, parent.map(|parent| parent.view.view.id)).await?;
        let category = |view| Self::new(Arc::clone(scope), Arc::new(view));
        Ok(children.into_iter().map(category).collect())
    }
}

/// A category of the catalogue.
#[Object(serial)]
impl Category {
    /// Its id among all objects, for `node`.
    pub(crate) async fn id(&self) -> ID {
        Kind::Category.global_id(self.view.view.id.0)
    }

    /// Its id as the commands under /v1 take it.
    async fn uuid(&self) -> ID {
        ID(self.view.view.id.to_string())
    }

    /// How many changes it has had: what `If-Match` compares.
    async fn version(&self) -> u64 {
        self.view.version
    }

    /// The part of an address that names it.
    async fn slug(&self) -> &str {
        self.view.view.slug.as_str()
    }

    /// What shoppers read.
    async fn name(&self) -> &str {
        self.scope.audience.read(&self.view.view.name)
    }

    /// The category above it; none at the top of the tree.
    async fn parent(&self) -> Result<Option<Self>> {
        Ok(self.parent_category().await?)
    }

    /// The categories above it, the one at the top of the tree first: a breadcrumb.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn ancestors(&self) -> Result<Vec<Self>> {
        let mut ancestors = Vec::new();
        let mut parent = self.parent_category().await?;
        while let Some(category) = parent.take() {
            if ancestors.len() < CATEGORY_DEPTH_MAX {
                parent = category.parent_category().await?;
            }
            ancestors.push(category);
        }
        ancestors.reverse();
        Ok(ancestors)
    }

    /// The categories right below it, by slug.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn children(&self) -> Result<Vec<Self>> {
        Ok(Self::below(&self.scope, Some(self)).await?)
    }

    /// The published products in it and in all categories below it.
    #[graphql(complexity = "page_weight(first, last) * child_complexity")]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the arguments of the field in the schema"
    )]
    async fn products(
        &self,
        #[graphql(desc = "From 1 to 100; 20 when neither `first` nor `last` is given.")] first: Option<i32>,
        after: Option<String>,
        #[graphql(desc = "From 1 to 100: the last rows before `before`, or of the whole list.")] last: Option<i32>,
        before: Option<String>,
        #[graphql(desc = "From 1: instead of a cursor, and no further than the 10,000th product.")] page: Option<i32>,
        #[graphql(desc = "`RELEVANCE` when there is a search text, else `NEWEST`.")] sort: Option<ProductSort>,
        #[graphql(desc = "Words, or beginnings of words, that all must be there.")] query: Option<String>,
        filter: Option<ProductFilter>,
    ) -> Result<ProductConnection> {
        let arguments = ListArguments {
            page: PageArguments::new(first, after, last, before),
            page_number: page,
            sort,
            query,
            filter,
            category: Some(self.view.view.id),
        };
        Ok(product_list::read(&self.scope, arguments).await?)
    }
}
