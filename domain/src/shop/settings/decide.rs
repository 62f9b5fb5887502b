//! Commands, refusals and decisions.

use super::{Settings, ShippingMethod, Shop, is_country};
use crate::stream::StreamId;
use crate::value::{
    AMOUNT_MINOR_MAX, BASIS_POINTS_MAX, CART_SECONDS_MAX, CODE_CHARS_MAX, HOLDING_SECONDS_MAX, SHOP_COUNTRIES_MAX,
    SHOP_CURRENCIES_MAX, SHOP_SHIPPING_METHODS_MAX, SHOP_TAX_RATES_MAX, STOCK_QUANTITY_MAX, TEXT_LOCALES_MAX,
    TITLE_CHARS_MAX, ValueError, check_code, check_locale, check_range, check_set, check_text, check_title,
};
use crate::{Context, Decided, Kind, Known, Refusal, Streams};

/// What can be asked of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Work like this.
    Configure {
        /// All settings.
        settings: Settings,
    },
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A setting is not acceptable.
    #[error("{field} {why}")]
    Setting {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        why: ValueError,
    },
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Setting { .. } => "shop.setting_invalid",
        }
    }

    /// What kind of refusal it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Setting { .. } => Kind::Invalid,
        }
    }

    /// The field to blame.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Setting { field, .. } => Some(field),
        }
    }
}

/// Decides one command.
///
/// # Errors
/// A refusal, or a state that is not in memory.
pub fn decide(command: &Command, streams: &dyn Streams, _context: &Context<'_>) -> Result<Vec<Decided>, Refusal> {
    let shop = Known::<Shop>::load(streams, &StreamId::Shop)?;
    let Command::Configure { settings } = command;
    check(settings)?;
    if **shop == *settings {
        return Ok(Vec::new());
    }
    let event = super::Event::ShopConfigured {
        settings: settings.clone(),
    };
    Ok(vec![Decided {
        stream: StreamId::Shop,
        event: event.into(),
    }])
}

/// Blames a setting for what is wrong with its value.
fn blame(field: &'static str) -> impl Fn(ValueError) -> Rejection {
    move |why| Rejection::Setting { field, why }
}

fn check(settings: &Settings) -> Result<(), Rejection> {
    check_text(&settings.name, 1, TITLE_CHARS_MAX).map_err(blame("name"))?;
    check_some(&settings.currencies, SHOP_CURRENCIES_MAX).map_err(blame("currencies"))?;
    check_some(&settings.locales, TEXT_LOCALES_MAX)
        .and_then(|()| settings.locales.iter().try_for_each(|locale| check_locale(locale)))
        .map_err(blame("locales"))?;
    check_some(&settings.countries, SHOP_COUNTRIES_MAX)
        .and_then(|()| settings.countries.iter().try_for_each(|country| check_country(country)))
        .map_err(blame("countries"))?;
    check_time_zone(&settings.time_zone).map_err(blame("time_zone"))?;
    check_tax_rates(settings).map_err(blame("tax_rates"))?;
    check_shipping_methods(settings).map_err(blame("shipping_methods"))?;
    check_range(i64::from(settings.holding_seconds), 1, i64::from(HOLDING_SECONDS_MAX))
        .map_err(blame("holding_seconds"))?;
    check_range(i64::from(settings.cart_seconds), 1, i64::from(CART_SECONDS_MAX)).map_err(blame("cart_seconds"))?;
    check_range(settings.low_stock_threshold, 0, STOCK_QUANTITY_MAX).map_err(blame("low_stock_threshold"))
}

fn check_some<T: Ord>(entries: &[T], max: usize) -> Result<(), ValueError> {
    if entries.is_empty() {
        return Err(ValueError::Empty);
    }
    check_set(entries, max)
}

fn check_country(country: &str) -> Result<(), ValueError> {
    if is_country(country) {
        Ok(())
    } else {
        Err(ValueError::Unknown)
    }
}

/// Its shape only: whether there is such a zone is known to the outer crates, which have the zones' data.
fn check_time_zone(time_zone: &str) -> Result<(), ValueError> {
    check_text(time_zone, 1, CODE_CHARS_MAX)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
    if time_zone.bytes().all(allowed) {
        Ok(())
    } else {
        Err(ValueError::Character)
    }
}

fn check_tax_rates(settings: &Settings) -> Result<(), ValueError> {
    let rates = &settings.tax_rates;
    check_set(
        rates.iter().map(|rate| (&rate.country, &rate.tax_class)),
        SHOP_TAX_RATES_MAX,
    )?;
    for rate in rates {
        check_country(&rate.country)?;
        check_code(&rate.tax_class)?;
        check_range(i64::from(rate.basis_points), 0, i64::from(BASIS_POINTS_MAX))?;
    }
    Ok(())
}

fn check_shipping_methods(settings: &Settings) -> Result<(), ValueError> {
    let methods = &settings.shipping_methods;
    check_set(methods.iter().map(|method| &method.code), SHOP_SHIPPING_METHODS_MAX)?;
    methods
        .iter()
        .try_for_each(|method| check_shipping_method(method, settings))
}

fn check_shipping_method(method: &ShippingMethod, settings: &Settings) -> Result<(), ValueError> {
    check_code(&method.code)?;
    check_title(&method.name, TITLE_CHARS_MAX)?;
    check_code(&method.tax_class)?;
    check_set(&method.countries, SHOP_COUNTRIES_MAX)?;
    if !method
        .countries
        .iter()
        .all(|country| settings.countries.contains(country))
    {
        return Err(ValueError::Unknown);
    }
    check_set(method.prices.iter().map(|price| price.currency), SHOP_CURRENCIES_MAX)?;
    for price in &method.prices {
        check_range(price.amount, 0, AMOUNT_MINOR_MAX)?;
        if !settings.currencies.contains(&price.currency) {
            return Err(ValueError::Unknown);
        }
    }
    Ok(())
}
