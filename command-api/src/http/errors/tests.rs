use std::time::Duration;

use domain::Rejection;
use domain::sales::{cart, checkout};
use domain::value::{Currency, Money};
use serde_json::json;

use super::{Problem, camel_case, of_failure};
use crate::CommandError;

#[test]
fn each_kind_of_refusal_has_one_status() {
    let cases = [
        (Rejection::Cart(cart::Rejection::Absent), 404, "cart.absent"),
        (
            Rejection::Cart(cart::Rejection::AlreadyConverted),
            409,
            "cart.already_converted",
        ),
        (
            Rejection::Cart(cart::Rejection::QuantityNotPositive),
            422,
            "quantity.not_positive",
        ),
    ];
    for (rejection, status, code) in cases {
        let problem = Problem::from(CommandError::Rejected(rejection));
        assert_eq!((problem.status.as_u16(), &*problem.code), (status, code));
    }
}

#[test]
fn what_was_not_decided_says_whether_it_may_have_been_done_and_when_to_ask_again() {
    let cases = [
        (CommandError::VersionMismatch { current: 7 }, 412, None, false),
        (CommandError::KeyReused, 422, None, false),
        (CommandError::KeyExpired, 422, None, false),
        (CommandError::StillRunning, 409, None, true),
        (CommandError::Misrouted, 500, None, false),
        (CommandError::TooLarge, 413, None, false),
        (CommandError::Busy, 503, Some("not executed"), true),
        (CommandError::Behind, 503, Some("not executed"), true),
        (CommandError::NotExecuted, 503, Some("not executed"), true),
        (CommandError::DeadlinePassed, 503, Some("not executed"), true),
        (CommandError::OutcomeUnknown, 503, Some("unknown"), true),
        (
            CommandError::Moving {
                retry_after: Duration::from_millis(1_500),
            },
            503,
            Some("not executed"),
            true,
        ),
        (CommandError::Halted("offset 7".to_owned()), 503, None, true),
    ];
    for (error, status, outcome, asks_again) in cases {
        let problem = Problem::from(error.clone());
        assert_eq!(problem.status.as_u16(), status, "{error:?}");
        let said = problem.facts.get("outcome").and_then(|outcome| outcome.as_str());
        assert_eq!(said, outcome, "{error:?}");
        assert_eq!(problem.retry_after.is_some(), asks_again, "{error:?}");
        assert!(!problem.detail.contains("offset"), "internals are not shown");
    }
}

#[test]
fn waiting_is_said_in_whole_seconds_rounded_up() {
    let retry_after = Duration::from_millis(1_500);
    let response = Problem::from(CommandError::Moving { retry_after }).answer("r");
    assert_eq!(response.headers()["retry-after"], "2");
    assert_eq!(response.headers()["content-type"], "application/problem+json");
}

#[test]
fn a_refusal_carries_what_a_program_needs() {
    let sku = "LAMP-1".parse().expect("a SKU");
    let problem = Problem::from(CommandError::Rejected(
        cart::Rejection::InsufficientStock { sku, available: 3 }.into(),
    ));
    assert_eq!(problem.field.as_deref(), Some("quantity"));
    assert_eq!(json!(problem.facts), json!({ "sku": "LAMP-1", "available": 3 }));

    let total = Money {
        amount: 1_999,
        currency: Currency::EUR,
    };
    let problem = Problem::from(CommandError::Rejected(cart::Rejection::TotalChanged { total }.into()));
    assert_eq!(problem.field.as_deref(), Some("expectedTotal"));
    assert_eq!(problem.facts["total"]["amount"], "19.99");
}

#[test]
fn a_refused_checkout_speaks_like_the_rule_that_refused_it() {
    let failure = |why: &str, shortage| checkout::Failure {
        step: "hold".to_owned(),
        why: why.to_owned(),
        shortage,
    };
    let shortage = checkout::Shortage {
        sku: "LAMP-1".parse().expect("a SKU"),
        available: 0,
    };
    let problem = of_failure(&failure("stock.insufficient", Some(shortage)));
    assert_eq!((problem.status.as_u16(), &*problem.code), (409, "stock.insufficient"));
    assert_eq!(problem.facts["available"], 0);
    assert_eq!(of_failure(&failure("hold.expired", None)).code, "hold.expired");
}

#[test]
fn fields_are_spelled_as_bodies_spell_them() {
    assert_eq!(camel_case("quantity"), "quantity");
    assert_eq!(camel_case("expected_total"), "expectedTotal");
    assert_eq!(camel_case("low_stock_threshold"), "lowStockThreshold");
}
