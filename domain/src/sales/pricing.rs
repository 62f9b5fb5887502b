//! What lines cost together: tax, an order's discount, sums. Each amount is rounded once, at its line.

use super::{FrozenLine, ShippingChoice, Totals};
use crate::shop::settings::Settings;
use crate::value::{Currency, round_half_away};

/// The whole, in the unit of tax rates: hundredths of a percent.
const WHOLE_BASIS_POINTS: i128 = 10_000;

/// An amount and the tax in it, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taxed {
    /// Without tax.
    pub net: i64,
    /// Tax.
    pub tax: i64,
    /// With tax.
    pub gross: i64,
}

/// The tax on an amount as shown, rounded half away from zero.
#[must_use]
pub fn taxed(shown: i64, basis_points: u32, prices_include_tax: bool) -> Taxed {
    let parts = i128::from(shown) * i128::from(basis_points);
    if prices_include_tax {
        let tax = round_half_away(parts, WHOLE_BASIS_POINTS + i128::from(basis_points));
        return Taxed {
            net: shown - tax,
            tax,
            gross: shown,
        };
    }
    let tax = round_half_away(parts, WHOLE_BASIS_POINTS);
    Taxed {
        net: shown,
        tax,
        gross: shown + tax,
    }
}

/// The tax on a class of goods that go to a country, in hundredths of a percent; 0 when the shop names none.
#[must_use]
pub fn tax_basis_points(settings: &Settings, country: &str, tax_class: &str) -> u32 {
    let mut rates = settings.tax_rates.iter();
    rates
        .find(|rate| rate.country == country && rate.tax_class == tax_class)
        .map_or(0, |rate| rate.basis_points)
}

/// Fills in discount, net, tax and gross of every line, and sums up.
///
/// The discount of the order is spread over the lines so that the parts sum exactly to it; it never
/// exceeds the lines and never touches shipping.
#[must_use]
pub fn price(
    lines: &mut [FrozenLine],
    order_discount: i64,
    shipping: Option<&ShippingChoice>,
    currency: Currency,
    prices_include_tax: bool,
) -> Totals {
    let shown: Vec<i64> = lines
        .iter()
        .map(|line| line.unit_price * i64::from(line.quantity))
        .collect();
    let subtotal: i64 = shown.iter().sum();
    let discount = order_discount.clamp(0, subtotal);

    let mut tax = 0;
    for ((line, shown), part) in lines.iter_mut().zip(&shown).zip(spread(discount, &shown)) {
        let amounts = taxed(shown - part, line.tax_basis_points, prices_include_tax);
        line.discount = part;
        line.net = amounts.net;
        line.tax = amounts.tax;
        line.gross = amounts.gross;
        tax += amounts.tax;
    }
    let shipping_price = shipping.map_or(0, |choice| choice.price);
    tax += shipping.map_or(0, |choice| {
        taxed(choice.price, choice.tax_basis_points, prices_include_tax).tax
    });
    let tax_on_top = if prices_include_tax { 0 } else { tax };
    Totals {
        currency,
        subtotal,
        discount,
        shipping: shipping_price,
        tax,
        total: subtotal - discount + shipping_price + tax_on_top,
        prices_include_tax,
    }
}

/// Splits an amount in proportion to the weights (none negative) so that the parts sum exactly to it: each gets
/// the whole units of its share, and the units left over go to the largest remainders, the first of equals first.
#[must_use]
pub fn spread(amount: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let share = |weight: &i64| i128::from(amount) * i128::from(*weight);
    let mut parts: Vec<i64> = weights
        .iter()
        .map(|weight| i64::try_from(share(weight) / sum).unwrap_or(amount))
        .collect();
    let left_over = amount - parts.iter().sum::<i64>();

    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|index| std::cmp::Reverse(share(&weights[*index]) % sum));
    let favoured = usize::try_from(left_over).unwrap_or(0);
    for index in by_remainder.into_iter().take(favoured) {
        parts[index] += 1;
    }
    parts
}

#[cfg(test)]
mod tests;
