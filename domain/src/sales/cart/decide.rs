//! Commands, refusals and decisions.

use uuid::Uuid;

use super::estimate::shipping_options;
use super::state::{Contents, Frozen};
use super::{Cart, Event, Rejection, freeze, lines};
use crate::stream::StreamId;
use crate::value::{Attributes, CartId, Currency, LineId, Sealed, Sku};
use crate::{Context, Decided, Known, Refusal, Streams};

/// Why a checkout was reopened by whoever changed the cart.
const CART_CHANGED: &str = "cart.changed";

/// What can be asked of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Let it exist, empty.
    Open {
        /// Whose; none: a guest's.
        customer: Option<Uuid>,
        /// Of all its prices.
        currency: Currency,
    },
    /// Put pieces in.
    AddLine {
        /// What.
        sku: Sku,
        /// How many, from 1.
        quantity: i64,
        /// Engraving, gift wrap: another line.
        attributes: Attributes,
    },
    /// Have this many of a line; 0 removes it.
    SetQuantity {
        /// Which.
        line: LineId,
        /// How many.
        quantity: i64,
    },
    /// Take a line out.
    RemoveLine {
        /// Which.
        line: LineId,
    },
    /// Take all lines out.
    Clear,
    /// Say whom to write to.
    SetContact {
        /// Mail address.
        email: Sealed,
        /// Telephone.
        phone: Option<Sealed>,
    },
    /// Say where it goes.
    SetAddresses {
        /// Where the parcel goes.
        shipping: Sealed,
        /// Who is invoiced, when different.
        billing: Option<Sealed>,
        /// ISO 3166 alpha-2 of the destination.
        country: String,
    },
    /// Choose how it goes there.
    ChooseShipping {
        /// The method's code.
        code: String,
    },
    /// Give a guest's cart to a customer.
    ClaimForCustomer {
        /// Whose.
        customer: Uuid,
    },
    /// Reprice, then fix lines and totals for paying.
    BeginCheckout {
        /// The total that the shopper saw, in minor units.
        expected_total: Option<i64>,
    },
    /// Let it be changed again.
    Reopen {
        /// Which try failed.
        attempt: u32,
        /// The code of what went wrong.
        why: String,
    },
    /// It became its order.
    Convert {
        /// Which try.
        attempt: u32,
    },
    /// Its time is up, if it is.
    Expire,
}

/// Decides one command.
///
/// A change of a cart in checkout reopens it first. The running checkout then finds, when it wants to place the
/// order, that what it froze is gone, and undoes itself.
///
/// # Errors
/// A refusal, or a state that is not in memory.
pub fn decide(
    id: CartId,
    command: &Command,
    streams: &dyn Streams,
    context: &Context<'_>,
) -> Result<Vec<Decided>, Refusal> {
    let stream = StreamId::Cart(id);
    let cart = Known::<Cart>::load(streams, &stream)?;
    let events = match (&*cart, command) {
        (Cart::Absent, Command::Open { customer, currency }) => open(*customer, *currency, context)?,
        // There is nothing left to reopen: the checkout that asks for it may end.
        (Cart::Absent | Cart::Converted { .. } | Cart::Expired { .. }, Command::Reopen { .. })
        | (Cart::Converted { .. }, Command::Convert { .. })
        | (Cart::Converted { .. } | Cart::Expired { .. }, Command::Expire) => Vec::new(),
        (Cart::Absent, _) => return Err(Rejection::Absent.into()),
        (Cart::Converted { .. }, _) => return Err(Rejection::AlreadyConverted.into()),
        (Cart::Expired { .. }, _) => return Err(Rejection::Expired.into()),
        (Cart::Open(contents), command) => decide_living(id, contents, None, command, context)?,
        (Cart::InCheckout(contents, frozen), command) => {
            let mut events = decide_living(id, contents, Some(frozen), command, context)?;
            if !events.iter().all(respects_what_is_frozen) {
                let why = CART_CHANGED.to_owned();
                events.insert(0, Event::CheckoutReopened { why });
            }
            events
        }
    };
    let decided = events.into_iter().map(|event| Decided {
        stream: stream.clone(),
        event: event.into(),
    });
    Ok(decided.collect())
}

fn open(customer: Option<Uuid>, currency: Currency, context: &Context<'_>) -> Result<Vec<Event>, Rejection> {
    let settings = context.reference.settings();
    if !settings.currencies.contains(&currency) {
        return Err(Rejection::CurrencyNotSold(currency));
    }
    Ok(vec![Event::CartOpened {
        customer,
        currency,
        expires: context.now.plus_seconds(settings.cart_seconds),
    }])
}

/// Decides what a cart that still lives is asked; `frozen` when it is being paid for.
fn decide_living(
    id: CartId,
    contents: &Contents,
    frozen: Option<&Frozen>,
    command: &Command,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let is_this_try = |attempt: &u32| frozen.is_some_and(|frozen| frozen.attempt == *attempt);
    match command {
        Command::Open { customer, currency } => {
            if *customer == contents.customer && *currency == contents.currency {
                Ok(Vec::new())
            } else {
                Err(Rejection::AlreadyOpened)
            }
        }
        Command::AddLine {
            sku,
            quantity,
            attributes,
        } => lines::add(id, contents, sku, *quantity, attributes, context),
        Command::SetQuantity { line, quantity } => lines::set_quantity(contents, *line, *quantity, context),
        Command::RemoveLine { line } => lines::remove(contents, *line),
        Command::Clear => Ok(lines::clear(contents)),
        Command::SetContact { email, phone } => Ok(set_contact(contents, email, phone.as_ref())),
        Command::SetAddresses {
            shipping,
            billing,
            country,
        } => set_addresses(contents, shipping, billing.as_ref(), country, context),
        Command::ChooseShipping { code } => choose_shipping(contents, code, context),
        Command::ClaimForCustomer { customer } => claim(contents, *customer),
        Command::BeginCheckout { expected_total } => match frozen {
            Some(frozen) => freeze::check_total(*expected_total, &frozen.totals).map(|()| Vec::new()),
            None => freeze::begin_checkout(contents, *expected_total, context),
        },
        Command::Reopen { attempt, why } if is_this_try(attempt) => {
            Ok(vec![Event::CheckoutReopened { why: why.clone() }])
        }
        Command::Reopen { .. } => Ok(Vec::new()),
        Command::Convert { attempt } if is_this_try(attempt) => Ok(vec![Event::CartConverted {}]),
        Command::Convert { .. } => Err(Rejection::NotInCheckout),
        Command::Expire => Ok(expire(contents, frozen.is_some(), context)),
    }
}

/// Whether an event may happen to a cart in checkout and leave it there, or take it out in order.
fn respects_what_is_frozen(event: &Event) -> bool {
    matches!(
        event,
        Event::CheckoutReopened { .. } | Event::CartConverted {} | Event::CartKept { .. }
    )
}

fn set_contact(contents: &Contents, email: &Sealed, phone: Option<&Sealed>) -> Vec<Event> {
    if contents.email.as_ref() == Some(email) && contents.phone.as_ref() == phone {
        return Vec::new();
    }
    vec![Event::ContactSet {
        email: email.clone(),
        phone: phone.cloned(),
    }]
}

fn set_addresses(
    contents: &Contents,
    shipping: &Sealed,
    billing: Option<&Sealed>,
    country: &str,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    if !context
        .reference
        .settings()
        .countries
        .iter()
        .any(|served| served == country)
    {
        return Err(Rejection::CountryNotServed(country.to_owned()));
    }
    let same = contents.shipping_address.as_ref() == Some(shipping)
        && contents.billing_address.as_ref() == billing
        && contents.country.as_deref() == Some(country);
    if same {
        return Ok(Vec::new());
    }
    Ok(vec![Event::AddressesSet {
        shipping: shipping.clone(),
        billing: billing.cloned(),
        country: country.to_owned(),
    }])
}

fn choose_shipping(contents: &Contents, code: &str, context: &Context<'_>) -> Result<Vec<Event>, Rejection> {
    let settings = context.reference.settings();
    let options = shipping_options(settings, contents.destination(settings), contents.currency);
    let chosen = options.into_iter().find(|option| option.code == code);
    let shipping = chosen.ok_or_else(|| Rejection::ShippingUnavailable(code.to_owned()))?;
    if contents.shipping.as_ref() == Some(&shipping) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::ShippingChosen { shipping }])
}

fn claim(contents: &Contents, customer: Uuid) -> Result<Vec<Event>, Rejection> {
    match contents.customer {
        None => Ok(vec![Event::CartClaimed { customer }]),
        Some(owner) if owner == customer => Ok(Vec::new()),
        Some(_) => Err(Rejection::BelongsToAnother),
    }
}

/// A cart that was used since somebody looked gets another life: only then is an event written, not at each use.
fn expire(contents: &Contents, in_checkout: bool, context: &Context<'_>) -> Vec<Event> {
    if context.now < contents.expires {
        return Vec::new();
    }
    if contents.used || in_checkout {
        let cart_seconds = context.reference.settings().cart_seconds;
        return vec![Event::CartKept {
            expires: context.now.plus_seconds(cart_seconds),
        }];
    }
    vec![Event::CartExpired {}]
}
