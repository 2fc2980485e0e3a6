//! Plugins that change what is deployed.
//!
//! Comes in: the names of the plugins. Goes out: a note for each that adds or changes resources without our reading it, and those of which
//! nobody here knows what they do. One that is a program of the repository may do anything, and needs repair. Those that are known to
//! package, test or print are passed over.

use crate::formats::serverless::pen::present;
use crate::formats::serverless::variables::Variables;
use crate::source::{NoteKind, Span};

include!(concat!(env!("OUT_DIR"), "/serverless.rs"));

/// A plugin of which nobody here knows what it does: it runs at deployment, and may rewrite what is deployed.
#[derive(Clone, Copy, Debug)]
pub struct Plugin<'t> {
    pub name: &'t str,
    pub span: Span,
}

/// Notes those whose work is not read; gives those that are not known.
pub(super) fn note<'t>(variables: &Variables<'t, '_>) -> Vec<Plugin<'t>> {
    let mut unknown = Vec::new();
    let Some(section) = variables.section("plugins") else { return unknown };
    if variables.is_outside(section) {
        variables.note_hidden(section, "the list of plugins");
    }
    let modules = present(section, "modules").unwrap_or(section);
    for plugin in modules.items() {
        let Some(name) = plugin.scalar() else { continue };
        if READ_PLUGINS.contains(&name) || PASSED_PLUGINS.contains(&name) {
            continue;
        }
        if name.starts_with(['.', '/']) {
            variables.note_hidden_program(
                &[name, &format!("{name}.js"), &format!("{name}/index.js")],
                plugin.span,
                &format!("the plugin `{name}`"),
            );
        }
        if let Ok(found) = MOVING_PLUGINS.binary_search_by_key(&name, |(name, _)| name) {
            let (_, what) = MOVING_PLUGINS[found];
            variables.sources.note(plugin.span, NoteKind::Unsupported, format!("plugin `{name}` is not read: it {what}"));
            continue;
        }
        if !name.starts_with(['.', '/']) {
            unknown.push(Plugin { name, span: plugin.span });
        }
    }
    unknown
}
