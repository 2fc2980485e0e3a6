//! Where in the files of the head, or in those of the base where they are gone, a change asks for less.
//!
//! Comes in: a change, what it weakens. Goes out: the same with the lines that say so.

use crate::change::{Change, TreeView};
use crate::settings::own::OwnTexts;
use crate::settings::{Settings, Weakening};
use crate::source::{FileState, Files, Place, RepoPath};

/// What is weakened, each with its place.
pub(super) type Placed = Vec<(Weakening, Place)>;

/// In a settings file of the head; in its first line where there is none any more.
pub(super) fn in_settings(change: &Change, path: &RepoPath, settings: &Settings, causes: Vec<Weakening>) -> Placed {
    let view = TreeView { side: &change.head, blobs: &change.blobs };
    let text = match view.state(path) {
        FileState::Text(text) => text,
        _ => "",
    };
    let placed = |cause: Weakening| (cause.clone(), settings.place_of(path, text, &cause));
    causes.into_iter().map(placed).collect()
}

/// In a CODEOWNERS file of the head: the line with the new owners.
pub(super) fn in_owners(change: &Change, path: &RepoPath, causes: Vec<Weakening>) -> Placed {
    let view = TreeView { side: &change.head, blobs: &change.blobs };
    let text = match view.state(path) {
        FileState::Text(text) => text,
        _ => "",
    };
    let pattern = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let placed = |cause: Weakening| {
        let said = if cause.to.is_empty() { &cause.from } else { &cause.to };
        let line = text.lines().zip(1..).find(|(line, _)| pattern(line) == pattern(said)).map_or(1, |(_, line)| line);
        (cause, Place { path: path.clone(), line, end_line: line })
    };
    causes.into_iter().map(placed).collect()
}

/// In the files of the organisation's own.
pub(super) fn in_own(head: &OwnTexts, base: &OwnTexts, causes: Vec<Weakening>) -> Placed {
    let placed = |cause: Weakening| {
        let stated = if cause.from.is_empty() { &cause.to } else { &cause.from };
        let name = stated.split(' ').next().unwrap_or_default();
        let gone = || {
            let place = find(base, name)?;
            // The file stays, and says it no more: its last line is as near as any.
            let last = head.get(&place.path).map_or(place.line, |text| u32::try_from(text.lines().count()).unwrap_or(place.line).max(1));
            let line = place.line.min(last);
            Some(Place { line, end_line: line, ..place })
        };
        let nowhere = || Place { path: RepoPath::new(crate::settings::own::FOLDER), line: 1, end_line: 1 };
        let place = find(head, name).or_else(gone).unwrap_or_else(nowhere);
        (cause, place)
    };
    causes.into_iter().map(placed).collect()
}

/// Where something is stated by its name: as the value of `id` or `threat`, or as a key or an item that begins a line.
fn find(texts: &OwnTexts, name: &str) -> Option<Place> {
    let is_it = |line: &str| {
        let stated = line.trim_start().trim_start_matches("- ").trim_start();
        let words = ["id:", "{id:", "threat:"].iter().find_map(|key| stated.strip_prefix(key)).unwrap_or(stated).trim_start();
        let rest = words.trim_start_matches(['"', '\'', '{']).strip_prefix(name);
        rest.is_some_and(|rest| {
            !rest.starts_with(|next: char| next.is_alphanumeric() || matches!(next, '_' | '-')) && !rest.starts_with("::")
        })
    };
    texts.iter().find_map(|(path, text)| {
        let line = text.lines().zip(1..).find(|(line, _)| is_it(line)).map(|(_, line)| line)?;
        Some(Place { path: path.clone(), line, end_line: line })
    })
}

#[cfg(test)]
mod tests {
    use super::in_own;
    use crate::settings::Weakening;
    use crate::settings::own::OwnTexts;
    use crate::source::RepoPath;

    #[test]
    fn what_an_organisation_asks_less_has_its_file_and_line() {
        let texts =
            |files: &[(&str, &str)]| -> OwnTexts { files.iter().map(|(path, text)| (RepoPath::new(path), (*text).to_owned())).collect() };
        const RULES: &str = "- id: OWN-A-S-01\n  severity: low\n- id: OWN-A-S-012\n";
        const TYPES: &str = "# ours\nCustom::Tenant::Of: store\nCustom::Tenant:\n  is: silent\n";
        let base = texts(&[("astride/rules/a.yml", RULES), ("astride/rules/b.yml", "\n\n- {id: OWN-B-S-01}\n")]);
        let head = texts(&[("astride/rules/a.yml", RULES), ("astride/types/t.yml", TYPES)]);
        for (from, to, expected) in [
            ("OWN-A-S-01 high finding", "OWN-A-S-01 low finding", ("astride/rules/a.yml", 1)),
            ("OWN-A-S-012", "", ("astride/rules/a.yml", 3)),
            ("Custom::Tenant told as unknown", "Custom::Tenant silent", ("astride/types/t.yml", 3)),
            ("OWN-B-S-01", "", ("astride/rules/b.yml", 3)),
        ] {
            let cause = Weakening { setting: "rules", from: from.to_owned(), to: to.to_owned() };
            let (_, place) = in_own(&head, &base, vec![cause]).remove(0);
            assert_eq!((place.path.as_str(), place.line), expected, "{from}");
        }
    }
}
