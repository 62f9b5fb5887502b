//! Views made by hand, and an index of them.

use domain::catalog::product::{Description, OptionValue, VariantFacts};
use domain::inventory::item::Levels;
use domain::stream::Location;
use domain::value::{Attributes, CategoryId, Currency, LocalizedText, Money, ProductId, Timestamp};
use read_store::model::category::CategoryView;
use read_store::model::product::{PriceView, ProductStatus, ProductView, VariantView};
use read_store::model::stock::{LocationStockView, StockView};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Changes, Criteria, Filter, Opened, SearchFiles, SearchIndex, SearchWriter, Slice, Sort};

/// A published product by Tillroll with one variant, `SKU-<number>`, size S, at a price in cents. The higher its
/// number, the newer it is.
pub(crate) fn product(number: u128, title: &str, cents: i64) -> ProductView {
    let facts = VariantFacts {
        options: vec![OptionValue {
            name: "Size".to_owned(),
            value: "S".to_owned(),
        }],
        barcode: String::new(),
        weight_grams: 0,
        requires_shipping: true,
        tax_class: "standard".to_owned(),
        tracks_stock: true,
        image: None,
    };
    let price = Money {
        amount: cents,
        currency: Currency::EUR,
    };
    let at = Timestamp(1_000 + i64::try_from(number).expect("a small number"));
    ProductView {
        id: ProductId(Uuid::from_u128(number)),
        description: Description {
            slug: format!("product-{number}").parse().expect("a slug"),
            title: LocalizedText::of("en", title),
            description_html: LocalizedText::of("en", ""),
            vendor: "Tillroll".to_owned(),
            attributes: Attributes::new(),
            tags: Vec::new(),
            seo_title: String::new(),
            seo_description: String::new(),
        },
        variants: vec![VariantView {
            sku: format!("SKU-{number}").parse().expect("a SKU"),
            facts,
            prices: vec![PriceView {
                price,
                compare_at: None,
            }],
        }],
        categories: Vec::new(),
        images: Vec::new(),
        status: ProductStatus::Published,
        drafted: at,
        first_published: Some(at),
        option_texts: Vec::new(),
    }
}

pub(crate) fn category(number: u128, parent: Option<CategoryId>) -> CategoryView {
    CategoryView {
        id: CategoryId(Uuid::from_u128(number)),
        slug: format!("category-{number}").parse().expect("a slug"),
        name: LocalizedText::of("en", "Category"),
        parent,
        archived: false,
        opened: Timestamp(0),
    }
}

pub(crate) fn stock(sku: &str, on_hand: i64) -> StockView {
    StockView {
        sku: sku.parse().expect("a SKU"),
        locations: vec![LocationStockView {
            location: Location::default(),
            levels: Levels {
                on_hand,
                ..Levels::default()
            },
            threshold: None,
            backorder_limit: 0,
            is_low: false,
        }],
    }
}

/// The index in a folder, with views that code of this version makes.
pub(crate) fn opened(folder: &TempDir, folds: u32) -> Opened {
    let opened = SearchFiles::new(folder.path(), folds).open();
    opened.expect("an index can be opened")
}

/// An index in a file of its own.
pub(crate) struct TestIndex {
    pub(crate) writer: SearchWriter,
    pub(crate) index: SearchIndex,
    pub(crate) folder: TempDir,
}

impl TestIndex {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let Opened { writer, index, .. } = opened(&folder, 1);
        Self { writer, index, folder }
    }

    pub(crate) fn with(products: Vec<ProductView>) -> Self {
        let mut index = Self::new();
        index.put(products);
        index
    }

    pub(crate) fn put(&mut self, products: Vec<ProductView>) {
        self.apply(&Changes {
            products,
            ..Changes::default()
        });
    }

    pub(crate) fn apply(&mut self, changes: &Changes) {
        self.writer.apply(changes).expect("changes can be written");
    }

    /// The numbers of the products that fit, in their order.
    pub(crate) async fn numbers(&self, criteria: &Criteria) -> Vec<u128> {
        let slice = Slice {
            limit: 1_000,
            ..Slice::default()
        };
        let hits = self.index.page(criteria.clone(), slice).await.expect("it answers");
        hits.iter().map(|hit| hit.product.0.as_u128()).collect()
    }
}

/// Everything, the newest first.
pub(crate) fn everything() -> Criteria {
    Criteria {
        query: None,
        filter: Filter::default(),
        sort: Sort::Newest,
        currency: Currency::EUR,
        low_stock_threshold: 5,
    }
}

/// What has these words, what fits best first.
pub(crate) fn text(query: &str) -> Criteria {
    Criteria {
        query: Some(query.to_owned()),
        sort: Sort::Relevance,
        ..everything()
    }
}

pub(crate) fn filtered(filter: Filter) -> Criteria {
    Criteria { filter, ..everything() }
}
