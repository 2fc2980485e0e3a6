//! What a reader of rules or resource types must know of the vocabulary of facts.
//!
//! Comes in: names, as files spell them. Goes out: facts and words in the form that the caller has for them. This file is also compiled into
//! `build.rs`, which has indices where the library has constants, so it names no fact and no word itself.

/// Facts, and the words that they are answered in.
pub trait Vocabulary {
    type Fact: Copy + Ord;
    type Word: Copy;

    fn fact(&self, name: &str) -> Option<Self::Fact>;
    /// The word, if the fact allows it.
    fn word(&self, fact: Self::Fact, name: &str) -> Option<Self::Word>;
    /// `enum`, `set`, `flag`, `number` or `list`.
    fn fact_type(&self, fact: Self::Fact) -> &'static str;
    /// The names of all facts.
    fn fact_names(&self) -> Vec<&str>;
    /// The words that the fact allows.
    fn words_of(&self, fact: Self::Fact) -> Vec<&str>;
    /// Whether a word is possible for whoever writes such a file, so that it may be offered in the place of a mistyped one: of the field, or as a
    /// field's name where `field` is empty.
    fn offers(&self, _field: &str, _word: &str) -> bool {
        true
    }
}

/// `1.2` is 1200. `None` for anything that is no plain decimal number.
pub fn thousandths(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    let fraction: i64 = format!("{fraction:0<3}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(sign * fraction)
}
