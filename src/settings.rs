//! A repository's settings: what blocks, who decides, what is left out.
//!
//! Comes in: the text of `.github/astride.yml` at the base branch's tip, or of `astride.yml` in the organisation's `.github` repository.
//! Goes out: settings, with the defaults where nothing is said. Never read from the head, which is only linted.

mod bots;
mod deciders;
mod defaults;
mod facts;
mod generated;
mod lock;
mod modes;
pub mod own;
pub mod owners;
mod placed;
mod review_after;
mod rules;
mod sections;
pub mod talk;
mod texts;
mod trust;
mod unfitting;
mod weakened;
mod written;

pub use bots::NamedBot;
pub use facts::OwnStatement;
pub use generated::Generated;
pub use lock::{Excluded, Lock};
pub use modes::{Cadence, Mode, Unread};
pub use review_after::ReviewAfter;
pub use texts::{SettingsError, SettingsTexts};
pub use trust::{Trusted, ids};
pub use weakened::Weakening;
pub use written::schema;

use crate::change::Right;
use crate::model::claim::Statement;
use crate::model::meant;
use crate::settings::own::Own;
use crate::settings::owners::CodeOwners;
use crate::settings::talk::Talk;
use crate::source::{Place, RepoPath};
use crate::stride::Threat;
use crate::stride::policy::{Policy, RuleSet, Side, Thresholds};
use crate::stride::rule::{RuleKind, Severity};
use globset::GlobSet;
use std::collections::{BTreeMap, BTreeSet};
use written::Written;

/// Where a repository keeps its settings.
pub const PATH: &str = ".github/astride.yml";
/// The file that is proposed to a repository that has none.
pub const PROPOSED: &str = include_str!("settings/proposed.yml");
/// Where an organisation keeps its own: a repository's name, and a file of it.
pub const ORGANISATION: (&str, &str) = (".github", "astride.yml");
/// Where `astride threats --write` keeps the register, unless the settings say otherwise.
pub const DOCUMENT: &str = "docs/security/threat-model.md";
const LOCK_IS_THE_ORGANISATIONS: &str = "lock: counts in the organisation's settings alone";
/// Largest settings file, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// The settings that judgement uses.
#[derive(Clone, Debug)]
pub struct Settings {
    pub mode: Mode,
    /// Findings of this severity and above block; `None` for none.
    pub findings: Option<Severity>,
    /// Questions of this severity and above block; `None`, the default, for none.
    pub questions: Option<Severity>,
    /// What becomes of files that are not judged.
    pub unread: Unread,
    /// The least right that decides.
    pub decide: Right,
    /// Teams whose members alone decide, as their slugs or `organisation/slug`; empty for whoever has the right.
    pub teams: Vec<String>,
    /// Bots whose commands propose.
    pub bots: Vec<NamedBot>,
    /// Whether on what has code owners they alone decide.
    pub owners: bool,
    /// The code owners of the base branch, where they decide or are asked; or why nobody knows them.
    pub code_owners: Option<Result<CodeOwners, String>>,
    /// How many must agree on what has this severity or a higher one.
    pub needed: BTreeMap<Severity, usize>,
    /// After how many days a decision without an end is looked at again.
    pub review_after: ReviewAfter,
    /// Who calls an emergency: a team's slug, or `organisation/slug`; `None`, the default, for administrators.
    pub emergency_team: Option<String>,
    /// Review threads at most, 0 to 20.
    pub threads: usize,
    /// How people are spoken with.
    pub talk: Talk,
    /// Whether the comment ends with its open threats as JSON.
    pub agents: bool,
    /// The Markdown file in which the register is kept.
    pub document: String,
    /// How often the register's issue is written.
    pub issue: Cadence,
    /// In whose issues it may be told what Astride misread, `OWNER/REPOSITORY`; `None` offers none.
    pub misread_issues: Option<String>,
    /// Paths that are not judged.
    pub exclude: GlobSet,
    /// Their patterns, as written.
    pub excluded: Vec<Excluded>,
    /// Under which keys a repository may not ask for less; counts in an organisation's settings.
    pub lock: BTreeSet<Lock>,
    /// What of a repository's own the organisation locks: it counts for nothing.
    pub refused: Vec<SettingsError>,
    /// What people state of elements, in the order of the file.
    pub facts: Vec<Statement>,
    /// Whom people trust, in the order of the file; the organisation's after the repository's own.
    pub trust: Vec<Trusted>,
    /// What weighs more or less here, blocks or not, or is not asked, by rule, category, kind and path.
    pub rules: Policy,
    /// What the repository's own CI makes for the judgement; `None`, the default, where all of it is in git.
    pub generated: Option<Generated>,
    /// What the organisation has of its own.
    pub own: Own,
    /// What people state of its own facts, before they are known.
    pub own_stated: Vec<OwnStatement>,
    /// What of that says nothing, and why: it counts for nothing.
    pub unstated: Vec<SettingsError>,
    /// Accounts with whose roles code runs by what the base says. No file of settings has them.
    pub own_accounts: BTreeSet<String>,
}

impl Settings {
    /// Whether a path is not judged.
    pub fn excludes(&self, path: &RepoPath) -> bool {
        !self.exclude.is_empty() && self.exclude.is_match(path.as_str())
    }

    /// Whether a threat of that kind and severity keeps the gate shut.
    pub fn blocks(&self, kind: RuleKind, severity: Severity) -> bool {
        self.thresholds().blocks(kind, severity)
    }

    /// Whether the gate waits for a threat; `counted` is the kind as which it counts, where it does not count as what it is. An entry of
    /// `rules` that says `blocks` decides, whatever kind and severity are. But `blocks: yes` is said of threats that count in full: for one
    /// that counts as less here (a finding that stood in part before, a question that stood in another file) the gate waits as it does without
    /// the entry.
    pub fn waits_for(&self, threat: &Threat, counted: Option<RuleKind>) -> bool {
        match (threat.waits(), counted) {
            (Some(false), _) => false,
            (Some(true), None) => true,
            (Some(true), Some(graver)) if graver < threat.rule.kind => true,
            (Some(true) | None, _) => self.blocks(counted.unwrap_or(threat.rule.kind), threat.severity),
        }
    }

    fn thresholds(&self) -> Thresholds {
        Thresholds { findings: self.findings, questions: self.questions }
    }

    /// What is asked of a model with units that were moved, from where to where.
    pub fn rule_set<'s>(&'s self, moved: &'s [(RepoPath, RepoPath)]) -> RuleSet<'s> {
        RuleSet { rules: self.own.all_rules(), policy: &self.rules, moved, side: Side::Head, thresholds: self.thresholds() }
    }

    /// Makes them ask for at least what the organisation's do, and trust whom it trusts. What is left out and stated is about the repository's
    /// own paths, as far as the organisation does not lock it. To be called before `with_own`.
    pub fn tighten(&mut self, organisation: &Self) {
        self.hold_to_locks(organisation);
        // A missing threshold blocks nothing.
        let stricter = |own: Option<Severity>, other: Option<Severity>| own.into_iter().chain(other).min();
        self.mode = self.mode.max(organisation.mode);
        self.findings = stricter(self.findings, organisation.findings);
        self.questions = stricter(self.questions, organisation.questions);
        self.unread = self.unread.max(organisation.unread);
        self.decide = self.decide.max(organisation.decide);
        self.owners |= organisation.owners;
        self.keep_to_teams(organisation);
        self.name_bots_of(organisation);
        self.talk.beside(&organisation.talk);
        for (severity, needed) in &organisation.needed {
            let own = self.needed.entry(*severity).or_default();
            *own = (*own).max(*needed);
        }
        self.review_after.shorten(&organisation.review_after);
        self.rules.organisation.clone_from(&organisation.rules.own);
        self.trust.retain(|own| organisation.trust.iter().all(|trusted| trusted.id != own.id));
        self.trust.extend(organisation.trust.iter().cloned());
        if self.misread_issues.is_none() {
            self.misread_issues.clone_from(&organisation.misread_issues);
        }
        if organisation.emergency_team.is_some() {
            self.emergency_team.clone_from(&organisation.emergency_team);
        }
    }

    /// With what the organisation has of its own, by whose facts what people state of them is known.
    #[must_use]
    pub fn with_own(mut self, own: &Own) -> Self {
        for stated in std::mem::take(&mut self.own_stated) {
            match stated.taken(own.facts()) {
                Ok(statement) => self.facts.push(statement),
                Err(error) => self.unstated.push(error),
            }
        }
        self.unstated.extend(rules::own_unknown(&self.rules, own));
        self.own.clone_from(own);
        self
    }

    /// How many must agree on what has this severity.
    pub fn needed_for(&self, severity: Severity) -> usize {
        self.needed.range(..=severity).map(|(_, needed)| *needed).max().unwrap_or(1).max(1)
    }

    /// How many must agree, behind the words on who decides: `; what is critical needs 2 of them`. Empty where one person is enough.
    pub fn agreement(&self) -> String {
        let several = self.needed.iter().filter(|(_, needed)| **needed > 1);
        let words = several.map(|(severity, needed)| {
            let above = if *severity == Severity::Critical { "" } else { " and above" };
            format!("; what is {}{above} needs {needed} of them", severity.word())
        });
        words.collect()
    }
}

/// Parses settings.
///
/// # Errors
/// The first thing that is wrong, with its line.
pub fn parse(path: &RepoPath, text: &str) -> Result<Settings, SettingsError> {
    let at = |line: u32, message: String| SettingsError { place: Place { path: path.clone(), line, end_line: line }, message };
    if text.len() > MAX_BYTES {
        return Err(at(1, format!("settings have {} bytes, more than {MAX_BYTES}", text.len())));
    }
    if text.trim().is_empty() {
        return Ok(Settings::default());
    }
    let written: Written = serde_saphyr::from_str(text).map_err(|error| {
        let line = error.location().map_or(1, |location| u32::try_from(location.line()).unwrap_or(1));
        at(line.max(1), meant::message(&error.to_string(), &written::sections()))
    })?;
    let settings = written.settings(path).map_err(|message| at(1, message))?;
    let kept = sections::parse(path, text)?;
    let is_repositorys = path.as_str().ends_with(PATH);
    let lock = if is_repositorys { BTreeSet::new() } else { settings.lock };
    let idle = kept.lock.filter(|_| is_repositorys).map(|place| SettingsError { place, message: LOCK_IS_THE_ORGANISATIONS.to_owned() });
    let mut places = kept.excluded.into_iter();
    let with_line = |entry: Excluded| Excluded { place: places.next().unwrap_or(entry.place), pattern: entry.pattern };
    let excluded = settings.excluded.into_iter().map(with_line).collect();
    let unstated = idle.into_iter().collect();
    let bots = kept.bots;
    let rules = Policy { own: kept.rules, organisation: Vec::new() };
    Ok(Settings {
        excluded,
        bots,
        lock,
        unstated,
        facts: kept.stated.known,
        own_stated: kept.stated.own,
        trust: kept.trust,
        rules,
        ..settings
    })
}

#[cfg(test)]
mod tests {
    use super::{Mode, parse};
    use crate::source::RepoPath;
    use crate::stride::rule::Severity;

    #[test]
    fn what_is_not_said_is_the_default() {
        let path = RepoPath::new(super::PATH);
        for text in ["", "# nothing\n", "version: 1\n"] {
            let settings = parse(&path, text).unwrap();
            assert_eq!((settings.mode, settings.findings, settings.threads), (Mode::Advise, Some(Severity::High), 5), "{text:?}");
        }
    }

    #[test]
    fn what_is_proposed_asks_for_nothing_new() {
        let path = RepoPath::new(super::PATH);
        let defaults = super::Settings::default();
        let proposed = parse(&path, super::PROPOSED).unwrap();
        assert_eq!(proposed.mode, Mode::Advise);
        assert!(defaults.weakened_by(&proposed).is_empty());
        // Every example in it is one that is taken.
        let examples: Vec<&str> = super::PROPOSED.lines().filter_map(|line| line.strip_prefix("# ")).collect();
        let is_prose = |line: &&str| {
            line.starts_with(|first: char| first.is_ascii_uppercase()) || line.starts_with("advise:") || line.starts_with("enforce:")
        };
        let examples: Vec<&str> = examples.into_iter().filter(|line| !is_prose(line)).collect();
        let all = parse(&path, &examples.join("\n")).unwrap();
        assert_eq!((all.findings, all.decide), (defaults.findings, defaults.decide));
        assert_eq!((all.excluded.len(), all.facts.len(), all.trust.len()), (1, 1, 1));
    }

    #[test]
    fn errors_name_their_line() {
        let path = RepoPath::new(super::PATH);
        for (text, line, part) in [
            ("version: 2\n", 1, "version 2"),
            ("version: 1\nmode: strict\n", 2, "strict"),
            ("mode: advise\ngates: {}\n", 2, "did you mean `gate`?"),
            ("mode: advize\n", 1, "did you mean `advise`?"),
            ("threads: 5\n", 1, "it belongs into `comment:`"),
            ("gate:\n  findings: [high]\n", 2, "one word is wanted here"),
            ("comment: {threads: 50}\n", 1, "at most 20"),
            ("exclude: ['a[']\n", 1, "exclude"),
            ("gate: {emergency_team: '@acme/security'}\n", 1, "emergency_team"),
            ("wrong: {issues: https://forge.example/acme/shop}\n", 1, "wrong.issues"),
            ("decide: {teams: ['@acme/security']}\n", 1, "decide.teams"),
            ("decide: {needed: {critical: 9}}\n", 1, "decide.needed.critical"),
            ("decide: {needed: {severe: 2}}\n", 1, "severe"),
            ("register: {document: ../notes.md}\n", 1, "register.document"),
            ("register: {document: notes.txt}\n", 1, "register.document"),
            ("facts:\n  a.yaml#Fn:\n    signature_chek: on\n", 3, "did you mean `signature_check`"),
            ("facts:\n  a.yaml#Fn: {data_class: secret}\n", 2, "one of public, internal"),
            ("facts:\n  a.yaml#Fn: {at_rest: cmk}\n", 2, "read from the template"),
            ("facts:\n  a.yaml: {webhook: yes}\n", 2, "names no element"),
            ("facts:\n  a.yaml#[: {webhook: yes}\n", 2, "facts"),
            ("facts:\n  a.yaml#Fn: [webhook]\n", 2, "mapping"),
            ("facts:\n  a.yaml#Fn: {webhook: [yes]}\n", 2, "a word"),
            ("facts: signature_check\n", 1, "mapping"),
            ("trust:\n  11112222333: us\n", 2, "neither an account number"),
            ("trust:\n  111122223333:\n", 2, "say who"),
            ("trust: [111122223333]\n", 1, "mapping"),
            ("decide:\n  bots: ['renovate[bot]']\n", 2, "number"),
            ("decide:\n  bots: [29139614,\n    0]\n", 3, "decide.bots"),
            ("decide:\n  bots: [7,\n    7]\n", 3, "twice"),
            ("decide:\n  bots: 29139614\n", 2, "bots"),
            ("decide: {review_after: {high: 0}}\n", 1, "decide.review_after.high"),
            ("decide: {review_after: {hihg: 90}}\n", 1, "did you mean `high`?"),
            ("trust:\n  111122223333: us\n  111122223333: them\n", 3, "111122223333"),
            ("generated: {workflow: synth.yml, artifact: input}\n", 1, "generated.workflow"),
            ("generated: {workflow: .github/workflows/../synth.yml, artifact: input}\n", 1, "generated.workflow"),
            ("generated: {workflow: .github/workflows/synth.yml, artifact: 'a/b'}\n", 1, "generated.artifact"),
            ("generated: {workflow: .github/workflows/synth.yml}\n", 1, "artifact"),
        ] {
            let error = parse(&path, text).unwrap_err();
            assert_eq!(error.place.line, line, "{text:?}: {error}");
            assert!(error.message.contains(part), "{text:?}: {error}");
            assert_eq!(error.to_string().matches("line").count(), 0, "{error}");
        }
    }

    #[test]
    fn what_an_organisation_locks_is_refused_with_its_line() {
        let parsed = |path: &str, text: &str| parse(&RepoPath::new(path), text).unwrap();
        let of_organisation = |text: &str| parsed(super::ORGANISATION.1, text);
        let own = "exclude:\n- examples/**\n- infra/**\nfacts:\n  '**#Fn': {signature_check: on, multi_tenant: yes}\n";
        for (organisation, left_out, stated, refused) in [
            ("mode: enforce\n", 2, 2, vec![]),
            (
                "lock: [exclude]\nexclude: ['examples/**']\n",
                1,
                2,
                vec![(3, "exclude: the organisation locks this key, and does not have `infra/**`")],
            ),
            ("lock: [facts]\n", 2, 1, vec![(5, "facts: the organisation locks this key, and does not have `**#Fn: signature_check: on`")]),
            ("lock: [facts]\nfacts: {'**#Fn': {signature_check: on}}\n", 2, 2, vec![]),
        ] {
            let mut settings = parsed(super::PATH, own);
            settings.tighten(&of_organisation(organisation));
            assert_eq!(
                (settings.excluded.len(), settings.exclude.len(), settings.facts.len()),
                (left_out, left_out, stated),
                "{organisation}"
            );
            let found: Vec<(u32, &str)> = settings.refused.iter().map(|error| (error.place.line, error.message.as_str())).collect();
            assert_eq!(found, refused, "{organisation}");
        }
        let own = parsed(super::PATH, "mode: enforce\nlock: [facts]\n");
        assert!(own.lock.is_empty());
        let lines: Vec<u32> = own.unstated.iter().map(|error| error.place.line).collect();
        assert_eq!(lines, [2]);
        let locked = of_organisation("lock: [facts, exclude]\n");
        let lost: Vec<String> = locked.weakened_by(&of_organisation("lock: [facts]\n")).into_iter().map(|cause| cause.from).collect();
        assert_eq!(lost, ["exclude"]);
    }

    #[test]
    fn weakening_is_seen() {
        let path = RepoPath::new(super::PATH);
        let base = parse(&path, "mode: enforce\n").unwrap();
        for (head, count) in [
            ("mode: enforce\n", 0),
            ("", 1),
            ("mode: advise\n", 1),
            ("mode: enforce\ngate: {findings: critical}\n", 1),
            ("mode: enforce\ngate: {findings: low}\n", 0),
            ("mode: enforce\nexclude: ['**']\ngate: {findings: none}\n", 2),
            ("mode: enforce\nfacts: {'**#Fn': {signature_check: on, multi_tenant: yes}}\n", 1),
            ("mode: enforce\nfacts: {'**#Fn': {multi_tenant: yes}}\n", 0),
            ("mode: enforce\ndecide: {owners: true, needed: {critical: 2}}\n", 0),
            ("mode: enforce\ndecide: {review_after: {high: 90, medium: 400}}\n", 0),
            ("mode: enforce\ndecide: {review_after: {critical: 365, high: 365}}\n", 2),
            ("mode: enforce\ngenerated: {workflow: .github/workflows/synth.yml, artifact: input}\n", 0),
            ("mode: enforce\ntrust: {'111122223333': log archive, o-exampleorg1: ours}\n", 2),
        ] {
            assert_eq!(base.weakened_by(&parse(&path, head).unwrap()).len(), count, "{head:?}");
        }
        let base = parse(&path, "decide: {owners: true, needed: {high: 3, critical: 2}}\n").unwrap();
        assert_eq!((base.needed_for(Severity::Medium), base.needed_for(Severity::High), base.needed_for(Severity::Critical)), (1, 3, 3));
        for (head, settings) in [
            ("decide: {owners: true, needed: {high: 3}}\n", &[][..]),
            ("decide: {owners: true, needed: {medium: 3}}\n", &[]),
            ("decide: {owners: true, needed: {critical: 3}}\n", &["decide.needed"]),
            ("decide: {needed: {high: 3}}\n", &["decide.owners"]),
            ("", &["decide.owners", "decide.needed", "decide.needed"]),
        ] {
            let weakened: Vec<&str> = base.weakened_by(&parse(&path, head).unwrap()).iter().map(|cause| cause.setting).collect();
            assert_eq!(weakened, settings, "{head:?}");
        }
    }
}
