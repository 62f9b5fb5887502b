//! The secret of a guest's cart: whoever has it, has the cart.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::value::CartId;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::secrets::ServerSecret;

/// Keeps these codes apart from any other use of the same key.
const PURPOSE: &[u8] = b"tillroll cart secret 1\0";

/// Bytes of a block of SHA-256.
const HASH_BLOCK_BYTES: usize = 64;

/// What the secrets of all carts are derived with. No secret is ever stored: it is the HMAC-SHA256 of the
/// cart's id, and is derived again whenever it is needed.
#[derive(Clone)]
pub struct CartSecretKey(Hmac<Sha256>);

impl CartSecretKey {
    /// The key that derives with `secret`.
    #[must_use]
    pub fn new(secret: &ServerSecret) -> Self {
        // HMAC pads a key to the hash's block with zeros (RFC 2104); done here, the length cannot be wrong.
        let mut block = [0; HASH_BLOCK_BYTES];
        block[..secret.bytes().len()].copy_from_slice(secret.bytes());
        let mut mac = <Hmac<Sha256> as Mac>::new(&block.into());
        mac.update(PURPOSE);
        Self(mac)
    }

    /// The secret of this cart.
    #[must_use]
    pub fn secret_of(&self, cart: CartId) -> CartSecret {
        let code = self.code_of(cart).finalize().into_bytes();
        CartSecret(URL_SAFE_NO_PAD.encode(code))
    }

    /// Whether `presented` is the secret of this cart, in constant time.
    #[must_use]
    pub fn matches(&self, cart: CartId, presented: &str) -> bool {
        let Ok(code) = URL_SAFE_NO_PAD.decode(presented) else {
            return false;
        };
        self.code_of(cart).verify_slice(&code).is_ok()
    }

    fn code_of(&self, cart: CartId) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(cart.0.as_bytes());
        mac
    }
}

impl fmt::Debug for CartSecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CartSecretKey(…)")
    }
}

/// The secret of one cart: 43 characters of base64url. It is shown to whoever opens the cart, and never
/// printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct CartSecret(String);

impl CartSecret {
    /// Its text, for the one answer that carries it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CartSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CartSecret(…)")
    }
}

#[cfg(test)]
mod tests;
