//! Functions that read files: from the repository, through `Sources`, and never from anywhere else.
//!
//! A path is relative to the folder in which Terraform runs, which is taken to be the root module's.

use crate::formats::terraform::expression::{Names, evaluate};
use crate::formats::terraform::functions;
use crate::formats::terraform::root::context::Context;
use crate::formats::terraform::root::files::{self, Listed};
use crate::formats::terraform::root::modules::in_folder;
use crate::formats::terraform::types::{self, Type};
use crate::formats::terraform::value::{Kind, Value};
use crate::source::{NoteKind, RepoPath, Span};
use crate::syntax::hcl::tree::{Expr, Step};
use crate::syntax::hcl::{Position, parse_template};
use std::rc::Rc;

/// Bytes of a template in a text for which one unit of work is counted.
const BYTES_OF_A_UNIT: usize = 8;

/// A folder as it is written from another one: `.`, `modules/app`, `../shared`.
pub(super) fn relative(from: &RepoPath, to: &RepoPath) -> String {
    let parts = |path: &RepoPath| path.as_str().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (parts(from), parts(to));
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = from.iter().skip(common).map(|_| "..".to_owned());
    let path = up.chain(to.into_iter().skip(common)).collect::<Vec<_>>().join("/");
    if path.is_empty() { ".".to_owned() } else { path }
}

/// What a call of a function comes to that reads a file; `None` where the function reads none, or its path is not known.
pub(super) fn call(context: &Context<'_, '_>, name: &str, arguments: &[Value], span: Span) -> Option<Value> {
    if !is_ours(name) {
        return None;
    }
    if let Some(error) = arguments.iter().find(|argument| matches!(argument.kind, Kind::Error(_))) {
        return Some(Value::new(error.kind.clone(), span));
    }
    let (first, rest) = arguments.split_first()?;
    let marks = arguments.iter().fold(first.all_marks(), |marks, argument| marks.and(argument.all_marks()));
    match &first.kind {
        Kind::Either(branches) => {
            let of_branch = |branch: &Value| {
                let arguments: Vec<Value> = [branch].into_iter().chain(rest).cloned().collect();
                call(context, name, &arguments, span).unwrap_or_else(|| functions::call(name, &arguments, span))
            };
            Some(Value::either(branches.iter().map(of_branch).collect(), span).marked(marks))
        }
        Kind::Text(text) => {
            let value = known(context, name, text, rest, span)?;
            let others = of_other_stages(context, name, text, rest, span);
            Some(match others.as_slice() {
                [] => value.marked(marks),
                _ => Value::either([value].into_iter().chain(others).collect(), span).marked(marks),
            })
        }
        Kind::Joined(pieces) => match in_checkout(pieces) {
            Some(path) => Some(of_checkout(context, name, &path, rest, span)?.marked(marks)),
            None => Some(of_any(context, name, pieces, rest, span)?.marked(marks)),
        },
        _ => None,
    }
}

/// What is not known of an absolute path: where the repository lies on the machine that runs Terraform.
const CHECKOUT: &str = "depends on where the repository lies";

/// A path with what is before the repository's own folder, of which nobody knows anything here.
fn absolute(path: &RepoPath, span: Span) -> Kind {
    let checkout = Value::new(Kind::Unknown(CHECKOUT.into(), Some(Type::Text)), span);
    let path = if path.as_str().is_empty() { String::new() } else { format!("/{path}") };
    Kind::joined([checkout, Value::new(Kind::text(path), span)])
}

/// The path in the repository that a text means which begins with where the repository lies; `None` where it is another text.
fn in_checkout(pieces: &[Value]) -> Option<RepoPath> {
    let (Value { kind: Kind::Unknown(reason, _), .. }, rest) = pieces.split_first()? else { return None };
    let path = match rest {
        [] => "",
        [Value { kind: Kind::Text(path), .. }] => path.strip_prefix('/')?,
        _ => return None,
    };
    let top = RepoPath::new("");
    if **reason != *CHECKOUT {
        None
    } else if path.is_empty() {
        Some(top)
    } else {
        in_folder(&top, path)
    }
}

/// What stands in a pattern for any part of a name, and every sign that means something there.
const ANY: char = '*';
const SIGNS: [char; 5] = [ANY, '?', '[', '{', '\\'];

/// Words by which stages are called.
const STAGES: [&str; 26] = [
    "acc",
    "acceptance",
    "dev",
    "develop",
    "development",
    "int",
    "integration",
    "live",
    "nonprod",
    "preprod",
    "prd",
    "pre",
    "prod",
    "production",
    "qa",
    "sandbox",
    "sbx",
    "stage",
    "staging",
    "stg",
    "test",
    "testing",
    "trunk",
    "tst",
    "uat",
    "demo",
];

/// The same of the files of other stages, where a path has been made with the default of a variable that names a stage: whoever runs Terraform
/// for another one gives another value.
fn of_other_stages(context: &Context<'_, '_>, name: &str, text: &str, rest: &[Value], span: Span) -> Vec<Value> {
    if !matches!(name, "file" | "templatefile") {
        return Vec::new();
    }
    let Some((folder, file)) = text.rsplit_once('/') else { return Vec::new() };
    let is_stage = |word: &str| STAGES.contains(&word);
    let defaults: Vec<Rc<str>> = context.defaults.borrow().iter().filter(|default| is_stage(default)).cloned().collect();
    for default in defaults {
        // In the name of the file, or in that of the folder that it lies in.
        if let Some((before, after)) = around(file, &default) {
            let Ok(at) = inside(context, folder, span) else { continue };
            let Listed::All(paths) = files::below(&at, &format!("{before}{ANY}{after}"), context.sources, span) else { continue };
            let is_other = |path: &&String| {
                path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).is_some_and(|word| is_stage(word) && *word != *default)
            };
            let others = paths.iter().filter(is_other).take(MAX_MEANT);
            return others.filter_map(|path| known(context, name, &format!("{folder}/{path}"), rest, span)).collect();
        }
        let Some((above, last)) = folder.rsplit_once('/').filter(|(_, last)| **last == *default) else { continue };
        let stages = STAGES.iter().filter(|stage| **stage != last).map(|stage| format!("{above}/{stage}/{file}"));
        let is_there = |path: &String| inside(context, path, span).is_ok_and(|path| context.sources.has(&path));
        return stages.filter(is_there).filter_map(|path| known(context, name, &path, rest, span)).collect();
    }
    Vec::new()
}

/// What stands around a word in a name, where it is a word of it and no part of one, and nothing else there means something in a pattern.
fn around<'n>(name: &'n str, word: &str) -> Option<(&'n str, &'n str)> {
    let (before, after) = name.split_once(word)?;
    let is_apart = !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
    (is_apart && !name.contains(SIGNS)).then_some((before, after))
}

/// Most files that a path may mean of which a part is not known.
const MAX_MEANT: usize = 20;

/// As `known`, of a path of which some names are not known, or parts of them: each file in the repository that it may mean is one branch. What is
/// not known is taken to lead into no other folder. Nothing where no such file is there, and where the beginning of the path is not known.
fn of_any(context: &Context<'_, '_>, name: &str, pieces: &[Value], rest: &[Value], span: Span) -> Option<Value> {
    if !matches!(name, "file" | "templatefile") {
        return None;
    }
    let (Value { kind: Kind::Text(start), .. }, others) = pieces.split_first()? else { return None };
    let (folder, begun) = start.rsplit_once('/')?;
    let mut pattern = begun.to_owned();
    for piece in others {
        match &piece.kind {
            Kind::Text(text) => pattern.push_str(text),
            _ if pattern.ends_with(ANY) => {}
            _ => pattern.push(ANY),
        }
    }
    let is_plain = |piece: &Value| !matches!(&piece.kind, Kind::Text(text) if text.contains(SIGNS));
    // A path that may end in anything may mean anything.
    if begun.contains(SIGNS) || !others.iter().all(is_plain) || pattern.ends_with(ANY) {
        return None;
    }
    let folder = inside(context, folder, span).ok()?;
    let Listed::All(paths) = files::below(&folder, &pattern, context.sources, span) else { return None };
    if paths.is_empty() || paths.len() > MAX_MEANT {
        return None;
    }
    let read = |path: String| {
        let path = in_folder(&folder, &path)?;
        known(context, name, &relative(&context.root, &path), rest, span)
    };
    let branches: Vec<Value> = paths.into_iter().map(read).collect::<Option<_>>()?;
    Some(Value::either(branches, span))
}

/// As `known`, of an absolute path.
fn of_checkout(context: &Context<'_, '_>, name: &str, path: &RepoPath, rest: &[Value], span: Span) -> Option<Value> {
    let is_below = !path.as_str().is_empty();
    match (name, rest) {
        ("abspath" | "pathexpand", []) => Some(Value::new(absolute(path, span), span)),
        ("basename", []) => is_below.then(|| Value::new(Kind::text(path.file_name()), span)),
        ("dirname", []) => is_below.then(|| Value::new(absolute(&RepoPath::new(path.folder()), span), span)),
        _ => known(context, name, &relative(&context.root, path), rest, span),
    }
}

fn is_ours(name: &str) -> bool {
    matches!(
        name,
        "file" | "fileexists" | "fileset" | "templatefile" | "templatestring" | "abspath" | "pathexpand" | "basename" | "dirname"
    ) || is_digest(name)
}

/// Functions whose answer is not computed, and depends on the file.
fn is_digest(name: &str) -> bool {
    name.strip_prefix("file").is_some_and(|digest| digest.starts_with("base64") || digest.starts_with("sha") || digest == "md5")
}

fn known(context: &Context<'_, '_>, name: &str, text: &str, rest: &[Value], span: Span) -> Option<Value> {
    let value = |kind| Some(Value::new(kind, span));
    match (name, rest) {
        ("templatestring", [vars]) => Some(template_of_text(context, text, vars, span)),
        ("abspath", []) if !text.starts_with(['/', '~']) => {
            value(inside(context, text, span).map_or_else(|kind| kind, |path| absolute(&path, span)))
        }
        ("abspath" | "pathexpand", []) if !text.starts_with('~') => value(Kind::text(text)),
        ("file", []) => value(opened(context, text, span).map_or_else(|kind| kind, |(_, text)| Kind::text(text))),
        ("templatefile", [vars]) => Some(template_of_file(context, text, vars, span)),
        ("fileexists", []) => value(inside(context, text, span).map_or_else(|kind| kind, |path| Kind::Bool(context.sources.has(&path)))),
        ("fileset", [pattern]) => value(set(context, text, pattern, span)),
        (name, []) if is_digest(name) => {
            let path = inside(context, text, span);
            if let Ok(path) = &path {
                context.sources.has(path);
            }
            value(path.map_or_else(|kind| kind, |_| Kind::Unknown(format!("{name}() is not computed").into(), Some(Type::Text))))
        }
        _ => None,
    }
}

/// The path in the repository that a text names.
fn inside(context: &Context<'_, '_>, text: &str, span: Span) -> Result<RepoPath, Kind> {
    in_folder(&context.root, text).ok_or_else(|| {
        context.note(span, NoteKind::OutsideFile, format!("`{text}` lies outside of the repository"));
        Kind::unknown(format!("`{text}` lies outside of the repository"))
    })
}

fn opened<'t>(context: &Context<'_, 't>, text: &str, span: Span) -> Result<(RepoPath, &'t str), Kind> {
    let path = inside(context, text, span)?;
    match context.text(&path, span) {
        Some((_, text)) => Ok((path, text)),
        None => Err(Kind::Unknown(format!("the file {path} could not be read").into(), Some(Type::Text))),
    }
}

fn template_of_file(context: &Context<'_, '_>, text: &str, vars: &Value, span: Span) -> Value {
    let path = match opened(context, text, span) {
        Ok((path, _)) => path,
        Err(kind) => return Value::new(kind, span),
    };
    let known = context.templates.borrow().get(&path).copied();
    let template = known.unwrap_or_else(|| {
        let (file, text) = context.text(&path, span).unwrap_or_default();
        let mut notes = |span, kind, text| context.note(span, kind, text);
        let template = parse_template(text, Position::File(file), context.arena, &mut notes);
        context.templates.borrow_mut().insert(path, template);
        template
    });
    rendered(context, &template, vars, span)
}

fn template_of_text(context: &Context<'_, '_>, text: &str, vars: &Value, span: Span) -> Value {
    if !context.spend(1 + text.len() / BYTES_OF_A_UNIT, span) {
        return Value::new(Kind::unknown("the limit on values is reached"), span);
    }
    let text = context.arena.alloc_str(text);
    let mut notes = |span, kind, text| context.note(span, kind, text);
    let template = parse_template(text, Position::Within(span), context.arena, &mut notes);
    rendered(context, &template, vars, span)
}

/// A template as a text.
fn rendered(context: &Context<'_, '_>, template: &Expr<'_>, vars: &Value, span: Span) -> Value {
    let value = evaluate(template, &Vars { context, vars });
    let kind = types::convert(&value, &Type::Text).map_or_else(|kind| kind, |text| text.kind);
    // The lines of a template are its own, and those that people look for.
    Value { kind, marks: value.marks, span: if value.is_known() { span } else { value.span } }
}

/// The names in a template: its variables, and nothing else.
struct Vars<'v, 's, 't> {
    context: &'v Context<'s, 't>,
    vars: &'v Value,
}

impl Names for Vars<'_, '_, '_> {
    fn find(&self, name: &str, _: &[Step<'_>], span: Span) -> (Value, usize) {
        let kind = match &self.vars.kind {
            Kind::Object(entries) | Kind::Map(entries) => match entries.get(name) {
                Some(value) => return (value.clone(), 0),
                None => Kind::error(format!("the template has no variable \"{name}\"")),
            },
            _ if self.vars.is_known() => Kind::error("the variables of a template must be an object"),
            _ => Kind::unknown(self.vars.reason()),
        };
        (Value::new(kind, span), 0)
    }

    fn call(&self, name: &str, arguments: &[Value], span: Span) -> Value {
        let name = name.strip_prefix("core::").unwrap_or(name);
        if matches!(name, "templatefile" | "templatestring") {
            return Value::new(Kind::error("a template cannot render another one"), span);
        }
        call(self.context, name, arguments, span).unwrap_or_else(|| functions::call(name, arguments, span))
    }

    fn spend(&self, units: usize, span: Span) -> bool {
        self.context.spend(units, span)
    }

    fn enter(&self, span: Span) -> bool {
        self.context.enter(span)
    }

    fn leave(&self) {
        self.context.leave();
    }
}

/// `fileset(path, pattern)`.
fn set(context: &Context<'_, '_>, text: &str, pattern: &Value, span: Span) -> Kind {
    let unknown = |reason: String| Kind::Unknown(reason.into(), Some(Type::Set(Box::new(Type::Text))));
    let Kind::Text(pattern) = &pattern.kind else { return unknown(pattern.reason().to_string()) };
    let folder = match inside(context, text, span) {
        Ok(folder) => folder,
        Err(kind) => return kind,
    };
    match files::below(&folder, pattern, context.sources, span) {
        Listed::All(paths) => types::set(paths.into_iter().map(|path| Value::new(Kind::text(path), span)).collect()),
        Listed::TooMany => {
            context.cut(span, "a folder has more files than are looked through".to_owned());
            unknown("the folder has too many files".to_owned())
        }
        Listed::NotAtHand => {
            context.note(span, NoteKind::Unresolved, format!("the files of `{folder}` cannot be listed"));
            unknown(format!("the files of `{folder}` cannot be listed"))
        }
        Listed::NoPattern => unknown(format!("the pattern `{pattern}` is not understood")),
    }
}
