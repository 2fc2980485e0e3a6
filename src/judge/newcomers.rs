//! Who of those that a change lets in was never let in before: accounts and organisations of which no file of the base speaks.
//!
//! Comes in: a threat and the base's tree. Goes out: whether its cause is somebody from outside, and new. Such a one holds the gate shut until
//! somebody answers for it; one that the repository knows is asked about. The files that may be templates have been fetched for `hosts`, 5,000 at most; of whom the
//! others speak is not known, and counts as new.

use crate::catalog::targets;
use crate::change::Change;
use crate::judge::{bodies, mentions};
use crate::model::cause::CauseKind;
use crate::model::fact::{Answer, Fact, Value};
use crate::model::{Flow, FlowId, Model, Outside};
use crate::settings::ids;
use crate::stride::Threat;
use crate::stride::rule::RuleKind;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// Of whom the files of the base speak.
pub(super) struct Known<'c> {
    change: &'c Change,
    /// Numbers and ids. Made when first asked for, by one walk over the texts.
    ids: OnceCell<BTreeSet<&'c str>>,
    /// Accounts of which the base names resources.
    used: OnceCell<BTreeSet<&'c str>>,
}

impl<'c> Known<'c> {
    pub(super) fn of(change: &'c Change) -> Self {
        Self { change, ids: OnceCell::new(), used: OnceCell::new() }
    }

    /// As what a threat counts whose cause is an account or an organisation, or code that one publishes; `None` where it is anything else.
    pub(super) fn counts_as(&self, threat: &Threat) -> Option<RuleKind> {
        if let Some(bucket) = bodies::bucket_of(&threat.key.cause.holder).filter(|_| threat.rule.service == "external_body") {
            // Whoever may write one folder of it need not be the one who writes another: only whence a template is taken already counts.
            let is_taken = |text: &str, at: usize| bodies::takes(&mentions::key_at(text, at)) && !mentions::only_speaks(text, at);
            let takes = |text: &str| text.match_indices(bucket).any(|(at, _)| is_taken(text, at));
            return texts_of_base(self.change).any(takes).then_some(RuleKind::Question);
        }
        if let Some(place) = place_of(threat) {
            let names = |text: &str| text.match_indices(place).any(|(at, _)| !mentions::only_speaks(text, at));
            return texts_of_base(self.change).any(names).then_some(RuleKind::Question);
        }
        let outsiders = outsiders_of(threat)?;
        let ids = self.ids.get_or_init(|| ids_of_base(self.change));
        let is_known = outsiders.iter().all(|id| ids.contains(id));
        // Of whom no file of the base speaks may be the repository's own owner: it is a newcomer beside others only.
        let is_first = outsiders.iter().all(|id| owned(id).is_some_and(|kind| !ids.iter().any(|known| known.starts_with(kind))));
        match threat.key.cause.kind {
            // Whose workflows they are is one of many reasons to ask, too.
            _ if is_first || is_known && outsiders.iter().any(|id| owned(id).is_some()) => None,
            _ if is_known => Some(RuleKind::Question),
            // A publisher of code is one of many reasons to ask; whoever is let in is the only one.
            CauseKind::Layer => None,
            _ => Some(RuleKind::Finding),
        }
    }

    /// Whether a threat only asks whose account data go to, and resources of that account stand in the base's files: whoever wrote those knows.
    /// Of what a role may do there they must be of the same service.
    pub(super) fn knows_owners(&self, threat: &Threat, after: &Model) -> bool {
        if let Some(reached) = others_reached(threat) {
            let is_known = |owner: Option<(&str, &str)>| texts_of_base(self.change).flat_map(arns).any(|known| owner_of(known) == owner);
            return reached.iter().filter_map(|name| name.rsplit_once(" on ")).all(|(_, arn)| is_known(owner_of(arn)));
        }
        let asks_whose = threat.rule.service == "cross_account_flow" && threat.rule.kind != RuleKind::Finding;
        let is_used = |on: &str| {
            let accounts = after.flow(&FlowId(on.to_owned())).map(|flow| accounts_of(flow, after)).unwrap_or_default();
            let used = || self.used.get_or_init(|| texts_of_base(self.change).flat_map(owners).collect());
            !accounts.is_empty() && accounts.iter().all(|account| used().contains(account))
        };
        asks_whose && threat.sharers().all(|sharer| is_used(&sharer.on))
    }
}

/// Where several files of a body that is not in the repository come from, as the base may have it written: `https://bucket.s3.amazonaws.com/stacks/`.
fn place_of(threat: &Threat) -> Option<&str> {
    let (_, source) = threat.key.cause.holder.split_once("#template:")?;
    let place = source.strip_suffix('*')?;
    let is_named = threat.rule.service == "external_body" && place.contains("://") && !place.contains(['$', '*']);
    is_named.then_some(place)
}

/// The accounts of the resources of others that a flow ends in; empty where one of them is no resource but somebody.
fn accounts_of<'m>(flow: &Flow, model: &'m Model) -> Vec<&'m str> {
    let ends = [&flow.from, &flow.to].into_iter().filter_map(|end| model.element(end));
    let outside = ends.filter(|end| end.outside == Some(Outside::OtherAccount));
    outside.map(|end| owners(&end.address).next()).collect::<Option<_>>().unwrap_or_default()
}

/// The resources of other accounts that a threat says a role may use; `None` where it is about something else.
fn others_reached(threat: &Threat) -> Option<&[String]> {
    let reached = threat.evidence.iter().find(|evidence| evidence.fact == Fact::OthersReached)?;
    match &reached.reading.as_ref()?.answer {
        Answer::Known(Value::List(names)) => Some(names),
        Answer::Known(_) | Answer::Unresolved(_) => None,
    }
}

/// Service and account of an ARN: `("sqs", "444455556666")`.
fn owner_of(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.split(':').skip(2);
    let service = parts.next()?;
    Some((service, parts.nth(1)?))
}

/// The ARNs that stand in a text, each as far as it may go.
fn arns(text: &str) -> impl Iterator<Item = &str> {
    let arns = text.match_indices("arn:aws").map(|(start, _)| &text[start..]);
    arns.map(|rest| rest.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',')).next().unwrap_or_default())
}

/// The accounts whose resources a text names by their ARNs, and those of registries of images. Identities are no resources, and a layer is code of whoever publishes it.
fn owners(text: &str) -> impl Iterator<Item = &str> {
    const NOBODY: [&str; 3] = ["iam", "sts", "organizations"];
    let is_resource = |arn: &&str| arn.split(':').nth(2).is_some_and(|service| !NOBODY.contains(&service)) && !arn.contains(":layer:");
    let named = arns(text).filter(is_resource).filter_map(|arn| ids(arn).find(|id| arn.contains(&format!(":{id}:"))));
    named.chain(targets::owners_of_images(text))
}

/// The accounts or organisations that a threat is about; `None` where its cause is anything else, or names somebody who has no id.
pub(super) fn outsiders_of(threat: &Threat) -> Option<Vec<&str>> {
    let cause = &threat.key.cause;
    match cause.kind {
        CauseKind::Principal => outsiders(&cause.name),
        // `111122223333:layer:Agent`
        CauseKind::Layer => ids(&cause.name).next().map(|account| vec![account]),
        CauseKind::Property | CauseKind::Statement | CauseKind::Route => None,
    }
}

/// Of each of the principals in a name the number of its account, or the id of the organisation. An identity provider is its account's own: who
/// gets in through it is in the conditions.
fn outsiders(name: &str) -> Option<Vec<&str>> {
    name.split(", ").map(outsider).collect()
}

fn outsider(name: &str) -> Option<&str> {
    if let Some(kind) = owned(name) {
        return owner(kind, name);
    }
    if name.contains("-provider/") {
        return None;
    }
    // The ARN of an organisation names the account that manages it, too.
    if name.contains(":organization/") { ids(name).last() } else { ids(name).next() }
}

/// Of whom a file of the base says more than their name: who stands in a comment, a tag or a denial only is let in nowhere.
fn ids_of_base(change: &Change) -> BTreeSet<&str> {
    let mut known = BTreeSet::new();
    for text in texts_of_base(change) {
        for id in ids(text).chain(owners_of_workloads(text)) {
            let at = (id.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            if !known.contains(id) && !mentions::only_speaks(text, at) {
                known.insert(id);
            }
        }
    }
    known
}

/// How the subjects of build services begin, each followed by who owns what runs there.
const OWNED: [&str; 3] = ["repo:", "project_path:", "organization:"];

/// The beginning of a subject, where it names an owner.
fn owned(subject: &str) -> Option<&'static str> {
    OWNED.into_iter().find(|kind| subject.starts_with(kind))
}

/// The beginning of a subject with its owner: `repo:acme` of `repo:acme/shop:ref:refs/heads/main`; `None` where a wildcard stands for it.
fn owner<'n>(kind: &str, subject: &'n str) -> Option<&'n str> {
    let rest = subject.strip_prefix(kind)?;
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '_' | '.' | '@')).unwrap_or(rest.len());
    let is_whole = end > 0 && !rest[end..].starts_with(['*', '?', '$']);
    is_whole.then(|| &subject[..kind.len() + end])
}

/// Of whose workflows a text speaks.
fn owners_of_workloads(text: &str) -> impl Iterator<Item = &str> {
    OWNED.into_iter().flat_map(move |kind| text.match_indices(kind).filter_map(move |(start, _)| owner(kind, &text[start..])))
}

fn texts_of_base(change: &Change) -> impl Iterator<Item = &str> {
    change.base.texts(&change.blobs, |_| true).map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::outsiders;

    #[test]
    fn accounts_and_organisations_are_told_from_other_principals() {
        for (name, expected) in [
            ("444455556666", Some("444455556666")),
            ("arn:aws:iam::444455556666:role/deploy", Some("444455556666")),
            ("o-abcdef1234", Some("o-abcdef1234")),
            ("arn:aws:organizations::444455556666:organization/o-abcdef1234", Some("o-abcdef1234")),
            ("o-abcdef1234, o-bcdef12345", Some("o-abcdef1234 o-bcdef12345")),
            ("o-abcdef1234, ${param:Partner}", None),
            ("arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com", None),
            ("sns.amazonaws.com", None),
            ("*", None),
            ("${param:Partner}", None),
            ("repo:acme/shop:ref:refs/heads/main", Some("repo:acme")),
            ("repo:acme*/shop:ref:refs/heads/main", None),
            ("project_path:acme/shop:ref_type:branch:ref:main", Some("project_path:acme")),
            ("organization:acme:project:shop:workspace:live:run_phase:apply", Some("organization:acme")),
            ("organization:*:project:shop:workspace:live:run_phase:apply", None),
            ("system:serviceaccount:shop:api", None),
        ] {
            assert_eq!(outsiders(name).map(|ids| ids.join(" ")).as_deref(), expected, "{name}");
        }
    }
}
