//! What a request shows of who sends it.

use std::fmt;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use thiserror::Error;

/// The header that carries the secret of a guest's cart.
pub const CART_SECRET_HEADER: &str = "cart-secret";
/// Most bytes in one credential.
pub const CREDENTIAL_BYTES_MAX: usize = 4_096;

/// What a request shows of who sends it, not checked yet.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// An access token.
    pub(crate) bearer: Option<String>,
    /// The secret of a guest's cart.
    pub(crate) cart_secret: Option<String>,
}

/// The credentials cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MalformedCredentials {
    /// Not `Authorization: Bearer …`, or several of them.
    #[error("Authorization is not one bearer token")]
    Authorization,
    /// Not one short text.
    #[error("Cart-Secret is not one secret")]
    CartSecret,
}

impl MalformedCredentials {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Authorization => "access.malformed",
            Self::CartSecret => "access.cart_secret_malformed",
        }
    }
}

impl Credentials {
    /// Credentials that came another way than by headers: the bare token, the bare secret.
    #[must_use]
    pub fn new(bearer: Option<String>, cart_secret: Option<String>) -> Self {
        Self { bearer, cart_secret }
    }

    /// Reads `Authorization: Bearer …` and `Cart-Secret`.
    ///
    /// # Errors
    /// One of them is there and cannot be read, or is there twice: never taken for absent.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, MalformedCredentials> {
        let authorization = single(headers, AUTHORIZATION.as_str()).map_err(|_| MalformedCredentials::Authorization)?;
        let bearer = authorization.map(bearer_token).transpose()?;
        let cart_secret = single(headers, CART_SECRET_HEADER).map_err(|_| MalformedCredentials::CartSecret)?;
        Ok(Self {
            bearer: bearer.map(str::to_owned),
            cart_secret: cart_secret.map(str::to_owned),
        })
    }
}

/// The scheme is case-insensitive, the token is one word (RFC 6750 §2.1).
fn bearer_token(value: &str) -> Result<&str, MalformedCredentials> {
    let (scheme, token) = value.split_once(' ').ok_or(MalformedCredentials::Authorization)?;
    let token = token.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ') {
        Ok(token)
    } else {
        Err(MalformedCredentials::Authorization)
    }
}

struct NotSingle;

fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, NotSingle> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(NotSingle);
    }
    let text = value.to_str().map_err(|_| NotSingle)?;
    if text.is_empty() || text.len() > CREDENTIAL_BYTES_MAX {
        return Err(NotSingle);
    }
    Ok(Some(text))
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("bearer", &self.bearer.is_some())
            .field("cart_secret", &self.cart_secret.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests;
