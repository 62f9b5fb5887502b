//! Carts: what is in them, what they cost today, and what is not as the shopper left it.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Enum, ID, Object, Result};
use domain::VariantOffer;
use domain::sales::cart::{Contents, Estimate, Line, Problem as Finding, shipping_options};
use domain::value::{ProductId, Sku};
use read_store::model::Versioned;
use read_store::model::cart::{CartStatus, CartView};
use read_store::model::product::ProductView;
use schemas::personal;
use tokio::sync::OnceCell;

use super::cart_line::CartLine;
use super::cost::{Cost, ShippingOption};
use super::id::Kind;
use super::order::{Order, PaymentMethod};
use super::person::{Address, Contact};
use super::problem::CartProblem;
use super::scalar::DateTime;
use super::variant::offer;
use crate::error::QueryError;
use crate::scope::Scope;

/// A cart. Only who has its secret, its customer and admins see it.
#[derive(Clone)]
pub(crate) struct Cart {
    pub(crate) scope: Arc<Scope>,
    pub(crate) view: Arc<Versioned<CartView>>,
    today: Arc<OnceCell<CartToday>>,
}

/// What can be done with a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "CartStatus", name = "CartStatus")]
pub(crate) enum Status {
    /// Everything.
    Open,
    /// It is being paid for: what is in it is fixed. A change takes it back to open.
    CheckingOut,
    /// Nothing: it became its order.
    Converted,
    /// Nothing: nobody came back.
    Expired,
}

/// A cart at today's prices.
pub(crate) struct CartToday {
    pub(crate) estimate: Estimate,
    /// The published products of its lines.
    pub(crate) products: HashMap<ProductId, Arc<Versioned<ProductView>>>,
}

impl Cart {
    pub(crate) fn new(scope: Arc<Scope>, view: Arc<Versioned<CartView>>) -> Self {
        Self {
            scope,
            view,
            today: Arc::default(),
        }
    }

    /// What it would cost today, by the rules of the command side. Found out once, whoever asks.
    pub(crate) async fn today(&self) -> Result<&CartToday, QueryError> {
        self.today
            .get_or_try_init(|| estimate(&self.scope, &self.view.view))
            .await
    }

    fn contents(&self) -> Contents {
        contents(&self.view.view)
    }
}

/// A cart. Only who has its secret, its customer and admins see it.
#[Object(serial)]
impl Cart {
    /// Its id among all objects, for `node`.
    pub(crate) async fn id(&self) -> ID {
        Kind::Cart.global_id(self.view.view.id.0)
    }

    /// Its id as the commands under /v1 take it.
    async fn uuid(&self) -> ID {
        ID(self.view.view.id.to_string())
    }

    /// How many changes it has had: what `If-Match` compares.
    async fn version(&self) -> u64 {
        self.view.version
    }

    /// What can be done with it.
    async fn status(&self) -> Status {
        self.view.view.status.into()
    }

    /// ISO 4217; of all its prices.
    async fn currency(&self) -> &str {
        self.view.view.currency.code()
    }

    /// What is in it, in the order it was added.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn lines(&self) -> Vec<CartLine> {
        let line = |index| CartLine {
            cart: self.clone(),
            index,
        };
        (0..self.view.view.lines.len()).map(line).collect()
    }

    /// How many pieces, over all lines.
    async fn total_quantity(&self) -> u64 {
        self.view.view.lines.iter().map(|line| u64::from(line.quantity)).sum()
    }

    /// What it costs: today while it can be changed, and as fixed once it is being paid for.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + child_complexity")]
    async fn cost(&self) -> Result<Cost> {
        if let Some(fixed) = self.view.view.fixed() {
            return Ok(Cost {
                totals: fixed.totals,
                is_estimated: false,
            });
        }
        Ok(Cost {
            totals: self.today().await?.estimate.totals,
            is_estimated: true,
        })
    }

    /// What is not as the shopper left it; empty once it is being paid for.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn problems(&self) -> Result<Vec<CartProblem>> {
        if self.view.view.status != CartStatus::Open {
            return Ok(Vec::new());
        }
        let findings = self.today().await?.estimate.problems.clone();
        Ok(findings
            .into_iter()
            .map(|finding: Finding| CartProblem::of(self, finding))
            .collect())
    }

    /// Whether anything in it goes by parcel.
    async fn requires_shipping(&self) -> Result<bool> {
        if let Some(fixed) = self.view.view.fixed() {
            return Ok(fixed.lines.iter().any(|line| line.requires_shipping));
        }
        Ok(self.today().await?.estimate.requires_shipping)
    }

    /// The ways of shipping to choose from.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn shipping_options(&self) -> Vec<ShippingOption<'_>> {
        let (settings, currency) = (&self.scope.shop.settings, self.view.view.currency);
        let options = shipping_options(settings, self.contents().destination(settings), currency);
        let option = |choice| ShippingOption {
            scope: &self.scope,
            choice,
            currency,
        };
        options.into_iter().map(option).collect()
    }

    /// The ways of paying to choose from.
    async fn payment_methods(&self) -> Vec<PaymentMethod> {
        vec![PaymentMethod::Invoice]
    }

    /// How it goes: as chosen, or the only way there is.
    async fn shipping(&self) -> Result<Option<ShippingOption<'_>>> {
        let choice = match self.view.view.fixed() {
            Some(fixed) => fixed.shipping.clone(),
            None => self.today().await?.estimate.shipping.clone(),
        };
        Ok(choice.map(|choice| ShippingOption {
            scope: &self.scope,
            choice,
            currency: self.view.view.currency,
        }))
    }

    /// ISO 3166 alpha-2 of the parcel's destination: tax and shipping depend on it. None when not known; then the
    /// shop's first country is taken.
    async fn country(&self) -> Option<&str> {
        Some(self.view.view.country.as_str()).filter(|country| !country.is_empty())
    }

    /// Whom to write to.
    async fn contact(&self) -> Contact<'_> {
        Contact {
            scope: &self.scope,
            email: self.view.view.email.as_ref(),
            phone: self.view.view.phone.as_ref(),
        }
    }

    /// Where the parcel goes.
    async fn shipping_address(&self) -> Result<Option<Address>> {
        let sealed = self.view.view.shipping_address.as_ref();
        Ok(Address::open(&self.scope, sealed, personal::SHIPPING_ADDRESS).await?)
    }

    /// Who is invoiced, when different.
    async fn billing_address(&self) -> Result<Option<Address>> {
        let sealed = self.view.view.billing_address.as_ref();
        Ok(Address::open(&self.scope, sealed, personal::BILLING_ADDRESS).await?)
    }

    /// Until when the pieces in it are held for its checkout; none when no checkout runs. What is not an order by
    /// then may be changed and bought by others again.
    async fn hold_expires_at(&self) -> Option<DateTime> {
        let view = &self.view.view;
        let frozen = view
            .frozen
            .as_ref()
            .filter(|_| view.status == CartStatus::CheckingOut)?;
        frozen.held_until.map(DateTime)
    }

    /// The code of why the last checkout did not become an order, for example `stock.insufficient`.
    async fn checkout_refusal(&self) -> Option<&str> {
        Some(self.view.view.reopened_why.as_str()).filter(|code| !code.is_empty())
    }

    /// The order that it became.
    #[graphql(complexity = "crate::limits::LOOKUP_WEIGHT + child_complexity")]
    async fn order(&self) -> Result<Option<Order>> {
        if self.view.view.status != CartStatus::Converted {
            return Ok(None);
        }
        Ok(super::lookup::order(&self.scope, self.view.view.id.order()).await?)
    }

    /// Since when it exists.
    async fn opened_at(&self) -> DateTime {
        DateTime(self.view.view.opened)
    }
}

async fn estimate(scope: &Arc<Scope>, cart: &CartView) -> Result<CartToday, QueryError> {
    let ids: Vec<ProductId> = cart.lines.iter().map(|line| line.product).collect();
    let skus: Vec<Sku> = cart.lines.iter().map(|line| line.sku.clone()).collect();
    let (products, stock) = futures::future::try_join(
        scope.loaders.products.load_many(&ids),
        scope.loaders.stock.load_many(&skus),
    )
    .await?;

    let mut offers: HashMap<&Sku, VariantOffer> = HashMap::new();
    let mut published = HashMap::new();
    for ((line, product), stock) in cart.lines.iter().zip(products).zip(stock) {
        let Some(product) = product.filter(|product| product.view.is_published()) else {
            continue;
        };
        if let Some(variant) = product.view.variant(&line.sku) {
            let stock = stock.as_deref().map(|stock| &stock.view);
            offers.insert(&line.sku, offer(&product.view, variant, stock));
        }
        published.insert(line.product, product);
    }
    let estimate = contents(cart).estimate(&scope.shop.settings, &|sku| offers.get(sku).cloned());
    Ok(CartToday {
        estimate,
        products: published,
    })
}

/// A cart in the words of the rules, as far as they need it for a price.
fn contents(cart: &CartView) -> Contents {
    let lines = cart.lines.iter().map(|line| Line {
        line: line.id,
        sku: line.sku.clone(),
        product: line.product,
        title: line.title.clone(),
        attributes: line.attributes.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
    });
    Contents {
        customer: cart.customer,
        currency: cart.currency,
        lines: lines.collect(),
        email: None,
        phone: None,
        shipping_address: None,
        billing_address: None,
        country: Some(cart.country.clone()).filter(|country| !country.is_empty()),
        shipping: cart.shipping.clone(),
        attempts: cart.frozen.as_ref().map_or(0, |frozen| frozen.attempt),
        expires: cart.expires,
        used: true,
    }
}
