//! Personal fields of carts and orders: checked, then sealed, before they become commands.

use access::Principal;
use domain::sales::cart::Command;
use domain::value::CartId;
use schemars::JsonSchema;
use schemas::personal::{Address, BILLING_ADDRESS, EMAIL, PHONE, SHIPPING_ADDRESS};
use serde::Deserialize;

use crate::http::fields::{self, AddressBody};
use crate::http::openapi::form;
use crate::http::problem::Problem;
use crate::http::state::HttpState;

/// Whom to write to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactBody {
    #[schemars(with = "form::Email")]
    email: String,
    #[schemars(with = "Option<form::Phone>")]
    phone: Option<String>,
}

/// Whose fields these are: the customer's, or the cart's for a guest.
pub(crate) fn subject(principal: &Principal, cart: CartId) -> String {
    match principal {
        Principal::Customer { id } => id.to_string(),
        Principal::Anonymous | Principal::Guest { .. } | Principal::Admin { .. } => cart.to_string(),
    }
}

/// Checked contact as a command. `prefix` is where the contact stands in the body.
pub(crate) async fn set_contact(
    shop: &HttpState,
    subject: String,
    prefix: &str,
    contact: &ContactBody,
) -> Result<Command, Problem> {
    let email = fields::email(&format!("{prefix}email"), &contact.email)?;
    let phone = contact
        .phone
        .as_deref()
        .map(|phone| fields::phone(&format!("{prefix}phone"), phone))
        .transpose()?;
    let plain = [Some((EMAIL, email)), phone.map(|phone| (PHONE, phone))];
    match shop.seal(subject, plain).await? {
        [Some(email), phone] => Ok(Command::SetContact { email, phone }),
        [None, _] => Err(Problem::internal()),
    }
}

/// Checked addresses as a command.
pub(crate) async fn set_addresses(
    shop: &HttpState,
    subject: String,
    shipping: &AddressBody,
    billing: Option<&AddressBody>,
) -> Result<Command, Problem> {
    let shipping = shipping.read("shippingAddress")?;
    let billing = billing.map(|address| address.read("billingAddress")).transpose()?;
    let country = shipping.country.clone();
    let plain = [
        Some(json(SHIPPING_ADDRESS, &shipping)?),
        billing.map(|address| json(BILLING_ADDRESS, &address)).transpose()?,
    ];
    match shop.seal(subject, plain).await? {
        [Some(shipping), billing] => Ok(Command::SetAddresses {
            shipping,
            billing,
            country,
        }),
        [None, _] => Err(Problem::internal()),
    }
}

fn json(field: &'static str, address: &Address) -> Result<(&'static str, String), Problem> {
    serde_json::to_string(address)
        .map(|text| (field, text))
        .map_err(|_| Problem::internal())
}
