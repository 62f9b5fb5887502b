use serde::{Deserialize, Serialize};

/// A personal field, encrypted before it reaches the core: events, states, snapshots and read rows
/// carry only this. Forgetting the key `(subject, key_id)` forgets the person (XChaCha20-Poly1305;
/// the `schemas` crate seals and opens).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sealed {
    /// Whose field this is: the customer's id, or the cart's for a guest.
    pub subject: String,
    /// Which of the subject's keys.
    pub key_id: u32,
    /// 24 bytes, base64.
    pub nonce: String,
    /// The encrypted field with its authentication tag, base64.
    pub ciphertext: String,
}
