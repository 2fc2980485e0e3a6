//! A unit under another path.

use crate::model::holding::Setting;
use crate::model::{ElementId, Model, text_of};
use crate::source::RepoPath;
use std::collections::BTreeMap;

/// Gives a text another one in its place, where there is one.
fn rename(text: &mut String, renamed: &dyn Fn(&str) -> Option<String>) {
    if let Some(other) = renamed(text) {
        *text = other;
    }
}

impl Model {
    /// Puts other names into what is said of others: facts, causes and labels, and what keeps data. Ids stay.
    pub fn rename_in_texts(&mut self, renamed: &dyn Fn(&RepoPath, &str) -> Option<String>) {
        for element in &mut self.elements {
            let of_unit = |text: &str| renamed(&element.unit, text);
            element.facts.rename_in_texts(&of_unit);
            for part in &mut element.parts {
                rename(&mut part.label, &of_unit);
                part.cause = part.cause.renamed(&of_unit);
                part.facts.rename_in_texts(&of_unit);
            }
        }
        for flow in &mut self.flows {
            flow.facts.rename_in_texts(&|text: &str| renamed(&flow.unit, text));
        }
        for holding in &mut self.holdings {
            let of_unit = |text: &str| renamed(&holding.unit, text);
            for branch in holding.fixed.iter_mut().flat_map(|fixed| &mut fixed.branches) {
                if let Setting::Known(text) = &mut branch.value {
                    rename(text, &of_unit);
                }
            }
            holding.serves.iter_mut().for_each(|(text, _)| rename(text, &of_unit));
        }
    }

    /// Gives a unit another path: in ids, places and everything that names them.
    pub fn move_unit(&mut self, from: &RepoPath, to: &RepoPath) {
        let moved = |id: &str| id.strip_prefix(from.as_str()).filter(|rest| rest.starts_with('#')).map(|rest| format!("{to}{rest}"));
        let move_id = |id: &mut ElementId| id.0 = moved(&id.0).unwrap_or_else(|| std::mem::take(&mut id.0));
        let move_path = |path: &mut RepoPath| {
            if path == from {
                path.clone_from(to);
            }
        };
        self.move_places(&|path| (path == from).then(|| to.clone()));
        self.move_holders(&moved);
        for element in &mut self.elements {
            move_id(&mut element.id);
            move_path(&mut element.unit);
        }
        for flow in &mut self.flows {
            flow.id.0 = moved(&flow.id.0).unwrap_or_else(|| std::mem::take(&mut flow.id.0));
            move_id(&mut flow.from);
            move_id(&mut flow.to);
            move_path(&mut flow.unit);
        }
        for boundary in &mut self.boundaries {
            move_id(&mut boundary.id);
            boundary.contains.iter_mut().for_each(&move_id);
        }
        for holding in &mut self.holdings {
            move_id(&mut holding.id);
            move_path(&mut holding.unit);
            holding.serves.iter_mut().filter_map(|(_, id)| id.as_mut()).for_each(&move_id);
        }
        for ids in [&mut self.resources, &mut self.confined] {
            let moved = |mut id: ElementId| {
                move_id(&mut id);
                id
            };
            *ids = std::mem::take(ids).into_iter().map(moved).collect();
        }
        for other in &mut self.unweighed {
            move_id(&mut other.id);
            other.works_for.iter_mut().for_each(&move_id);
            move_path(&mut other.unit);
        }
        self.stated.iter_mut().for_each(|stated| move_id(&mut stated.id));
        for recorded in &mut self.recorded {
            recorded.on = recorded.on.as_deref().map(|on| moved(on).unwrap_or_else(|| on.to_owned()));
            move_path(&mut recorded.unit);
        }
        self.suppressions.iter_mut().for_each(|suppression| move_id(&mut suppression.on));
        self.moved.iter_mut().for_each(|(from, to)| [from, to].into_iter().for_each(&move_id));
        let replaced = std::mem::take(&mut self.replaced).into_iter();
        self.replaced = replaced.map(|(id, by)| (ElementId(moved(&id.0).unwrap_or(id.0)), by)).collect();
        self.destroyed.iter_mut().for_each(|gone| move_id(&mut gone.id));
        self.exports.iter_mut().for_each(|export| move_id(&mut export.of));
        self.rewritten.iter_mut().chain(&mut self.cut).chain(&mut self.unknown).for_each(move_path);
        self.sort();
    }

    /// Gives the files of folders other paths, in places and in what bears causes: old and new folder, in the spelling of units.
    pub fn move_folders(&mut self, folders: &BTreeMap<String, String>) {
        let folder_of = |path: &RepoPath| folders.get(text_of(path, true));
        self.move_places(&|path| folder_of(path).map(|to| within(to, path.file_name())));
        self.move_holders(&|holder| {
            let (text, rest) = holder.split_once('#')?;
            folders.get(text).map(|to| format!("{to}#{rest}"))
        });
    }

    fn move_places(&mut self, moved: &dyn Fn(&RepoPath) -> Option<RepoPath>) {
        let move_path = |path: &mut RepoPath| {
            if let Some(to) = moved(path) {
                *path = to;
            }
        };
        for element in &mut self.elements {
            move_path(&mut element.place.path);
            element.parts.iter_mut().for_each(|part| move_path(&mut part.place.path));
        }
        self.flows.iter_mut().for_each(|flow| move_path(&mut flow.place.path));
        for holding in &mut self.holdings {
            move_path(&mut holding.place.path);
            holding.off.iter_mut().for_each(|place| move_path(&mut place.path));
            holding.fixed.iter_mut().for_each(|fixed| move_path(&mut fixed.place.path));
            holding.retained.iter_mut().for_each(|retained| move_path(&mut retained.place.path));
        }
        self.unweighed.iter_mut().for_each(|other| move_path(&mut other.place.path));
        for stated in &mut self.stated {
            move_path(&mut stated.place.path);
            stated.parts.iter_mut().for_each(|part| move_path(&mut part.place.path));
        }
        self.recorded.iter_mut().for_each(|recorded| move_path(&mut recorded.place.path));
        self.suppressions.iter_mut().for_each(|suppression| move_path(&mut suppression.place.path));
        self.notes.iter_mut().for_each(|note| move_path(&mut note.place.path));
    }

    fn move_holders(&mut self, moved: &dyn Fn(&str) -> Option<String>) {
        for element in &mut self.elements {
            element.facts.move_holders(moved);
            for part in &mut element.parts {
                part.cause = part.cause.held_by(moved);
                part.facts.move_holders(moved);
            }
        }
        self.flows.iter_mut().for_each(|flow| flow.facts.move_holders(moved));
    }
}

/// A file of a folder in the spelling of units.
fn within(folder: &str, file: &str) -> RepoPath {
    if folder == "." { RepoPath::new(file) } else { RepoPath::new(&format!("{folder}/{file}")) }
}
