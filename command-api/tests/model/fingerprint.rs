//! Fingerprints: what stands for a world among those that were visited.

use std::hash::{Hash, Hasher};

/// An odd number whose bits look like chance.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// A hash in a few instructions, because half of the search is hashing and it runs without optimisation. Two
/// worlds with the same fingerprint would hide one of them; among millions, of 64 bits, that does not happen.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(MULTIPLIER);
        mixed ^ (mixed >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for word in bytes.chunks(8) {
            let mut padded = [0; 8];
            padded[..word.len()].copy_from_slice(word);
            self.write_u64(u64::from_le_bytes(padded));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(MULTIPLIER);
        self.0 = mixed.rotate_left(31) ^ mixed;
    }

    fn write_i64(&mut self, value: i64) {
        self.write_u64(value.cast_unsigned());
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
}

pub(crate) fn fingerprint(what: &impl Hash) -> u64 {
    let mut mixer = Mixer::default();
    what.hash(&mut mixer);
    mixer.finish()
}

/// A field that another one stands for in a fingerprint.
#[derive(Clone)]
pub(crate) struct Untold<T>(pub(crate) T);

impl<T> Hash for Untold<T> {
    fn hash<H: Hasher>(&self, _state: &mut H) {}
}
