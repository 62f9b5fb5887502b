use std::collections::BTreeSet;

use domain::value::{CategoryId, Currency, Timestamp};
use read_store::Key;
use read_store::model::id_row;
use read_store::model::product::{
    BY_SKU, BY_SLUG, CATEGORY_PAGE, LISTED, ProductStatus, ProductView, Sort, by_sku_key, by_slug_key,
    listed_clustering, listed_partition, newest_clustering, page_partition, price_clustering, title_clustering,
};

use crate::projection::DerivedRow;

pub(super) fn rows(view: &ProductView) -> Vec<DerivedRow> {
    let mut rows = vec![listed_row(view)];
    if view.status == ProductStatus::Archived {
        return rows;
    }
    rows.push((&BY_SLUG, id_row(by_slug_key(&view.description.slug), view.id.0)));
    let skus = view.variants.iter().map(|variant| &variant.sku);
    rows.extend(skus.map(|sku| (&BY_SKU, id_row(by_sku_key(sku), view.id.0))));
    let Some(first_published) = view.first_published.filter(|_| view.is_published()) else {
        return rows;
    };
    let places = places(view, first_published);
    let everywhere = std::iter::once(None).chain(view.categories.iter().copied().map(Some));
    for category in everywhere {
        rows.extend(places.iter().map(|place| page_row(view, category, place)));
    }
    rows
}

fn listed_row(view: &ProductView) -> DerivedRow {
    let key = Key {
        partition: listed_partition(view.status),
        clustering: listed_clustering(&view.description.slug, view.id),
    };
    (&LISTED, id_row(key, view.id.0))
}

/// Where the product stands in each order.
fn places(view: &ProductView, first_published: Timestamp) -> Vec<(Sort, Vec<u8>)> {
    let mut places = vec![(Sort::Newest, newest_clustering(first_published, view.id))];
    let prices = currencies(view)
        .into_iter()
        .filter_map(|currency| view.lowest_price(currency));
    places.extend(prices.map(|price| (Sort::Price(price.currency), price_clustering(price.amount, view.id))));
    let titles = &view.description.title.0;
    places.extend(
        titles
            .iter()
            .map(|(locale, title)| (Sort::Title(locale.clone()), title_clustering(title, view.id))),
    );
    places
}

fn currencies(view: &ProductView) -> BTreeSet<Currency> {
    let prices = view.variants.iter().flat_map(|variant| &variant.prices);
    prices.map(|price| price.price.currency).collect()
}

fn page_row(view: &ProductView, category: Option<CategoryId>, (sort, clustering): &(Sort, Vec<u8>)) -> DerivedRow {
    let key = Key {
        partition: page_partition(category, sort),
        clustering: clustering.clone(),
    };
    (&CATEGORY_PAGE, id_row(key, view.id.0))
}
