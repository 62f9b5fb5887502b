//! Numbers that people say on the telephone: unique, in no visible order, with a check digit.
//!
//! Nine digits of Crockford's base 32 (no I, L, O, U) hold a shuffled (count, partition), a tenth checks them.
//! The shuffling hides how many orders there are from a glance; it is no secret, and a number opens nothing:
//! reading an order takes the same rights by number as by id.

/// The digits of Crockford's base 32.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Digits before the check digit.
const NUMBER_DIGITS: usize = 9;
/// Bits in these digits.
const NUMBER_BITS: u32 = 45;
/// Bits that tell the partition.
const PARTITION_BITS: u32 = 12;
/// Partitions that can draw numbers.
const PARTITIONS_MAX: u32 = 1 << PARTITION_BITS;
/// Numbers that one partition can draw: 8.5 billion.
const COUNT_MAX: u64 = 1 << (NUMBER_BITS - PARTITION_BITS);
const NUMBER_MASK: u64 = (1 << NUMBER_BITS) - 1;

/// The number made of the `count`th draw of a partition; none when the partition has drawn all it can.
#[must_use]
pub(super) fn order_number(count: u64, partition: u32) -> Option<String> {
    if count >= COUNT_MAX || partition >= PARTITIONS_MAX {
        return None;
    }
    let mut rest = shuffled((count << PARTITION_BITS) | u64::from(partition));
    let mut values = [0; NUMBER_DIGITS];
    for value in values.iter_mut().rev() {
        *value = (rest & 31) as u8;
        rest >>= 5;
    }
    let check = check_digit(&values);
    let digits = values.iter().chain([&check]);
    Some(digits.map(|value| char::from(DIGITS[usize::from(*value)])).collect())
}

/// Whether a text, written as printed, is an order number with its right check digit: any one wrong character,
/// and any two that changed places, is noticed.
#[must_use]
pub fn is_valid(text: &str) -> bool {
    let value_of = |byte: u8| DIGITS.iter().position(|digit| *digit == byte);
    let Some(values) = text.bytes().map(value_of).collect::<Option<Vec<usize>>>() else {
        return false;
    };
    let values: Vec<u8> = values
        .into_iter()
        .filter_map(|value| u8::try_from(value).ok())
        .collect();
    let Some((check, values)) = values.split_last() else {
        return false;
    };
    values.len() == NUMBER_DIGITS && *check == check_digit(values)
}

/// A permutation of all numbers of [`NUMBER_BITS`]: odd factors and folds of the upper half, each reversible.
fn shuffled(number: u64) -> u64 {
    const START: u64 = 0x1a2b_3c4d_5e6f & NUMBER_MASK;
    const FACTORS: [u64; 3] = [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb];
    FACTORS.iter().fold(number ^ START, |number, factor| {
        let multiplied = number.wrapping_mul(*factor) & NUMBER_MASK;
        multiplied ^ (multiplied >> (NUMBER_BITS / 2 + 1))
    })
}

/// The digits as a polynomial over GF(32), at a generator: positions weigh differently, so places matter.
fn check_digit(values: &[u8]) -> u8 {
    values.iter().fold(0, |sum, value| doubled(sum ^ value))
}

/// Times x in GF(2⁵), modulo x⁵ + x² + 1.
fn doubled(element: u8) -> u8 {
    let shifted = element << 1;
    if shifted & 32 == 0 {
        shifted
    } else {
        (shifted ^ 0b10_0101) & 31
    }
}

#[cfg(test)]
mod tests;
