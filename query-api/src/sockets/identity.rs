//! Who listens: what `connection_init` says, in the words of the headers.

use access::{CART_SECRET_HEADER, Credentials, Visitor};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use domain::ConsistencyToken;
use serde_json::Value;

use super::protocol::Close;
use crate::audience::{COUNTRY_HEADER, CURRENCY_HEADER, Wishes};
use crate::http::{TOKEN_HEADER, now, token};
use crate::live::Detail;
use crate::roll;
use crate::state::QueryState;

/// What the payload may say; the rest is ignored, as headers are.
static KNOWN: [HeaderName; 6] = [
    header::AUTHORIZATION,
    header::ACCEPT_LANGUAGE,
    HeaderName::from_static(CART_SECRET_HEADER),
    HeaderName::from_static(CURRENCY_HEADER),
    HeaderName::from_static(COUNTRY_HEADER),
    HeaderName::from_static(TOKEN_HEADER),
];

/// Who listens, and how they want to be answered.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) visitor: Visitor,
    pub(super) detail: Option<Detail>,
    pub(super) wishes: Wishes,
    pub(super) token: ConsistencyToken,
}

impl Identity {
    /// Reads the payload of `connection_init`: an object with the names and values of headers.
    ///
    /// # Errors
    /// Why the socket is closed.
    pub(super) fn read(state: &QueryState, payload: Option<Value>, is_roll_public: bool) -> Result<Self, Close> {
        let headers = headers(payload)?;
        let credentials = Credentials::from_headers(&headers).map_err(|error| Close::Forbidden(error.code()))?;
        let admitted = state.parts().gate.admit(credentials, now());
        let visitor = admitted.map_err(|error| Close::Forbidden(error.code()))?;
        Ok(Self {
            detail: roll::detail(&visitor, is_roll_public),
            wishes: Wishes::from_headers(&headers).map_err(|error| Close::Forbidden(error.code()))?,
            token: token(&headers).map_err(|problem| Close::Forbidden(problem.code()))?,
            visitor,
        })
    }
}

/// The known members of the payload, as headers.
fn headers(payload: Option<Value>) -> Result<HeaderMap, Close> {
    let mut headers = HeaderMap::new();
    let members = match payload {
        None | Some(Value::Null) => return Ok(headers),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(Close::Malformed),
    };
    for (name, value) in members {
        let Some(known) = KNOWN.iter().find(|known| known.as_str().eq_ignore_ascii_case(&name)) else {
            continue;
        };
        let text = value.as_str().ok_or(Close::Malformed)?;
        let value = HeaderValue::from_str(text).map_err(|_| Close::Malformed)?;
        headers.append(known.clone(), value);
    }
    Ok(headers)
}
