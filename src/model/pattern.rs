//! Patterns with wildcards, as policies write actions and resources.

/// Whether a pattern with `*` and `?` covers a text. Case does not count, as in IAM. Linear in the text for each `*`.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut seen) = (0, 0);
    let mut resume: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                resume = Some((at, seen));
                at += 1;
            }
            Some(letter) if *letter == b'?' || letter.eq_ignore_ascii_case(&text[seen]) => {
                at += 1;
                seen += 1;
            }
            _ => match resume {
                Some((star, from)) => {
                    resume = Some((star, from + 1));
                    at = star + 1;
                    seen = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

/// Whether everything that the second pattern covers is covered by the first. It errs on the side of no.
pub fn is_at_least(wide: &str, narrow: &str) -> bool {
    // A `?` stands for one character, and so never for a `*`.
    wide == narrow || (!(wide.contains('?') && narrow.contains('*')) && matches(wide, narrow))
}

#[cfg(test)]
mod tests {
    use super::is_at_least;

    #[test]
    fn a_pattern_that_reaches_further_is_told() {
        for (wide, narrow, expected) in [
            ("s3:*", "s3:GetObject", true),
            ("s3:GetObject", "s3:*", false),
            ("s3:Get*", "s3:GetObject*", true),
            ("${Docs}/public/*", "${Docs}/*", false),
            ("${Docs}/*", "${Docs}/public/*", true),
            ("arn:?", "arn:*", false),
            ("*", "all but iam:*", true),
            ("all but iam:*", "all but s3:*", false),
        ] {
            assert_eq!(is_at_least(wide, narrow), expected, "{wide} {narrow}");
        }
    }
}
