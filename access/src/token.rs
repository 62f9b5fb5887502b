//! Access tokens: JSON Web Tokens signed with Ed25519, and nothing else.
//!
//! The header must be exactly what we write (RFC 8725: the algorithm is ours to choose, not the token's), so
//! `alg: none`, HMAC with the public key, `jku`, `jwk`, `crit` and a foreign `kid` are refused before any
//! signature is looked at; a claim of the wrong type is refused, never skipped.

mod keys;
mod wire;

use domain::value::Timestamp;
use thiserror::Error;

pub use keys::{TokenKeyError, TokenKeys};

/// Who signs access tokens.
pub const ISSUER: &str = "tillroll";
/// Whom they are for.
pub const AUDIENCE: &str = "tillroll";
/// Longest life of a token.
pub const TOKEN_LIFETIME_SECONDS_MAX: u32 = 30 * 24 * 60 * 60;
/// How far the clocks of two servers may differ.
pub const TOKEN_LEEWAY_SECONDS: u64 = 30;
/// Most bytes of a token: what is longer is not ours.
pub const TOKEN_BYTES_MAX: usize = 2_048;
/// Most characters of a subject.
const SUBJECT_CHARS_MAX: usize = 64;

/// What a token lets its holder be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the shop.
    Admin,
    /// Buys in it.
    Customer,
}

/// Whom a token was given to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Holder {
    /// A name (admin) or an id (customer): 1–64 of `A-Z a-z 0-9 . _ @ -`.
    pub subject: String,
    /// What they may be.
    pub role: Role,
}

/// Why an access token does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AccessError {
    /// Not three parts of base64url, or far too long.
    #[error("the access token is malformed")]
    Malformed,
    /// The header is not one that we write: algorithm, type, key id, or more than these.
    #[error("the access token was not made here")]
    Header,
    /// Signed by somebody else, or changed.
    #[error("the access token's signature does not hold")]
    Signature,
    /// A claim is missing, of the wrong type, or not for us.
    #[error("the access token's claims are not acceptable")]
    Claims,
    /// Its time is over.
    #[error("the access token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the access token is not valid yet")]
    NotYet,
}

impl AccessError {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "access.malformed",
            Self::Header | Self::Signature | Self::Claims => "access.invalid",
            Self::Expired => "access.expired",
            Self::NotYet => "access.not_yet",
        }
    }
}

impl TokenKeys {
    /// A token for `holder`, valid from now for `lifetime_seconds`.
    ///
    /// # Errors
    /// The lifetime or the subject is outside its limits.
    pub fn issue(&self, holder: &Holder, lifetime_seconds: u32, now: Timestamp) -> Result<String, TokenKeyError> {
        if lifetime_seconds == 0 || lifetime_seconds > TOKEN_LIFETIME_SECONDS_MAX {
            return Err(TokenKeyError::Lifetime);
        }
        if !is_subject(&holder.subject) {
            return Err(TokenKeyError::Subject);
        }
        let issued_at = seconds(now);
        let claims = wire::Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: holder.subject.clone(),
            role: holder.role,
            iat: issued_at,
            nbf: issued_at,
            exp: issued_at + u64::from(lifetime_seconds),
        };
        self.sign(&claims)
    }

    /// Whom a token was given to.
    ///
    /// # Errors
    /// It does not hold; see [`AccessError`].
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Holder, AccessError> {
        self.verify_until(token, now).map(|(holder, _)| holder)
    }

    /// Whom a token was given to, and when its time is over: what goes on for longer than one request ends then. The
    /// leeway counts only for who comes in it.
    ///
    /// # Errors
    /// It does not hold; see [`AccessError`].
    pub fn verify_until(&self, token: &str, now: Timestamp) -> Result<(Holder, Timestamp), AccessError> {
        let parts = wire::Parts::split(token)?;
        let header = parts.header()?;
        if header.kid != self.key_id() {
            return Err(AccessError::Header);
        }
        self.check(&parts)?;
        let claims = parts.claims()?;
        let now = seconds(now);
        if claims.iss != ISSUER || claims.aud != AUDIENCE || !is_subject(&claims.sub) {
            return Err(AccessError::Claims);
        }
        if claims.exp.saturating_add(TOKEN_LEEWAY_SECONDS) <= now {
            return Err(AccessError::Expired);
        }
        if claims.nbf > now.saturating_add(TOKEN_LEEWAY_SECONDS) {
            return Err(AccessError::NotYet);
        }
        let end = if claims.exp > now {
            claims.exp
        } else {
            claims.exp + TOKEN_LEEWAY_SECONDS
        };
        let holder = Holder {
            subject: claims.sub,
            role: claims.role,
        };
        Ok((holder, milliseconds(end)))
    }
}

/// Whether it may stand in an envelope and in a log line as it is.
fn is_subject(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte);
    (1..=SUBJECT_CHARS_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

fn seconds(moment: Timestamp) -> u64 {
    u64::try_from(moment.0.div_euclid(1_000)).unwrap_or(0)
}

fn milliseconds(seconds: u64) -> Timestamp {
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000))
}

#[cfg(test)]
mod tests;
