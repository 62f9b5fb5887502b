//! Who asks for what, under which name: what a handler takes beside the body.

use std::str::FromStr;
use std::time::{Duration, Instant};

use access::{Credentials, Principal, RequestId, Visitor};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use domain::sales::cart::{self, Cart};
use domain::sales::order;
use domain::stream::StreamId;
use domain::value::{CartId, CommandId};
use domain::{Aggregate, Command, ConsistencyToken};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::errors;
use super::headers;
use super::problem::Problem;
use super::state::{HttpState, now};
use crate::{CommandError, Key, Request};

/// Namespace of the commands of callers without a name of their own.
const ANONYMOUS: Uuid = Uuid::from_u128(0x6f0d_8c1e_27b9_4c7a_a5e4_03d2_91b6_f85d);

/// What somebody wants, but for the body.
pub(crate) struct Intent {
    pub(crate) principal: Principal,
    /// What a command creates has ids derived from it.
    pub(crate) command_id: CommandId,
    /// How long the caller would wait for a process.
    pub(crate) wait: Duration,
    /// What the caller has seen.
    pub(crate) after: ConsistencyToken,
    /// In which language texts are shown.
    pub(crate) language: String,
    keyed: Option<Key>,
    expected_version: Option<u64>,
    traceparent: String,
    correlation: Uuid,
    /// Method and path.
    place: String,
}

impl Intent {
    fn read(parts: &Parts, principal: Principal) -> Result<Self, Problem> {
        let place = format!("{} {}", parts.method, parts.uri.path());
        let key = headers::idempotency_key(&parts.headers)?;
        let request_id = parts.extensions.get::<RequestId>().ok_or_else(Problem::internal)?;
        Ok(Self {
            command_id: command_id(&principal, &place, key)?,
            wait: headers::wait(&parts.headers)?,
            after: headers::consistency_token(&parts.headers)?,
            language: headers::language(&parts.headers),
            keyed: key.map(Key::of),
            expected_version: headers::if_match(&parts.headers)?,
            traceparent: headers::traceparent(&parts.headers),
            correlation: headers::correlation(request_id.as_str()),
            principal,
            place,
        })
    }

    /// The request for these commands. The same method, path and body have the same hash.
    pub(crate) fn request(&self, body_digest: [u8; 32], commands: Vec<Command>, deadline: Instant) -> Request {
        let hash = Sha256::new()
            .chain_update(&self.place)
            .chain_update([0])
            .chain_update(body_digest);
        Request {
            commands,
            command_id: self.command_id,
            keyed: self.keyed,
            request_hash: hash.finalize().into(),
            expected_version: self.expected_version,
            actor: self.principal.actor(),
            correlation: self.correlation,
            causation: self.command_id.0,
            traceparent: self.traceparent.clone(),
            after: self.after.clone(),
            deadline,
        }
    }
}

/// v5(caller, method and path, key); without a key a fresh one.
fn command_id(principal: &Principal, place: &str, key: Option<&str>) -> Result<CommandId, Problem> {
    let Some(key) = key else {
        return Ok(CommandId(Uuid::now_v7()));
    };
    keyed_command(principal.caller(), place, key).ok_or_else(|| {
        let detail = "an Idempotency-Key of somebody without credentials must be a UUID";
        Problem::malformed("key.not_a_uuid", detail).at("Idempotency-Key")
    })
}

/// The command that a request under an `Idempotency-Key` becomes: it belongs to the caller, and to method and path
/// (`POST /v1/carts`). None where somebody without credentials takes a key that is no UUID.
#[must_use]
pub fn keyed_command(caller: Option<Uuid>, place: &str, key: &str) -> Option<CommandId> {
    let namespace = match caller {
        Some(caller) => caller,
        None if Uuid::parse_str(key).is_ok() => ANONYMOUS,
        None => return None,
    };
    Some(CommandId(Uuid::new_v5(&namespace, format!("{place} {key}").as_bytes())))
}

fn visitor(parts: &Parts, shop: &HttpState) -> Result<Visitor, Problem> {
    let credentials = Credentials::from_headers(&parts.headers).map_err(errors::of_credentials)?;
    shop.gate.admit(credentials, now()).map_err(errors::of_access)
}

/// Whoever asks.
pub(crate) struct Anyone(pub(crate) Intent);

impl FromRequestParts<HttpState> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shop: &HttpState) -> Result<Self, Problem> {
        let visitor = visitor(parts, shop)?;
        Intent::read(parts, visitor.identity().clone()).map(Self)
    }
}

/// Somebody who runs the shop. Nobody else gets this far.
pub(crate) struct Admin(pub(crate) Intent);

impl FromRequestParts<HttpState> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shop: &HttpState) -> Result<Self, Problem> {
        let visitor = visitor(parts, shop)?;
        match visitor.identity() {
            Principal::Admin { .. } => Intent::read(parts, visitor.identity().clone()).map(Self),
            Principal::Anonymous | Principal::Guest { .. } => Err(errors::credentials_needed()),
            Principal::Customer { .. } => Err(errors::not_allowed()),
        }
    }
}

/// Somebody who may see the cart, order or checkout of the path: they share one id. To anybody else it does not
/// exist.
pub(crate) struct Holder {
    pub(crate) intent: Intent,
    /// The cart, and the order and the checkout that it becomes.
    pub(crate) cart: CartId,
}

impl FromRequestParts<HttpState> for Holder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shop: &HttpState) -> Result<Self, Problem> {
        let visitor = visitor(parts, shop)?;
        let params = RawPathParams::from_request_parts(parts, shop)
            .await
            .map_err(|_| unknown_place())?;
        let (kind, id) = params.iter().next().ok_or_else(Problem::internal)?;
        let cart = id.parse().map_err(|_| absent(kind))?;
        if !may_see(&visitor, cart, shop).await? {
            return Err(absent(kind));
        }
        let intent = Intent::read(parts, visitor.towards_cart(cart))?;
        Ok(Self { intent, cart })
    }
}

/// A guest's secret and an admin's token say enough; whose a cart is else, its state says.
async fn may_see(visitor: &Visitor, cart: CartId, shop: &HttpState) -> Result<bool, Problem> {
    if visitor.may_see_cart(cart, None) {
        return Ok(true);
    }
    if let Principal::Customer { .. } = visitor.identity() {
        let seen = shop.seen(&StreamId::Cart(cart)).await?;
        let owner = Cart::of(&seen.state).and_then(Cart::customer);
        return Ok(owner.is_some() && visitor.may_see_cart(cart, owner));
    }
    Ok(false)
}

/// What the domain says of one that does not exist, word for word.
fn absent(kind: &str) -> Problem {
    match kind {
        "checkout" => errors::checkout_absent(),
        "order" => CommandError::Rejected(order::Rejection::Absent.into()).into(),
        _ => CommandError::Rejected(cart::Rejection::Absent.into()).into(),
    }
}

/// The parts of a path, by their types. What cannot be one names nothing.
pub(crate) struct Place<T>(pub(crate) T);

impl<T: FromPlace> FromRequestParts<HttpState> for Place<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shop: &HttpState) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, shop)
            .await
            .map_err(|_| unknown_place())?;
        let texts: Vec<&str> = params.iter().map(|(_, text)| text).collect();
        T::from_texts(&texts).map(Self).ok_or_else(unknown_place)
    }
}

fn unknown_place() -> Problem {
    Problem::absent("path.absent", "nothing has this address")
}

/// What a path can name.
pub(crate) trait FromPlace: Sized {
    /// All of it, from the path's parts in their order.
    fn from_texts(texts: &[&str]) -> Option<Self>;
}

impl<A: FromStr> FromPlace for (A,) {
    fn from_texts(texts: &[&str]) -> Option<Self> {
        let [first] = texts else { return None };
        Some((first.parse().ok()?,))
    }
}

impl<A: FromStr, B: FromStr> FromPlace for (A, B) {
    fn from_texts(texts: &[&str]) -> Option<Self> {
        let [first, second] = texts else { return None };
        Some((first.parse().ok()?, second.parse().ok()?))
    }
}
