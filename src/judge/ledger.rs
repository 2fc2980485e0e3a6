//! The ledger as it counts for a change.
//!
//! Comes in: the texts of its files, with what of them people pushed. Goes out: blocks by unit, and what of the branch must be repaired or
//! said. What somebody pushed counts as if that person had typed it: only their own words, and only by the right that they have now.

use crate::change::{Change, ObjectId, Right, Timestamp};
use crate::decisions::{Block, Ledger, Verdict, ledger_text};
use crate::judge::units::Units;
use crate::judge::{LedgerTexts, Needs, PushedText, repairs};
use crate::report::{LedgerWords, Repair, escape};
use crate::settings::Settings;
use crate::source::{Note, NoteKind, Place, RepoPath};
use crate::stride::rule::Severity;
use std::collections::BTreeSet;

/// The blocks of the repository's scope and of the touched units, those of a unit's former path included.
pub(super) fn read(units: &Units, texts: &LedgerTexts, settings: &Settings, now: Timestamp, needs: &mut Needs) -> Ledger {
    let mut ledger = Ledger { broken: texts.broken.clone(), ..Ledger::default() };
    let repository = ledger_text::repository_scope();
    let mut touched: BTreeSet<&RepoPath> = units.base.iter().chain(&units.head).map(|unit| &unit.unit).collect();
    touched.insert(&repository);
    for unit in touched {
        let Some(text) = texts.of(unit) else {
            needs.ledger.insert(unit.clone());
            continue;
        };
        let at_head = units.moved.iter().find(|(old, _)| old == unit).map_or(unit, |(_, new)| new);
        let pushed = texts.pushed.get(unit).map_or(&[][..], Vec::as_slice);
        match text.map(|text| (text, ledger_text::parse(text))) {
            None => {}
            Some((text, Ok(blocks))) => {
                let counted = weighed(text, blocks, pushed, settings, now, &mut ledger.uncounted);
                ledger.blocks.entry(at_head.clone()).or_default().extend(counted);
            }
            Some((_, Err(error))) => {
                ledger.unreadable.insert(at_head.clone(), error.to_string());
            }
        }
    }
    ledger.blocks.values_mut().for_each(|blocks| blocks.sort_by_key(|block| block.at));
    ledger
}

/// The blocks that count; of the others it is noted why they do not.
pub(super) fn weighed(
    text: &str,
    blocks: Vec<Block>,
    pushed: &[PushedText],
    settings: &Settings,
    now: Timestamp,
    uncounted: &mut Vec<(Block, String)>,
) -> Vec<Block> {
    if pushed.is_empty() {
        return blocks;
    }
    // How many blocks stand before a byte; `None` where the text up to there is no ledger file.
    let blocks_before = |end: usize| text.get(..end).and_then(|text| ledger_text::parse(text).ok()).map(|blocks| blocks.len());
    // Who adds to a block has said all of it.
    let first = |from: usize| blocks_before(from).unwrap_or(0).saturating_sub(usize::from(!ledger_text::begins_block(text, from)));
    let parts: Vec<(usize, usize, &PushedText)> =
        pushed.iter().map(|part| (first(part.from), blocks_before(part.to).unwrap_or(blocks.len()), part)).collect();
    let mut newest = Timestamp::default();
    let weigh = |(index, block): (usize, Block)| {
        let Some((_, _, part)) = parts.iter().find(|(from, to, _)| (*from..*to).contains(&index)) else {
            newest = newest.max(block.at);
            return Some(block);
        };
        // Whoever pushes says when that was, and may not say that it was before what stood there already.
        newest = newest.max(block.at.min(now));
        match right_of(part, &block, settings) {
            Ok(right) => {
                // How many are needed is the settings' to say, and not whoever pushes.
                let needed = if block.verdict.is_answer() { settings.needed_for(Severity::Critical).max(block.needed) } else { 1 };
                let mut block = Block { at: newest, proposal: block.proposal || needed > 1, needed, pushed: true, ..block };
                block.by.right = right.word().to_owned();
                Some(block)
            }
            Err(why) => {
                let words = format!("{} does not count: {why}", escape::code(&block.threat));
                uncounted.push((block, words));
                None
            }
        }
    };
    blocks.into_iter().enumerate().filter_map(weigh).collect()
}

/// By which right a block counts that was pushed.
fn right_of(part: &PushedText, block: &Block, settings: &Settings) -> Result<Right, String> {
    let commit = ObjectId::from_hex(&part.commit).map(ObjectId::short).unwrap_or_default();
    let Some(by) = &part.by else { return Err(format!("nobody knows who pushed commit {commit}")) };
    let who = escape::text(&by.login);
    match &part.right {
        _ if by.bot => Err(format!("{who} pushed it, which is a bot")),
        _ if block.verdict == Verdict::Emergency => Err(format!("{who} pushed it, and an emergency is called by a command")),
        _ if (settings.owners || !settings.teams.is_empty()) && (block.verdict.is_answer() || block.verdict == Verdict::Confirmed) => {
            let deciders = if settings.owners { "code owners" } else { "teams" };
            Err(format!("{who} pushed it, and where {deciders} decide, they decide by commands"))
        }
        _ if block.by.id != by.id => Err(format!("{who} pushed it in the name of {}", escape::text(&block.by.login))),
        Err(_) => Err(format!("the permission of {who}, who pushed it, could not be looked up")),
        Ok(right) if *right < settings.decide => Err(format!("{who} pushed it, who has `{}`", right.word())),
        Ok(right) => Ok(*right),
    }
}

/// What must be put right before anything that the ledger says can be believed.
pub(super) fn repairs(change: &Change, texts: &LedgerTexts, ledger: &Ledger) -> Vec<Repair> {
    let unreadable = ledger.unreadable.iter().map(|(unit, error)| {
        let of = if *unit == ledger_text::repository_scope() { "the repository" } else { "this unit" };
        let what = format!("the ledger file of {of} cannot be read ({error}), so nobody can tell what was decided");
        let note = Note::on_file(unit, NoteKind::Unreadable, what);
        Repair { acceptable: false, ..repairs::of(change, &note, "repair the file on the ledger branch") }
    });
    let broken = texts.broken.as_ref().map(|what| {
        let path = RepoPath::new(&texts.branch);
        let id = Repair::id_of(&path, texts.tip);
        let way_out = "put the branch back to where it was, and let nobody but the App push to it".to_owned();
        Repair { id, content: texts.tip, place: Place { path, line: 1, end_line: 1 }, what: what.clone(), way_out, acceptable: false }
    });
    unreadable.chain(broken).collect()
}

/// What is to be said of the branch.
pub(super) fn words(change: &Change, texts: &LedgerTexts, ledger: &Ledger) -> LedgerWords {
    let protection = texts.protection.as_ref().map(|words| format!("{}: {words}", escape::code(&texts.branch)));
    let tip = if texts.broken.is_some() { texts.should_be } else { texts.tip };
    let is_new = change.pull.as_ref().is_some_and(|pull| begins_with(pull.number, texts, ledger));
    LedgerWords { tip, protection, is_new, uncounted: ledger.uncounted.iter().map(|(_, words)| words.clone()).collect() }
}

/// Whether the branch began, not long ago, with what was said on this pull request. Records of merges are no decisions.
fn begins_with(pull: u64, texts: &LedgerTexts, ledger: &Ledger) -> bool {
    let known: BTreeSet<String> = texts.files.keys().map(ledger_text::file_name).collect();
    let said = ledger.blocks.values().flatten().filter(|block| block.verdict != Verdict::MergedOpen);
    let first = said.min_by_key(|block| (block.at, block.comment));
    let begins = |names: &BTreeSet<String>| names.iter().any(|name| known.contains(name));
    texts.beginning.as_ref().is_some_and(begins) && first.is_some_and(|block| block.pull == pull)
}

#[cfg(test)]
mod tests {
    use super::weighed;
    use crate::change::{Actor, ObjectId, Right, Timestamp, UserId};
    use crate::decisions::{Block, Signature, Verdict, ledger_text};
    use crate::judge::PushedText;
    use crate::settings::Settings;
    use crate::source::RepoPath;

    #[test]
    fn what_is_pushed_is_no_older_than_what_stands_before_it() {
        let by = |id: u64| Signature { id: UserId(id), login: format!("user{id}"), right: "write".to_owned() };
        let said = |id: u64, at: i64| Block {
            threat: format!("Fn/S-0000000{id}"),
            comment: id,
            url: format!("https://forge.example/acme/shop/pull/1#issuecomment-{id}"),
            ..Block::said(by(id), Timestamp(at), [ObjectId([0; 20]); 2], Verdict::Accepted)
        };
        let unit = RepoPath::new("template.yaml");
        let before = ledger_text::append("", &unit, &[said(1, 1_000)]);
        let text = ledger_text::append(&before, &unit, &[said(2, 10)]);
        let actor = Actor { id: UserId(2), login: "user2".to_owned(), bot: false };
        let part = PushedText { from: before.len(), to: text.len(), commit: "00".repeat(20), by: Some(actor), right: Ok(Right::Write) };
        let blocks = ledger_text::parse(&text).unwrap();
        let mut uncounted = Vec::new();
        let counted = weighed(&text, blocks, &[part], &Settings::default(), Timestamp(2_000), &mut uncounted);
        let found: Vec<(i64, bool)> = counted.iter().map(|block| (block.at.0, block.pushed)).collect();
        assert_eq!(found, [(1_000, false), (1_000, true)], "{uncounted:?}");
    }
}
