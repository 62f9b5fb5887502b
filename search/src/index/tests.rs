use std::collections::{BTreeMap, BTreeSet};

use domain::value::{CategoryId, Currency, Money};
use read_store::model::product::ProductStatus;
use uuid::Uuid;

use super::*;
use crate::testkit::{TestIndex, category, everything, filtered, product, stock, text};
use crate::{Changes, FacetKind, Filter, Level, PriceBounds, Sort, ValueOf};

/// Lamps and a desk.
fn furniture() -> TestIndex {
    let mut desk = product(3, "Oak desk", 30_000);
    desk.description.description_html = domain::value::LocalizedText::of("en", "<p>A place for your lamp.</p>");
    TestIndex::with(vec![
        product(1, "Lamp", 2_000),
        product(2, "Lampshade Café", 1_000),
        desk,
    ])
}

#[tokio::test]
async fn words_are_found_by_their_beginnings_without_case_and_accents() {
    let index = furniture();
    for (query, found) in [
        ("lamp", vec![1, 2, 3]),
        ("LAMPSH", vec![2]),
        ("cafe", vec![2]),
        ("CAFÉ lamp", vec![2]),
        ("sku-2", vec![2]),
        ("oak lamp", vec![3]),
        ("chair", vec![]),
    ] {
        assert_eq!(index.numbers(&text(query)).await, found, "{query}");
    }
}

#[tokio::test]
async fn no_search_text_is_an_operator() {
    let index = furniture();
    for query in [
        "\"",
        "lamp\"",
        "NOT lamp",
        "title:chair",
        "lamp*)",
        "NEAR(a b)",
        "^lamp -desk",
        "a\0b",
        "*",
        "'; --",
    ] {
        let answer = index
            .index
            .page(
                text(query),
                crate::Slice {
                    limit: 10,
                    ..crate::Slice::default()
                },
            )
            .await;
        assert!(answer.is_ok(), "{query}: {answer:?}");
    }
    assert!(index.numbers(&text("***")).await.is_empty());
}

#[tokio::test]
async fn each_order_is_the_order_it_says() {
    let mut index = furniture();
    index.apply(&Changes {
        sold: [(product(2, "", 0).id, 3), (product(1, "", 0).id, 1)].into(),
        ..Changes::default()
    });
    for (sort, order) in [
        (Sort::Newest, [3, 2, 1]),
        (Sort::Price, [2, 1, 3]),
        (Sort::Title("en".to_owned()), [1, 2, 3]),
        (Sort::BestSelling, [2, 1, 3]),
    ] {
        let criteria = Criteria { sort, ..everything() };
        assert_eq!(index.numbers(&criteria).await, order, "{:?}", criteria.sort);
    }
}

#[tokio::test]
async fn pages_have_neither_gaps_nor_repeats_in_any_order_and_direction() {
    let products = (1..=25).map(|number| {
        product(
            number,
            &format!("Lamp {}", number % 4),
            100 * (i64::try_from(number % 3).expect("small")),
        )
    });
    let index = TestIndex::with(products.collect());
    for sort in [
        Sort::Relevance,
        Sort::Newest,
        Sort::Price,
        Sort::Title("en".to_owned()),
        Sort::BestSelling,
    ] {
        let criteria = Criteria { sort, ..text("lamp") };
        let whole = index.numbers(&criteria).await;
        assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 25, "{:?}", criteria.sort);
        for is_backward in [false, true] {
            let mut walked = Vec::new();
            let mut place = None;
            loop {
                let (after, before) = if is_backward {
                    (None, place.clone())
                } else {
                    (place.clone(), None)
                };
                let slice = Slice {
                    after,
                    before,
                    is_backward,
                    offset: 0,
                    limit: 4,
                };
                let hits = index.index.page(criteria.clone(), slice).await.expect("it answers");
                let Some(last) = hits.last() else { break };
                place = Some(last.place.clone());
                walked.extend(hits.iter().map(|hit| hit.product.0.as_u128()));
            }
            if is_backward {
                walked.reverse();
            }
            assert_eq!(walked, whole, "{:?} {is_backward}", criteria.sort);
        }
    }
}

#[tokio::test]
async fn a_page_by_relevance_goes_on_where_it_was_while_products_come() {
    let mut index = TestIndex::with((1..=10).map(|number| product(number, "Lamp", 100)).collect());
    let slice = |after| Slice {
        after,
        limit: 5,
        ..Slice::default()
    };
    let first = index.index.page(text("lamp"), slice(None)).await.expect("it answers");
    // What is rare and what is common changes: every product fits a little better or worse than before.
    index.put((11..=60).map(|number| product(number, "Chair of oak", 100)).collect());
    let after = first.last().map(|hit| hit.place.clone());
    let second = index.index.page(text("lamp"), slice(after)).await.expect("it answers");
    let ids: BTreeSet<_> = first.iter().chain(&second).map(|hit| hit.product).collect();
    assert_eq!(ids.len(), 10);
}

#[tokio::test]
async fn filters_narrow_by_category_with_all_below_it_price_and_values() {
    let mut index = TestIndex::new();
    let (top, below) = (
        category(100, None),
        category(101, Some(CategoryId(Uuid::from_u128(100)))),
    );
    let mut lamp = product(1, "Lamp", 2_000);
    lamp.categories = vec![below.id];
    lamp.description.tags = vec!["new".to_owned()];
    let mut desk = product(2, "Desk", 30_000);
    desk.categories = vec![top.id];
    desk.description
        .attributes
        .insert("Material".to_owned(), "Oak".to_owned());
    index.apply(&Changes {
        products: vec![lamp, desk],
        categories: vec![top.clone(), below.clone()],
        ..Changes::default()
    });
    let cases = [
        (
            Filter {
                category: Some(top.id),
                ..Filter::default()
            },
            vec![2, 1],
        ),
        (
            Filter {
                category: Some(below.id),
                ..Filter::default()
            },
            vec![1],
        ),
        (
            Filter {
                price: Some(PriceBounds {
                    min: None,
                    max: Some(2_000),
                }),
                ..Filter::default()
            },
            vec![1],
        ),
        (
            Filter {
                price: Some(PriceBounds {
                    min: Some(2_001),
                    max: None,
                }),
                ..Filter::default()
            },
            vec![2],
        ),
        (
            Filter {
                tags: vec!["new".to_owned(), "old".to_owned()],
                ..Filter::default()
            },
            vec![1],
        ),
        (
            Filter {
                vendors: vec!["Nobody".to_owned()],
                ..Filter::default()
            },
            vec![],
        ),
        (
            Filter {
                options: [("Size".to_owned(), vec!["S".to_owned()])].into(),
                ..Filter::default()
            },
            vec![2, 1],
        ),
        (
            Filter {
                attributes: [("Material".to_owned(), vec!["Oak".to_owned()])].into(),
                ..Filter::default()
            },
            vec![2],
        ),
    ];
    for (filter, found) in cases {
        let criteria = filtered(filter);
        assert_eq!(index.numbers(&criteria).await, found, "{:?}", criteria.filter);
        assert_eq!(index.index.count(criteria).await, Ok(found.len() as u64));
    }
    // What is moved in the tree is found there at once.
    index.apply(&Changes {
        categories: vec![category(101, None)],
        ..Changes::default()
    });
    let in_top = filtered(Filter {
        category: Some(top.id),
        ..Filter::default()
    });
    assert_eq!(index.numbers(&in_top).await, [2]);
}

#[tokio::test]
async fn availability_follows_the_stock_and_the_thresholds() {
    let mut index = TestIndex::with(vec![product(1, "Lamp", 100)]);
    let at_level = |level| {
        filtered(Filter {
            availability: vec![level],
            ..Filter::default()
        })
    };
    let mut untracked = product(2, "Voucher", 100);
    untracked.variants[0].facts.tracks_stock = false;
    index.put(vec![untracked]);
    assert_eq!(index.numbers(&at_level(Level::InStock)).await, [2]);
    for (on_hand, level) in [
        (0, Level::OutOfStock),
        (5, Level::LowStock),
        (6, Level::InStock),
        (-1, Level::OutOfStock),
    ] {
        index.apply(&Changes {
            stock: vec![stock("SKU-1", on_hand)],
            ..Changes::default()
        });
        assert!(index.numbers(&at_level(level)).await.contains(&1), "{on_hand}");
    }
    let mut back_ordered = stock("SKU-1", 0);
    back_ordered.locations[0].backorder_limit = 2;
    index.apply(&Changes {
        stock: vec![back_ordered.clone()],
        ..Changes::default()
    });
    assert_eq!(index.numbers(&at_level(Level::Backorder)).await, [1]);
    back_ordered.locations[0].levels.on_hand = 6;
    back_ordered.locations[0].threshold = Some(10);
    index.apply(&Changes {
        stock: vec![back_ordered],
        ..Changes::default()
    });
    assert_eq!(index.numbers(&at_level(Level::LowStock)).await, [1]);
    // The shop's threshold counts for what has none of its own, and may change at any time.
    index.apply(&Changes {
        stock: vec![stock("SKU-1", 6)],
        ..Changes::default()
    });
    let low = Criteria {
        low_stock_threshold: 6,
        ..at_level(Level::LowStock)
    };
    assert_eq!(index.numbers(&low).await, [1]);
}

fn values(facets: &[crate::Facet], kind: &FacetKind) -> BTreeMap<String, u64> {
    let facet = facets.iter().find(|facet| facet.kind == *kind);
    let values = facet.map(|facet| facet.values.clone()).unwrap_or_default();
    let label = |value: &ValueOf| match value {
        ValueOf::Label(label) => label.clone(),
        other => format!("{other:?}"),
    };
    values
        .iter()
        .map(|value| (label(&value.value), value.products))
        .collect()
}

#[tokio::test]
async fn a_facet_is_counted_without_its_own_filter_and_with_all_others() {
    let vendors = ["Anna", "Anna", "Bert", "Bert"];
    let tags = ["new", "old", "new", "new"];
    let products = (1..=4).map(|number: u128| {
        let index = usize::try_from(number - 1).expect("small");
        let mut product = product(number, "Lamp", 1_000 * i64::try_from(number).expect("small"));
        product.description.vendor = vendors[index].to_owned();
        product.description.tags = vec![tags[index].to_owned()];
        product
    });
    let index = TestIndex::with(products.collect());
    let criteria = filtered(Filter {
        vendors: vec!["Anna".to_owned()],
        ..Filter::default()
    });
    let facets = index.index.facets(criteria).await.expect("it answers");
    let counted = |kind: &FacetKind| values(&facets, kind);
    let pairs = |pairs: &[(&str, u64)]| {
        pairs
            .iter()
            .map(|(label, count)| ((*label).to_owned(), *count))
            .collect()
    };
    assert_eq!(counted(&FacetKind::Vendor), pairs(&[("Anna", 2), ("Bert", 2)]));
    assert_eq!(counted(&FacetKind::Tag), pairs(&[("new", 1), ("old", 1)]));
    assert_eq!(
        counted(&FacetKind::Price),
        pairs(&[("Price { min: 1000, max: 2000 }", 2)])
    );
    let gone = filtered(Filter {
        tags: vec!["old".to_owned()],
        vendors: vec!["Bert".to_owned()],
        ..Filter::default()
    });
    let facets = index.index.facets(gone).await.expect("it answers");
    // What is chosen stays, even when nothing has it.
    assert_eq!(values(&facets, &FacetKind::Tag), pairs(&[("new", 2), ("old", 0)]));
    assert_eq!(values(&facets, &FacetKind::Vendor), pairs(&[("Anna", 1), ("Bert", 0)]));
}

#[tokio::test]
async fn the_facet_of_categories_leads_down_the_tree() {
    let mut index = TestIndex::new();
    let top = CategoryId(Uuid::from_u128(100));
    let tree = vec![
        category(100, None),
        category(101, Some(top)),
        category(102, Some(top)),
        category(103, None),
    ];
    let placed = |number, categories: &[u128]| {
        let mut product = product(number, "Lamp", 100);
        product.categories = categories
            .iter()
            .map(|number| CategoryId(Uuid::from_u128(*number)))
            .collect();
        product
    };
    let products = vec![placed(1, &[101]), placed(2, &[101, 102]), placed(3, &[103])];
    index.apply(&Changes {
        products,
        categories: tree,
        ..Changes::default()
    });
    let shown = async |category: Option<u128>| {
        let category = category.map(|number| CategoryId(Uuid::from_u128(number)));
        let facets = index
            .index
            .facets(filtered(Filter {
                category,
                ..Filter::default()
            }))
            .await
            .expect("it answers");
        let facet = facets
            .into_iter()
            .find(|facet| facet.kind == FacetKind::Category)
            .expect("there are categories");
        let number = |value: &ValueOf| match value {
            ValueOf::Category(category) => category.0.as_u128(),
            _ => 0,
        };
        facet
            .values
            .iter()
            .map(|value| (number(&value.value), value.products))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(None).await, [(100, 2), (103, 1)]);
    assert_eq!(shown(Some(100)).await, [(100, 2), (101, 2), (102, 1), (103, 1)]);
    assert_eq!(shown(Some(101)).await, [(101, 2), (102, 1)]);
}

#[tokio::test]
async fn suggestions_complete_the_last_word_and_mend_what_nothing_has() {
    let index = furniture();
    let suggested = async |query: &str| {
        let suggestions = index.index.suggestions(query.to_owned(), 5).await.expect("it answers");
        suggestions
            .into_iter()
            .map(|found| (found.text, found.is_correction))
            .collect::<Vec<_>>()
    };
    let plain = |texts: &[&str]| texts.iter().map(|text| ((*text).to_owned(), false)).collect::<Vec<_>>();
    let mended = |texts: &[&str]| texts.iter().map(|text| ((*text).to_owned(), true)).collect::<Vec<_>>();
    assert_eq!(suggested("lam").await, plain(&["lamp", "lampshade"]));
    assert_eq!(suggested("CAF").await, plain(&["café"]));
    assert_eq!(suggested("lmap").await, mended(&["lamp"]));
    assert_eq!(suggested("lampshdae").await, mended(&["lampshade"]));
    assert_eq!(suggested("oka des").await, mended(&["oak desk"]));
    // Both words are known, and no product has both.
    assert!(suggested("desk caf").await.is_empty());
    for query in ["", "***", "xx", "\""] {
        assert!(suggested(query).await.is_empty(), "{query}");
    }
}

#[tokio::test]
async fn related_products_share_more_than_others() {
    let mut index = TestIndex::new();
    let with_tags = |number, vendor: &str, tags: &[&str]| {
        let mut product = product(number, "Lamp", 100);
        product.description.vendor = vendor.to_owned();
        product.description.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        product
    };
    index.put(vec![
        with_tags(1, "Anna", &["oak", "new"]),
        with_tags(2, "Anna", &["oak", "new"]),
        with_tags(3, "Bert", &["oak"]),
        with_tags(4, "Carl", &["steel"]),
    ]);
    let ids: Vec<_> = [1, 3, 4].map(|number| product(number, "", 0).id).into();
    let related = index.index.related(ids, 2).await.expect("it answers");
    let numbers: Vec<Vec<u128>> = related
        .iter()
        .map(|ids| ids.iter().map(|id| id.0.as_u128()).collect())
        .collect();
    assert_eq!(numbers, [vec![2, 3], vec![1, 2], vec![]]);
}

#[tokio::test]
async fn what_is_unpublished_disappears_and_comes_back() {
    let mut index = furniture();
    let mut lamp = product(1, "Lamp", 2_000);
    lamp.status = ProductStatus::Draft;
    index.put(vec![lamp]);
    let with_lamp = Criteria {
        sort: Sort::Newest,
        ..text("lamp")
    };
    assert_eq!(index.numbers(&with_lamp).await, [3, 2]);
    assert_eq!(index.numbers(&everything()).await, [3, 2]);
    index.put(vec![product(1, "Torch", 2_000)]);
    assert_eq!(index.numbers(&text("torch")).await, [1]);
    assert_eq!(index.numbers(&with_lamp).await, [3, 2]);
}

#[tokio::test]
async fn a_product_without_a_price_in_the_currency_is_in_no_list_by_price() {
    let mut index = furniture();
    let mut in_yen = product(4, "Lamp", 1);
    in_yen.variants[0].prices[0].price = Money {
        amount: 5,
        currency: "JPY".parse().expect("a currency"),
    };
    index.put(vec![in_yen]);
    let by_price = Criteria {
        sort: Sort::Price,
        ..everything()
    };
    assert_eq!(index.numbers(&by_price).await, [2, 1, 3]);
    let in_yen = Criteria {
        currency: "JPY".parse::<Currency>().expect("a currency"),
        ..by_price
    };
    assert_eq!(index.numbers(&in_yen).await, [4]);
}
