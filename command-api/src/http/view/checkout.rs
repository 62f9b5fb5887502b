use std::borrow::Cow;

use access::CartSecret;
use domain::sales::checkout::Checkout;
use domain::value::CheckoutId;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::PartView;
use crate::http::errors;

/// How far a checkout is.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Checkout")]
pub(crate) struct CheckoutView<'a> {
    #[serde(rename = "__typename")]
    typename: &'static str,
    id: String,
    state: &'static str,
    /// The order, once it is placed.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<PartView>,
    /// Why it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalView>,
    /// For a guest who ordered without a cart of their own before.
    #[serde(skip_serializing_if = "Option::is_none")]
    cart_secret: Option<&'a str>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CheckoutRefusal")]
struct RefusalView {
    code: Cow<'static, str>,
    detail: String,
    #[serde(flatten)]
    facts: Map<String, Value>,
}

impl<'a> CheckoutView<'a> {
    /// One that runs.
    pub(crate) fn holding(id: CheckoutId, secret: Option<&'a CartSecret>) -> Self {
        Self {
            cart_secret: secret.map(CartSecret::reveal),
            ..Self::in_state("holding", id)
        }
    }

    fn in_state(state: &'static str, id: CheckoutId) -> Self {
        Self {
            typename: "Checkout",
            id: id.to_string(),
            state,
            order: None,
            refusal: None,
            cart_secret: None,
        }
    }

    /// None when it never began.
    pub(crate) fn of(id: CheckoutId, checkout: &Checkout) -> Option<Self> {
        match checkout {
            Checkout::NotStarted => None,
            // While it lets go of what it held, it is not over: another try would be refused.
            Checkout::Running(_) | Checkout::Undoing(..) => Some(Self::in_state("holding", id)),
            Checkout::Completed { .. } => {
                let order = Some(PartView::of("Order", id.0));
                Some(Self {
                    order,
                    ..Self::in_state("completed", id)
                })
            }
            Checkout::Refused { failure, .. } => {
                let problem = errors::of_failure(failure);
                let refusal = Some(RefusalView {
                    code: problem.code,
                    detail: problem.detail,
                    facts: problem.facts,
                });
                Some(Self {
                    refusal,
                    ..Self::in_state("refused", id)
                })
            }
        }
    }
}
