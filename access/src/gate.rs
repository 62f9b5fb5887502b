//! The gate: credentials in, a visitor out.

use std::sync::Arc;
use std::time::Duration;

use domain::value::{CartId, Timestamp};
use uuid::Uuid;

use crate::cart_secret::{CartSecret, CartSecretKey};
use crate::credentials::Credentials;
use crate::principal::Principal;
use crate::secrets::Secrets;
use crate::token::{AccessError, Role, TokenKeys};

/// Checks credentials. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Gate {
    tokens: Arc<TokenKeys>,
    carts: Arc<CartSecretKey>,
}

impl Gate {
    /// The gate that these secrets make.
    #[must_use]
    pub fn new(secrets: &Secrets) -> Self {
        Self {
            tokens: Arc::new(secrets.tokens.clone()),
            carts: Arc::new(CartSecretKey::new(&secrets.cart)),
        }
    }

    /// Lets somebody in. A wrong cart secret is found out when a cart is asked for, not here.
    ///
    /// # Errors
    /// The access token does not hold; it is never taken for no token.
    pub fn admit(&self, credentials: Credentials, now: Timestamp) -> Result<Visitor, AccessError> {
        let mut until = None;
        let identity = match &credentials.bearer {
            None => Principal::Anonymous,
            Some(token) => {
                let (holder, end) = self.tokens.verify_until(token, now)?;
                until = Some(end);
                match holder.role {
                    Role::Admin => Principal::Admin { name: holder.subject },
                    Role::Customer => Principal::Customer {
                        id: holder.subject.parse().map_err(|_| AccessError::Claims)?,
                    },
                }
            }
        };
        Ok(Visitor {
            identity,
            until,
            cart_secret: credentials.cart_secret,
            carts: Arc::clone(&self.carts),
        })
    }

    /// The secret of a guest's cart, for whoever just opened it.
    #[must_use]
    pub fn cart_secret(&self, cart: CartId) -> CartSecret {
        self.carts.secret_of(cart)
    }
}

/// Somebody who was let in, with what they may still have to show.
#[derive(Clone)]
pub struct Visitor {
    identity: Principal,
    /// When the time of their token is over; never without one.
    until: Option<Timestamp>,
    cart_secret: Option<String>,
    carts: Arc<CartSecretKey>,
}

impl Visitor {
    /// Who they are by their token alone: anonymous, a customer or an admin.
    #[must_use]
    pub fn identity(&self) -> &Principal {
        &self.identity
    }

    /// How long their token still holds; for ever when they are let in without one.
    #[must_use]
    pub fn time_left(&self, now: Timestamp) -> Option<Duration> {
        let left = self.until?.0.saturating_sub(now.0);
        Some(Duration::from_millis(u64::try_from(left).unwrap_or(0)))
    }

    /// Who they are towards this cart (and its order and checkout): with its secret, an anonymous visitor is
    /// its guest.
    #[must_use]
    pub fn towards_cart(&self, cart: CartId) -> Principal {
        if self.identity == Principal::Anonymous && self.has_secret_of(cart) {
            return Principal::Guest { cart };
        }
        self.identity.clone()
    }

    /// Whether they may see and change this cart. `owner` is the customer it belongs to; a cart without one
    /// belongs to whoever has its secret. To anybody else it does not exist.
    #[must_use]
    pub fn may_see_cart(&self, cart: CartId, owner: Option<Uuid>) -> bool {
        match (&self.identity, owner) {
            (Principal::Admin { .. }, _) => true,
            (Principal::Customer { id }, Some(owner)) => *id == owner,
            (Principal::Anonymous | Principal::Guest { .. }, Some(_)) => false,
            (_, None) => self.has_secret_of(cart),
        }
    }

    /// Whether the secret of this cart was shown.
    #[must_use]
    pub fn has_secret_of(&self, cart: CartId) -> bool {
        self.cart_secret
            .as_deref()
            .is_some_and(|presented| self.carts.matches(cart, presented))
    }
}

impl std::fmt::Debug for Visitor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Visitor")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
