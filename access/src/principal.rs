//! Who is asking, towards one object.

use domain::value::{CartId, derived};
use uuid::Uuid;

/// Namespace of the ids that callers without an id of their own are given. Part of every command id: it never
/// changes.
const CALLERS: Uuid = Uuid::from_u128(0x3c7a_51d0_8e0b_4f6e_9d2a_6b1f_40c8_77e5);

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Nobody we know.
    Anonymous,
    /// Whoever has shown the secret of a cart.
    Guest {
        /// Which cart.
        cart: CartId,
    },
    /// A customer with a token.
    Customer {
        /// Which.
        id: Uuid,
    },
    /// Somebody who runs the shop.
    Admin {
        /// What the token calls them.
        name: String,
    },
}

impl Principal {
    /// What the envelope of a record says of them. A guest is never told from another: the cart's stream is.
    #[must_use]
    pub fn actor(&self) -> String {
        match self {
            Self::Anonymous | Self::Guest { .. } => "guest".to_owned(),
            Self::Customer { id } => format!("customer:{id}"),
            Self::Admin { name } => format!("admin:{name}"),
        }
    }

    /// Whose idempotency keys they use; none: a key of theirs must be unique by itself.
    #[must_use]
    pub fn caller(&self) -> Option<Uuid> {
        match self {
            Self::Anonymous => None,
            Self::Guest { cart } => Some(cart.0),
            Self::Customer { id } => Some(*id),
            Self::Admin { name } => Some(derived(CALLERS, &format!("admin:{name}"))),
        }
    }

    /// Whether they run the shop.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        matches!(self, Self::Admin { .. })
    }
}
