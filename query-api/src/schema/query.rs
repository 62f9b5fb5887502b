//! The queries.

use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Object, Result, SimpleObject};
use domain::value::{CartId, CategoryId, OrderId, ProductId};
use search::limits::SUGGESTIONS_MAX;

use super::admin::Admin;
use super::as_of;
use super::cart::Cart;
use super::category::Category;
use super::connection::{PageArguments, count_argument, page_weight};
use super::id::{Kind, global};
use super::lookup;
use super::order::{Order, OrderMilestone};
use super::product::Product;
use super::product_filter::ProductFilter;
use super::product_list::{self, ListArguments, ProductConnection, ProductSort};
use super::search_list;
use super::shop::Shop;
use crate::error::QueryError;
use crate::limits::{KEY_CHARS_MAX, SUGGESTIONS_DEFAULT};
use crate::scope::Scope;

/// An object with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its id among all objects, for `node`."))]
pub(crate) enum Node {
    /// A product.
    Product(Product),
    /// A category.
    Category(Category),
    /// A cart.
    Cart(Cart),
    /// An order.
    Order(Order),
}

/// A search text that finds something.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct SearchSuggestion {
    /// The text.
    text: String,
    /// Whether a word was replaced that no product has; else the last word was only completed.
    is_correction: bool,
}

/// The queries.
pub(crate) struct Query;

/// The queries.
#[Object]
impl Query {
    /// The shop, and what this answer is made in.
    async fn shop(&self, context: &Context<'_>) -> Shop {
        Shop(Arc::clone(Scope::of(context)))
    }

    /// Any object by its global id; null when there is none that you may see.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + child_complexity")]
    async fn node(&self, context: &Context<'_>, id: ID) -> Result<Option<Node>> {
        let scope = Scope::of(context);
        let (kind, uuid) = global(&id)?;
        Ok(match kind {
            Kind::Product => lookup::product(scope, ProductId(uuid)).await?.map(Node::Product),
            Kind::Category => lookup::category(scope, CategoryId(uuid)).await?.map(Node::Category),
            Kind::Cart => lookup::cart(scope, CartId(uuid)).await?.map(Node::Cart),
            Kind::Order => lookup::order(scope, OrderId(uuid)).await?.map(Node::Order),
        })
    }

    /// A product by its id or its slug; null when it is not published.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + child_complexity")]
    async fn product(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Global id or UUID.")] id: Option<ID>,
        slug: Option<String>,
    ) -> Result<Option<Product>> {
        let scope = Scope::of(context);
        Ok(match one_of(("id", id), ("slug", slug))? {
            Named::First(id) => lookup::product(scope, ProductId(Kind::Product.uuid(&id)?)).await?,
            Named::Second(slug) => lookup::product_by_slug(scope, &slug).await?,
        })
    }

    /// The published products of the shop, or of a category with all below it.
    #[graphql(complexity = "page_weight(first, last) * child_complexity")]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the arguments of the field in the schema"
    )]
    async fn products(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "From 1 to 100; 20 when neither `first` nor `last` is given.")] first: Option<i32>,
        after: Option<String>,
        #[graphql(desc = "From 1 to 100: the last rows before `before`, or of the whole list.")] last: Option<i32>,
        before: Option<String>,
        #[graphql(desc = "From 1: instead of a cursor, and no further than the 10,000th product.")] page: Option<i32>,
        #[graphql(desc = "`RELEVANCE` when there is a search text, else `NEWEST`.")] sort: Option<ProductSort>,
        #[graphql(desc = "Only of this category (global id or UUID) and all below it.")] category: Option<ID>,
        #[graphql(desc = "Words, or beginnings of words, that all must be there.")] query: Option<String>,
        filter: Option<ProductFilter>,
    ) -> Result<ProductConnection> {
        let category = category
            .map(|id| Kind::Category.uuid(&id).map(CategoryId))
            .transpose()?;
        let arguments = ListArguments {
            page: PageArguments::new(first, after, last, before),
            page_number: page,
            sort,
            query,
            filter,
            category,
        };
        Ok(product_list::read(Scope::of(context), arguments).await?)
    }

    /// How a search text may go on, and what may have been meant: texts that find something, the likeliest first.
    #[graphql(complexity = "crate::limits::SUGGESTIONS_WEIGHT + crate::limits::LIST_WEIGHT * child_complexity")]
    async fn search_suggestions(
        &self,
        context: &Context<'_>,
        query: String,
        #[graphql(desc = "From 1 to 20; 5 unless told.")] first: Option<i32>,
    ) -> Result<Vec<SearchSuggestion>> {
        let first = count_argument(first, SUGGESTIONS_DEFAULT, SUGGESTIONS_MAX)?;
        let found = search_list::suggestions(Scope::of(context), &query, first).await?;
        let shown = found.into_iter().map(|found| SearchSuggestion {
            text: found.text,
            is_correction: found.is_correction,
        });
        Ok(shown.collect())
    }

    /// The categories at the top of the tree, by slug.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn categories(&self, context: &Context<'_>) -> Result<Vec<Category>> {
        Ok(Category::below(Scope::of(context), None).await?)
    }

    /// A category by its id or its slug.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + child_complexity")]
    async fn category(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Global id or UUID.")] id: Option<ID>,
        slug: Option<String>,
    ) -> Result<Option<Category>> {
        let scope = Scope::of(context);
        Ok(match one_of(("id", id), ("slug", slug))? {
            Named::First(id) => lookup::category(scope, CategoryId(Kind::Category.uuid(&id)?)).await?,
            Named::Second(slug) => lookup::category_by_slug(scope, &slug).await?,
        })
    }

    /// What only those who run the shop see; to everybody else it is null.
    async fn admin(&self, context: &Context<'_>) -> Option<Admin> {
        Admin::of(Scope::of(context))
    }

    /// A cart, for who shows its secret (`Cart-Secret`), its customer and admins; to everybody else it is null.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + child_complexity")]
    async fn cart(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Global id or UUID.")] id: ID,
        #[graphql(
            desc = "As it was: at a version (a number) or at a moment (RFC 3339). Prices that it did not fix are today's."
        )]
        as_of: Option<String>,
    ) -> Result<Option<Cart>> {
        let (scope, id) = (Scope::of(context), CartId(Kind::Cart.uuid(&id)?));
        Ok(match as_of {
            None => lookup::cart(scope, id).await?,
            Some(as_of) => lookup::cart_as_of(scope, id, as_of::parse(&as_of)?).await?,
        })
    }

    /// An order by its id or its number, for who shows the secret of its cart (`Cart-Secret`), its customer and
    /// admins; to everybody else it is null.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + child_complexity")]
    async fn order(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Global id or UUID.")] id: Option<ID>,
        number: Option<String>,
        #[graphql(desc = "As it was: at a version (a number) or at a moment (RFC 3339).")] as_of: Option<String>,
    ) -> Result<Option<Order>> {
        let scope = Scope::of(context);
        let as_of = as_of.map(|as_of| as_of::parse(&as_of)).transpose()?;
        let now = match one_of(("id", id), ("number", number))? {
            Named::First(id) => lookup::order(scope, OrderId(Kind::Order.uuid(&id)?)).await?,
            Named::Second(number) => lookup::order_by_number(scope, &number).await?,
        };
        Ok(match (now, as_of) {
            (Some(now), Some(as_of)) => lookup::order_as_of(scope, now, as_of).await?,
            (now, _) => now,
        })
    }

    /// What happened to an order, step by step, for who may see it; empty for everybody else.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + crate::limits::LIST_WEIGHT * child_complexity")]
    async fn order_timeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Global id or UUID of the order.")] order: ID,
    ) -> Result<Vec<OrderMilestone>> {
        let found = lookup::order(Scope::of(context), OrderId(Kind::Order.uuid(&order)?)).await?;
        Ok(found.map(|order| order.milestones()).unwrap_or_default())
    }
}

/// Which of two arguments names the object.
enum Named<A, B> {
    First(A),
    Second(B),
}

fn one_of<A, B>(first: (&str, Option<A>), second: (&str, Option<B>)) -> Result<Named<A, B>, QueryError>
where
    A: AsRef<str>,
    B: AsRef<str>,
{
    let named = match (first.1, second.1) {
        (Some(id), None) if id.as_ref().len() <= KEY_CHARS_MAX => Named::First(id),
        (None, Some(key)) if key.as_ref().len() <= KEY_CHARS_MAX => Named::Second(key),
        (Some(_), Some(_)) | (None, None) => {
            let message = format!("take either {} or {}", first.0, second.0);
            return Err(QueryError::argument("argument.one_of", message));
        }
        _ => return Err(QueryError::argument("argument.too_long", "an argument is too long")),
    };
    Ok(named)
}
