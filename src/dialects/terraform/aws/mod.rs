//! `aws_*` and `awscc_*`, in the words of CloudFormation.
//!
//! Comes in: the instances of a root. Goes out: resources of `AWS::*` types, so that entries, resolvers and rules need to know of no other
//! notation. What a type is, is said by `config/dialects/terraform/aws/*.yml`; where the structure differs, by a `translation`.

mod accounts;
mod cloud_control;
mod context;
mod data_source;
mod defaults;
mod document;
pub(crate) mod elsewhere;
mod in_cluster;
mod making;
pub(crate) mod modules;
mod own_account;
mod parts;
mod reference;
mod shape;
pub mod table;
pub mod translation;
mod tree;
pub(crate) mod unweighed;
mod value;
mod words;

use crate::catalog::own_types::OwnTypes;
use crate::dialects::terraform::aws::context::Context;
use crate::dialects::terraform::aws::making::Made;
use crate::dialects::terraform::aws::table::Makes;
use crate::dialects::terraform::decisions;
use crate::formats::terraform::instance::{Instance, Root};
use crate::model::resource::{Body, BodyKind, Output, Resources};
use crate::source::Sources;
use bumpalo::Bump;
use std::collections::BTreeSet;

/// The resources of AWS and of the organisation's own types in a root, and what the root shows; and the addresses of parts whose whole is not in it.
pub(crate) fn translate<'t>(root: &Root, types: OwnTypes, sources: &Sources<'t>, arena: &'t Bump) -> (Resources<'t>, BTreeSet<String>) {
    let context = Context::new(root, types, sources, arena);
    let mut made = Made::default();
    for instance in &root.instances {
        making::make(&context, instance, &mut made);
    }
    let (list, apart) = making::finish(&context, made);
    let account = |instance: &Instance| Some((context.arena.alloc_str(&instance.address) as &str, context.account(instance)?));
    let accounts = root.instances.iter().filter_map(account).collect();
    // What is sensitive is not shown by the tool either.
    let shown = root.outputs.iter().filter(|output| !output.is_sensitive);
    let outputs = shown.map(|output| Output {
        name: arena.alloc_str(&output.name),
        value: context.value(&output.value),
        export: None,
        span: output.span,
    });
    let outputs: Vec<Output<'t>> = outputs.collect();
    let bodies = root.in_submodules.iter().map(|elsewhere| {
        let folder: &'t str = arena.alloc_str(elsewhere.folder.as_str());
        Body { kind: BodyKind::Submodule, written: folder, source: folder, span: elsewhere.span }
    });
    // What providers and the backend are told stands in the repository like anything else.
    let told = root.providers.iter().map(|(address, provider)| (format!("provider {address}"), &provider.arguments, provider.span));
    let kept = root.backend.iter().map(|backend| (backend.name.to_string(), &backend.value, backend.span));
    let asides = told.chain(kept).map(|(name, value, span)| Output {
        name: arena.alloc_str(&name),
        value: context.value(value),
        export: None,
        span,
    });
    let asides: Vec<Output<'t>> = asides.collect();
    let own_account = context.own.get();
    let decisions = decisions::read(root, arena);
    let resources = Resources {
        list,
        outputs,
        asides,
        bodies: bodies.collect(),
        decisions,
        accounts,
        own_account,
        by_folder: true,
        words: &words::WORDS,
        ..Resources::default()
    };
    (resources, apart)
}

/// The type of CloudFormation that a type is.
pub(crate) fn canonical(kind: &str) -> Option<String> {
    match table::find(kind).map(|known| known.makes) {
        Some(Makes::Resource(kind)) => Some(kind.to_owned()),
        Some(Makes::Part(_) | Makes::Nothing) => None,
        None => cloud_control::kind(kind),
    }
}
