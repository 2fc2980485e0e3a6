//! Calls of modules: those in the repository become instances of it, all others are objects that were not read.

use crate::formats::terraform::expression::evaluate;
use crate::formats::terraform::instance::Presence;
use crate::formats::terraform::root::context::Context;
use crate::formats::terraform::root::expansion::{Each, Expansion, Key, Member};
use crate::formats::terraform::root::folder::shown;
use crate::formats::terraform::root::frame::{Frame, attribute};
use crate::formats::terraform::root::module::{Module, Object};
use crate::formats::terraform::root::providers;
use crate::formats::terraform::root::scope::{Caller, Scope, once};
use crate::formats::terraform::value::{Kind, Value};
use crate::source::budget::Stage;
use crate::source::{NoteKind, RepoPath, Span};
use crate::syntax::hcl::tree::Step;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Most calls of modules within one another.
const MAX_MODULES_DEEP: usize = 32;
/// Bytes that an instance of a module takes besides its values, estimated.
const BYTES_OF_A_SCOPE: usize = 1_024;

/// What a call of a module makes.
pub(super) struct Called<'t> {
    pub(super) expansion: Rc<Expansion>,
    /// The instances of the module by their keys; `None` where it was not read.
    pub(super) scopes: Option<BTreeMap<Key, Rc<Scope<'t>>>>,
    /// As it is written.
    pub(super) source: Rc<str>,
    /// The folder that it names, where that is in a submodule of the repository.
    pub(super) in_submodule: Option<RepoPath>,
    /// `module.net`, with the module around.
    address: String,
}

/// What a source names in this repository.
enum Local<'t> {
    Module(Rc<Module<'t>>),
    /// A folder whose content is in another repository.
    InSubmodule(RepoPath),
    /// Nothing, or nothing that is read, which was noted.
    Unread,
}

impl<'t> Scope<'t> {
    /// What the call of a module makes, which is one of the module's objects.
    pub(super) fn called(&self, index: usize, context: &Context<'_, 't>) -> Rc<Called<'t>> {
        let unread = |source: &str| {
            let object = self.module.objects.get(index).map(Object::address).unwrap_or_default();
            let address = format!("{}{object}", self.prefix);
            Rc::new(Called {
                expansion: self.expansion(index, context),
                scopes: None,
                source: without_credentials(source),
                in_submodule: None,
                address,
            })
        };
        let make = || {
            let Some(object) = self.module.objects.get(index) else { return unread("") };
            let frame = Frame { context, scope: self, each: &Each::NONE };
            let source = object.block.body.attribute("source").map(|source| evaluate(&source.value, &frame));
            let Some(Kind::Text(source)) = source.map(|source| source.kind) else {
                context.note(object.block.span, NoteKind::Unresolved, "which module is called is not known".to_owned());
                return unread("");
            };
            let parts = unread_parts(unread(&source));
            match self.local_module(&source, object, context) {
                Local::Module(module) => Rc::new(Called { scopes: Some(self.children(index, &module, object, context)), ..parts }),
                Local::InSubmodule(folder) => Rc::new(Called { in_submodule: Some(folder), ..parts }),
                Local::Unread => Rc::new(parts),
            }
        };
        once(&self.calls, index, make, || unread(""))
    }

    /// The module that a source names in this repository.
    fn local_module(&self, source: &str, object: &Object<'t>, context: &Context<'_, 't>) -> Local<'t> {
        let span = object.block.span;
        if !["./", "../"].iter().any(|start| source.starts_with(start)) && !matches!(source, "." | "..") {
            return Local::Unread;
        }
        let Some(folder) = in_folder(&self.module.folder, source) else {
            context.note(span, NoteKind::OutsideFile, format!("the module `{source}` lies outside of the repository"));
            return Local::Unread;
        };
        if context.sources.is_in_submodule(&folder) {
            return Local::InSubmodule(folder);
        }
        if self.depth >= MAX_MODULES_DEEP {
            context.cut(span, format!("more than {MAX_MODULES_DEEP} modules call one another"));
            return Local::Unread;
        }
        if self.is_below(&folder, context) {
            context.note(span, NoteKind::Refused, format!("the module in {} calls itself", shown(&folder)));
            return Local::Unread;
        }
        let module = context.module(&folder, Some(span));
        if module.is_there { Local::Module(module) } else { Local::Unread }
    }

    /// Whether the module of a folder is this one, or one of those that call it.
    fn is_below(&self, folder: &RepoPath, context: &Context<'_, 't>) -> bool {
        if self.module.folder == *folder {
            return true;
        }
        let caller = self.caller.as_ref().and_then(|caller| context.scope(caller.scope));
        caller.is_some_and(|caller| caller.is_below(folder, context))
    }

    fn children(&self, index: usize, module: &Rc<Module<'t>>, object: &Object<'t>, context: &Context<'_, 't>) -> BTreeMap<Key, Rc<Self>> {
        let expansion = self.expansion(index, context);
        let mut children = BTreeMap::new();
        for member in &expansion.members {
            if !context.sources.spend_with_bytes(Stage::Read, 1 + module.objects.len(), BYTES_OF_A_SCOPE, object.block.span) {
                break;
            }
            children.insert(member.key.clone(), self.child(member, module, object, context));
        }
        self.note_unexpected(module, object, context);
        children
    }

    fn child(&self, member: &Member, module: &Rc<Module<'t>>, object: &Object<'t>, context: &Context<'_, 't>) -> Rc<Self> {
        let prefix = format!("{}{}{}.", self.prefix, object.address(), member.key.shown());
        let frame = Frame { context, scope: self, each: &member.each };
        let providers = providers::handed_over(&frame, &object.block.body);
        let caller = Caller { scope: self.id, block: object.block, each: member.each.clone(), providers };
        let presence = if self.presence == Presence::Certain { member.presence.clone() } else { self.presence.clone() };
        context.add(|id| Scope::new(id, module.clone(), prefix.into(), Some(caller), presence, self.depth + 1))
    }

    fn note_unexpected(&self, module: &Module<'t>, object: &Object<'t>, context: &Context<'_, 't>) {
        for argument in object.block.body.attributes().filter(|argument| !META.contains(&argument.name.text)) {
            if module.is_whole && !module.variables.contains_key(argument.name.text) {
                let note = format!("the module has no variable \"{}\"", argument.name.text);
                context.note(argument.span, NoteKind::Dangling, note);
            }
        }
    }
}

/// A source as it may be shown: who signs in to it, and with what, is nobody else's business.
fn without_credentials(source: &str) -> Rc<str> {
    let (place, query) = source.split_once('?').map_or((source, None), |(place, query)| (place, Some(query)));
    let place = match place.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            match rest[..end].rsplit_once('@') {
                Some((user, host)) if user != "git" => format!("{scheme}://***@{host}{}", &rest[end..]),
                _ => place.to_owned(),
            }
        }
        None => place.to_owned(),
    };
    let Some(query) = query else { return place.into() };
    let masked = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if !matches!(name, "ref" | "depth" | "archive" | "checksum" | "version" | "versionId") => format!("{name}=***"),
        _ => pair.to_owned(),
    };
    format!("{place}?{}", query.split('&').map(masked).collect::<Vec<_>>().join("&")).into()
}

/// Arguments of a call that are not inputs of the module.
pub(super) const META: [&str; 6] = ["source", "version", "count", "for_each", "providers", "depends_on"];

fn unread_parts(called: Rc<Called<'_>>) -> Called<'_> {
    Called {
        expansion: called.expansion.clone(),
        scopes: None,
        source: called.source.clone(),
        in_submodule: None,
        address: called.address.clone(),
    }
}

/// The folder that a relative path names from a folder; `None` where that is outside of the repository.
pub(super) fn in_folder(folder: &RepoPath, relative: &str) -> Option<RepoPath> {
    let inside = if folder.as_str().is_empty() { RepoPath::new("_") } else { RepoPath::new(&format!("{folder}/_")) };
    inside.sibling(relative)
}

impl<'t> Called<'t> {
    /// What a reference to the module is with the steps behind its name, and how many of them that takes. Only the output that the steps ask
    /// for is evaluated, because another one may depend on it.
    pub(super) fn resolve(&self, steps: &[Step<'_>], span: Span, context: &Context<'_, 't>) -> (Value, usize) {
        let wanted = attribute(steps);
        let Some(scopes) = &self.scopes else {
            let reference = |key: &Key| {
                let address = format!("{}{}", self.address, key.shown()).into();
                Value::new(Kind::Reference { address, path: "".into() }, span)
            };
            return (self.expansion.collected(span, &reference), 0);
        };
        if let Some(any) = scopes.get(&Key::Any) {
            return of_any(any, steps, span, context);
        }
        let outputs = |key: &Key| {
            scopes.get(key).map_or_else(
                || Value::new(Kind::unknown("the limit on values is reached"), span),
                |scope| scope.outputs(wanted, span, context),
            )
        };
        (self.expansion.collected(span, &outputs), 0)
    }
}

/// An output of any number of instances, which is that of the one that stands for them.
fn of_any<'t>(any: &Scope<'t>, steps: &[Step<'_>], span: Span, context: &Context<'_, 't>) -> (Value, usize) {
    let unknown = || Value::new(Kind::unknown("it is not known how many instances of the module there are"), span);
    match steps {
        [Step::Index(_), Step::Attribute(name), ..] => (any.output(name.text, span, context), 2),
        [Step::Splat(_) | Step::AttributeSplat { .. }, Step::Attribute(name), ..] => {
            let value = any.output(name.text, span, context);
            (if matches!(value.kind, Kind::Reference { .. }) { value } else { unknown() }, 2)
        }
        _ => (unknown(), 0),
    }
}

impl<'t> Scope<'t> {
    /// The outputs of the module by name: the one that is wanted, or all of them.
    fn outputs(&self, wanted: Option<&str>, span: Span, context: &Context<'_, 't>) -> Value {
        let names: Vec<&str> = match wanted {
            Some(name) => vec![name],
            None => self.module.outputs.keys().copied().collect(),
        };
        let outputs = names.into_iter().map(|name| (name.into(), self.output(name, span, context)));
        Value::new(Kind::object(outputs.collect()), span)
    }
}

#[cfg(test)]
mod tests {
    use super::without_credentials;

    #[test]
    fn what_signs_in_to_a_source_is_not_shown() {
        for (source, expected) in [
            ("git::https://oauth2:abc@github.com/acme/network.git//a?ref=v1", "git::https://***@github.com/acme/network.git//a?ref=v1"),
            ("git::ssh://git@github.com/acme/network.git", "git::ssh://git@github.com/acme/network.git"),
            ("git@github.com:acme/network.git", "git@github.com:acme/network.git"),
            ("https://modules.acme.com/network.zip?token=abc&archive=zip", "https://modules.acme.com/network.zip?token=***&archive=zip"),
            ("../network", "../network"),
        ] {
            assert_eq!(&*without_credentials(source), expected, "{source}");
        }
    }
}
