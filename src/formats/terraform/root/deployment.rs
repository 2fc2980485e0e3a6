//! What decides how a root is deployed, and is no resource: providers and where they come from, where the state lies, programs that run.
//!
//! Comes in: the module of a root, and its instances. Goes out: each by a name, with its text, in which spaces do not count.

use crate::formats::terraform::instance::Deciding;
use crate::formats::terraform::root::context::Context;
use crate::formats::terraform::root::module::{Class, Module};
use crate::source::Span;
use crate::syntax::hcl::tree::{Block, Bytes, ExprKind};

/// Data sources that run a program or ask somebody else while the root is planned.
const ASKING: [&str; 2] = ["external", "http"];

pub(super) fn read(module: &Module<'_>, context: &Context<'_, '_>) -> Vec<Deciding> {
    let mut found = Vec::new();
    for provider in &module.providers {
        let alias = provider.body.attribute("alias").and_then(|alias| alias.value.text());
        let alias = alias.map_or_else(String::new, |alias| format!(".{alias}"));
        add(format!("provider {}{alias}", provider.label(0).unwrap_or_default()), (provider.span, provider.bytes), context, &mut found);
    }
    for (name, required) in &module.required {
        // Which version is used is in the lock file; where the program comes from is here.
        let ExprKind::Object(items) = required.value.kind else { continue };
        let Some(source) = items.iter().rev().find(|item| item.key.text() == Some("source")) else { continue };
        let text = source.value.text().unwrap_or_default();
        found.push(Deciding { name: format!("source of provider {name}").into(), text: text.into(), span: required.span });
    }
    if let Some(backend) = &module.backend {
        add(format!("backend {}", backend.label(0).unwrap_or_default()), (backend.span, backend.bytes), context, &mut found);
    }
    found
}

/// Provisioners, and data sources that run a program or ask somebody else, of a module.
pub(super) fn programs(module: &Module<'_>, context: &Context<'_, '_>) -> Vec<Deciding> {
    let mut found = Vec::new();
    for object in &module.objects {
        let block: &Block<'_> = &object.block;
        for program in block.body.blocks_of("provisioner") {
            let name = format!("{} of {}", program.label(0).unwrap_or("program"), object.address());
            add(name, (program.span, program.bytes), context, &mut found);
        }
        if object.class == Class::Data && ASKING.contains(&object.kind) {
            add(object.address(), (block.span, block.bytes), context, &mut found);
        }
    }
    found
}

fn add(name: String, (span, bytes): (Span, Bytes), context: &Context<'_, '_>, found: &mut Vec<Deciding>) {
    let path = context.sources.place(span).path;
    let text = context.sources.open(&path, None).and_then(|(_, text)| text.get(bytes.start as usize..bytes.end as usize));
    let text = text.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    found.push(Deciding { name: name.into(), text: text.into(), span });
}
