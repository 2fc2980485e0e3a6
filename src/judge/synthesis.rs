//! Apps of the AWS CDK: programs, of which only the templates that they synthesise can be judged.
//!
//! Comes in: what changed, and the listing of the head. Goes out: the `cdk.json` of every app that the change may touch and whose output is
//! not in git, so that nobody takes silence for an answer. Never runs an app.

use crate::change::TreeView;
use crate::formats::cdk::{self, APP};
use crate::judge::Needs;
use crate::source::{FileState, Files, RepoPath};
use std::collections::BTreeSet;

/// Most sources that are asked whether they use the CDK; of the others it is taken for granted.
const MAX_SOURCES: usize = 200;

/// The apps by their `cdk.json`; sources that are not at hand are added to `needs`.
pub(super) fn find_unsynthesised(head: &TreeView<'_>, changed: &BTreeSet<&RepoPath>, needs: &mut Needs) -> BTreeSet<RepoPath> {
    let mut apps = BTreeSet::new();
    for (position, path) in changed.iter().filter(|path| cdk::is_source(path)).enumerate() {
        let Some(app) = app_of(head, path).filter(|app| !apps.contains(app) && !is_synthesised(head, app)) else { continue };
        if position >= MAX_SOURCES {
            apps.insert(app);
            continue;
        }
        match head.state(path) {
            FileState::Text(text) if cdk::is_used(text) => {
                apps.insert(app);
            }
            FileState::NotFetched => {
                needs.head.insert((*path).clone());
            }
            FileState::Text(_)
            | FileState::Absent
            | FileState::TooLarge(_)
            | FileState::Symlink
            | FileState::LfsPointer
            | FileState::Submodule
            | FileState::Binary => {}
        }
    }
    apps
}

/// Whether the head has templates beside or below the file that makes the app.
pub(super) fn is_synthesised(head: &TreeView<'_>, app: &RepoPath) -> bool {
    let folder = app.folder();
    let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let within = head.side.listing.range(RepoPath::new(&start)..).map(|(path, _)| path);
    within.take_while(|path| path.as_str().starts_with(&start)).any(cdk::is_output)
}

/// The `cdk.json` of the innermost app that a file lies in.
fn app_of(head: &TreeView<'_>, path: &RepoPath) -> Option<RepoPath> {
    let mut folder = path.folder();
    loop {
        let app = RepoPath::new(&if folder.is_empty() { APP.to_owned() } else { format!("{folder}/{APP}") });
        if head.side.listing.contains_key(&app) {
            return Some(app);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}
