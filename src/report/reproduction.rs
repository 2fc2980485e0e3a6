//! What is said of a template that Astride misread: the least that shows it, and where it may be told.
//!
//! Comes in: blocks of the ledger, the address of the repository, the repository whose issues are meant for this. Goes out: Markdown. Nothing is
//! sent: whoever follows the link reads what it would say, and decides.

use crate::decisions::Block;
use crate::report::{escape, percent};

/// Longest address that browsers and the forge take, in bytes.
const LONGEST_ADDRESS: usize = 7_000;

/// Most that one reply shows.
const SHOWN: usize = 3;

/// The words on blocks of one comment, what is the same said once; `issues` is `OWNER/REPOSITORY` on the same forge.
pub(crate) fn words(blocks: &[&Block], web_url: &str, issues: Option<&str>) -> Vec<String> {
    let (without, with): (Vec<&Block>, Vec<&Block>) = blocks.iter().copied().partition(|block| block.reproduction.is_empty());
    let mut groups: Vec<Vec<&Block>> = Vec::new();
    for block in with {
        let is_same = |group: &&mut Vec<&Block>| (&group[0].rule, &group[0].reproduction) == (&block.rule, &block.reproduction);
        match groups.iter_mut().find(is_same) {
            Some(group) => group.push(block),
            None => groups.push(vec![block]),
        }
    }
    let others = groups.split_off(groups.len().min(SHOWN)).concat();
    let mut words: Vec<String> = groups.iter().map(|group| of_some(group, web_url, issues)).collect();
    if !others.is_empty() {
        words.push(format!("Kept in the same way, and in the ledger alone: {}.", ids(&others)));
    }
    if !without.is_empty() {
        words.push(format!(
            "No small part of the template was found that raises {} by itself, or looking for one took more than is done for one comment: \
             what was decided is kept without a reproduction.",
            ids(&without)
        ));
    }
    words
}

fn ids(blocks: &[&Block]) -> String {
    blocks.iter().map(|block| escape::code(&block.threat)).collect::<Vec<_>>().join(", ")
}

/// The words on blocks with one reproduction.
fn of_some(blocks: &[&Block], web_url: &str, issues: Option<&str>) -> String {
    let Some(block) = blocks.first() else { return String::new() };
    let fence = escape::fenced(language(&block.reproduction), &block.reproduction);
    let link = issues.and_then(|issues| link(block, web_url, issues));
    let link = link.map_or_else(String::new, |link| format!("\n\n[Open an issue with it]({link}), once you have read it."));
    format!(
        "The least of the template that raises {}, with other names in it, is kept with the decision. Nothing was sent anywhere.\n\n{fence}{link}",
        ids(blocks)
    )
}

/// The form of a new issue, filled in; `None` where the address would be too long, or the forge's is not known.
fn link(block: &Block, web_url: &str, issues: &str) -> Option<String> {
    let (forge, _) = web_url.rsplit_once('/').and_then(|(owner, _)| owner.rsplit_once('/'))?;
    let encoded = |text: &str| text.bytes().map(percent).collect::<String>();
    let title = format!("{} misreads a template", block.rule);
    let body = format!(
        "Rule {} of Astride {} raises a threat on this, and should not.\n\n{}\n",
        block.rule,
        env!("CARGO_PKG_VERSION"),
        escape::fenced(language(&block.reproduction), &block.reproduction)
    );
    let address = format!("{forge}/{issues}/issues/new?title={}&body={}", encoded(&title), encoded(&body));
    (address.len() <= LONGEST_ADDRESS).then_some(address)
}

/// What the notation is called in a fence.
fn language(text: &str) -> &'static str {
    match text.trim_start() {
        text if text.starts_with('{') => "json",
        text if text.lines().any(|line| line.starts_with("resource \"") || line.starts_with("data \"")) => "hcl",
        _ => "yaml",
    }
}
