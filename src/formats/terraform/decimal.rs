//! Numbers as Terraform has them: decimal, exact as far as they are written.
//!
//! Terraform computes with 512 binary digits. Here are 38 decimal ones; what needs more is given up, and a quotient without an end says
//! that it is rounded, so that nobody compares or prints digits that Terraform would give otherwise.

use std::cmp::Ordering;

/// `mantissa * 10^exponent`; the mantissa has no zero at its end, or is zero.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    mantissa: i128,
    exponent: i32,
    is_rounded: bool,
}

/// Why a text is no number here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRead {
    NoNumber,
    TooLong,
}

const MAX_DIGITS: usize = 38;
const MAX_EXPONENT: i32 = 5_000;
/// Quotients that are rounded are told apart from others beyond this many digits behind the point.
const SURE_DIGITS: i32 = 15;

impl Decimal {
    pub const ZERO: Self = Self { mantissa: 0, exponent: 0, is_rounded: false };

    fn new(mut mantissa: i128, mut exponent: i32) -> Option<Self> {
        if mantissa == 0 {
            return Some(Self::ZERO);
        }
        while mantissa % 10 == 0 {
            mantissa /= 10;
            exponent += 1;
        }
        // The least of all has no counterpart above zero.
        (exponent.abs() <= MAX_EXPONENT && mantissa != i128::MIN).then_some(Self { mantissa, exponent, is_rounded: false })
    }

    /// Reads `-1.5e3`.
    ///
    /// # Errors
    /// It is no number, or has more digits than are computed with.
    pub fn parse(text: &str) -> Result<Self, NotRead> {
        let (is_negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (number, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let sign_free = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || sign_free.is_empty() || ![whole, fraction, sign_free].into_iter().all(is_digits) {
            return Err(NotRead::NoNumber);
        }
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0').trim_end_matches('0');
        let zeros = all.len() - all.trim_end_matches('0').len();
        if digits.is_empty() {
            return Ok(Self::ZERO);
        }
        let exponent: i32 = exponent.parse().map_err(|_| NotRead::TooLong)?;
        let places = i32::try_from(zeros).ok().zip(i32::try_from(fraction.len()).ok()).map(|(zeros, places)| zeros - places);
        let exponent = places.and_then(|places| exponent.checked_add(places)).ok_or(NotRead::TooLong)?;
        if digits.len() > MAX_DIGITS {
            return Err(NotRead::TooLong);
        }
        let mantissa: i128 = digits.parse().map_err(|_| NotRead::TooLong)?;
        Self::new(if is_negative { -mantissa } else { mantissa }, exponent).ok_or(NotRead::TooLong)
    }

    pub fn from_float(number: f64) -> Option<Self> {
        Self::parse(&number.to_string()).ok()
    }

    pub fn to_float(self) -> f64 {
        format!("{}e{}", self.mantissa, self.exponent).parse().unwrap_or(f64::NAN)
    }

    /// The number, where it is whole and that small.
    pub fn to_integer(self) -> Option<i128> {
        let factor = 10_i128.checked_pow(u32::try_from(self.exponent).ok()?)?;
        if self.is_rounded { None } else { self.mantissa.checked_mul(factor) }
    }

    /// The index of an item; `None` for what is negative or no whole number.
    pub fn to_index(self) -> Option<usize> {
        usize::try_from(self.to_integer()?).ok()
    }

    /// As Terraform writes it, without an exponent; `None` where it is rounded.
    pub fn text(self) -> Option<String> {
        if self.is_rounded {
            return None;
        }
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        let Ok(places) = usize::try_from(-i64::from(self.exponent)) else {
            return Some(format!("{sign}{digits}{}", "0".repeat(usize::try_from(self.exponent).ok()?)));
        };
        if places == 0 {
            return Some(format!("{sign}{digits}"));
        }
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        Some(format!("{sign}{whole}.{fraction}"))
    }

    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    pub fn signum(self) -> Self {
        self.mantissa.signum().into()
    }

    /// The mantissas of both at one exponent.
    fn aligned(self, other: Self) -> Option<(i128, i128, i32)> {
        let exponent = self.exponent.min(other.exponent);
        let scaled = |number: Self| {
            let factor = 10_i128.checked_pow(u32::try_from(number.exponent - exponent).ok()?)?;
            number.mantissa.checked_mul(factor)
        };
        Some((scaled(self)?, scaled(other)?, exponent))
    }

    fn rounded_if(self, is_rounded: bool) -> Self {
        Self { is_rounded: self.is_rounded || is_rounded, ..self }
    }

    pub fn negated(self) -> Self {
        Self { mantissa: -self.mantissa, ..self }
    }

    pub fn plus(self, other: Self) -> Option<Self> {
        let (left, right, exponent) = self.aligned(other)?;
        Some(Self::new(left.checked_add(right)?, exponent)?.rounded_if(self.is_rounded || other.is_rounded))
    }

    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(other.negated())
    }

    pub fn times(self, other: Self) -> Option<Self> {
        let product = Self::new(self.mantissa.checked_mul(other.mantissa)?, self.exponent + other.exponent)?;
        Some(product.rounded_if(self.is_rounded || other.is_rounded))
    }

    /// The quotient, rounded where it has no end; `None` too where the divisor is zero.
    pub fn divided_by(self, other: Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let (mut dividend, mut exponent) = (self.mantissa, self.exponent - other.exponent);
        while dividend % other.mantissa != 0 {
            let Some(more) = dividend.checked_mul(10) else { break };
            dividend = more;
            exponent -= 1;
        }
        let is_rounded = dividend % other.mantissa != 0 || self.is_rounded || other.is_rounded;
        Some(Self::new(dividend / other.mantissa, exponent)?.rounded_if(is_rounded))
    }

    /// What is left of a division that is cut to a whole number: it has the sign of the dividend.
    pub fn modulo(self, other: Self) -> Option<Self> {
        let (left, right, exponent) = self.aligned(other)?;
        if self.is_rounded || other.is_rounded { None } else { Self::new(left.checked_rem(right)?, exponent) }
    }

    /// The greatest whole number that is not above; `None` where rounding could decide.
    pub fn floor(self) -> Option<Self> {
        let Ok(places @ 1..) = u32::try_from(-self.exponent) else { return Some(self) };
        let whole =
            10_i128.checked_pow(places).map_or_else(|| if self.mantissa < 0 { -1 } else { 0 }, |unit| self.mantissa.div_euclid(unit));
        let (floor, next) = (Self::from(whole), Self::from(whole + 1));
        (self.compare(floor).is_some() && self.compare(next).is_some()).then_some(floor)
    }

    /// `None` where one is rounded and they are next to each other.
    pub fn compare(self, other: Self) -> Option<Ordering> {
        if self.is_rounded || other.is_rounded {
            let difference = self.to_float() - other.to_float();
            let doubt = 10_f64.powi(-SURE_DIGITS) * self.to_float().abs().max(1.0);
            return if difference.abs() <= doubt { None } else { difference.partial_cmp(&0.0) };
        }
        match self.aligned(other) {
            Some((left, right, _)) => Some(left.cmp(&right)),
            // Exponents so far apart that the greater one is the greater number, whatever the digits.
            None if self.signum().mantissa != other.signum().mantissa => Some(self.mantissa.cmp(&other.mantissa)),
            None if self.mantissa < 0 => Some(other.magnitude().cmp(&self.magnitude())),
            None => Some(self.magnitude().cmp(&other.magnitude())),
        }
    }

    fn magnitude(self) -> i64 {
        i64::from(self.exponent) + i64::try_from(self.mantissa.unsigned_abs().to_string().len()).unwrap_or(i64::MAX)
    }
}

impl From<i128> for Decimal {
    fn from(number: i128) -> Self {
        Self::new(number, 0).unwrap_or(Self::ZERO)
    }
}

impl From<usize> for Decimal {
    fn from(number: usize) -> Self {
        i128::try_from(number).map_or(Self::ZERO, Self::from)
    }
}
