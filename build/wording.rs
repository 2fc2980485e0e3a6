//! `config/wording/NOTATION.yml` → `PHRASES`, the longest first: how a notation spells what rules say with the words of CloudFormation.

use crate::words::find_phrase;
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// What a rule says to people. The rest of it is checked elsewhere.
#[derive(Deserialize)]
struct Rule {
    title: String,
    question: String,
    fixes: Vec<String>,
}

/// Fails on a phrase that no rule in `rules` has: it is misspelt, or of a rule that says something else now.
pub fn compile(path: &Path, rules: &Path) -> Result<String, String> {
    let error = |error: String| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|reason| error(reason.to_string()))?;
    let phrases: BTreeMap<String, String> = serde_saphyr::from_str(&text).map_err(|reason| error(reason.to_string()))?;
    let said = said(rules)?;
    let mut phrases: Vec<(&String, &String)> = phrases.iter().collect();
    phrases.sort_by_key(|(phrase, _)| (Reverse(phrase.len()), *phrase));
    let mut code = String::from("static PHRASES: &[(&str, &str)] = &[\n");
    for (phrase, own) in phrases {
        if !said.iter().any(|text| find_phrase(text, phrase).is_some()) {
            return Err(error(format!("no rule says `{phrase}`")));
        }
        writeln!(code, "    ({phrase:?}, {own:?}),").expect("writing to a string cannot fail");
    }
    Ok(code + "];\n")
}

fn said(rules: &Path) -> Result<Vec<String>, String> {
    let error = |path: &Path, reason: &dyn std::fmt::Display| format!("{}: {reason}", path.display());
    let mut said = Vec::new();
    for entry in fs::read_dir(rules).map_err(|reason| error(rules, &reason))? {
        let path = entry.map_err(|reason| error(rules, &reason))?.path();
        if path.extension().is_none_or(|extension| extension != "yml") || path.ends_with("waiting.yml") {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|reason| error(&path, &reason))?;
        let rules: Vec<Rule> = serde_saphyr::from_str(&text).map_err(|reason| error(&path, &reason))?;
        said.extend(rules.into_iter().flat_map(|rule| [rule.title, rule.question].into_iter().chain(rule.fixes)));
    }
    Ok(said)
}
