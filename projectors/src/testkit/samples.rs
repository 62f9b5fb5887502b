//! Events to choose from.

use std::collections::BTreeMap;

use domain::catalog::{category, product};
use domain::sales::{FrozenLine, PaymentMethod, Totals, cart, order};
use domain::stream::StreamId;
use domain::value::{
    CartId, CategoryId, Currency, LineId, LocalizedText, Money, OrderId, ProductId, Sealed, Sku, Slug, Timestamp,
};
use domain::{Event, value};
use proptest::prelude::*;
use uuid::Uuid;

/// What a commit is made of.
pub(crate) type Commits = Vec<Vec<(StreamId, Event)>>;

pub(crate) fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn slug(text: &str) -> Slug {
    text.parse().expect("it is a slug")
}

pub(crate) fn sku(text: &str) -> Sku {
    text.parse().expect("it is a SKU")
}

pub(crate) fn product_stream(number: u128) -> StreamId {
    StreamId::Product(ProductId(uuid(number)))
}

pub(crate) fn category_stream(number: u128) -> StreamId {
    StreamId::Category(CategoryId(uuid(number)))
}

pub(crate) fn cart_stream(number: u128) -> StreamId {
    StreamId::Cart(CartId(uuid(number)))
}

pub(crate) fn order_stream(number: u128) -> StreamId {
    StreamId::Order(OrderId(uuid(number)))
}

pub(crate) fn sealed(text: &str) -> Sealed {
    Sealed {
        subject: "cart".to_owned(),
        key_id: 1,
        nonce: "nonce".to_owned(),
        ciphertext: text.to_owned(),
    }
}

pub(crate) fn euros(amount: i64) -> Money {
    Money {
        amount,
        currency: Currency::EUR,
    }
}

pub(crate) fn description(slug_text: &str, title: &str) -> product::Description {
    product::Description {
        slug: slug(slug_text),
        title: LocalizedText::of("en", title),
        description_html: LocalizedText::of("en", "<p>Fine.</p>"),
        vendor: "Maker".to_owned(),
        attributes: BTreeMap::new(),
        tags: Vec::new(),
        seo_title: String::new(),
        seo_description: String::new(),
    }
}

pub(crate) fn facts() -> product::VariantFacts {
    product::VariantFacts {
        options: Vec::new(),
        barcode: String::new(),
        weight_grams: 100,
        requires_shipping: true,
        tax_class: "standard".to_owned(),
        tracks_stock: true,
        image: None,
    }
}

pub(crate) fn opened_cart() -> Event {
    cart::Event::CartOpened {
        customer: None,
        currency: Currency::EUR,
        expires: Timestamp(1),
    }
    .into()
}

pub(crate) fn line_added(line: u128, quantity: u32) -> Event {
    cart::Event::LineAdded {
        line: LineId(uuid(line)),
        sku: sku("LAMP-1"),
        product: ProductId(uuid(1)),
        title: LocalizedText::of("en", "Lamp"),
        attributes: value::Attributes::new(),
        quantity,
        unit_price: euros(1_990),
        catalog_seq: 3,
    }
    .into()
}

pub(crate) fn totals() -> Totals {
    Totals {
        currency: Currency::EUR,
        subtotal: 1_990,
        discount: 0,
        shipping: 0,
        tax: 318,
        total: 1_990,
        prices_include_tax: true,
    }
}

pub(crate) fn frozen_line(line: u128, quantity: u32) -> FrozenLine {
    FrozenLine {
        line: LineId(uuid(line)),
        sku: sku("LAMP-1"),
        product: ProductId(uuid(1)),
        title: LocalizedText::of("en", "Lamp"),
        attributes: value::Attributes::new(),
        quantity,
        unit_price: 1_990,
        discount: 0,
        net: 1_672,
        tax: 318,
        gross: 1_990,
        tax_basis_points: 1_900,
        requires_shipping: true,
        tracks_stock: true,
    }
}

pub(crate) fn placed(number: &str, lines: Vec<FrozenLine>) -> Event {
    order::Event::OrderPlaced {
        number: number.to_owned(),
        customer: None,
        email: sealed("email"),
        phone: None,
        shipping_address: Some(sealed("address")),
        billing_address: None,
        country: "DE".to_owned(),
        lines,
        totals: totals(),
        shipping: None,
        payment: PaymentMethod::Invoice,
    }
    .into()
}

/// Commits that mean something and commits that mean nothing, on few streams, so that they meet.
pub(crate) fn commits() -> impl Strategy<Value = Commits> {
    let commit = prop_oneof![
        prop::collection::vec(prop_oneof![product_event(), category_event()], 1..4),
        sales_event().prop_map(|event| vec![event]),
    ];
    prop::collection::vec(commit, 1..60).prop_map(|mut commits: Commits| {
        let mut names = Names::default();
        for commit in &mut commits {
            commit.retain(|(stream, event)| names.allow(stream, event));
        }
        commits.retain(|commit| !commit.is_empty());
        commits
    })
}

/// Who has which slug: as in the domain, nobody takes one that somebody has.
#[derive(Default)]
struct Names(BTreeMap<StreamId, Slug>);

impl Names {
    fn allow(&mut self, stream: &StreamId, event: &Event) -> bool {
        use {category::Event as Category, product::Event as Product};
        let (slug, is_beginning) = match event {
            Event::Product(Product::ProductDrafted { description }) => (&description.slug, true),
            Event::Product(Product::ProductDescribed { description }) => (&description.slug, false),
            Event::Category(Category::CategoryOpened { slug, .. }) => (slug, true),
            Event::Category(Category::CategoryRenamed { slug, .. }) => (slug, false),
            Event::Product(Product::ProductArchived {}) | Event::Category(Category::CategoryArchived {}) => {
                self.0.remove(stream);
                return true;
            }
            // What is archived stays so, and its slug is somebody else's to take.
            Event::Product(Product::ProductPublished {} | Product::ProductUnpublished {}) => {
                return self.0.contains_key(stream);
            }
            _ => return true,
        };
        let is_of_this_kind = |other: &StreamId| matches!(other, StreamId::Product(_)) == event_is_product(event);
        let is_taken = self
            .0
            .iter()
            .any(|(other, held)| other != stream && is_of_this_kind(other) && held == slug);
        let takes = !is_taken && (is_beginning || self.0.contains_key(stream));
        if takes {
            self.0.insert(stream.clone(), slug.clone());
        }
        takes
    }
}

fn event_is_product(event: &Event) -> bool {
    matches!(event, Event::Product(_))
}

fn slugs() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["lamp", "chair", "table"])
}

fn product_event() -> impl Strategy<Value = (StreamId, Event)> {
    use product::Event as Product;
    let event = prop_oneof![
        slugs().prop_map(|slug| Product::ProductDrafted {
            description: description(slug, slug)
        }),
        (slugs(), "[a-c]{1,2}").prop_map(|(slug, title)| Product::ProductDescribed {
            description: description(slug, &title)
        }),
        Just(Product::VariantAdded {
            sku: sku("LAMP-1"),
            facts: facts()
        }),
        (1..3_i64).prop_map(|price| Product::VariantPriced {
            sku: sku("LAMP-1"),
            price: euros(price),
            compare_at: None
        }),
        (1..3_u128).prop_map(|number| Product::ProductPlaced {
            category: CategoryId(uuid(number))
        }),
        (1..3_u128).prop_map(|number| Product::ProductWithdrawn {
            category: CategoryId(uuid(number))
        }),
        Just(Product::ProductPublished {}),
        Just(Product::ProductUnpublished {}),
        Just(Product::ProductArchived {}),
    ];
    (1..4_u128, event).prop_map(|(number, event)| (product_stream(number), event.into()))
}

fn category_event() -> impl Strategy<Value = (StreamId, Event)> {
    use category::Event as Category;
    let parent = prop::option::of((1..4_u128).prop_map(|number| CategoryId(uuid(number))));
    let event = prop_oneof![
        (slugs(), parent.clone()).prop_map(|(text, parent)| Category::CategoryOpened {
            slug: slug(text),
            name: LocalizedText::of("en", text),
            parent
        }),
        slugs().prop_map(|text| Category::CategoryRenamed {
            slug: slug(text),
            name: LocalizedText::of("en", text)
        }),
        parent.prop_map(|parent| Category::CategoryMoved { parent }),
        Just(Category::CategoryArchived {}),
    ];
    (1..4_u128, event).prop_map(|(number, event)| (category_stream(number), event.into()))
}

fn sales_event() -> impl Strategy<Value = (StreamId, Event)> {
    let in_cart = prop_oneof![
        Just(opened_cart()),
        (1..3_u128, 1..5_u32).prop_map(|(line, quantity)| line_added(line, quantity)),
        Just(cart::Event::CartCleared {}.into()),
        Just(cart::Event::CartExpired {}.into()),
    ];
    // An order's number tells its shard, so that no two shards write the same row.
    let in_order = (1..6_u128, any::<bool>()).prop_map(|(number, places)| {
        let placed = placed(&format!("N{number}"), vec![frozen_line(1, 1)]);
        let event = if places {
            placed
        } else {
            order::Event::OrderConfirmed {}.into()
        };
        (order_stream(number), event)
    });
    prop_oneof![
        (1..6_u128, in_cart).prop_map(|(number, event)| (cart_stream(number), event)),
        in_order,
    ]
}
