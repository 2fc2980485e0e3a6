//! `keeps:` of an entry of the catalogue → `HoldingEntry`. The grammar is closed, like that of the entry:
//!
//! ```text
//! keeps:
//!   what: data | records | backups | key | audit | shipping
//!   serves: [PATH]                   what it works for: of a subscription filter the log group
//!   replaced: [PATH | {property: PATH, default: TEXT, alike: [[TEXT, TEXT]]}]
//!                                   a change makes another resource; `default` is what an absent one is, `alike` what is changed in place
//!   retained: [{what, each: PATH, scope: [PATH], property: PATH, unit: days | hours | minutes | seconds, default: NUMBER, begins, when}]
//!                                   for how long; without a default for ever; `begins` where an item that is new shortens nothing
//!   switched_off: {property: PATH, is: TEXT}
//! ```

use crate::build::catalog::{Condition, condition_code, one_of};
use crate::build::facts::camel;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    what: String,
    #[serde(default)]
    serves: Vec<String>,
    #[serde(default)]
    replaced: Vec<Fixed>,
    #[serde(default)]
    retained: Vec<Retained>,
    switched_off: Option<Condition>,
}

/// A bare path is a property without a known default.
#[derive(Deserialize)]
#[serde(untagged)]
enum Fixed {
    Bare(String),
    Whole(Box<FixedProperty>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FixedProperty {
    property: String,
    default: Option<String>,
    #[serde(default)]
    alike: Vec<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retained {
    what: String,
    #[serde(default)]
    each: String,
    #[serde(default)]
    scope: Vec<String>,
    property: String,
    unit: String,
    default: Option<i64>,
    #[serde(default)]
    begins: bool,
    when: Option<Condition>,
}

/// What is lost with an entry; only what is an element of its own keeps data.
pub fn code(is: &str, stated: Option<&Holding>) -> Result<String, String> {
    let Some(holding) = stated else { return Ok("None".to_owned()) };
    one_of("what", &holding.what, &["data", "records", "backups", "key", "audit", "shipping"])?;
    if matches!(holding.what.as_str(), "data" | "records" | "backups") && !matches!(is, "store" | "process") {
        return Err(format!("a {is} keeps no {}", holding.what));
    }
    let mut properties = BTreeSet::new();
    let mut replaced = String::new();
    for fixed in &holding.replaced {
        let (property, code) = fixed_code(fixed)?;
        if !properties.insert(property) {
            return Err(format!("{property} is replaced twice"));
        }
        replaced += &code;
    }
    let mut retained = String::new();
    for stated in &holding.retained {
        retained += &retained_code(stated)?;
    }
    holding.serves.iter().try_for_each(|path| is_property(path))?;
    Ok(format!(
        "Some(HoldingEntry {{ what: Keeps::{}, serves: &{:?}, replaced: &[{replaced}], retained: &[{retained}], off: {} }})",
        camel(&holding.what),
        holding.serves,
        condition_code(holding.switched_off.as_ref()),
    ))
}

fn fixed_code(fixed: &Fixed) -> Result<(&str, String), String> {
    let (property, default, alike) = match fixed {
        Fixed::Bare(property) => (property, None, &[][..]),
        Fixed::Whole(whole) => (&whole.property, whole.default.as_ref(), whole.alike.as_slice()),
    };
    is_property(property)?;
    if alike.iter().any(|values| values.len() < 2) {
        return Err(format!("{property}: one value alone is like no other"));
    }
    let alike: String = alike.iter().map(|values| format!("&{values:?}, ")).collect();
    Ok((property, format!("FixedEntry {{ property: {property:?}, default: {default:?}, alike: &[{alike}] }}, ")))
}

fn retained_code(retained: &Retained) -> Result<String, String> {
    is_property(&retained.property)?;
    let unit = match retained.unit.as_str() {
        "days" => 86_400,
        "hours" => 3_600,
        "minutes" => 60,
        "seconds" => 1,
        other => return Err(format!("unit `{other}` is none of days, hours, minutes, seconds")),
    };
    Ok(format!(
        "RetainedEntry {{ what: {:?}, each: {:?}, scope: &{:?}, property: {:?}, unit: {unit}, default: {:?}, begins: {}, when: {} }}, ",
        retained.what,
        retained.each,
        retained.scope,
        retained.property,
        retained.default,
        retained.begins || retained.each.is_empty(),
        condition_code(retained.when.as_ref()),
    ))
}

/// Names of properties begin with a capital letter, so that a slip of the pen does not look like one.
fn is_property(path: &str) -> Result<(), String> {
    let steps = path.split('.').map(|step| step.trim_end_matches("[]"));
    let is_name = |step: &str| {
        step.starts_with(|letter: char| letter.is_ascii_uppercase()) && step.chars().all(|letter| letter.is_ascii_alphanumeric())
    };
    if steps.clone().all(is_name) { Ok(()) } else { Err(format!("`{path}` is no path of properties")) }
}
