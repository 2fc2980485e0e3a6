//! What decides how a root is deployed, and is no resource: providers and where they come from, where the state lies, programs that run.
//!
//! Comes in: a root with its instances, and its module. Goes out: each by a name, with its value in one line.

use crate::formats::terraform::expression::evaluate;
use crate::formats::terraform::instance::{Deciding, Instance, Mode, Root};
use crate::formats::terraform::root::constraint::NoNames;
use crate::formats::terraform::root::module::Module;
use crate::formats::terraform::value::Value;
use crate::formats::terraform::written::write;
use crate::source::Span;
use crate::syntax::hcl::tree::{Body, ExprKind, Item};

/// Data sources that run a program or ask somebody else while the root is planned.
const ASKING: [&str; 2] = ["external", "http"];

/// Ordered, unique.
pub(super) fn read(root: &Root, module: &Module<'_>) -> Vec<Deciding> {
    let mut found: Vec<Deciding> = Vec::new();
    for (address, provider) in &root.providers {
        found.push(of_value(format!("provider {address}"), &provider.arguments, provider.span));
    }
    for (name, required) in &module.required {
        // Which version is used is in the lock file; where the program comes from is here.
        let ExprKind::Object(items) = required.value.kind else { continue };
        let Some(source) = items.iter().rev().find(|item| item.key.text() == Some("source")) else { continue };
        found.push(of_value(format!("source of provider {name}"), &evaluate(&source.value, &NoNames), required.span));
    }
    if let Some(backend) = &module.backend {
        let mut text = String::new();
        plain(&backend.body, &mut text);
        found.push(Deciding {
            name: format!("backend {}", backend.label(0).unwrap_or_default()).into(),
            text: text.into(),
            span: backend.span,
        });
    }
    for block in &module.deploying {
        let mut text = String::new();
        plain(&block.body, &mut text);
        found.push(Deciding { name: block.kind.text.into(), text: text.into(), span: block.span });
    }
    for removed in &module.removed {
        for provisioner in removed.body.blocks_of("provisioner") {
            let mut text = String::new();
            plain(&provisioner.body, &mut text);
            let name = format!("{} of what is removed", provisioner.label(0).unwrap_or_default());
            found.push(Deciding { name: name.into(), text: text.into(), span: provisioner.span });
        }
    }
    root.instances.iter().for_each(|instance| programs(instance, &mut found));
    found.sort();
    found.dedup();
    found
}

/// Provisioners, and data sources that run a program.
fn programs(instance: &Instance, found: &mut Vec<Deciding>) {
    for (kind, arguments) in &instance.provisioners {
        found.push(of_value(format!("{kind} of {}", instance.address), arguments, arguments.span));
    }
    if instance.mode == Mode::Data && ASKING.contains(&&*instance.kind) {
        found.push(of_value(instance.address.to_string(), &instance.arguments, instance.span));
    }
}

fn of_value(name: String, value: &Value, span: Span) -> Deciding {
    let mut text = String::new();
    write(value, &mut text);
    Deciding { name: name.into(), text: text.into(), span }
}

/// What stands in a block that takes no names.
fn plain(body: &Body<'_>, out: &mut String) {
    for item in body.items {
        match item {
            Item::Attribute(attribute) => {
                out.push_str(&format!("{}=", attribute.name.text));
                write(&evaluate(&attribute.value, &NoNames), out);
            }
            Item::Block(block) => {
                out.push_str(&format!("{}{{", block.kind.text));
                plain(&block.body, out);
                out.push('}');
            }
        }
        out.push(',');
    }
}
