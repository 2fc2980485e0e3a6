//! Address ranges: how much of the internet they are.
//!
//! Comes in: ranges as written, `10.0.0.0/8`. Goes out: whether anybody at all, somebody, or nobody of the internet is meant.

use core::net::IpAddr;

/// Addresses of the fourth version beyond which a range is no network of anybody's: two of the largest that were ever given out.
const MOST_ADDRESSES: u128 = 1 << 25;
/// The same for the sixth version.
const MOST_ADDRESSES_6: u128 = 1 << 108;

/// Whether one address range alone is a good part of the internet: more than the largest network that was ever given out. What no packet of
/// the internet comes from is none of it.
pub(crate) fn is_wide_range(text: &str) -> bool {
    !is_private_range(text) && range(text).is_some_and(|(is_fourth, length)| length < if is_fourth { 8 } else { 20 })
}

/// The same of several that one text lists, as parameters of the type `StringList` do.
pub(crate) fn lists_wide_range(text: &str) -> bool {
    text.split(',').any(|range| is_wide_range(range.trim()))
}

/// Whether a range of which not all is known is no good part of the internet whatever is filled in, by its length: `${start}.0.0/16`.
pub(crate) fn is_of_a_network(text: &str) -> bool {
    let length =
        text.rsplit_once('/').and_then(|(address, length)| Some((address.rsplit('}').next()?.contains('.'), length.parse::<u32>().ok()?)));
    length.is_some_and(|(is_fourth, length)| length >= if is_fourth { 8 } else { 20 })
}

/// Whether an address range is of a network that no packet of the internet comes from: RFC 1918, RFC 6598 and RFC 4193.
pub(crate) fn is_private_range(text: &str) -> bool {
    let (address, length) = text.split_once('/').unwrap_or((text, "128"));
    let Ok(length) = length.parse::<u32>() else { return false };
    match address.parse() {
        Ok(IpAddr::V4(address)) => match address.octets() {
            [10, ..] | [127, ..] => length >= 8,
            [172, 16..=31, ..] => length >= 12,
            [192, 168, ..] => length >= 16,
            [100, 64..=127, ..] => length >= 10,
            _ => false,
        },
        Ok(IpAddr::V6(address)) => address.segments()[0] & 0xfe00 == 0xfc00 && length >= 7,
        Err(_) => false,
    }
}

/// Whether a range is of the fourth version, and how many bits of it are fixed. Addresses of the fourth version written as ones of the sixth are
/// of the fourth.
fn range(text: &str) -> Option<(bool, u32)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let length = length.map(str::parse::<u32>).transpose().ok()?;
    match address.parse().ok()? {
        IpAddr::V4(_) => Some((true, length.unwrap_or(32))),
        IpAddr::V6(address) => match (address.to_ipv4_mapped(), length.unwrap_or(128)) {
            (Some(_), length @ 96..) => Some((true, length - 96)),
            (_, length) => Some((false, length)),
        },
    }
}

/// Whether address ranges, taken together, are somebody's network and not a good part of the internet. What is filled in at deployment counts
/// for nothing here.
pub(crate) fn is_narrow_range(texts: &[String]) -> bool {
    let (mut addresses, mut addresses_6) = (0_u128, 0_u128);
    for text in texts.iter().filter(|text| !text.contains("${")) {
        let Some((is_fourth, length)) = range(text) else { return false };
        let (bits, sum): (u32, _) = if is_fourth { (32, &mut addresses) } else { (128, &mut addresses_6) };
        *sum = sum.saturating_add(1_u128.checked_shl(bits.saturating_sub(length)).unwrap_or(u128::MAX));
    }
    addresses <= MOST_ADDRESSES && addresses_6 <= MOST_ADDRESSES_6
}

#[cfg(test)]
mod tests {
    use super::{is_narrow_range, is_of_a_network, is_private_range, is_wide_range};

    #[test]
    fn a_range_is_somebodys_by_its_length() {
        for (text, expected) in [
            ("${param:Start}.0.0/16", true),
            ("${param:Start}.0.0.0/0", false),
            ("${param:Range}", false),
            ("${param:Address}/16", false),
            ("10.0.0.0/${param:Length}", false),
        ] {
            assert_eq!(is_of_a_network(text), expected, "{text}");
        }
    }

    #[test]
    fn a_range_is_private_where_no_packet_of_the_internet_comes_from_it() {
        for (text, expected) in [
            ("10.0.0.0/8", true),
            ("10.0.0.0/7", false),
            ("172.16.0.0/12", true),
            ("172.32.0.0/16", false),
            ("192.168.1.7", true),
            ("100.64.0.0/10", true),
            ("8.8.0.0/16", false),
            ("fd00::/8", true),
            ("2001:db8::/32", false),
            ("pl-0abc", false),
        ] {
            assert_eq!(is_private_range(text), expected, "{text}");
        }
    }

    #[test]
    fn a_range_is_wide_where_it_is_larger_than_any_network() {
        for (text, expected) in [
            ("0.0.0.0/0", true),
            ("128.0.0.0/1", true),
            ("52.0.0.0/6", true),
            ("10.0.0.0/8", false),
            ("203.0.113.7/32", false),
            ("::/0", true),
            ("2000::/3", true),
            ("fd00::/8", false),
            ("fc00::/7", false),
            ("fc00::/6", true),
            ("2001:db8::/32", false),
            ("::ffff:0.0.0.0/96", true),
            ("::ffff:10.0.0.0/104", false),
            ("anywhere", false),
        ] {
            assert_eq!(is_wide_range(text), expected, "{text}");
        }
    }

    #[test]
    fn a_good_part_of_the_internet_is_no_network() {
        for (texts, expected) in [
            (&["203.0.113.0/24"][..], true),
            (&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], true),
            (&["203.0.113.7"], true),
            (&["0.0.0.0/0"], false),
            (&["0.0.0.0/1", "128.0.0.0/1"], false),
            (&["0.0.0.0/4"], false),
            (&["::/0"], false),
            (&["2001:db8::/32"], true),
            (&["::ffff:0.0.0.0/96"], false),
            (&["anywhere"], false),
        ] {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(is_narrow_range(&texts), expected, "{texts:?}");
        }
    }
}
