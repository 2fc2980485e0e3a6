//! A template that the CDK synthesises again is the same template: whatever it hashes anew, nothing of it is a change.
//!
//! Templates of the corpora are judged against themselves with every hash of their ids, exports and assets replaced by another.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may")]

mod shared;

use astride::catalog::claims::Claims;
use astride::delta;
use astride::formats;
use astride::model::Model;
use astride::source::{MemoryFiles, RepoPath};
use astride::stride::rule::{RULES, Rule};
use astride::stride::threats::find_threats;
use std::fs;

/// Ids that the CDK makes of a fixed name: what looks like a hash in them never changes.
const FIXED: [&str; 3] = ["LogRetention", "BucketNotificationsHandler", "AWS679f"];

/// Where the CDK writes external ids.
const WITH_EXTERNAL_IDS: [&str; 2] = ["AssumeRolePolicyDocument.Statement", "SmsConfiguration"];

#[test]
fn hashes_are_no_change() {
    let Some(shared) = shared::shared() else { return };
    let (mut templates, mut elements) = (0, 0);
    for file in shared::files(&shared.join("corpora/files")) {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let is_template = text.contains("aws:cdk:path") && text.contains("Resources");
        if !is_template || !text.contains("CDKMetadata") && !text.contains("ServiceRole") {
            continue;
        }
        let again = synthesised_again(&text);
        assert_ne!(text, again, "{}: no hash was found", file.display());
        let (base, head) = (model(text), model(again));
        let mut delta = delta::compare(&base, &head);
        // An external id that the CDK makes of the construct's is a text of its own, and stands for no resource.
        delta.stated.retain(|other| !WITH_EXTERNAL_IDS.contains(&other.path.as_str()));
        assert!(delta.is_empty(), "{}: {delta:#?}", file.display());
        assert_eq!(threats(&base), threats(&head), "{}", file.display());
        (templates, elements) = (templates + 1, elements + base.elements.len());
    }
    println!("{templates} templates, {elements} elements");
    assert!(templates > 20);
}

fn model(text: String) -> Model {
    let path = RepoPath::new("template.yaml");
    formats::read(&path, &MemoryFiles([(path.clone(), text)].into()), &Claims::default()).model
}

fn threats(model: &Model) -> Vec<(String, String)> {
    let rules: Vec<&'static Rule> = RULES.iter().collect();
    find_threats(model, &rules).iter().map(|threat| (threat.id(), threat.fingerprint().to_string())).collect()
}

/// The text with other hashes, construct paths left as they are.
fn synthesised_again(text: &str) -> String {
    let mut is_path = false;
    let lines = text.lines().map(|line| {
        let continues = is_path && !line.contains(": ");
        is_path = line.contains("aws:cdk:path") && line.trim_end().ends_with('-');
        if continues || line.contains("aws:cdk:path") { line.to_owned() } else { rehashed(line) }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn rehashed(line: &str) -> String {
    let mut done = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        done.push_str(&if FIXED.iter().any(|fixed| word.starts_with(fixed)) { word.to_owned() } else { word_rehashed(word) });
        let end = after.find(|letter: char| letter.is_ascii_alphanumeric()).unwrap_or(after.len());
        done.push_str(&after[..end]);
        rest = &after[end..];
    }
    done
}

/// Eight capital digits at the end, as often as they stand there, and the long small ones of assets and deployments.
fn word_rehashed(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let mut end = letters.len();
    while end > 8 && is_hash(&letters[end - 8..end]) {
        letters[end - 8..end].iter_mut().for_each(|digit| *digit = next(*digit));
        end -= 8;
    }
    let small = |digit: &char| digit.is_ascii_digit() || ('a'..='f').contains(digit);
    let mut start = 0;
    while start < end {
        let length = letters[start..end].iter().take_while(|digit| small(digit)).count();
        if length >= 32 {
            letters[start..start + length].iter_mut().for_each(|digit| *digit = next(*digit));
        }
        start += length.max(1);
    }
    letters.into_iter().collect()
}

fn is_hash(letters: &[char]) -> bool {
    let has_both = letters.iter().any(char::is_ascii_digit) && letters.iter().any(char::is_ascii_uppercase);
    has_both && letters.iter().all(|digit| digit.is_ascii_digit() || ('A'..='F').contains(digit))
}

/// Another digit of the same kind.
fn next(digit: char) -> char {
    match digit {
        '9' => '0',
        'f' => 'a',
        'F' => 'A',
        digit => char::from_u32(u32::from(digit) + 1).unwrap(),
    }
}
