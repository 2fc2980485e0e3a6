//! What is said of a template that Astride misread: the least that shows it, and where it may be told.
//!
//! Comes in: a block of the ledger, the address of the repository, the repository whose issues are meant for this. Goes out: Markdown. Nothing is
//! sent: whoever follows the link reads what it would say, and decides.

use crate::decisions::Block;
use crate::report::{escape, percent};

/// Longest address that browsers and the forge take, in bytes.
const LONGEST_ADDRESS: usize = 7_000;

/// The words on one block; `issues` is `OWNER/REPOSITORY` on the same forge.
pub(crate) fn words(block: &Block, web_url: &str, issues: Option<&str>) -> String {
    let id = escape::code(&block.threat);
    if block.reproduction.is_empty() {
        return format!("No small part of the template was found that raises {id} by itself: the decision is kept without a reproduction.");
    }
    let fence = escape::fenced(language(&block.reproduction), &block.reproduction);
    let link = issues.and_then(|issues| link(block, web_url, issues));
    let link = link.map_or_else(String::new, |link| format!("\n\n[Open an issue with it]({link}), once you have read it."));
    format!(
        "The least of the template that raises {id}, with other names in it, is kept with the decision. Nothing was sent anywhere.\n\n{fence}{link}"
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
