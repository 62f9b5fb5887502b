//! Variants of products and their prices.

use axum::extract::State;
use domain::Command;
use domain::catalog::product::{Command as ProductCommand, OptionValue, VariantFacts};
use domain::value::{
    ATTRIBUTE_CHARS_MAX, CODE_CHARS_MAX, ImageId, PRODUCT_OPTIONS_MAX, ProductId, Sku, WEIGHT_GRAMS_MAX,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::products::change;
use crate::http::answer::{Answer, Answered};
use crate::http::body::Body;
use crate::http::fields;
use crate::http::intent::{Admin, Place};
use crate::http::money::MoneyBody;
use crate::http::openapi::form;
use crate::http::problem::Problem;
use crate::http::state::HttpState;
use crate::http::view::ProductView;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OptionBody {
    #[schemars(with = "form::Line<1, ATTRIBUTE_CHARS_MAX>")]
    name: String,
    #[schemars(with = "form::Line<1, ATTRIBUTE_CHARS_MAX>")]
    value: String,
}

/// A new variant.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewVariantBody {
    #[schemars(with = "form::Sku")]
    sku: String,
    price: Option<MoneyBody>,
    compare_at: Option<MoneyBody>,
    #[serde(default)]
    #[schemars(length(max = PRODUCT_OPTIONS_MAX))]
    options: Vec<OptionBody>,
    #[serde(default)]
    #[schemars(with = "form::Line<0, CODE_CHARS_MAX>")]
    barcode: String,
    #[serde(default)]
    #[schemars(range(max = WEIGHT_GRAMS_MAX))]
    weight_grams: u32,
    #[serde(default = "yes")]
    requires_shipping: bool,
    #[serde(default = "standard")]
    tax_class: String,
    #[serde(default = "yes")]
    tracks_stock: bool,
    #[schemars(with = "Option<form::Id>")]
    image: Option<ImageId>,
}

/// A variant's facts, all of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct VariantBody {
    #[schemars(length(max = PRODUCT_OPTIONS_MAX))]
    options: Vec<OptionBody>,
    #[schemars(with = "form::Line<0, CODE_CHARS_MAX>")]
    barcode: String,
    #[schemars(range(max = WEIGHT_GRAMS_MAX))]
    weight_grams: u32,
    requires_shipping: bool,
    tax_class: String,
    tracks_stock: bool,
    #[schemars(with = "Option<form::Id>")]
    image: Option<ImageId>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PriceBody {
    price: MoneyBody,
    compare_at: Option<MoneyBody>,
}

fn yes() -> bool {
    true
}

fn standard() -> String {
    "standard".to_owned()
}

impl NewVariantBody {
    /// The variant, and its price when the body has one.
    fn commands(self) -> Result<Vec<ProductCommand>, Problem> {
        let sku = fields::sku("sku", &self.sku)?;
        let price = match (self.price, self.compare_at) {
            (Some(price), compare_at) => Some(PriceBody { price, compare_at }.command(sku.clone())?),
            (None, Some(_)) => {
                let detail = "a former price stands beside a price";
                return Err(Problem::value("price.missing", "price", detail));
            }
            (None, None) => None,
        };
        let facts = VariantBody {
            options: self.options,
            barcode: self.barcode,
            weight_grams: self.weight_grams,
            requires_shipping: self.requires_shipping,
            tax_class: self.tax_class,
            tracks_stock: self.tracks_stock,
            image: self.image,
        };
        let add = ProductCommand::AddVariant {
            sku,
            facts: facts.facts(),
        };
        Ok(std::iter::once(add).chain(price).collect())
    }
}

impl VariantBody {
    fn facts(&self) -> VariantFacts {
        let options = self.options.iter().cloned();
        VariantFacts {
            options: options
                .map(|OptionBody { name, value }| OptionValue { name, value })
                .collect(),
            barcode: self.barcode.clone(),
            weight_grams: self.weight_grams,
            requires_shipping: self.requires_shipping,
            tax_class: self.tax_class.clone(),
            tracks_stock: self.tracks_stock,
            image: self.image,
        }
    }
}

impl PriceBody {
    fn command(&self, sku: Sku) -> Result<ProductCommand, Problem> {
        Ok(ProductCommand::SetPrice {
            sku,
            price: self.price.read("price")?,
            compare_at: self
                .compare_at
                .as_ref()
                .map(|former| former.read("compareAt"))
                .transpose()?,
        })
    }
}

/// `POST /v1/products/{product}/variants`
pub(crate) async fn add(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product,)): Place<(ProductId,)>,
    body: Body<NewVariantBody>,
) -> Answered {
    let (fields, body) = body.take();
    let commands = fields
        .commands()?
        .into_iter()
        .map(|command| Command::Product(product, command))
        .collect();
    let outcome = shop.run(&intent, &body, commands).await?;
    let view = ProductView::of(product, &outcome);
    Ok(Answer::of(&intent, &outcome, &view)?.created(format!("/v1/products/{product}")))
}

/// `PUT /v1/products/{product}/variants/{sku}`
pub(crate) async fn change_facts(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product, sku)): Place<(ProductId, Sku)>,
    body: Body<VariantBody>,
) -> Answered {
    let facts = body.fields.facts();
    change(
        &shop,
        &intent,
        product,
        &body,
        ProductCommand::ChangeVariant { sku, facts },
    )
    .await
}

/// `PUT /v1/products/{product}/variants/{sku}/price`
pub(crate) async fn set_price(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((product, sku)): Place<(ProductId, Sku)>,
    body: Body<PriceBody>,
) -> Answered {
    let command = body.fields.command(sku)?;
    change(&shop, &intent, product, &body, command).await
}
