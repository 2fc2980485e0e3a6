//! What somebody who checks a tree out gets, where that is not what the tree holds: files that git writes otherwise than they are stored, links to
//! folders, and submodules.
//!
//! Comes in: the changed paths and both trees. Goes out: files that must be repaired, because what is judged is not what is deployed, and what is
//! not judged because it lies elsewhere.
//!
//! Source: <https://git-scm.com/docs/gitattributes>, read 2026-11-28.

use crate::change::{Change, Listed, Mode, Side, TreeView};
use crate::formats;
use crate::judge::Needs;
use crate::report::NotJudged;
use crate::source::{FileState, Files, Note, NoteKind, Place, RepoPath};
use globset::{Glob, GlobBuilder, GlobMatcher};
use std::collections::{BTreeMap, BTreeSet};

const ATTRIBUTES: &str = ".gitattributes";
const SUBMODULES: &str = ".gitmodules";

/// What was found.
#[derive(Debug, Default)]
pub(super) struct CheckedOut {
    pub(super) rewritten: Vec<Note>,
    pub(super) elsewhere: Vec<NotJudged>,
}

/// Looks at what a change brings of it; what is missing is added to `needs`.
pub(super) fn look(change: &Change, changed: &BTreeSet<&RepoPath>, needs: &mut Needs) -> CheckedOut {
    let mut found = CheckedOut { rewritten: rewritten(change, changed, needs), elsewhere: Vec::new() };
    for path in changed {
        let Some(listed) = change.head.listing.get(*path) else { continue };
        let format = match listed.mode {
            Mode::Submodule if is_new_submodule(change, path) => "git submodule, whose content is not in this repository",
            Mode::Submodule if points_elsewhere(change, path) => "git submodule, whose content is another and not in this repository",
            Mode::Symlink if leads_to_templates(change, path, needs) => "folder link, whose templates are judged where they lie",
            Mode::File if path.as_str() == SUBMODULES && brings_another_source(change, path, needs) => {
                "git submodule, which comes from another address now"
            }
            Mode::File | Mode::Symlink | Mode::Submodule => continue,
        };
        found.elsewhere.push(NotJudged { path: (*path).clone(), format: format.to_owned(), by_default_name: false });
    }
    found
}

/// A line of a file of attributes that has git write files otherwise than they are stored.
struct Rewriting {
    line: u32,
    /// As written.
    pattern: String,
    /// `None` where the line names attributes for others to use.
    matcher: Option<GlobMatcher>,
    /// In words that follow `git `, with `{}` for the file.
    does: String,
}

impl Rewriting {
    fn covers(&self, folder: &str, path: &RepoPath) -> bool {
        let Some(below) = below(folder, path) else { return false };
        let name = if self.pattern.trim_end_matches('/').contains('/') { below } else { path.file_name() };
        self.matcher.as_ref().is_none_or(|matcher| matcher.is_match(name))
    }

    fn is_in(&self, others: &[Self]) -> bool {
        others.iter().any(|other| other.pattern == self.pattern && other.does == self.does)
    }
}

/// Changed files that git rewrites, and attributes that begin to rewrite files as they are.
fn rewritten(change: &Change, changed: &BTreeSet<&RepoPath>, needs: &mut Needs) -> Vec<Note> {
    let mut notes = Vec::new();
    for path in change.head.listing.keys().filter(|path| is_attributes(path)) {
        let of_changed = changed.iter().any(|other| below(path.folder(), other).is_some());
        let text = if of_changed { text_of(change, &change.head, path, &mut needs.head) } else { None };
        let Some(now) = text.map(|text| rewriting_lines(&text)).filter(|lines| !lines.is_empty()) else { continue };
        let before = text_of(change, &change.base, path, &mut needs.base).map(|text| rewriting_lines(&text)).unwrap_or_default();
        for rule in &now {
            let is_new = !rule.is_in(&before);
            let covered = change.head.listing.iter().filter(|(other, listed)| {
                listed.mode == Mode::File
                    && could_be_read(other)
                    && rule.covers(path.folder(), other)
                    && (is_new || changed.contains(other))
            });
            let covered: Vec<(&RepoPath, &Listed)> = covered.collect();
            let text = |what: &str| {
                let does = rule.does.replace("{}", what);
                format!("git {does} (line {} of `{path}`), so that what is deployed is not what is judged", rule.line)
            };
            let (new, old): (Vec<_>, Vec<_>) = covered.into_iter().partition(|(other, _)| changed.contains(other));
            notes.extend(new.iter().map(|(other, _)| Note::on_file(other, NoteKind::Hidden, text("this file"))));
            if let Some((first, _)) = old.first() {
                let more = if old.len() > 1 { format!(" and {} more", old.len() - 1) } else { String::new() };
                let place = Place { path: path.clone(), line: rule.line, end_line: rule.line };
                notes.push(Note { place, kind: NoteKind::Hidden, text: text(&format!("`{first}`{more}")) });
            }
        }
    }
    notes
}

/// Every path of a tree is asked, and the ending says no to most.
fn is_attributes(path: &RepoPath) -> bool {
    path.as_str().ends_with(ATTRIBUTES) && path.file_name() == ATTRIBUTES
}

/// The lines of a file of attributes that matter here.
fn rewriting_lines(text: &str) -> Vec<Rewriting> {
    let lines = text.lines().zip(1..).filter_map(|(line, number)| {
        let line = line.trim();
        let (pattern, attributes) = match line.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            Some(quoted) => quoted,
            None => line.split_once([' ', '\t'])?,
        };
        let does = attributes.split([' ', '\t']).find_map(rewrites).filter(|_| !pattern.starts_with('#'))?;
        let matcher = if pattern.starts_with("[attr]") { None } else { Some(glob(pattern)?.compile_matcher()) };
        Some(Rewriting { line: number, pattern: pattern.to_owned(), matcher, does })
    });
    lines.collect()
}

/// What an attribute has git do to a file.
fn rewrites(attribute: &str) -> Option<String> {
    match attribute.split_once('=') {
        Some(("working-tree-encoding", encoding)) if !encoding.eq_ignore_ascii_case("utf-8") => {
            Some(format!("writes {{}} as {}", encoding.escape_debug()))
        }
        None if attribute == "export-subst" => Some("fills in {} where it is exported".to_owned()),
        _ => None,
    }
}

/// As git matches it: a pattern with a slash from its folder on, any other by the name alone. One that cannot be read covers everything.
fn glob(pattern: &str) -> Option<Glob> {
    let plain = pattern.trim_start_matches('/');
    GlobBuilder::new(plain).literal_separator(true).build().or_else(|_| Glob::new("**")).ok()
}

/// The rest of a path below a folder.
fn below<'p>(folder: &str, path: &'p RepoPath) -> Option<&'p str> {
    if folder.is_empty() { Some(path.as_str()) } else { path.as_str().strip_prefix(folder)?.strip_prefix('/') }
}

fn could_be_read(path: &RepoPath) -> bool {
    formats::is_structured(path) || formats::is_default_name(path) || formats::may_be_unit(path)
}

fn text_of(change: &Change, side: &Side, path: &RepoPath, needs: &mut BTreeSet<RepoPath>) -> Option<String> {
    let view = TreeView { side, blobs: &change.blobs };
    match view.state(path) {
        FileState::NotFetched(missing) => {
            needs.insert(missing);
            None
        }
        FileState::Text(text) | FileState::Undecodable { text, .. } => Some(text.to_owned()),
        _ => None,
    }
}

/// Whether there was no submodule at a path, nor anything below it that could be judged: what it hides then is named as such.
fn is_new_submodule(change: &Change, path: &RepoPath) -> bool {
    let was = change.base.listing.get(path).is_some_and(|listed| listed.mode == Mode::Submodule);
    !was && templates_below(&change.base, path).next().is_none()
}

/// Whether a submodule that was there is at another commit now: what it holds there nobody has read here.
fn points_elsewhere(change: &Change, path: &RepoPath) -> bool {
    let of = |side: &Side| side.listing.get(path).filter(|listed| listed.mode == Mode::Submodule).map(|listed| listed.id);
    of(&change.base).is_some_and(|before| of(&change.head).is_some_and(|now| now != before))
}

/// Whether a link that the change brings or turns leads to a folder that has what could be judged.
fn leads_to_templates(change: &Change, path: &RepoPath, needs: &mut Needs) -> bool {
    let view = TreeView { side: &change.head, blobs: &change.blobs };
    if let FileState::NotFetched(missing) = view.state(path) {
        needs.head.insert(missing);
        return false;
    }
    view.behind(path).last().is_some_and(|target| templates_below(&change.head, target).next().is_some())
}

fn templates_below<'c>(side: &'c Side, folder: &RepoPath) -> impl Iterator<Item = &'c RepoPath> {
    let start = format!("{folder}/");
    let below = side.listing.from(&start).map(|(path, _)| path);
    below.take_while(move |path| path.as_str().starts_with(&start)).filter(|path| formats::may_be_unit(path))
}

/// Whether a submodule that was there comes from another address now.
fn brings_another_source(change: &Change, path: &RepoPath, needs: &mut Needs) -> bool {
    let now = text_of(change, &change.head, path, &mut needs.head).map(|text| sources(&text)).unwrap_or_default();
    let before = text_of(change, &change.base, path, &mut needs.base).map(|text| sources(&text)).unwrap_or_default();
    now.iter().any(|(at, url)| before.get(at).is_some_and(|known| known != url))
}

/// Address by path, <https://git-scm.com/docs/gitmodules>.
fn sources(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let (mut path, mut url) = (String::new(), String::new());
    for line in text.lines().map(str::trim).chain(["[end"]) {
        match line.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
            Some(("path", value)) => path = value.to_owned(),
            Some(("url", value)) => url = value.to_owned(),
            _ if line.starts_with('[') && !path.is_empty() => {
                found.insert(std::mem::take(&mut path), std::mem::take(&mut url));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::rewriting_lines;
    use crate::source::RepoPath;

    #[test]
    fn attributes_that_rewrite_files_are_told_from_others() {
        for (line, folder, path, expected) in [
            ("*.yaml working-tree-encoding=UTF-16BE", "", "infra/stack.yaml", true),
            ("*.yaml\ttext working-tree-encoding=UTF-16BE eol=lf", "infra", "infra/stack.yaml", true),
            ("/stack.yaml export-subst", "infra", "infra/stack.yaml", true),
            ("infra/*.yaml export-subst", "", "infra/stack.yaml", true),
            ("\"my stack.yaml\" export-subst", "", "my stack.yaml", true),
            ("[attr]odd working-tree-encoding=ASCII//TRANSLIT", "", "stack.yaml", true),
            ("*.yaml working-tree-encoding=utf-8", "", "stack.yaml", false),
            ("*.png filter=lfs diff=lfs -text", "", "stack.yaml", false),
            ("_version.py export-subst", "", "stack.yaml", false),
            ("infra/*.yaml export-subst", "", "infra/deep/stack.yaml", false),
            ("# *.yaml export-subst", "", "stack.yaml", false),
            ("* text=auto", "", "stack.yaml", false),
        ] {
            let covers = rewriting_lines(line).iter().any(|rule| rule.covers(folder, &RepoPath::new(path)));
            assert_eq!(covers, expected, "{line}");
        }
    }
}
