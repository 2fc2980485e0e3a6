//! What a root of Terraform says of things that are made elsewhere: to modules that were not read, of parts whose whole another configuration
//! makes, and to whom its policies, rules and permissions are given by name.
//!
//! Comes in: a root that was read, and what of it found no whole. Goes out: each with a digest by which two sides of a change are compared. No
//! element is made of it that could lose something, so that it is told here.

use crate::catalog::names::is_account_number;
use crate::catalog::witnesses::fingerprint;
use crate::dialects::terraform;
use crate::formats::deciding::text_of;
use crate::formats::terraform::instance::{Instance, Mode, Presence, Root};
use crate::formats::terraform::value::{Kind as Evaluated, Value};
use crate::formats::terraform::written;
use crate::model::ElementId;
use crate::model::unweighed::{ARGUMENT, HERE, IN_EVERY_CASE, IN_SOME_CASES, Kind, SOURCE, TARGET, Unweighed};
use crate::source::{RepoPath, Sources, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Most texts of an argument that are looked at.
const MAX_TEXTS: usize = 1_000;

/// Arguments of modules that decide nothing, whole or by their last word.
const NEUTRAL: [&str; 34] = [
    "annotations",
    "attributes",
    "azs",
    "capacity",
    "comment",
    "context",
    "count",
    "cpu",
    "delay",
    "delimiter",
    "desc",
    "description",
    "enable",
    "enabled",
    "environment",
    "label",
    "labels",
    "memory",
    "name",
    "names",
    "namespace",
    "period",
    "prefix",
    "providers",
    "region",
    "replicas",
    "size",
    "stage",
    "suffix",
    "tag",
    "tags",
    "timeout",
    "types",
    "version",
];

/// What the name of an argument has in it that holds something back where it is true.
const GUARDING: [&str; 12] =
    ["audit", "block", "boundary", "encrypt", "ignore_public", "log", "mfa", "monitor", "protect", "require", "restrict", "verif"];

/// What the name of an argument has in it that opens something where it is true.
const OPENING: [&str; 6] = ["allow", "anonymous", "disable", "insecure", "public", "skip"];

/// Texts that let everybody in, whole.
const EVERYBODY: [&str; 10] =
    ["*", "0.0.0.0/0", "::/0", "All", "NONE", "all", "anonymous", "authenticated-read", "public-read", "public-read-write"];

/// What a text has in it that makes an administrator.
const ADMINISTRATOR: [&str; 3] = ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess"];

/// All of a root; `apart` are the addresses of its parts whose whole is not in it.
pub(super) fn of_root(unit: &RepoPath, root: &Root, apart: &BTreeSet<String>, sources: &Sources<'_>) -> Vec<Unweighed> {
    let here = root.instances.iter().filter(|instance| instance.mode == Mode::Managed).map(|instance| &*instance.address).collect();
    let page = Page { unit, sources, here };
    let mut found = Vec::new();
    for instance in &root.instances {
        match instance.mode {
            Mode::Module => page.call(instance, &mut found),
            Mode::Managed if terraform::judges(instance.kind.split('_').next().unwrap_or_default()) => {
                page.resource(instance, apart.contains(&*instance.address), &mut found);
            }
            Mode::Managed | Mode::Data | Mode::Ephemeral => {}
        }
    }
    found
}

struct Page<'p, 's, 't> {
    unit: &'p RepoPath,
    sources: &'s Sources<'t>,
    /// The addresses of what the root makes itself.
    here: BTreeSet<&'p str>,
}

impl Page<'_, '_, '_> {
    /// What a module that was not read is told. That one of its guards is not told any more is for `deciding`.
    fn call(&self, call: &Instance, found: &mut Vec<Unweighed>) {
        for (name, value) in arguments(call) {
            if !terraform::reads_argument(&call.kind, name) && !is_neutral(name) {
                found.push(self.argument(call, name, value));
            }
        }
        found.push(self.of(call, Kind::Value, SOURCE, &call.kind, call.span));
    }

    fn resource(&self, resource: &Instance, is_apart: bool, found: &mut Vec<Unweighed>) {
        let is_guard = terraform::guards(&resource.kind);
        if is_guard && (is_apart || terraform::guards_an_account(&resource.kind)) {
            self.guard(resource, found);
            let all = arguments(resource).into_iter().filter(|(name, _)| !is_neutral(name));
            found.extend(all.map(|(name, value)| self.argument(resource, name, value)));
            return;
        }
        if is_apart {
            found.push(self.of(resource, Kind::Silent, "", &text_of(&resource.arguments), resource.span));
            return;
        }
        if terraform::runs_images(&resource.kind) {
            let registries = registries(&text_of(&resource.arguments));
            found.push(self.of(resource, Kind::Value, &format!("{ARGUMENT}image (registry)"), &registries, resource.span));
        }
        for path in terraform::deciding(&resource.kind) {
            found.push(match at(&resource.arguments, path) {
                Some(value) => self.argument(resource, path, value),
                None => self.of(resource, Kind::Value, &format!("{ARGUMENT}{path}"), "", resource.span),
            });
        }
        // A list that is left out is empty, and gives nobody anything.
        for name in terraform::target_lists(&resource.kind) {
            if !arguments(resource).contains_key(name) {
                let of = self.of(resource, Kind::Value, &format!("{TARGET}{name}"), "", resource.span);
                found.push(Unweighed { digest: HERE.to_owned(), ..of });
            }
        }
        let mut is_given_elsewhere = false;
        for (name, value) in arguments(resource) {
            if terraform::names_target(&resource.kind, name) && !self.is_here(value) {
                is_given_elsewhere = true;
                let path = format!("{TARGET}{name}");
                // Of a list each is one of those to whom it is given.
                match &value.kind {
                    Evaluated::Tuple(items) | Evaluated::List(items) | Evaluated::Set(items) => {
                        found.extend(items.iter().map(|item| self.of(resource, Kind::Value, &path, &text_of(item), value.span)));
                    }
                    _ => found.push(self.of(resource, Kind::Value, &path, &text_of(value), value.span)),
                }
            }
        }
        if is_given_elsewhere && terraform::guards_alone(&resource.kind, &|| text_of(&resource.arguments).contains("Deny")) {
            self.guard(resource, found);
        }
    }

    /// A guard, and whether it is there in every case.
    fn guard(&self, resource: &Instance, found: &mut Vec<Unweighed>) {
        let when = if resource.presence == Presence::Certain { IN_EVERY_CASE } else { IN_SOME_CASES };
        found.push(self.of(resource, Kind::Guard, "", "", resource.span));
        found.push(self.of(resource, Kind::Part, when, "", resource.span));
    }

    /// One that lets somebody in is told where it is new, too.
    fn argument(&self, instance: &Instance, name: &str, value: &Value) -> Unweighed {
        let kind = if opens(name, value) { Kind::Opening } else { Kind::Value };
        let mut text = String::new();
        written::write_without(value, &is_size, &mut text);
        self.of(instance, kind, &format!("{ARGUMENT}{name}"), &text, value.span)
    }

    /// Whether a value names something that the root makes, which is weighed there.
    fn is_here(&self, value: &Value) -> bool {
        match &value.kind {
            Evaluated::Reference { address, .. } => {
                let whole = address.split('[').next().unwrap_or_default();
                self.here.contains(&**address) || self.here.iter().any(|known| known.split('[').next() == Some(whole))
            }
            Evaluated::Joined(items)
            | Evaluated::Either(items)
            | Evaluated::Tuple(items)
            | Evaluated::List(items)
            | Evaluated::Set(items) => {
                !items.is_empty()
                    && items.iter().any(|item| self.is_here(item))
                    && items.iter().all(|item| self.is_here(item) || is_text(item))
            }
            _ => false,
        }
    }

    fn of(&self, instance: &Instance, kind: Kind, path: &str, text: &str, span: Span) -> Unweighed {
        Unweighed {
            id: ElementId::new(self.unit, &instance.address),
            unit: self.unit.clone(),
            kind,
            path: path.to_owned(),
            declared: instance.kind.to_string(),
            digest: fingerprint(text),
            works_for: Vec::new(),
            way: None,
            place: self.sources.place(span),
        }
    }
}

fn arguments(instance: &Instance) -> BTreeMap<&str, &Value> {
    match &instance.arguments.kind {
        Evaluated::Object(entries) | Evaluated::Map(entries) => entries.iter().map(|(name, value)| (&**name, value)).collect(),
        _ => BTreeMap::new(),
    }
}

/// What stands at a path of blocks; of several blocks in the first.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let found = match &value.kind {
        Evaluated::Object(entries) | Evaluated::Map(entries) => entries.get(first)?,
        Evaluated::Tuple(items) | Evaluated::List(items) | Evaluated::Set(items) => return at(items.first()?, path),
        _ => return None,
    };
    if rest.is_empty() { Some(found) } else { at(found, rest) }
}

fn is_text(value: &Value) -> bool {
    matches!(value.kind, Evaluated::Text(_))
}

fn is_neutral(name: &str) -> bool {
    NEUTRAL.contains(&name.rsplit('_').next().unwrap_or_default()) && !has(name, &GUARDING) && !has(name, &OPENING)
}

/// What says within an argument how much of something there is, what it runs on or how it is labelled.
const SIZES: [&str; 19] = [
    "ami_type",
    "capacity_type",
    "description",
    "desired_capacity",
    "desired_size",
    "disk_iops",
    "disk_size",
    "disk_throughput",
    "disk_type",
    "instance_type",
    "instance_types",
    "labels",
    "max_capacity",
    "max_size",
    "min_capacity",
    "min_size",
    "tags",
    "volume_size",
    "volume_type",
];

/// Whether an entry of an argument is a size or a label. What has parts of its own is something that is only called so.
fn is_size(name: &str, value: &Value) -> bool {
    let is_plain = |value: &Value| {
        !matches!(value.kind, Evaluated::Object(_) | Evaluated::Map(_) | Evaluated::Tuple(_) | Evaluated::List(_) | Evaluated::Set(_))
    };
    let is_flat = match &value.kind {
        Evaluated::Tuple(items) | Evaluated::List(items) | Evaluated::Set(items) => items.iter().all(is_plain),
        Evaluated::Object(entries) | Evaluated::Map(entries) => {
            matches!(name, "labels" | "tags") && entries.iter().all(|(_, value)| is_plain(value))
        }
        _ => true,
    };
    is_flat && SIZES.contains(&name)
}

fn has(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| name.contains(word))
}

/// Whether an argument lets in everybody or an account that it names, makes an administrator, or switches off what holds back.
fn opens(name: &str, value: &Value) -> bool {
    match &value.kind {
        Evaluated::Bool(false) => has(name, &GUARDING),
        Evaluated::Bool(true) => has(name, &OPENING) && !has(name, &GUARDING),
        _ => {
            let mut texts = Vec::new();
            collect(value, &mut texts);
            texts.iter().any(|text| lets_in(text))
        }
    }
}

fn lets_in(text: &str) -> bool {
    let is_of_account = |part: &str| is_account_number(part);
    EVERYBODY.contains(&text)
        || has(text, &ADMINISTRATOR)
        || (!text.contains("-provider/") && text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_of_account))
        || text.contains("\"*\"")
        || is_canonical_user(text)
}

/// The id by which access control lists name an account: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/finding-canonical-user-id.html>
fn is_canonical_user(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Where the images in a text come from: registries, and of the public one who publishes them. Which image and which version is everyday work.
fn registries(text: &str) -> String {
    let plain = text.replace(['\\', '"'], "");
    let mut found = BTreeSet::new();
    for (at, word) in plain.match_indices("image") {
        let rest = plain[at + word.len()..].trim_start_matches("_uri").trim_start_matches([':', '=', ' ']);
        let name = rest.split([',', '}', ']', ' ']).next().unwrap_or_default();
        let mut parts = name.split('/');
        if let (Some(first), Some(_)) = (parts.next(), parts.next()) {
            found.insert(first.to_owned());
        }
    }
    found.into_iter().collect::<Vec<_>>().join(" ")
}

fn collect<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    if texts.len() >= MAX_TEXTS {
        return;
    }
    match &value.kind {
        Evaluated::Text(text) => texts.push(text),
        Evaluated::Tuple(items) | Evaluated::List(items) | Evaluated::Set(items) | Evaluated::Either(items) | Evaluated::Joined(items) => {
            items.iter().for_each(|item| collect(item, texts))
        }
        Evaluated::Object(entries) | Evaluated::Map(entries) => entries.iter().for_each(|(_, value)| collect(value, texts)),
        _ => {}
    }
}
