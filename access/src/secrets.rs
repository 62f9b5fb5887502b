//! The server's own secrets, and what is not good enough to be one.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

use crate::token::{TokenKeyError, TokenKeys};

/// Bytes of a server secret.
pub const SECRET_BYTES: usize = 32;
/// Fewest different bytes in a secret that was drawn by chance (32 random bytes have about 30).
const DISTINCT_BYTES_MIN: usize = 12;

/// Why something cannot be a server secret. Says which and why, never what it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SecretError {
    /// Not base64url.
    #[error("{0} is not base64url (expected 43 characters for {SECRET_BYTES} random bytes)")]
    NotBase64(&'static str),
    /// Another number of bytes.
    #[error("{name} has {found} bytes, expected exactly {SECRET_BYTES}")]
    Length {
        /// Which secret.
        name: &'static str,
        /// How many it has.
        found: usize,
    },
    /// It was typed, not drawn.
    #[error("{0} is a placeholder or typed by hand, not {SECRET_BYTES} random bytes")]
    Placeholder(&'static str),
    /// Two secrets are the same.
    #[error("{0} and {1} are the same; each needs a secret of its own")]
    Shared(&'static str, &'static str),
    /// The key of the access tokens.
    #[error(transparent)]
    TokenKey(#[from] TokenKeyError),
    /// The system gives no random bytes.
    #[error("no random bytes: {0}")]
    NoEntropy(String),
}

/// 32 random bytes that only the server knows.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerSecret([u8; SECRET_BYTES]);

impl ServerSecret {
    /// A fresh one.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn generate() -> Result<Self, SecretError> {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| SecretError::NoEntropy(error.to_string()))?;
        Ok(Self(bytes))
    }

    /// Reads what [`ServerSecret::reveal`] wrote; blanks and line ends around it are ignored.
    ///
    /// # Errors
    /// It is too short, too long, or was plainly not drawn by chance.
    pub fn parse(name: &'static str, text: &str) -> Result<Self, SecretError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text.trim().trim_end_matches('='))
            .map_err(|_| SecretError::NotBase64(name))?;
        let bytes = <[u8; SECRET_BYTES]>::try_from(bytes.as_slice()).map_err(|_| SecretError::Length {
            name,
            found: bytes.len(),
        })?;
        if looks_typed(text.trim()) || !looks_random(&bytes) {
            return Err(SecretError::Placeholder(name));
        }
        Ok(Self(bytes))
    }

    /// Its text, for the file that keeps it.
    #[must_use]
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Its bytes, for what is keyed with it.
    #[must_use]
    pub fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }
}

impl fmt::Debug for ServerSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServerSecret(…)")
    }
}

/// Words of a template that nobody filled in; by chance a secret holds one about once in 10¹⁰ draws.
fn looks_typed(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    [
        "changeme",
        "change-me",
        "change_me",
        "placeholder",
        "your-secret",
        "your_secret",
        "insecure",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

fn looks_random(bytes: &[u8; SECRET_BYTES]) -> bool {
    let mut distinct = bytes.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let is_count = bytes
        .windows(3)
        .all(|three| three[1].wrapping_sub(three[0]) == three[2].wrapping_sub(three[1]));
    let is_readable = bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    distinct.len() >= DISTINCT_BYTES_MIN && !is_count && !is_readable
}

/// Everything that only the server knows.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// What the secrets of carts are derived with.
    pub cart: ServerSecret,
    /// What wraps the keys of personal fields.
    pub master: ServerSecret,
    /// What signs access tokens.
    pub tokens: TokenKeys,
}

impl Secrets {
    /// Name of the cart secret: of its file, and in errors.
    pub const CART: &'static str = "cart-secret.key";
    /// Name of the master key.
    pub const MASTER: &'static str = "master.key";
    /// Name of the token key.
    pub const TOKENS: &'static str = "token-key.pem";

    /// Fresh ones.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn generate() -> Result<Self, SecretError> {
        Ok(Self {
            cart: ServerSecret::generate()?,
            master: ServerSecret::generate()?,
            tokens: TokenKeys::generate()?,
        })
    }

    /// Reads the texts of the three files.
    ///
    /// # Errors
    /// One of them is missing bytes, a placeholder, or the same as another.
    pub fn parse(cart: &str, master: &str, tokens_pem: &str) -> Result<Self, SecretError> {
        let secrets = Self {
            cart: ServerSecret::parse(Self::CART, cart)?,
            master: ServerSecret::parse(Self::MASTER, master)?,
            tokens: TokenKeys::from_pem(tokens_pem)?,
        };
        if secrets.cart == secrets.master {
            return Err(SecretError::Shared(Self::CART, Self::MASTER));
        }
        Ok(secrets)
    }
}

#[cfg(test)]
mod tests;
