//! Whether somebody took over fixes that are ours, and wrote nothing of their own: that makes nobody an author.
//!
//! Comes in: a file before and after a commit. Goes out: whether each line that differs is as the fix of a threat would have it that the file as it
//! was raises by itself. Nothing that people write on a pull request counts, so that nobody can put words into our mouth.

use crate::catalog::claims::Claims;
use crate::formats;
use crate::formats::terraform::signs;
use crate::model::exports;
use crate::report::suggestion;
use crate::source::{MemoryFiles, RepoPath};
use crate::stride::rule::{RULES, Rule};
use crate::stride::threats::find_threats;

/// Most lines that may differ: threads are few, and so are the suggestions that one commit applies.
const MOST_LINES: usize = 20;

/// Largest file that is read again, in bytes: it is read in the service's own memory.
const MOST_BYTES: usize = 256 * 1024;

/// Whether a file differs by what may be suggestions, by the words of the lines alone, and by one at least.
pub fn may_be_suggested(before: &str, after: &str) -> bool {
    differing(before, after).is_some()
}

/// Whether it differs by suggestions alone.
pub fn is_suggested(path: &RepoPath, before: &str, after: &str) -> bool {
    let Some(differing) = differing(before, after) else { return false };
    let unit = if signs::is_configuration(path) { formats::unit_of(&RepoPath::new(path.folder())) } else { path.clone() };
    let files = MemoryFiles([(path.clone(), before.to_owned())].into());
    let mut reading = formats::read(&unit, &files, &Claims::default());
    exports::connect(&mut reading.model);
    let rules: Vec<&'static Rule> = RULES.iter().filter(|rule| rule.suggestion.is_some()).collect();
    let threats = find_threats(&reading.model, &rules);
    let is_fix = |(line, new): &(u32, &str)| threats.iter().any(|threat| suggestion::fixed(threat, *line, before).as_deref() == Some(new));
    differing.iter().all(is_fix)
}

/// The lines that differ, by number and as they are now; `None` where there are none, or where something else differs than fixes could make.
fn differing<'t>(before: &str, after: &'t str) -> Option<Vec<(u32, &'t str)>> {
    let (mut old, mut new) = (before.split('\n'), after.split('\n'));
    let mut differing = Vec::new();
    for number in 1_u32.. {
        match (old.next(), new.next()) {
            (None, None) => break,
            (Some(old), Some(new)) if old == new => {}
            (Some(old), Some(new)) if suggestion::may_be_fix(old, new) => differing.push((number, new)),
            _ => return None,
        }
    }
    ((1..=MOST_LINES).contains(&differing.len()) && before.len() <= MOST_BYTES).then_some(differing)
}

#[cfg(test)]
mod tests {
    use super::{MOST_BYTES, is_suggested};
    use crate::source::RepoPath;

    const BEFORE: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  Pay:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      CodeUri: src/
      FunctionUrlConfig:
        AuthType: NONE
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      DeletionProtection: true
      PubliclyAccessible: true
";

    #[test]
    fn fixes_are_told_from_what_somebody_wrote() {
        let signed = BEFORE.replace("AuthType: NONE", "AuthType: AWS_IAM");
        let both = signed.replace("PubliclyAccessible: true", "PubliclyAccessible: false");
        for (after, expected) in [
            (signed.clone(), true),
            (both.clone(), true),
            (BEFORE.to_owned(), false),
            (signed.replace("AuthType: AWS_IAM", "AuthType: AWS_IAM "), false),
            (both.replace("DeletionProtection: true", "DeletionProtection: false"), false),
            (format!("{signed}  More: {{Type: AWS::SQS::Queue}}\n"), false),
            (signed.replace("CodeUri: src/", "CodeUri: other/"), false),
        ] {
            assert_eq!(is_suggested(&RepoPath::new("template.yaml"), BEFORE, &after), expected, "{after}");
        }
        assert!(!is_suggested(&RepoPath::new("template.yaml"), &both, BEFORE), "the way back is no fix");
        assert!(!is_suggested(&RepoPath::new("notes.txt"), "AuthType: NONE\n", "AuthType: AWS_IAM\n"), "nothing is raised there");
        let padded = format!("{BEFORE}# {}\n", "-".repeat(MOST_BYTES));
        assert!(!is_suggested(&RepoPath::new("template.yaml"), &padded, &padded.replace("NONE", "AWS_IAM")), "too large");
        let terraform =
            "resource \"aws_lambda_function_url\" \"pay\" {\n  function_name      = \"pay\"\n  authorization_type = \"NONE\"\n}\n";
        assert!(is_suggested(&RepoPath::new("live/main.tf"), terraform, &terraform.replace("NONE", "AWS_IAM")));
    }
}
