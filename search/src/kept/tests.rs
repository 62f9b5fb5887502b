use crate::testkit::{TestIndex, category, everything, filtered, product, stock};
use crate::{Changes, Criteria, Facet, FacetKind, Filter, Level, ValueOf};

async fn facet(index: &TestIndex, criteria: &Criteria, kind: FacetKind) -> Vec<(ValueOf, u64)> {
    let facets = index.index.facets(criteria.clone()).await.expect("it answers");
    let values = |facet: Facet| facet.values.into_iter().map(|value| (value.value, value.products));
    let found = facets.into_iter().find(|facet| facet.kind == kind);
    found.map(|facet| values(facet).collect()).unwrap_or_default()
}

fn vendor(name: &str, products: u64) -> (ValueOf, u64) {
    (ValueOf::Label(name.to_owned()), products)
}

fn level(level: Level, products: u64) -> (ValueOf, u64) {
    (ValueOf::Availability(level), products)
}

#[tokio::test]
async fn what_is_kept_is_what_is_there_whatever_has_changed() {
    let mut index = TestIndex::new();
    let shelf = category(9, None);
    let mut lamp = product(1, "Lamp", 100);
    lamp.categories = vec![shelf.id];
    index.apply(&Changes {
        categories: vec![shelf.clone()],
        products: vec![lamp.clone(), product(2, "Desk", 300)],
        stock: vec![stock("SKU-1", 50)],
        ..Changes::default()
    });
    let all = everything();
    let of_shelf = filtered(Filter {
        category: Some(shelf.id),
        ..Filter::default()
    });
    for _ in 0..2 {
        assert_eq!(facet(&index, &all, FacetKind::Vendor).await, [vendor("Tillroll", 2)]);
        assert_eq!(
            facet(&index, &of_shelf, FacetKind::Vendor).await,
            [vendor("Tillroll", 1)]
        );
        let levels = [level(Level::InStock, 1), level(Level::OutOfStock, 1)];
        assert_eq!(facet(&index, &all, FacetKind::Availability).await, levels);
    }
    index.apply(&Changes {
        stock: vec![stock("SKU-1", 0)],
        ..Changes::default()
    });
    let sold_out = level(Level::OutOfStock, 2);
    assert_eq!(facet(&index, &all, FacetKind::Availability).await, [sold_out]);
    let sold_out = level(Level::OutOfStock, 1);
    assert_eq!(facet(&index, &of_shelf, FacetKind::Availability).await, [sold_out]);
    assert_eq!(facet(&index, &all, FacetKind::Vendor).await, [vendor("Tillroll", 2)]);

    lamp.description.vendor = "Anna".to_owned();
    lamp.categories.clear();
    index.put(vec![lamp]);
    let vendors = [vendor("Anna", 1), vendor("Tillroll", 1)];
    assert_eq!(facet(&index, &all, FacetKind::Vendor).await, vendors);
    assert_eq!(facet(&index, &of_shelf, FacetKind::Vendor).await, []);
    index.writer.begin_anew().expect("it can be emptied");
    assert_eq!(facet(&index, &all, FacetKind::Vendor).await, []);
}

#[tokio::test]
async fn another_threshold_or_currency_is_another_list() {
    let index = TestIndex::new();
    let mut index = index;
    index.apply(&Changes {
        products: vec![product(1, "Lamp", 100)],
        stock: vec![stock("SKU-1", 7)],
        ..Changes::default()
    });
    let at = |low_stock_threshold| Criteria {
        low_stock_threshold,
        ..everything()
    };
    for _ in 0..2 {
        assert_eq!(
            facet(&index, &at(5), FacetKind::Availability).await,
            [level(Level::InStock, 1)]
        );
        assert_eq!(
            facet(&index, &at(9), FacetKind::Availability).await,
            [level(Level::LowStock, 1)]
        );
        let dollars = Criteria {
            currency: "USD".parse().expect("a currency"),
            ..everything()
        };
        assert_eq!(facet(&index, &dollars, FacetKind::Price).await, []);
        assert_eq!(facet(&index, &everything(), FacetKind::Price).await.len(), 1);
    }
}
