//! The ledger as it counts for a change.
//!
//! Comes in: the texts of its files, with what of them people pushed. Goes out: blocks by unit, and what of the branch must be repaired or
//! said. What somebody pushed counts as if that person had typed it: only their own words, and only by the right that they have now, which is that
//! of a member where teams decide. Where code owners do, no answer that was pushed counts: its block does not say for sure in which file it lies.

use crate::change::{Change, ObjectId, Timestamp};
use crate::decisions::ledger_text::parts;
use crate::decisions::{Block, Ledger, Verdict, emergency, ledger_text, organisation};
use crate::judge::answer::deciders::{MAX_TEAMS, in_team, names};
use crate::judge::ownership::{Members, Membership, membership};
use crate::judge::units::Units;
use crate::judge::{LedgerTexts, Needs, PushedText, repairs};
use crate::report::{LedgerWords, Repair, Whose, escape};
use crate::settings::Settings;
use crate::settings::owners::Owner;
use crate::source::{Note, NoteKind, Place, RepoPath};
use crate::stride::rule::Severity;
use std::collections::BTreeSet;

/// How far ahead of ours the clock may be by which somebody dates what they push, in seconds.
const AHEAD: i64 = 60;

/// The blocks of the ledger's other files with the scope that each belongs to; or why nobody can tell what stands there, in words that follow a cause.
pub(super) type Others = Result<Vec<(RepoPath, Block)>, String>;

/// What says whose pushed words count.
pub(super) struct Scales<'s> {
    settings: &'s Settings,
    /// Whose members alone decide.
    teams: Vec<Owner>,
    members: &'s Members,
    now: Timestamp,
}

impl<'s> Scales<'s> {
    /// `organisation` is the repository's owner.
    pub(super) fn new(settings: &'s Settings, organisation: &str, members: &'s Members, now: Timestamp) -> Self {
        Self { settings, teams: settings.deciding_teams(organisation), members, now }
    }

    /// The teams of which it must be looked up whether whoever pushed is in them.
    pub(super) fn unasked(&self, pushed: &[PushedText]) -> BTreeSet<(String, String)> {
        let people = pushed.iter().filter_map(|part| part.by.as_ref()).filter(|by| !by.bot);
        let teams = self.teams.iter().filter(|_| !self.settings.owners).take(MAX_TEAMS);
        let questions = people.flat_map(|by| teams.clone().map(|team| (team.name().to_owned(), by.login.clone())));
        questions.filter(|question| !self.members.contains_key(question)).collect()
    }
}

/// The blocks of the repository's scope and of the touched units, those of a unit's former path included; and what the organisation has decided
/// for all of its repositories.
pub(super) fn read(units: &Units, texts: &LedgerTexts, scales: &Scales<'_>, needs: &mut Needs) -> Ledger {
    let of_organisation = organisation::read(scales.settings.own.decisions()).unwrap_or_default();
    let mut ledger = Ledger { broken: texts.broken.clone(), of_organisation, ..Ledger::default() };
    let repository = ledger_text::repository_scope();
    let mut touched: BTreeSet<&RepoPath> = units.base.iter().chain(&units.head).map(|unit| &unit.unit).collect();
    touched.insert(&repository);
    for unit in touched {
        let Some(files) = texts.parts(unit) else {
            needs.ledger.insert(unit.clone());
            continue;
        };
        let at_head = units.moved.iter().find(|(old, _)| old == unit).map_or(unit, |(_, new)| new);
        let mut weighing = Weighing::new(scales);
        let mut counted = Vec::new();
        let mut is_whole = true;
        for (part, text) in files {
            match ledger_text::parse(text) {
                Ok(blocks) => {
                    let pushed = texts.pushed_in(&part);
                    needs.members.extend(scales.unasked(pushed));
                    counted.extend(weighing.counted(text, blocks, pushed, &mut ledger.uncounted));
                }
                Err(error) => {
                    is_whole = false;
                    let file = if part == *unit { String::new() } else { format!("{}, ", ledger_text::file_name(&part)) };
                    ledger.unreadable.insert(at_head.clone(), format!("{file}{error}"));
                }
            }
        }
        // Without the rest nobody can tell what was decided, and whether it still is. An emergency answers nothing.
        counted.retain(|block| is_whole || block.rule == emergency::RULE);
        if !counted.is_empty() {
            ledger.blocks.entry(at_head.clone()).or_default().extend(counted);
        }
    }
    ledger.blocks.values_mut().for_each(|blocks| blocks.sort_by_key(|block| block.at));
    ledger
}

/// What the ledger's other files say; `None` where they are not at hand.
///
/// Memberships that are not known are added to `needs`.
pub(super) fn others(texts: &LedgerTexts, scales: &Scales<'_>, needs: &mut Needs) -> Option<Others> {
    let files = match texts.others.as_ref()? {
        Ok(files) => files,
        Err(count) => return Some(Err(format!("the ledger has {count} files, too many to be read for it"))),
    };
    let mut blocks = Vec::new();
    for (part, text) in files {
        let (scope, _) = parts::of_part(part);
        let scope = RepoPath::new(scope);
        let Ok(said) = ledger_text::parse(text) else {
            return Some(Err(format!("the ledger file {} cannot be read", escape::code(&ledger_text::file_name(part)))));
        };
        let pushed = texts.pushed_in(part);
        needs.members.extend(scales.unasked(pushed));
        let counted = Weighing::new(scales).counted(text, said, pushed, &mut Vec::new());
        blocks.extend(counted.into_iter().map(|block| (scope.clone(), block)));
    }
    Some(Ok(blocks))
}

/// Weighs the blocks of a scope, file by file.
pub(super) struct Weighing<'w> {
    pub(super) scales: &'w Scales<'w>,
    /// The newest of what was weighed.
    pub(super) newest: Timestamp,
    /// The newest of it that was pushed. What stands behind it was written after it, whatever time it bears.
    pub(super) newest_pushed: Timestamp,
}

impl<'w> Weighing<'w> {
    pub(super) fn new(scales: &'w Scales<'w>) -> Self {
        Self { scales, newest: Timestamp::default(), newest_pushed: Timestamp::default() }
    }

    /// The blocks of a file that count; of the others it is noted why they do not.
    pub(super) fn counted(
        &mut self,
        text: &str,
        blocks: Vec<Block>,
        pushed: &[PushedText],
        uncounted: &mut Vec<(Block, String)>,
    ) -> Vec<Block> {
        let by = if pushed.is_empty() { vec![None; blocks.len()] } else { pushers(text, blocks.len(), pushed) };
        let weigh = |(block, part): (Block, Option<&PushedText>)| {
            let Some(part) = part else {
                let at = block.at.max(self.newest_pushed);
                self.newest = self.newest.max(at);
                return Some(Block { at, ..block });
            };
            match right_of(part, &block, self.scales) {
                Ok(right) => {
                    // Whoever pushes says when that was, and may not say that it was before what stood there already.
                    self.newest = self.newest.max(block.at);
                    self.newest_pushed = self.newest;
                    // How many are needed is the settings' to say, and not whoever pushes.
                    let least = self.scales.settings.needed_for(Severity::Critical).max(block.needed);
                    let needed = if block.verdict.is_answer() { least } else { 1 };
                    let proposal = block.proposal || needed > 1;
                    // It stands for no comment: what was said to one is not said to it.
                    let mut block = Block { at: self.newest, proposal, needed, pushed: true, comment: 0, url: String::new(), ..block };
                    block.by.right = right;
                    Some(block)
                }
                Err(why) => {
                    let words = format!("{} does not count: {why}", escape::code(&block.threat));
                    uncounted.push((block, words));
                    None
                }
            }
        };
        blocks.into_iter().zip(by).filter_map(weigh).collect()
    }
}

/// For each block of a file the part that somebody pushed it with, the first where there are several. It is read once, whatever was pushed.
fn pushers<'p>(text: &str, count: usize, pushed: &'p [PushedText]) -> Vec<Option<&'p PushedText>> {
    let starts = ledger_text::starts(text);
    let mut by: Vec<Option<&PushedText>> = vec![None; count];
    for part in pushed {
        let before = |at: usize| starts.partition_point(|start| *start < at);
        let own = text.get(..part.to).unwrap_or(text);
        // Who adds to a block has said all of it.
        let first = before(part.from).saturating_sub(usize::from(!ledger_text::begins_block(own, part.from)));
        for one in by.iter_mut().take(before(part.to)).skip(first) {
            one.get_or_insert(part);
        }
    }
    by
}

/// By which right a block counts that was pushed.
fn right_of(part: &PushedText, block: &Block, scales: &Scales<'_>) -> Result<String, String> {
    let commit = ObjectId::from_hex(&part.commit).map(ObjectId::short).unwrap_or_default();
    let Some(by) = &part.by else { return Err(format!("nobody knows who pushed commit {commit}")) };
    let who = escape::text(&by.login);
    let settings = scales.settings;
    let decides = block.verdict.is_answer() || block.verdict == Verdict::Confirmed;
    match &part.right {
        _ if by.bot => Err(format!("{who} pushed it, which is a bot")),
        _ if block.verdict == Verdict::Emergency => Err(format!("{who} pushed it, and an emergency is called by a command")),
        _ if settings.owners && decides => Err(format!("{who} pushed it, and where code owners decide, they decide by commands")),
        // Else it would be the newest word for as long as its date is still to come.
        _ if block.at.0 > scales.now.0.saturating_add(AHEAD) => {
            Err(format!("{who} pushed it with a time that is still to come, {}", block.at))
        }
        _ if block.by.id != by.id => Err(format!("{who} pushed it in the name of {}", escape::text(&block.by.login))),
        Err(_) => Err(format!("the permission of {who}, who pushed it, could not be looked up")),
        Ok(right) if *right < settings.decide => Err(format!("{who} pushed it, who has `{}`", right.word())),
        Ok(right) if scales.teams.is_empty() || !decides => Ok(right.word().to_owned()),
        Ok(right) => match membership(&scales.teams, &by.login, scales.members) {
            Membership::In(team) => Ok(format!("{}{}", right.word(), in_team(team))),
            Membership::NotKnown => Err(format!("whether {who}, who pushed it, is in {} could not be looked up", names(&scales.teams))),
            Membership::InNone => Err(format!("{who} pushed it, who is not in {}", names(&scales.teams))),
        },
    }
}

/// What must be put right before anything that the ledger says can be believed.
pub(super) fn repairs(change: &Change, texts: &LedgerTexts, ledger: &Ledger) -> Vec<Repair> {
    let repository = ledger_text::repository_scope();
    let unreadable = ledger.unreadable.iter().map(|(unit, error)| {
        let is_unit = *unit != repository;
        let of = if is_unit { "this unit" } else { "the repository" };
        let what = format!("the ledger file of {of} cannot be read ({error}), so nobody can tell what was decided");
        // The repository's scope has no path of its own.
        let path = if is_unit { unit.clone() } else { RepoPath::new(&ledger_text::file_name(unit)) };
        let note = Note::on_file(&path, NoteKind::Unreadable, what);
        let whose = if is_unit { Whose::Tree } else { Whose::Ledger };
        Repair { whose, acceptable: false, ..repairs::of(change, &note, "repair the file on the ledger branch") }
    });
    let broken = texts.broken.as_ref().map(|what| {
        let path = RepoPath::new(&texts.branch);
        let id = Repair::id_of(&path, texts.tip);
        let way_out = "put the branch back to where it was, and let nobody but the App push to it".to_owned();
        let place = Place { path, line: 1, end_line: 1 };
        Repair { id, content: texts.tip, place, whose: Whose::Ledger, what: what.clone(), way_out, acceptable: false }
    });
    unreadable.chain(broken).collect()
}

/// What is to be said of the branch.
pub(super) fn words(change: &Change, texts: &LedgerTexts, ledger: &Ledger) -> LedgerWords {
    let protection = texts.protection.as_ref().map(|words| format!("{}: {words}", escape::code(&texts.branch)));
    let tip = if texts.broken.is_some() { texts.should_be } else { texts.tip };
    let is_new = change.pull.as_ref().is_some_and(|pull| begins_with(pull.number, texts, ledger));
    let uncounted = ledger.uncounted.iter().map(|(_, words)| words.clone()).collect();
    LedgerWords { tip, protection, is_new, uncounted }
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
    use super::{Scales, Weighing};
    use crate::change::{Actor, ObjectId, Right, Timestamp, UserId};
    use crate::decisions::{Block, Signature, Verdict, ledger_text};
    use crate::judge::PushedText;
    use crate::settings::Settings;
    use crate::source::RepoPath;
    use std::collections::{BTreeMap, BTreeSet};

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
        let text = ledger_text::append(
            &before,
            &unit,
            &[said(2, 10), Block { comment: 3, ..said(2, 2_050) }, Block { comment: 4, ..said(2, 2_061) }],
        );
        let actor = Actor { id: UserId(2), login: "user2".to_owned(), bot: false };
        let part = PushedText { from: before.len(), to: text.len(), commit: "00".repeat(20), by: Some(actor), right: Ok(Right::Write) };
        let counted = |now: i64| {
            let (blocks, mut uncounted) = (ledger_text::parse(&text).unwrap(), Vec::new());
            let (settings, members) = (Settings::default(), BTreeMap::new());
            let scales = Scales::new(&settings, "acme", &members, Timestamp(now));
            let mut weighing = Weighing::new(&scales);
            let counted = weighing.counted(&text, blocks, std::slice::from_ref(&part), &mut uncounted);
            let counted: Vec<(i64, bool)> = counted.iter().map(|block| (block.at.0, block.pushed)).collect();
            (counted, uncounted.into_iter().map(|(_, words)| words).collect::<Vec<_>>())
        };
        let (now, said) = counted(2_000);
        assert_eq!(now, [(1_000, false), (1_000, true), (2_050, true)]);
        assert!(said[0].contains("still to come, 1970-01-01T00:34:21Z"), "{said:?}");
        // Whenever it is looked at, each has the time that it says.
        assert_eq!(counted(3_000), (vec![(1_000, false), (1_000, true), (2_050, true), (2_061, true)], Vec::new()));
    }

    #[test]
    fn each_block_is_whose_part_it_stands_in() {
        let block = |id: u64| {
            Block::said(
                Signature { id: UserId(id), login: format!("user{id}"), right: "write".to_owned() },
                Timestamp(1_000),
                [ObjectId([0; 20]); 2],
                Verdict::Accepted,
            )
        };
        let unit = RepoPath::new("template.yaml");
        let one = ledger_text::append("", &unit, &[Block { comment: 1, ..block(1) }]);
        let two = ledger_text::append(&one, &unit, &[Block { comment: 2, ..block(2) }]);
        let three = ledger_text::append(&two, &unit, &[Block { comment: 3, ..block(3) }]);
        let part = |from: usize, to: usize| PushedText { from, to, commit: format!("{from:040}"), by: None, right: Ok(Right::Write) };
        let of = |parts: &[PushedText]| super::pushers(&three, 3, parts).iter().map(|part| part.map(|part| part.from)).collect::<Vec<_>>();
        assert_eq!(of(&[part(one.len(), two.len())]), [None, Some(one.len()), None]);
        assert_eq!(of(&[part(0, one.len()), part(two.len(), three.len())]), [Some(0), None, Some(two.len())]);
        // Who adds to a block has said all of it.
        assert_eq!(of(&[part(two.len() - 5, two.len())]), [None, Some(two.len() - 5), None]);
    }

    #[test]
    fn what_a_member_pushes_counts_where_teams_decide() {
        let unit = RepoPath::new("template.yaml");
        let by = Signature { id: UserId(2), login: "rex".to_owned(), right: "admin".to_owned() };
        let said = |verdict: Verdict| Block { comment: 0, ..Block::said(by.clone(), Timestamp(10), [ObjectId([0; 20]); 2], verdict) };
        let actor = Actor { id: UserId(2), login: "rex".to_owned(), bot: false };
        let team = ("acme/security".to_owned(), "rex".to_owned());
        let of = |owners: bool| Settings { owners, teams: vec!["security".to_owned()], ..Settings::default() };
        for (settings, member, verdict, expected, asks) in [
            (of(false), Some(Ok(true)), Verdict::Accepted, Ok("write, team acme/security"), false),
            (of(false), Some(Ok(false)), Verdict::Accepted, Err("rex pushed it, who is not in acme/security"), false),
            (of(false), Some(Err("403".to_owned())), Verdict::Confirmed, Err("could not be looked up"), false),
            (of(false), None, Verdict::Accepted, Err("could not be looked up"), true),
            (of(false), Some(Ok(false)), Verdict::Reopened, Ok("write"), false),
            (of(true), Some(Ok(true)), Verdict::Accepted, Err("where code owners decide"), false),
        ] {
            let text = ledger_text::append("", &unit, &[said(verdict)]);
            let part = PushedText { from: 0, to: text.len(), commit: "00".repeat(20), by: Some(actor.clone()), right: Ok(Right::Write) };
            let members: BTreeMap<_, _> = member.map(|member| (team.clone(), member)).into_iter().collect();
            let scales = Scales::new(&settings, "acme", &members, Timestamp(2_000));
            let pushed = [part];
            assert_eq!(scales.unasked(&pushed), if asks { BTreeSet::from([team.clone()]) } else { BTreeSet::new() });
            let mut uncounted = Vec::new();
            let blocks = ledger_text::parse(&text).unwrap();
            let mut weighing = Weighing::new(&scales);
            let counted = weighing.counted(&text, blocks, &pushed, &mut uncounted);
            let rights: Vec<&str> = counted.iter().map(|block| block.by.right.as_str()).collect();
            match expected {
                Ok(right) => assert_eq!((rights, uncounted.len()), (vec![right], 0), "{verdict:?}"),
                Err(why) => assert!(rights.is_empty() && uncounted[0].1.contains(why), "{uncounted:?}"),
            }
        }
    }
}
