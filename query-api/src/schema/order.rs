//! Orders.

use std::sync::Arc;

use async_graphql::{Enum, ID, Object, Result};
use domain::sales::order::LineQuantity;
use domain::sales::{FrozenLine, PaymentMethod as DomainPaymentMethod};
use domain::value::Currency;
use read_store::model::Versioned;
use read_store::model::order::{FulfilmentStatus, FulfilmentView, OrderStatus, OrderView, PaymentStatus};

use schemas::personal;
use tokio::sync::OnceCell;

use super::cost::{Cost, LineCost, ShippingOption};
use super::id::Kind;
pub(crate) use super::milestone::OrderMilestone;
use super::person::{Address, Contact};
use super::product::{Attribute, Product, attributes};
use super::scalar::{DateTime, Money};
use crate::error::QueryError;
use crate::history::OrderStep;
use crate::scope::Scope;

/// An order. Only who has the secret of its cart, its customer and admins see it.
#[derive(Clone)]
pub(crate) struct Order {
    scope: Arc<Scope>,
    view: Arc<Versioned<OrderView>>,
    /// Who did what. Found out once, whoever asks.
    steps: Arc<OnceCell<Vec<OrderStep>>>,
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "OrderStatus", name = "OrderStatus")]
pub(crate) enum Status {
    /// Placed.
    Pending,
    /// Captured, invoiced or nothing to pay.
    Confirmed,
    /// Some of it is on its way.
    PartiallyShipped,
    /// All of it is on its way.
    Shipped,
    /// All of it is there.
    Delivered,
    /// It is over.
    Cancelled,
}

/// How far the payment of an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "PaymentStatus", name = "PaymentStatus")]
pub(crate) enum Payment {
    /// Not paid.
    Pending,
    /// All of it is paid.
    Paid,
    /// Some money went back.
    PartiallyRefunded,
    /// All of it went back.
    Refunded,
}

/// How an order is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainPaymentMethod")]
pub(crate) enum PaymentMethod {
    /// By invoice.
    Invoice,
}

/// How far a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "FulfilmentStatus", name = "FulfilmentStatus")]
pub(crate) enum Parcel {
    /// Being packed.
    Packed,
    /// On its way.
    Shipped,
    /// There.
    Delivered,
}

impl Order {
    pub(crate) fn new(scope: Arc<Scope>, view: Arc<Versioned<OrderView>>) -> Self {
        Self {
            scope,
            view,
            steps: Arc::default(),
        }
    }

    pub(crate) fn view(&self) -> &Versioned<OrderView> {
        &self.view
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What happened to it, in order.
    pub(crate) fn milestones(&self) -> Vec<OrderMilestone> {
        let all = 0..self.view.view.timeline.len();
        all.map(|index| OrderMilestone::new(self.clone(), index)).collect()
    }

    /// Who did what.
    pub(crate) async fn steps(&self) -> Result<&[OrderStep], QueryError> {
        let (id, placed) = (self.view.view.id, self.view.view.placed);
        let steps = self
            .steps
            .get_or_try_init(|| self.scope.history().order_steps(id, placed))
            .await?;
        Ok(steps)
    }

    fn currency(&self) -> Currency {
        self.view.view.totals.currency
    }

    fn line<'a>(&'a self, line: &'a FrozenLine) -> OrderLine<'a> {
        OrderLine { order: self, line }
    }
}

/// An order. Only who has the secret of its cart, its customer and admins see it.
#[Object(serial)]
impl Order {
    /// Its id among all objects, for `node`.
    pub(crate) async fn id(&self) -> ID {
        Kind::Order.global_id(self.view.view.id.0)
    }

    /// Its id as the commands under /v1 take it: that of the cart it came from.
    async fn uuid(&self) -> ID {
        ID(self.view.view.id.to_string())
    }

    /// How many changes it has had: what `If-Match` compares.
    async fn version(&self) -> u64 {
        self.view.version
    }

    /// What people call it.
    async fn number(&self) -> &str {
        &self.view.view.number
    }

    /// How far it is.
    async fn status(&self) -> Status {
        self.view.view.status.into()
    }

    /// How far its payment is.
    async fn payment_status(&self) -> Payment {
        self.view.view.payment_status.into()
    }

    /// How it is paid.
    async fn payment_method(&self) -> PaymentMethod {
        self.view.view.payment.into()
    }

    /// What was bought.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn lines(&self) -> Vec<OrderLine<'_>> {
        self.view.view.lines.iter().map(|line| self.line(line)).collect()
    }

    /// How many pieces, over all lines.
    async fn total_quantity(&self) -> u64 {
        self.view.view.lines.iter().map(|line| u64::from(line.quantity)).sum()
    }

    /// What it costs.
    async fn cost(&self) -> Cost {
        Cost {
            totals: self.view.view.totals,
            is_estimated: false,
        }
    }

    /// What went back so far.
    async fn refunded(&self) -> Money {
        Money::of(self.view.view.refunded, self.currency())
    }

    /// How it goes; none when nothing is sent.
    async fn shipping(&self) -> Option<ShippingOption<'_>> {
        self.view.view.shipping.clone().map(|choice| ShippingOption {
            scope: &self.scope,
            choice,
            currency: self.currency(),
        })
    }

    /// ISO 3166 alpha-2 of the parcel's destination.
    async fn country(&self) -> &str {
        &self.view.view.country
    }

    /// Whom to write to.
    async fn contact(&self) -> Contact<'_> {
        Contact {
            scope: &self.scope,
            email: Some(&self.view.view.email),
            phone: self.view.view.phone.as_ref(),
        }
    }

    /// Where the parcels go.
    async fn shipping_address(&self) -> Result<Option<Address>> {
        let sealed = self.view.view.shipping_address.as_ref();
        Ok(Address::open(&self.scope, sealed, personal::SHIPPING_ADDRESS).await?)
    }

    /// Who is invoiced, when different.
    async fn billing_address(&self) -> Result<Option<Address>> {
        let sealed = self.view.view.billing_address.as_ref();
        Ok(Address::open(&self.scope, sealed, personal::BILLING_ADDRESS).await?)
    }

    /// Its parcels, in the order they were packed.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn fulfilments(&self) -> Vec<Fulfilment<'_>> {
        let fulfilments = self.view.view.fulfilments.iter();
        fulfilments.map(|view| Fulfilment { order: self, view }).collect()
    }

    /// Whether it can still be called off: nothing of it is packed.
    async fn can_cancel(&self) -> bool {
        let is_early = matches!(self.view.view.status, OrderStatus::Pending | OrderStatus::Confirmed);
        is_early && self.view.view.fulfilments.is_empty()
    }

    /// Why it was cancelled, in words; none when it was not.
    async fn cancelled_why(&self) -> Option<&str> {
        let is_cancelled = self.view.view.status == OrderStatus::Cancelled;
        is_cancelled.then_some(self.view.view.cancelled_why.as_str())
    }

    /// What happened to it, in order.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn timeline(&self) -> Vec<OrderMilestone> {
        self.milestones()
    }

    /// When it was placed.
    async fn placed_at(&self) -> DateTime {
        DateTime(self.view.view.placed)
    }
}

/// A line of an order.
pub(crate) struct OrderLine<'a> {
    order: &'a Order,
    line: &'a FrozenLine,
}

/// A line of an order.
#[Object(serial)]
impl OrderLine<'_> {
    /// Its id within the order, as the commands under /v1 take it.
    async fn id(&self) -> ID {
        ID(self.line.line.to_string())
    }

    /// What.
    async fn sku(&self) -> &str {
        self.line.sku.as_str()
    }

    /// The product's title that day.
    async fn title(&self) -> &str {
        self.order.scope.audience.read(&self.line.title)
    }

    /// Engraving, gift wrap.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn attributes(&self) -> Vec<Attribute> {
        attributes(&self.line.attributes)
    }

    /// How many.
    async fn quantity(&self) -> u32 {
        self.line.quantity
    }

    /// For one.
    async fn unit_price(&self) -> Money {
        Money::of(self.line.unit_price, self.order.currency())
    }

    /// What it cost, all its pieces together.
    async fn cost(&self) -> LineCost {
        LineCost {
            line: self.line.clone(),
            currency: self.order.currency(),
        }
    }

    /// Its product, as the shop shows it today; none when it does not any more.
    async fn product(&self) -> Result<Option<Product>> {
        Ok(super::lookup::product(&self.order.scope, self.line.product).await?)
    }
}

/// A parcel of an order.
pub(crate) struct Fulfilment<'a> {
    order: &'a Order,
    view: &'a FulfilmentView,
}

/// A parcel of an order.
#[Object(serial)]
impl Fulfilment<'_> {
    /// Its id, as the commands under /v1 take it.
    async fn id(&self) -> ID {
        ID(self.view.id.to_string())
    }

    /// How far it is.
    async fn status(&self) -> Parcel {
        self.view.status.into()
    }

    /// Who carries it.
    async fn carrier(&self) -> &str {
        &self.view.carrier
    }

    /// The carrier's number.
    async fn tracking_number(&self) -> &str {
        &self.view.tracking_number
    }

    /// Where to follow it.
    async fn tracking_url(&self) -> &str {
        &self.view.tracking_url
    }

    /// What is in it.
    #[graphql(complexity = "crate::limits::LIST_WEIGHT * child_complexity")]
    async fn lines(&self) -> Vec<FulfilmentLine<'_>> {
        let lines = self.view.lines.iter();
        lines
            .map(|part| FulfilmentLine {
                order: self.order,
                part,
            })
            .collect()
    }
}

/// Pieces of a line in a parcel.
pub(crate) struct FulfilmentLine<'a> {
    order: &'a Order,
    part: &'a LineQuantity,
}

/// Pieces of a line in a parcel.
#[Object(serial)]
impl<'a> FulfilmentLine<'a> {
    /// Of which line of the order.
    async fn line(&self) -> Option<OrderLine<'a>> {
        let line = self
            .order
            .view
            .view
            .lines
            .iter()
            .find(|line| line.line == self.part.line)?;
        Some(self.order.line(line))
    }

    /// How many.
    async fn quantity(&self) -> u32 {
        self.part.quantity
    }
}
