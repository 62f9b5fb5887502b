use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::{MASTER_KEY_BYTES, SealError};

/// Random, so long that two never meet.
pub(super) const NONCE_BYTES: usize = 24;

/// XChaCha20-Poly1305 with one key; the key is wiped when the last clone is dropped.
#[derive(Clone)]
pub(super) struct Cipher(Arc<XChaCha20Poly1305>);

impl Cipher {
    pub(super) fn new(key: &[u8; MASTER_KEY_BYTES]) -> Self {
        Self(Arc::new(XChaCha20Poly1305::new(key.into())))
    }

    /// A fresh nonce, then the ciphertext with its tag.
    pub(super) fn seal(&self, plaintext: &[u8], place: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce = random::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: plaintext,
            aad: place,
        };
        let ciphertext = self.0.encrypt(XNonce::from_slice(&nonce), payload);
        let ciphertext = ciphertext.map_err(|_| SealError::TooLarge { bytes: plaintext.len() })?;
        Ok([nonce.as_slice(), &ciphertext].concat())
    }

    /// The plaintext, if it was sealed with this key for this place.
    pub(super) fn open(&self, sealed: &[u8], place: &[u8]) -> Result<Vec<u8>, SealError> {
        let Some((nonce, ciphertext)) = sealed.split_at_checked(NONCE_BYTES) else {
            return Err(SealError::NotAuthentic);
        };
        let payload = Payload {
            msg: ciphertext,
            aad: place,
        };
        let plaintext = self.0.decrypt(XNonce::from_slice(nonce), payload);
        plaintext.map_err(|_| SealError::NotAuthentic)
    }
}

/// Where something sealed belongs: authenticated, and different for different places because the
/// subject carries its length and the field is the rest.
pub(super) fn place(subject: &str, key_id: u32, field: &str) -> Vec<u8> {
    let length = u64::try_from(subject.len()).unwrap_or(u64::MAX);
    let parts: [&[u8]; 4] = [
        &length.to_be_bytes(),
        subject.as_bytes(),
        &key_id.to_be_bytes(),
        field.as_bytes(),
    ];
    parts.concat()
}

pub(super) fn random<const BYTES: usize>() -> Result<[u8; BYTES], SealError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| SealError::NoRandomness(error.to_string()))?;
    Ok(bytes)
}
