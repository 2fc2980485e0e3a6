//! What holds back one of several ways by which something is let through, and whether another way lets more through.
//!
//! Comes in: limits of two ways, as texts. Goes out: whether the one is within the other. It errs on the side of no.

use crate::model::pattern;
use core::net::IpAddr;

/// What stands for a resource of the unit, which is weighed: whatever it is held against, it is within it.
pub const OF_THE_UNIT: &str = "a resource here";

/// Something that must be so for a way to be open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit {
    /// What is asked for: a key of a condition, a scope, ports.
    pub of: String,
    /// What it must be: a text or a pattern, a range of addresses, a span of numbers as `22-25`.
    pub to: String,
    /// Whether it must be anything but that.
    pub excludes: bool,
}

/// One of several ways by which something is let through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// What is let through; ways are compared with others of the same.
    pub what: String,
    /// All of them hold; everything is let through where there are none.
    pub limits: Vec<Limit>,
}

impl Limit {
    pub fn new(of: impl Into<String>, to: impl Into<String>) -> Self {
        Self { of: of.into(), to: to.into(), excludes: false }
    }

    /// What it must not be.
    pub fn excluding(of: impl Into<String>, to: impl Into<String>) -> Self {
        Self { excludes: true, ..Self::new(of, to) }
    }

    /// Whether whoever keeps to it keeps to the other one, too. Who leaves out more is held back more.
    fn is_within(&self, other: &Self) -> bool {
        let (narrow, wide) = if self.excludes { (other, self) } else { (self, other) };
        let (narrow, wide) = (narrow.to.as_str(), wide.to.as_str());
        let is_here = self.to == OF_THE_UNIT && (!self.excludes || other.to == OF_THE_UNIT);
        self.of == other.of
            && self.excludes == other.excludes
            && (is_here || pattern::is_at_least(wide, narrow) || is_in_range(narrow, wide) || is_in_span(narrow, wide))
    }
}

impl Way {
    /// Whether everything that the other one lets through gets through here.
    pub fn is_at_least(&self, other: &Self) -> bool {
        self.limits.iter().all(|limit| other.limits.iter().any(|narrow| narrow.is_within(limit)))
    }
}

/// Whether a range of addresses lies within another one.
fn is_in_range(narrow: &str, wide: &str) -> bool {
    let (Some((address, length)), Some((network, wide))) = (range(narrow), range(wide)) else { return false };
    let shift = |address: u128| address.checked_shr(128 - wide).unwrap_or(0);
    wide <= length && shift(address) == shift(network)
}

/// The first address, and how many bits of it are fixed; those of the fourth version are mapped into the sixth.
fn range(text: &str) -> Option<(u128, u32)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let length = length.map(str::parse::<u32>).transpose().ok()?;
    let (address, length) = match address.parse().ok()? {
        IpAddr::V4(address) => (address.to_ipv6_mapped(), length.unwrap_or(32).checked_add(96)?),
        IpAddr::V6(address) => (address, length.unwrap_or(128)),
    };
    (length <= 128).then(|| (u128::from(address), length))
}

/// Whether a span of numbers lies within another one: `22` and `22-22` are the same.
fn is_in_span(narrow: &str, wide: &str) -> bool {
    let (Some((from, to)), Some((first, last))) = (span(narrow), span(wide)) else { return false };
    first <= from && to <= last
}

fn span(text: &str) -> Option<(u32, u32)> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    Some((from.parse().ok()?, to.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Limit, OF_THE_UNIT, Way};

    #[test]
    fn a_way_that_lets_less_through_is_told() {
        for (wide, narrow, expected) in [
            (&[][..], &[("scope", "orders")][..], true),
            (&[("scope", "orders")], &[], false),
            (&[("scope", "orders")], &[("scope", "openid")], false),
            (&[("address", "10.0.0.0/8")], &[("address", "10.1.0.0/16")], true),
            (&[("address", "10.1.0.0/16")], &[("address", "10.0.0.0/8")], false),
            (&[("address", "0.0.0.0/0")], &[("address", "203.0.113.7/32")], true),
            (&[("address", "::/0")], &[("address", "2001:db8::/32")], true),
            (&[("address", "0.0.0.0/0")], &[("address", "::/0")], false),
            (&[("ports", "20-25")], &[("ports", "22")], true),
            (&[("ports", "22")], &[("ports", "0-65535")], false),
            (&[("source", "arn:aws:s3:::*")], &[("source", "arn:aws:s3:::shop")], true),
            (&[("source", "arn:aws:s3:::shop")], &[("source", "arn:aws:s3:::*")], false),
            (&[("source", "arn:aws:s3:::shop")], &[("source", OF_THE_UNIT)], true),
            (&[("source", OF_THE_UNIT)], &[("source", "arn:aws:s3:::shop")], false),
            (&[("a", "1")], &[("a", "1"), ("b", "2")], true),
            (&[("a", "1"), ("b", "2")], &[("a", "1")], false),
        ] {
            let way =
                |limits: &[(&str, &str)]| Way { what: String::new(), limits: limits.iter().map(|(of, to)| Limit::new(*of, *to)).collect() };
            assert_eq!(way(wide).is_at_least(&way(narrow)), expected, "{wide:?} {narrow:?}");
        }
    }

    #[test]
    fn who_leaves_out_more_is_held_back_more() {
        for (wide, narrow, expected) in [
            (&["a"][..], &["a", "b"][..], true),
            (&["a", "b"], &["a"], false),
            (&["shop"], &["shop*"], true),
            (&["shop*"], &["shop"], false),
            (&["10.1.0.0/16"], &["10.0.0.0/8"], true),
            (&["10.0.0.0/8"], &["10.1.0.0/16"], false),
            (&[OF_THE_UNIT], &[OF_THE_UNIT], true),
            (&["shop"], &[OF_THE_UNIT], false),
        ] {
            let way = |values: &[&str]| Way {
                what: String::new(),
                limits: values.iter().map(|value| Limit::excluding("address", *value)).collect(),
            };
            assert_eq!(way(wide).is_at_least(&way(narrow)), expected, "{wide:?} {narrow:?}");
        }
        let (one, other) = (Limit::new("address", "a"), Limit::excluding("address", "a"));
        assert!(!one.is_within(&other) && !other.is_within(&one));
    }
}
