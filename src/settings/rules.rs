//! What settings say of rules, by rule, category, kind and path: the section `rules`, a list of entries, each with its reason.
//!
//! Comes in: the section. Goes out: entries with the lines that they stand in, each of which selects something, says something and can be
//! reached; or the first that does not.

mod weaker;

pub(super) use weaker::asking_less;

use crate::model::category::Category;
use crate::model::nearest::nearest;
use crate::settings::SettingsError;
use crate::settings::own::Own;
use crate::settings::sections::{Wrong, mapping, place};
use crate::settings::written::globs;
use crate::source::RepoPath;
use crate::stride::policy::{Effect, Policy, PolicyEntry, Selection};
use crate::stride::rule::{OWN, RULES, Rule, RuleKind, Severity};
use crate::syntax::{Node, Value};
use globset::{Glob, GlobMatcher};
use schemars::{Schema, SchemaGenerator, json_schema};
use std::sync::Arc;

/// Most entries; each is held against every threat that is found.
const MAX_ENTRIES: usize = 200;
/// Most patterns of one entry.
const MAX_PATHS: usize = 20;
/// Longest reason, in characters.
const MAX_WHY: usize = 400;
const KEYS: [&str; 8] = ["rule", "category", "kind", "paths", "severity", "blocks", "off", "why"];
const KINDS: [RuleKind; 3] = [RuleKind::Finding, RuleKind::Question, RuleKind::Baseline];
const SEVERITIES: [Severity; 4] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

/// The JSON Schema of the section. It is stricter than the reader where YAML lets one thing be written in many ways.
pub(super) fn schema(_: &mut SchemaGenerator) -> Schema {
    let switch = || serde_json::json!({"enum": [true, false, "yes", "no"]});
    let categories = Category::ALL.iter().flat_map(|category| [category.letter().to_string(), category_word(*category)]);
    json_schema!({
        "type": "array",
        "maxItems": MAX_ENTRIES,
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["why"],
            "anyOf": [{"required": ["rule"]}, {"required": ["category"]}, {"required": ["kind"]}, {"required": ["paths"]}],
            "oneOf": [
                {"required": ["off"], "not": {"anyOf": [{"required": ["severity"]}, {"required": ["blocks"]}]}},
                {"not": {"required": ["off"]}, "anyOf": [{"required": ["severity"]}, {"required": ["blocks"]}]},
            ],
            "properties": {
                "rule": {"description": "The id of a rule, or a pattern of ids: `STR-LAMBDA-D-*`.", "type": "string", "pattern": "^[A-Z0-9*-]+$"},
                "category": {"description": "A category of STRIDE.", "enum": categories.collect::<Vec<_>>()},
                "kind": {"description": "A kind of rule.", "enum": KINDS.map(RuleKind::word)},
                "paths": {
                    "description": "Patterns of templates, roots and files of roots; without them everywhere.",
                    "type": "array", "minItems": 1, "maxItems": MAX_PATHS, "items": {"type": "string", "pattern": "^[^/.]"},
                },
                "severity": {"description": "How severe such threats are here.", "enum": SEVERITIES.map(Severity::word)},
                "blocks": {"description": "Whether the gate waits for them, whatever their kind and severity.", "enum": switch()["enum"]},
                "off": {"description": "They are not asked. They are counted and named.", "enum": [true, "yes"]},
                "why": {"description": "The reason, which is shown.", "type": "string", "pattern": "[^ ]", "maxLength": MAX_WHY},
            },
        },
    })
}

/// The entries of the section.
pub(super) fn read(section: Node<'_>, path: &RepoPath, of_organisation: bool) -> Result<Vec<Arc<PolicyEntry>>, Wrong> {
    const WANTED: &str = "rules: wants a list of entries, each with a rule, category, kind or paths, what becomes of them, and `why`";
    let Value::List(items) = section.value else { return Err((section.span, WANTED.to_owned())) };
    if items.len() > MAX_ENTRIES {
        return Err((section.span, format!("rules: {} entries, at most {MAX_ENTRIES} are possible", items.len())));
    }
    let mut read: Vec<Arc<PolicyEntry>> = Vec::new();
    for item in items {
        let entry = entry(*item, path, of_organisation)?;
        if let Some(earlier) = read.iter().find(|earlier| hides(&read, earlier, &entry)) {
            let message = format!("rules: this entry never counts: the one in line {} comes first and fits the same", earlier.place.line);
            return Err((item.span, message));
        }
        read.push(Arc::new(entry));
    }
    Ok(read)
}

fn entry(item: Node<'_>, path: &RepoPath, of_organisation: bool) -> Result<PolicyEntry, Wrong> {
    let mut selection = Selection::default();
    let mut effect = Effect::default();
    let (mut why, mut selects) = (None, false);
    for written in mapping(item, "rules: an entry is a mapping: `rule: …`, `severity: …`, `why: …`")? {
        let at = |message: String| (written.value.span, format!("rules: {message}"));
        let word = || written.value.scalar().map(str::trim).filter(|word| !word.is_empty());
        let one_of = |known: Vec<String>| at(format!("`{}` is one of {}", written.key, known.join(", ")));
        selects |= matches!(written.key, "rule" | "category" | "kind" | "paths");
        match written.key {
            "rule" => {
                let ids = word().ok_or_else(|| at("`rule` is an id, or a pattern of ids: STR-LAMBDA-D-*".to_owned()))?;
                selection.rule = Some((ids.to_owned(), ids_of(ids).map_err(at)?));
            }
            "category" => {
                let known = || Category::ALL.iter().map(|category| category_word(*category)).collect();
                selection.category = Some(word().and_then(category).ok_or_else(|| one_of(known()))?);
            }
            "kind" => {
                let kind = word().and_then(|word| KINDS.into_iter().find(|kind| kind.word() == word));
                selection.kind = Some(kind.ok_or_else(|| one_of(KINDS.map(|kind| kind.word().to_owned()).to_vec()))?);
            }
            "paths" => {
                let paths: Option<Vec<String>> = written.value.items().iter().map(|item| item.scalar().map(str::to_owned)).collect();
                selection.paths = paths.filter(|paths| !paths.is_empty()).ok_or_else(|| at("`paths` is a list of patterns".to_owned()))?;
                if selection.paths.len() > MAX_PATHS {
                    return Err(at(format!("{} patterns in `paths`, at most {MAX_PATHS} are possible", selection.paths.len())));
                }
                if let Some(rooted) = selection.paths.iter().find(|path| path.starts_with(['/', '.'])) {
                    let plain = rooted.trim_start_matches(['/', '.']);
                    return Err(at(format!("`{rooted}` fits nothing: paths begin at the repository's root, `{plain}`")));
                }
                selection.matcher =
                    globs("rules", selection.paths.iter().map(String::as_str)).map_err(|error| (written.value.span, error))?;
            }
            "severity" => {
                let severity = word().and_then(|word| SEVERITIES.into_iter().find(|severity| severity.word() == word));
                effect.severity = Some(severity.ok_or_else(|| one_of(SEVERITIES.map(|severity| severity.word().to_owned()).to_vec()))?);
            }
            "blocks" => effect.blocks = Some(word().and_then(switch).ok_or_else(|| at("`blocks` is yes or no".to_owned()))?),
            "off" if word().and_then(switch) == Some(true) => effect.off = true,
            "off" => return Err(at("`off` is true, or left out".to_owned())),
            "why" => {
                let reason = word().filter(|why| why.chars().count() <= MAX_WHY && !why.contains(char::is_control));
                why = Some(reason.ok_or_else(|| at(format!("`why` is one line of at most {MAX_WHY} characters")))?.to_owned());
            }
            other => {
                let meant = nearest(other, KEYS.into_iter()).map_or_else(String::new, |meant| format!(": did you mean `{meant}`?"));
                return Err((written.key_span, format!("rules: `{other}` is none of {}{meant}", KEYS.join(", "))));
            }
        }
    }
    let wrong = |message: &str| Err((item.span, format!("rules: {message}")));
    if !selects {
        return wrong("the entry is about nothing: name a `rule`, a `category`, a `kind` or `paths`");
    }
    if effect == Effect::default() {
        return wrong("the entry says nothing: write `severity`, `blocks` or `off: true`");
    }
    if effect.off && (effect.severity.is_some() || effect.blocks.is_some()) {
        return wrong("what is `off` has no severity and does not block: write one or the other");
    }
    let Some(why) = why else { return wrong("say `why`: the reason is shown wherever the entry counts") };
    if !is_of_own(&selection) && !RULES.iter().any(|rule| selection.has_rule(rule)) {
        return wrong("no rule has that id, category and kind together");
    }
    // Where the gate is to wait, a file of a root says enough.
    selection.by_file = effect.blocks == Some(true) && effect.severity.is_none();
    Ok(PolicyEntry { selection, effect, why, place: place(path, item.span), of_organisation, only_raises: false })
}

/// The ids that a pattern means; built-in ones are known here, those of the organisation where it is read (`own_unknown`).
fn ids_of(pattern: &str) -> Result<GlobMatcher, String> {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"-*".contains(&byte);
    let matcher = Glob::new(pattern).ok().filter(|_| pattern.bytes().all(plain)).map(|glob| glob.compile_matcher());
    let is_known = |matcher: &GlobMatcher| pattern.starts_with(OWN) || RULES.iter().any(|rule| matcher.is_match(rule.id));
    matcher.filter(is_known).ok_or_else(|| {
        let ids = RULES.iter().map(|rule| rule.id);
        let meant = nearest(&pattern.to_ascii_uppercase(), ids).map_or_else(String::new, |meant| format!(": did you mean `{meant}`?"));
        format!("no rule has the id `{pattern}`{meant}")
    })
}

fn category(word: &str) -> Option<Category> {
    let is_named = |category: &Category| category_word(*category) == word || word.len() == 1 && word.starts_with(category.letter());
    Category::ALL.into_iter().find(is_named)
}

/// `denial-of-service`.
fn category_word(category: Category) -> String {
    category.words().to_lowercase().replace(' ', "-")
}

fn switch(word: &str) -> Option<bool> {
    match word {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

/// Whether only rules of the organisation's own can be meant.
fn is_of_own(selection: &Selection) -> bool {
    selection.rule.as_ref().is_some_and(|(pattern, _)| pattern.starts_with(OWN))
}

/// Whether an earlier entry has a part in it that a later one counts for nothing: whatever that fits, one of those before it fits first.
fn hides(before: &[Arc<PolicyEntry>], earlier: &PolicyEntry, entry: &PolicyEntry) -> bool {
    let is_wider = |other: &PolicyEntry| {
        let (wide, narrow) = (&other.selection, &entry.selection);
        wide.paths.is_empty() || wide.paths == narrow.paths && (wide.by_file || !narrow.by_file)
    };
    if is_of_own(&entry.selection) {
        let key = |entry: &PolicyEntry| {
            let Selection { rule, category, kind, .. } = &entry.selection;
            (rule.as_ref().map(|(pattern, _)| pattern.clone()), *category, *kind)
        };
        return is_wider(earlier) && key(earlier) == key(entry);
    }
    let mut selected = RULES.iter().filter(|rule| entry.selection.has_rule(rule)).peekable();
    let has_own = entry.selection.rule.as_ref().is_none_or(|(pattern, _)| pattern.starts_with('*'));
    let of_own = |other: &PolicyEntry| {
        let (wide, narrow) = (&other.selection, &entry.selection);
        let is_wide = |pattern: &str| pattern == "*" || narrow.rule.as_ref().is_some_and(|(own, _)| own == pattern);
        wide.rule.as_ref().is_none_or(|(pattern, _)| is_wide(pattern))
            && wide.category.is_none_or(|category| narrow.category == Some(category))
            && wide.kind.is_none_or(|kind| narrow.kind == Some(kind))
    };
    is_wider(earlier)
        && selected.peek().is_some_and(|rule| earlier.selection.has_rule(rule))
        && selected.all(|rule| before.iter().any(|other| is_wider(other) && other.selection.has_rule(rule)))
        && (!has_own || before.iter().any(|other| is_wider(other) && of_own(other)))
}

/// Entries on rules of the organisation's own that it does not have: they count for nothing.
pub(super) fn own_unknown(policy: &Policy, own: &Own) -> Vec<SettingsError> {
    let is_unknown =
        |entry: &&Arc<PolicyEntry>| is_of_own(&entry.selection) && !own.rules().iter().any(|rule| entry.selection.has_rule(rule));
    let error = |entry: &Arc<PolicyEntry>| {
        let ids = own.rules().iter().map(|rule| rule.id);
        let named = entry.selection.rule.as_ref().map_or("", |(pattern, _)| pattern.as_str());
        let meant = nearest(named, ids).map_or_else(String::new, |meant| format!(": did you mean `{meant}`?"));
        SettingsError {
            place: entry.place.clone(),
            message: format!("rules: the organisation has no rule `{}`{meant}", entry.selection.words()),
        }
    };
    policy.own.iter().filter(is_unknown).map(error).collect()
}

/// Takes from a repository's entries what asks for less, where the organisation locks that; each is told with its line.
pub(super) fn hold_to_lock(own: &mut Vec<Arc<PolicyEntry>>, refused: &mut Vec<SettingsError>) {
    let mut held: Vec<Arc<PolicyEntry>> = Vec::new();
    for entry in own.drain(..) {
        let severity = entry.effect.severity;
        let selected = || RULES.iter().filter(|rule| entry.selection.has_rule(rule));
        let lowers = severity.is_some_and(|severity| selected().next().is_none() || selected().any(|rule| graver(rule) > severity));
        if entry.effect.off || entry.effect.blocks == Some(false) || lowers {
            let message = format!("rules: the organisation locks this key, and `{}` may only ask for more", entry.words());
            refused.push(SettingsError { place: entry.place.clone(), message });
        }
        let effect = Effect { severity, blocks: entry.effect.blocks.filter(|blocks| *blocks), off: false };
        if effect != Effect::default() {
            held.push(Arc::new(PolicyEntry { effect, only_raises: true, ..PolicyEntry::clone(&entry) }));
        }
    }
    *own = held;
}

/// The gravest that a threat of the rule is by itself.
fn graver(rule: &Rule) -> Severity {
    rule.severity.max(rule.exposed_severity)
}

#[cfg(test)]
mod tests {
    use crate::settings::{ORGANISATION, PATH, Settings, parse};
    use crate::source::RepoPath;
    use crate::stride::policy::Selection;
    use crate::stride::rule::{Severity, find_rule};

    fn parsed(path: &str, text: &str) -> Settings {
        parse(&RepoPath::new(path), text).unwrap()
    }

    /// What comes of a critical threat of a rule, in a path where it matters.
    fn outcome(settings: &Settings, rule: &str, path: Option<&str>) -> (Severity, Option<bool>, bool) {
        let is_there = |selection: &Selection| selection.paths.is_empty() || path.is_some_and(|path| selection.paths == [path]);
        let rule = find_rule(rule).unwrap();
        let ruled = settings.rules.fitting(rule, &is_there).ruled(rule.severity).unwrap_or_default();
        (ruled.severity.map_or(rule.severity, |(_, counts, _)| counts), ruled.blocks.map(|(blocks, _)| blocks), ruled.off.is_some())
    }

    #[test]
    fn entries_that_say_nothing_are_errors_with_their_line() {
        for (text, line, part) in [
            ("rules: {rule: STR-FURL-S-01}\n", 1, "a list"),
            ("rules:\n", 1, "a list"),
            ("rules:\n- STR-FURL-S-01\n", 2, "a mapping"),
            ("rules:\n- {rule: STR-FRUL-S-01, off: true, why: x}\n", 2, "did you mean `STR-FURL-S-01`?"),
            ("rules:\n- {rule: STR-NOTHING-*, off: true, why: x}\n", 2, "no rule has the id"),
            ("rules:\n- {rule: 'STR-[', off: true, why: x}\n", 2, "no rule has the id"),
            ("rules:\n- {rule: STR-FURL-S-01, category: D, off: true, why: x}\n", 2, "together"),
            ("rules:\n- {rules: STR-FURL-S-01, off: true, why: x}\n", 2, "did you mean `rule`?"),
            ("rules:\n- {category: weather, off: true, why: x}\n", 2, "spoofing, tampering"),
            ("rules:\n- {kind: bug, off: true, why: x}\n", 2, "finding, question, baseline"),
            ("rules:\n- {paths: examples, off: true, why: x}\n", 2, "a list of patterns"),
            ("rules:\n- {paths: ['/examples/**'], off: true, why: x}\n", 2, "`examples/**`"),
            ("rules:\n- {paths: ['a['], off: true, why: x}\n", 2, "a["),
            ("rules:\n- {rule: STR-FURL-S-01, severity: urgent, why: x}\n", 2, "critical, high, medium, low"),
            ("rules:\n- {rule: STR-FURL-S-01, blocks: maybe, why: x}\n", 2, "yes or no"),
            ("rules:\n- {rule: STR-FURL-S-01, off: false, why: x}\n", 2, "left out"),
            ("rules:\n- {rule: STR-FURL-S-01, off: true, blocks: no, why: x}\n", 2, "one or the other"),
            ("rules:\n- {rule: STR-FURL-S-01, off: true}\n", 2, "`why`"),
            ("rules:\n- {rule: STR-FURL-S-01, off: true, why: ' '}\n", 2, "one line"),
            ("rules:\n- {rule: STR-FURL-S-01, why: x}\n", 2, "says nothing"),
            ("rules:\n- {off: true, why: x}\n", 2, "about nothing"),
            ("rules:\n- {rule: STR-FURL-*, off: true, why: x}\n- {rule: STR-FURL-S-01, severity: low, why: x}\n", 3, "line 2"),
            ("rules:\n- {category: S, off: true, why: x}\n- {category: spoofing, paths: [a], severity: low, why: x}\n", 3, "line 2"),
            ("rules:\n- {rule: OWN-A-S-01, off: true, why: x}\n- {rule: OWN-A-S-01, severity: low, why: x}\n", 3, "line 2"),
            ("rules:\n- rule: STR-FURL-S-01\n  rule: STR-FURL-S-02\n  off: true\n  why: x\n", 3, "rule"),
        ] {
            let error = parse(&RepoPath::new(PATH), text).map(drop).unwrap_err();
            assert_eq!(error.place.line, line, "{text:?}: {error}");
            assert!(error.message.contains(part), "{text:?}: {error}");
        }
        // Narrower ones come first, and what is beside them is reached.
        for text in [
            "rules:\n- {rule: STR-FURL-S-01, severity: low, why: x}\n- {rule: STR-FURL-*, off: true, why: x}\n",
            "rules:\n- {paths: [a], off: true, why: x}\n- {paths: [b], off: true, why: x}\n- {kind: finding, severity: low, why: x}\n",
            "rules:\n- {paths: [a], severity: high, why: x}\n- {paths: [a], blocks: yes, why: x}\n",
            "rules: []\n",
        ] {
            parsed(PATH, text);
        }
    }

    #[test]
    fn the_first_entry_counts_and_the_organisation_holds_what_it_raises() {
        const RULE: &str = "STR-FURL-S-01";
        let entry = |says: &str| format!("rules:\n- {{rule: STR-FURL-*, {says}, why: x}}\n");
        let (critical, high, low) = (Severity::Critical, Severity::High, Severity::Low);
        for (own, organisation, expected) in [
            ("off: true", None, (critical, None, true)),
            ("severity: low", None, (low, None, false)),
            ("blocks: no", None, (critical, Some(false), false)),
            ("severity: low", Some("severity: high"), (low, None, false)),
            ("blocks: no", Some("severity: high"), (high, Some(false), false)),
            ("off: true", Some("severity: low"), (critical, None, true)),
            ("severity: low", Some("off: true"), (low, None, false)),
            // What it has the gate wait for stays waited for.
            ("off: true", Some("blocks: yes"), (critical, Some(true), false)),
            ("blocks: no", Some("blocks: yes"), (critical, Some(true), false)),
            ("severity: low", Some("blocks: yes"), (low, Some(true), false)),
        ] {
            let mut settings = parsed(PATH, &entry(own));
            if let Some(organisation) = organisation {
                settings.tighten(&parsed(ORGANISATION.1, &entry(organisation)));
            }
            assert_eq!(outcome(&settings, RULE, None), expected, "{own} under {organisation:?}");
        }
        // Of a rule that is raised nothing is lowered: this one is medium by itself.
        let entry = |says: &str| format!("rules:\n- {{rule: STR-FURL-D-01, {says}, why: x}}\n");
        for (own, expected) in [("severity: low", high), ("off: true", high), ("severity: critical", critical), ("blocks: no", high)] {
            let mut settings = parsed(PATH, &entry(own));
            settings.tighten(&parsed(ORGANISATION.1, &entry("severity: high")));
            let (severity, _, off) = outcome(&settings, "STR-FURL-D-01", None);
            assert_eq!((severity, off), (expected, false), "{own}");
        }
        let settings = parsed(PATH, "rules:\n- {paths: [a], off: true, why: x}\n- {rule: STR-FURL-S-01, severity: low, why: x}\n");
        assert_eq!(outcome(&settings, RULE, Some("a")), (critical, None, true));
        assert_eq!(outcome(&settings, RULE, Some("b")), (low, None, false));
    }

    #[test]
    fn what_an_organisation_locks_raises_and_no_more() {
        let own = "rules:
- {rule: STR-FURL-S-01, off: true, why: x}
- {rule: STR-FURL-S-02, severity: critical, blocks: no, why: x}
- {rule: STR-FURL-*, severity: high, why: x}
- {rule: STR-SQS-*, blocks: yes, why: x}
";
        let mut settings = parsed(PATH, own);
        settings.tighten(&parsed(ORGANISATION.1, "lock: [rules]\n"));
        let refused: Vec<u32> = settings.refused.iter().map(|error| error.place.line).collect();
        assert_eq!(refused, [2, 3, 4]);
        assert_eq!(settings.rules.own.len(), 3);
        for (rule, expected) in [
            // The entry that says `off` is out, and the next one lowers nothing.
            ("STR-FURL-S-01", (Severity::Critical, None, false)),
            ("STR-FURL-S-02", (Severity::Critical, None, false)),
            ("STR-FURL-D-01", (Severity::High, None, false)),
            ("STR-SQS-S-01", (Severity::High, Some(true), false)),
        ] {
            assert_eq!(outcome(&settings, rule, None), expected, "{rule}");
        }
    }
}
