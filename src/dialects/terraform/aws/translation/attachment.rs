//! Policies that are attached to roles, users and groups by a resource of their own.
//!
//! The attachment belongs to whoever bears the policy, or to the policy itself where the bearer is not here.

use crate::catalog::names::canonical;
use crate::dialects::terraform::aws::context::{Context, argument, each};
use crate::dialects::terraform::aws::making::{Joining, Made, Making};
use crate::dialects::terraform::aws::table::Part;
use crate::dialects::terraform::aws::tree::Tree;
use crate::formats::terraform::instance::{Instance, Mode};
use crate::model::resource::Property;

/// Who can bear a policy: the argument, the type, its table entry, and where a policy names it.
const BEARERS: &[(&str, &str, &str, &str)] = &[
    ("role", "AWS::IAM::Role", "aws_iam_role", "Roles[]"),
    ("roles", "AWS::IAM::Role", "aws_iam_role", "Roles[]"),
    ("user", "AWS::IAM::User", "aws_iam_user", "Users[]"),
    ("users", "AWS::IAM::User", "aws_iam_user", "Users[]"),
    ("group", "AWS::IAM::Group", "aws_iam_group", "Groups[]"),
    ("groups", "AWS::IAM::Group", "aws_iam_group", "Groups[]"),
];

/// `aws_iam_user_group_membership`: one addition for each group.
pub(crate) fn of_user<'t, 's>(context: &Context<'t, 's>, instance: &'s Instance, made: &mut Made<'t, 's>) {
    made.list.pop();
    let value = |name: &str| argument(&instance.arguments, name).map(|value| context.value(value));
    let (Some(user), Some(groups)) = (value("user"), value("groups")) else { return };
    for (index, group) in each(groups).into_iter().enumerate() {
        let mut tree = Tree::new(instance.span);
        tree.put("GroupName", group, group.span, context.arena);
        tree.put("Users[]", user, user.span, context.arena);
        let kind = "AWS::IAM::UserToGroupAddition";
        made.list.push(match index {
            0 => Making::new(context, instance, kind, tree),
            _ => Making::implied(context, instance, &(index + 1).to_string(), kind, tree),
        });
    }
}

/// `aws_iam_role_policy_attachment` and its like for users, groups, and all of them.
pub(crate) fn attach<'t, 's>(context: &Context<'t, 's>, instance: &'s Instance, made: &mut Made<'t, 's>) {
    made.list.pop();
    let Some(policy) = argument(&instance.arguments, "policy_arn").map(|policy| context.value(policy)) else { return };
    for (name, kind, declared, at_policy) in BEARERS {
        let Some(bearers) = argument(&instance.arguments, name).map(|bearer| context.value(bearer)) else { continue };
        for bearer in each(bearers) {
            let is_here = is_here(context, &bearer, declared);
            let mut tree = Tree::new(instance.span);
            // The bearer has the policy, or, where it is not here, the policy names the bearer.
            let (of, known, whole) = if is_here || policy.reference().is_none() {
                tree.put("ManagedPolicyArns[]", policy, instance.span, context.arena);
                (*kind, *declared, bearer)
            } else {
                tree.put(at_policy, bearer, instance.span, context.arena);
                ("AWS::IAM::ManagedPolicy", "aws_iam_policy", policy)
            };
            if !is_here && of == *kind {
                // Who bears it stands elsewhere: what is known of that one is what is attached here.
                let mut tree = Tree::new(instance.span);
                tree.put(&format!("{}Name", kind.rsplit("::").next().unwrap_or_default()), bearer, bearer.span, context.arena);
                tree.put("ManagedPolicyArns[]", policy, instance.span, context.arena);
                made.list.push(Making::new(context, instance, kind, tree));
                continue;
            }
            let of_whole = whole.reference().map(|reference| reference.address).or_else(|| by_name(context, &whole, known));
            made.parts.push(Joining { part: Part { of, joins: &[], alone: "" }, instance, tree, of: of_whole });
        }
    }
}

/// Whether a bearer is made here, by reference or by its name.
fn is_here<'t>(context: &Context<'t, '_>, bearer: &Property<'t>, declared: &str) -> bool {
    match bearer.reference() {
        Some(reference) => context.instances(reference.address).iter().any(|instance| &*instance.kind == declared),
        None => by_name(context, bearer, declared).is_some(),
    }
}

/// The address of what bears a name.
fn by_name<'t>(context: &Context<'t, '_>, bearer: &Property<'t>, declared: &str) -> Option<&'t str> {
    let wanted = canonical(bearer).filter(|name| !name.is_empty() && !name.contains("${?}"))?;
    let named = |instance: &&Instance| {
        let name = argument(&instance.arguments, "name").map(|name| context.value(name));
        name.and_then(|name| canonical(&name)).as_deref() == Some(wanted.as_str())
    };
    let of_type = context.root.instances.iter().filter(|one| one.mode == Mode::Managed && &*one.kind == declared);
    of_type.into_iter().find(named).map(|instance| &*context.arena.alloc_str(&instance.address))
}
