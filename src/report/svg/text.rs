//! Text in a picture: how wide it is, and how it is made to fit.
//!
//! Comes in: a text and a width in pixels. Goes out: the same, cut or in two lines. No font is at hand, so widths are estimates.

/// The width of a text in a common sans-serif face, in pixels: an estimate on the large side.
pub(super) fn text_width(text: &str, size: i32) -> i32 {
    let hundredths: i64 = text.chars().map(|c| i64::from(char_width(c))).sum();
    i32::try_from(hundredths * i64::from(size) / 100).unwrap_or(i32::MAX / 4)
}

/// In hundredths of the size of the face.
fn char_width(c: char) -> i32 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 32,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | '"' => 40,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 92,
        'A'..='Z' | '_' | '&' | '+' | '<' | '>' | '=' | '~' => 70,
        c if u32::from(c) < 0x1100 => 60,
        _ => 105,
    }
}

/// At most so wide, with an ellipsis where something is missing.
pub(super) fn cut(text: &str, width: i32, size: i32) -> String {
    let text: String = text.chars().take(400).collect();
    if text_width(&text, size) <= width {
        return text;
    }
    let mut out = String::new();
    let mut used = char_width('…');
    for c in text.chars() {
        used += char_width(c);
        if used * size / 100 > width {
            break;
        }
        out.push(c);
    }
    out + "…"
}

/// The same of a path, whose end tells more than its beginning.
pub(super) fn cut_front(path: &str, width: i32, size: i32) -> String {
    let backward = |text: &str| text.chars().rev().collect::<String>();
    backward(&cut(&backward(path), width, size))
}

/// A name in at most two lines, broken at spaces, at punctuation or inside `camelCase`, else where it must be.
pub(super) fn wrap(name: &str, width: i32, size: i32) -> Vec<String> {
    let name: String = name.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(400).collect();
    if text_width(&name, size) <= width {
        return vec![name];
    }
    let mut used = 0;
    let mut end = 0;
    let mut best = None;
    let mut previous = ' ';
    for (position, c) in name.char_indices() {
        let breaks = previous == ' ' || "-_./:".contains(previous) || (previous.is_lowercase() && c.is_uppercase());
        if breaks && position > 0 {
            best = Some(position);
        }
        used += char_width(c);
        if used * size / 100 > width {
            end = position;
            break;
        }
        previous = c;
    }
    let at = best.filter(|best| *best * 3 >= end).unwrap_or(end.max(1));
    let (first, rest) = name.split_at(name.ceil_char_boundary(at));
    vec![first.trim().to_owned(), cut(rest.trim(), width, size)]
}
