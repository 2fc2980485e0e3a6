//! The words of which names are made.
//!
//! Comes in: a name or a path, however it is spelt. Goes out: its words, in small letters.

/// `user`, `admin` and `api` of `/api/userAdmin`: apart by marks, and by a capital behind a small letter.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    parts.flat_map(|part| {
        let capital = |at: &usize| *at > 0 && part.as_bytes()[*at].is_ascii_uppercase() && part.as_bytes()[at - 1].is_ascii_lowercase();
        let mut cuts: Vec<usize> = (0..part.len()).filter(capital).collect();
        cuts.insert(0, 0);
        cuts.push(part.len());
        let words: Vec<String> = cuts.array_windows().map(|[from, to]| part[*from..*to].to_ascii_lowercase()).collect();
        words
    })
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_apart_by_marks_and_capitals() {
        let of = |text: &str| words(text).filter(|word| !word.is_empty()).collect::<Vec<_>>();
        assert_eq!(of("/api/userAdmin/{key+}"), ["api", "user", "admin", "key"]);
        assert_eq!(of("aws_cognito_user_pool.admin"), ["aws", "cognito", "user", "pool", "admin"]);
        assert_eq!(of("Badminton"), ["badminton"]);
    }
}
