//! In what the entries on rules ask for less than others do.
//!
//! Comes in: two sets of entries with the rules that there are. Goes out: which entry takes whose place where less is asked. What weighs
//! is the outcome, not the list: an entry that only comes first, or only repeats what counts anyway, is none. Patterns of paths are taken
//! to be independent of each other, so that at worst more is told.

use crate::settings::Settings;
use crate::stride::policy::{Fitting, Policy, PolicyEntry, Ruled, Selection};
use crate::stride::rule::{Rule, Severity};
use crate::stride::weight::lowered;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most lists of paths of which every combination is looked at, for one rule.
const MAX_PATHS: usize = 8;

/// Which entry counts now and which one would, where that asks for less; empty where none does.
pub(in crate::settings) fn asking_less(base: &Settings, head: &Settings) -> BTreeSet<(String, String)> {
    let mut less = BTreeSet::new();
    if said(&base.rules) == said(&head.rules) {
        return less;
    }
    let mut rules = base.own.all_rules();
    let known: BTreeSet<&str> = rules.iter().map(|rule| rule.id).collect();
    rules.extend(head.own.rules().iter().copied().filter(|rule| !known.contains(rule.id)));
    // Rules of the same weight that the same entries are about come to the same.
    let mut seen = BTreeSet::new();
    for rule in &rules {
        let about: Vec<bool> = all(&base.rules).chain(all(&head.rules)).map(|entry| entry.selection.has_rule(rule)).collect();
        let is_partly = rule.answers.iter().any(|answer| answer.partial);
        if seen.insert((about, rule.kind, rule.severity, rule.exposed_severity, is_partly)) {
            of_rule(rule, base, head, &mut less);
        }
    }
    // What is about rules that nobody knows here, those of an organisation elsewhere, is compared by its words.
    let is_known = |entry: &&Arc<PolicyEntry>| rules.iter().any(|rule| entry.selection.has_rule(rule));
    let unknown =
        |policy: &Policy| -> BTreeSet<String> { all(policy).filter(|entry| !is_known(entry)).map(|entry| entry.words()).collect() };
    let (before, after) = (unknown(&base.rules), unknown(&head.rules));
    less.extend(after.difference(&before).filter(|words| !words.ends_with("blocks yes")).map(|words| (String::new(), words.clone())));
    less.extend(before.difference(&after).filter(|words| !words.ends_with("blocks no")).map(|words| (words.clone(), String::new())));
    less
}

fn all(policy: &Policy) -> impl Iterator<Item = &Arc<PolicyEntry>> {
    policy.own.iter().chain(&policy.organisation)
}

/// All that is said, in its order, wherever it stands and whatever its reasons.
fn said(policy: &Policy) -> Vec<(bool, bool, String)> {
    let own = policy.own.iter().map(|entry| (true, entry.only_raises, entry.words()));
    own.chain(policy.organisation.iter().map(|entry| (false, false, entry.words()))).collect()
}

fn of_rule(rule: &'static Rule, base: &Settings, head: &Settings, less: &mut BTreeSet<(String, String)>) {
    let about = || all(&base.rules).chain(all(&head.rules)).filter(|entry| entry.selection.has_rule(rule));
    let places: BTreeSet<Places<'_>> = about().map(|entry| places(&entry.selection)).filter(|(paths, _)| !paths.is_empty()).collect();
    let places: Vec<Places<'_>> = places.into_iter().collect();
    let looked_at = places.len().min(MAX_PATHS);
    for combination in 0..1_usize << looked_at {
        let there: Vec<Places<'_>> = (0..looked_at).filter(|position| combination >> position & 1 == 1).map(|at| places[at]).collect();
        compare(rule, base, head, &|selection| fits(selection, &there), less);
    }
    // What is beyond is looked at one by one.
    for beyond in places.iter().skip(looked_at) {
        compare(rule, base, head, &|selection| fits(selection, &[*beyond]), less);
    }
}

/// Patterns of paths, and whether they are about the files of a root too.
type Places<'p> = (&'p [String], bool);

fn places(selection: &Selection) -> Places<'_> {
    (&selection.paths, selection.by_file)
}

/// Whether a threat that lies in these places fits. What fits without regard to files fits with it, and not the other way round.
fn fits(selection: &Selection, there: &[Places<'_>]) -> bool {
    let (paths, by_file) = places(selection);
    paths.is_empty() || there.iter().any(|(found, of_file)| *found == paths && (by_file || !of_file))
}

fn compare(
    rule: &'static Rule,
    base: &Settings,
    head: &Settings,
    is_there: &dyn Fn(&Selection) -> bool,
    less: &mut BTreeSet<(String, String)>,
) {
    let [before, after] = [base, head].map(|settings| settings.rules.fitting(rule, is_there));
    let found = [rule.severity, rule.exposed_severity];
    let partly = found.map(lowered).into_iter().filter(|_| rule.answers.iter().any(|answer| answer.partial));
    let asks_less = |severity: Severity| {
        let [before, after] = [before, after].map(|fitting: Fitting<'_>| Outcome::of(fitting.ruled(severity), severity));
        let waits = |outcome: &Outcome| outcome.blocks.unwrap_or_else(|| base.blocks(rule.kind, outcome.severity));
        let is_open = !before.off;
        is_open && (after.off || after.severity < before.severity || (waits(&before) && !waits(&after)))
    };
    if found.into_iter().chain(partly).any(asks_less) {
        less.insert((words(before), words(after)));
    }
}

/// What comes of a threat.
struct Outcome {
    severity: Severity,
    blocks: Option<bool>,
    off: bool,
}

impl Outcome {
    fn of(ruled: Option<Ruled>, found: Severity) -> Self {
        let ruled = ruled.unwrap_or_default();
        Self {
            severity: ruled.severity.map_or(found, |(_, counts, _)| counts),
            blocks: ruled.blocks.map(|(blocks, _)| blocks),
            off: ruled.off.is_some(),
        }
    }
}

fn words(fitting: Fitting<'_>) -> String {
    fitting.own.or(fitting.organisation).map(|entry| entry.words()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::settings::{PATH, parse};
    use crate::source::RepoPath;

    #[test]
    fn what_asks_for_less_is_seen_and_what_only_reads_otherwise_is_not() {
        const OFF: &str = "- {rule: STR-FURL-S-01, off: true, why: x}\n";
        const RAISED: &str = "- {rule: STR-FURL-D-01, severity: high, why: x}\n";
        const BLOCKS_IN_FILE: &str = "- {rule: STR-FURL-D-01, paths: [a/x.tf], blocks: yes, why: x}\n";
        const IN_A: &str = "- {rule: STR-FURL-S-01, paths: [a/**], severity: low, why: x}\n";
        let parsed = |text: &str| parse(&RepoPath::new(PATH), text).unwrap();
        let (added, lost, moved) = ((true, false), (false, true), (true, true));
        for (base, head, expected) in [
            (vec![], vec![OFF], vec![added]),
            (vec![OFF], vec![], vec![]),
            (vec![], vec![RAISED], vec![]),
            (vec![RAISED], vec![], vec![lost]),
            (vec![OFF, RAISED], vec![RAISED, OFF], vec![]),
            (vec![OFF], vec!["- {rule: STR-FURL-S-01, off: true, why: another reason}\n"], vec![]),
            (vec![IN_A], vec![IN_A, OFF], vec![added]),
            // What stood behind comes first, and takes the place of the other.
            (vec![IN_A, OFF], vec![OFF], vec![moved]),
            (vec![IN_A], vec!["- {rule: STR-FURL-S-01, paths: [a/**], severity: medium, why: x}\n"], vec![]),
            (vec![], vec!["- {rule: STR-FURL-S-01, severity: critical, why: x}\n"], vec![]),
            (vec![], vec!["- {rule: STR-FURL-S-01, blocks: no, why: x}\n"], vec![added]),
            // By the gate's own figures it does not block anyway.
            (vec![], vec!["- {rule: STR-FURL-D-01, blocks: no, why: x}\n"], vec![]),
            (vec!["- {rule: STR-FURL-D-01, blocks: yes, why: x}\n"], vec![], vec![lost]),
            // With a severity an entry is about whole roots, and no more about a file of one.
            (vec![BLOCKS_IN_FILE], vec!["- {rule: STR-FURL-D-01, paths: [a/x.tf], blocks: yes, severity: critical, why: x}\n"], vec![lost]),
            (vec!["- {rule: STR-FURL-D-01, paths: [a/x.tf], blocks: yes, severity: high, why: x}\n"], vec![BLOCKS_IN_FILE], vec![moved]),
            (vec![], vec!["- {rule: OWN-A-S-01, severity: low, why: x}\n"], vec![added]),
            (vec!["- {rule: OWN-A-S-01, blocks: yes, why: x}\n"], vec![], vec![lost]),
        ] {
            let settings =
                |entries: &[&str]| parsed(&format!("rules:{}\n{}", if entries.is_empty() { " []" } else { "" }, entries.concat()));
            let causes = settings(&base).weakened_by(&settings(&head));
            let found: Vec<(bool, bool)> = causes.iter().map(|cause| (!cause.to.is_empty(), !cause.from.is_empty())).collect();
            assert_eq!(found, expected, "{base:?} {head:?}: {causes:?}");
        }
    }
}
