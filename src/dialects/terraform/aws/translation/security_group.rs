//! Rules of security groups: Terraform puts several sources into one rule, CloudFormation has a rule for each.
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group_rule>

use crate::dialects::terraform::aws::context::{Context, argument, each, items};
use crate::dialects::terraform::aws::making::{Made, Making};
use crate::dialects::terraform::aws::tree::Tree;
use crate::formats::terraform::instance::Instance;
use crate::formats::terraform::value::{Kind, Value as Evaluated};
use crate::model::resource::{Property, Value};
use crate::source::NoteKind;

/// Most sources of one rule that are told apart.
const MAX_SOURCES: usize = 200;
/// Arguments that name sources, and what one is called in CloudFormation on either side.
const SOURCES: &[(&str, &str, &str)] = &[
    ("cidr_blocks", "CidrIp", "CidrIp"),
    ("ipv6_cidr_blocks", "CidrIpv6", "CidrIpv6"),
    ("prefix_list_ids", "SourcePrefixListId", "DestinationPrefixListId"),
    ("security_groups", "SourceSecurityGroupId", "DestinationSecurityGroupId"),
    ("source_security_group_id", "SourceSecurityGroupId", "DestinationSecurityGroupId"),
];

/// `ingress` and `egress` of a group, as blocks or as a list of objects.
pub(crate) fn inline<'t, 's>(context: &Context<'t, 's>, instance: &'s Instance, made: &mut Made<'t, 's>) {
    let itself = context.refer(instance, None, instance.span);
    let Some(making) = made.list.last_mut() else { return };
    for (name, target, is_ingress) in [("ingress", "SecurityGroupIngress", true), ("egress", "SecurityGroupEgress", false)] {
        let Some(stated) = argument(&instance.arguments, name) else { continue };
        let rules: Vec<Property<'t>> = items(stated).iter().flat_map(|rule| self::rules(context, rule, &itself, is_ingress)).collect();
        let list = context.pen(stated.span).list(&rules);
        making.tree.put(target, list, stated.span, context.arena);
    }
}

/// A rule that stands apart: one resource for each source, the first of which has the rule's own address.
pub(crate) fn apart<'t, 's>(context: &Context<'t, 's>, instance: &'s Instance, made: &mut Made<'t, 's>) {
    made.list.pop();
    let Some(group) = argument(&instance.arguments, "security_group_id").map(|group| context.value(group)) else { return };
    let kind = argument(&instance.arguments, "type").map(|kind| context.value(kind));
    let is_egress = kind.is_some_and(|kind| kind.literal() == Some("egress"));
    let kind = if is_egress { "AWS::EC2::SecurityGroupEgress" } else { "AWS::EC2::SecurityGroupIngress" };
    for (index, rule) in rules(context, &instance.arguments, &group, !is_egress).into_iter().enumerate() {
        let mut tree = Tree::of(&Property { span: instance.span, ..rule });
        tree.put("GroupId", group, group.span, context.arena);
        made.list.push(match index {
            0 => Making::new(context, instance, kind, tree),
            _ => Making::implied(context, instance, &(index + 1).to_string(), kind, tree),
        });
    }
}

/// The rules that one block comes to; one without a source lets nobody in.
fn rules<'t>(context: &Context<'t, '_>, block: &Evaluated, itself: &Property<'t>, is_ingress: bool) -> Vec<Property<'t>> {
    match &block.kind {
        Kind::Object(_) | Kind::Map(_) => {}
        Kind::Either(branches) => {
            let branches = branches.iter().flat_map(|branch| rules(context, branch, itself, is_ingress));
            return branches.map(|rule| context.maybe(rule)).collect();
        }
        Kind::Null => return Vec::new(),
        _ => return vec![context.value(block)],
    }
    let base = ports(context, block);
    let mut sources: Vec<(&str, Property<'t>)> = Vec::new();
    for (name, source, destination) in SOURCES {
        let Some(stated) = argument(block, name) else { continue };
        let key = if is_ingress { *source } else { *destination };
        let value = context.value(stated);
        let may_be_missing = matches!(value.value, Value::Either(_));
        let source = |source| if may_be_missing { context.maybe(source) } else { source };
        sources.extend(each(value).into_iter().map(|item| (key, source(item))));
    }
    if let Some(own) = argument(block, "self").map(|own| context.value(own)).filter(|own| own.literal() != Some("false")) {
        let key = if is_ingress { "SourceSecurityGroupId" } else { "DestinationSecurityGroupId" };
        sources.push((key, Property { span: own.span, ..*itself }));
    }
    if sources.len() > MAX_SOURCES {
        let why = format!("a rule names more than {MAX_SOURCES} sources, the others were not read");
        context.sources.cut(block.span, why);
        sources.truncate(MAX_SOURCES);
    }
    let rule = |(key, value): (&str, Property<'t>)| {
        let mut tree = base.clone();
        tree.put(key, value, value.span, context.arena);
        tree.done(context.arena)
    };
    sources.into_iter().map(rule).collect()
}

/// Protocol and ports; those of all protocols are all ports, whatever is written.
fn ports<'t>(context: &Context<'t, '_>, block: &Evaluated) -> Tree<'t> {
    let mut tree = Tree::new(block.span);
    let protocol = argument(block, "protocol").map(|protocol| context.value(protocol));
    let is_all = protocol.is_some_and(|protocol| matches!(protocol.literal(), Some("-1" | "all")));
    if let Some(protocol) = protocol {
        let protocol = if is_all { Property { span: protocol.span, ..context.pen(protocol.span).text("-1") } } else { protocol };
        tree.put("IpProtocol", protocol, protocol.span, context.arena);
    }
    for (name, key) in [("from_port", "FromPort"), ("to_port", "ToPort"), ("description", "Description")] {
        if let Some(value) = argument(block, name).map(|value| context.value(value)).filter(|_| !is_all || name == "description") {
            tree.put(key, value, value.span, context.arena);
        }
    }
    tree
}

/// Says of groups whose rules stand both within and beside them that each run of the tool takes away what the other stated.
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group>
pub(crate) fn note_both<'t>(context: &Context<'t, '_>, made: &Made<'t, '_>) {
    let within = |making: &&Making<'_, '_>| {
        making.kind == "AWS::EC2::SecurityGroup"
            && ["ingress", "egress"].iter().any(|name| argument(&making.instance.arguments, name).is_some())
    };
    let mut beside: Vec<&str> = Vec::new();
    for rule in &made.list {
        if matches!(rule.kind, "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress") {
            let group = rule.tree.leaf("GroupId").and_then(|group| group.reference());
            beside.extend(group.map(|group| group.address));
        }
    }
    for group in made.list.iter().filter(within).filter(|group| beside.contains(&group.address)) {
        let text =
            format!("the rules of `{}` stand in it and beside it, so that each run takes away some of them; all are read", group.address);
        context.note(group.span, NoteKind::Inconsistent, text);
    }
}
