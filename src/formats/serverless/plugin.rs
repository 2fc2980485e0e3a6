//! Plugins that change what is deployed.
//!
//! Comes in: the names of the plugins. Goes out: a note for each that adds or changes resources without our reading it. One that is a program
//! of the repository may do anything, and needs repair. Those that package, test or print are passed over.

use crate::formats::serverless::pen::present;
use crate::formats::serverless::variables::Variables;
use crate::source::NoteKind;

include!(concat!(env!("OUT_DIR"), "/serverless.rs"));

pub(super) fn note(variables: &Variables<'_, '_>) {
    let Some(section) = variables.raw("plugins") else { return };
    let modules = present(section, "modules").unwrap_or(section);
    for plugin in modules.items() {
        let Some(name) = plugin.scalar() else { continue };
        if READ_PLUGINS.contains(&name) {
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
        }
    }
}
