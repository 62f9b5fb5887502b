//! Carts and their lines.

use access::Principal;
use axum::extract::State;
use domain::Command;
use domain::sales::cart::Command as CartCommand;
use domain::value::{Attributes, CartId, Currency, LINE_ATTRIBUTES_MAX, LINE_QUANTITY_MAX, LineId};
use schemars::JsonSchema;
use serde::Deserialize;

use super::personal::{self, ContactBody};
use crate::http::answer::{Answer, Answered};
use crate::http::body::{Body, Nothing};
use crate::http::fields::{self, AddressBody};
use crate::http::intent::{Anyone, Holder, Place};
use crate::http::openapi::form;
use crate::http::problem::Problem;
use crate::http::state::HttpState;
use crate::http::view::CartView;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OpenCartBody")]
pub(crate) struct OpenBody {
    #[schemars(with = "Option<form::Currency>")]
    currency: Option<String>,
}

/// Pieces to be put in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineBody {
    #[schemars(with = "form::Sku")]
    sku: String,
    #[schemars(range(min = 1, max = LINE_QUANTITY_MAX))]
    quantity: i64,
    #[serde(default)]
    #[schemars(with = "form::LineAttributes<LINE_ATTRIBUTES_MAX>")]
    attributes: Attributes,
}

impl LineBody {
    /// `prefix` is where the line stands in the body.
    pub(crate) fn command(&self, prefix: &str) -> Result<CartCommand, Problem> {
        Ok(CartCommand::AddLine {
            sku: fields::sku(&format!("{prefix}sku"), &self.sku)?,
            quantity: self.quantity,
            attributes: self.attributes.clone(),
        })
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuantityBody {
    /// Pieces; none takes the line out.
    #[schemars(range(min = 0, max = LINE_QUANTITY_MAX))]
    quantity: i64,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct AddressesBody {
    shipping_address: AddressBody,
    billing_address: Option<AddressBody>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ShippingBody {
    shipping_method: String,
}

/// The command that opens a cart for whoever asks.
pub(crate) fn opening(principal: &Principal, currency: Currency) -> CartCommand {
    CartCommand::Open {
        customer: match principal {
            Principal::Customer { id } => Some(*id),
            Principal::Anonymous | Principal::Guest { .. } | Principal::Admin { .. } => None,
        },
        currency,
    }
}

/// `POST /v1/carts`
pub(crate) async fn open(State(shop): State<HttpState>, Anyone(intent): Anyone, body: Body<OpenBody>) -> Answered {
    let cart = CartId::derived(intent.command_id.0, "cart");
    let currency = shop.currency(body.fields.currency.as_deref())?;
    let command = Command::Cart(cart, opening(&intent.principal, currency));
    let outcome = shop.run(&intent, &body, vec![command]).await?;
    let secret = shop.secret_for(&intent.principal, cart);
    let view = CartView::of(cart, &outcome, &intent.language).with_secret(secret.as_ref());
    Ok(Answer::of(&intent, &outcome, &view)?.created(format!("/v1/carts/{cart}")))
}

/// `POST /v1/carts/{cart}/lines`
pub(crate) async fn add_line(State(shop): State<HttpState>, holder: Holder, body: Body<LineBody>) -> Answered {
    let command = body.fields.command("")?;
    change(&shop, &holder, &body, command).await
}

/// `PATCH /v1/carts/{cart}/lines/{line}`
pub(crate) async fn set_quantity(
    State(shop): State<HttpState>,
    holder: Holder,
    Place((_, line)): Place<(CartId, LineId)>,
    body: Body<QuantityBody>,
) -> Answered {
    let quantity = body.fields.quantity;
    change(&shop, &holder, &body, CartCommand::SetQuantity { line, quantity }).await
}

/// `DELETE /v1/carts/{cart}/lines/{line}`
pub(crate) async fn remove_line(
    State(shop): State<HttpState>,
    holder: Holder,
    Place((_, line)): Place<(CartId, LineId)>,
    body: Body<Nothing>,
) -> Answered {
    change(&shop, &holder, &body, CartCommand::RemoveLine { line }).await
}

/// `DELETE /v1/carts/{cart}/lines`
pub(crate) async fn clear(State(shop): State<HttpState>, holder: Holder, body: Body<Nothing>) -> Answered {
    change(&shop, &holder, &body, CartCommand::Clear).await
}

/// `PUT /v1/carts/{cart}/contact`
pub(crate) async fn set_contact(State(shop): State<HttpState>, holder: Holder, body: Body<ContactBody>) -> Answered {
    let subject = personal::subject(&holder.intent.principal, holder.cart);
    let command = personal::set_contact(&shop, subject, "", &body.fields).await?;
    change(&shop, &holder, &body, command).await
}

/// `PUT /v1/carts/{cart}/addresses`
pub(crate) async fn set_addresses(
    State(shop): State<HttpState>,
    holder: Holder,
    body: Body<AddressesBody>,
) -> Answered {
    let subject = personal::subject(&holder.intent.principal, holder.cart);
    let AddressesBody {
        shipping_address,
        billing_address,
    } = &body.fields;
    let command = personal::set_addresses(&shop, subject, shipping_address, billing_address.as_ref()).await?;
    change(&shop, &holder, &body, command).await
}

/// `PUT /v1/carts/{cart}/shipping`
pub(crate) async fn choose_shipping(
    State(shop): State<HttpState>,
    holder: Holder,
    body: Body<ShippingBody>,
) -> Answered {
    let code = body.fields.shipping_method.clone();
    change(&shop, &holder, &body, CartCommand::ChooseShipping { code }).await
}

/// One command to the holder's cart, and the cart after it.
async fn change<T>(shop: &HttpState, holder: &Holder, body: &Body<T>, command: CartCommand) -> Answered {
    let outcome = shop
        .run(&holder.intent, body, vec![Command::Cart(holder.cart, command)])
        .await?;
    Answer::of(
        &holder.intent,
        &outcome,
        &CartView::of(holder.cart, &outcome, &holder.intent.language),
    )
}
