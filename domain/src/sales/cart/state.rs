use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Event;
use crate::sales::{FrozenLine, ShippingChoice, Totals};
use crate::value::{Attributes, Currency, LineId, LocalizedText, Money, ProductId, Sealed, Sku, Timestamp};

/// What is known of a cart: the situation it is in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cart {
    /// Nobody opened it.
    #[default]
    Absent,
    /// It is being filled.
    Open(Contents),
    /// It is being paid for, at what is frozen.
    InCheckout(Contents, Frozen),
    /// It became its order.
    Converted {
        /// Whose it was; none: a guest's.
        customer: Option<Uuid>,
    },
    /// Nobody came back.
    Expired {
        /// Whose it was; none: a guest's.
        customer: Option<Uuid>,
    },
}

/// What is in a cart that can still be changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Contents {
    /// Whose; none: whoever has its secret.
    pub customer: Option<Uuid>,
    /// Of all its prices.
    pub currency: Currency,
    /// In the order in which they were added.
    pub lines: Vec<Line>,
    /// Mail address to write to.
    pub email: Option<Sealed>,
    /// Telephone.
    pub phone: Option<Sealed>,
    /// Where the parcel goes.
    pub shipping_address: Option<Sealed>,
    /// Who is invoiced, when different.
    pub billing_address: Option<Sealed>,
    /// ISO 3166 alpha-2 of the destination.
    pub country: Option<String>,
    /// How it goes there, at the price of the day it was chosen.
    pub shipping: Option<ShippingChoice>,
    /// How often a checkout was begun.
    pub attempts: u32,
    /// When somebody looks whether it is still used.
    pub expires: Timestamp,
    /// Whether anything happened to it since somebody looked.
    pub used: bool,
}

/// A line of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Line {
    /// v5(cart, SKU and attributes).
    pub line: LineId,
    /// What.
    pub sku: Sku,
    /// Of which product.
    pub product: ProductId,
    /// Its title the day it was added.
    pub title: LocalizedText,
    /// Engraving, gift wrap.
    pub attributes: Attributes,
    /// How many.
    pub quantity: u32,
    /// For one, as shown when it was added or last repriced.
    pub unit_price: Money,
}

/// What is fixed while a cart is paid for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Frozen {
    /// Which try of this cart, from 1.
    pub attempt: u32,
    /// Every line with its share of everything.
    pub lines: Vec<FrozenLine>,
    /// Their sums.
    pub totals: Totals,
    /// How it goes there; none when nothing is sent.
    pub shipping: Option<ShippingChoice>,
}

impl Cart {
    /// What is in it, while that can still change.
    #[must_use]
    pub fn contents(&self) -> Option<&Contents> {
        match self {
            Self::Open(contents) | Self::InCheckout(contents, _) => Some(contents),
            Self::Absent | Self::Converted { .. } | Self::Expired { .. } => None,
        }
    }

    /// What is fixed, while it is being paid for.
    #[must_use]
    pub fn frozen(&self) -> Option<&Frozen> {
        match self {
            Self::InCheckout(_, frozen) => Some(frozen),
            _ => None,
        }
    }

    /// Whose it is or was; none: whoever has its secret.
    #[must_use]
    pub fn customer(&self) -> Option<Uuid> {
        match self {
            Self::Absent => None,
            Self::Open(contents) | Self::InCheckout(contents, _) => contents.customer,
            Self::Converted { customer } | Self::Expired { customer } => *customer,
        }
    }

    /// Takes an event in.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::CartOpened {
                customer,
                currency,
                expires,
            } => *self = Self::Open(Contents::empty(*customer, *currency, *expires)),
            Event::CheckoutBegun {
                attempt,
                lines,
                totals,
                shipping,
                held_until: _,
            } => self.enter_checkout(Frozen {
                attempt: *attempt,
                lines: lines.clone(),
                totals: *totals,
                shipping: shipping.clone(),
            }),
            Event::CheckoutReopened { .. } => self.leave_checkout(),
            Event::CartConverted {} => {
                *self = Self::Converted {
                    customer: self.customer(),
                }
            }
            Event::CartExpired {} => {
                *self = Self::Expired {
                    customer: self.customer(),
                }
            }
            _ => {
                if let Self::Open(contents) | Self::InCheckout(contents, _) = self {
                    contents.evolve(event);
                }
            }
        }
    }

    fn enter_checkout(&mut self, frozen: Frozen) {
        if let Self::Open(mut contents) | Self::InCheckout(mut contents, _) = std::mem::take(self) {
            contents.attempts = frozen.attempt;
            contents.used = true;
            *self = Self::InCheckout(contents, frozen);
        }
    }

    fn leave_checkout(&mut self) {
        if let Self::Open(mut contents) | Self::InCheckout(mut contents, _) = std::mem::take(self) {
            contents.used = true;
            *self = Self::Open(contents);
        }
    }

    /// When it wants to be told that its time is up.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.contents().map(|contents| contents.expires)
    }
}

impl Contents {
    fn empty(customer: Option<Uuid>, currency: Currency, expires: Timestamp) -> Self {
        Self {
            customer,
            currency,
            lines: Vec::new(),
            email: None,
            phone: None,
            shipping_address: None,
            billing_address: None,
            country: None,
            shipping: None,
            attempts: 0,
            expires,
            used: false,
        }
    }

    /// The line of this id.
    #[must_use]
    pub fn line(&self, id: LineId) -> Option<&Line> {
        self.lines.iter().find(|line| line.line == id)
    }

    /// Pieces in all lines of a SKU.
    #[must_use]
    pub fn quantity_of(&self, sku: &Sku) -> i64 {
        let of_sku = self.lines.iter().filter(|line| line.sku == *sku);
        of_sku.map(|line| i64::from(line.quantity)).sum()
    }

    /// Pieces in all lines.
    #[must_use]
    pub fn total_quantity(&self) -> i64 {
        self.lines.iter().map(|line| i64::from(line.quantity)).sum()
    }

    fn line_mut(&mut self, id: LineId) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.line == id)
    }

    fn evolve(&mut self, event: &Event) {
        self.used = true;
        match event {
            Event::LineAdded {
                line,
                sku,
                product,
                title,
                attributes,
                quantity,
                unit_price,
                catalog_seq: _,
            } => self.lines.push(Line {
                line: *line,
                sku: sku.clone(),
                product: *product,
                title: title.clone(),
                attributes: attributes.clone(),
                quantity: *quantity,
                unit_price: *unit_price,
            }),
            Event::QuantityChanged { line, quantity_after } => {
                if let Some(line) = self.line_mut(*line) {
                    line.quantity = *quantity_after;
                }
            }
            Event::LineRepriced { line, unit_price, .. } => {
                if let Some(line) = self.line_mut(*line) {
                    line.unit_price = *unit_price;
                }
            }
            Event::LineRemoved { line } => self.lines.retain(|kept| kept.line != *line),
            Event::CartCleared {} => self.lines.clear(),
            Event::ContactSet { email, phone } => {
                self.email = Some(email.clone());
                self.phone.clone_from(phone);
            }
            Event::AddressesSet {
                shipping,
                billing,
                country,
            } => {
                self.shipping_address = Some(shipping.clone());
                self.billing_address.clone_from(billing);
                self.country = Some(country.clone());
            }
            Event::ShippingChosen { shipping } => self.shipping = Some(shipping.clone()),
            Event::CartClaimed { customer } => self.customer = Some(*customer),
            Event::CartKept { expires } => {
                self.expires = *expires;
                self.used = false;
            }
            // These change the situation the cart is in.
            Event::CartOpened { .. }
            | Event::CheckoutBegun { .. }
            | Event::CheckoutReopened { .. }
            | Event::CartConverted {}
            | Event::CartExpired {} => {}
        }
    }
}
