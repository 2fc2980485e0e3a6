//! Which threats a command is about.
//!
//! Comes in: a command's targets, the threats that stand, and, in a thread, the fingerprints that it shows. Goes out: threats by
//! fingerprint, or a sentence that says what is wrong and what stands now. A command can never be about what its author did not see:
//! an ID that names another fingerprint than the one that stands is refused. An ID shows eight digits of a fingerprint, which somebody can make
//! others for: what was shown under it is remembered with its number, and where nothing is, the head must have been looked at before.

use crate::command::Target;
use crate::decisions::{Block, Reviewed, Standing};
use crate::model::nearest::nearest;
use crate::report::{Line, escape};
use crate::stride::Fingerprint;
use crate::stride::numbers::{Numbers, digits, is_remembered};
use sha2::{Digest, Sha256};

/// Most threats that one cell, element or `all` can stand for: more than that nobody reads in a reply.
const MAX_SET: usize = 40;

/// Most IDs that a refusal names.
const MAX_WAITING: usize = 5;

/// What commands can be about.
pub struct Published<'p> {
    pub reviewed: &'p [Reviewed],
    pub lines: &'p [Line<'p>],
    /// The numbers that stood in the comment.
    pub numbers: &'p Numbers,
    /// Why whoever wrote cannot have seen what stands at this head, in words for the person; `None` where it was shown before.
    pub unseen: Option<String>,
    /// The ledger's blocks: what was once decided on a fingerprint says which facts it had.
    pub blocks: &'p [Block],
    /// The command says something that the ledger keeps, so that what it is about must be plain.
    pub decides: bool,
}

/// The threats that the targets name, each once, in order of the targets.
///
/// # Errors
/// A sentence for the person, in Markdown whose foreign parts are IDs in code.
pub fn find_threats<'p>(
    targets: &[Target],
    thread: Option<&[Fingerprint]>,
    published: &Published<'p>,
) -> Result<Vec<&'p Reviewed>, String> {
    if targets.is_empty() {
        return in_thread(thread, published);
    }
    let mut found: Vec<&Reviewed> = Vec::new();
    for target in targets {
        for reviewed in find_target(target, published)? {
            if !found.iter().any(|known| known.threat.key == reviewed.threat.key) {
                found.push(reviewed);
            }
        }
    }
    Ok(found)
}

fn in_thread<'p>(thread: Option<&[Fingerprint]>, published: &Published<'p>) -> Result<Vec<&'p Reviewed>, String> {
    let Some(fingerprints) = thread else {
        return Err(format!("Which threat? Name its ID, as the comment shows it.{}", waiting(published)));
    };
    let found: Vec<&Reviewed> =
        published.reviewed.iter().filter(|reviewed| fingerprints.contains(&reviewed.threat.fingerprint())).collect();
    if found.is_empty() {
        return Err("What this thread asked about is no longer raised as it was; see the comment for what stands now.".to_owned());
    }
    if published.decides {
        check_one_line(&found, published)?;
    }
    Ok(found)
}

/// A thread of an earlier release may ask about several lines: then a reply says which it means.
///
/// # Errors
/// More than one line waits for an answer in it: what can be named.
fn check_one_line(found: &[&Reviewed], published: &Published<'_>) -> Result<(), String> {
    let is_asked = |line: &&Line<'_>| line.members().any(|member| found.iter().any(|found| found.key() == member.key()));
    let name = |line: &Line<'_>| match published.numbers.hash(line.number) {
        Some(_) => format!("{} ({})", code(&line.number.to_string()), code(&line.id)),
        None => code(&line.id),
    };
    let lines: Vec<String> = published.lines.iter().filter(is_asked).map(name).collect();
    match lines.as_slice() {
        [] | [_] => Ok(()),
        several => Err(format!("Not done: this thread stands for {} lines. Name which you mean: {}.", several.len(), several.join(", "))),
    }
}

fn find_target<'p>(target: &Target, published: &Published<'p>) -> Result<Vec<&'p Reviewed>, String> {
    match target {
        Target::Threat { element, category, hash } => {
            // Of a cause that several rules speak of, the line's ID names all of them.
            let id = format!("{element}/{category}-{hash}");
            let is_longer = |line: &&Line<'_>| id.starts_with(&line.id) && line.hash.starts_with(hash);
            if let Some(line) = published.lines.iter().find(|line| line.id == id || is_longer(line)) {
                check_seen(hash, &line.hash, published)?;
                return Ok(line.members().collect());
            }
            let one = find_one(element, *category, hash, published)?;
            check_seen(hash, &one.threat.fingerprint().to_string(), published)?;
            Ok(vec![one])
        }
        Target::Cell { element, category, set } => {
            let named = |reviewed: &&Reviewed| name(reviewed) == *element && reviewed.threat.rule.category.letter() == *category;
            find_set(&format!("{element}/{category}"), set.as_deref(), named, published)
        }
        Target::Element { element, set } => find_set(element, set.as_deref(), |reviewed| name(reviewed) == *element, published),
        Target::All { set } => find_set("all", set.as_deref(), |_| true, published),
        Target::Number(number) => find_number(*number, published),
        Target::Repair(id) => match id.strip_prefix("repair/").and_then(cell) {
            // An element may bear that name too.
            Some((category, hash)) => {
                let one = find_one("repair", category, hash, published)?;
                check_seen(hash, &one.threat.fingerprint().to_string(), published)?;
                Ok(vec![one])
            }
            None => {
                Err(format!("Nothing at this head bears {}; the file may have changed since. The comment says what stands now.", code(id)))
            }
        },
        Target::Rollup(id) => match published.lines.iter().find(|line| line.id == *id) {
            Some(line) => {
                check_seen(digits(id), &line.hash, published)?;
                Ok(line.members().collect())
            }
            None => Err(no_such_group(id, published)),
        },
    }
}

/// What bears an ID now must be what was shown under it: these digits are the beginning of many hashes.
///
/// # Errors
/// Something else was shown under it, or nobody can tell what was.
fn check_seen(typed: &str, hash: &str, published: &Published<'_>) -> Result<(), String> {
    let mut shown = published.numbers.shown(typed).peekable();
    if typed == hash {
        return Ok(());
    }
    if shown.peek().is_none() {
        return published.unseen.clone().map_or(Ok(()), Err);
    }
    if shown.all(|shown| shown == hash) {
        return Ok(());
    }
    let typed = code(typed);
    Err(format!(
        "Another threat was shown under an ID that ends in {typed}. Look at the comment again, and name the number, or more digits."
    ))
}

/// A number names what it was given to, for ever.
fn find_number<'p>(number: usize, published: &Published<'p>) -> Result<Vec<&'p Reviewed>, String> {
    let Some(meant) = published.numbers.hash(number) else {
        return Err(format!("There is no number {number} in the comment.{}", waiting(published)));
    };
    let is_meant = |hash: &str| is_remembered(hash, meant);
    // What an earlier release remembered are the digits of an ID.
    let seen = |hash: &str| if hash == meant { Ok(()) } else { published.unseen.clone().map_or(Ok(()), Err) };
    if let Some(line) = published.lines.iter().find(|line| is_meant(&line.hash)) {
        seen(&line.hash)?;
        return Ok(line.members().collect());
    }
    // What is answered has no line any more, and is what it was.
    let answered = published.reviewed.iter().find(|reviewed| is_meant(&reviewed.threat.fingerprint().to_string()));
    if let Some(answered) = answered.filter(|reviewed| matches!(reviewed.standing, Standing::Decided(_))) {
        seen(&answered.threat.fingerprint().to_string())?;
        return Ok(vec![answered]);
    }
    let (now, meant) = (waiting(published), code(meant.get(..8).unwrap_or(meant)));
    Err(format!("Number {number} was the ID that ends in {meant}, which is no longer asked.{now} Look at the comment again."))
}

/// ` What waits for an answer now: …`, at most some; nothing where nothing does.
fn waiting(published: &Published<'_>) -> String {
    let now: Vec<String> = published.lines.iter().filter(|line| line.blocks()).map(|line| code(&line.id)).collect();
    let more = if now.len() > MAX_WAITING { ", and others" } else { "" };
    let named: Vec<String> = now.into_iter().take(MAX_WAITING).collect();
    if named.is_empty() { String::new() } else { format!(" What waits for an answer now: {}{more}.", named.join(", ")) }
}

/// `S-7f3a9c21`: letter and digits.
fn cell(text: &str) -> Option<(char, &str)> {
    let (letter, hash) = text.split_once('-')?;
    let mut letters = letter.chars();
    let category = letters.next().filter(|letter| "STRIDE".contains(*letter))?;
    letters.as_str().is_empty().then_some((category, hash))
}

fn no_such_group(id: &str, published: &Published<'_>) -> String {
    let now: Vec<String> =
        published.lines.iter().filter(|line| id.starts_with(&format!("rollup/{}-", line.group))).map(|line| code(&line.id)).collect();
    if now.is_empty() {
        return "There is no such group at this head.".to_owned();
    }
    format!("That group has changed since; it is {} now. Look at it again, and name that.", now.join(" and "))
}

fn find_one<'p>(element: &str, category: char, hash: &str, published: &Published<'p>) -> Result<&'p Reviewed, String> {
    let in_cell: Vec<&Reviewed> = published
        .reviewed
        .iter()
        .filter(|reviewed| name(reviewed) == element && reviewed.threat.rule.category.letter() == category)
        .collect();
    let exact: Vec<&&Reviewed> = in_cell.iter().filter(|reviewed| reviewed.threat.fingerprint().to_string().starts_with(hash)).collect();
    match (exact.as_slice(), in_cell.as_slice()) {
        ([one], _) => Ok(one),
        ([], []) => Err(unknown(element, published)),
        ([], others) => Err(outdated(hash, others, published)),
        _ => Err(format!("More than one threat begins with {}; give more digits.", code(&format!("{element}/{category}-{hash}")))),
    }
}

/// The element and category exist, with other facts: what changed, as far as the ledger knows, and what to name now.
fn outdated(hash: &str, others: &[&Reviewed], published: &Published<'_>) -> String {
    let raised = others.iter().filter(|reviewed| reviewed.standing != Standing::Covered);
    let now: Vec<String> = raised.map(|reviewed| code(&reviewed.threat.id())).collect();
    let then = published.blocks.iter().find(|block| block.fingerprint.to_string().starts_with(hash));
    let changed = then.and_then(|block| {
        let same_rule = others.iter().find(|reviewed| reviewed.threat.rule.id == block.rule)?;
        same_rule.threat.evidence.iter().find_map(|evidence| {
            let before = block.facts.get(evidence.fact.as_str())?;
            (*before != evidence.record())
                .then(|| format!("{} was {} and is {}", code(evidence.fact.as_str()), code(&before.words()), code(&evidence.words())))
        })
    });
    let why = match changed {
        Some(changed) => format!("That ID is no longer true: {changed}"),
        None => "That ID stands for nothing here: the facts have changed since, or it is mistyped".to_owned(),
    };
    if now.is_empty() {
        return format!("{why}. What stands there now is covered.");
    }
    format!("{why}. What stands now: {}. Look at it again, and name that.", now.join(", "))
}

/// ` Did you mean …?` with the newest ID of the cell that is nearest to the one typed; else nothing.
pub fn meant<'i>(cell: &str, ids: impl DoubleEndedIterator<Item = &'i str> + Clone) -> String {
    let name = |id: &'i str| id.rsplit_once('-').map_or(id, |(name, _)| name);
    let near = nearest(cell, ids.clone().map(name));
    let meant = near.and_then(|near| ids.rev().find(|id| name(id) == near));
    meant.map(|meant| format!(" Did you mean {}?", code(meant))).unwrap_or_default()
}

fn unknown(element: &str, published: &Published<'_>) -> String {
    let names: Vec<String> = published.reviewed.iter().map(name).collect();
    match nearest(element, names.iter().map(String::as_str)) {
        Some(meant) if meant != element => format!("Nothing is asked of {} here. Did you mean {}?", code(element), code(meant)),
        _ => format!("Nothing is asked of {} at this head.", code(element)),
    }
}

fn find_set<'p>(
    what: &str,
    set: Option<&str>,
    named: impl Fn(&&Reviewed) -> bool,
    published: &Published<'p>,
) -> Result<Vec<&'p Reviewed>, String> {
    let found: Vec<&Reviewed> = published.reviewed.iter().filter(|reviewed| is_open(reviewed)).filter(named).collect();
    if found.is_empty() {
        return Err(format!("Nothing is open on {}.", code(what)));
    }
    if found.len() > MAX_SET {
        return Err(format!("{} threats are open on {}: too many to be seen at once; name less.", found.len(), code(what)));
    }
    let hash = set_hash(&found);
    match set {
        Some(given) if hash == given => Ok(found),
        Some(given) if hash.starts_with(given) => published.unseen.clone().map_or(Ok(found), Err),
        outdated => {
            let ids: Vec<String> = found.iter().map(|reviewed| code(&reviewed.threat.id())).collect();
            let (ids, count, name) = (ids.join(", "), found.len(), code(&format!("{what}@{}", &hash[..8])));
            Err(match outdated {
                Some(_) => format!("What is open there has changed, {count} now: {ids}. To say that you have seen them, name {name}."),
                None => format!("That would answer {count}: {ids}. To say that you have seen them, name {name}."),
            })
        }
    }
}

fn is_open(reviewed: &Reviewed) -> bool {
    match reviewed.standing {
        Standing::Open | Standing::Unclear | Standing::Claimed | Standing::Proposed(_) | Standing::Reopened { .. } => true,
        Standing::SwitchedOff | Standing::Covered | Standing::Decided(_) => false,
    }
}

/// SHA-256 over the sorted fingerprints, in hex.
fn set_hash(found: &[&Reviewed]) -> String {
    let mut fingerprints: Vec<[u8; 32]> = found.iter().map(|reviewed| reviewed.threat.fingerprint().0).collect();
    fingerprints.sort_unstable();
    let mut hash = Sha256::new();
    fingerprints.iter().for_each(|fingerprint| hash.update(fingerprint));
    Fingerprint(hash.finalize().into()).to_string()
}

/// The element as IDs spell it.
fn name(reviewed: &Reviewed) -> String {
    let id = reviewed.threat.id();
    id.rsplit_once('/').map_or(id.clone(), |(element, _)| element.to_owned())
}

fn code(text: &str) -> String {
    escape::code(text)
}
