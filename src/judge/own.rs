//! What an organisation has of its own: whether it could be read, and what a change of the repository that holds it makes of it.
//!
//! Comes in: a change, and the edition in force. Goes out: a repair for each mistake of the head's files, and in what the head's rules ask for less
//! than those of the base, which is a threat of the change, like any other setting that asks for less.

use crate::change::{Change, Mode, ObjectId, Side, TreeView};
use crate::decisions::{Block, organisation};
use crate::judge::{Needs, placed, repairs};
use crate::model::lined::At;
use crate::report::{Repair, Whose, escape};
use crate::settings::own::{self, Checked, Own, OwnBroken, OwnRule, OwnTexts, OwnTypeFile};
use crate::settings::{self, SettingsTexts, Weakening};
use crate::source::{FileState, Files, Note, NoteKind, Place, RepoPath};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Most mistakes that are named.
const MAX_NAMED: usize = 50;

/// What a change does to the organisation's own files.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// Whether it touches them at all, and leaves them as they should be.
    pub(super) is_sound: bool,
    pub(super) repairs: Vec<Repair>,
    /// In what the head's rules ask for less, and where.
    pub(super) weakened: Vec<(Weakening, Place)>,
}

/// Looks at the files of the change's own repository, if it is the one that holds them. What is not at hand is added to `needs`.
pub(super) fn changed(change: &Change, in_force: &Own, needs: &mut Needs) -> Changed {
    let is_holder = change.repository.name.eq_ignore_ascii_case(settings::ORGANISATION.0);
    let (before, after) = (files(&change.base), files(&change.head));
    if !is_holder || before == after {
        return Changed::default();
    }
    let mut changed = Changed::default();
    let head = match texts(change, &change.head, &after, &mut needs.head) {
        Some(Ok(texts)) => texts,
        Some(Err(path)) => {
            let note = Note::on_file(&path, NoteKind::Unreadable, "this is no plain text file, and is read as none".to_owned());
            changed.repairs.push(repairs::of(change, &note, "make it one"));
            return changed;
        }
        None => return changed,
    };
    match check(&head) {
        Ok(checked) => {
            changed.is_sound = true;
            let base = texts(change, &change.base, &before, &mut needs.base).and_then(Result::ok);
            let base = base.and_then(|texts| check(&texts).ok().map(|checked| (checked, texts)));
            // While nobody can read what the base has, the edition before it asks.
            let (base, texts) = base.unwrap_or_else(|| of_edition(in_force));
            changed.weakened = placed::in_own(&head, &texts, weakened(&base, &checked));
        }
        Err(errors) => {
            let note = |error: &settings::SettingsError| Note {
                place: error.place.clone(),
                kind: NoteKind::Unreadable,
                text: error.message.clone(),
            };
            changed.repairs.extend(errors.iter().take(MAX_NAMED).map(|error| repairs::of(change, &note(error), "fix it and push")));
        }
    }
    changed
}

/// What an edition asks for, which was read without a mistake before.
fn of_edition(own: &Own) -> (All, OwnTexts) {
    let texts: OwnTexts = own.texts().map(|(path, text)| (path.clone(), text.to_owned())).collect();
    (check(&texts).unwrap_or_default(), texts)
}

/// What the files hold: what is built of, and what is decided.
#[derive(Default)]
struct All {
    built_of: Checked,
    decided: Vec<Block>,
}

/// Checks all files, those with decisions among them.
fn check(texts: &OwnTexts) -> Result<All, Vec<settings::SettingsError>> {
    let built_of = own::check(texts)?;
    let decided = organisation::read(own::decisions_in(texts))?;
    Ok(All { built_of, decided })
}

/// The files of a side that are read, as listed.
fn files(side: &Side) -> BTreeMap<&RepoPath, (Mode, ObjectId)> {
    let below = side.listing.below(own::FOLDER);
    below.filter(|(path, _)| Own::holds(path)).map(|(path, listed)| (path, (listed.mode, listed.id))).collect()
}

/// Their texts, or one that is none; `None` while some must be fetched.
fn texts(
    change: &Change,
    side: &Side,
    files: &BTreeMap<&RepoPath, (Mode, ObjectId)>,
    needs: &mut BTreeSet<RepoPath>,
) -> Option<Result<OwnTexts, RepoPath>> {
    let view = TreeView { side, blobs: &change.blobs };
    let mut texts = OwnTexts::new();
    for (path, (mode, _)) in files {
        match view.state(path) {
            FileState::NotFetched(missing) => {
                needs.insert(missing);
            }
            // What a link leads to could change without anybody's notice.
            FileState::Text(text) if *mode == Mode::File => {
                texts.insert((*path).clone(), text.to_owned());
            }
            _ => return Some(Err((*path).clone())),
        }
    }
    (texts.len() == files.len()).then_some(Ok(texts))
}

/// What is decided in all repositories, and was not before; the rules that are gone, weigh less, or speak under other conditions, and the facts whose answers mean something else: of those nobody can
/// tell whether they hold as much.
fn weakened(All { built_of: before, decided: decided_before }: &All, All { built_of: after, decided }: &All) -> Vec<Weakening> {
    let answers = decided.iter().filter(|block| !decided_before.contains(block)).map(|block| {
        let cause = block.cause.as_ref().map(ToString::to_string).unwrap_or_default();
        let to = format!("{} {} in all repositories: {} on {cause}", block.threat, block.verdict.word(), block.rule);
        Weakening { setting: "decisions", from: String::new(), to }
    });
    let find = |id: &str| after.rules.iter().find(|rule| rule.id == id);
    let cause = |from: String, to: String| Weakening { setting: "rules", from, to };
    let compare = |rule: &OwnRule| {
        let weight = |rule: &OwnRule| format!("{} {} {}", rule.id, rule.severity.word(), rule.kind.word());
        match find(&rule.id) {
            None => Some(cause(rule.id.clone(), String::new())),
            Some(now) if now.severity < rule.severity || now.exposed_severity < rule.exposed_severity || now.kind > rule.kind => {
                Some(cause(weight(rule), weight(now)))
            }
            Some(now) if !rule.speaks_like(now) => Some(cause(rule.id.clone(), format!("{} under other conditions", rule.id))),
            Some(_) => None,
        }
    };
    let facts = before.facts.iter().filter_map(|fact| {
        let now = after.facts.iter().find(|now| now.name == fact.name);
        let cause = |to: String| Weakening { setting: "facts", from: fact.name.clone(), to };
        match now {
            None => Some(cause(String::new())),
            Some(now) if !now.answers_like(fact) => Some(cause(format!("{} with other answers", fact.name))),
            Some(_) => None,
        }
    });
    before.rules.iter().filter_map(compare).chain(facts).chain(types_weakened(before, after)).chain(answers).collect()
}

/// The types that are gone or taken for something else, and those of which nothing is said any more because they are silent now: what nobody
/// describes is told when it changes.
fn types_weakened(before: &Checked, after: &Checked) -> Vec<Weakening> {
    let find = |types: &[At<OwnTypeFile>], kind: &str| types.iter().position(|stated| stated.value.kind == kind);
    let cause = |from: String, to: String| Weakening { setting: "types", from, to };
    let lost = before.types.iter().filter_map(|stated| {
        let kind = &stated.value.kind;
        match find(&after.types, kind).map(|index| &after.types[index].value) {
            None => Some(cause(kind.clone(), String::new())),
            Some(now) if !now.reads_like(&stated.value) => Some(cause(kind.clone(), format!("{kind} taken for something else"))),
            Some(_) => None,
        }
    });
    let silent = after.types.iter().map(|stated| &stated.value).filter(|stated| stated.role == "silent");
    let silenced = silent.filter(|stated| find(&before.types, &stated.kind).is_none());
    lost.chain(silenced.map(|stated| cause(format!("{} told as unknown", stated.kind), format!("{} silent", stated.kind)))).collect()
}

/// What there is to say where nobody can read what the organisation has decided: then it answers nothing.
pub(super) fn undecided(own: &Own) -> Option<String> {
    let error = organisation::read(own.decisions()).err()?.into_iter().next()?;
    let place = format!("{} line {}", escape::code(error.place.path.as_str()), error.place.line);
    Some(format!("What the organisation has decided answers nothing, for it cannot be read ({place}: {}).", escape::text(&error.message)))
}

/// What there is to say where the organisation's own files cannot be taken as they are now: a warning, and a repair where no earlier edition is
/// known, for a rule that nobody can read may be one that holds this change.
pub(super) fn broken(texts: &SettingsTexts, is_repaired: bool) -> (Option<String>, Option<Repair>) {
    let Some(OwnBroken { error, has_earlier }) = &texts.own_broken else { return (None, None) };
    let place = format!("{} line {}", escape::code(error.place.path.as_str()), error.place.line);
    let until = if *has_earlier { "what was valid last applies until it is repaired" } else { "nothing earlier is known" };
    let warning =
        format!("What the organisation has of its own cannot be taken as it is ({place}: {}); {until}.", escape::text(&error.message));
    if *has_earlier || is_repaired {
        return (Some(warning), None);
    }
    let digest: [u8; 32] = Sha256::digest(error.to_string()).into();
    let mut content = [0; 20];
    content.copy_from_slice(&digest[..20]);
    let content = Some(ObjectId(content));
    let repair = Repair {
        id: Repair::id_of(&error.place.path, content),
        content,
        place: error.place.clone(),
        whose: Whose::Organisation,
        what: format!("what the organisation has of its own cannot be read, and nothing earlier is known: {}", error.message),
        way_out: "repair it in the organisation's `.github` repository".to_owned(),
        acceptable: true,
    };
    (Some(warning), Some(repair))
}

#[cfg(test)]
mod tests {
    use super::{All, check, weakened};
    use crate::settings::own::OwnTexts;
    use crate::source::RepoPath;

    const RULE: &str = "- id: OWN-DATA-I-01
  applies_to: {kind: store, service: any}
  kind: finding
  severity: high
  likelihood: low
  rollup: own
  title: '{element} is not encrypted by a key of ours'
  question: 'Which key encrypts {element}?'
  raised_when: at_rest in [none, provider_default]
  fixes: [Set a key of the platform team]
";

    fn rules(text: &str) -> All {
        check(&OwnTexts::from([(RepoPath::new("astride/rules/a.yml"), text.to_owned())])).unwrap()
    }

    #[test]
    fn types_that_say_less_are_seen() {
        let types = |text: &str| check(&OwnTexts::from([(RepoPath::new("astride/types/a.yml"), text.to_owned())])).unwrap();
        let before = "Custom::Tenant: {is: store, facts: {at_rest: [{property: Key, reader: kms_key}]}}\n";
        let silent = format!("{before}Custom::Note: silent\n");
        for (after, from, to) in [
            ("{}", "Custom::Tenant", ""),
            ("Custom::Tenant: store", "Custom::Tenant", "Custom::Tenant taken for something else"),
            (silent.as_str(), "Custom::Note told as unknown", "Custom::Note silent"),
        ] {
            let causes = weakened(&types(before), &types(after));
            let told: Vec<_> = causes.iter().map(|cause| (cause.setting, cause.from.as_str(), cause.to.as_str())).collect();
            assert_eq!(told, [("types", from, to)], "{after}");
        }
        let (more, other) = (format!("{before}Custom::Door: process\n"), before.replace("store,", "store, noun: tenant of ours,"));
        for after in [before, more.as_str(), other.as_str()] {
            assert!(weakened(&types(before), &types(after)).is_empty(), "{after}");
        }
    }

    #[test]
    fn rules_that_ask_for_less_are_seen() {
        for (after, from, to) in [
            (String::new(), "OWN-DATA-I-01", ""),
            (RULE.replace("severity: high", "severity: low"), "OWN-DATA-I-01 high finding", "OWN-DATA-I-01 low finding"),
            (RULE.replace("kind: finding", "kind: question"), "OWN-DATA-I-01 high finding", "OWN-DATA-I-01 high question"),
            (RULE.replace("[none, provider_default]", "[none]"), "OWN-DATA-I-01", "OWN-DATA-I-01 under other conditions"),
            (RULE.replace("service: any", "service: queue"), "OWN-DATA-I-01", "OWN-DATA-I-01 under other conditions"),
        ] {
            let causes = weakened(&rules(RULE), &rules(if after.is_empty() { "[]" } else { &after }));
            let told: Vec<_> = causes.iter().map(|cause| (cause.setting, cause.from.as_str(), cause.to.as_str())).collect();
            assert_eq!(told, [("rules", from, to)], "{after}");
        }
        for after in [RULE.to_owned(), RULE.replace("high", "critical"), RULE.replace("Which key", "What"), format!("# a comment\n{RULE}")]
        {
            assert!(weakened(&rules(RULE), &rules(&after)).is_empty(), "{after}");
        }
    }
}
