use access::CartSecret;
use domain::sales::PaymentMethod;
use domain::sales::order::{Fulfilment, LineQuantity, OrderLine, ParcelProgress, Placed, Return, ReturnProgress};
use domain::value::OrderId;
use schemars::JsonSchema;
use serde::Serialize;

use super::{CostView, PartView};
use crate::http::money::MoneyView;

/// An order as it was placed: only what never changes, so that a checkout's answer can be repeated for ever.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PlacedOrder")]
pub(crate) struct PlacedOrderView<'a> {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: String,
    uuid: String,
    number: &'a str,
    payment_method: &'static str,
    total_quantity: i64,
    lines: Vec<LineView<'a>>,
    cost: CostView,
    /// For a guest who ordered without a cart of their own before.
    #[serde(skip_serializing_if = "Option::is_none")]
    cart_secret: Option<&'a str>,
}

impl<'a> PlacedOrderView<'a> {
    pub(crate) fn of(id: OrderId, placed: &'a Placed) -> Self {
        Self {
            typename: "Order",
            id: id.to_string(),
            uuid: id.to_string(),
            number: &placed.number,
            payment_method: payment_method(placed.payment),
            total_quantity: placed.lines.iter().map(|line| i64::from(line.quantity)).sum(),
            lines: placed.lines.iter().map(|line| LineView::of(line, placed)).collect(),
            cost: CostView::fixed(&placed.totals),
            cart_secret: None,
        }
    }

    pub(crate) fn with_secret(mut self, secret: Option<&'a CartSecret>) -> Self {
        self.cart_secret = secret.map(CartSecret::reveal);
        self
    }
}

/// An order right after a command.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Order")]
pub(crate) struct OrderView<'a> {
    #[serde(flatten)]
    placed: PlacedOrderView<'a>,
    version: u64,
    status: String,
    paid: MoneyView,
    refunded: MoneyView,
    fulfilments: Vec<FulfilmentView>,
    returns: Vec<ReturnView>,
    /// The parcel that the command packed.
    #[serde(skip_serializing_if = "Option::is_none")]
    fulfilment: Option<PartView>,
    /// The return that the command asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    r#return: Option<PartView>,
}

impl<'a> OrderView<'a> {
    pub(crate) fn of(id: OrderId, placed: &'a Placed, version: u64) -> Self {
        let currency = placed.totals.currency;
        Self {
            placed: PlacedOrderView::of(id, placed),
            version,
            status: placed.status.to_string(),
            paid: MoneyView::of(placed.paid, currency),
            refunded: MoneyView::of(placed.refunded, currency),
            fulfilments: placed.fulfilments.iter().map(FulfilmentView::of).collect(),
            returns: placed.returns.iter().map(ReturnView::of).collect(),
            fulfilment: None,
            r#return: None,
        }
    }

    pub(crate) fn with_fulfilment(mut self, id: uuid::Uuid) -> Self {
        self.fulfilment = Some(PartView::of("Fulfilment", id));
        self
    }

    pub(crate) fn with_return(mut self, id: uuid::Uuid) -> Self {
        self.r#return = Some(PartView::of("Return", id));
        self
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OrderLine")]
struct LineView<'a> {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: String,
    sku: &'a str,
    quantity: u32,
    cost: LineCostView,
}

/// What a line costs, with tax and after discount.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OrderLineCost")]
struct LineCostView {
    #[serde(rename = "__typename")]
    typename: &'static str,
    total: MoneyView,
}

impl<'a> LineView<'a> {
    fn of(line: &'a OrderLine, placed: &Placed) -> Self {
        Self {
            typename: "OrderLine",
            id: line.line.to_string(),
            sku: line.sku.as_str(),
            quantity: line.quantity,
            cost: LineCostView {
                typename: "LineCost",
                total: MoneyView::of(line.gross, placed.totals.currency),
            },
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Fulfilment")]
struct FulfilmentView {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: String,
    status: &'static str,
    lines: Vec<PiecesView>,
}

impl FulfilmentView {
    fn of(fulfilment: &Fulfilment) -> Self {
        Self {
            typename: "Fulfilment",
            id: fulfilment.id.to_string(),
            status: match fulfilment.progress {
                ParcelProgress::Packed => "PACKED",
                ParcelProgress::Shipped => "SHIPPED",
                ParcelProgress::Delivered => "DELIVERED",
            },
            lines: fulfilment.lines.iter().map(PiecesView::of).collect(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Return")]
struct ReturnView {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: String,
    status: &'static str,
    lines: Vec<PiecesView>,
}

impl ReturnView {
    fn of(asked: &Return) -> Self {
        Self {
            typename: "Return",
            id: asked.id.to_string(),
            status: match asked.progress {
                ReturnProgress::Requested => "REQUESTED",
                ReturnProgress::Approved => "APPROVED",
                ReturnProgress::Received { .. } => "RECEIVED",
            },
            lines: asked.lines.iter().map(PiecesView::of).collect(),
        }
    }
}

/// Pieces of one line.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Pieces")]
struct PiecesView {
    line: PartView,
    quantity: u32,
}

impl PiecesView {
    fn of(pieces: &LineQuantity) -> Self {
        Self {
            line: PartView::of("OrderLine", pieces.line.0),
            quantity: pieces.quantity,
        }
    }
}

fn payment_method(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Invoice => "INVOICE",
    }
}
