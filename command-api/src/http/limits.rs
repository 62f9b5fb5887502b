//! Every limit of the HTTP side, by name and with its unit.

use std::time::Duration;

/// Most bytes in a body: the longest description in several languages, with room around it.
pub(crate) const BODY_BYTES_MAX: usize = 512 * 1024;
/// Most levels of arrays and objects in a body.
pub(crate) const BODY_DEPTH_MAX: usize = 12;
/// Most values in a body, all levels together.
pub(crate) const BODY_VALUES_MAX: usize = 20_000;
/// Longest time for a body to come in: who sends more slowly is cut off.
pub(crate) const BODY_SECONDS_MAX: u64 = 10;
/// Longest time from a request's headers to its answer: the body, the checkout's wait, and room around them.
pub(crate) const REQUEST_SECONDS_MAX: u64 = 30;
/// How long a command may take before its caller is told that nobody knows yet.
pub(crate) const COMMAND_DEADLINE: Duration = Duration::from_secs(5);
/// Most requests that may wait for the store of keys at once; further ones wait for them.
pub(crate) const SEALING_AT_ONCE_MAX: usize = 32;
/// How long a request may wait for its turn to ask the store of keys.
pub(crate) const SEALING_WAIT: Duration = Duration::from_secs(2);
/// How long a checkout's caller waits for the outcome, unless they want less (`Prefer: wait=N`).
pub(crate) const CHECKOUT_WAIT_MAX: Duration = Duration::from_secs(10);
/// Most characters of an idempotency key.
pub(crate) const KEY_CHARS_MAX: usize = 255;
/// Most bytes of a consistency token: 256 shards with large numbers.
pub(crate) const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Most bytes of any other header that is read.
pub(crate) const HEADER_BYTES_MAX: usize = 1_024;
/// How long a browser may keep the answer to a preflight.
pub(crate) const PREFLIGHT_SECONDS: u64 = 60 * 60;
/// Most characters of a mail address (RFC 5321 §4.5.3.1.3, without the brackets).
pub(crate) const EMAIL_CHARS_MAX: usize = 254;
/// Most characters before the `@` (RFC 5321 §4.5.3.1.1).
pub(crate) const EMAIL_LOCAL_CHARS_MAX: usize = 64;
/// Fewest digits of a telephone number.
pub(crate) const PHONE_DIGITS_MIN: usize = 5;
/// Most characters of a telephone number (E.164 has 15 digits; the rest is punctuation).
pub(crate) const PHONE_CHARS_MAX: usize = 32;
/// Most characters of one line of an address.
pub(crate) const ADDRESS_LINE_CHARS_MAX: usize = 200;
/// Most characters of a postal code.
pub(crate) const POSTAL_CODE_CHARS_MAX: usize = 20;
/// Most characters of a note on an order.
pub(crate) const NOTE_CHARS_MAX: usize = 2_000;
/// Most characters of an amount of money, as text.
pub(crate) const AMOUNT_CHARS_MAX: usize = 32;
/// Most bytes of an uploaded image.
pub(crate) const IMAGE_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Most pixels on each side of an uploaded image: more than any screen shows, and no bomb for a browser.
pub(crate) const IMAGE_PIXELS_MAX: u32 = 8_192;
/// Most images that are taken at once: their bytes are in memory.
pub(crate) const UPLOADS_AT_ONCE_MAX: usize = 8;
