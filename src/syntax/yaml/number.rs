//! Numbers of bases other than ten, and numbers as JavaScript writes them.
//!
//! Comes in: digits that a resolver has matched. Goes out: decimal text.

/// Digits beyond which a number of another base is not converted: 1,024 bits are 256 hexadecimal digits.
const MAX_DECIMAL_DIGITS: usize = 309;
const LIMB: u64 = 1_000_000_000;

/// The decimal text of digits in a base of at most 60, the first digit being the most significant; `None` where it would be longer than
/// any number that a template holds.
pub(super) fn decimal(digits: impl Iterator<Item = u32>, base: u32) -> Option<String> {
    let mut limbs: Vec<u64> = vec![0];
    for digit in digits {
        let mut carry = u64::from(digit);
        for limb in &mut limbs {
            let value = *limb * u64::from(base) + carry;
            *limb = value % LIMB;
            carry = value / LIMB;
        }
        if carry > 0 {
            limbs.push(carry);
        }
        if limbs.len() * 9 > MAX_DECIMAL_DIGITS + 9 {
            return None;
        }
    }
    let mut text = limbs.pop().unwrap_or_default().to_string();
    for limb in limbs.iter().rev() {
        text.push_str(&format!("{limb:09}"));
    }
    Some(text).filter(|text| text.len() <= MAX_DECIMAL_DIGITS)
}

/// `String(number)` of JavaScript (<https://tc39.es/ecma262/#sec-numeric-types-number-tostring>, read 2026-11-28).
pub(super) fn javascript(number: f64) -> String {
    let size = number.abs();
    if number.is_infinite() {
        return if number > 0.0 { ".inf".to_owned() } else { "-.inf".to_owned() };
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    if (1e-6..1e21).contains(&size) {
        return number.to_string();
    }
    let scientific = format!("{number:e}");
    match scientific.split_once('e') {
        Some((mantissa, exponent)) if !exponent.starts_with('-') => format!("{mantissa}e+{exponent}"),
        _ => scientific,
    }
}

#[cfg(test)]
mod tests {
    use super::{decimal, javascript};

    #[test]
    fn digits_of_other_bases() {
        assert_eq!(decimal([1, 20].into_iter(), 60).as_deref(), Some("80"));
        assert_eq!(decimal([0, 0].into_iter(), 8).as_deref(), Some("0"));
        let all = decimal(std::iter::repeat_n(15, 40), 16);
        assert_eq!(all.as_deref(), Some("1461501637330902918203684832716283019655932542975"));
        assert_eq!(decimal(std::iter::repeat_n(15, 4000), 16), None);
    }

    #[test]
    fn numbers_as_javascript_writes_them() {
        for (number, text) in
            [(1.0, "1"), (8.10, "8.1"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1.5e-7, "1.5e-7"), (-0.0, "0"), (-2.5, "-2.5")]
        {
            assert_eq!(javascript(number), text);
        }
    }
}
