//! What variants differ in, and how that reads in the language of the answer.

use async_graphql::{InputObject, Object, SimpleObject};
use domain::catalog::product::{OptionTexts, OptionValue};
use domain::value::LocalizedText;
use read_store::model::product::ProductView;

use super::product::Product;
use super::translation::Translation;
use super::variant::ProductVariant;
use crate::scope::Scope;

/// A choice to look a variant up by.
#[derive(InputObject)]
pub(crate) struct SelectedOptionInput {
    /// The dimension, as it reads in the language of the answer or as it is written.
    name: String,
    /// The choice in it, in the same way.
    value: String,
}

/// One choice of a variant: Size = M.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(crate) struct SelectedOption {
    /// The dimension.
    name: String,
    /// The choice in it.
    value: String,
    /// The dimension as it is written in the catalogue, whatever the language: what filters take.
    written_name: String,
    /// The choice as it is written in the catalogue, whatever the language: what filters take.
    written_value: String,
}

/// How the options of a product read in the language of the answer.
pub(crate) struct OptionWords<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) product: &'a ProductView,
}

impl<'a> OptionWords<'a> {
    /// How a dimension reads.
    fn name(&self, written: &'a str) -> &'a str {
        self.texts(written)
            .map_or(written, |texts| self.text(&texts.texts, written))
    }

    /// How a choice reads.
    pub(crate) fn value(&self, option: &'a OptionValue) -> &'a str {
        let texts = self
            .texts(&option.name)
            .and_then(|texts| texts.values.get(&option.value));
        texts.map_or(&option.value, |texts| self.text(texts, &option.value))
    }

    /// The choices of a variant.
    pub(crate) fn selected(&self, options: &'a [OptionValue]) -> Vec<SelectedOption> {
        let selected = options.iter().map(|option| SelectedOption {
            name: self.name(&option.name).to_owned(),
            value: self.value(option).to_owned(),
            written_name: option.name.clone(),
            written_value: option.value.clone(),
        });
        selected.collect()
    }

    fn texts(&self, written: &str) -> Option<&'a OptionTexts> {
        self.product.option_texts.iter().find(|texts| texts.name == written)
    }

    /// What is not said in the language reads as it is written, and in no third language.
    fn text(&self, texts: &'a LocalizedText, written: &'a str) -> &'a str {
        texts.in_language(&self.scope.audience.locale).unwrap_or(written)
    }
}

impl SelectedOptionInput {
    /// Whether it means this choice.
    pub(crate) fn means(&self, words: &OptionWords<'_>, option: &OptionValue) -> bool {
        let is_name = self.name == option.name || self.name == words.name(&option.name);
        is_name && (self.value == option.value || self.value == words.value(option))
    }
}

/// A dimension in which variants differ.
pub(crate) struct ProductOption<'a> {
    product: &'a Product,
    written: &'a str,
}

impl<'a> ProductOption<'a> {
    pub(crate) fn new(product: &'a Product, written: &'a str) -> Self {
        Self { product, written }
    }
}

/// A dimension in which variants differ.
#[Object(serial)]
impl<'a> ProductOption<'a> {
    /// The dimension: Size.
    async fn name(&self) -> &'a str {
        self.product.words().name(self.written)
    }

    /// The dimension as it is written in the catalogue, whatever the language: what filters take.
    async fn written_name(&self) -> &'a str {
        self.written
    }

    /// How it reads in each language that this was said for.
    #[graphql(complexity = "crate::limits::TRANSLATIONS_WEIGHT * child_complexity")]
    async fn name_translations(&self) -> Vec<Translation> {
        let texts = self.product.words().texts(self.written);
        texts.map_or_else(Vec::new, |texts| Translation::all(&texts.texts))
    }

    /// The choices in it, in the order of the variants.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn values(&self) -> Vec<ProductOptionValue<'a>> {
        let mut values: Vec<ProductOptionValue<'a>> = Vec::new();
        for (first_variant, variant) in self.product.view().variants.iter().enumerate() {
            let choice = variant.facts.options.iter().find(|option| option.name == self.written);
            let Some(choice) = choice else { continue };
            if values.iter().all(|known| known.choice.value != choice.value) {
                values.push(ProductOptionValue {
                    product: self.product,
                    choice,
                    first_variant,
                });
            }
        }
        values
    }
}

/// A choice in a dimension.
pub(crate) struct ProductOptionValue<'a> {
    product: &'a Product,
    choice: &'a OptionValue,
    first_variant: usize,
}

/// A choice in a dimension.
#[Object(serial)]
impl<'a> ProductOptionValue<'a> {
    /// The choice: M.
    async fn name(&self) -> &'a str {
        self.product.words().value(self.choice)
    }

    /// The choice as it is written in the catalogue, whatever the language: what filters take.
    async fn written_name(&self) -> &'a str {
        &self.choice.value
    }

    /// How it reads in each language that this was said for.
    #[graphql(complexity = "crate::limits::TRANSLATIONS_WEIGHT * child_complexity")]
    async fn name_translations(&self) -> Vec<Translation> {
        let texts = self.product.words().texts(&self.choice.name);
        let texts = texts.and_then(|texts| texts.values.get(&self.choice.value));
        texts.map_or_else(Vec::new, Translation::all)
    }

    /// The first variant that has it.
    async fn first_selectable_variant(&self) -> ProductVariant {
        self.product.variant_at(self.first_variant)
    }
}
