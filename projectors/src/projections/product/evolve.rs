use domain::catalog::product::Event;
use domain::value::{ImageId, LocalizedText, Money, ProductId, Sku, Timestamp};
use read_store::model::product::{ImageView, PriceView, ProductStatus, ProductView, VariantView};

pub(super) fn evolve(view: Option<ProductView>, id: ProductId, event: &Event, at: Timestamp) -> Option<ProductView> {
    if let Event::ProductDrafted { description } = event {
        return Some(ProductView {
            id,
            description: description.clone(),
            variants: Vec::new(),
            categories: Vec::new(),
            images: Vec::new(),
            status: ProductStatus::Draft,
            drafted: at,
            first_published: None,
            option_texts: Vec::new(),
        });
    }
    let mut view = view?;
    match event {
        Event::ProductDrafted { .. } => {}
        Event::ProductDescribed { description } => view.description = description.clone(),
        Event::VariantAdded { sku, facts } => view.variants.push(VariantView {
            sku: sku.clone(),
            facts: facts.clone(),
            prices: Vec::new(),
        }),
        Event::VariantChanged { sku, facts } => {
            if let Some(variant) = variant(&mut view, sku) {
                variant.facts = facts.clone();
            }
        }
        Event::VariantPriced { sku, price, compare_at } => {
            if let Some(variant) = variant(&mut view, sku) {
                set_price(&mut variant.prices, *price, *compare_at);
            }
        }
        Event::ProductPlaced { category } => {
            if !view.categories.contains(category) {
                view.categories.push(*category);
            }
        }
        Event::ProductWithdrawn { category } => view.categories.retain(|placed| placed != category),
        Event::ImageAdded {
            image,
            url,
            alt,
            width,
            height,
        } => view.images.push(ImageView {
            id: *image,
            url: url.clone(),
            alt: alt.clone(),
            alts: LocalizedText::default(),
            width: *width,
            height: *height,
        }),
        Event::ImageDescribed { image, alt } => {
            if let Some(described) = view.images.iter_mut().find(|shown| shown.id == *image) {
                described.alt.clear();
                described.alts = alt.clone();
            }
        }
        Event::OptionsTranslated { options } => view.option_texts.clone_from(options),
        Event::ImagesOrdered { images } => order_images(&mut view.images, images),
        Event::ImageRemoved { image } => view.images.retain(|shown| shown.id != *image),
        Event::ProductPublished {} => {
            view.status = ProductStatus::Published;
            view.first_published.get_or_insert(at);
        }
        Event::ProductUnpublished {} => view.status = ProductStatus::Draft,
        Event::ProductArchived {} => view.status = ProductStatus::Archived,
    }
    Some(view)
}

fn variant<'a>(view: &'a mut ProductView, sku: &Sku) -> Option<&'a mut VariantView> {
    view.variants.iter_mut().find(|variant| variant.sku == *sku)
}

fn set_price(prices: &mut Vec<PriceView>, price: Money, compare_at: Option<Money>) {
    let priced = PriceView { price, compare_at };
    match prices.iter_mut().find(|known| known.price.currency == price.currency) {
        Some(known) => *known = priced,
        None => prices.push(priced),
    }
}

/// The named images come first, in the named order; the domain names all of them.
fn order_images(images: &mut [ImageView], order: &[ImageId]) {
    images.sort_by_key(|image| order.iter().position(|named| *named == image.id).unwrap_or(usize::MAX));
}
