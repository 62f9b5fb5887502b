//! The server's secrets: read from the data directory, made there for a shop that only this machine can reach.

use std::net::SocketAddr;

use access::{Secrets, ServerSecret, TokenKeys};

use crate::data_dir::{DataDir, DataDirError};

/// The secrets of the shop in `data`.
///
/// # Errors
/// One is missing and must not be made, or is not good enough to be one.
pub(crate) fn load(data: &DataDir, listen: SocketAddr) -> Result<Secrets, DataDirError> {
    let symmetric = || {
        ServerSecret::generate()
            .map(|secret| secret.reveal())
            .map_err(|error| error.to_string())
    };
    let signing = || {
        TokenKeys::generate()
            .and_then(|keys| keys.to_pem())
            .map_err(|error| error.to_string())
    };
    let cart = data.secret(Secrets::CART, listen, symmetric)?;
    let master = data.secret(Secrets::MASTER, listen, symmetric)?;
    let tokens = data.secret(Secrets::TOKENS, listen, signing)?;
    Secrets::parse(&cart, &master, &tokens).map_err(|error| DataDirError::BadSecret {
        path: data.root().to_owned(),
        why: error.to_string(),
    })
}
