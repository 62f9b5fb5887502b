//! What an import says of a product: some of it, the rest stays as it is.

use std::collections::BTreeMap;

use super::decide::{
    add_image, add_variant, change_variant, describe, describe_image, draft, happened, place, refuse_more, set_price,
    translate_options,
};
use super::{Description, Event, Image, Listing, OptionTexts, OptionValue, Rejection, Variant, VariantFacts};
use crate::catalog::{category, name};
use crate::stream::NameKey;
use crate::value::{
    Attributes, CATEGORY_DEPTH_MAX, CategoryId, ImageId, LocalizedText, Money, PRODUCT_IMAGES_MAX, ProductId, Sku,
    Slug, TITLE_CHARS_MAX, check_title,
};
use crate::{Context, Decided, Refusal, Streams};

/// Key of the tax rates of a variant of which nobody has said which.
const TAX_CLASS_USUAL: &str = "standard";

/// What is said of a product. Of what is none, nothing is said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DescriptionChange {
    /// Unique among products.
    pub slug: Slug,
    /// In some languages; the others stay.
    pub title: Option<LocalizedText>,
    /// Harmless HTML, in some languages; the others stay.
    pub description_html: Option<LocalizedText>,
    /// Who makes it.
    pub vendor: Option<String>,
    /// Some free facts; the others stay.
    pub attributes: Attributes,
    /// All labels.
    pub tags: Option<Vec<String>>,
    /// Title for search engines.
    pub seo_title: Option<String>,
    /// Description for search engines.
    pub seo_description: Option<String>,
}

/// An image by its address, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageChange {
    /// Its id, should it be new.
    pub id: ImageId,
    /// http, https or a path of this server.
    pub url: String,
    /// What it shows, in some languages; the others stay. None: nothing is said.
    pub alt: Option<LocalizedText>,
}

/// What is said of a variant. Of what is none, nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VariantChange {
    /// All of its choices.
    pub options: Option<Vec<OptionValue>>,
    /// GTIN, EAN, UPC.
    pub barcode: Option<String>,
    /// Weight with packing, in grams.
    pub weight_grams: Option<u32>,
    /// Whether it goes by parcel.
    pub requires_shipping: Option<bool>,
    /// Key of the shop's tax rates.
    pub tax_class: Option<String>,
    /// Whether its pieces are counted.
    pub tracks_stock: Option<bool>,
    /// The address of the image that shows it, one of the product's.
    pub image: Option<String>,
    /// What it costs, each price in its currency with the former price beside it; in others it costs what it did.
    pub prices: Vec<(Money, Option<Money>)>,
}

impl DescriptionChange {
    /// The description that it makes of the known one, or of nothing.
    fn onto(&self, known: Option<&Description>) -> Description {
        let mut description = known.cloned().unwrap_or_else(|| Description {
            slug: self.slug.clone(),
            title: LocalizedText::default(),
            description_html: LocalizedText::default(),
            vendor: String::new(),
            attributes: Attributes::new(),
            tags: Vec::new(),
            seo_title: String::new(),
            seo_description: String::new(),
        });
        description.slug.clone_from(&self.slug);
        say(&mut description.title, self.title.as_ref());
        say(&mut description.description_html, self.description_html.as_ref());
        description.attributes.extend(self.attributes.clone());
        replace(&mut description.vendor, self.vendor.as_ref());
        replace(&mut description.tags, self.tags.as_ref());
        replace(&mut description.seo_title, self.seo_title.as_ref());
        replace(&mut description.seo_description, self.seo_description.as_ref());
        description
    }
}

impl VariantChange {
    fn onto(&self, known: Option<&VariantFacts>, listing: &Listing) -> Result<VariantFacts, Rejection> {
        let mut facts = known.cloned().unwrap_or_else(|| VariantFacts {
            options: Vec::new(),
            barcode: String::new(),
            weight_grams: 0,
            requires_shipping: true,
            tax_class: TAX_CLASS_USUAL.to_owned(),
            tracks_stock: false,
            image: None,
        });
        replace(&mut facts.options, self.options.as_ref());
        replace(&mut facts.barcode, self.barcode.as_ref());
        replace(&mut facts.weight_grams, self.weight_grams.as_ref());
        replace(&mut facts.requires_shipping, self.requires_shipping.as_ref());
        replace(&mut facts.tax_class, self.tax_class.as_ref());
        replace(&mut facts.tracks_stock, self.tracks_stock.as_ref());
        if let Some(url) = &self.image {
            let image = listing.images.iter().find(|image| image.url == *url);
            facts.image = Some(image.ok_or(Rejection::ImageAbsent)?.id);
        }
        Ok(facts)
    }
}

fn replace<T: Clone>(known: &mut T, said: Option<&T>) {
    if let Some(said) = said {
        known.clone_from(said);
    }
}

/// Says a text in its languages. Where it reads so already, be it by way of a fallback, nothing is new; an empty
/// text takes the language away.
fn say(known: &mut LocalizedText, said: Option<&LocalizedText>) {
    let Some(said) = said else {
        return;
    };
    // What the same import says in one language is no fallback for what it says in another.
    let before = known.clone();
    for (locale, text) in &said.0 {
        if text.is_empty() {
            known.0.remove(locale);
        } else if before.in_locale(locale, locale) != text {
            known.0.insert(locale.clone(), text.clone());
        }
    }
    // What a text read by way of may be gone or another now. To say it can do the same to the next one: each round
    // says one for good, so that they end.
    let texts = || said.0.iter().filter(|(_, text)| !text.is_empty());
    while let Some((locale, text)) = texts().find(|(locale, text)| known.in_locale(locale, locale) != text.as_str()) {
        known.0.insert(locale.clone(), text.clone());
    }
}

/// Says how options read. They have no fallback in a third language, so each language is said by itself.
fn say_exactly(known: &mut LocalizedText, said: &LocalizedText) {
    known.0.extend(said.0.clone());
    *known = known.said();
}

/// Says how options read, beside what is known of that. What no variant chooses any more is forgotten on the way.
pub(super) fn option_texts(listing: &Listing, said: &[OptionTexts]) -> Result<Option<Event>, Rejection> {
    let mut options = listing.option_texts.clone();
    for said in said {
        let known = options.iter().position(|known| known.name == said.name);
        let mut option = known.map_or_else(|| unsaid(&said.name), |position| options.remove(position));
        say_exactly(&mut option.texts, &said.texts);
        for (value, texts) in &said.values {
            say_exactly(option.values.entry(value.clone()).or_default(), texts);
        }
        option.values.retain(|_, texts| !texts.0.is_empty());
        let place = known.unwrap_or(options.len());
        options.splice(place..place, says_something(&option).then_some(option));
    }
    if options == listing.option_texts {
        return Ok(None);
    }
    forget_unchosen(&mut options, listing, said);
    translate_options(listing, &options)
}

/// Forgets the options and values that no variant chooses any more. Those that are said stay, to be refused.
fn forget_unchosen(options: &mut Vec<OptionTexts>, listing: &Listing, said: &[OptionTexts]) {
    let choices = || listing.variants.iter().flat_map(|variant| &variant.facts.options);
    options.retain_mut(|option| {
        let name = &option.name;
        let said = || said.iter().filter(|said| said.name == *name);
        let chosen = || choices().filter(|choice| choice.name == *name);
        let is_said = |value: &str| said().any(|said| said.values.contains_key(value));
        let is_chosen = |value: &str| chosen().any(|choice| choice.value == value);
        let is_known = said().next().is_some() || chosen().next().is_some();
        option.values.retain(|value, _| is_said(value) || is_chosen(value));
        is_known && says_something(option)
    });
}

fn says_something(option: &OptionTexts) -> bool {
    !option.texts.0.is_empty() || !option.values.is_empty()
}

fn unsaid(name: &str) -> OptionTexts {
    OptionTexts {
        name: name.to_owned(),
        texts: LocalizedText::default(),
        values: BTreeMap::new(),
    }
}

/// Drafts a product that there is not.
pub(super) fn import_new(
    id: ProductId,
    change: &DescriptionChange,
    streams: &dyn Streams,
) -> Result<Vec<Decided>, Refusal> {
    draft(id, &change.onto(None), streams)
}

/// Says something else of a product.
pub(super) fn import(
    id: ProductId,
    listing: &Listing,
    change: &DescriptionChange,
    streams: &dyn Streams,
) -> Result<Vec<Decided>, Refusal> {
    describe(id, listing, &change.onto(Some(&listing.description)), streams)
}

/// Adds a variant or changes it. A SKU that was made up stands for the variant that is the same choice, or for the
/// only one where no choice is said.
pub(super) fn import_variant(
    id: ProductId,
    listing: &Listing,
    (sku, is_made_up): (&Sku, bool),
    change: &VariantChange,
    streams: &dyn Streams,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let same_choice = |variant: &&Variant| match &change.options {
        Some(options) => variant.facts.options == *options,
        None => listing.variants.len() == 1,
    };
    let by_choice = || listing.variants.iter().find(same_choice).filter(|_| is_made_up);
    let Some(known) = listing.variant(sku).or_else(by_choice) else {
        let facts = change.onto(None, listing)?;
        let mut decided = add_variant(id, listing, sku, &facts, streams, context)?;
        let new = Listing {
            variants: vec![Variant {
                sku: sku.clone(),
                facts,
                prices: Vec::new(),
            }],
            ..Listing::new(listing.description.clone())
        };
        let priced = set_prices(&new, sku, &change.prices)?;
        decided.extend(priced.into_iter().map(|event| happened(id, event)));
        return Ok(decided);
    };
    let facts = change.onto(Some(&known.facts), listing)?;
    let changed = change_variant(listing, &known.sku, &facts, context)?;
    let priced = set_prices(listing, &known.sku, &change.prices)?;
    let events = changed.into_iter().chain(priced);
    Ok(events.map(|event| happened(id, event)).collect())
}

/// What happens when a variant is to cost this, each in its currency.
fn set_prices(listing: &Listing, sku: &Sku, prices: &[(Money, Option<Money>)]) -> Result<Vec<Event>, Rejection> {
    let set = |(price, compare_at): &(Money, Option<Money>)| set_price(listing, sku, *price, *compare_at);
    prices.iter().filter_map(|price| set(price).transpose()).collect()
}

/// Places the product in the last category of a path of the tree. Categories of these slugs are taken as they are,
/// wherever they hang; those that are not there are opened, each below the one before it.
pub(super) fn import_into_category(
    id: ProductId,
    listing: &Listing,
    path: &[(Slug, LocalizedText)],
    streams: &dyn Streams,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    if path.len() > CATEGORY_DEPTH_MAX {
        return Err(category::Rejection::TooDeep.into());
    }
    let mut decided = Vec::new();
    let mut parent: Option<CategoryId> = None;
    for (level, (slug, title)) in path.iter().enumerate() {
        if path.iter().take(level).any(|(above, _)| above == slug) {
            return Err(category::Rejection::Cycle.into());
        }
        parent = Some(match name::owner(&NameKey::CategorySlug(slug.clone()), streams)? {
            Some(owner) => CategoryId(owner),
            None => {
                check_title(title, TITLE_CHARS_MAX).map_err(category::Rejection::Name)?;
                let category = CategoryId::derived(context.cause, slug.as_str());
                decided.extend(category::open(category, slug, title, parent, streams)?);
                category
            }
        });
    }
    if let Some(category) = parent {
        decided.extend(place(listing, category)?.map(|event| happened(id, event)));
    }
    Ok(decided)
}

/// Says what a known image shows in some languages. One that the same import adds has its words already.
fn say_alt(
    listing: &Listing,
    image: ImageId,
    said: Option<&LocalizedText>,
    locale: &str,
) -> Result<Option<Event>, Rejection> {
    let Some(known) = listing.image(image) else {
        return Ok(None);
    };
    let mut words = known.words(locale);
    say(&mut words, said);
    describe_image(listing, image, &words, locale)
}

/// Adds the images whose addresses it does not have, and brings the named ones into this order, in the places that
/// they have among the others.
pub(super) fn import_images(
    id: ProductId,
    listing: &Listing,
    wanted: &[ImageChange],
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let locale = context.reference.default_locale();
    let mut present: Vec<(&str, ImageId)> = listing
        .images
        .iter()
        .map(|image| (image.url.as_str(), image.id))
        .collect();
    let mut named: Vec<ImageId> = Vec::new();
    let mut decided = Vec::new();
    for image in wanted {
        let known = present.iter().find(|(url, _)| *url == image.url).map(|(_, id)| *id);
        if let Some(known) = known {
            named.push(known);
            decided.extend(say_alt(listing, known, image.alt.as_ref(), locale)?.map(|event| happened(id, event)));
            continue;
        }
        refuse_more("images", present.len(), PRODUCT_IMAGES_MAX)?;
        let new = Image {
            id: image.id,
            url: image.url.clone(),
            alt: String::new(),
            alts: image.alt.clone().unwrap_or_default(),
            width: 0,
            height: 0,
        };
        decided.extend(
            add_image(listing, &new, locale)?
                .into_iter()
                .map(|event| happened(id, event)),
        );
        present.push((&image.url, image.id));
        named.push(image.id);
    }
    let present: Vec<ImageId> = present.into_iter().map(|(_, id)| id).collect();
    let mut in_order = named.iter();
    let arranged: Vec<ImageId> = present
        .iter()
        .map(|id| {
            if named.contains(id) {
                *in_order.next().unwrap_or(id)
            } else {
                *id
            }
        })
        .collect();
    if arranged != present {
        decided.push(happened(id, Event::ImagesOrdered { images: arranged }));
    }
    Ok(decided)
}
