//! What the denials of an identity's policies take off what the same policies allow.
//!
//! Comes in: all statements of a role, a user or a group. Goes out: those that allow, and what is denied of them.
//! A denial counts only where it holds for certain and under no condition, and for no more than the actions and resources that it is known
//! to cover: of what it covers in part, the rest stands.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>, read 2026-11-28.

use crate::catalog::aws::actions;
use crate::catalog::aws::policy_document::{self, Effect, Scope, Statement};
use crate::catalog::names::canonical;
use crate::model::pattern;
use crate::model::resource::Property;

/// Most denials of one identity that are counted. What others take away is left to stand: more is said, and never less.
const MAX_DENIALS: usize = 32;
/// How the ARN of a bucket is written around its name.
const BUCKET: &str = "arn:aws:s3:::${";

/// What one statement denies whoever holds it, under no condition.
#[derive(Debug)]
pub(crate) struct Denial<'t> {
    actions: Scope<&'t str>,
    resources: Scope<String>,
}

/// Leaves the statements that allow something, held to what denials of everything else spare; gives what is denied.
pub(crate) fn take_off<'t>(statements: &mut Vec<Statement<'t>>) -> Vec<Denial<'t>> {
    let denying: Vec<Statement<'t>> = statements.iter().filter(|statement| holds(statement)).take(MAX_DENIALS).cloned().collect();
    let denials: Vec<Denial<'t>> = denying.iter().map(Denial::of).collect();
    statements.retain(|statement| statement.effect == Effect::Allow);
    for statement in statements {
        for (denial, denied) in denials.iter().zip(&denying) {
            denial.hold_to_what_is_spared(statement, denied);
        }
    }
    denials
}

/// Whether a statement denies something under no condition.
fn holds(statement: &Statement<'_>) -> bool {
    statement.effect == Effect::Deny && statement.is_certain && statement.unresolved.is_none() && statement.conditions.is_empty()
}

impl<'t> Denial<'t> {
    fn of(statement: &Statement<'t>) -> Self {
        let resources = statement.resources.named();
        // Two pieces that cannot be told look the same, and may be two things.
        let known = resources.iter().filter_map(canonical).filter(|text| !text.contains("${?}"));
        let texts: Vec<String> = known.map(|text| spelled(&text)).collect();
        let resources = match &statement.resources {
            Scope::Only(_) => Scope::Only(texts),
            // What cannot be told may leave out anything.
            Scope::AllBut(_) if texts.len() < resources.len() => Scope::Only(Vec::new()),
            Scope::AllBut(_) => Scope::AllBut(texts),
        };
        Self { actions: statement.actions.clone(), resources }
    }

    /// Whether it denies an action, which may be a pattern, on all that a resource names.
    pub(crate) fn covers(&self, action: &str, resource: &str) -> bool {
        self.covers_action(action) && self.covers_resource(&within_bucket(action, &spelled(resource)))
    }

    fn covers_action(&self, action: &str) -> bool {
        match &self.actions {
            Scope::Only(denied) => denied.iter().any(|denied| pattern::is_at_least(denied, action)),
            Scope::AllBut(spared) => !spared.iter().any(|spared| may_overlap(spared, action)),
        }
    }

    fn covers_resource(&self, resource: &str) -> bool {
        match &self.resources {
            Scope::Only(denied) => denied.iter().any(|denied| is_within(resource, denied)),
            Scope::AllBut(spared) => resource != "*" && !spared.iter().any(|spared| may_overlap(spared, resource)),
        }
    }

    /// Of a statement for everything, whatever the denial spares is all that it allows.
    fn hold_to_what_is_spared(&self, statement: &mut Statement<'t>, denied: &Statement<'t>) {
        let on_all = matches!(&self.resources, Scope::Only(denied) if denied.iter().any(|denied| denied == "*"));
        if let (Scope::AllBut(spared), Scope::Only(allowed), true) = (&self.actions, &statement.actions, on_all) {
            statement.actions = Scope::Only(allowed.iter().flat_map(|allowed| left_of(allowed, spared)).collect());
        }
        let whole = matches!(&statement.actions, Scope::Only(allowed) if allowed.iter().all(|action| self.covers_action(action)));
        let is_at_large = |resource: &Property<'_>| resource.literal() == Some("*");
        if let (Scope::AllBut(_), true, true) = (&self.resources, whole, statement.resources.named().iter().any(is_at_large)) {
            statement.resources = Scope::Only(denied.resources.named().to_vec());
            statement.on_everything = policy_document::reach_everything(&statement.resources);
            statement.large_of = policy_document::large_of(&statement.resources);
        }
    }
}

/// What a denial of everything but some actions leaves of an action or a pattern of them.
fn left_of<'t>(allowed: &'t str, spared: &[&'t str]) -> Vec<&'t str> {
    let within: Vec<&str> = spared.iter().copied().filter(|spared| pattern::is_at_least(allowed, spared)).collect();
    let overlaps = spared.iter().any(|spared| may_overlap(spared, allowed));
    if within.is_empty() && overlaps { vec![allowed] } else { within }
}

/// Whether all that one resource names is named by a pattern. It errs on the side of no.
fn is_within(resource: &str, pattern: &str) -> bool {
    resource == pattern || pattern.strip_suffix('*').is_some_and(|beginning| resource.starts_with(beginning))
}

/// Whether two patterns may cover one and the same text: what they begin with, before the first wildcard, does not differ.
pub(crate) fn may_overlap(one: &str, other: &str) -> bool {
    let beginning = |text: &str| text.split(['*', '?']).next().unwrap_or_default().to_ascii_lowercase();
    let (a, b) = (beginning(one), beginning(other));
    match (one.contains(['*', '?']), other.contains(['*', '?'])) {
        (false, false) => is_symbolic(one) || is_symbolic(other) || a == b,
        _ => is_symbolic(one) || is_symbolic(other) || a.starts_with(&b) || b.starts_with(&a),
    }
}

/// Whether something in a text is filled in at deployment, so that it may come to be any other one.
fn is_symbolic(text: &str) -> bool {
    text.contains("${")
}

/// One spelling for the ARN of a bucket of the template: by its name, or by its attribute.
fn spelled(text: &str) -> String {
    match text.strip_prefix(BUCKET).and_then(|rest| rest.split_once('}')) {
        Some((bucket, rest)) if !bucket.contains(['.', ':', '?']) => format!("${{{bucket}.Arn}}{rest}"),
        _ => text.to_owned(),
    }
}

/// What an action on objects is about where the bucket is named: all objects in it.
fn within_bucket(action: &str, resource: &str) -> String {
    let (service, name) = actions::split(action);
    let is_of_objects = name.contains("Object") || matches!(name, "AbortMultipartUpload" | "ListMultipartUploadParts" | "ReplicateDelete");
    let of_objects = service == "s3" && is_of_objects && !resource.contains(['/', '*']);
    if of_objects { format!("{resource}/*") } else { resource.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Denial, Scope};

    #[test]
    fn a_denial_covers_no_more_than_it_says() {
        let only = |text: &'static str| Scope::Only(vec![text]);
        for (actions, resources, action, resource, covered) in [
            (only("s3:Delete*"), Scope::Only(vec!["*".to_owned()]), "s3:DeleteObject", "*", true),
            (only("s3:Delete*"), Scope::Only(vec!["*".to_owned()]), "s3:*", "*", false),
            (only("s3:DeleteObject"), Scope::Only(vec!["${Docs.Arn}/*".to_owned()]), "s3:DeleteObject", "${Docs.Arn}", true),
            (only("s3:DeleteObject"), Scope::Only(vec!["${Docs.Arn}/*".to_owned()]), "s3:DeleteObject", "arn:aws:s3:::${Docs}/*", true),
            (only("s3:DeleteObject"), Scope::Only(vec!["${Docs.Arn}/old/*".to_owned()]), "s3:DeleteObject", "${Docs.Arn}/*", false),
            (only("s3:DeleteObject"), Scope::Only(vec!["${Docs.Arn}/*".to_owned()]), "s3:DeleteObject", "*", false),
            (Scope::AllBut(vec!["s3:Get*"]), Scope::Only(vec!["*".to_owned()]), "s3:PutObject", "*", true),
            (Scope::AllBut(vec!["s3:Get*"]), Scope::Only(vec!["*".to_owned()]), "s3:*", "*", false),
            (only("*"), Scope::AllBut(vec!["arn:aws:s3:::own/*".to_owned()]), "s3:GetObject", "arn:aws:s3:::other/*", true),
            (only("*"), Scope::AllBut(vec!["arn:aws:s3:::own/*".to_owned()]), "s3:GetObject", "arn:aws:s3:::own/a", false),
            (only("*"), Scope::AllBut(vec!["${Own.Arn}/*".to_owned()]), "s3:GetObject", "arn:aws:s3:::other/*", false),
            (only("*"), Scope::AllBut(vec!["arn:aws:s3:::own/*".to_owned()]), "s3:GetObject", "*", false),
        ] {
            let denial = Denial { actions, resources };
            assert_eq!(denial.covers(action, resource), covered, "{denial:?} {action} {resource}");
        }
    }
}
