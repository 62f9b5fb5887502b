//! Checkouts: from a cart to its order.

use std::collections::BTreeMap;
use std::time::Instant;

use access::CartSecret;
use axum::extract::State;
use domain::sales::PaymentMethod;
use domain::sales::cart::{Cart, Command as CartCommand};
use domain::sales::checkout::{Checkout, Command as CheckoutCommand};
use domain::sales::order::Order;
use domain::stream::{Location, Shard, StreamId};
use domain::value::{CartId, Currency};
use domain::{Aggregate, Command, ConsistencyToken, State as Stored};
use schemars::JsonSchema;
use serde::Deserialize;

use super::personal::{self, ContactBody};
use crate::http::answer::{Answer, Answered};
use crate::http::body::Body;
use crate::http::errors;
use crate::http::fields::AddressBody;
use crate::http::intent::{Holder, Intent};
use crate::http::money::MoneyBody;
use crate::http::problem::Problem;
use crate::http::state::HttpState;
use crate::http::view::{CheckoutView, PlacedOrderView};
use crate::{Outcome, Seen};

/// Ways to pay.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentBody {
    Invoice,
}

/// What a checkout needs, as far as the cart does not have it yet.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct CheckoutBody {
    pub(crate) contact: Option<ContactBody>,
    pub(crate) shipping_address: Option<AddressBody>,
    pub(crate) billing_address: Option<AddressBody>,
    pub(crate) shipping_method: Option<String>,
    pub(crate) payment: PaymentBody,
    pub(crate) expected_total: Option<MoneyBody>,
}

impl CheckoutBody {
    /// Everything in one list: decided together, all or none.
    pub(crate) async fn commands(
        &self,
        shop: &HttpState,
        intent: &Intent,
        cart: CartId,
        currency: Option<Currency>,
    ) -> Result<Vec<Command>, Problem> {
        let expected_total = self.expected_total(currency)?;
        let mut commands = Vec::new();
        let subject = || personal::subject(&intent.principal, cart);
        if let Some(contact) = &self.contact {
            commands.push(personal::set_contact(shop, subject(), "contact.", contact).await?);
        }
        match (&self.shipping_address, &self.billing_address) {
            (Some(shipping), billing) => {
                commands.push(personal::set_addresses(shop, subject(), shipping, billing.as_ref()).await?);
            }
            (None, Some(_)) => {
                let detail = "a billing address comes with the shipping address that it differs from";
                return Err(Problem::value("address.shipping_missing", "shippingAddress", detail));
            }
            (None, None) => {}
        }
        if let Some(code) = &self.shipping_method {
            commands.push(CartCommand::ChooseShipping { code: code.clone() });
        }
        commands.push(CartCommand::BeginCheckout { expected_total });
        let payment = match self.payment {
            PaymentBody::Invoice => PaymentMethod::Invoice,
        };
        let mut commands: Vec<Command> = commands
            .into_iter()
            .map(|command| Command::Cart(cart, command))
            .collect();
        commands.push(Command::Checkout(cart.checkout(), CheckoutCommand::Start { payment }));
        Ok(commands)
    }

    /// The total that the shopper saw, in minor units: they say nothing in another currency.
    fn expected_total(&self, currency: Option<Currency>) -> Result<Option<i64>, Problem> {
        let Some(total) = &self.expected_total else {
            return Ok(None);
        };
        let total = total.read("expectedTotal")?;
        match currency {
            Some(currency) if currency != total.currency => {
                let detail = format!("the prices are in {currency}");
                Err(Problem::value("currency.differs", "expectedTotal.currency", detail))
            }
            _ => Ok(Some(total.amount)),
        }
    }
}

/// `POST /v1/carts/{cart}/checkout`
pub(crate) async fn begin(State(shop): State<HttpState>, holder: Holder, body: Body<CheckoutBody>) -> Answered {
    let currency = match body.fields.expected_total {
        Some(_) => currency_of(&shop, holder.cart).await?,
        None => None,
    };
    let commands = body
        .fields
        .commands(&shop, &holder.intent, holder.cart, currency)
        .await?;
    let outcome = shop.run(&holder.intent, &body, commands).await?;
    settled(&shop, &holder.intent, holder.cart, &outcome, None).await
}

/// `GET /v1/checkouts/{checkout}`
pub(crate) async fn look(State(shop): State<HttpState>, holder: Holder) -> Answered {
    let id = holder.cart.checkout();
    let seen = shop.seen(&StreamId::Checkout(id)).await?;
    let view = CheckoutView::of(id, checkout_in(&seen.state)).ok_or_else(errors::checkout_absent)?;
    Answer::seen(&holder.intent, &seen, &view)
}

/// The currency of a cart's prices; none once it is closed: then the command is refused, or repeats its answer.
async fn currency_of(shop: &HttpState, cart: CartId) -> Result<Option<Currency>, Problem> {
    let seen = shop.seen(&StreamId::Cart(cart)).await?;
    Ok(Cart::of(&seen.state)
        .and_then(Cart::contents)
        .map(|contents| contents.currency))
}

/// Waits for what came of a checkout: the order, the refusal, or that it runs still.
pub(crate) async fn settled(
    shop: &HttpState,
    intent: &Intent,
    cart: CartId,
    begun: &Outcome,
    secret: Option<&CartSecret>,
) -> Answered {
    let id = cart.checkout();
    let attempt = attempt_in(begun);
    let is_over = move |state: &Stored| !is_running(checkout_in(state), attempt);
    let deadline = Instant::now() + intent.wait;
    // It has begun, whatever becomes of the waiting: an error here must not say that nothing was done.
    let Ok(seen) = shop.commands.wait_for(&StreamId::Checkout(id), is_over, deadline).await else {
        return still_running(intent, cart, begun, secret);
    };
    match checkout_in(&seen.state) {
        Checkout::Completed { .. } => placed(shop, intent, cart, begun, &seen, secret).await,
        Checkout::Refused { attempt: last, failure } if *last == attempt => Err(errors::of_failure(failure)),
        checkout if is_running(checkout, attempt) => still_running(intent, cart, begun, secret),
        _ => Err(errors::checkout_superseded()),
    }
}

/// The order, as it was placed.
async fn placed(
    shop: &HttpState,
    intent: &Intent,
    cart: CartId,
    begun: &Outcome,
    completed: &Seen,
    secret: Option<&CartSecret>,
) -> Answered {
    let order = cart.order();
    let seen = shop.seen(&StreamId::Order(order)).await?;
    let placed = Order::of(&seen.state)
        .and_then(Order::placed)
        .ok_or_else(Problem::internal)?;
    let view = PlacedOrderView::of(order, placed).with_secret(secret);
    Ok(Answer::of(intent, begun, &view)?
        .created(format!("/v1/orders/{order}"))
        .including(&completed.token)
        .including(&stock_token(shop, begun).await)
        .without_version())
}

/// What a question must have seen to find the shelves as this checkout left them. Where a shard cannot say just
/// now, its part is left out: the order is placed all the same.
async fn stock_token(shop: &HttpState, begun: &Outcome) -> ConsistencyToken {
    let cart = begun.state.as_deref().and_then(Cart::of);
    let lines = cart.and_then(Cart::frozen).map_or(&[][..], |frozen| &frozen.lines);
    let partitions = shop.commands.partitions();
    let counted = lines.iter().filter(|line| line.tracks_stock);
    let shelves = counted.map(|line| StreamId::StockItem(line.sku.clone(), Location::default()));
    let one_of_each_shard: BTreeMap<Shard, StreamId> = shelves.map(|shelf| (shelf.shard(partitions), shelf)).collect();
    let mut token = ConsistencyToken::default();
    for shelf in one_of_each_shard.values() {
        if let Ok(seen) = shop.seen(shelf).await {
            token.merge(&seen.token);
        }
    }
    token
}

fn still_running(intent: &Intent, cart: CartId, begun: &Outcome, secret: Option<&CartSecret>) -> Answered {
    let id = cart.checkout();
    let view = CheckoutView::holding(id, secret);
    Ok(Answer::of(intent, begun, &view)?
        .accepted(format!("/v1/checkouts/{id}"))
        .without_version())
}

fn checkout_in(state: &Stored) -> &Checkout {
    Checkout::of(state).unwrap_or(&Checkout::NotStarted)
}

/// Which try of the cart the request began.
fn attempt_in(begun: &Outcome) -> u32 {
    let cart = begun.state.as_deref().and_then(Cart::of);
    cart.and_then(Cart::frozen).map_or(0, |frozen| frozen.attempt)
}

/// Whether this try is not over yet; one that lets go of what it held is not.
fn is_running(checkout: &Checkout, attempt: u32) -> bool {
    match checkout {
        Checkout::NotStarted => true,
        Checkout::Running(run) | Checkout::Undoing(run, _) => run.attempt <= attempt,
        Checkout::Refused { attempt: last, .. } => *last < attempt,
        Checkout::Completed { .. } => false,
    }
}
