//! Whose programs make what a root deploys, where they do so, and with whose rights: providers and modules of others, programs that run, addresses
//! and roles of providers, templates of stacks. Besides, who reaches the objects of a bucket that is made elsewhere.
//!
//! Comes in: a root with its instances. Goes out: a decision for each, by whose it is. Whose name stands in it counts and not the version, so that
//! the next edition of the same publisher is nothing new. What the makers of the language publish is passed over.
//! Sources, read 2026-12-01: <https://developer.hashicorp.com/terraform/language/modules/sources>,
//! <https://developer.hashicorp.com/terraform/language/providers/requirements#source-addresses>,
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/custom-service-endpoints>.

use crate::catalog::witnesses::digest;
use crate::formats::terraform::instance::{Instance, Mode, Root};
use crate::formats::terraform::value::{Kind, Value};
use crate::formats::terraform::written::write;
use crate::model::decision::Decision;
use bumpalo::Bump;

const PROGRAM: &str = "whose program makes resources";
const MODULE: &str = "whose module is deployed";
const RUNS: &str = "what runs where it is deployed";
const ANSWERS: &str = "who answers in the place of a service";
const RIGHTS: &str = "in which account and with which rights it is deployed";
const TEMPLATE: &str = "what a template that was not read makes";
const READERS: &str = "who reaches the objects of a bucket that is made elsewhere";
const COPIES: &str = "who gets copies of the objects of a bucket that is made elsewhere";
/// The arguments of a stack that say what it is made of.
const TEMPLATES: [&str; 2] = ["template_body", "template_url"];
/// Lists of access that let in more than an account.
const OPEN_LISTS: [&str; 3] = ["authenticated-read", "public-read", "public-read-write"];
/// Publishers of whom nobody asks who they are.
const MAKERS: [&str; 4] = ["aws-ia", "cloudposse", "hashicorp", "terraform-aws-modules"];
/// The registry where none is named.
const REGISTRY: &str = "registry.terraform.io/";
/// Provisioners that run on the machine that deploys.
const LOCAL: &str = "local-exec";
/// Hosts that are the machine itself, where services are tried out.
const OWN_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "localstack"];

/// In order of their names, each name once.
pub(super) fn read<'t>(root: &Root, arena: &'t Bump) -> Vec<Decision<'t>> {
    let mut found: Vec<Decision<'t>> = Vec::new();
    let mut add = |name: &str, what: &'static str, text: &str, span| {
        found.push(Decision { name: arena.alloc_str(name), what, text: arena.alloc_str(text), span });
    };
    for deciding in &root.deciding {
        if deciding.name.starts_with("source of provider ")
            && let Some(publisher) = publisher_of_provider(deciding.text.trim_matches('"'))
        {
            add(&deciding.name, PROGRAM, &publisher, deciding.span);
        }
    }
    for (address, provider) in &root.providers {
        for (service, host) in endpoints(&provider.arguments) {
            add(&format!("endpoint {service} of provider {address}"), ANSWERS, &host, provider.span);
        }
        for role in roles(&provider.arguments) {
            add(&format!("provider {address}"), RIGHTS, &role, provider.span);
        }
    }
    for instance in &root.instances {
        for (kind, arguments) in instance.provisioners.iter().filter(|(kind, _)| **kind == *LOCAL) {
            let mut text = String::new();
            write(argument(arguments, "command").unwrap_or(arguments), &mut text);
            add(&format!("{kind} of {}", instance.address), RUNS, &text, arguments.span);
        }
        if matches!(&*instance.kind, "aws_cloudformation_stack" | "aws_cloudformation_stack_set") {
            for name in TEMPLATES {
                if let Some(template) = argument(&instance.arguments, name).filter(|value| !matches!(value.kind, Kind::Null)) {
                    add(&format!("{name} of {}", instance.address), TEMPLATE, &template_shown(template), template.span);
                }
            }
        }
        for (what, text) in given_elsewhere(root, instance) {
            add(&format!("{what} of {}", instance.address), what, &text, instance.span);
        }
        if let Some(publisher) = publisher_of_module(instance) {
            add(&instance.address, MODULE, &publisher, instance.span);
        }
    }
    found.sort_by(|a, b| (a.name, a.span.line).cmp(&(b.name, b.span.line)));
    found.dedup_by(|a, b| a.name == b.name);
    found
}

/// Whose program a provider is: the host where it is no other, and the namespace.
fn publisher_of_provider(source: &str) -> Option<String> {
    let source = source.strip_prefix(REGISTRY).unwrap_or(source);
    let (publisher, _) = source.rsplit_once('/')?;
    (!MAKERS.contains(&publisher) && !publisher.contains('$')).then(|| publisher.to_owned())
}

/// Whose a module is that was not read, and of a pull request of theirs that it is one: whoever opens it writes what is deployed.
fn publisher_of_module(instance: &Instance) -> Option<String> {
    if instance.mode != Mode::Module {
        return None;
    }
    let source = &*instance.kind;
    let (place, query) = source.split_once('?').unwrap_or((source, ""));
    let publisher = publisher(place)?;
    let proposed = query.split('&').filter_map(|pair| pair.strip_prefix("ref=")).find(|named| {
        let named = named.replace("%2F", "/").replace("%2f", "/");
        ["refs/pull/", "refs/merge-requests/", "pull/"].iter().any(|begin| named.starts_with(begin))
    });
    match proposed {
        Some(named) => Some(format!("{publisher}, as proposed in {named}")),
        None => {
            Some(publisher).filter(|publisher| !MAKERS.iter().any(|maker| publisher == maker || publisher.ends_with(&format!("/{maker}"))))
        }
    }
}

/// The host and the owner that a place names; of the registry the namespace.
fn publisher(place: &str) -> Option<String> {
    if place.is_empty() || place.starts_with(['.', '/', '~']) || place.contains("${") {
        return None;
    }
    let place = place.strip_prefix("git::").unwrap_or(place);
    let is_remote = place.contains("://") || place.contains('@') || place.contains("::");
    let (_, rest) = place.split_once("://").unwrap_or(("", place));
    let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest).replace(':', "/");
    let mut parts = rest.trim_start_matches(REGISTRY).split('/').filter(|part| !part.is_empty());
    let (first, second) = (parts.next()?, parts.next());
    match second {
        Some(owner) if is_remote || first.contains('.') => Some(format!("{}/{owner}", first.to_ascii_lowercase())),
        _ => Some(first.to_owned()),
    }
}

/// The services that a provider asks at another address, each with its host; those of the provider of the services themselves are passed over.
fn endpoints(arguments: &Value) -> Vec<(String, String)> {
    let blocks: Vec<&Value> = argument(arguments, "endpoints").into_iter().flat_map(items).collect();
    let entries = blocks.iter().flat_map(|block| match &block.kind {
        Kind::Object(entries) | Kind::Map(entries) => entries.iter().collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    let is_foreign =
        |host: &str| !host.ends_with(".amazonaws.com") && !host.ends_with(".api.aws") && !OWN_HOSTS.iter().any(|own| host.starts_with(own));
    let host = |text: &str| {
        let (_, rest) = text.split_once("://").unwrap_or(("", text));
        rest.split(['/', ':']).next().unwrap_or(rest).to_owned()
    };
    let named = entries.filter_map(|(service, value)| match &value.kind {
        Kind::Text(text) => Some((service.to_string(), host(text))),
        _ => None,
    });
    named.filter(|(_, host)| !host.is_empty() && is_foreign(host)).collect()
}

/// The roles that a provider takes on, where they are written out.
fn roles(arguments: &Value) -> Vec<String> {
    let blocks = argument(arguments, "assume_role").into_iter().flat_map(items);
    let role = |block: &Value| match &argument(block, "role_arn")?.kind {
        Kind::Text(text) => Some(text.to_string()),
        _ => None,
    };
    blocks.filter_map(role).collect()
}

/// Where a template lies, or the types that stand in it and a digest: any other template is another text, and no literal of it is shown.
fn template_shown(template: &Value) -> String {
    let mut text = String::new();
    write(template, &mut text);
    if let Kind::Text(place) = &template.kind
        && place.starts_with("https://")
    {
        return place.split('?').next().unwrap_or_default().to_owned();
    }
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != ':');
    let mut types: Vec<&str> = words.filter(|word| word.starts_with("AWS::") && word.matches("::").count() == 2).collect();
    types.sort_unstable();
    types.dedup();
    format!("{} #{}", types.join(", "), digest(&text)).trim_start().to_owned()
}

/// What a part of a bucket that no resource of the root makes gives to others.
fn given_elsewhere(root: &Root, part: &Instance) -> Vec<(&'static str, String)> {
    let Some(Kind::Text(bucket)) = argument(&part.arguments, "bucket").map(|bucket| &bucket.kind) else { return Vec::new() };
    let is_it = |other: &Instance| {
        let name = argument(&other.arguments, "bucket").map(|name| &name.kind);
        &*other.kind == "aws_s3_bucket" && matches!(name, Some(Kind::Text(name)) if name == bucket)
    };
    let text_of = |block: &Value, name: &str| match &argument(block, name)?.kind {
        Kind::Text(text) => Some(text.to_string()),
        _ => None,
    };
    match &*part.kind {
        "aws_s3_bucket_acl" if !root.instances.iter().any(is_it) => {
            let list = text_of(&part.arguments, "acl").filter(|list| OPEN_LISTS.contains(&list.as_str()));
            list.map(|list| (READERS, format!("{list} on {bucket}"))).into_iter().collect()
        }
        "aws_s3_bucket_replication_configuration" if !root.instances.iter().any(is_it) => {
            let rules = argument(&part.arguments, "rule").into_iter().flat_map(items);
            let destinations = rules.filter_map(|rule| argument(rule, "destination")).flat_map(items);
            let mut accounts: Vec<String> = destinations.filter_map(|destination| text_of(destination, "account")).collect();
            accounts.sort();
            accounts.dedup();
            let named = (!accounts.is_empty()).then(|| (COPIES, format!("account {} of {bucket}", accounts.join(", "))));
            named.into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn argument<'v>(arguments: &'v Value, name: &str) -> Option<&'v Value> {
    match &arguments.kind {
        Kind::Object(entries) | Kind::Map(entries) => entries.get(name),
        _ => None,
    }
}

/// The blocks of a type, or one value.
fn items(value: &Value) -> Vec<&Value> {
    match &value.kind {
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => items.iter().collect(),
        _ => vec![value],
    }
}

#[cfg(test)]
mod tests {
    use super::{publisher, publisher_of_provider};

    #[test]
    fn a_module_is_of_its_owner() {
        for (place, expected) in [
            ("git::https://github.com/acme/modules.git//group", Some("github.com/acme")),
            ("git@github.com:acme/modules.git", Some("github.com/acme")),
            ("git::ssh://git@gitlab.example.com/acme/modules.git", Some("gitlab.example.com/acme")),
            ("github.com/acme/modules", Some("github.com/acme")),
            ("acme/vpc/aws", Some("acme")),
            ("registry.terraform.io/acme/vpc/aws", Some("acme")),
            ("app.terraform.io/acme/vpc/aws", Some("app.terraform.io/acme")),
            ("s3::https://s3-eu-west-1.amazonaws.com/acme-modules/vpc.zip", Some("s3-eu-west-1.amazonaws.com/acme-modules")),
            ("./modules/vpc", None),
            ("../vpc", None),
            ("", None),
        ] {
            assert_eq!(publisher(place).as_deref(), expected, "{place}");
        }
    }

    #[test]
    fn a_provider_is_of_its_namespace() {
        for (source, expected) in [
            ("hashicorp/aws", None),
            ("registry.terraform.io/hashicorp/aws", None),
            ("acme/aws", Some("acme")),
            ("registry.example.com/hashicorp/aws", Some("registry.example.com/hashicorp")),
            ("aws", None),
        ] {
            assert_eq!(publisher_of_provider(source).as_deref(), expected, "{source}");
        }
    }
}
