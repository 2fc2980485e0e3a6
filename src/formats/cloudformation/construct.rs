//! Constructs of the AWS CDK: the path that it writes beside a resource is the resource's identity, because the logical id ends in a hash.
//!
//! Comes in: the declarations of a template with their `aws:cdk:path`. Goes out: for each its address, its name and who wants it.
//! A path that two resources share is nobody's identity: theirs stays the logical id.
//! <https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html>, read 2026-11-24.

use crate::formats::cloudformation::scope::{Declaration, Frame};
use crate::model::resource::Maker;
use crate::syntax::Node;
use bumpalo::Bump;
use std::collections::BTreeMap;

/// How many hexadecimal digits the CDK puts behind an id.
const HASH: usize = 8;
/// Longest path or name that is looked into, in bytes: the CDK writes none that is half as long.
const MAX_NAME: usize = 2_048;
/// What the CDK's helpers begin with, letters and digits only: <https://github.com/aws/aws-cdk/tree/main/packages/aws-cdk-lib>.
const HELPERS: [&str; 20] = [
    "AWS679f53fac002430cb0da5b7982bd2287",
    "AWSCDKCfnUtilsProvider",
    "BucketNotificationsHandler050a0587b7544547bf325f094a3db834",
    "CDKMetadata",
    "CustomAWSCDKOpenIdConnectProvider",
    "CustomAWSCDKEKS",
    "CustomCDKBucketDeployment",
    "CustomCDKECRDeployment",
    "CustomCrossRegionExportReader",
    "CustomCrossRegionExportWriter",
    "CustomCrossRegionStringParameterReader",
    "CustomDescribeCognitoUserPoolClient",
    "CustomECRAutoDeleteImages",
    "CustomS3AutoDeleteObjects",
    "CustomVpcRestrictDefaultSG",
    "ExportsReader",
    "ExportsWriter",
    "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a",
    "awscdkawseks",
    "awscdkawsdynamodbReplicaProvider",
];
/// What the provider framework puts around the handler of a custom resource, which alone is the author's.
const FRAMEWORK: [&str; 4] = ["framework-onEvent", "framework-isComplete", "framework-onTimeout", "waiter-state-machine"];

/// What the CDK says of a resource.
#[derive(Clone, Copy, Debug)]
pub(super) struct Construct<'t> {
    /// Without the scope of nested stacks.
    pub(super) address: &'t str,
    /// Without the scope of nested stacks.
    pub(super) name: &'t str,
    pub(super) maker: Maker,
    /// The path of a nested stack's construct: what the paths within it begin with.
    pub(super) nested: Option<&'t str>,
}

/// The constructs of a template by logical id; empty where the CDK did not write it.
pub(super) fn find<'t>(
    declarations: &BTreeMap<&'t str, Declaration<'t>>,
    frame: &Frame<'t>,
    arena: &'t Bump,
) -> BTreeMap<&'t str, Construct<'t>> {
    let paths: BTreeMap<&'t str, &'t str> =
        declarations.iter().filter_map(|(id, declaration)| Some((*id, path(&declaration.node)?))).collect();
    let Some(first) = paths.values().next() else { return helpers(declarations) };
    let stack = frame.within.unwrap_or_else(|| stack_of(first, frame.path.file_name()));
    let mut shares: BTreeMap<String, usize> = BTreeMap::new();
    for id in declarations.keys() {
        let candidates = paths.get(id).map_or_else(|| vec![(*id).to_owned()], |path| names(inside(path, stack)));
        candidates.iter().for_each(|name| *shares.entry(address(name)).or_default() += 1);
    }
    let construct = |id: &'t str| {
        let Some(path) = paths.get(id).copied() else { return helper(id) };
        let own = inside(path, stack);
        let unique = names(own).into_iter().map(|name| (address(&name), name)).find(|(address, _)| shares.get(address) == Some(&1));
        Construct {
            address: unique.as_ref().map_or(id, |(address, _)| arena.alloc_str(address)),
            name: unique.as_ref().map_or(own, |(_, name)| arena.alloc_str(name)),
            maker: maker(own),
            nested: nested_stack(path).map(|(outer, own)| &*arena.alloc_str(&[outer, own].concat())),
        }
    };
    declarations.keys().map(|id| (*id, construct(id))).collect()
}

/// The helpers alone, for templates that were synthesised without paths.
fn helpers<'t>(declarations: &BTreeMap<&'t str, Declaration<'t>>) -> BTreeMap<&'t str, Construct<'t>> {
    declarations.keys().map(|id| (*id, helper(id))).filter(|(_, construct)| construct.maker == Maker::Toolkit).collect()
}

fn helper(id: &str) -> Construct<'_> {
    Construct { address: id, name: id, maker: maker(id), nested: None }
}

fn path<'t>(node: &Node<'t>) -> Option<&'t str> {
    node.get("Metadata")?.get("aws:cdk:path")?.scalar().filter(|path| !path.is_empty() && path.len() <= MAX_NAME)
}

/// The path of the stack itself. A stack of a stage lies deeper than the first part; its file is called after the whole path:
/// `ProdOrdersStack3F1C9A2B.template.json` is `Prod/OrdersStack`.
fn stack_of<'t>(path: &'t str, file: &str) -> &'t str {
    let file = file.split('.').next().unwrap_or(file);
    let mut joined = String::new();
    let ends = path.match_indices('/').map(|(end, _)| end);
    let mut start = 0;
    for end in ends.clone().take(4) {
        joined.extend(path[start..end].chars().filter(char::is_ascii_alphanumeric));
        start = end + 1;
        if file == joined || file.strip_prefix(joined.as_str()).is_some_and(is_hash) {
            return &path[..end];
        }
    }
    let first = ends.into_iter().next();
    first.map_or("", |end| &path[..end])
}

/// What stands behind the stack's own path.
fn inside<'t>(path: &'t str, stack: &str) -> &'t str {
    match path.strip_prefix(stack).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) if !rest.is_empty() => rest,
        _ => path,
    }
}

/// What a path may be shown as, the best first.
fn names(path: &str) -> Vec<String> {
    let mut names = vec![shortened(path), path.to_owned()];
    names.dedup();
    names
}

/// Without the last part where it only says that this is the resource which the construct is about.
fn shortened(path: &str) -> String {
    if let Some((outer, own)) = nested_stack(path) {
        return [outer, own].concat();
    }
    let short = path.strip_suffix("/Resource").or_else(|| path.strip_suffix("/Default")).filter(|short| !short.is_empty());
    short.unwrap_or(path).to_owned()
}

/// `Orders/Storage` of `Orders/Storage.NestedStack/Storage.NestedStackResource`, in two pieces.
fn nested_stack(path: &str) -> Option<(&str, &str)> {
    let (rest, last) = path.rsplit_once('/')?;
    let own = last.strip_suffix(".NestedStackResource")?;
    let outer = rest.strip_suffix(".NestedStack")?.strip_suffix(own)?;
    Some((outer, own))
}

/// A path as an address: dots between its parts, and nothing that means something in ids, ARNs or commands.
fn address(path: &str) -> String {
    let letter = |letter: char| match letter {
        '/' => '.',
        letter if letter.is_alphanumeric() || matches!(letter, '-' | '_') => letter,
        _ => '-',
    };
    path.chars().map(letter).collect()
}

fn maker(name: &str) -> Maker {
    let bare: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let helps = HELPERS.iter().any(|helper| bare.starts_with(helper)) || name.split('/').any(|part| FRAMEWORK.contains(&part));
    if helps { Maker::Toolkit } else { Maker::Author }
}

/// The name of another stack's export without the hashes that the CDK puts into it: `Shop:ExportsOutputRefTopicDE7E70F8D479F0D6`.
pub(super) fn export_name<'t>(name: &'t str, arena: &'t Bump) -> &'t str {
    let is_generated = |(_, export): &(&str, &str)| export.starts_with("ExportsOutput") && export.len() <= MAX_NAME;
    let Some((stack, export)) = name.split_once(':').filter(is_generated) else { return name };
    arena.alloc_str(&format!("{stack}:{}", without_hashes(export)))
}

/// What a stack of another region exports, by the parameter that carries it: `/cdk/exports/Site/ShoprefTopic` is `ShoprefTopic`.
pub(super) fn exported<'t>(parameter: &'t str, arena: &'t Bump) -> &'t str {
    let name = parameter.rsplit('/').next().unwrap_or(parameter);
    if name.len() > MAX_NAME { name } else { arena.alloc_str(&without_hashes(name)) }
}

/// The name of a parameter without the hashes that the CDK puts into it. All parameters of assets name the same bucket, that of the
/// environment: which file is meant changes with every build.
pub(super) fn parameter_name<'t>(name: &'t str, arena: &'t Bump) -> &'t str {
    if name
        .strip_prefix("AssetParameters")
        .is_some_and(|rest| rest.get(..64).is_some_and(|hash| hash.bytes().all(|digit| digit.is_ascii_hexdigit())))
    {
        return "AssetParameters";
    }
    if name.starts_with("referenceto") && name.len() <= MAX_NAME { arena.alloc_str(&without_hashes(name)) } else { name }
}

/// Without hashes at the end, and without one before the attribute that may stand there: `Table315BB997Arn` is `TableArn`.
fn without_hashes(name: &str) -> String {
    let mut name = name;
    while let Some((rest, hash)) = name.len().checked_sub(HASH).and_then(|cut| name.split_at_checked(cut))
        && !rest.is_empty()
        && is_hash(hash)
    {
        name = rest;
    }
    let attribute = |at: &usize| {
        let begins = matches!(name.as_bytes()[*at..], [first, second, ..] if first.is_ascii_uppercase() && second.is_ascii_lowercase());
        begins && at.checked_sub(HASH).and_then(|start| name.get(start..*at)).is_some_and(is_hash)
    };
    match name.char_indices().map(|(at, _)| at).rfind(attribute) {
        Some(at) => [&name[..at - HASH], &name[at..]].concat(),
        None => name.to_owned(),
    }
}

fn is_hash(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() == HASH && digits > 0 && text.bytes().all(|digit| digit.is_ascii_digit() || (b'A'..=b'F').contains(&digit))
}

#[cfg(test)]
mod tests {
    use super::{address, export_name, inside, maker, parameter_name, shortened, stack_of};
    use crate::model::resource::Maker;
    use bumpalo::Bump;

    #[test]
    fn paths_become_names() {
        for (file, path, name, expected) in [
            ("Shop.template.json", "Shop/Orders/Resource", "Orders", "Orders"),
            ("template.yaml", "Shop/Api/Default/{proxy+}/GET/Resource", "Api/Default/{proxy+}/GET", "Api.Default.-proxy--.GET"),
            ("ProdShop3F1C9A2B.template.json", "Prod/Shop/Orders/Resource", "Orders", "Orders"),
            ("template.json", "Prod/Shop/Orders/Resource", "Shop/Orders", "Shop.Orders"),
            ("Shop.template.json", "Shop/Store.NestedStack/Store.NestedStackResource", "Store", "Store"),
            ("Shop.template.json", "Shop/In/Store.NestedStack/Store.NestedStackResource", "In/Store", "In.Store"),
            ("Shop.template.json", "Shop/Vpc/PublicSubnet1/Subnet", "Vpc/PublicSubnet1/Subnet", "Vpc.PublicSubnet1.Subnet"),
            ("Shop.template.json", "Shop/CDKMetadata/Default", "CDKMetadata", "CDKMetadata"),
            ("Shop.template.json", "Shop", "Shop", "Shop"),
            ("Shop.template.json", "/", "/", "."),
        ] {
            let shown = shortened(inside(path, stack_of(path, file)));
            assert_eq!((shown.as_str(), address(&shown).as_str()), (name, expected), "{file}: {path}");
        }
    }

    #[test]
    fn names_lose_their_hashes() {
        let arena = Bump::new();
        for (name, expected) in [
            ("Shop:ExportsOutputRefTopicDE7E70F8D479F0D6", "Shop:ExportsOutputRefTopic"),
            ("Shop:ExportsOutputFnGetAttTable315BB997Arn8A7B6C5D", "Shop:ExportsOutputFnGetAttTableArn"),
            ("Shop:ExportsOutputFnGetAttTableA315BB997Arn8A7B6C5D", "Shop:ExportsOutputFnGetAttTableAArn"),
            ("Shop:TopicDE7E70F8", "Shop:TopicDE7E70F8"),
            ("network-VpcId", "network-VpcId"),
        ] {
            assert_eq!(export_name(name, &arena), expected, "{name}");
        }
        let asset = format!("AssetParameters{}S3BucketA37653ED", "0f".repeat(32));
        for (name, expected) in [
            (asset.as_str(), "AssetParameters"),
            ("referencetoShopTable315BB997Ref", "referencetoShopTableRef"),
            ("AssetParametersOfMine", "AssetParametersOfMine"),
            ("Stage", "Stage"),
        ] {
            assert_eq!(parameter_name(name, &arena), expected, "{name}");
        }
    }

    #[test]
    fn helpers_are_told_from_handlers() {
        for (name, expected) in [
            ("Custom::S3AutoDeleteObjectsCustomResourceProvider/Handler", Maker::Toolkit),
            ("CustomS3AutoDeleteObjectsCustomResourceProviderHandler9D90184F", Maker::Toolkit),
            ("LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a", Maker::Toolkit),
            ("Seeder/Provider/framework-onEvent", Maker::Toolkit),
            ("@aws-cdk--aws-eks.KubectlProvider/Handler", Maker::Toolkit),
            ("Seeder/Handler", Maker::Author),
            ("Custom::Seeder/Handler", Maker::Author),
            ("LogRetentionReport", Maker::Author),
        ] {
            assert_eq!(maker(name), expected, "{name}");
        }
    }
}
