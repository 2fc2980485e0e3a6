//! Files of values for the variables of a root.
//!
//! <https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence> (2026-11-28).

use crate::formats::terraform::expression::evaluate;
use crate::formats::terraform::root::beside;
use crate::formats::terraform::root::constraint::NoNames;
use crate::formats::terraform::root::context::Context;
use crate::formats::terraform::root::folder::is_module;
use crate::formats::terraform::root::module::Module;
use crate::formats::terraform::root::planned;
use crate::formats::terraform::signs;
use crate::formats::terraform::value::{Kind, Value};
use crate::source::plan::Plan;
use crate::source::{FileId, NoteKind, RepoPath, Sources};
use crate::syntax::Notes;
use crate::syntax::hcl::tree::{Attribute, Block, Body};
use crate::syntax::hcl::{parse, parse_json_values};
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet};

/// Most files of values that are offered.
const MAX_CANDIDATES: usize = 8;
/// Deepest folders below a root in which files of values are looked for.
const DEEPEST: usize = 2;

/// The values that files offer for a variable, which somebody may hand over.
#[derive(Clone, Debug)]
pub(super) struct Offered {
    pub(super) values: Vec<Value>,
    /// Each of the files has one.
    pub(super) is_everywhere: bool,
}

/// Which files of values somebody is taken to hand over.
#[derive(Clone, Copy, Debug)]
pub enum Handed<'p> {
    Nothing,
    File(&'p RepoPath),
    /// Any of the candidates: a variable may have the value that any of them gives.
    Any,
    /// None, but what they came to when the tool planned.
    Plan(&'p Plan),
}

impl<'p> Handed<'p> {
    pub(super) fn plan(self) -> Option<&'p Plan> {
        match self {
            Self::Plan(plan) => Some(plan),
            Self::Nothing | Self::File(_) | Self::Any => None,
        }
    }
}

/// Takes what the files say that Terraform loads by itself, and then what is handed over; what is said last counts.
pub(super) fn read(module: &Module<'_>, handed: Handed<'_>, context: &Context<'_, '_>) {
    let more = match handed {
        Handed::File(path) => Some(path),
        Handed::Nothing | Handed::Any | Handed::Plan(_) => None,
    };
    let mut given = BTreeMap::new();
    for path in loaded(&context.root, context.sources).iter().chain(more) {
        given.extend(values_of(path, module, context).into_iter().inspect(|(name, value)| {
            if module.is_whole && !module.variables.contains_key(&**name) {
                let note = format!("a value is given for the variable \"{name}\", which is declared nowhere");
                context.note(value.span, NoteKind::Dangling, note);
            }
        }));
    }
    if let Handed::Plan(plan) = handed {
        let planned = planned::variables(module, plan, &given, context);
        given.extend(planned);
    }
    if matches!(handed, Handed::Any) || handed.plan().is_some_and(|plan| plan.is_borrowed) {
        let candidates = candidates(&context.root, context.sources, context.arena);
        context.sources.leave_out(candidates.iter().skip(MAX_CANDIDATES));
        let values_of = |path: &RepoPath| if lies_beside(path, &context.root) { given.clone() } else { values_of(path, module, context) };
        let offered: Vec<BTreeMap<String, Value>> = candidates.iter().take(MAX_CANDIDATES).map(values_of).collect();
        for name in offered.iter().flat_map(BTreeMap::keys).collect::<BTreeSet<_>>() {
            let values: Vec<Value> = offered.iter().filter_map(|values| values.get(name)).cloned().collect();
            context.offered.borrow_mut().insert(name.clone(), Offered { is_everywhere: values.len() == offered.len(), values });
        }
    }
    *context.given.borrow_mut() = given;
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

/// Whether a file has values that somebody deploys with: one that shows what values look like has none.
pub(super) fn may_be_handed_over(path: &RepoPath) -> bool {
    const OF_EXAMPLES: [&str; 6] = ["dist", "example", "examples", "sample", "template", "tmpl"];
    let is_of_example = |part: &str| OF_EXAMPLES.iter().any(|word| part.eq_ignore_ascii_case(word));
    signs::has_values(path) && !path.file_name().split(['.', '-', '_']).any(is_of_example)
}

/// Whether it is one of the files that Terraform loads by itself.
fn lies_beside(path: &RepoPath, root: &RepoPath) -> bool {
    path.folder() == root.as_str() && is_loaded(path.file_name())
}

/// Files of values that somebody may hand over to a root: in its folder, in folders below it that are no modules, and beside it where nobody
/// else can take them. What Terraform loads by itself is a stage of its own, under the name of the last file, where it says all that those say.
/// Ordered by path.
pub fn candidates<'t>(folder: &RepoPath, sources: &Sources<'t>, arena: &'t Bump) -> Vec<RepoPath> {
    let mut found = beside::values(folder, sources, arena);
    let mut open = vec![(folder.clone(), 0)];
    while let Some((at, depth)) = open.pop() {
        for entry in sources.list(&at).unwrap_or_default() {
            let name = entry.path.file_name();
            if entry.is_folder && depth < DEEPEST && !name.starts_with('.') && !is_module(&entry.path, sources) {
                open.push((entry.path, depth + 1));
            } else if !entry.is_folder && may_be_handed_over(&entry.path) && (depth > 0 || !is_loaded(name)) {
                found.push(entry.path);
            }
        }
    }
    found.sort();
    // Beyond as many as are looked at nobody asks what they say.
    let mut kept = 0;
    found.retain(|path| {
        let is_kept = kept >= MAX_CANDIDATES || !is_of_backend(path, &names(path, sources, arena));
        kept += usize::from(is_kept);
        is_kept
    });
    let loaded = loaded(folder, sources);
    if let Some(last) = loaded.last().filter(|_| !found.is_empty()) {
        let names = |paths: &[RepoPath]| -> BTreeSet<&'t str> { paths.iter().flat_map(|path| names(path, sources, arena)).collect() };
        let said = names(&loaded);
        if found.iter().take(MAX_CANDIDATES).all(|path| names(std::slice::from_ref(path)).is_subset(&said)) {
            found.push(last.clone());
        }
    }
    found.sort();
    found
}

/// Where a state lies and who gets there, in the words of the backends that people keep in files.
/// <https://developer.hashicorp.com/terraform/language/backend> (2026-12-01).
const OF_BACKENDS: [&str; 24] = [
    "access_key",
    "acl",
    "allowed_account_ids",
    "assume_role",
    "assume_role_with_web_identity",
    "bucket",
    "container_name",
    "dynamodb_endpoint",
    "dynamodb_table",
    "encrypt",
    "hostname",
    "impersonate_service_account",
    "key",
    "kms_key_id",
    "organization",
    "prefix",
    "profile",
    "region",
    "resource_group_name",
    "role_arn",
    "storage_account_name",
    "subscription_id",
    "use_lockfile",
    "workspace_key_prefix",
];

/// Whether a file says where the state lies, for `-backend-config`: a name that says so, or both of what a backend needs and nothing else.
fn is_of_backend(path: &RepoPath, names: &[&str]) -> bool {
    let is_called_so = path.file_name().split(['.', '-', '_']).any(|part| part.eq_ignore_ascii_case("backend"));
    let says = |name| names.contains(&name);
    let needs = says("bucket") && (says("key") || says("dynamodb_table")) || says("storage_account_name") && says("container_name");
    (is_called_so || needs) && !names.is_empty() && names.iter().all(|name| OF_BACKENDS.contains(name))
}

/// The variables of which a file says something. What is wrong with it is said where it is read.
fn names<'t>(path: &RepoPath, sources: &Sources<'t>, arena: &'t Bump) -> Vec<&'t str> {
    let Some(file) = sources.open(path, None) else { return Vec::new() };
    let mut ignored = |_, _, _| {};
    parsed(path, file, arena, &mut ignored).attributes().map(|attribute| attribute.name.text).collect()
}

/// What a file says of variables; one whose content is hidden may say anything of each.
fn values_of(path: &RepoPath, module: &Module<'_>, context: &Context<'_, '_>) -> BTreeMap<String, Value> {
    let values = file(path, context);
    if context.sources.hidden(path).is_none() {
        return values;
    }
    let unknown = |(name, block): (&&str, &Block<'_>)| {
        let reason = format!("{path} may say what it is, which cannot be read");
        ((*name).to_owned(), Value::new(Kind::unknown(reason), block.span))
    };
    module.variables.iter().map(unknown).collect()
}

/// A file of values as a tree.
pub(super) fn parsed<'t>(path: &RepoPath, (id, text): (FileId, &'t str), arena: &'t Bump, notes: &mut Notes<'_>) -> Body<'t> {
    match path.as_str().ends_with(".json") {
        true => parse_json_values(text, id, arena, notes),
        false => parse(text, id, arena, notes).body,
    }
}

/// What a file says of variables.
fn file(path: &RepoPath, context: &Context<'_, '_>) -> BTreeMap<String, Value> {
    let Some((id, text)) = context.sources.open(path, None) else { return BTreeMap::new() };
    let mut notes = |span, kind, text| context.sources.note(span, kind, text);
    let body = parsed(path, (id, text), context.arena, &mut notes);
    for block in body.blocks() {
        context.note(block.span, NoteKind::Refused, "a file of values has no blocks".to_owned());
    }
    let value = |attribute: &Attribute<'_>| (attribute.name.text.to_owned(), evaluate(&attribute.value, &NoNames));
    body.attributes().map(value).collect()
}
