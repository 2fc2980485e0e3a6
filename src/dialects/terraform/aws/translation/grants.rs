//! Grants of an access control list: CloudFormation knows those of everybody as canned lists.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl>

use crate::dialects::terraform::aws::context::{Context, argument, items};
use crate::dialects::terraform::aws::making::Made;
use crate::dialects::terraform::aws::tree::Tree;
use crate::formats::terraform::instance::Instance;
use crate::formats::terraform::value::Value as Evaluated;
use crate::model::resource::{Property, Value};

const EVERYBODY: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const EVERY_ACCOUNT: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

/// `grant` of a bucket, and `access_control_policy` of its list: the widest of them.
pub(crate) fn spell<'t>(context: &Context<'t, '_>, instance: &Instance, made: &mut Made<'t, '_>) {
    let policy = argument(&instance.arguments, "access_control_policy").map(items).unwrap_or_default();
    let own = argument(&instance.arguments, "grant").map(items).unwrap_or_default();
    let grants = policy.iter().filter_map(|policy| argument(policy, "grant")).flat_map(items).chain(own);
    let found: Vec<Property<'t>> = grants.filter_map(|grant| canned(context, grant)).collect();
    let width =
        |list: &Property<'t>| ["AuthenticatedRead", "PublicRead", "PublicReadWrite"].iter().position(|word| list.literal() == Some(word));
    let unknown = found.iter().find(|list| list.literal().is_none());
    let Some(widest) = found.iter().filter(|list| list.literal().is_some()).max_by_key(|list| width(list)).or(unknown) else { return };
    // A list is part of its bucket, which is what was made last otherwise.
    let tree: Option<&mut Tree<'t>> = match &*instance.kind {
        "aws_s3_bucket_acl" => made.parts.last_mut().map(|part| &mut part.tree),
        _ => made.list.iter_mut().rev().find(|making| *making.address == *instance.address).map(|making| &mut making.tree),
    };
    if let Some(tree) = tree {
        tree.put("AccessControl", *widest, widest.span, context.arena);
    }
}

/// The canned list that comes to a grant; nothing where it lets in nobody from outside.
fn canned<'t>(context: &Context<'t, '_>, grant: &Evaluated) -> Option<Property<'t>> {
    let within = argument(grant, "grantee").map(items).and_then(<[Evaluated]>::first);
    let value = |name: &str| argument(within.unwrap_or(grant), name).map(|value| context.value(value));
    let group = value("uri")?;
    let permissions = ["permission", "permissions"].iter().filter_map(|name| argument(grant, name)).flat_map(items);
    let permissions: Vec<Property<'t>> = permissions.map(|permission| context.value(permission)).collect();
    let writes = permissions.iter().any(|permission| matches!(permission.literal(), Some("WRITE" | "WRITE_ACP" | "FULL_CONTROL")));
    let word = match group.literal() {
        Some(EVERYBODY) if writes => "PublicReadWrite",
        Some(EVERYBODY) => "PublicRead",
        Some(EVERY_ACCOUNT) => "AuthenticatedRead",
        Some(_) => return None,
        None => return Some(context.pen(group.span).unknown(&group.unresolved().unwrap_or_default())),
    };
    Some(Property { value: Value::Text(word), span: group.span })
}
