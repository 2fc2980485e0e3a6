//! What an organisation has decided for all of its repositories, as blocks in files of its `.github` repository.
//!
//! Comes in: those files. Goes out: blocks, or all that is wrong with them, with file and line. Whoever may merge there says them, as with the
//! organisation's settings: who wrote a pull request elsewhere makes nothing of it. It can be decided on what is the same in each repository
//! (`Cause::is_the_same_everywhere`), and only as long as nothing about it is worse than it was where it was decided.

use crate::decisions::{Block, Signature, ledger_text};
use crate::settings::SettingsError;
use crate::settings::own::DECISIONS_FOLDER;
use crate::source::{Place, RepoPath};
use crate::stride::Fingerprint;
use crate::stride::vector::{FactRecord, Vector};

/// The right by which the organisation's decisions count, as they and the exports have it.
pub const RIGHT: &str = "organisation";

/// What a new file begins with.
const HEADING: &str = "# What is decided for all repositories of the organisation. Take a block out, and it counts no more.\n";

/// What is decided, in order of time.
///
/// # Errors
/// Everything that is wrong, in order of files and lines. Then none of them counts: nobody can tell what the rest says.
pub fn read<'t>(texts: impl Iterator<Item = (&'t RepoPath, &'t str)>) -> Result<Vec<Block>, Vec<SettingsError>> {
    let (mut said, mut wrong) = (Vec::new(), Vec::new());
    for (path, text) in texts {
        let mistake = |line: u32, message: String| {
            let place = Place { path: path.clone(), line, end_line: line };
            SettingsError { place, message }
        };
        let blocks = match ledger_text::parse(text) {
            Ok(blocks) => blocks,
            Err(error) => {
                wrong.push(mistake(error.line, error.message));
                continue;
            }
        };
        let starts = (1..).zip(text.lines()).filter(|(_, line)| line.starts_with("- ")).map(|(number, _)| number);
        for (block, line) in blocks.into_iter().zip(starts) {
            match counted(block) {
                Ok(block) => said.push(block),
                Err(why) => wrong.push(mistake(line, why)),
            }
        }
    }
    said.sort_by_key(|block| block.at);
    if wrong.is_empty() { Ok(said) } else { Err(wrong) }
}

/// The block as it counts, or why it cannot.
fn counted(block: Block) -> Result<Block, String> {
    if !block.verdict.is_answer() {
        return Err(format!("`{}` is no answer; a decision is taken back by taking its block out", block.verdict.word()));
    }
    if block.proposal || block.needed > 1 {
        return Err("a proposal counts in no repository; whoever merges this confirms it".to_owned());
    }
    if let Some(pin) = &block.see {
        return Err(format!("`see` pins {} of one repository, and others need not have it", pin.path));
    }
    if block.reason.trim().is_empty() {
        return Err("a reason is missing: it is shown in each repository".to_owned());
    }
    if !block.cause.as_ref().is_some_and(|cause| cause.is_the_same_everywhere()) {
        return Err(NOT_EVERYWHERE.to_owned());
    }
    // It is found by rule and cause, which people can read: a number that they cannot would let a block be about something else than it says.
    let (fingerprint, covers) = (Fingerprint([0; 32]), Vec::new());
    let by = Signature { right: RIGHT.to_owned(), ..block.by };
    let block = Block { by, fingerprint, covers, for_organisation: true, comment: 0, url: String::new(), pull: 0, ..block };
    Ok(Block { undoes: None, confirms: None, carried_from: None, merge: None, ..block })
}

/// The facts of a decision as they would be on another element: what reaches the element itself bears its name.
pub fn facts_on(block: &Block, on: &str) -> Vector {
    fn name(id: &str) -> &str {
        id.rsplit_once('#').map_or(id, |(_, name)| name)
    }
    let (from, to) = (format!("${{{}", name(&block.on)), format!("${{{}", name(on)));
    let renamed = |pattern: &String| match pattern.strip_prefix(from.as_str()) {
        Some(rest) if rest.starts_with(['.', '}']) => format!("{to}{rest}"),
        _ => pattern.clone(),
    };
    let mut facts = block.facts.clone();
    for record in facts.values_mut() {
        if let FactRecord::Known { reach, .. } = record {
            *reach = reach.iter().map(renamed).collect();
            reach.sort();
        }
    }
    facts
}

/// Of what no decision can be for all repositories.
pub const NOT_EVERYWHERE: &str = "this is about one file of one repository: for all of them a layer of code can be decided on, an account that is \
                                  let in, named by its twelve digits, and what a file decides that lies nowhere here";

/// The file in the organisation's repository that has the decisions on a rule.
pub fn file_of(rule: &str) -> RepoPath {
    RepoPath::new(&format!("{DECISIONS_FOLDER}{rule}.yml"))
}

/// The file's text with a decision behind what stands there.
pub fn appended(text: &str, block: &Block) -> String {
    let text = if text.is_empty() { HEADING } else { text };
    ledger_text::append(text, &file_of(&block.rule), std::slice::from_ref(block))
}

#[cfg(test)]
mod tests {
    use super::{appended, file_of, read};
    use crate::change::{ObjectId, Timestamp, UserId};
    use crate::decisions::pin::Pin;
    use crate::decisions::{Block, Signature, Verdict};
    use crate::model::cause::{Cause, CauseKind};
    use crate::source::RepoPath;

    fn said(cause: Option<Cause>) -> Block {
        let by = Signature { id: UserId(7), login: "olga".to_owned(), right: "local".to_owned() };
        Block {
            threat: "Agent/E-11112222".to_owned(),
            rule: "STR-LAMBDA-E-02".to_owned(),
            cause,
            reason: "our vendor's agent".to_owned(),
            ..Block::said(by, Timestamp(1_780_000_000), [ObjectId([0; 20]); 2], Verdict::Accepted)
        }
    }

    fn layer() -> Option<Cause> {
        Cause::layer("arn:aws:lambda:eu-west-1:464622532012:layer:Agent:7")
    }

    fn principal(name: &str) -> Option<Cause> {
        Some(Cause { kind: CauseKind::Principal, holder: "app/template.yaml#Queue".to_owned(), name: name.to_owned() })
    }

    fn read_back(block: &Block) -> Result<Vec<Block>, String> {
        let path = file_of(&block.rule);
        let text = appended("", block);
        read([(&path, text.as_str())].into_iter()).map_err(|errors| errors[0].to_string())
    }

    #[test]
    fn what_is_the_same_everywhere_counts() {
        for cause in [layer(), principal("arn:aws:iam::464622532012:root"), Some(Cause::property("", "schema: 2020-01"))] {
            let blocks = read_back(&said(cause.clone())).unwrap();
            assert_eq!(blocks.len(), 1);
            let block = &blocks[0];
            assert!(block.for_organisation && block.by.right == "organisation" && block.cause == cause, "{block:?}");
        }
    }

    #[test]
    fn mistakes_have_file_and_line() {
        let pin = Pin { path: RepoPath::new("src/auth.ts"), blob: ObjectId([1; 20]), pattern: None };
        for (block, part) in [
            (said(Some(Cause::property("template.yaml#Fn", "url"))), "about one file of one repository"),
            (said(principal("*")), "about one file of one repository"),
            (said(None), "about one file of one repository"),
            (Block { verdict: Verdict::Reopened, ..said(layer()) }, "`reopened` is no answer"),
            (Block { proposal: true, ..said(layer()) }, "a proposal counts in no repository"),
            (Block { see: Some(pin), ..said(layer()) }, "`see` pins src/auth.ts of one repository"),
            (Block { reason: String::new(), ..said(layer()) }, "a reason is missing"),
        ] {
            let error = read_back(&block).unwrap_err();
            assert!(error.starts_with("astride/decisions/STR-LAMBDA-E-02.yml:2: ") && error.contains(part), "{error}");
        }
        let path = file_of("STR-LAMBDA-E-02");
        let errors = read([(&path, "- version: 2\n  verdict: forgiven\n")].into_iter()).unwrap_err();
        assert_eq!(errors[0].place.path, path);
    }
}
