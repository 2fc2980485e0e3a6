//! Conditions of policies, by what they hold callers to and never by their presence.
//!
//! Comes in: the `Condition` of a statement. Goes out: its comparisons, and whether each pins down who may come. A comparison that is true where
//! its key is missing, a wildcard in the part that was to pin, an address range that is a good part of the internet narrow nothing.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use crate::catalog::aws::subject_claims;
use crate::catalog::names::{self, Arn, canonical};
use crate::catalog::ranges;
use crate::model::resource::{Alternatives, Entry, Property, Value};
use crate::source::Span;

/// So much of an id that is no ARN must be written out before a wildcard: of `AROAEXAMPLEID:*` the role's.
const ID_LENGTH: usize = 12;

/// The keys of conditions that change who or what a statement covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionKey {
    SourceArn,
    SourceAccount,
    Organization,
    /// The caller's account, ARN or user id.
    Caller,
    VpcEndpoint,
    SourceAddress,
    SecureTransport,
    LeadingKeys,
    ExternalId,
    OidcSubject,
    OidcAudience,
    /// How somebody signed in to an identity pool, if at all.
    OidcMethod,
    FunctionUrlAuthType,
    ViaService,
    EncryptionContext,
    EventSource,
    /// Whether a service of the provider calls, or calls on somebody's behalf.
    ByService,
    /// A tag of what is reached: `aws:ResourceTag/team`, `ec2:ResourceTag/team`.
    ResourceTag,
    /// The list of rights with which an object or a bucket is put: `s3:x-amz-acl`, `s3:x-amz-grant-read`.
    PutAcl,
    /// Another header that only a put has: `s3:x-amz-server-side-encryption`, `s3:x-amz-copy-source`.
    PutHeader,
    /// Which key it is only the deployment knows.
    Unknown,
    Other,
}

impl ConditionKey {
    /// Whether the key tells callers apart, rather than calls.
    pub fn narrows_callers(self) -> bool {
        match self {
            Self::SourceArn | Self::SourceAccount | Self::Organization | Self::Caller | Self::VpcEndpoint | Self::SourceAddress => true,
            Self::SecureTransport
            | Self::LeadingKeys
            | Self::ExternalId
            | Self::OidcSubject
            | Self::OidcAudience
            | Self::OidcMethod
            | Self::FunctionUrlAuthType
            | Self::ViaService
            | Self::EncryptionContext
            | Self::EventSource
            | Self::ByService
            | Self::ResourceTag
            | Self::PutAcl
            | Self::PutHeader
            | Self::Unknown
            | Self::Other => false,
        }
    }

    /// The actions whose requests have the key at all; empty where any may. <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::PutAcl => &["s3:CreateBucket", "s3:PutBucketAcl", "s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"],
            Self::PutHeader => &["s3:PutObject", "s3:ReplicateObject"],
            _ => &[],
        }
    }

    fn of(key: &str) -> Self {
        let key = key.to_ascii_lowercase();
        match key.as_str() {
            "aws:sourcearn" => Self::SourceArn,
            "aws:sourceaccount" | "aws:sourceowner" | "sns:sourceowner" => Self::SourceAccount,
            "aws:principalorgid" | "aws:principalorgpaths" | "aws:sourceorgid" | "aws:sourceorgpaths" => Self::Organization,
            "aws:principalaccount" | "aws:principalarn" | "aws:userid" | "kms:calleraccount" => Self::Caller,
            // Through a mount target, which only a network reaches.
            "aws:sourcevpce" | "aws:sourcevpc" | "elasticfilesystem:accessedviamounttarget" => Self::VpcEndpoint,
            // Of `aws:VpcSourceIp` nothing is known: every network has the same private addresses.
            "aws:sourceip" => Self::SourceAddress,
            "aws:securetransport" => Self::SecureTransport,
            "dynamodb:leadingkeys" => Self::LeadingKeys,
            "aws:principalisawsservice" | "aws:viaawsservice" => Self::ByService,
            "sts:externalid" => Self::ExternalId,
            "lambda:functionurlauthtype" => Self::FunctionUrlAuthType,
            "kms:viaservice" => Self::ViaService,
            "events:source" | "events:detail-type" => Self::EventSource,
            "s3:x-amz-acl" => Self::PutAcl,
            "s3:x-amz-copy-source" | "s3:x-amz-metadata-directive" | "s3:x-amz-storage-class" => Self::PutHeader,
            _ if key.starts_with("s3:x-amz-grant-") => Self::PutAcl,
            _ if key.starts_with("s3:x-amz-server-side-encryption") => Self::PutHeader,
            _ if key.contains(":resourcetag/") => Self::ResourceTag,
            _ if key.starts_with("kms:encryptioncontext") => Self::EncryptionContext,
            _ if key.ends_with(":sub") => Self::OidcSubject,
            _ if key.ends_with(":aud") => Self::OidcAudience,
            _ if key.ends_with(":amr") => Self::OidcMethod,
            _ if key.starts_with("${") && key.ends_with('}') => Self::Unknown,
            _ => Self::Other,
        }
    }
}

/// What a comparison does with its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    /// A `*` stands for itself.
    Exact,
    /// `*` and `?` stand for anything.
    Pattern,
    Address,
}

#[derive(Clone, Debug)]
pub struct Condition<'t> {
    pub key: ConditionKey,
    /// The key as written, `aws:MultiFactorAuthPresent`.
    pub written: &'t str,
    /// As written, `ArnLike`.
    pub operator: &'t str,
    pub values: Vec<Property<'t>>,
    pub span: Span,
}

impl<'t> Condition<'t> {
    /// The literal and symbolic texts that the key is compared with.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.values.iter().filter_map(|value| match value.value {
            Value::Bool(flag) => Some(flag.to_string()),
            _ => canonical(value),
        })
    }

    /// Whether the comparison can fail at all: by its operator, and by what it compares with.
    pub fn can_fail(&self) -> bool {
        let texts: Vec<String> = self.texts().collect();
        match self.comparison() {
            None => false,
            // Of addresses that are filled in nobody knows how many they are.
            Some(Comparison::Address) => texts.len() < self.values.len() || texts.is_empty() || ranges::is_narrow_range(&texts),
            Some(Comparison::Exact | Comparison::Pattern) => texts.iter().all(|text| text != "*"),
        }
    }

    /// Whether the comparison holds only for something definite: by its operator, and by each of its values.
    pub fn narrows(&self) -> bool {
        let texts: Vec<String> = self.texts().collect();
        let all = |holds: &dyn Fn(&str) -> bool| !texts.is_empty() && texts.iter().all(|text| holds(text));
        match self.comparison() {
            None => false,
            Some(Comparison::Address) => !texts.is_empty() && ranges::is_narrow_range(&texts),
            Some(Comparison::Exact) => all(&|text| text != "*" && self.is_no_variable(text)),
            Some(Comparison::Pattern) => all(&|text| text != "*" && self.is_no_variable(text) && is_definite(self.key, text)),
        }
    }

    /// The actions that it can hold for, where its key comes with some only: a comparison with what a request does not have is false, unless its
    /// operator says otherwise. `None` where any action may meet it.
    pub fn holds_for_only(&self) -> Option<&'static [&'static str]> {
        self.comparison().map(|_| self.key.actions()).filter(|actions| !actions.is_empty())
    }

    /// Whether a key that is not known is compared with what only the subject of a workload can be, none of it left open.
    pub fn may_name_workloads(&self) -> bool {
        const SUBJECTS: [&str; 5] = ["organization:", "pipeline:", "project_path:", "repo:", "system:serviceaccount:"];
        let names_one = |text: &str| SUBJECTS.iter().any(|kind| text.starts_with(kind)) && is_definite(ConditionKey::OidcSubject, text);
        let texts: Vec<String> = self.texts().collect();
        self.key == ConditionKey::Unknown
            && self.narrows()
            && !texts.is_empty()
            && texts.iter().all(|text| names_one(text) && !leaves_repository_open(text))
    }

    /// The subjects of workflows that leave the repository of one owner open: `repo:acme/*`.
    pub fn open_repositories(&self) -> impl Iterator<Item = String> {
        let subjects = self.texts().filter(|_| self.key == ConditionKey::OidcSubject && self.comparison() == Some(Comparison::Pattern));
        subjects.filter(|text| leaves_repository_open(text))
    }

    /// Why it cannot be told whether it narrows: of `ArnLike` with a parameter, which may be `*`.
    pub fn unresolved(&self) -> Option<String> {
        if !matches!(self.comparison()?, Comparison::Pattern | Comparison::Address) {
            return None;
        }
        let is_hole = |value: &&Property<'t>| matches!(value.value, Value::External(_)) || value.is_unknown();
        let value = self.values.iter().find(is_hole)?;
        Some(value.unresolved().unwrap_or_else(|| "the value of a condition is filled in at deployment".to_owned()))
    }

    /// `None` where it is true for whoever the key says nothing of, where it only says who is kept out, and where nobody knows it.
    fn comparison(&self) -> Option<Comparison> {
        let operator = self.operator.to_ascii_lowercase();
        match operator.strip_prefix("foranyvalue:").unwrap_or(&operator) {
            "stringequals" | "stringequalsignorecase" | "binaryequals" | "bool" => Some(Comparison::Exact),
            // Both compare as patterns.
            "stringlike" | "arnlike" | "arnequals" => Some(Comparison::Pattern),
            "ipaddress" => Some(Comparison::Address),
            _ => None,
        }
    }

    /// What a request says of its caller proves nothing of the caller, unless it is compared with what is known of the resource; and what it says
    /// of itself proves nothing of what it reaches.
    fn is_no_variable(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        if self.key == ConditionKey::ResourceTag {
            return !text.contains("${aws:requesttag");
        }
        !self.key.narrows_callers()
            || text.match_indices("${aws:").all(|(start, _)| {
                let name = &text[start + "${aws:".len()..];
                ["resourceaccount}", "resourceorgid}", "resourceorgpaths}"].iter().any(|known| name.starts_with(known))
            })
    }
}

/// Whether a pattern leaves open only what belongs to one owner.
fn is_definite(key: ConditionKey, text: &str) -> bool {
    let Some(wildcard) = names::wildcard(text) else { return true };
    let before = &text[..wildcard];
    match key {
        ConditionKey::SourceArn | ConditionKey::Caller if text.starts_with("arn:") => is_definite_arn(text),
        ConditionKey::SourceArn | ConditionKey::SourceAccount | ConditionKey::VpcEndpoint | ConditionKey::ResourceTag => false,
        ConditionKey::Caller => before.len() >= ID_LENGTH && !before.starts_with("arn"),
        // Of a path within an organisation the organisation.
        ConditionKey::Organization => before.contains('/'),
        // `repo:acme/shop:*` is one owner's, `repo:acme*` is whoever takes such a name.
        ConditionKey::OidcSubject if before.starts_with("repo:") || before.starts_with("project_path:") => before.contains('/'),
        // Of a workspace its organisation: what begins alike is anybody's.
        ConditionKey::OidcSubject if before.starts_with("organization:") => before.matches(':').count() > 1,
        ConditionKey::OidcSubject if subject_claims::is_one(before) => subject_claims::is_definite(before),
        ConditionKey::OidcSubject => before.len() >= ID_LENGTH || before.split_once(':').is_some_and(|(_, rest)| !rest.is_empty()),
        ConditionKey::SourceAddress
        | ConditionKey::SecureTransport
        | ConditionKey::LeadingKeys
        | ConditionKey::ExternalId
        | ConditionKey::OidcAudience
        | ConditionKey::OidcMethod
        | ConditionKey::FunctionUrlAuthType
        | ConditionKey::ViaService
        | ConditionKey::EncryptionContext
        | ConditionKey::EventSource
        | ConditionKey::ByService
        | ConditionKey::PutAcl
        | ConditionKey::PutHeader
        | ConditionKey::Unknown
        | ConditionKey::Other => !before.is_empty(),
    }
}

/// Whether a wildcard stands in the name of the repository: `repo:acme/*`, `repo:acme/web-*:ref:refs/heads/main`.
fn leaves_repository_open(subject: &str) -> bool {
    let Some(rest) = ["repo:", "project_path:"].iter().find_map(|kind| subject.strip_prefix(kind)) else { return false };
    rest.split(':').next().and_then(|path| path.split_once('/')).is_some_and(|(_, name)| names::wildcard(name).is_some())
}

/// Whether an ARN, wildcards included, can name only what is one account's. A bucket's names none, so that the whole name must be there: anybody
/// may take a name that begins alike.
pub(crate) fn is_definite_arn(text: &str) -> bool {
    let is_wild = |text: &str| names::wildcard(text).is_some();
    let Some(arn) = Arn::parse(text) else { return false };
    let owner = arn.resource.split('/').next().unwrap_or_default();
    !is_wild(&arn.service) && !is_wild(&arn.account) && (!arn.account.is_empty() || !owner.is_empty() && !is_wild(owner))
}

/// The comparisons of a statement. One that an undecided condition may leave out is left out; of one whose values it decides all values count.
pub(crate) fn read<'t>(statement: &Property<'t>) -> Vec<Condition<'t>> {
    let Some(operators) = statement.get("Condition") else { return Vec::new() };
    // The old spelling of bus policies: one condition, as `Key`, `Type` and `Value`.
    if let (Some(key), Some(value)) = (operators.get("Key"), operators.get("Value"))
        && let (Some(name), Some(operator)) = (key.literal(), operators.get("Type").and_then(Property::literal))
    {
        return vec![Condition { key: ConditionKey::of(name), written: name, operator, values: flatten(value), span: key.span }];
    }
    in_every_branch(operators, &|operators| {
        let of_operator = |operator: &Entry<'t>| {
            in_every_branch(&operator.value, &|keys| {
                let kept = keys.entries().iter().filter(|key| !may_be_left_out(&key.value));
                kept.map(|key| Condition {
                    key: ConditionKey::of(key.key),
                    written: key.key,
                    operator: operator.key,
                    values: flatten(&key.value),
                    span: key.key_span,
                })
                .collect()
            })
        };
        operators.entries().iter().flat_map(of_operator).collect()
    })
}

/// What all branches of a value have by key and operator; of several the values of all.
fn in_every_branch<'t>(value: &Property<'t>, read: &dyn Fn(&Property<'t>) -> Vec<Condition<'t>>) -> Vec<Condition<'t>> {
    let Value::Either(Alternatives { branches, .. }) = value.value else { return read(value) };
    let mut branches = branches.iter().map(|branch| in_every_branch(branch, read));
    let Some(mut common) = branches.next() else { return Vec::new() };
    for branch in branches {
        common.retain_mut(|known| {
            let same = branch.iter().find(|other| (other.key, other.operator) == (known.key, known.operator));
            same.inspect(|same| known.values.extend(same.values.iter().copied())).is_some()
        });
    }
    common
}

pub(super) fn may_be_left_out(value: &Property<'_>) -> bool {
    match value.value {
        Value::Either(Alternatives { branches, .. }) => branches.iter().any(may_be_left_out),
        Value::Null | Value::Removed => true,
        _ => false,
    }
}

/// The values of a list, of a single value, and of all branches of an undecided condition.
pub(super) fn flatten<'t>(value: &Property<'t>) -> Vec<Property<'t>> {
    match value.value {
        Value::List(items) | Value::Either(Alternatives { branches: items, .. }) => items.iter().flat_map(flatten).collect(),
        Value::Null | Value::Removed => Vec::new(),
        _ => vec![*value],
    }
}

#[cfg(test)]
mod tests {
    use super::{ConditionKey, is_definite, is_definite_arn, leaves_repository_open};

    #[test]
    fn an_arn_is_definite_by_its_account_or_its_whole_bucket() {
        for (text, expected) in [
            ("arn:aws:sns:eu-west-1:${account}:orders-*", true),
            ("arn:aws:sns:*:123456789012:*", true),
            ("arn:aws:s3:::acme-orders", true),
            ("arn:aws:s3:::acme-orders/*", true),
            ("arn:aws:s3:::acme-*", false),
            ("arn:aws:s3:::*", false),
            ("arn:aws:sns:eu-west-1:*:orders", false),
            ("arn:aws:iam::*:role/deploy", false),
            ("arn:aws:iam::1234*:role/deploy", false),
            ("arn:*", false),
            ("*", false),
        ] {
            assert_eq!(is_definite_arn(text), expected, "{text}");
        }
    }

    #[test]
    fn a_pattern_is_definite_where_its_owner_is_written_out() {
        use ConditionKey::{Caller, OidcSubject, Organization, SourceAccount, VpcEndpoint};
        for (key, text, expected) in [
            (Organization, "o-abc/*", true),
            (Organization, "o-*", false),
            (SourceAccount, "123456789012", true),
            (SourceAccount, "1234*", false),
            (Caller, "AROAEXAMPLEID:*", true),
            (Caller, "*:session", false),
            (Caller, "arn:*", false),
            (VpcEndpoint, "vpce-*", false),
            (OidcSubject, "repo:acme/shop:*", true),
            (OidcSubject, "repo:acme/*", true),
            (OidcSubject, "repo:acme*", false),
            (OidcSubject, "repo:*", false),
            (OidcSubject, "repository_owner_id:*", false),
            (OidcSubject, "repository_owner_id:1*", false),
            (OidcSubject, "repository_owner_id:1234567:*", true),
            (OidcSubject, "repository:acme/*", true),
            (OidcSubject, "system:serviceaccount:shop:*", true),
            (OidcSubject, "organization:acme:project:*", true),
            (OidcSubject, "organization:*:project:shop", false),
        ] {
            assert_eq!(is_definite(key, text), expected, "{text}");
        }
    }

    #[test]
    fn a_repository_is_open_where_its_name_has_a_wildcard() {
        for (subject, expected) in [
            ("repo:acme/*", true),
            ("repo:acme/web-*:ref:refs/heads/main", true),
            ("repo:acme/web:*", false),
            ("repo:acme/web:ref:refs/heads/*", false),
            ("project_path:acme/*:ref_type:branch:ref:main", true),
            ("system:serviceaccount:shop:*", false),
        ] {
            assert_eq!(leaves_repository_open(subject), expected, "{subject}");
        }
    }
}
