//! The one place where what went wrong becomes an HTTP problem.

use std::time::Duration;

use access::{AccessError, MalformedCredentials};
use axum::http::StatusCode;
use domain::inventory::{hold, item};
use domain::sales::{cart, checkout, order};
use domain::value::Money;
use domain::{Kind, Rejection};
use schemas::SealError;
use serde_json::{Map, Value, json};

use super::money::MoneyView;
use super::problem::Problem;
use crate::CommandError;

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        let status = match &error {
            CommandError::Rejected(rejection) => return of_rejection(rejection),
            CommandError::VersionMismatch { .. } => StatusCode::PRECONDITION_FAILED,
            CommandError::KeyReused | CommandError::KeyExpired => StatusCode::UNPROCESSABLE_ENTITY,
            CommandError::StillRunning => StatusCode::CONFLICT,
            CommandError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            CommandError::Misrouted => {
                tracing::error!("a request's commands are of several shards");
                return Self::internal();
            }
            CommandError::Parked(_) | CommandError::Halted(_) => {
                tracing::error!(%error, "a command cannot be decided");
                let detail = "this part of the shop is stopped; its operator was told";
                return Self::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), detail).retry_after(Some(STOPPED));
            }
            CommandError::Busy
            | CommandError::Moving { .. }
            | CommandError::Behind
            | CommandError::OutcomeUnknown
            | CommandError::NotExecuted
            | CommandError::DeadlinePassed => StatusCode::SERVICE_UNAVAILABLE,
        };
        let problem = Self::new(status, error.code(), error.to_string()).retry_after(error.retry_after());
        match error {
            CommandError::VersionMismatch { current } => problem.at("If-Match").with("version", current),
            CommandError::KeyReused | CommandError::KeyExpired => problem.at("Idempotency-Key"),
            CommandError::OutcomeUnknown => problem.with("outcome", "unknown"),
            _ if status == StatusCode::SERVICE_UNAVAILABLE => problem.with("outcome", "not executed"),
            _ => problem,
        }
    }
}

/// When to ask again where only an operator can help.
const STOPPED: Duration = Duration::from_secs(60);

fn of_rejection(rejection: &Rejection) -> Problem {
    let status = match rejection.kind() {
        Kind::Absent => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut problem = Problem::new(status, rejection.code(), rejection.to_string());
    problem.field = rejection.field().map(camel_case);
    problem.facts = facts(rejection);
    problem
}

/// What a program can use beside the sentence.
fn facts(rejection: &Rejection) -> Map<String, Value> {
    let facts = match rejection {
        Rejection::Cart(cart::Rejection::InsufficientStock { sku, available }) => {
            json!({ "sku": sku.as_str(), "available": available })
        }
        Rejection::Cart(cart::Rejection::VariantUnavailable(sku) | cart::Rejection::QuantityTooLarge(sku)) => {
            json!({ "sku": sku.as_str() })
        }
        Rejection::Cart(cart::Rejection::VariantNotPriced { sku, currency }) => {
            json!({ "sku": sku.as_str(), "currency": currency.code() })
        }
        Rejection::Cart(cart::Rejection::TotalChanged { total }) => json!({ "total": money(*total) }),
        Rejection::Order(order::Rejection::QuantityTooLarge { line, remaining }) => {
            json!({ "line": line.to_string(), "available": remaining })
        }
        Rejection::Order(order::Rejection::PaymentDiffers { due }) => json!({ "due": money(*due) }),
        Rejection::Order(order::Rejection::RefundTooLarge { refundable }) => {
            json!({ "refundable": money(*refundable) })
        }
        Rejection::StockItem(
            item::Rejection::CountDiffers { on_hand, .. } | item::Rejection::BelowZero { on_hand },
        ) => {
            json!({ "onHand": on_hand })
        }
        Rejection::StockItem(item::Rejection::Promised { promised }) => json!({ "promised": promised }),
        Rejection::Hold(hold::Rejection::Insufficient { available, .. }) => json!({ "available": available }),
        _ => Value::Null,
    };
    match facts {
        Value::Object(facts) => facts,
        _ => Map::new(),
    }
}

fn money(amount: Money) -> Value {
    serde_json::to_value(MoneyView::from(amount)).unwrap_or(Value::Null)
}

/// The domain names fields as Rust does, bodies as GraphQL does: `expected_total` is `expectedTotal`.
fn camel_case(field: &str) -> String {
    let mut parts = field.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut name, part| {
        let mut characters = part.chars();
        name.extend(characters.next().map(|initial| initial.to_ascii_uppercase()));
        name.push_str(characters.as_str());
        name
    })
}

/// What a checkout that came to nothing says, after the fact, in the words of the rule that refused it.
pub(crate) fn of_failure(failure: &checkout::Failure) -> Problem {
    let detail = format!("the checkout was refused at the step {}", failure.step);
    let problem = Problem::new(StatusCode::CONFLICT, failure.why.clone(), detail);
    match &failure.shortage {
        Some(shortage) => problem
            .with("sku", shortage.sku.as_str())
            .with("available", shortage.available),
        None => problem,
    }
}

/// What everybody is told who may not see a checkout, or asks for one that never began.
pub(crate) fn checkout_absent() -> Problem {
    Problem::absent("checkout.absent", "there is no such checkout")
}

/// A later try of the same cart took this one's place; this one came to nothing.
pub(crate) fn checkout_superseded() -> Problem {
    let detail = "this try of the checkout came to nothing, and another one followed it";
    Problem::new(StatusCode::CONFLICT, "checkout.superseded", detail)
}

pub(crate) fn of_access(error: AccessError) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, error.code(), error.to_string()).at("Authorization")
}

pub(crate) fn of_credentials(error: MalformedCredentials) -> Problem {
    let field = match error {
        MalformedCredentials::Authorization => "Authorization",
        MalformedCredentials::CartSecret => "Cart-Secret",
    };
    Problem::new(StatusCode::UNAUTHORIZED, error.code(), error.to_string()).at(field)
}

pub(crate) fn credentials_needed() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "access.required",
        "this needs an access token",
    )
}

pub(crate) fn not_allowed() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "access.denied", "this is not allowed to you")
}

pub(crate) fn of_sealing(error: &SealError) -> Problem {
    tracing::error!(%error, "a personal field cannot be sealed");
    match error {
        SealError::Keys(_) => keys_unavailable(),
        _ => Problem::internal(),
    }
}

/// Personal fields cannot be sealed for now, and nothing was executed.
pub(crate) fn keys_unavailable() -> Problem {
    let detail = "personal data cannot be taken in just now";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "personal.unavailable", detail)
        .with("outcome", "not executed")
        .retry_after(Some(Duration::from_secs(1)))
}

#[cfg(test)]
mod tests;
