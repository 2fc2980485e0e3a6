//! Files of values for the variables of a root.
//!
//! <https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence> (2026-11-28).

use crate::formats::terraform::expression::evaluate;
use crate::formats::terraform::root::constraint::NoNames;
use crate::formats::terraform::root::context::Context;
use crate::formats::terraform::root::folder::is_module;
use crate::formats::terraform::root::module::Module;
use crate::source::{NoteKind, RepoPath, Sources};
use crate::syntax::hcl::{parse, parse_json_values};

const ENDINGS: [&str; 2] = [".tfvars", ".tfvars.json"];
/// Deepest folders below a root in which files of values are looked for.
const DEEPEST: usize = 2;

/// Takes what the files say that Terraform loads by itself, and then what one more file says; what is said last counts.
pub(super) fn read(module: &Module<'_>, more: Option<&RepoPath>, context: &Context<'_, '_>) {
    for path in loaded(&context.root, context.sources).iter().chain(more) {
        file(path, module, context);
    }
}

/// The files that Terraform loads by itself, in that order.
fn loaded(folder: &RepoPath, sources: &Sources<'_>) -> Vec<RepoPath> {
    // The folder was listed before, where that it could not be was noted.
    let entries = sources.list(folder).unwrap_or_default();
    let paths = || entries.iter().filter(|entry| !entry.is_folder).map(|entry| &entry.path);
    let named =
        ["terraform.tfvars", "terraform.tfvars.json"].into_iter().flat_map(|name| paths().filter(move |path| path.file_name() == name));
    named.chain(paths().filter(|path| is_automatic(path.file_name()))).cloned().collect()
}

fn is_automatic(name: &str) -> bool {
    name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")
}

fn is_loaded(name: &str) -> bool {
    is_automatic(name) || matches!(name, "terraform.tfvars" | "terraform.tfvars.json")
}

/// Files of values that somebody may hand over to a root: in its folder, and in folders below it that are no modules. Ordered by path.
pub fn candidates(folder: &RepoPath, sources: &Sources<'_>) -> Vec<RepoPath> {
    let mut found = Vec::new();
    let mut open = vec![(folder.clone(), 0)];
    while let Some((at, depth)) = open.pop() {
        for entry in sources.list(&at).unwrap_or_default() {
            let name = entry.path.file_name();
            if entry.is_folder && depth < DEEPEST && !name.starts_with('.') && !is_module(&entry.path, sources) {
                open.push((entry.path, depth + 1));
            } else if !entry.is_folder && ENDINGS.iter().any(|ending| name.ends_with(ending)) && !(depth == 0 && is_loaded(name)) {
                found.push(entry.path);
            }
        }
    }
    found.sort();
    found
}

fn file(path: &RepoPath, module: &Module<'_>, context: &Context<'_, '_>) {
    let Some((id, text)) = context.sources.open(path, None) else { return };
    let mut notes = |span, kind, text| context.sources.note(span, kind, text);
    let body = if path.as_str().ends_with(".json") {
        parse_json_values(text, id, context.arena, &mut notes)
    } else {
        parse(text, id, context.arena, &mut notes).body
    };
    for block in body.blocks() {
        context.note(block.span, NoteKind::Refused, "a file of values has no blocks".to_owned());
    }
    for attribute in body.attributes() {
        let name = attribute.name.text;
        if module.is_whole && !module.variables.contains_key(name) {
            context.note(
                attribute.span,
                NoteKind::Dangling,
                format!("a value is given for the variable \"{name}\", which is declared nowhere"),
            );
        }
        context.given.borrow_mut().insert(name.to_owned(), evaluate(&attribute.value, &NoNames));
    }
}
