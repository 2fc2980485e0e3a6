//! A template in which every name is replaced, and still means the same.
//!
//! Comes in: a text of any notation. Goes out: the same with each word that is no provider's and no notation's given another name, the same one
//! wherever it stands; numbers of accounts and addresses of networks become those that documentation has.

use crate::catalog::public_words::{is_public, may_be_action};
use std::collections::BTreeMap;

/// Digits of an account's number.
const ACCOUNT: usize = 12;
/// Most digits of what is a port, a size or a year, and names nobody.
const SHORT: usize = 5;
/// Everything, in the notation of networks.
const EVERYTHING: &str = "0.0.0.0";

/// The text with other names.
pub(super) fn redact(text: &str) -> String {
    let mut names = Names::default();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = network(rest) {
            out.push_str(if rest[..length] == *EVERYTHING { EVERYTHING } else { "10.0.0.0" });
            rest = &rest[length..];
        } else if is_of_word(first) {
            let word = rest.split(|c| !(is_of_word(c) || c == '-')).next().unwrap_or_default().trim_end_matches('-');
            let length = word.len();
            let service = out.strip_suffix(':').and_then(|before| before.rsplit(|c| !(is_of_word(c) || c == '-')).next());
            if is_kept(word) || service.is_some_and(|service| may_be_action(service, word)) {
                out.push_str(word);
            } else {
                out.push_str(names.other(word));
            }
            rest = &rest[length..];
        } else {
            // What is neither a word nor plain punctuation shows nobody anything.
            let shown = if first.is_ascii_graphic() || matches!(first, ' ' | '\n') { first } else { ' ' };
            out.push(if shown == '`' { '\'' } else { shown });
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_kept(word: &str) -> bool {
    is_public(word) || word.split('-').all(|part| part.len() <= SHORT && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// How long the address is that a text begins with: four numbers with points between them.
fn network(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let numbers: Vec<&str> = text[..end].split('.').collect();
    (numbers.len() == 4 && numbers.iter().all(|number| number.parse::<u8>().is_ok())).then_some(end)
}

/// The names that were given.
#[derive(Default)]
struct Names<'t> {
    given: BTreeMap<&'t str, String>,
}

impl<'t> Names<'t> {
    fn other(&mut self, word: &'t str) -> &str {
        let next = self.given.len() + 1;
        self.given.entry(word).or_insert_with(|| {
            if word.bytes().all(|byte| byte.is_ascii_digit()) {
                format!("{next:0width$}", width = if word.len() == ACCOUNT { ACCOUNT } else { word.len().min(ACCOUNT) })
            } else {
                format!("name{next}")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn names_are_replaced_and_the_rest_stays() {
        for (text, expected) in [
            (
                "  IntakeFn:\n    Type: AWS::Lambda::Url\n    Properties: {AuthType: NONE, TargetFunctionArn: !GetAtt IntakeFn.Arn}\n",
                "  name1:\n    Type: AWS::Lambda::Url\n    Properties: {AuthType: NONE, TargetFunctionArn: !GetAtt name1.Arn}\n",
            ),
            ("Action: s3:GetObject\nResource: arn:aws:s3:::acme-orders/*", "Action: s3:GetObject\nResource: arn:aws:s3:::name1/*"),
            ("AWS: 'arn:aws:iam::429876123450:root'", "AWS: 'arn:aws:iam::000000000001:root'"),
            ("- Name: acme-${Stage}-2012-10-17", "- Name: name1-${Stage}-2012-10-17"),
            ("CidrIp: 0.0.0.0/0\nFromPort: 22", "CidrIp: 0.0.0.0/0\nFromPort: 22"),
            ("CidrIp: 83.12.4.200/32", "CidrIp: 10.0.0.0/32"),
            ("bucket = aws_s3_bucket.größe.id # `x`", "bucket = aws_s3_bucket.name1.id # 'name2'"),
        ] {
            assert_eq!(redact(text), expected);
        }
    }
}
