//! `serverless.yml` of the Serverless Framework, provider AWS: what the framework deploys for it.
//!
//! Comes in: the tree of the file and the files that it names. Goes out: a CloudFormation template, read as such, with the resources that
//! the framework makes under the ids that it gives them, each at the lines that cause it. It is read once for each stage that something is
//! looked up for. Never runs a program: what JavaScript or a plugin of others would say is unknown, with a note.
//!
//! <https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml>, read 2026-11-24.

mod cross_origin;
mod deployment;
mod edge;
mod function;
mod http_api;
mod invocation;
mod layer;
mod lift;
mod load_balancer;
mod naming;
mod notice;
mod pen;
mod pipes;
pub(crate) mod plugin;
mod poll;
mod push;
mod reference;
mod resources;
mod rest_api;
mod rest_authorizer;
mod role;
mod rule;
mod service;
mod service_proxy;
mod stack;
mod stages;
mod step_events;
mod step_functions;
mod step_notices;
mod step_role;
mod url;
mod variables;
mod websocket;
mod words;

use crate::formats::cloudformation;
use crate::formats::cloudformation::Template;
use crate::formats::serverless::pen::present;
use crate::formats::serverless::plugin::Plugin;
use crate::formats::serverless::service::Service;
use crate::formats::serverless::stack::Stack;
use crate::formats::serverless::stages::OfStage;
use crate::formats::serverless::variables::Variables;
use crate::model::decision::Decision;
use crate::model::{Model, Rank};
use crate::source::budget::Stage;
use crate::source::{NoteKind, RepoPath, Sources};
use crate::syntax::Node;
use bumpalo::Bump;

/// Most stages that a service is read for, the usual one not counted.
const MAX_STAGES: usize = 30;

/// What a service is deployed as.
#[derive(Debug, Default)]
pub struct Reading<'t> {
    pub templates: Vec<Template<'t>>,
    /// Those of which nobody here knows what they do to the templates, in order of the file.
    pub plugins: Vec<Plugin<'t>>,
    /// What says with whose rights, by what and how guarded the service is deployed, by where it stands.
    pub deploying: Vec<(&'static str, Node<'t>)>,
}

/// Reads the documents of an entry file. Cannot fail: what is not understood is noted in `sources`.
pub fn read<'t>(documents: &[Node<'t>], path: &RepoPath, sources: &Sources<'t>, arena: &'t Bump) -> Reading<'t> {
    let Some(root) = documents.first() else { return Reading::default() };
    if let Some(other) = documents.get(1) {
        sources.note(other.span, NoteKind::Refused, "a service is one document, and this file has several".to_owned());
    }
    if !root.is_map() {
        sources.note(root.span, NoteKind::Unsupported, "the file is not a mapping, nothing of it is read".to_owned());
        return Reading::default();
    }
    let variables = Variables::new(*root, path, sources, arena);
    let plugins = plugin::note(&variables);
    note_hidden_sections(&variables);
    let usual = resources::template(&variables, made(&variables));
    let others = of_other_stages(&variables);
    let template = stages::combined(usual, &others, arena);
    let mut templates = cloudformation::read(&[template], path, sources, arena);
    templates.iter_mut().for_each(|template| template.resources.words = &words::WORDS);
    let deploying = deploying(&variables);
    if let Some(template) = templates.first_mut() {
        template.resources.decisions = deploying.iter().filter_map(|(name, node)| decision(name, *node, arena)).collect();
    }
    Reading { templates, plugins, deploying }
}

/// With whose rights a service is deployed, and what a deployment may replace.
fn decision<'t>(name: &'static str, node: Node<'t>, arena: &'t Bump) -> Option<Decision<'t>> {
    let (what, text) = match name {
        "deploymentRole" | "cfnRole" => ("with which rights it is deployed", node.scalar()?.to_owned()),
        "stackPolicy" => {
            let words = |node: Node<'t>| match node.scalar() {
                Some(word) => word.to_owned(),
                None => node.items().iter().filter_map(|item| item.scalar()).collect::<Vec<_>>().join(" "),
            };
            let of = |statement: &Node<'t>| {
                let keys = ["Effect", "Action", "NotAction", "Resource", "NotResource"];
                keys.iter().filter_map(|key| Some(words(statement.get(key)?))).collect::<Vec<_>>().join(" ")
            };
            ("what a deployment may replace", node.items().iter().map(of).collect::<Vec<_>>().join("; "))
        }
        _ => return None,
    };
    (!text.is_empty()).then(|| Decision { name, what, text: arena.alloc_str(&text), span: node.span })
}

/// Paths of what says how a service is deployed; what plugins read under `custom` is that of those that run programs or place a firewall.
const DEPLOYING: [&[&str]; 10] = [
    &["provider", "iam", "deploymentRole"],
    &["provider", "cfnRole"],
    &["provider", "deploymentBucket"],
    &["provider", "stackPolicy"],
    &["provider", "profile"],
    &["custom", "associateWaf"],
    &["custom", "wafSettings"],
    &["custom", "scripts"],
    &["custom", "hooks"],
    &["custom", "stackTermination"],
];

fn deploying<'t>(variables: &Variables<'t, '_>) -> Vec<(&'static str, Node<'t>)> {
    let at = |path: &&[&'static str]| {
        let [section, rest @ ..] = path else { return None };
        let node = rest.iter().try_fold(variables.section(section)?, |node, key| present(node, key))?;
        Some((*path.last()?, node))
    };
    DEPLOYING.iter().filter_map(at).collect()
}

/// Notes state machines and layers that come from elsewhere; the other sections are noted where they are read.
fn note_hidden_sections(variables: &Variables<'_, '_>) {
    let layers = variables.section("layers");
    let state_machines = variables.section("stepFunctions");
    let listed = state_machines.and_then(|section| present(section, "stateMachines"));
    let each = [layers, listed].into_iter().flatten().flat_map(|section| section.entries()).map(|entry| entry.value);
    for hidden in [layers, state_machines, listed].into_iter().flatten().chain(each).filter(|node| variables.is_outside(*node)) {
        variables.note_hidden(hidden, "a part of `layers` or `stepFunctions`");
    }
}

/// The templates of other stages than the usual one, and of those that only these look up something for; in order of their names.
fn of_other_stages<'t>(usual: &Variables<'t, '_>) -> Vec<OfStage<'t>> {
    let mut to_read = usual.other_stages();
    let mut others: Vec<OfStage<'t>> = Vec::new();
    while let Some(stage) = to_read.pop() {
        if others.len() == MAX_STAGES {
            let why = format!("the service looks up something for more than {MAX_STAGES} stages, the rest is not read");
            usual.sources.cut(usual.span(), why);
            break;
        }
        let variables = usual.for_stage(stage);
        let template = resources::template(&variables, made(&variables));
        others.push(OfStage { stage, template });
        if !usual.sources.spend(Stage::Read, stages::size(template), usual.span()) {
            break;
        }
        let is_new = |found: &&str| !to_read.contains(found) && others.iter().all(|other| other.stage != *found);
        let found: Vec<&str> = variables.other_stages().into_iter().filter(is_new).collect();
        to_read.extend(found);
    }
    others.sort_by_key(|other| other.stage);
    others
}

/// Puts into the second rank what only deployments use: it is in the model, and out of the diagram of a comment.
pub fn rank(model: &mut Model) {
    model.elements.iter_mut().filter(|element| element.address == deployment::BUCKET).for_each(|element| element.rank = Rank::Second);
}

/// What the framework makes.
fn made<'t>(variables: &Variables<'t, '_>) -> Stack<'t> {
    let mut stack = Stack::new(variables.arena);
    let constructs = lift::constructs(variables);
    let service = Service::of(variables, &constructs);
    deployment::add(variables, &service, &mut stack);
    function::add_all(&service, &mut stack);
    layer::add_all(variables, &mut stack);
    rest_api::add_all(&service, &mut stack);
    http_api::add_all(&service, &mut stack);
    websocket::add_all(&service, &mut stack);
    rule::add_all(&service, &mut stack);
    notice::add_all(&service, &mut stack);
    poll::add_all(&service, &mut stack);
    push::add_all(&service, &mut stack);
    load_balancer::add_all(&service, &mut stack);
    edge::add_all(&service, &mut stack);
    service_proxy::add_all(variables, &service, &mut stack);
    pipes::add_all(variables, &service, &mut stack);
    step_functions::add_all(variables, &service, &mut stack);
    lift::add_all(&constructs, &service, &mut stack);
    role::add_all(&service, &mut stack);
    if let Some(span) = service.left_out.get() {
        let why = format!("the functions take over more than {} settings of the provider, the rest is not read", service::MAX_COPIED);
        variables.sources.cut(span, why);
    }
    stack
}
