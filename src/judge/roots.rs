//! Units that are folders: the roots of a tree that a change touches, whatever file of them, of their modules or beside them it changes.
//!
//! Comes in: what changed, both trees, and of which roots there are plans. Goes out: the folders that are roots on either side and could be made of something that changed;
//! which of them are is known when they have been read. Every file with configuration is asked what it calls, because only that says what
//! is a root.

use crate::catalog::own_types::OwnTypes;
use crate::change::{Change, Listed, Mode, Side, TreeView};
use crate::dialects::terraform;
use crate::formats::terraform::signs::{self, Signs};
use crate::formats::{self, Claim, Reading, TERRAFORM};
use crate::judge::Needs;
use crate::judge::look::claims_of;
use crate::judge::plans;
use crate::settings::Settings;
use crate::source::plan::Plans;
use crate::source::{FileState, Files, Note, NoteKind, Place, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most files with configuration that are asked; the others are named.
const MAX_FILES: usize = 5_000;

/// The roots of a change.
#[derive(Debug, Default)]
pub(super) struct Roots {
    /// Folders that could be made of something that changed, in order, and whether they are roots at base and head. The repository's own
    /// folder is `.`.
    pub(super) folders: BTreeMap<RepoPath, [bool; 2]>,
    /// The first of the files that were not asked, and how many there are.
    pub(super) left_out: Option<(RepoPath, usize)>,
    /// Roots that keep their state where another one does since the change.
    pub(super) shared: Vec<Note>,
}

/// Finds the roots. What is not at hand is added to `needs`.
pub(super) fn find(change: &Change, settings: &Settings, changed: &BTreeSet<&RepoPath>, needs: &mut Needs) -> Roots {
    let mut found = Roots::default();
    let planned = plans::units(change);
    if changed.is_empty() && planned.is_empty() {
        return found;
    }
    let is_read =
        |(path, listed): &(&RepoPath, &Listed)| listed.mode != Mode::Submodule && signs::is_configuration(path) && !settings.excludes(path);
    let of_base: Vec<&RepoPath> = change.base.listing.iter().filter(is_read).map(|(path, _)| path).collect();
    // The head has what the base has, but for what differs: the tree is gone through once.
    let come = changed.iter().filter_map(|path| change.head.listing.get_key_value(*path)).filter(is_read).map(|(path, _)| path);
    let mut of_head: Vec<&RepoPath> = of_base.iter().copied().filter(|path| !changed.contains(path)).chain(come).collect();
    of_head.sort_unstable();
    let mut look = |side: &Side, mut files: Vec<&RepoPath>, needs: &mut BTreeSet<RepoPath>| {
        if files.len() > MAX_FILES {
            let left_out = files.split_off(MAX_FILES);
            found.left_out = found.left_out.take().or_else(|| left_out.first().map(|path| ((*path).clone(), left_out.len())));
        }
        let view = TreeView { side, blobs: &change.blobs };
        let asked: BTreeMap<&RepoPath, Arc<Signs>> = files.into_iter().map(|path| (path, signs_of(change, &view, path, needs))).collect();
        let roots = signs::roots(&asked, side.listing.keys());
        let states = states(&asked);
        let mut touched = touched(&roots, &asked, changed);
        touched.extend(roots.iter().filter(|root| planned.contains(&formats::unit_of(root))).cloned());
        (roots, touched, states)
    };
    let (at_base, touched_at_base, states_before) = look(&change.base, of_base, &mut needs.base);
    let (at_head, touched_at_head, states) = look(&change.head, of_head, &mut needs.head);
    for root in touched_at_base.union(&touched_at_head) {
        found.folders.insert(formats::unit_of(root), [at_base.contains(root), at_head.contains(root)]);
    }
    found.shared = shared(&states_before, &states);
    found
}

/// The folders that keep their state under a name, with where each says so.
type States = BTreeMap<String, BTreeMap<RepoPath, Place>>;

fn states(asked: &BTreeMap<&RepoPath, Arc<Signs>>) -> States {
    let mut states = States::new();
    for (path, signs) in asked {
        if let Some((name, line)) = &signs.state {
            let place = Place { path: (*path).clone(), line: *line, end_line: *line };
            states.entry(name.clone()).or_default().insert(RepoPath::new(path.folder()), place);
        }
    }
    states
}

/// What keeps its state where another root does, and did not before.
fn shared(before: &States, now: &States) -> Vec<Note> {
    let mut notes = Vec::new();
    for (name, folders) in now.iter().filter(|(_, folders)| folders.len() > 1) {
        let old = before.get(name);
        let is_new = |folder: &RepoPath| old.is_none_or(|old| !old.contains_key(folder));
        let Some((folder, place)) = folders.iter().find(|(folder, _)| is_new(folder)) else { continue };
        let others: Vec<String> =
            folders.keys().filter(|other| *other != folder).map(|other| format!("`{}`", formats::unit_of(other))).collect();
        let text = format!(
            "the state of `{}` lies where {} keeps its own ({name}): applying one of them destroys what the other made",
            formats::unit_of(folder),
            others.join(", ")
        );
        notes.push(Note { place: place.clone(), kind: NoteKind::SharedState, text });
    }
    notes
}

fn signs_of(change: &Change, view: &TreeView<'_>, path: &RepoPath, needs: &mut BTreeSet<RepoPath>) -> Arc<Signs> {
    match view.state(path) {
        FileState::Text(text) | FileState::Undecodable { text, .. } => {
            // Behind a link it is the text of another entry, and the path says the notation.
            let id = view.side.listing.get(path).filter(|listed| listed.mode == Mode::File).map(|listed| listed.id);
            change.readings.signs(id, path, text)
        }
        FileState::NotFetched(missing) => {
            needs.insert(missing);
            Arc::default()
        }
        // Whatever it has, somebody has to see that it is not read.
        FileState::Absent
        | FileState::TooLarge(_)
        | FileState::LfsPointer
        | FileState::Encrypted
        | FileState::Submodule
        | FileState::BrokenLink(_) => Arc::new(Signs { makes: true, ..Signs::default() }),
    }
}

/// The roots that could be made of something that changed: a change lies in a folder that they are made of, or they open files.
fn touched(roots: &BTreeSet<RepoPath>, asked: &BTreeMap<&RepoPath, Arc<Signs>>, changed: &BTreeSet<&RepoPath>) -> BTreeSet<RepoPath> {
    let in_folder = |folder: &str| {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        asked.range(RepoPath::new(&prefix)..).take_while(move |(path, _)| path.as_str().starts_with(&prefix)).filter({
            let folder = folder.to_owned();
            move |(path, _)| path.folder() == folder
        })
    };
    let folders_changed: BTreeSet<&str> = changed.iter().map(|path| path.folder()).collect();
    // Values are handed over from folders below a root, and from some beside it.
    let values: Vec<&str> = changed.iter().filter(|path| signs::has_values(path)).map(|path| path.as_str()).collect();
    let takes_values = |root: &RepoPath| {
        let is_below = |path: &&str| root.as_str().is_empty() || path.strip_prefix(root.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let lies_beside = |path: &&str| {
            let (folder, name) = path.rsplit_once('/').map_or(("", ""), |(folder, _)| folder.rsplit_once('/').unwrap_or(("", folder)));
            folder == root.folder() && signs::FOLDERS_OF_VALUES.contains(&name)
        };
        values.iter().any(|path| is_below(path) || lies_beside(path))
    };
    let is_touched = |root: &&RepoPath| {
        if takes_values(root) {
            return true;
        }
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut open = vec![root.as_str().to_owned()];
        while let Some(folder) = open.pop() {
            if !seen.insert(folder.clone()) {
                continue;
            }
            if folders_changed.contains(folder.as_str()) {
                return true;
            }
            for (path, signs) in in_folder(&folder) {
                if signs.opens {
                    return true;
                }
                open.extend(signs.calls.iter().filter_map(|call| path.sibling(call)).map(|path| path.as_str().to_owned()));
            }
        }
        false
    };
    roots.iter().filter(is_touched).cloned().collect()
}

/// A folder as the root that it is on each side; `None` where it has no configuration there. Where the plan of one side is of something else, no
/// side has one: what only a plan tells would be news, or gone.
pub(super) fn read(
    change: &Change,
    folder: &RepoPath,
    is_root: [bool; 2],
    settings: &Settings,
    needs: &mut Needs,
) -> [Option<Arc<Reading>>; 2] {
    let read = |side: &Side, needs: &mut BTreeSet<RepoPath>| {
        let read = change.readings.read(folder, &TreeView { side, blobs: &change.blobs }, claims_of(settings));
        needs.extend(read.needs);
        Some(read.reading).filter(|reading| matches!(reading.claim, Claim::Unit(_)))
    };
    let mut base = is_root[0].then(|| read(&change.base, &mut needs.base)).flatten();
    let mut head = is_root[1].then(|| read(&change.head, &mut needs.head)).flatten();
    if [&base, &head].into_iter().flatten().any(|reading| plans::is_misfit(&reading.model)) {
        for (side, reading, needs) in [(&change.base, &mut base, &mut needs.base), (&change.head, &mut head, &mut needs.head)] {
            if side.plans.contains_key(folder) && reading.as_ref().is_some_and(|reading| !plans::is_misfit(&reading.model)) {
                *reading = read(&Side { plans: Plans::new(), ..side.clone() }, needs);
            }
        }
    }
    [base, head]
}

/// Of files that were read as parts of a root those all of whose resources are of providers that are not judged.
pub(super) fn files_of_others(change: &Change, settings: &Settings, judged: &BTreeSet<RepoPath>) -> Vec<RepoPath> {
    let is_of_others = |path: &&RepoPath| {
        let providers = providers(change, path);
        !providers.is_empty() && !providers.iter().any(|provider| terraform::is_judged(provider, settings.own.types()))
    };
    judged.iter().filter(|path| signs::is_configuration(path)).filter(is_of_others).cloned().collect()
}

/// How a file is called that is not judged: `Terraform (google)`.
pub(super) fn format_of(change: &Change, path: &RepoPath) -> String {
    let is_named = |provider: &String| !terraform::is_judged(provider, OwnTypes::default());
    let named: Vec<String> = providers(change, path).into_iter().filter(is_named).collect();
    if named.is_empty() { TERRAFORM.to_owned() } else { format!("{TERRAFORM} ({})", named.join(", ")) }
}

/// The providers of the resources in a file at the head.
fn providers(change: &Change, path: &RepoPath) -> BTreeSet<String> {
    let head = TreeView { side: &change.head, blobs: &change.blobs };
    match head.state(path) {
        FileState::Text(text) if signs::is_configuration(path) => change.readings.signs(None, path, text).providers.clone(),
        _ => BTreeSet::new(),
    }
}
