//! Resources of Terraform's providers.
//!
//! Comes in: what a root makes, expanded and evaluated as far as that goes. Goes out: neutral resources; those of providers that are not
//! judged are counted by provider.

pub mod aws;
mod decisions;

use crate::catalog::entry;
use crate::catalog::own_types::OwnTypes;
use crate::formats::terraform::instance::{Mode, Root};
use crate::model::holding::Keeps;
use crate::model::resource::Resources;
use crate::source::Sources;
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet};

/// What a root comes to.
#[derive(Clone, Debug, Default)]
pub struct Translated<'t> {
    /// Those of AWS and of the organisation's own types, in order of the text; parts are merged into what they are part of.
    pub resources: Resources<'t>,
    /// Of other providers how many resources there are, by the prefix of their types: `google`, `azurerm`. Those that only help along
    /// (`random`, `null`, `time`, `tls`, `local`, `archive`, `template`, `external`, `http`) are not counted.
    pub not_judged: BTreeMap<String, usize>,
    /// The addresses of parts of things that another configuration makes.
    pub apart: BTreeSet<String>,
}

/// Providers whose resources are nothing that is deployed.
const HELPERS: &[&str] = &["random", "null", "time", "tls", "local", "archive", "template", "external", "http", "terraform", "cloudinit"];

/// The resources of a root, in which `types` are the organisation's own. Notes go to `sources`.
pub fn translate<'t>(root: &Root, types: OwnTypes, sources: &Sources<'t>, arena: &'t Bump) -> Translated<'t> {
    let mut not_judged = BTreeMap::new();
    for instance in root.instances.iter().filter(|instance| instance.mode == Mode::Managed) {
        let provider = instance.kind.split('_').next().unwrap_or_default();
        if !is_judged(provider, OwnTypes::default()) && types.find(&instance.kind).is_none() {
            *not_judged.entry(provider.to_owned()).or_default() += 1;
        }
    }
    let (resources, apart) = aws::translate(root, types, sources, arena);
    Translated { resources, not_judged, apart }
}

/// Whether a change of a resource that makes nothing in the model is told: those of providers that are not judged always are.
pub fn is_told(kind: &str, types: OwnTypes) -> bool {
    let provider = kind.split('_').next().unwrap_or_default();
    aws::unweighed::is_told(kind) || !is_judged(provider, OwnTypes::default()) && types.find(kind).is_none()
}

/// Whether a data source finds by what it is asked for who gets in, what runs or where something is placed.
pub fn finds_what_decides(kind: &str) -> bool {
    aws::unweighed::finds_what_decides(kind)
}

/// The arguments of a data source that hold a program as text, which it packs.
pub fn programs(kind: &str) -> &'static [&'static str] {
    match kind {
        "archive_file" => &["source", "source_content"],
        _ => &[],
    }
}

/// Whether a module that was not read has a known argument of that name, of which facts are made.
pub fn reads_argument(source: &str, argument: &str) -> bool {
    aws::modules::reads(source, argument)
}

/// Whether a part guards what it is of, so that it is told when it goes wherever that is made.
pub fn guards(kind: &str) -> bool {
    aws::elsewhere::guards(kind)
}

/// Whether a resource guards an account as a whole.
pub fn guards_an_account(kind: &str) -> bool {
    aws::elsewhere::guards_an_account(kind)
}

/// Whether a resource guards by being there where what it is on is made elsewhere; `denies` is whether a policy does.
pub fn guards_alone(kind: &str, denies: &dyn Fn() -> bool) -> bool {
    aws::elsewhere::guards_alone(kind, denies)
}

/// The arguments of a type whose every value is of interest, with dots between blocks.
pub fn deciding(kind: &str) -> &'static [&'static str] {
    aws::elsewhere::deciding(kind)
}

/// Whether a resource names the image of a program.
pub fn runs_images(kind: &str) -> bool {
    aws::elsewhere::runs_images(kind)
}

/// The lists of arguments that say to whom a resource is given, each of which may be left out.
pub fn target_lists(kind: &str) -> &'static [&'static str] {
    aws::elsewhere::target_lists(kind)
}

/// Whether an argument says to whom or to what a policy, a rule or a permission is given.
pub fn names_target(kind: &str, argument: &str) -> bool {
    aws::elsewhere::names_target(kind, argument)
}

/// What people call a resource of a type, and what is lost with it; `None` where nothing is.
pub fn keeps(kind: &str, types: OwnTypes) -> Option<(&'static str, Keeps)> {
    let entry = match types.find(kind) {
        Some(own) => &own.entry,
        None => entry::find(&aws::canonical(kind)?)?,
    };
    entry.keeps.map(|keeps| (entry.noun, keeps.what))
}

/// Whether resources of a provider, by the prefix of their types, are judged, or only help along. Of a provider of which the organisation
/// describes some types the others are named one by one.
pub fn is_judged(provider: &str, types: OwnTypes) -> bool {
    judges(provider) || HELPERS.contains(&provider) || types.has_provider(provider)
}

/// Whether a provider, by the prefix of its types, has resources that are judged.
pub fn judges(provider: &str) -> bool {
    matches!(provider, "aws" | "awscc")
}
