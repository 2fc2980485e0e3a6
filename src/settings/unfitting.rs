//! Entries of settings whose paths fit nothing: mistyped ones, and those that no path ever fits.
//!
//! Comes in: settings, the paths of all files of a tree. Goes out: what to say of each pattern that fits none, with its line and the path that was
//! probably meant. Nothing is refused: a file may be yet to come.

use super::{Settings, SettingsError};
use crate::formats::terraform::signs;
use crate::model::claim::About;
use crate::model::nearest::nearest;
use crate::source::{Place, RepoPath};
use globset::{Glob, GlobMatcher};
use std::collections::BTreeSet;

/// What opens something else than a plain name in a pattern.
const WILD: [char; 4] = ['*', '?', '[', '{'];

impl Settings {
    /// The patterns that fit nothing of a tree, in order of their lines. `files` are the paths of all of its files.
    pub fn unfitting(&self, files: &BTreeSet<RepoPath>) -> Vec<SettingsError> {
        let tree = Tree::of(files);
        let mut found: Vec<(Place, String)> = Vec::new();
        for entry in &self.excluded {
            let said = tree.unfitting(&entry.pattern, Fits::Files);
            found.extend(said.map(|said| (entry.place.clone(), format!("exclude: {said}"))));
        }
        for entry in &self.rules.own {
            let fits = if entry.selection.by_file { Fits::FilesAndFolders } else { Fits::Units };
            let said = entry.selection.paths.iter().filter_map(|pattern| tree.unfitting(pattern, fits));
            found.extend(said.map(|said| (entry.place.clone(), format!("rules: {said}"))));
        }
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let known = self.facts.iter().map(|statement| (&statement.about, &statement.place));
        for (about, place) in known.chain(self.own_stated.iter().map(|statement| (&statement.about, &statement.place))) {
            let About::Matching(matcher) = about else { continue };
            let pattern = matcher.glob().glob();
            let path = pattern.split_once('#').map_or(pattern, |(path, _)| path);
            if seen.insert(path) {
                found.extend(tree.unfitting(path, Fits::FilesAndFolders).map(|said| (place.clone(), format!("facts: {said}"))));
            }
        }
        found.sort_by(|a, b| (a.0.line, &a.1).cmp(&(b.0.line, &b.1)));
        found.into_iter().map(|(place, message)| SettingsError { place, message }).collect()
    }
}

/// What a pattern is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fits {
    Files,
    FilesAndFolders,
    /// Templates and folders: a file of a Terraform root is none by itself.
    Units,
}

/// The paths of a tree.
struct Tree<'f> {
    files: Vec<&'f str>,
    folders: BTreeSet<&'f str>,
}

impl<'f> Tree<'f> {
    fn of(files: &'f BTreeSet<RepoPath>) -> Self {
        let files: Vec<&str> = files.iter().map(RepoPath::as_str).collect();
        let above = |path: &'f str| path.match_indices('/').map(move |(end, _)| &path[..end]);
        let folders = files.iter().flat_map(|path| above(path)).chain(["."]).collect();
        Self { files, folders }
    }

    /// What is wrong with a pattern; `None` where it fits something.
    fn unfitting(&self, pattern: &str, fits: Fits) -> Option<String> {
        if let Some(why) = never(pattern) {
            let plain = cleaned(pattern);
            let meant = if plain.is_empty() || plain == pattern { String::new() } else { format!(": did you mean `{plain}`?") };
            return Some(format!("`{pattern}` can never fit, {why}{meant}"));
        }
        let matcher = Glob::new(pattern).ok()?.compile_matcher();
        if self.has(&matcher, fits) {
            return None;
        }
        if fits == Fits::Files && self.has(&matcher, Fits::FilesAndFolders) {
            let folder = pattern.trim_end_matches('/');
            return Some(format!("`{pattern}` fits no file, only a folder: did you mean `{folder}/**`?"));
        }
        if fits == Fits::Units && self.has(&matcher, Fits::Files) {
            let file = self.files.iter().find(|file| matcher.is_match(file)).copied().unwrap_or_default();
            let folder = file.rsplit_once('/').map_or(".", |(folder, _)| folder);
            return Some(format!(
                "`{pattern}` fits files of Terraform roots alone, and less is asked of a whole root or not at all: \
                 the root of `{file}` is `{folder}`"
            ));
        }
        let meant = self.meant(pattern, fits).map_or_else(String::new, |meant| format!(": did you mean `{meant}`?"));
        Some(format!("`{pattern}` fits no file of this repository{meant}"))
    }

    fn has(&self, matcher: &GlobMatcher, fits: Fits) -> bool {
        let counts = |file: &str| fits != Fits::Units || !is_part(file);
        let is_folder = |folder: &&str| matcher.is_match(folder) || matcher.is_match(format!("{folder}/"));
        self.files.iter().any(|file| counts(file) && matcher.is_match(file)) || fits != Fits::Files && self.folders.iter().any(is_folder)
    }

    /// The pattern with each mistyped name put right, or the only path that ends like it; only where that fits something.
    fn meant(&self, pattern: &str, fits: Fits) -> Option<String> {
        let is_good = |meant: &String| meant != pattern && Glob::new(meant).is_ok_and(|glob| self.has(&glob.compile_matcher(), fits));
        self.put_right(pattern).filter(is_good).or_else(|| self.ending(pattern).filter(is_good))
    }

    fn put_right(&self, pattern: &str) -> Option<String> {
        let mut right = String::new();
        let mut is_known = true;
        for part in pattern.split('/') {
            let above = if right.is_empty() { String::new() } else { format!("{right}/") };
            let part = if is_known && !part.contains(WILD) { self.name_below(&above, part)? } else { part };
            is_known &= !part.contains(WILD);
            right = format!("{above}{part}");
        }
        Some(right)
    }

    /// The name in a folder that one stands for: itself, or the nearest.
    fn name_below<'t>(&'t self, above: &str, name: &'t str) -> Option<&'t str> {
        let paths = self.files.iter().chain(&self.folders);
        let names: BTreeSet<&str> = paths.filter_map(|path| path.strip_prefix(above)?.split('/').next()).collect();
        let alike = || names.iter().copied().find(|other| other.eq_ignore_ascii_case(name));
        if names.contains(name) { Some(name) } else { alike().or_else(|| nearest(name, names.iter().copied())) }
    }

    fn ending(&self, pattern: &str) -> Option<String> {
        let end = format!("/{pattern}");
        let mut ending = self.files.iter().chain(&self.folders).filter(|path| path.ends_with(&end));
        let only = ending.next()?;
        ending.next().is_none().then(|| (*only).to_owned())
    }
}

/// Whether a file is a part of a Terraform root, and no template by itself.
fn is_part(file: &str) -> bool {
    let path = RepoPath::new(file);
    signs::is_configuration(&path) || signs::has_values(&path)
}

/// Why no path can fit.
fn never(pattern: &str) -> Option<&'static str> {
    let mut parts = pattern.trim_end_matches('/').split('/');
    let escapes = pattern.split('\\').skip(1).any(|rest| rest.starts_with(|first: char| first.is_alphanumeric()));
    match pattern {
        _ if pattern.is_empty() || pattern.trim() != pattern => Some("no path begins or ends with blanks"),
        _ if pattern.starts_with('/') => Some("paths begin at the repository's root"),
        _ if pattern.contains('#') => Some("it names an element, and paths alone are possible here"),
        _ if escapes => Some("paths are written with `/`"),
        _ if parts.any(|part| matches!(part, "" | "." | "..")) && pattern != "." => Some("no path has such a part"),
        _ => None,
    }
}

/// The pattern without what no path has.
fn cleaned(pattern: &str) -> String {
    let pattern = pattern.trim().split('#').next().unwrap_or_default().replace('\\', "/");
    let parts: Vec<&str> = pattern.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use crate::settings::{PATH, parse};
    use crate::source::RepoPath;
    use std::collections::BTreeSet;

    #[test]
    fn patterns_that_fit_nothing_are_named_with_what_was_meant() {
        let files = ["README.md", "examples/orders/template.yaml", "services/Intake/template.yaml", "infra/main.tf", "infra/prod.tfvars"];
        let files: BTreeSet<RepoPath> = files.iter().map(|path| RepoPath::new(path)).collect();
        let rule = |says: &str, path: &str| format!("rules:\n- {{paths: ['{path}'], {says}, why: x}}\n");
        let off = |path: &str| rule("off: true", path);
        let exclude = |path: &str| format!("exclude: ['{path}']\n");
        for (text, expected) in [
            (off("examples/**"), None),
            (off("infra"), None),
            (off("infra/"), None),
            (off("**/template.yaml"), None),
            (rule("blocks: yes", "infra/main.tf"), None),
            (exclude("examples/**"), None),
            ("facts: {'**#OrdersFn': {webhook: yes}}\n".to_owned(), None),
            ("facts: {'infra#aws_sqs_queue.orders': {webhook: yes}}\n".to_owned(), None),
            (off("example/**"), Some("did you mean `examples/**`?")),
            (off("examples/oders/template.yml"), Some("did you mean `examples/orders/template.yaml`?")),
            (off("services/intake/**"), Some("did you mean `services/Intake/**`?")),
            (off("orders/template.yaml"), Some("did you mean `examples/orders/template.yaml`?")),
            (off("modules/**"), Some("`modules/**` fits no file of this repository")),
            (off("infra/main.tf"), Some("the root of `infra/main.tf` is `infra`")),
            (off("examples//orders/**"), Some("can never fit, no path has such a part: did you mean `examples/orders/**`?")),
            (off("examples/../infra"), Some("can never fit")),
            (off("examples/orders/template.yaml#OrdersFn"), Some("did you mean `examples/orders/template.yaml`?")),
            (exclude("/examples/**"), Some("did you mean `examples/**`?")),
            (exclude("./examples/**"), Some("did you mean `examples/**`?")),
            (exclude("examples"), Some("did you mean `examples/**`?")),
            (exclude("examples\\orders"), Some("paths are written with `/`: did you mean `examples/orders`?")),
            (
                "facts: {'examples/orders/templte.yaml#Fn': {webhook: yes}}\n".to_owned(),
                Some("did you mean `examples/orders/template.yaml`?"),
            ),
        ] {
            let said: Vec<String> = parse(&RepoPath::new(PATH), &text).unwrap().unfitting(&files).iter().map(ToString::to_string).collect();
            match expected {
                None => assert!(said.is_empty(), "{text}: {said:?}"),
                Some(part) => assert!(said.len() == 1 && said[0].contains(part), "{text}: {said:?}"),
            }
        }
    }
}
