//! Values: what events, commands and states are made of.

mod check;
mod id;
mod limits;
mod money;
mod sealed;
mod text;
mod time;

pub use check::{check_code, check_locale, check_locales, check_range, check_set, check_text, check_title};
pub use id::{CartId, CategoryId, CheckoutId, CommandId, ImageId, LineId, OrderId, ProductId, ReservationId, derived};
pub use limits::*;
pub use money::{Currency, MalformedAmount, Money, UnknownCurrency, round_half_away};
pub use sealed::Sealed;
pub use text::{Attributes, Locale, LocalizedText, Sku, Slug, ValueError};
pub use time::Timestamp;
