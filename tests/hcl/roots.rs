//! Folders of Terraform as files, and instances as texts.

#![allow(dead_code, reason = "not each test file uses all of it")]

use crate::evaluate::shown;
use crate::shared;
use astride::formats::terraform::instance::{Ignored, Instance, Lifecycle, Mode, Presence, Root};
use astride::formats::terraform::root::{self, Handed};
use astride::source::{MemoryFiles, Note, RepoPath, Sources};
use bumpalo::Bump;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Every text below a folder.
pub(crate) fn files(folder: &Path) -> MemoryFiles {
    let text = |path: PathBuf| {
        let name = RepoPath::new(path.strip_prefix(folder).ok()?.to_str()?);
        Some((name, String::from_utf8(fs::read(&path).ok()?).ok()?))
    };
    MemoryFiles(shared::files(folder).into_iter().filter_map(text).collect())
}

pub(crate) fn read(files: &MemoryFiles, folder: &str, values: Option<&str>) -> (Root, Vec<Note>) {
    let arena = Bump::new();
    let sources = Sources::new(files).in_arena(&arena);
    let values = values.map(RepoPath::new);
    let handed = values.as_ref().map_or(Handed::Nothing, Handed::File);
    let root = root::read(&RepoPath::new(folder), handed, &sources, &arena);
    let (needs, mut notes) = sources.into_parts();
    assert!(needs.is_empty(), "{needs:?}");
    notes.sort();
    (root, notes)
}

pub(crate) fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/terraform");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

pub(crate) fn name(folder: &Path) -> String {
    folder.file_name().unwrap().to_str().unwrap().to_owned()
}

pub(crate) fn line(instance: &Instance) -> String {
    let mut line = instance.address.to_string();
    if let Presence::Maybe(reason) = &instance.presence {
        write!(line, " (maybe: {reason})").unwrap();
    }
    match instance.mode {
        Mode::Module => write!(line, " from {} {}", instance.kind, instance.version.as_deref().unwrap_or("at any version")).unwrap(),
        Mode::Managed | Mode::Data | Mode::Ephemeral => {
            let default = instance.kind.split('_').next().unwrap();
            if *instance.provider != *default {
                write!(line, " by {}", instance.provider).unwrap();
            }
        }
    }
    let Lifecycle { prevent_destroy, keeps, ignores } = &instance.lifecycle;
    line.push_str(if *prevent_destroy { " prevent_destroy" } else { "" });
    line.push_str(if *keeps { " keeps" } else { "" });
    line.push_str(if !instance.provisioners.is_empty() { " provisioner" } else { "" });
    match ignores {
        Ignored::Nothing => {}
        Ignored::Everything => line.push_str(" ignores everything"),
        Ignored::Arguments(names) => write!(line, " ignores {}", names.join(" ")).unwrap(),
    }
    format!("{line} = {}", shown(&instance.arguments))
}
