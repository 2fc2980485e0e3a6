//! The register: every threat of one tree, with what has become of it.
//!
//! Comes in: a side, the settings, the ledger. Goes out: all that its rules raise, whoever brought it, or what must be fetched first.
//! Nothing is compared, so that what people state in the tree is given, and nothing is new.

use crate::change::{Blobs, Change, Repository, Side, Timestamp};
use crate::decisions::assigned::assignee;
use crate::decisions::authority::Electorate;
use crate::decisions::ledger_text::parts;
use crate::decisions::pin::{Pin, Pinned};
use crate::decisions::reconcile::{self, Hearing};
use crate::decisions::trail::{self, Entry};
use crate::decisions::{Ledger, Reviewed, ledger_text, merge};
use crate::formats::{self, cdk};
use crate::judge::joined::models;
use crate::judge::ledger::{Scales, Weighing};
use crate::judge::pins;
use crate::judge::{LedgerTexts, Needs, PushedText, ledger, own_accounts, pairs, trusted, units};
use crate::model::Model;
use crate::report::register::Register;
use crate::settings::own::Own;
use crate::settings::{Settings, SettingsTexts};
use crate::source::RepoPath;
use crate::stride;
use crate::stride::Threat;
use crate::stride::threats::find_under;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;

/// The ledger's files of a repository.
#[derive(Debug, Default)]
pub struct LedgerFiles {
    /// By name.
    pub texts: BTreeMap<String, String>,
    /// The parts of each that people pushed.
    pub pushed: BTreeMap<String, Vec<PushedText>>,
    /// Whether those people are in the teams whose members alone decide, by `organisation/team` and login.
    pub members: BTreeMap<(String, String), Result<bool, String>>,
}

impl LedgerFiles {
    /// The teams of which it must be looked up whether whoever pushed is in them, as `members` has them.
    pub fn unasked(&self, repository: &Repository, settings: &Settings) -> BTreeSet<(String, String)> {
        let scales = Scales::new(settings, &repository.owner, &self.members, Timestamp::default());
        self.pushed.values().flat_map(|pushed| scales.unasked(pushed)).collect()
    }
}

/// A change that brings every file of a side that may be a unit by its name. What is nested in another is read there, and every other file
/// is at hand for those that open it.
pub fn change(side: Side, blobs: Blobs) -> Change {
    let is_unit = |path: &RepoPath| (formats::may_be_unit(path) || formats::is_default_name(path)) && !cdk::is_nested_output(path);
    let mut others = side.clone();
    others.listing.retain(|path, _| !is_unit(path));
    Change::between(others, side, blobs)
}

/// Every threat of the head of such a change.
///
/// # Errors
/// What must be fetched first.
pub fn register(change: &Change, settings: &SettingsTexts, texts: &LedgerTexts, now: Timestamp) -> Result<Register, Box<Needs>> {
    let mut needs = Needs::default();
    let (mut settings, error) = settings.read();
    settings.own_accounts = own_accounts::of(&change.head, &change.blobs);
    let mut units = units::find(change, &settings, &mut needs);
    let scales = &Scales::new(&settings, &change.repository.owner, &change.members, now);
    let mut ledger = ledger::read(&units, texts, scales, &mut needs);
    if needs.is_empty() {
        needs.head.extend(pins::unread(change, &ledger));
    }
    if !needs.is_empty() {
        return Err(Box::new(needs));
    }
    let mut repairs = mem::take(&mut units.repairs);
    repairs.extend(ledger::repairs(change, texts, &ledger));
    let (_, mut model) = models(&mut units);
    let pinned = |pin: &Pin| pins::state(change, pin);
    let threats = of_model(&model, &settings, &mut ledger, now, &pinned);
    let recorded = mem::take(&mut model.recorded);
    let notes = mem::take(&mut model.notes).into_iter().chain(units.notes).collect();
    let warnings = error.map(|error| error.to_string()).into_iter().collect();
    let is_empty = units.judged.is_empty();
    let (not_judged, review_after) = (units.not_judged, settings.review_after);
    let (commit, closed) = (change.head.commit, BTreeMap::new());
    Ok(Register { commit, model, threats, recorded, repairs, not_judged, notes, review_after, closed, warnings, is_empty })
}

/// What was said in a repository, in order of time: the blocks of its ledger that count.
pub fn said(files: &LedgerFiles, repository: &Repository, settings: &Settings, now: Timestamp) -> Vec<Entry> {
    let LedgerFiles { texts, pushed, members } = files;
    let scales = Scales::new(settings, &repository.owner, members, now);
    let mut in_order: Vec<(&String, &String)> = texts.iter().collect();
    in_order.sort_by_key(|(name, _)| parts::stem(name));
    let mut weighed: BTreeMap<&str, Weighing<'_>> = BTreeMap::new();
    let mut counted = Vec::new();
    for (name, text) in in_order {
        // A file that cannot be read is a repair of the register, which reads the same ones.
        let Ok(blocks) = ledger_text::parse(text) else { continue };
        let weighing = weighed.entry(parts::stem(name).0).or_insert_with(|| Weighing::new(&scales));
        let pushed = pushed.get(name).map_or(&[][..], Vec::as_slice);
        counted.push((repository.id, format!("{}/{name}", repository.id), weighing.counted(text, blocks, pushed, &mut Vec::new())));
    }
    trail::of(counted, now)
}

/// Every threat of a model that belongs to no repository.
pub fn of_paths(mut model: Model, is_empty: bool, own: &Own, now: Timestamp) -> Register {
    let settings = Settings::default().with_own(own);
    let threats = of_model(&model, &settings, &mut Ledger::default(), now, &|_| Pinned::Holds);
    let (recorded, notes) = (mem::take(&mut model.recorded), mem::take(&mut model.notes));
    Register { model, threats, recorded, notes, is_empty, ..Register::default() }
}

/// Each threat with its standing: the worst first.
fn of_model(model: &Model, settings: &Settings, ledger: &mut Ledger, now: Timestamp, pinned: &dyn Fn(&Pin) -> Pinned) -> Vec<Reviewed> {
    let rules = settings.rule_set(&[]);
    let threats = stride::gather(trusted::cover(find_under(model, &rules), settings));
    pairs::follow(ledger, &threats);
    let review = |mut threat: Threat| {
        threat.is_new = false;
        threat.others.iter_mut().for_each(|other| other.is_new = false);
        let said = ledger.about(&threat);
        // Without a pull request nobody is an author.
        let hearing = Hearing { blocks: &said, electorate: &Electorate::default(), today: now.day(), pinned };
        let (standing, undecided) = reconcile::standing(&threat, &hearing);
        let blocks = settings.waits_for(&threat, None);
        let owed = merge::owed(&threat, said.iter().copied());
        let assigned = assignee(&threat, said.iter().copied());
        Reviewed { threat, standing, undecided, introduced: true, blocks, owed, assigned }
    };
    let mut reviewed: Vec<Reviewed> = threats.into_iter().map(review).collect();
    reviewed.sort_by(|a, b| (b.threat.severity, b.threat.score, &a.threat.key).cmp(&(a.threat.severity, a.threat.score, &b.threat.key)));
    reviewed
}
