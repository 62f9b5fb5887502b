use super::state::{Contents, Line};
use crate::VariantOffer;
use crate::sales::{FrozenLine, ShippingChoice, Totals, pricing};
use crate::shop::settings::Settings;
use crate::value::{Currency, LineId, Money, Sku};

/// What a cart would cost today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Every line at today's price; one that is not for sale any more at the price it was added at, untaxed.
    pub lines: Vec<FrozenLine>,
    /// How it would go: as chosen, or the only way there is; none when nothing is sent or there is a choice to make.
    pub shipping: Option<ShippingChoice>,
    /// Their sums.
    pub totals: Totals,
    /// Whether anything in it goes by parcel.
    pub requires_shipping: bool,
    /// What the shopper should know.
    pub problems: Vec<Problem>,
}

/// What is not as the shopper left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is not for sale any more.
    VariantUnavailable {
        /// Which line.
        line: LineId,
        /// What.
        sku: Sku,
    },
    /// It has no price in the cart's currency any more.
    VariantNotPriced {
        /// Which line.
        line: LineId,
        /// What.
        sku: Sku,
    },
    /// It costs something else today.
    PriceChanged {
        /// Which line.
        line: LineId,
        /// When it was added.
        from: Money,
        /// Today.
        to: Money,
    },
    /// There are fewer pieces than the cart has.
    InsufficientStock {
        /// Which line.
        line: LineId,
        /// What.
        sku: Sku,
        /// How many there are, for all lines of the SKU.
        available: i64,
    },
    /// What was chosen is not offered any more for this cart.
    ShippingUnavailable {
        /// The method's code.
        code: String,
    },
}

/// The ways of shipping that are offered for a destination and a currency, in the shop's order.
#[must_use]
pub fn shipping_options(settings: &Settings, country: &str, currency: Currency) -> Vec<ShippingChoice> {
    let goes_there = |countries: &[String]| countries.is_empty() || countries.iter().any(|served| served == country);
    let methods = settings.shipping_methods.iter();
    methods
        .filter(|method| goes_there(&method.countries))
        .filter_map(|method| {
            let price = method.prices.iter().find(|price| price.currency == currency)?;
            Some(ShippingChoice {
                code: method.code.clone(),
                name: method.name.clone(),
                price: price.amount,
                tax_basis_points: pricing::tax_basis_points(settings, country, &method.tax_class),
            })
        })
        .collect()
}

impl Contents {
    /// Where it goes: as said, else the shop's first country.
    #[must_use]
    pub fn destination<'a>(&'a self, settings: &'a Settings) -> &'a str {
        let first = || settings.countries.first().map_or("", String::as_str);
        self.country.as_deref().unwrap_or_else(first)
    }

    /// What it would cost today, given what is offered under each SKU.
    #[must_use]
    pub fn estimate(&self, settings: &Settings, offer: &dyn Fn(&Sku) -> Option<VariantOffer>) -> Estimate {
        let country = self.destination(settings);
        let mut problems = Vec::new();
        let mut lines: Vec<FrozenLine> = self
            .lines
            .iter()
            .map(|line| self.line_today(line, settings, offer(&line.sku).as_ref(), &mut problems))
            .collect();

        let requires_shipping = lines.iter().any(|line| line.requires_shipping);
        let shipping = if requires_shipping {
            self.shipping_today(&shipping_options(settings, country, self.currency), &mut problems)
        } else {
            None
        };
        let totals = pricing::price(
            &mut lines,
            0,
            shipping.as_ref(),
            self.currency,
            settings.prices_include_tax,
        );
        Estimate {
            lines,
            shipping,
            totals,
            requires_shipping,
            problems,
        }
    }

    fn line_today(
        &self,
        line: &Line,
        settings: &Settings,
        offer: Option<&VariantOffer>,
        problems: &mut Vec<Problem>,
    ) -> FrozenLine {
        let mut today = FrozenLine {
            line: line.line,
            sku: line.sku.clone(),
            product: line.product,
            title: line.title.clone(),
            attributes: line.attributes.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price.amount,
            discount: 0,
            net: 0,
            tax: 0,
            gross: 0,
            tax_basis_points: 0,
            requires_shipping: true,
            tracks_stock: true,
        };
        let (id, sku) = (line.line, line.sku.clone());
        let Some(offer) = offer else {
            problems.push(Problem::VariantUnavailable { line: id, sku });
            return today;
        };
        today.title = offer.title.clone();
        today.requires_shipping = offer.requires_shipping;
        today.tracks_stock = offer.tracks_stock;
        today.tax_basis_points = pricing::tax_basis_points(settings, self.destination(settings), &offer.tax_class);
        match offer.price_in(self.currency) {
            None => problems.push(Problem::VariantNotPriced { line: id, sku }),
            Some(price) => {
                today.unit_price = price.amount;
                if price != line.unit_price {
                    problems.push(Problem::PriceChanged {
                        line: id,
                        from: line.unit_price,
                        to: price,
                    });
                }
            }
        }
        if let Some(available) = offer.shortage(self.quantity_of(&line.sku)) {
            let sku = line.sku.clone();
            problems.push(Problem::InsufficientStock {
                line: id,
                sku,
                available,
            });
        }
        today
    }

    fn shipping_today(&self, options: &[ShippingChoice], problems: &mut Vec<Problem>) -> Option<ShippingChoice> {
        let Some(chosen) = &self.shipping else {
            return match options {
                [only] => Some(only.clone()),
                _ => None,
            };
        };
        let offered = options.iter().find(|option| option.code == chosen.code);
        if offered.is_none() {
            let code = chosen.code.clone();
            problems.push(Problem::ShippingUnavailable { code });
        }
        offered.cloned()
    }
}

impl VariantOffer {
    /// For one, in this currency.
    #[must_use]
    pub fn price_in(&self, currency: Currency) -> Option<Money> {
        self.prices.iter().find(|price| price.currency == currency).copied()
    }

    /// How many pieces there are, when they are fewer than wanted.
    #[must_use]
    pub fn shortage(&self, wanted: i64) -> Option<i64> {
        let available = self.available.filter(|_| self.tracks_stock)?;
        (wanted > available).then_some(available.max(0))
    }
}
