//! A template in which every name is replaced, and still means the same.
//!
//! Comes in: a text of any notation. Goes out: the same with each word that is no provider's and no notation's given another name, the same one
//! wherever it stands; numbers of accounts and addresses of networks become those that documentation has. In what reads like a host, an address or
//! a name of several parts, no word is left, whatever it is.

use crate::catalog::public_words::{is_action, is_public};
use std::collections::BTreeMap;

/// Digits of an account's number.
const ACCOUNT: usize = 12;
/// Most digits of what is a port, a size or a number of days, and names nobody.
const SHORT: usize = 5;
/// Everything, in the notation of networks.
const EVERYTHING: &str = "0.0.0.0";
/// Editions of notations that are days.
const EDITIONS: [&str; 4] = ["2008-10-17", "2010-09-09", "2012-10-17", "2015-03-31"];
/// What principals that are services end with.
const SERVICES: &str = ".amazonaws.com";
/// What references begin with, where points stand between names.
const HEADS: [&str; 12] = ["var", "local", "data", "module", "each", "count", "self", "path", "terraform", "resource", "AWS", "Fn"];
/// What stands between the pieces of a run.
const BETWEEN: [char; 3] = ['-', '.', '@'];

/// The text with other names.
pub(super) fn redact(text: &str) -> String {
    let mut names = Names::default();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = network_of_six(rest).filter(|_| !out.ends_with(is_of_word)) {
            out.push_str("2001:db8::");
            rest = &rest[length..];
        } else if is_of_word(first) {
            let run = rest.split(|c| !(is_of_word(c) || BETWEEN.contains(&c))).next().unwrap_or_default().trim_end_matches(BETWEEN);
            let service = out.strip_suffix(':').and_then(|before| before.rsplit(|c| !(is_of_word(c) || c == '-')).next());
            let replaced = replaced(run, service.unwrap_or_default(), &mut names);
            out.push_str(&replaced);
            rest = &rest[run.len()..];
        } else {
            // What is neither a word nor plain punctuation shows nobody anything.
            let shown = if first.is_ascii_graphic() || matches!(first, ' ' | '\n') { first } else { ' ' };
            out.push(if shown == '`' { '\'' } else { shown });
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// One run of words with points, strokes and at signs between them.
fn replaced<'t>(run: &'t str, service: &str, names: &mut Names<'t>) -> String {
    let is_service = |name: &str| !name.contains('.') && is_public(name);
    if is_network(run) {
        return if run == EVERYTHING { EVERYTHING } else { "10.0.0.0" }.to_owned();
    }
    if EDITIONS.contains(&run) || run.strip_suffix(SERVICES).is_some_and(is_service) {
        return run.to_owned();
    }
    if run.contains('@') || run.contains('.') && !is_reference(run) {
        return pieces(run, &BETWEEN, &mut |piece| names.other(piece).to_owned());
    }
    pieces(run, &['.'], &mut |word| {
        let is_kept = is_public(word) || is_number(word) || is_action(service, word);
        if is_kept { word.to_owned() } else { names.other(word).to_owned() }
    })
}

/// Each piece between some characters, which stay.
fn pieces<'t>(run: &'t str, between: &[char], each: &mut dyn FnMut(&'t str) -> String) -> String {
    let mut out = String::new();
    for piece in run.split_inclusive(between) {
        let word = piece.trim_end_matches(between);
        if !word.is_empty() {
            out.push_str(&each(word));
        }
        out.push_str(&piece[word.len()..]);
    }
    out
}

/// Whether points stand between the parts of a reference: `aws_s3_bucket.reports.id`, `IntakeFn.Arn`, `AWS.Region`.
fn is_reference(run: &str) -> bool {
    let first = run.split('.').next().unwrap_or_default();
    let last = run.rsplit('.').next().unwrap_or_default();
    let is_attribute = last.starts_with(|c: char| c.is_ascii_uppercase()) && is_public(last);
    HEADS.contains(&first) || first.contains('_') && is_public(first) || is_attribute
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_number(word: &str) -> bool {
    word.len() <= SHORT && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it begins as an address: four numbers with points between them.
fn is_network(run: &str) -> bool {
    let numbers: Vec<&str> = run.split('.').take(4).collect();
    numbers.len() == 4 && numbers.iter().all(|number| number.parse::<u8>().is_ok())
}

/// How long the address of version 6 is that a text begins with; that of everything is none.
fn network_of_six(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !(c.is_ascii_hexdigit() || c == ':')).unwrap_or(text.len());
    let run = &text[..end];
    let groups: Vec<&str> = run.split(':').collect();
    let is_ended = !text[end..].starts_with(is_of_word);
    let is_address = (groups.len() == 8 || run.contains("::")) && groups.iter().all(|group| group.len() <= 4);
    let stated = groups.iter().filter(|group| !group.is_empty()).count();
    (is_ended && is_address && stated > 1).then_some(end)
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
                format!("{next:0width$}", width = word.len().min(ACCOUNT))
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
            ("Service: lambda.amazonaws.com", "Service: lambda.amazonaws.com"),
            ("- Name: acme-${Stage}\nVersion: 2012-10-17", "- Name: name1-${Stage}\nVersion: 2012-10-17"),
            ("CidrIp: 0.0.0.0/0\nFromPort: 22", "CidrIp: 0.0.0.0/0\nFromPort: 22"),
            ("CidrIp: 83.12.4.200/32, 83.12.4.200.nip.io", "CidrIp: 10.0.0.0/32, 10.0.0.0"),
            ("CidrIpv6: ::/0\nCidrIpv6: 2604:1380:4641:1500::12/128", "CidrIpv6: ::/0\nCidrIpv6: 2001:db8::/128"),
            ("bucket = aws_s3_bucket.größe.id # `x1y`", "bucket = aws_s3_bucket.name1.id # 'name2'"),
            ("secretsmanager:ProdStripeKey sns:AcmeHealthRecords", "secretsmanager:name1 sns:name2"),
            ("customer-verification.health.account", "name1-name2.name3.name4"),
            ("mona@health.account 1234-5678-9012", "name1@name2.name3 name4"),
        ] {
            assert_eq!(redact(text), expected);
        }
    }
}
