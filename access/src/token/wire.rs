//! The three parts of a token, read strictly.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{AccessError, Role, TOKEN_BYTES_MAX};

/// The one type we write (RFC 9068): a refresh token or an identity token has another.
pub(super) const TYPE: &str = "at+jwt";

/// The only header we write; one more field and it is not ours.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    alg: String,
    typ: String,
    pub(super) kid: String,
}

/// The claims we write. Times are whole seconds since 1970; a float, a string or an array is refused.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    pub(super) sub: String,
    pub(super) role: Role,
    pub(super) iat: u64,
    pub(super) nbf: u64,
    pub(super) exp: u64,
}

/// A token taken apart, nothing checked yet but its shape.
pub(super) struct Parts<'a> {
    header: &'a str,
    payload: &'a str,
    pub(super) signature: &'a str,
    /// What was signed: header and payload with the full stop between them.
    pub(super) signed: &'a str,
}

impl<'a> Parts<'a> {
    pub(super) fn split(token: &'a str) -> Result<Self, AccessError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(AccessError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(AccessError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(AccessError::Malformed)?;
        if payload.contains('.') {
            return Err(AccessError::Malformed);
        }
        Ok(Self {
            header,
            payload,
            signature,
            signed,
        })
    }

    /// The header, if it is one of ours.
    pub(super) fn header(&self) -> Result<Header, AccessError> {
        let header: Header = decode(self.header, AccessError::Header)?;
        if header.alg == "EdDSA" && header.typ == TYPE {
            Ok(header)
        } else {
            Err(AccessError::Header)
        }
    }

    /// The claims, each of its one type.
    pub(super) fn claims(&self) -> Result<Claims, AccessError> {
        decode(self.payload, AccessError::Claims)
    }
}

fn decode<T: DeserializeOwned>(part: &str, otherwise: AccessError) -> Result<T, AccessError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| AccessError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| otherwise)
}
