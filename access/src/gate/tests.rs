use domain::value::{CartId, Timestamp};
use uuid::Uuid;

use super::{Gate, Visitor};
use crate::{AccessError, Credentials, Holder, Principal, Role, Secrets};

const NOW: Timestamp = Timestamp(1_700_000_000_000);
const CART: CartId = CartId(Uuid::from_u128(1));
const OTHER_CART: CartId = CartId(Uuid::from_u128(2));
const CUSTOMER: Uuid = Uuid::from_u128(3);
const OTHER_CUSTOMER: Uuid = Uuid::from_u128(4);

struct Door {
    secrets: Secrets,
    gate: Gate,
}

impl Door {
    fn new() -> Self {
        let secrets = Secrets::generate().expect("the system has random bytes");
        let gate = Gate::new(&secrets);
        Self { secrets, gate }
    }

    fn token(&self, role: Role, subject: &str) -> Option<String> {
        let holder = Holder {
            subject: subject.to_owned(),
            role,
        };
        Some(
            self.secrets
                .tokens
                .issue(&holder, 60, NOW)
                .expect("a token can be issued"),
        )
    }

    fn visitor(&self, bearer: Option<String>, secret_of: Option<CartId>) -> Visitor {
        let secret = secret_of.map(|cart| self.gate.cart_secret(cart).reveal().to_owned());
        self.gate
            .admit(Credentials::new(bearer, secret), NOW)
            .expect("they are let in")
    }
}

#[test]
fn who_may_see_a_cart() {
    let door = Door::new();
    let customer = || door.token(Role::Customer, &CUSTOMER.to_string());
    let admin = || door.token(Role::Admin, "ada");
    let cases = [
        // token, secret shown, the cart's owner, may see it
        (None, None, None, false),
        (None, Some(CART), None, true),
        (None, Some(OTHER_CART), None, false),
        (None, None, Some(CUSTOMER), false),
        (None, Some(CART), Some(CUSTOMER), false),
        (customer(), None, None, false),
        (customer(), Some(CART), None, true),
        (customer(), None, Some(CUSTOMER), true),
        (customer(), None, Some(OTHER_CUSTOMER), false),
        (customer(), Some(CART), Some(OTHER_CUSTOMER), false),
        (admin(), None, None, true),
        (admin(), None, Some(CUSTOMER), true),
    ];
    for (bearer, secret_of, owner, expected) in cases {
        let visitor = door.visitor(bearer, secret_of);
        assert_eq!(
            visitor.may_see_cart(CART, owner),
            expected,
            "{visitor:?} {secret_of:?} {owner:?}"
        );
    }
}

#[test]
fn a_visitor_is_somebody_towards_a_cart() {
    let door = Door::new();
    let guest = door.visitor(None, Some(CART));
    assert_eq!(guest.identity(), &Principal::Anonymous);
    assert_eq!(guest.towards_cart(CART), Principal::Guest { cart: CART });
    assert_eq!(guest.towards_cart(OTHER_CART), Principal::Anonymous);

    let admin = door.visitor(door.token(Role::Admin, "ada"), Some(CART));
    assert_eq!(admin.towards_cart(CART), Principal::Admin { name: "ada".to_owned() });
}

#[test]
fn the_envelope_names_customers_and_admins_and_no_guest() {
    let door = Door::new();
    let customer = door.visitor(door.token(Role::Customer, &CUSTOMER.to_string()), None);
    let admin = door.visitor(door.token(Role::Admin, "ada"), None);
    assert_eq!(Principal::Guest { cart: CART }.actor(), "guest");
    assert_eq!(customer.identity().actor(), format!("customer:{CUSTOMER}"));
    assert_eq!(admin.identity().actor(), "admin:ada");
}

#[test]
fn callers_have_keys_of_their_own() {
    let admin = |name: &str| Principal::Admin { name: name.to_owned() }.caller();
    assert_eq!(Principal::Anonymous.caller(), None);
    assert_eq!(Principal::Guest { cart: CART }.caller(), Some(CART.0));
    assert_eq!(Principal::Customer { id: CUSTOMER }.caller(), Some(CUSTOMER));
    assert_eq!(admin("ada"), admin("ada"));
    assert_ne!(admin("ada"), admin("bob"));
}

#[test]
fn a_token_that_does_not_hold_is_not_taken_for_none() {
    let door = Door::new();
    let foreign = Door::new().token(Role::Admin, "ada");
    let refused = door
        .gate
        .admit(Credentials::new(foreign, None), NOW)
        .expect_err("signed elsewhere");
    assert_eq!(refused, AccessError::Header);
    let nameless = door.token(Role::Customer, "not-an-id");
    let refused = door
        .gate
        .admit(Credentials::new(nameless, None), NOW)
        .expect_err("a customer has an id");
    assert_eq!(refused, AccessError::Claims);
}

#[test]
fn a_visitor_prints_no_secret() {
    let door = Door::new();
    let visitor = door.visitor(None, Some(CART));
    assert!(!format!("{visitor:?}").contains(door.gate.cart_secret(CART).reveal()));
}
