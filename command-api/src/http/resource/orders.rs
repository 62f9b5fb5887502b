//! Orders: placed in one request, confirmed, called off, noted.

use axum::extract::State;
use domain::sales::order::{Command as OrderCommand, Order};
use domain::value::{CartId, OrderId, REASON_CHARS_MAX};
use domain::{Aggregate, Command};
use schemars::JsonSchema;
use schemas::personal::NOTE;
use serde::Deserialize;

use super::carts::{LineBody, opening};
use super::checkouts::{CheckoutBody, PaymentBody, settled};
use super::personal::ContactBody;
use crate::Outcome;
use crate::http::answer::{Answer, Answered};
use crate::http::body::{Body, Nothing};
use crate::http::fields::{self, AddressBody};
use crate::http::intent::{Admin, Anyone, Holder, Intent, Place};
use crate::http::money::MoneyBody;
use crate::http::openapi::form;
use crate::http::problem::Problem;
use crate::http::state::HttpState;
use crate::http::view::OrderView;

/// An order in one request: what a cart and its checkout would be told one after the other.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct OrderBody {
    #[schemars(with = "Option<form::Currency>")]
    currency: Option<String>,
    items: Vec<LineBody>,
    contact: Option<ContactBody>,
    shipping_address: Option<AddressBody>,
    billing_address: Option<AddressBody>,
    shipping_method: Option<String>,
    payment: PaymentBody,
    expected_total: Option<MoneyBody>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelBody {
    #[serde(default)]
    #[schemars(length(max = REASON_CHARS_MAX))]
    why: String,
    /// Whether captured money goes back; it does unless told.
    #[serde(default = "yes")]
    refund: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmountBody {
    pub(crate) amount: MoneyBody,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteBody {
    #[schemars(with = "form::Note")]
    note: String,
}

/// `POST /v1/orders`
pub(crate) async fn place(State(shop): State<HttpState>, Anyone(intent): Anyone, body: Body<OrderBody>) -> Answered {
    let (fields, body) = body.take();
    let cart = CartId::derived(intent.command_id.0, "cart");
    let currency = shop.currency(fields.currency.as_deref())?;
    let mut commands = vec![Command::Cart(cart, opening(&intent.principal, currency))];
    for (index, item) in fields.items.iter().enumerate() {
        commands.push(Command::Cart(cart, item.command(&format!("items[{index}]."))?));
    }
    let checkout = fields.checkout();
    commands.extend(checkout.commands(&shop, &intent, cart, Some(currency)).await?);
    let outcome = shop.run(&intent, &body, commands).await?;
    let secret = shop.secret_for(&intent.principal, cart);
    settled(&shop, &intent, cart, &outcome, secret.as_ref()).await
}

impl OrderBody {
    fn checkout(self) -> CheckoutBody {
        CheckoutBody {
            contact: self.contact,
            shipping_address: self.shipping_address,
            billing_address: self.billing_address,
            shipping_method: self.shipping_method,
            payment: self.payment,
            expected_total: self.expected_total,
        }
    }
}

/// `POST /v1/orders/{order}/confirm`
pub(crate) async fn confirm(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((order,)): Place<(OrderId,)>,
    body: Body<Nothing>,
) -> Answered {
    change(&shop, &intent, order, &body, OrderCommand::Confirm).await
}

/// `POST /v1/orders/{order}/cancel`
pub(crate) async fn cancel(State(shop): State<HttpState>, holder: Holder, body: Body<CancelBody>) -> Answered {
    let CancelBody { why, refund } = &body.fields;
    let (why, refund) = (why.clone(), *refund);
    change(
        &shop,
        &holder.intent,
        holder.cart.order(),
        &body,
        OrderCommand::Cancel { why, refund },
    )
    .await
}

/// `POST /v1/orders/{order}/invoice-payments`
pub(crate) async fn record_paid(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((order,)): Place<(OrderId,)>,
    body: Body<AmountBody>,
) -> Answered {
    let amount = body.fields.amount.read("amount")?;
    change(&shop, &intent, order, &body, OrderCommand::RecordPaid { amount }).await
}

/// `POST /v1/orders/{order}/notes`
pub(crate) async fn add_note(
    State(shop): State<HttpState>,
    Admin(intent): Admin,
    Place((order,)): Place<(OrderId,)>,
    body: Body<NoteBody>,
) -> Answered {
    let note = fields::note("note", &body.fields.note)?;
    let [Some(note)] = shop.seal(order.to_string(), [Some((NOTE, note))]).await? else {
        return Err(Problem::internal());
    };
    change(&shop, &intent, order, &body, OrderCommand::AddNote { note }).await
}

/// One command to an order, and the order after it.
pub(super) async fn change<T>(
    shop: &HttpState,
    intent: &Intent,
    order: OrderId,
    body: &Body<T>,
    command: OrderCommand,
) -> Answered {
    let outcome = run(shop, intent, order, body, command).await?;
    Answer::of(intent, &outcome, &view(order, &outcome)?)
}

/// One command to an order.
pub(super) async fn run<T>(
    shop: &HttpState,
    intent: &Intent,
    order: OrderId,
    body: &Body<T>,
    command: OrderCommand,
) -> Result<Outcome, Problem> {
    shop.run(intent, body, vec![Command::Order(order, command)]).await
}

/// The order right after a command.
pub(super) fn view(order: OrderId, outcome: &Outcome) -> Result<OrderView<'_>, Problem> {
    let placed = outcome.state.as_deref().and_then(Order::of).and_then(Order::placed);
    placed
        .map(|placed| OrderView::of(order, placed, outcome.version))
        .ok_or_else(Problem::internal)
}
