//! Views and their rows.

use domain::catalog::product::{Description, OptionValue, VariantFacts};
use domain::inventory::item::Levels;
use domain::sales::{FrozenLine, PaymentMethod, ShippingChoice, Totals};
use domain::stream::Location;
use domain::value::{
    Attributes, CartId, CategoryId, Currency, LineId, LocalizedText, Money, ProductId, Sealed, Sku, Slug, Timestamp,
};
use read_store::model::cart::{CartLineView, CartStatus, CartView};
use read_store::model::category::CategoryView;
use read_store::model::order::{OrderStatus, OrderView, PaymentStatus};
use read_store::model::product::{PriceView, ProductStatus, ProductView, Sort, VariantView};
use read_store::model::stock::{LocationStockView, StockView};
use read_store::model::{self, Versioned, id_row, view_row};
use read_store::{Key, Row, Table};
use serde::Serialize;
use uuid::Uuid;

pub(crate) const EUR: Currency = Currency::EUR;
/// When everything happened.
const THEN: Timestamp = Timestamp(1_767_225_600_000);

pub(crate) fn cents(amount: i64) -> Money {
    Money { amount, currency: EUR }
}

fn slug(text: &str) -> Slug {
    text.parse().expect("a slug")
}

fn sku(text: &str) -> Sku {
    text.parse().expect("a SKU")
}

/// The row of a view, at version 3 of its stream.
fn view<V: Serialize>(key: Key, view: V) -> Row {
    let versioned = Versioned {
        seq: 1,
        version: 3,
        changed: THEN,
        view,
    };
    view_row(key, &versioned).expect("a view can be encoded")
}

/// A published product with a variant for each price; the first is called `<SLUG>-1`, its size is S.
pub(crate) fn product(number: u128, name: &str, prices: &[i64], categories: &[CategoryId]) -> ProductView {
    let variants = prices.iter().enumerate().map(|(index, amount)| VariantView {
        sku: sku(&format!("{}-{}", name.to_uppercase(), index + 1)),
        facts: VariantFacts {
            options: vec![OptionValue {
                name: "Size".to_owned(),
                value: ["S", "M", "L", "XL"][index % 4].to_owned(),
            }],
            barcode: String::new(),
            weight_grams: 500,
            requires_shipping: true,
            tax_class: "standard".to_owned(),
            tracks_stock: true,
            image: None,
        },
        prices: vec![PriceView {
            price: cents(*amount),
            compare_at: None,
        }],
    });
    ProductView {
        id: ProductId(Uuid::from_u128(number)),
        description: Description {
            slug: slug(name),
            title: LocalizedText::of("en", name),
            description_html: LocalizedText::of("en", "<p>Shines.</p>"),
            vendor: "Tillroll".to_owned(),
            attributes: Attributes::from([("Material".to_owned(), "Oak".to_owned())]),
            tags: vec!["light".to_owned()],
            seo_title: String::new(),
            seo_description: String::new(),
        },
        variants: variants.collect(),
        categories: categories.to_vec(),
        images: Vec::new(),
        status: ProductStatus::Published,
        drafted: THEN,
        // The higher its number, the newer it is.
        first_published: Some(Timestamp(THEN.0 + i64::try_from(number).unwrap_or(0))),
        option_texts: Vec::new(),
    }
}

/// What can be turned into rows.
pub(crate) trait Rows {
    fn rows(&self) -> Vec<(&'static Table, Row)>;
}

impl Rows for ProductView {
    fn rows(&self) -> Vec<(&'static Table, Row)> {
        use model::product::{
            BY_ID, BY_SLUG, CATEGORY_PAGE, by_id_key, by_slug_key, newest_clustering, page_partition, price_clustering,
            title_clustering,
        };
        let mut rows = vec![
            (&BY_ID, view(by_id_key(self.id), self.clone())),
            (&BY_SLUG, id_row(by_slug_key(&self.description.slug), self.id.0)),
        ];
        if !self.is_published() {
            return rows;
        }
        let title = self.description.title.in_locale("en", "en");
        let mut orders = vec![
            (
                Sort::Newest,
                newest_clustering(self.first_published.unwrap_or(THEN), self.id),
            ),
            (Sort::Title("en".to_owned()), title_clustering(title, self.id)),
        ];
        orders.extend(
            self.lowest_price(EUR)
                .map(|lowest| (Sort::Price(EUR), price_clustering(lowest.amount, self.id))),
        );
        for category in self.categories.iter().copied().map(Some).chain([None]) {
            for (sort, clustering) in &orders {
                let key = Key {
                    partition: page_partition(category, sort),
                    clustering: clustering.clone(),
                };
                rows.push((&CATEGORY_PAGE, id_row(key, self.id.0)));
            }
        }
        rows
    }
}

pub(crate) fn category(number: u128, name: &str, parent: Option<CategoryId>) -> CategoryView {
    CategoryView {
        id: CategoryId(Uuid::from_u128(number)),
        slug: slug(name),
        name: LocalizedText::of("en", name),
        parent,
        archived: false,
        opened: THEN,
    }
}

impl Rows for CategoryView {
    fn rows(&self) -> Vec<(&'static Table, Row)> {
        use model::category::{
            BY_ID, BY_SLUG, CHILDREN, by_id_key, by_slug_key, children_clustering, children_partition,
        };
        let mut rows = vec![(&BY_ID, view(by_id_key(self.id), self.clone()))];
        if !self.archived {
            let child = Key {
                partition: children_partition(self.parent),
                clustering: children_clustering(&self.slug, self.id),
            };
            rows.push((&BY_SLUG, id_row(by_slug_key(&self.slug), self.id.0)));
            rows.push((&CHILDREN, view(child, self.clone())));
        }
        rows
    }
}

pub(crate) fn stock(of: &str, on_hand: i64, backorder_limit: i64) -> StockView {
    StockView {
        sku: sku(of),
        locations: vec![LocationStockView {
            location: Location::default(),
            levels: Levels {
                on_hand,
                ..Levels::default()
            },
            threshold: None,
            backorder_limit,
            is_low: false,
        }],
    }
}

impl Rows for StockView {
    fn rows(&self) -> Vec<(&'static Table, Row)> {
        vec![(
            &model::stock::BY_SKU,
            view(model::stock::by_sku_key(&self.sku), self.clone()),
        )]
    }
}

/// A guest's open cart with a line for each (product, SKU, quantity, price in cents when it was added).
pub(crate) fn cart_of(number: u128, lines: &[(&ProductView, &str, u32, i64)]) -> CartView {
    let lines = lines
        .iter()
        .enumerate()
        .map(|(index, (product, of, quantity, price))| CartLineView {
            id: LineId(Uuid::from_u128(1_000 + index as u128)),
            sku: sku(of),
            product: product.id,
            title: product.description.title.clone(),
            attributes: Attributes::new(),
            quantity: *quantity,
            unit_price: cents(*price),
            catalog_seq: 1,
        });
    CartView {
        id: CartId(Uuid::from_u128(number)),
        customer: None,
        currency: EUR,
        lines: lines.collect(),
        email: None,
        phone: None,
        shipping_address: None,
        billing_address: None,
        country: String::new(),
        shipping: None,
        status: CartStatus::Open,
        frozen: None,
        reopened_why: String::new(),
        opened: THEN,
        expires: THEN,
    }
}

impl Rows for CartView {
    fn rows(&self) -> Vec<(&'static Table, Row)> {
        let mut rows = vec![(&model::cart::BY_ID, view(model::cart::by_id_key(self.id), self.clone()))];
        rows.extend(model::cart::open_row(self).map(|row| (&model::cart::OPEN, row)));
        rows
    }
}

/// The order of a cart with one line of two pieces at 10.00, standard shipping and 20 % tax included.
pub(crate) fn order_of(cart: CartId, number: &str, product: &ProductView, email: Sealed) -> OrderView {
    OrderView {
        id: cart.order(),
        number: number.to_owned(),
        customer: None,
        email,
        phone: None,
        shipping_address: None,
        billing_address: None,
        country: "AT".to_owned(),
        lines: vec![FrozenLine {
            line: LineId(Uuid::from_u128(1_000)),
            sku: product.variants[0].sku.clone(),
            product: product.id,
            title: product.description.title.clone(),
            attributes: Attributes::new(),
            quantity: 2,
            unit_price: 1_000,
            discount: 0,
            net: 1_667,
            tax: 333,
            gross: 2_000,
            tax_basis_points: 2_000,
            requires_shipping: true,
            tracks_stock: true,
        }],
        totals: Totals {
            currency: EUR,
            subtotal: 2_000,
            discount: 0,
            shipping: 490,
            tax: 415,
            total: 2_490,
            prices_include_tax: true,
        },
        shipping: Some(ShippingChoice {
            code: "standard".to_owned(),
            name: LocalizedText::of("en", "Standard shipping"),
            price: 490,
            tax_basis_points: 2_000,
        }),
        payment: PaymentMethod::Invoice,
        status: OrderStatus::Confirmed,
        payment_status: PaymentStatus::Pending,
        refunded: 0,
        cancelled_why: String::new(),
        fulfilments: Vec::new(),
        returns: Vec::new(),
        notes: Vec::new(),
        timeline: Vec::new(),
        placed: THEN,
    }
}

impl Rows for OrderView {
    fn rows(&self) -> Vec<(&'static Table, Row)> {
        use model::order::{BY_ID, BY_NUMBER, by_id_key, by_number_key};
        use model::sold::{SOLD, sold_row};
        vec![
            (&BY_ID, view(by_id_key(self.id), self.clone())),
            (&BY_NUMBER, id_row(by_number_key(&self.number), self.id.0)),
            (&SOLD, sold_row(self).expect("a sale can be encoded")),
        ]
    }
}

impl Rows for model::shop::ShopView {
    fn rows(&self) -> Vec<(&'static Table, Row)> {
        vec![(&model::shop::SETTINGS, view(model::shop::settings_key(), self.clone()))]
    }
}
