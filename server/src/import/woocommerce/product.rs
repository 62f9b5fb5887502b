//! From a product's rows to a product.

use std::collections::BTreeSet;

use command_api::http::import::{ImportedCategory, ImportedParent, ImportedProduct};
use domain::value::{ATTRIBUTE_CHARS_MAX, Attributes, Currency, PRODUCT_ATTRIBUTES_MAX, PRODUCT_OPTIONS_MAX};

use super::Group;
use super::columns::{Export, list};
use super::variant::VariantReader;
use crate::import::cell;
use crate::import::images::{Images, Words};
use crate::import::read::{ReadProduct, Reading, each_once, slug_of, tags};
use crate::import::report::Refusal;
use crate::import::sku::Skus;

/// Reads one product with its variations.
pub(super) struct ProductReader<'a> {
    pub(super) export: &'a Export<'a>,
    pub(super) group: &'a Group<'a>,
    pub(super) currency: Currency,
}

impl ProductReader<'_> {
    pub(super) fn read_into(&self, reading: &mut Reading, skus: &mut Skus, slugs: &mut BTreeSet<String>) {
        let slug = match self.slug(slugs) {
            Ok(slug) => slug,
            Err(refusal) => return self.refuse_all(&refusal, &mut reading.refusals),
        };
        let dimensions = self.dimensions();
        if dimensions.len() > PRODUCT_OPTIONS_MAX {
            let reason = format!("variations differ in more than {PRODUCT_OPTIONS_MAX} attributes");
            let refusal = Refusal::new(self.group.head.line, "option.too_many", reason);
            return self.refuse_all(&refusal, &mut reading.refusals);
        }
        let mut images = Images::default();
        for url in list(self.cell("images")) {
            if let Err(refusal) = images.add(self.group.head.line, &url, Words::default(), None) {
                reading.refusals.push(refusal.at(self.export.name("images")));
            }
        }
        let mut variants = VariantReader::new(self.export, self.group.head, self.currency, dimensions);
        if self.group.is_variable {
            for row in &self.group.variations {
                variants.take(row, &slug, skus, &mut images, reading);
            }
        } else {
            variants.take(self.group.head, &slug, skus, &mut images, reading);
        }
        let facts = self.facts(variants.dimensions());
        let (variants, stock) = variants.finish();
        if variants.is_empty() {
            let reason = format!("product {:?} has no variant that can come in", self.cell("name"));
            let refusal = Refusal::new(self.group.head.line, "product.no_variants", reason);
            return reading.refusals.push(refusal);
        }
        let says = |name: &str| self.export.has(name);
        let read_tags = |notices| tags(self.group.head.line, self.cell("tags"), notices);
        let product = ImportedProduct {
            title: Some(cell::line(self.cell("name"))),
            description_html: says("description").then(|| self.description()),
            vendor: says("brands").then(|| cell::line(self.cell("brands"))),
            attributes: facts,
            tags: says("tags").then(|| read_tags(&mut reading.notices)),
            categories: self.categories(),
            images: images.finish(),
            variants,
            published: self.is_published(),
            published_when_new: true,
            slug: slug.clone(),
            ..ImportedProduct::default()
        };
        reading.products.push(ReadProduct {
            line: self.group.head.line,
            handle: slug,
            product,
            stock,
        });
    }

    fn cell(&self, name: &str) -> &str {
        self.export.cell(self.group.head, name)
    }

    /// Of its name; of its name and its id when another product of the file has the same.
    fn slug(&self, slugs: &mut BTreeSet<String>) -> Result<String, Refusal> {
        let line = self.group.head.line;
        let name = self.cell("name");
        let at_name = |refusal: Refusal| refusal.at(self.export.name("name"));
        if name.is_empty() {
            return Err(at_name(Refusal::new(line, "title.missing", "the product has no name")));
        }
        let slug = slug_of(line, name).map_err(at_name)?;
        if slugs.insert(slug.clone()) {
            return Ok(slug);
        }
        let other = slug_of(line, &format!("{name} {}", self.cell("id"))).map_err(at_name)?;
        if !slugs.insert(other.clone()) {
            let reason = format!("another product of the file has the address {other:?}");
            return Err(at_name(Refusal::new(line, "handle.repeated", reason)));
        }
        Ok(other)
    }

    fn refuse_all(&self, refusal: &Refusal, refusals: &mut Vec<Refusal>) {
        let reason = format!("its product was refused on line {}", refusal.line);
        let variations = self.group.variations.iter();
        refusals.push(refusal.clone());
        refusals.extend(variations.map(|row| Refusal::new(row.line, refusal.code.clone(), reason.clone())));
    }

    /// The attributes in which its variations differ.
    fn dimensions(&self) -> Vec<String> {
        let mut dimensions: Vec<String> = Vec::new();
        for row in &self.group.variations {
            for (name, value) in self.export.attributes(row) {
                let name = cell::line(name);
                if !value.is_empty() && !dimensions.contains(&name) {
                    dimensions.push(name);
                }
            }
        }
        dimensions
    }

    /// The attributes that are no choice; those that are too long or too many stay out.
    fn facts(&self, dimensions: &[String]) -> Attributes {
        let attributes = self.export.attributes(self.group.head).into_iter();
        let facts = attributes.map(|(name, values)| (cell::line(name), cell::line(&list(values).join(", "))));
        let fits = |text: &str| !text.is_empty() && text.chars().count() <= ATTRIBUTE_CHARS_MAX;
        facts
            .filter(|(name, value)| !dimensions.contains(name) && fits(name) && fits(value))
            .take(PRODUCT_ATTRIBUTES_MAX)
            .collect()
    }

    /// The description, else the short one.
    fn description(&self) -> String {
        let long = self.cell("description");
        let text = if long.is_empty() {
            self.cell("short description")
        } else {
            long
        };
        // The export writes line breaks as two characters.
        ammonia::clean(&text.replace("\\n", "\n"))
    }

    /// Paths such as `Clothing > Hoodies`, separated by commas. A category below another has the address of its
    /// whole path, so that two of one name are two.
    fn categories(&self) -> Vec<ImportedCategory> {
        let path = |path: String| {
            let mut steps: Vec<ImportedParent> = Vec::new();
            for name in path.split('>').map(cell::line).filter(|name| !name.is_empty()) {
                let above = steps.last().map_or("", |step| step.slug.as_str());
                let slug = slug::slugify(format!("{above} {name}"));
                steps.push(ImportedParent { slug, name });
            }
            let ImportedParent { slug, name } = steps.pop()?;
            let is_address = !slug.is_empty() && steps.iter().all(|step| !step.slug.is_empty());
            is_address.then_some(ImportedCategory {
                slug,
                name,
                parents: steps,
            })
        };
        each_once(list(self.cell("categories")).into_iter().filter_map(path))
    }

    /// 1: published; 0: private; -1: a draft. What no page shows is hidden here. Without both columns, only that it is
    /// hidden can be said.
    fn is_published(&self) -> Option<bool> {
        let is_hidden = self.cell("visibility in catalog").eq_ignore_ascii_case("hidden");
        let published = self.cell("published");
        let is_published = !is_hidden && (published.is_empty() || published == "1");
        let has_both = self.export.has_all(&["published", "visibility in catalog"]);
        (has_both || !is_published).then_some(is_published)
    }
}
