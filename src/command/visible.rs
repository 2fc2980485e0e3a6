//! What readers see of a text: its characters without those that have no shape, without markup and entities.

/// Characters that show nothing, wherever they stand: spaces of no width, marks of direction, fillers, selectors of a variant.
///
/// Source: the property `Default_Ignorable_Code_Point` of <https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt>,
/// controls, and the blank pattern of braille.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
        || matches!(
            u32::from(c),
            0xAD | 0x34F
                | 0x61C
                | 0x115F..=0x1160
                | 0x17B4..=0x17B5
                | 0x180B..=0x180F
                | 0x200B..=0x200F
                | 0x202A..=0x202E
                | 0x2060..=0x206F
                | 0x2800
                | 0x3164
                | 0xFE00..=0xFE0F
                | 0xFEFF
                | 0xFFA0
                | 0xFFF0..=0xFFF8
                | 0x1BCA0..=0x1BCA3
                | 0x1D173..=0x1D17A
                | 0xE0000..=0xE0FFF
        )
}

/// Characters that turn the direction of what follows, so that a line reads otherwise than it is.
///
/// Source: <https://www.unicode.org/reports/tr9/>, section 2.
pub(super) fn turns(c: char) -> bool {
    matches!(u32::from(c), 0x202A..=0x202E | 0x2066..=0x2069)
}

/// The text without what shows nothing, its entities read.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (c, length) = entity(rest).unwrap_or((c, c.len_utf8()));
        if !is_invisible(c) {
            out.push(c);
        }
        rest = &rest[length..];
    }
    out
}

/// The character that an entity stands for, and the entity's length. Of the named ones those that matter to us.
///
/// Source: <https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references>
fn entity(text: &str) -> Option<(char, usize)> {
    let inside = text.strip_prefix('&')?;
    let name = &inside[..inside.find(';').filter(|end| *end <= 10)?];
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => number.parse().ok(),
    });
    let c = match (number, name) {
        (Some(number), _) => char::from_u32(number)?,
        (None, "lt" | "LT") => '<',
        (None, "gt" | "GT") => '>',
        (None, "amp" | "AMP") => '&',
        (None, "quot" | "QUOT") => '"',
        (None, "apos") => '\'',
        (None, "nbsp" | "NonBreakingSpace" | "ensp" | "emsp" | "thinsp" | "hairsp") => ' ',
        (None, "zwnj" | "zwj" | "shy" | "lrm" | "rlm") => '\u{200B}',
        (None, "ZeroWidthSpace" | "NoBreak") => '\u{200B}',
        _ => return None,
    };
    Some((c, name.len() + 2))
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn entities_are_read_and_what_shows_nothing_goes() {
        for (text, expected) in [
            ("&lt;why&gt;", "<why>"),
            ("&#60;why&#x3E;", "<why>"),
            ("a\u{200B}b\u{FEFF}", "ab"),
            ("&zwj;&#8203;", ""),
            ("&unknown; &", "&unknown; &"),
            ("\u{3164}\u{2800}", ""),
            ("grün", "grün"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }
}
