//! Functions over ranges of addresses. `core::net` has addresses alone: nothing in it can open a connection.

use crate::formats::terraform::functions::Outcome;
use crate::formats::terraform::functions::arguments::{Arguments, Function, NUMBER, TEXT, row};
use crate::formats::terraform::value::{Kind, MAX_BRANCHES};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) const FUNCTIONS: &[Function] = &[
    row("cidrhost", &[TEXT, NUMBER], cidrhost),
    row("cidrnetmask", &[TEXT], cidrnetmask),
    row("cidrsubnet", &[TEXT, NUMBER, NUMBER], cidrsubnet),
    row("cidrsubnets", &[TEXT], cidrsubnets).rest(NUMBER),
];

/// A range: its first address, and how many bits all addresses in it share.
#[derive(Clone, Copy)]
struct Range {
    first: u128,
    prefix: u32,
    /// Of an address: 32 or 128.
    bits: u32,
}

impl Range {
    fn parse(text: &str) -> Result<Self, Kind> {
        let invalid = || Kind::error("it is no range of addresses");
        let (address, prefix) = text.split_once('/').ok_or_else(invalid)?;
        let (number, bits) = match without_zeros(address).parse().map_err(|_| invalid())? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = prefix.parse().ok().filter(|prefix| digits && *prefix <= bits).ok_or_else(invalid)?;
        let range = Self { first: 0, prefix, bits };
        Ok(Self { first: number & !range.hosts(), ..range })
    }

    /// The bits that differ within the range.
    fn hosts(self) -> u128 {
        low_bits(self.bits - self.prefix)
    }

    fn address(self, number: u128) -> IpAddr {
        match u32::try_from(number) {
            Ok(number) if self.bits == 32 => IpAddr::V4(Ipv4Addr::from(number)),
            _ => IpAddr::V6(Ipv6Addr::from(number)),
        }
    }

    /// The part of that number, of those that share so many bits more.
    fn part(self, more: u32, number: u128) -> Option<Self> {
        let prefix = self.prefix.checked_add(more).filter(|prefix| *prefix <= self.bits)?;
        let offset = number.checked_shl(self.bits - prefix).unwrap_or(0);
        (number <= low_bits(more)).then_some(Self { first: self.first | offset, prefix, bits: self.bits })
    }

    fn text(self) -> String {
        format!("{}/{}", self.address(self.first), self.prefix)
    }
}

/// A range as Terraform writes it, by its first address.
pub fn range(text: &str) -> Option<String> {
    Range::parse(text).ok().map(Range::text)
}

/// Zeros before the numbers of an address of IPv4 mean nothing to Terraform.
fn without_zeros(address: &str) -> String {
    if address.contains(':') {
        return address.to_owned();
    }
    let number = |part: &str| {
        let digits = part.trim_start_matches('0');
        if digits.is_empty() && !part.is_empty() { "0".to_owned() } else { digits.to_owned() }
    };
    address.split('.').map(number).collect::<Vec<_>>().join(".")
}

fn low_bits(count: u32) -> u128 {
    1_u128.checked_shl(count).map_or(u128::MAX, |bit| bit - 1)
}

fn cidrhost(given: &Arguments<'_>) -> Outcome {
    let (range, number) = (Range::parse(given.text(0)?)?, given.integer(1)?);
    let offset = if number < 0 { range.hosts().checked_sub(number.unsigned_abs() - 1) } else { Some(number.unsigned_abs()) };
    let offset = offset.filter(|offset| *offset <= range.hosts()).ok_or_else(|| Kind::error("the range has no such address"))?;
    Ok(Kind::text(range.address(range.first | offset).to_string()))
}

fn cidrnetmask(given: &Arguments<'_>) -> Outcome {
    let range = Range::parse(given.text(0)?)?;
    if range.bits != 32 {
        return Err(Kind::error("only ranges of IPv4 have a mask"));
    }
    Ok(Kind::text(range.address(low_bits(32) & !range.hosts()).to_string()))
}

fn outside() -> Kind {
    Kind::error("the range has no such part")
}

fn more_bits(given: &Arguments<'_>, index: usize) -> Result<u32, Kind> {
    u32::try_from(given.integer(index)?).map_err(|_| outside())
}

fn cidrsubnet(given: &Arguments<'_>) -> Outcome {
    let number = u128::try_from(given.integer(2)?).map_err(|_| outside())?;
    let part = Range::parse(given.text(0)?)?.part(more_bits(given, 1)?, number);
    Ok(Kind::text(part.ok_or_else(outside)?.text()))
}

/// Parts one after another, each aligned to its own size.
fn cidrsubnets(given: &Arguments<'_>) -> Outcome {
    let range = Range::parse(given.text(0)?)?;
    if given.values.len() > MAX_BRANCHES {
        return Err(Kind::unknown(format!("more than {MAX_BRANCHES} parts of a range")));
    }
    let mut taken = Some(0_u128);
    let mut parts = Vec::new();
    for index in 1..given.values.len() {
        let more = more_bits(given, index)?;
        let size = low_bits((range.bits - range.prefix).checked_sub(more).ok_or_else(outside)?);
        // Behind what is taken, at the next multiple of the size.
        let start = taken.and_then(|taken| taken.checked_add(size)).map(|end| end & !size).ok_or_else(outside)?;
        let number = if size == u128::MAX { 0 } else { start / (size + 1) };
        parts.push(range.part(more, number).ok_or_else(outside)?.text());
        taken = start.checked_add(size).and_then(|last| last.checked_add(1));
    }
    Ok(given.texts_made(parts))
}
