//! What decides how a unit is deployed without being an element: providers, state, programs that run, lookups, resources of other providers.
//!
//! Comes in: a root or a service that was read. Goes out: each by a name, with a digest by which two sides of a change are compared.

use crate::catalog::own_types::OwnTypes;
use crate::catalog::witnesses::fingerprint;
use crate::dialects;
use crate::formats::serverless;
use crate::formats::terraform;
use crate::formats::terraform::instance::{Instance, Mode, Root};
use crate::formats::terraform::value;
use crate::model::ElementId;
use crate::model::unweighed::{ARGUMENT, Kind, Unweighed};
use crate::source::{NoteKind, RepoPath, Sources, Span};
use crate::syntax::digest::digest;

/// Most nodes of a section that are compared.
const MAX_NODES: usize = 100_000;

/// Of a root module; what the organisation describes is weighed by property.
pub(super) fn of_root(unit: &RepoPath, root: &Root, types: OwnTypes, sources: &Sources<'_>) -> Vec<Unweighed> {
    let deployment = root.deciding.iter().map(|deciding| of_deployment(unit, &deciding.name, &deciding.text, deciding.span, sources));
    let of = |instance: &Instance, kind: Kind, path: &str, text: &str| {
        let of_deployment = of_deployment(unit, &instance.address, text, instance.span, sources);
        Unweighed { kind, declared: instance.kind.to_string(), path: path.to_owned(), ..of_deployment }
    };
    let resources = || root.instances.iter().filter(|instance| instance.mode == Mode::Managed);
    let is_told = |instance: &&Instance| dialects::terraform::is_told(&instance.kind, types);
    let silent = resources().filter(is_told).map(|instance| of(instance, Kind::Silent, "", &written(instance)));
    let finds = |instance: &&Instance| instance.mode == Mode::Data && dialects::terraform::finds_what_decides(&instance.kind);
    let found = root.instances.iter().filter(finds).map(|instance| of(instance, Kind::Value, "", &written(instance)));
    let programs = root.instances.iter().filter(|instance| instance.mode == Mode::Data).flat_map(|instance| {
        let value::Kind::Object(arguments) = &instance.arguments.kind else { return Vec::new() };
        let written = |argument: &&'static str| Some((*argument, arguments.get(*argument)?));
        let texts = dialects::terraform::programs(&instance.kind).iter().filter_map(written);
        texts.map(|(argument, value)| of(instance, Kind::Value, argument, &text_of(value))).collect()
    });
    // Where there is a choice, in which account something is made.
    let placed = resources().filter(|_| root.providers.len() > 1);
    let placed = placed.map(|instance| of(instance, Kind::Value, "provider", &instance.provider));
    let guarding = root.instances.iter().filter(|instance| instance.mode == Mode::Module).flat_map(|call| {
        let arguments = match &call.arguments.kind {
            value::Kind::Object(entries) | value::Kind::Map(entries) => entries.iter().collect(),
            _ => Vec::new(),
        };
        arguments.into_iter().filter(|(name, _)| guards(name)).map(move |(name, value)| Unweighed {
            place: sources.place(value.span),
            ..of(call, Kind::Guard, &format!("{ARGUMENT}{name}"), "")
        })
    });
    deployment.chain(silent).chain(found).chain(programs).chain(placed).chain(guarding).collect()
}

/// Names, or beginnings of names, of arguments by which a module that was not read is told whom to let in, what to hold back and what to record.
const GUARDING: [&str; 21] = [
    "acl",
    "address",
    "allow",
    "backup",
    "blocked",
    "boundar",
    "cidr",
    "den",
    "encrypt",
    "firewall",
    "ingress",
    "ips",
    "kms",
    "logging",
    "polic",
    "protect",
    "public",
    "safelist",
    "securelist",
    "waf",
    "whitelist",
];

/// Words of arguments that say where something lies, or which edition it is: `public_subnets`, `allow_major_version_upgrade`.
const PLACING: [&str; 2] = ["subnet", "version"];

/// Whether an argument of a module is called after a guard: only that it goes is told.
fn guards(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let has = |known: &[&str]| name.split(['_', '-']).any(|word| known.iter().any(|known| word.starts_with(known)));
    has(&GUARDING) && !has(&PLACING)
}

fn written(instance: &Instance) -> String {
    text_of(&instance.arguments)
}

/// A value as a text that is equal where the value is.
pub(super) fn text_of(value: &value::Value) -> String {
    let mut text = String::new();
    terraform::written::write(value, &mut text);
    text
}

/// Of a service of the Serverless Framework: plugins that nobody here knows, and what says how it is deployed.
pub(super) fn of_service(unit: &RepoPath, service: &serverless::Reading<'_>, sources: &Sources<'_>) -> Vec<Unweighed> {
    let plugins = service.plugins.iter();
    let plugins = plugins.map(|plugin| of_deployment(unit, &format!("plugin {}", plugin.name), plugin.name, plugin.span, sources));
    let sections = service.deploying.iter().map(|(name, node)| {
        let mut left = MAX_NODES;
        let digest = digest(*node, &mut left);
        if left == 0 {
            sources.note(
                node.span,
                NoteKind::Limit,
                format!("the section has more than {MAX_NODES} nodes, of which the rest is not compared"),
            );
        }
        of_deployment(unit, name, &digest.to_string(), node.span, sources)
    });
    plugins.chain(sections).collect()
}

fn of_deployment(unit: &RepoPath, name: &str, text: &str, span: Span, sources: &Sources<'_>) -> Unweighed {
    Unweighed {
        id: ElementId::new(unit, name),
        unit: unit.clone(),
        kind: Kind::Deployment,
        path: String::new(),
        declared: "deployment".to_owned(),
        digest: fingerprint(text),
        works_for: Vec::new(),
        way: None,
        place: sources.place(span),
    }
}
