//! `config/wording/NOTATION.yml` → `PHRASES`, the longest first: how a notation spells what rules say with the words of CloudFormation.

use crate::model::words::find_phrase;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// `said` is all that the rules say to people. Fails on a phrase that is not in it: it is misspelt, or of a rule that says something else now.
pub fn compile(path: &Path, said: &[String]) -> Result<String, String> {
    let error = |error: String| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|reason| error(reason.to_string()))?;
    let phrases: BTreeMap<String, String> = serde_saphyr::from_str(&text).map_err(|reason| error(reason.to_string()))?;
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
