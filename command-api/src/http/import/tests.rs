use std::collections::BTreeMap;
use std::sync::Arc;

use domain::shop::settings::Settings;
use domain::stream::StreamId;
use domain::value::{LocalizedText, Sku, Timestamp};
use domain::{Command, Context, NotLoaded, Reference, State, Streams, VariantOffer, decide};
use uuid::Uuid;

use super::*;

/// One shard of states, without anything around it.
#[derive(Default)]
struct Shard {
    states: BTreeMap<StreamId, State>,
    settings: Settings,
}

impl Streams for Shard {
    fn state(&self, stream: &StreamId) -> Result<Arc<State>, NotLoaded> {
        let known = self.states.get(stream).cloned();
        Ok(Arc::new(known.unwrap_or_else(|| State::initial(stream))))
    }
}

impl Reference for Shard {
    fn offer(&self, _: &Sku) -> Option<VariantOffer> {
        None
    }

    fn has_sku(&self, sku: &Sku) -> bool {
        self.offer(sku).is_some()
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn catalog_seq(&self) -> u64 {
        0
    }
}

impl Shard {
    /// Runs the commands in order and names what happened.
    fn run(&mut self, commands: &[Command]) -> Vec<&'static str> {
        let mut names = Vec::new();
        for command in commands {
            let context = Context {
                now: Timestamp(0),
                cause: Uuid::from_u128(1),
                partition: 0,
                partitions: 1,
                reference: &*self,
            };
            for decided in decide(command, &*self, &context).expect("the command is accepted") {
                names.push(decided.event.name());
                let initial = State::initial(&decided.stream);
                let state = self.states.entry(decided.stream).or_insert(initial);
                state.evolve(&decided.event);
            }
        }
        names
    }
}

fn gloves() -> ImportedProduct {
    let body = r#"{
        "slug": "gardening-gloves", "title": "Gardening Gloves", "published": true,
        "descriptionHtml": "<p onclick='x()'>Green</p><script>alert(1)</script>",
        "tags": ["Gloves", "Green"],
        "categories": [{"slug": "outdoor", "name": "Outdoor"}],
        "images": [{"url": "https://example.com/gloves.jpg", "alt": "Two gloves"}],
        "variants": [
            {"sku": "GLOVES-GREEN", "options": [{"name": "Color", "value": "Green"}], "requiresShipping": true,
             "taxClass": "standard", "tracksStock": true, "image": "https://example.com/gloves.jpg",
             "price": {"amount": "9.99", "compareAt": "12.00", "currency": "EUR"}},
            {"sku": "GLOVES-YELLOW", "options": [{"name": "Color", "value": "Yellow"}], "requiresShipping": true,
             "taxClass": "standard", "tracksStock": true, "price": {"amount": "15.99", "currency": "EUR"}}
        ]
    }"#;
    serde_json::from_str(body).expect("a product")
}

fn price(amount: &str) -> Option<ImportedPrice> {
    Some(ImportedPrice {
        amount: amount.to_owned(),
        compare_at: None,
        currency: "EUR".to_owned(),
    })
}

fn commands(body: &ImportedProduct) -> Vec<Command> {
    product_commands(product_id("gardening-gloves"), body, "en").expect("every field is understood")
}

#[test]
fn a_product_comes_in_whole_and_a_second_time_changes_nothing() {
    let mut shard = Shard::default();
    let commands = commands(&gloves());
    assert_eq!(
        shard.run(&commands),
        [
            "ProductDrafted",
            "NameClaimed",
            "ImageAdded",
            "VariantAdded",
            "NameClaimed",
            "VariantPriced",
            "VariantAdded",
            "NameClaimed",
            "VariantPriced",
            "CategoryOpened",
            "NameClaimed",
            "ProductPlaced",
            "ProductPublished",
        ]
    );
    assert_eq!(shard.run(&commands), [""; 0]);
}

#[test]
fn a_changed_file_changes_what_it_says_and_nothing_else() {
    let mut shard = Shard::default();
    let mut body = gloves();
    shard.run(&commands(&body));
    body.variants[1].price = price("14.99");
    body.published = Some(false);
    assert_eq!(shard.run(&commands(&body)), ["VariantPriced", "ProductUnpublished"]);
}

#[test]
fn descriptions_are_made_harmless() {
    let mut shard = Shard::default();
    shard.run(&commands(&gloves()));
    let State::Product(product) = &shard.states[&StreamId::Product(product_id("gardening-gloves"))] else {
        panic!("a product was asked for");
    };
    let listing = product.listing().expect("the product is there");
    assert_eq!(
        listing.description.description_html,
        LocalizedText::of("en", "<p>Green</p>")
    );
    assert_eq!(listing.variants[0].facts.image, Some(listing.images[0].id));
}

#[test]
fn a_handle_is_one_product_for_ever() {
    assert_eq!(
        product_id("floor-lamp").to_string(),
        "8e9c8fa1-3162-5f6c-ad7c-3b596424ad82"
    );
    assert_ne!(product_id("floor-lamp"), product_id("desk-lamp"));
}

#[test]
fn a_field_that_cannot_be_its_value_is_named_with_its_place() {
    fn of_first(body: &mut ImportedProduct) -> &mut ImportedPrice {
        body.variants[0].price.as_mut().expect("it has a price")
    }
    let altered = |alter: fn(&mut ImportedProduct)| {
        let mut body = gloves();
        alter(&mut body);
        product_commands(product_id("gardening-gloves"), &body, "en")
            .expect_err("refused")
            .field
    };
    assert_eq!(altered(|body| body.slug = "Gloves!".to_owned()), "slug");
    assert_eq!(altered(|body| body.variants[1].sku = String::new()), "variants[1].sku");
    assert_eq!(
        altered(|body| of_first(body).amount = "9,99".to_owned()),
        "variants[0].price.amount"
    );
    assert_eq!(
        altered(|body| of_first(body).compare_at = Some("x".to_owned())),
        "variants[0].price.compareAt"
    );
    assert_eq!(
        altered(|body| of_first(body).currency = "EURO".to_owned()),
        "variants[0].price.currency"
    );
    assert_eq!(
        altered(|body| body.categories[0].slug = " ".to_owned()),
        "categories[0].slug"
    );
}

#[test]
fn opening_stock_opens_a_ledger_once() {
    let mut shard = Shard::default();
    let sku: Sku = "GLOVES-GREEN".parse().expect("a SKU");
    let open = |quantity, backorder| [stock_command(sku.clone(), OpeningStock { quantity, backorder })];
    assert_eq!(shard.run(&open(12, true)), ["StockReceived", "BackorderAllowed"]);
    assert_eq!(shard.run(&open(99, false)), [""; 0]);
}
