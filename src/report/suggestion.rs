//! A fix that is one word of a line of the change, as GitHub offers it: committed with one press.
//!
//! Comes in: a threat, the line that its thread stands on, the file. Goes out: a `suggestion` block, or nothing where the line is not the one that
//! states the fact, does not have the word once as a value, or has anything that could be markup in a comment.
//! Source: <https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/incorporating-feedback-in-your-pull-request>.

use crate::stride::rule::RULES;
use crate::stride::{Outcome, Threat};

/// Longest line that is repeated, in bytes.
const MOST: usize = 200;

/// The block, with the line as it would be.
pub(super) fn suggestion(threat: &Threat, line: u32, text: &str) -> Option<String> {
    fixed(threat, line, text).map(|fixed| format!("```suggestion\n{fixed}\n```"))
}

/// The line as it would be, without its end.
pub(crate) fn fixed(threat: &Threat, line: u32, text: &str) -> Option<String> {
    let wanted = threat.rule.suggestion?;
    let evidence = threat.evidence.iter().find(|evidence| evidence.fact == wanted.fact)?;
    let place = evidence.place()?;
    let is_there = place.path == threat.place.path && place.line == line && place.end_line <= line;
    let number = usize::try_from(line).ok()?.checked_sub(1)?;
    let fixed = replaced(text.split('\n').nth(number)?, wanted.from, wanted.to)?;
    (is_there && threat.outcome == Outcome::Open).then_some(fixed)
}

/// Whether a line may become another one by a fix of a rule, whatever the two are about.
pub(crate) fn may_be_fix(line: &str, fixed: &str) -> bool {
    let fixes = RULES.iter().filter_map(|rule| rule.suggestion);
    fixes.map(|fix| replaced(line, fix.from, fix.to)).any(|replaced| replaced.as_deref() == Some(fixed))
}

/// The line with its only value of that kind replaced.
fn replaced(line: &str, from: &str, to: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_graphic() && !"`~<>&@".contains(c) || c == ' ';
    if line.len() > MOST || !line.chars().all(is_plain) {
        return None;
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.$".contains(c);
    let stands_alone = |at: &usize| !line[..*at].ends_with(is_part) && !line[*at + from.len()..].starts_with(is_part);
    let mut found = line.match_indices(from).map(|(at, _)| at).filter(stands_alone);
    let (at, None) = (found.next()?, found.next()) else { return None };
    let (before, after) = (&line[..at], &line[at + from.len()..]);
    let is_value = before.contains([':', '=']) && !before.contains(['#', '/']);
    is_value.then(|| format!("{before}{to}{after}"))
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn one_value_of_a_plain_line_is_replaced() {
        for (line, expected) in [
            ("        AuthType: NONE", Some("        AuthType: AWS_IAM")),
            ("  authorization_type = \"NONE\"", Some("  authorization_type = \"AWS_IAM\"")),
            ("  FunctionUrlConfig: {AuthType: NONE}", Some("  FunctionUrlConfig: {AuthType: AWS_IAM}")),
            ("  AuthType: NONE # was NONE before", None),
            ("  # AuthType: NONE", None),
            ("  AuthType: NONESUCH", None),
            ("  AuthType: !Ref NONE-1", None),
            ("NONE", None),
            ("  AuthType: NONE # ```", None),
            ("  AuthType: NONE\r", None),
            ("  AuthType: NONE # @team", None),
        ] {
            assert_eq!(replaced(line, "NONE", "AWS_IAM").as_deref(), expected, "{line:?}");
        }
    }
}
