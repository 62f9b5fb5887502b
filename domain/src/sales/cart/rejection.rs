use crate::Kind;
use crate::value::{
    ATTRIBUTE_CHARS_MAX, CART_LINES_MAX, Currency, LINE_ATTRIBUTES_MAX, LINE_QUANTITY_MAX, LineId, Money, Sku,
};

/// Why a command to a cart is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Nobody opened it.
    #[error("there is no such cart")]
    Absent,
    /// It is open, for somebody else or in another currency.
    #[error("the cart is open already")]
    AlreadyOpened,
    /// It became its order.
    #[error("the cart became an order and cannot be changed any more")]
    AlreadyConverted,
    /// Nobody came back in time.
    #[error("the cart expired")]
    Expired,
    /// It is another customer's.
    #[error("the cart belongs to another customer")]
    BelongsToAnother,
    /// The shop does not sell in this currency.
    #[error("the shop does not sell in {0}")]
    CurrencyNotSold(Currency),
    /// The shop does not sell to this country.
    #[error("the shop does not sell to {0:?}")]
    CountryNotServed(String),
    /// No line of this cart has this id.
    #[error("the cart has no line {0}")]
    LineAbsent(LineId),
    /// Zero or fewer pieces.
    #[error("the quantity must be positive")]
    QuantityNotPositive,
    /// More pieces of one SKU than a cart may hold.
    #[error("a cart holds at most {LINE_QUANTITY_MAX} pieces of {0}")]
    QuantityTooLarge(Sku),
    /// One line more than a cart may have.
    #[error("a cart has at most {CART_LINES_MAX} lines")]
    TooManyLines,
    /// Too many attributes, or one without a name or too long.
    #[error(
        "at most {LINE_ATTRIBUTES_MAX} attributes, each with a name, each text of at most {ATTRIBUTE_CHARS_MAX} characters"
    )]
    AttributesUnacceptable,
    /// No published product has this SKU: unknown, withdrawn and never published look alike.
    #[error("{0} is not for sale")]
    VariantUnavailable(Sku),
    /// It is for sale, but not in the cart's currency.
    #[error("{sku} has no price in {currency}")]
    VariantNotPriced {
        /// What.
        sku: Sku,
        /// Of the cart.
        currency: Currency,
    },
    /// There are fewer pieces than asked for; the cart stays as it was.
    #[error("only {available} pieces of {sku} are available")]
    InsufficientStock {
        /// What.
        sku: Sku,
        /// How many there are, over all lines of the cart.
        available: i64,
    },
    /// No way of shipping of this code is offered for this cart's destination and currency.
    #[error("the shipping method {0:?} is not offered for this cart")]
    ShippingUnavailable(String),
    /// Nothing to buy.
    #[error("the cart is empty")]
    Empty,
    /// Nobody to write to.
    #[error("the cart has no mail address to write to")]
    ContactMissing,
    /// Nowhere to send the parcel.
    #[error("the cart has no address to send the parcel to")]
    AddressMissing,
    /// Several ways of shipping and none chosen, or none at all.
    #[error("no shipping method is chosen")]
    ShippingMissing,
    /// The sum is not what the shopper saw.
    #[error("the total is {} {} minor units now", total.amount, total.currency)]
    TotalChanged {
        /// Today's.
        total: Money,
    },
    /// It is not being paid for in this try: it was changed, or it is another try.
    #[error("the cart was changed since its checkout began")]
    NotInCheckout,
}

impl Rejection {
    /// Code, kind and field, in one table.
    fn facts(&self) -> (&'static str, Kind, Option<&'static str>) {
        match self {
            Self::Absent => ("cart.absent", Kind::Absent, None),
            Self::AlreadyOpened => ("cart.already_opened", Kind::Conflict, None),
            Self::AlreadyConverted => ("cart.already_converted", Kind::Conflict, None),
            Self::Expired => ("cart.expired", Kind::Conflict, None),
            Self::BelongsToAnother => ("cart.belongs_to_another", Kind::Conflict, None),
            Self::CurrencyNotSold(_) => ("currency.not_sold", Kind::Invalid, Some("currency")),
            Self::CountryNotServed(_) => ("country.not_served", Kind::Invalid, Some("country")),
            Self::LineAbsent(_) => ("line.absent", Kind::Absent, Some("line")),
            Self::QuantityNotPositive => ("quantity.not_positive", Kind::Invalid, Some("quantity")),
            Self::QuantityTooLarge(_) => ("quantity.too_large", Kind::Invalid, Some("quantity")),
            Self::TooManyLines => ("cart.too_many_lines", Kind::Conflict, None),
            Self::AttributesUnacceptable => ("attributes.unacceptable", Kind::Invalid, Some("attributes")),
            Self::VariantUnavailable(_) => ("variant.unavailable", Kind::Invalid, Some("sku")),
            Self::VariantNotPriced { .. } => ("variant.not_priced", Kind::Invalid, Some("sku")),
            Self::InsufficientStock { .. } => ("stock.insufficient", Kind::Conflict, Some("quantity")),
            Self::ShippingUnavailable(_) => ("shipping.unavailable", Kind::Invalid, Some("shipping_method")),
            Self::Empty => ("cart.empty", Kind::Conflict, None),
            Self::ContactMissing => ("cart.contact_missing", Kind::Conflict, Some("contact")),
            Self::AddressMissing => ("cart.address_missing", Kind::Conflict, Some("shipping_address")),
            Self::ShippingMissing => ("cart.shipping_missing", Kind::Conflict, Some("shipping_method")),
            Self::TotalChanged { .. } => ("cart.total_changed", Kind::Conflict, Some("expected_total")),
            Self::NotInCheckout => ("cart.not_in_checkout", Kind::Conflict, None),
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.facts().0
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.facts().1
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        self.facts().2
    }
}
