//! Who is asking: access tokens, the secret of a guest's cart, and the principal that handlers take.
//!
//! A request comes with [`Credentials`]; the [`Gate`] turns them into a [`Visitor`]; the visitor says who
//! somebody is towards an object ([`Principal`]) and whether they may see it. Nothing here reads a file or a
//! clock: keys and the time come in.

mod cart_secret;
mod credentials;
mod gate;
mod principal;
mod request_id;
mod secrets;
mod token;

pub use cart_secret::{CartSecret, CartSecretKey};
pub use credentials::{CART_SECRET_HEADER, CREDENTIAL_BYTES_MAX, Credentials, MalformedCredentials};
pub use gate::{Gate, Visitor};
pub use principal::Principal;
pub use request_id::{REQUEST_ID_CHARS_MAX, REQUEST_ID_HEADER, RequestId};
pub use secrets::{SECRET_BYTES, SecretError, Secrets, ServerSecret};
pub use token::{
    AUDIENCE, AccessError, Holder, ISSUER, Role, TOKEN_BYTES_MAX, TOKEN_LEEWAY_SECONDS, TOKEN_LIFETIME_SECONDS_MAX,
    TokenKeyError, TokenKeys,
};
