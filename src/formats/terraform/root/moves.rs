//! `moved`, `removed` and `import`: what they say of addresses, in full.

use crate::formats::terraform::instance::Root;
use crate::formats::terraform::root::context::Context;
use crate::formats::terraform::root::expansion::{Each, of_import};
use crate::formats::terraform::root::frame::Frame;
use crate::formats::terraform::root::providers::dotted;
use crate::formats::terraform::root::scope::Scope;
use crate::source::NoteKind;
use crate::syntax::hcl::tree::{Block, ExprKind};
use std::rc::Rc;

/// Adds what the blocks of a module instance say.
pub(super) fn of_scope<'t>(scope: &Scope<'t>, context: &Context<'_, 't>, root: &mut Root) {
    let frame = Frame { context, scope, each: &Each::NONE };
    for block in &scope.module.moved {
        if let (Some(from), Some(to)) = (address(&frame, block, "from"), address(&frame, block, "to")) {
            root.moved.push((from, to));
        }
    }
    let forgotten = scope.module.removed.iter().filter(|block| !destroys(block, scope.module.is_tofu));
    root.forgotten.extend(forgotten.filter_map(|block| address(&frame, block, "from")));
    for block in &scope.module.imports {
        let expansion = of_import(&frame, &block.body);
        let addresses = expansion.members.iter().filter_map(|member| address(&Frame { each: &member.each, ..frame }, block, "to"));
        root.imported.extend(addresses);
    }
}

fn address(frame: &Frame<'_, '_, '_>, block: &Block<'_>, name: &str) -> Option<Rc<str>> {
    let attribute = block.body.attribute(name)?;
    let address = dotted(&attribute.value, frame);
    if address.is_none() {
        frame.context.note(attribute.span, NoteKind::Unresolved, "it is no address".to_owned());
    }
    address.map(|address| format!("{}{address}", frame.scope.prefix).into())
}

/// Whether what is removed is destroyed. Without a word, Terraform destroys it, and OpenTofu does not.
fn destroys(block: &Block<'_>, is_tofu: bool) -> bool {
    let said = block.body.blocks_of("lifecycle").find_map(|lifecycle| lifecycle.body.attribute("destroy"));
    match said.map(|destroy| destroy.value.kind) {
        Some(ExprKind::Bool(destroys)) => destroys,
        Some(_) => false,
        None => !is_tofu,
    }
}
