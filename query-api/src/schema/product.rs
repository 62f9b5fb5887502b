//! Products.

use std::sync::Arc;

use async_graphql::{ID, Object, Result, SimpleObject};
use domain::value::{CategoryId, LocalizedText, Money as Amount, Sku};
use read_store::model::Versioned;
use read_store::model::product::{ImageView, ProductStatus, ProductView};
use search::limits::RELATED_MAX;

use super::category::Category;
use super::connection::count_argument;
use super::id::Kind;
use super::options::{OptionWords, ProductOption, SelectedOptionInput};
use super::scalar::{DateTime, Money};
use super::translation::Translation;
use super::variant::{Availability, ProductVariant};
use crate::error::QueryError;
use crate::limits::RELATED_DEFAULT;
use crate::scope::Scope;

/// A product of the catalogue.
#[derive(Clone)]
pub(crate) struct Product {
    scope: Arc<Scope>,
    view: Arc<Versioned<ProductView>>,
}

/// Who may see a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(remote = "ProductStatus", name = "ProductStatus")]
pub(crate) enum Status {
    /// Not shoppers: not yet, or not any more.
    Draft,
    /// Everybody.
    Published,
    /// Nobody; orders still name it.
    Archived,
}

/// What search engines and link previews show.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct Seo {
    /// The title.
    title: String,
    /// The title that was written for them; empty when the product's own is shown.
    own_title: String,
    /// The description.
    description: String,
}

/// A free fact: Material = Oak.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct Attribute {
    /// Its name.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: String,
}

/// From the cheapest variant to the dearest.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct PriceRange {
    /// The lowest price.
    min: Money,
    /// The highest price.
    max: Money,
}

/// An image of a product.
pub(crate) struct Image<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) view: &'a ImageView,
}

/// An image of a product.
#[Object(serial)]
impl Image<'_> {
    /// Its id, as the commands take it.
    async fn id(&self) -> ID {
        ID(self.view.id.to_string())
    }

    /// Where it is: an address, or a path of this server.
    async fn url(&self) -> &str {
        &self.view.url
    }

    /// What it shows, in words.
    async fn alt(&self) -> &str {
        if self.view.alt.is_empty() {
            self.scope.audience.read(&self.view.alts)
        } else {
            &self.view.alt
        }
    }

    /// The same in each language that it was written in.
    #[graphql(complexity = "crate::limits::TRANSLATIONS_WEIGHT * child_complexity")]
    async fn alt_translations(&self) -> Vec<Translation> {
        if self.view.alt.is_empty() {
            return Translation::all(&self.view.alts);
        }
        let first = &self.scope.audience.fallback_locale;
        Translation::all(&LocalizedText::of(first, &self.view.alt))
    }

    /// In pixels; none when not known.
    async fn width(&self) -> Option<u32> {
        Some(self.view.width).filter(|pixels| *pixels > 0)
    }

    /// In pixels; none when not known.
    async fn height(&self) -> Option<u32> {
        Some(self.view.height).filter(|pixels| *pixels > 0)
    }
}

impl Product {
    pub(crate) fn new(scope: Arc<Scope>, view: Arc<Versioned<ProductView>>) -> Self {
        Self { scope, view }
    }

    pub(crate) fn view(&self) -> &ProductView {
        &self.view.view
    }

    /// How its options read.
    pub(crate) fn words(&self) -> OptionWords<'_> {
        OptionWords {
            scope: &self.scope,
            product: &self.view.view,
        }
    }

    /// The variant with this SKU.
    pub(crate) fn variant(&self, sku: &Sku) -> Option<ProductVariant> {
        let variants = &self.view.view.variants;
        let index = variants.iter().position(|variant| variant.sku == *sku)?;
        Some(self.variant_at(index))
    }

    pub(crate) fn variant_at(&self, index: usize) -> ProductVariant {
        ProductVariant {
            scope: Arc::clone(&self.scope),
            product: Arc::clone(&self.view),
            index,
            currency: self.scope.audience.currency,
        }
    }

    fn all_variants(&self) -> Vec<ProductVariant> {
        (0..self.view.view.variants.len())
            .map(|index| self.variant_at(index))
            .collect()
    }

    fn prices(&self) -> impl Iterator<Item = Amount> {
        let currency = self.scope.audience.currency;
        let variants = self.view.view.variants.iter();
        variants.filter_map(move |variant| Some(variant.price(currency)?.price))
    }

    /// The categories that are shown, of those that it was placed in.
    async fn shown_categories(&self, ids: &[CategoryId]) -> Result<Vec<Category>, QueryError> {
        let views = self.scope.loaders.categories.load_many(ids).await?;
        let shown = views.into_iter().flatten().filter(|view| !view.view.archived);
        Ok(shown.map(|view| Category::new(Arc::clone(&self.scope), view)).collect())
    }
}

/// A product of the catalogue.
#[Object(serial)]
impl Product {
    /// Its id among all objects, for `node`.
    pub(crate) async fn id(&self) -> ID {
        Kind::Product.global_id(self.view.view.id.0)
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
        self.view.view.description.slug.as_str()
    }

    /// What shoppers read first.
    async fn title(&self) -> &str {
        self.scope.audience.read(&self.view.view.description.title)
    }

    /// Harmless HTML: scripts, styles and handlers were taken out.
    async fn description_html(&self) -> &str {
        self.scope.audience.read(&self.view.view.description.description_html)
    }

    /// The title in each language that it was written in.
    #[graphql(complexity = "crate::limits::TRANSLATIONS_WEIGHT * child_complexity")]
    async fn title_translations(&self) -> Vec<Translation> {
        Translation::all(&self.view.view.description.title)
    }

    /// The description in each language that it was written in.
    #[graphql(complexity = "crate::limits::TRANSLATIONS_WEIGHT * child_complexity")]
    async fn description_html_translations(&self) -> Vec<Translation> {
        Translation::all(&self.view.view.description.description_html)
    }

    /// Who makes it.
    async fn vendor(&self) -> &str {
        &self.view.view.description.vendor
    }

    /// Free facts, by name.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn attributes(&self) -> Vec<Attribute> {
        attributes(&self.view.view.description.attributes)
    }

    /// Labels.
    async fn tags(&self) -> &[String] {
        &self.view.view.description.tags
    }

    /// What search engines and link previews show.
    async fn seo(&self) -> Seo {
        let description = &self.view.view.description;
        let title = if description.seo_title.is_empty() {
            self.scope.audience.read(&description.title).to_owned()
        } else {
            description.seo_title.clone()
        };
        Seo {
            title,
            own_title: description.seo_title.clone(),
            description: description.seo_description.clone(),
        }
    }

    /// Who may see it.
    async fn status(&self) -> Status {
        self.view.view.status.into()
    }

    /// When shoppers saw it first; none when they have not yet.
    async fn published_at(&self) -> Option<DateTime> {
        self.view.view.first_published.map(DateTime)
    }

    /// The dimensions in which its variants differ, with the choices in them.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn options(&self) -> Vec<ProductOption<'_>> {
        let first = self.view.view.variants.first();
        let dimensions = first.into_iter().flat_map(|variant| &variant.facts.options);
        let option = dimensions.map(|dimension| ProductOption::new(self, &dimension.name));
        option.collect()
    }

    /// The ways to buy it, in the order they were added.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn variants(&self) -> Vec<ProductVariant> {
        self.all_variants()
    }

    /// The variant with all these choices, else the first that can be bought, else the first.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT + child_complexity")]
    async fn selected_or_first_available_variant(
        &self,
        selected_options: Option<Vec<SelectedOptionInput>>,
    ) -> Result<Option<ProductVariant>> {
        let (variants, selected_options) = (self.all_variants(), selected_options.unwrap_or_default());
        let is_selected = |variant: &&ProductVariant| {
            let options = &variant.view().facts.options;
            let has = |wish: &SelectedOptionInput| options.iter().any(|option| wish.means(&self.words(), option));
            selected_options.iter().all(has)
        };
        if !selected_options.is_empty()
            && let Some(selected) = variants.iter().find(is_selected)
        {
            return Ok(Some(selected.clone()));
        }
        let availabilities = availabilities(&variants).await?;
        let available = availabilities
            .iter()
            .position(|availability| *availability != Availability::OutOfStock);
        Ok(variants.into_iter().nth(available.unwrap_or(0)))
    }

    /// From the cheapest variant to the dearest, in the currency of the answer; none when it is not sold in it.
    async fn price_range(&self) -> Option<PriceRange> {
        Some(PriceRange {
            min: Money(self.prices().min()?),
            max: Money(self.prices().max()?),
        })
    }

    /// The former price to show beside the lowest.
    async fn compare_at_price(&self) -> Option<Money> {
        let currency = self.scope.audience.currency;
        let prices = self
            .view
            .view
            .variants
            .iter()
            .filter_map(|variant| variant.price(currency));
        prices.min_by_key(|price| price.price)?.compare_at.map(Money)
    }

    /// The best of its variants': whether anything of it can be bought now.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT")]
    async fn availability(&self) -> Result<Option<Availability>> {
        let availabilities = availabilities(&self.all_variants()).await?;
        Ok(Some(
            availabilities.into_iter().max().unwrap_or(Availability::OutOfStock),
        ))
    }

    /// How many pieces of it can be bought now, over its variants, back-orders included; none when those of one are
    /// not counted.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT")]
    async fn quantity_available(&self) -> Result<Option<i64>> {
        let variants = self.all_variants();
        let quantities = futures::future::try_join_all(variants.iter().map(ProductVariant::quantity_now)).await?;
        Ok(quantities.into_iter().sum())
    }

    /// Products like it: of the same categories, with the same tags, by the same vendor.
    #[graphql(
        complexity = "first.and_then(|first| usize::try_from(first).ok()).unwrap_or(RELATED_DEFAULT) \
                            * child_complexity + crate::limits::LOOKUP_WEIGHT"
    )]
    async fn related(
        &self,
        #[graphql(desc = "From 1 to 20; 4 unless told.")] first: Option<i32>,
    ) -> Result<Vec<Product>> {
        let first = count_argument(first, RELATED_DEFAULT, RELATED_MAX)?;
        let ids = self.scope.loaders.related.load(self.view.view.id).await?;
        let ids: Vec<_> = ids.iter().flat_map(|ids| ids.iter().copied()).take(first).collect();
        let views = self.scope.loaders.products.load_many(&ids).await?;
        let shown = views.into_iter().flatten().filter(|view| view.view.is_published());
        Ok(shown.map(|view| Self::new(Arc::clone(&self.scope), view)).collect())
    }

    /// Its images, in their order.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn images(&self) -> Vec<Image<'_>> {
        let images = self.view.view.images.iter();
        images
            .map(|view| Image {
                scope: &self.scope,
                view,
            })
            .collect()
    }

    /// The first of its images.
    async fn featured_image(&self) -> Option<Image<'_>> {
        let view = self.view.view.images.first()?;
        Some(Image {
            scope: &self.scope,
            view,
        })
    }

    /// The first of its categories.
    async fn category(&self) -> Result<Option<Category>> {
        let shown = self.shown_categories(&self.view.view.categories).await?;
        Ok(shown.into_iter().next())
    }

    /// The categories that it was placed in.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn categories(&self) -> Result<Vec<Category>> {
        Ok(self.shown_categories(&self.view.view.categories).await?)
    }
}

/// Of all variants, in one read.
async fn availabilities(variants: &[ProductVariant]) -> Result<Vec<Availability>, QueryError> {
    futures::future::try_join_all(variants.iter().map(ProductVariant::availability_now)).await
}

/// Free facts as a list, by name.
pub(crate) fn attributes(attributes: &domain::value::Attributes) -> Vec<Attribute> {
    let pairs = attributes.iter().map(|(name, value)| Attribute {
        name: name.clone(),
        value: value.clone(),
    });
    pairs.collect()
}
