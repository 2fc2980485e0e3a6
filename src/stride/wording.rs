//! The titles and questions of rules, with their placeholders filled.
//!
//! Comes in: a template from `config/rules`, names, and evidence; a rule names only facts that it reads. Goes out: plain text; markup and
//! escaping are the report's.

use crate::model::fact::{Answer, Fact, Value, said};
use crate::model::words::Words;
use crate::stride::Evidence;

/// What a sentence speaks of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'t> {
    /// The element as shown; for a flow `client → IntakeFn`.
    pub(crate) element: &'t str,
    /// The ends of a flow.
    pub(crate) ends: [&'t str; 2],
    /// Empty where there is no part, only one, or where the part is the element itself.
    pub(crate) part: &'t str,
    /// How its notation speaks.
    pub(crate) words: &'static Words,
    /// What of its witnesses the change brings beside older ones; empty where all of them are new, or none.
    pub(crate) news: &'t [String],
}

/// Most witnesses and list entries that a sentence names.
const MOST_NAMED: usize = 3;

/// Fills the placeholders. One that nobody knows stays as written: the build has checked those of `config/rules`.
pub(crate) fn fill(template: &str, named: Named<'_>, evidence: &[Evidence]) -> String {
    let [from, to] = named.ends;
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, (placeholder, after))) = rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?))) {
        filled.push_str(&named.words.spell(before));
        match placeholder {
            "element" => filled.push_str(named.element),
            "from" => filled.push_str(from),
            "to" => filled.push_str(to),
            // A role of nothing in the template, a user, a group or a policy speaks for itself.
            "role" if named.part.is_empty() => filled.push_str(named.element),
            "role" => filled.extend(["The role ", named.part, " of ", named.element]),
            "fault" if named.part.is_empty() => filled.extend(["whoever acts with ", named.element]),
            "fault" => filled.extend(["a fault in ", named.element]),
            "part" => filled.push_str(if named.part.is_empty() { named.element } else { named.part }),
            other if let Some(word) = other.strip_prefix("words.").and_then(|name| named.words.find(name)) => filled.push_str(word),
            fact => fill_fact(&mut filled, fact, evidence, named.news),
        }
        rest = after;
    }
    filled.push_str(&named.words.spell(rest));
    filled
}

fn fill_fact(filled: &mut String, placeholder: &str, evidence: &[Evidence], news: &[String]) {
    let (name, part) = placeholder.split_once('.').unwrap_or((placeholder, ""));
    let of_witnesses = part == "witnesses";
    let read = evidence.iter().find(|evidence| evidence.fact.as_str() == name);
    if read.is_none() && !Fact::ALL.iter().any(|fact| fact.as_str() == name) {
        filled.push('{');
        filled.push_str(placeholder);
        filled.push('}');
        return;
    }
    let reading = read.and_then(|evidence| evidence.reading.as_deref());
    match reading {
        // Under what a single cause holds; several may hold under different conditions.
        Some(reading) if part == "when" => {
            if let [only] = reading.shares.as_slice()
                && !only.reach.is_empty()
            {
                filled.push_str(" (where ");
                filled.push_str(&only.reach.join(" or "));
                filled.push(')');
            }
        }
        None if part == "when" => {}
        Some(reading) if of_witnesses && !reading.witnesses.is_empty() => {
            filled.push_str(" (");
            filled.push_str(&beside_older(&reading.witnesses, news));
            filled.push(')');
        }
        None | Some(_) if of_witnesses => {}
        Some(reading) => match &reading.answer {
            Answer::Known(Value::List(texts)) => filled.push_str(&shortened(texts, news)),
            Answer::Known(value) => filled.push_str(said(&value.words())),
            Answer::Unresolved(_) => filled.push_str("unknown"),
        },
        None => filled.push_str("unknown"),
    }
}

/// `new: a; as before: b, c, d and 4 more` where some are new and others are not, else as `shortened`.
fn beside_older(texts: &[String], news: &[String]) -> String {
    let (new, old): (Vec<String>, Vec<String>) = texts.iter().cloned().partition(|text| news.contains(text));
    if new.is_empty() || old.is_empty() {
        return shortened(texts, news);
    }
    format!("new: {}; as before: {}", new.join(", "), shortened(&old, &[]))
}

/// `a, b, c and 4 more`; what is new comes first, and all of it is named.
fn shortened(texts: &[String], news: &[String]) -> String {
    let (new, old): (Vec<&str>, Vec<&str>) = texts.iter().map(String::as_str).partition(|text| news.iter().any(|new| new == text));
    let most = new.len().max(MOST_NAMED);
    let named: Vec<&str> = new.into_iter().chain(old).take(most).collect();
    let more = texts.len() - named.len();
    let named = named.join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}

#[cfg(test)]
mod tests {
    use super::{Named, fill};
    use crate::model::fact::{Fact, Facts, Origin, Reading, Value};
    use crate::model::words::Words;
    use crate::stride::Evidence;

    #[test]
    fn placeholders_name_elements_answers_and_witnesses() {
        let mut facts = Facts::default();
        let routes = ["GET /a", "GET /b", "GET /c", "GET /d", "GET /e"].map(str::to_owned).to_vec();
        facts.set(Fact::AuthnWeakRoutes, Reading::known(Value::List(routes), Origin::Derived(None)));
        facts.set(Fact::TimeoutS, Reading::known(Value::Number(90_000), Origin::Derived(None)).witnessed(vec!["Timeout".to_owned()]));
        let evidence: Vec<Evidence> =
            facts.iter().map(|(fact, reading)| Evidence { fact, reading: Some(reading.clone()), claimed: None }).collect();
        let named = Named { element: "client → Api", ends: ["client", "Api"], part: "", words: &Words::TEMPLATE, news: &[] };
        for (template, expected) in [
            ("{from} calls {to}", "client calls Api"),
            ("{part} of {element}", "client → Api of client → Api"),
            ("{authn_weak_routes} are open", "GET /a, GET /b, GET /c and 2 more are open"),
            ("up to {timeout_s}s{timeout_s.witnesses}", "up to 90s (Timeout)"),
            ("{at_rest}{at_rest.witnesses}", "unknown"),
            ("in the {words.text} of {words.nobody}", "in the template of {words.nobody}"),
            ("{nothing of the kind}", "{nothing of the kind}"),
            ("a brace { alone", "a brace { alone"),
        ] {
            assert_eq!(fill(template, named, &evidence), expected);
        }
        let news = ["GET /d".to_owned(), "GET /e".to_owned()];
        assert_eq!(
            fill("{authn_weak_routes} are open", Named { news: &news, ..named }, &evidence),
            "GET /d, GET /e, GET /a and 2 more are open"
        );
    }
}
