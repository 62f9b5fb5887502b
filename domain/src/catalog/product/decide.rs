//! Decisions.

use super::{
    Command, Description, Event, Image, Listing, OptionTexts, Price, Product, Rejection, Variant, VariantFacts, check,
    import,
};
use crate::catalog::{category, name};
use crate::stream::{NameKey, StreamId};
use crate::value::{
    CategoryId, ImageId, LocalizedText, Money, PRODUCT_CATEGORIES_MAX, PRODUCT_IMAGES_MAX, PRODUCT_VARIANTS_MAX,
    ProductId, Sku,
};
use crate::{Context, Decided, Known, Refusal, Streams};

/// Decides one command.
///
/// # Errors
/// A refusal, or a state that is not in memory.
pub fn decide(
    id: ProductId,
    command: &Command,
    streams: &dyn Streams,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let product = Known::<Product>::load(streams, &StreamId::Product(id))?;
    match (&*product, command) {
        (Product::Unknown, Command::Draft { description }) => draft(id, description, streams),
        (Product::Unknown, Command::Import { change }) => import::import_new(id, change, streams),
        (Product::Unknown, _) => Err(Rejection::Absent.into()),
        (Product::Archived(_), Command::Archive) => Ok(Vec::new()),
        (Product::Archived(_), _) => Err(Rejection::Archived.into()),
        (Product::Published(_), Command::Publish) | (Product::Hidden(_), Command::Unpublish) => Ok(Vec::new()),
        (Product::Hidden(listing), Command::Publish) => {
            let is_priced = listing.variants.iter().any(|variant| !variant.prices.is_empty());
            if !is_priced {
                return Err(Rejection::NotPriced.into());
            }
            Ok(vec![happened(id, Event::ProductPublished {})])
        }
        (Product::Published(_), Command::Unpublish) => Ok(vec![happened(id, Event::ProductUnpublished {})]),
        (Product::Hidden(listing) | Product::Published(listing), command) => {
            decide_listed(id, listing, command, streams, context)
        }
    }
}

/// Decides a command that is the same for a hidden and a published product.
fn decide_listed(
    id: ProductId,
    listing: &Listing,
    command: &Command,
    streams: &dyn Streams,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let only = |event: Option<Event>| Ok(event.map(|event| happened(id, event)).into_iter().collect());
    match command {
        Command::Draft { description } if listing.description == *description => Ok(Vec::new()),
        Command::Draft { .. } => Err(Rejection::Exists.into()),
        Command::Describe { description } => describe(id, listing, description, streams),
        Command::Import { change } => import::import(id, listing, change, streams),
        Command::AddVariant { sku, facts } => add_variant(id, listing, sku, facts, streams, context),
        Command::ChangeVariant { sku, facts } => only(change_variant(listing, sku, facts, context)?),
        Command::ImportVariant {
            sku,
            is_made_up,
            change,
        } => import::import_variant(id, listing, (sku, *is_made_up), change, streams, context),
        Command::SetPrice { sku, price, compare_at } => only(set_price(listing, sku, *price, *compare_at)?),
        Command::PlaceInCategory { category } => {
            let is_placed = listing.categories.contains(category);
            if !is_placed && !category::is_open(*category, streams)? {
                return Err(Rejection::CategoryNotOpen.into());
            }
            only(place(listing, *category)?)
        }
        Command::ImportIntoCategory { path } => import::import_into_category(id, listing, path, streams, context),
        Command::TakeFromCategory { category } => only(
            listing
                .categories
                .contains(category)
                .then_some(Event::ProductWithdrawn { category: *category }),
        ),
        Command::AddImage {
            image,
            url,
            alt,
            width,
            height,
        } => {
            let image = Image {
                id: *image,
                url: url.clone(),
                alt: String::new(),
                alts: alt.clone(),
                width: *width,
                height: *height,
            };
            let events = add_image(listing, &image, context.reference.default_locale())?;
            Ok(events.into_iter().map(|event| happened(id, event)).collect())
        }
        Command::DescribeImage { image, alt } => only(describe_image(
            listing,
            *image,
            alt,
            context.reference.default_locale(),
        )?),
        Command::TranslateOptions { options } => only(translate_options(listing, options)?),
        Command::ImportOptionTexts { options } => only(import::option_texts(listing, options)?),
        Command::OrderImages { images } => only(order_images(listing, images)?),
        Command::ImportImages { images } => import::import_images(id, listing, images, context),
        Command::RemoveImage { image } => only(
            listing
                .image(*image)
                .map(|image| Event::ImageRemoved { image: image.id }),
        ),
        Command::Archive => archive(id, listing, streams),
        Command::Publish | Command::Unpublish => Ok(Vec::new()),
    }
}

pub(super) fn draft(id: ProductId, description: &Description, streams: &dyn Streams) -> Result<Vec<Decided>, Refusal> {
    check::description(description)?;
    let drafted = Event::ProductDrafted {
        description: description.clone(),
    };
    let mut decided = vec![happened(id, drafted)];
    decided.extend(name::claim(slug_of(description), id.0, streams)?);
    Ok(decided)
}

pub(super) fn describe(
    id: ProductId,
    listing: &Listing,
    description: &Description,
    streams: &dyn Streams,
) -> Result<Vec<Decided>, Refusal> {
    check::description(description)?;
    if listing.description == *description {
        return Ok(Vec::new());
    }
    let described = Event::ProductDescribed {
        description: description.clone(),
    };
    let mut decided = vec![happened(id, described)];
    if listing.description.slug != description.slug {
        decided.extend(name::release(slug_of(&listing.description), id.0, streams)?);
        decided.extend(name::claim(slug_of(description), id.0, streams)?);
    }
    Ok(decided)
}

pub(super) fn add_variant(
    id: ProductId,
    listing: &Listing,
    sku: &Sku,
    facts: &VariantFacts,
    streams: &dyn Streams,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    match listing.variant(sku) {
        Some(variant) if variant.facts == *facts => return Ok(Vec::new()),
        Some(_) => return Err(Rejection::VariantExists(sku.clone()).into()),
        None => {}
    }
    check::facts(sku, facts, listing, context.reference)?;
    refuse_more("variants", listing.variants.len(), PRODUCT_VARIANTS_MAX)?;
    let added = Event::VariantAdded {
        sku: sku.clone(),
        facts: facts.clone(),
    };
    let mut decided = vec![happened(id, added)];
    decided.extend(name::claim(NameKey::Sku(sku.clone()), id.0, streams)?);
    Ok(decided)
}

pub(super) fn change_variant(
    listing: &Listing,
    sku: &Sku,
    facts: &VariantFacts,
    context: &Context<'_>,
) -> Result<Option<Event>, Rejection> {
    let variant = variant(listing, sku)?;
    if variant.facts == *facts {
        return Ok(None);
    }
    check::facts(sku, facts, listing, context.reference)?;
    Ok(Some(Event::VariantChanged {
        sku: sku.clone(),
        facts: facts.clone(),
    }))
}

pub(super) fn set_price(
    listing: &Listing,
    sku: &Sku,
    price: Money,
    compare_at: Option<Money>,
) -> Result<Option<Event>, Rejection> {
    let variant = variant(listing, sku)?;
    check::price(price, compare_at)?;
    if variant.price_in(price.currency) == Some(&Price { price, compare_at }) {
        return Ok(None);
    }
    Ok(Some(Event::VariantPriced {
        sku: sku.clone(),
        price,
        compare_at,
    }))
}

pub(super) fn place(listing: &Listing, category: CategoryId) -> Result<Option<Event>, Rejection> {
    if listing.categories.contains(&category) {
        return Ok(None);
    }
    refuse_more("categories", listing.categories.len(), PRODUCT_CATEGORIES_MAX)?;
    Ok(Some(Event::ProductPlaced { category }))
}

pub(super) fn add_image(listing: &Listing, image: &Image, first_locale: &str) -> Result<Vec<Event>, Rejection> {
    if listing.image(image.id).is_some() {
        return Ok(Vec::new());
    }
    check::image(image)?;
    refuse_more("images", listing.images.len(), PRODUCT_IMAGES_MAX)?;
    let words = image.words(first_locale).said();
    let in_first = words.0.get(first_locale).cloned().unwrap_or_default();
    let added = Event::ImageAdded {
        image: image.id,
        url: image.url.clone(),
        alt: in_first,
        width: image.width,
        height: image.height,
    };
    let has_others = words.0.keys().any(|locale| locale != first_locale);
    let described = has_others.then_some(Event::ImageDescribed {
        image: image.id,
        alt: words,
    });
    Ok(std::iter::once(added).chain(described).collect())
}

pub(super) fn describe_image(
    listing: &Listing,
    image: ImageId,
    alt: &LocalizedText,
    first_locale: &str,
) -> Result<Option<Event>, Rejection> {
    let known = listing.image(image).ok_or(Rejection::ImageAbsent)?;
    check::alt(alt)?;
    let alt = alt.said();
    let is_new = known.words(first_locale) != alt;
    Ok(is_new.then_some(Event::ImageDescribed { image, alt }))
}

pub(super) fn translate_options(listing: &Listing, options: &[OptionTexts]) -> Result<Option<Event>, Rejection> {
    check::option_texts(options, listing)?;
    Ok((listing.option_texts != options).then(|| Event::OptionsTranslated {
        options: options.to_vec(),
    }))
}

fn order_images(listing: &Listing, wanted: &[ImageId]) -> Result<Option<Event>, Rejection> {
    let present: Vec<ImageId> = listing.images.iter().map(|image| image.id).collect();
    let sorted = |ids: &[ImageId]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids
    };
    if sorted(&present) != sorted(wanted) {
        return Err(Rejection::ImagesDiffer);
    }
    Ok((present != wanted).then(|| Event::ImagesOrdered {
        images: wanted.to_vec(),
    }))
}

/// The slug is free for another product; the SKUs stay taken, because orders name them.
fn archive(id: ProductId, listing: &Listing, streams: &dyn Streams) -> Result<Vec<Decided>, Refusal> {
    let mut decided = vec![happened(id, Event::ProductArchived {})];
    decided.extend(name::release(slug_of(&listing.description), id.0, streams)?);
    Ok(decided)
}

fn variant<'a>(listing: &'a Listing, sku: &Sku) -> Result<&'a Variant, Rejection> {
    listing
        .variant(sku)
        .ok_or_else(|| Rejection::VariantAbsent(sku.clone()))
}

pub(super) fn refuse_more(what: &'static str, count: usize, max: usize) -> Result<(), Rejection> {
    if count < max {
        Ok(())
    } else {
        Err(Rejection::TooMany { what, max })
    }
}

fn slug_of(description: &Description) -> NameKey {
    NameKey::ProductSlug(description.slug.clone())
}

pub(super) fn happened(id: ProductId, event: Event) -> Decided {
    Decided {
        stream: StreamId::Product(id),
        event: event.into(),
    }
}
