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

/// Whether a file differs by suggestions alone, and by one at least.
pub fn is_suggested(path: &RepoPath, before: &str, after: &str) -> bool {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
    let differing: Vec<(u32, &str)> =
        (1_u32..).zip(old.iter().zip(&new)).filter(|(_, (old, new))| old != new).map(|(line, (_, new))| (line, *new)).collect();
    if old.len() != new.len() || differing.is_empty() || differing.len() > MOST_LINES {
        return false;
    }
    let unit = if signs::is_configuration(path) { formats::unit_of(&RepoPath::new(path.folder())) } else { path.clone() };
    let files = MemoryFiles([(path.clone(), before.to_owned())].into());
    let mut reading = formats::read(&unit, &files, &Claims::default());
    exports::connect(&mut reading.model);
    let rules: Vec<&'static Rule> = RULES.iter().filter(|rule| rule.suggestion.is_some()).collect();
    let threats = find_threats(&reading.model, &rules);
    let is_fix = |(line, new): &(u32, &str)| threats.iter().any(|threat| suggestion::fixed(threat, *line, before).as_deref() == Some(new));
    differing.iter().all(is_fix)
}

#[cfg(test)]
mod tests {
    use super::is_suggested;
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
        let terraform =
            "resource \"aws_lambda_function_url\" \"pay\" {\n  function_name      = \"pay\"\n  authorization_type = \"NONE\"\n}\n";
        assert!(is_suggested(&RepoPath::new("live/main.tf"), terraform, &terraform.replace("NONE", "AWS_IAM")));
    }
}
