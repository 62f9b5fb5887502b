//! The key pair that signs access tokens.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::wire::{Claims, Parts, TYPE};
use super::{AccessError, TOKEN_LIFETIME_SECONDS_MAX};

/// Why there is no key, or it will not sign.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokenKeyError {
    /// Not a private Ed25519 key in PKCS#8 PEM.
    #[error("the token key is not a private Ed25519 key (PKCS#8, PEM)")]
    NotAKey,
    /// The system gives no random bytes.
    #[error("no random bytes: {0}")]
    NoEntropy(String),
    /// A token may live from 1 second to [`TOKEN_LIFETIME_SECONDS_MAX`].
    #[error("a token lives from 1 to {TOKEN_LIFETIME_SECONDS_MAX} seconds")]
    Lifetime,
    /// Characters that a subject does not have.
    #[error("a token's subject is 1–64 of A-Z a-z 0-9 . _ @ -")]
    Subject,
    /// Signing failed.
    #[error("signing failed: {0}")]
    Signing(String),
}

/// The Ed25519 key pair that signs and checks access tokens.
#[derive(Clone)]
pub struct TokenKeys {
    key_id: String,
    private: SigningKey,
    signing: EncodingKey,
    checking: DecodingKey,
}

impl TokenKeys {
    /// A fresh pair.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn generate() -> Result<Self, TokenKeyError> {
        let mut seed = [0; ed25519_dalek::SECRET_KEY_LENGTH];
        getrandom::fill(&mut seed).map_err(|error| TokenKeyError::NoEntropy(error.to_string()))?;
        Self::new(SigningKey::from_bytes(&seed))
    }

    /// Reads what [`TokenKeys::to_pem`] wrote, or `openssl genpkey -algorithm ed25519`.
    ///
    /// # Errors
    /// [`TokenKeyError::NotAKey`].
    pub fn from_pem(pem: &str) -> Result<Self, TokenKeyError> {
        SigningKey::from_pkcs8_pem(pem.trim())
            .map_err(|_| TokenKeyError::NotAKey)
            .and_then(Self::new)
    }

    /// The private key as PKCS#8 PEM, for the one file that keeps it.
    ///
    /// # Errors
    /// [`TokenKeyError::NotAKey`] when the library cannot write it.
    pub fn to_pem(&self) -> Result<String, TokenKeyError> {
        let pem = self
            .private
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|_| TokenKeyError::NotAKey)?;
        Ok(pem.as_str().to_owned())
    }

    /// The thumbprint of the public key (RFC 7638, RFC 8037): what `kid` says.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    fn new(private: SigningKey) -> Result<Self, TokenKeyError> {
        let document = private.to_pkcs8_der().map_err(|_| TokenKeyError::NotAKey)?;
        let public = URL_SAFE_NO_PAD.encode(private.verifying_key().as_bytes());
        let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}"#);
        Ok(Self {
            key_id: URL_SAFE_NO_PAD.encode(Sha256::digest(jwk)),
            signing: EncodingKey::from_ed_der(document.as_bytes()),
            checking: DecodingKey::from_ed_der(private.verifying_key().as_bytes()),
            private,
        })
    }

    pub(super) fn sign(&self, claims: &Claims) -> Result<String, TokenKeyError> {
        let mut header = jsonwebtoken::Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.key_id.clone());
        jsonwebtoken::encode(&header, claims, &self.signing).map_err(|error| TokenKeyError::Signing(error.to_string()))
    }

    pub(super) fn check(&self, parts: &Parts<'_>) -> Result<(), AccessError> {
        let signed = parts.signed.as_bytes();
        match jsonwebtoken::crypto::verify(parts.signature, signed, &self.checking, Algorithm::EdDSA) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(AccessError::Signature),
        }
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenKeys")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}
