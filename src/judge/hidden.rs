//! Content that cannot be seen: who claims a file whose text cannot be read, and what a change hides by moving it out of sight.
//!
//! Comes in: what was seen of the changed paths on both sides. Goes out: for a file that cannot be read, whether it must be repaired or is
//! the source of a template; and files at the head that hold what the base had in a unit. A name claims nothing where the content can be
//! read; where it cannot, the names that tools deploy by default do, and whatever the base had a unit at or beside.

use crate::change::{Change, TreeView};
use crate::formats;
use crate::formats::terraform::signs;
use crate::judge::look::{Seen, look};
use crate::judge::units::Units;
use crate::judge::{Needs, repairs};
use crate::settings::Settings;
use crate::source::given::Values;
use crate::source::{FileState, Files, Note, NoteKind, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// What templates of templates are marked by: Handlebars and Mustache, Jinja, ERB.
const MARKERS: [&str; 6] = ["{{#", "{{>", "{{^", "{%", "{#", "<%"];
/// What is said of their sources.
pub(super) const SOURCE_TEMPLATE: &str = "template source (Handlebars, Jinja or the like)";
/// Least share of a unit's lost lines that another file must hold to be said to hide them, in hundredths.
const SHARE: usize = 50;
/// Most added files that the settings leave out and that are looked at for what a unit has lost.
const MAX_EXCLUDED: usize = 200;
/// Fewer lost lines than these say nothing.
const FEW_LINES: usize = 4;
const FEW_LINES_OF_GONE: usize = 2;

/// What a changed path was and is.
pub(super) struct Sight {
    pub(super) base: Seen,
    pub(super) head: Seen,
}

/// What becomes of a file at the head that is no unit.
pub(super) enum Fate {
    /// Somebody must repair it: where, and why it cannot be read.
    Repair(Note),
    /// It is not judged, by this name.
    NotJudged(&'static str),
    Nothing,
}

/// Decides about a path that is no unit at the head.
pub(super) fn fate(change: &Change, settings: &Settings, path: &RepoPath, sight: &Sight, needs: &mut Needs) -> Fate {
    let head = TreeView { side: &change.head, blobs: &change.blobs };
    let was_unit = sight.base.is_unit();
    let hidden = match &sight.head {
        Seen::Unit(_) | Seen::Missing => return Fate::Nothing,
        Seen::NotJudged(format) if !was_unit => return Fate::NotJudged(format),
        // What was read before and is nothing of ours now: it was replaced by what can be read, or by what cannot.
        Seen::NotJudged(_) | Seen::Nothing => match formats::syntax_error(path, &head).filter(|_| was_unit) {
            Some(note) => note,
            None => return Fate::Nothing,
        },
        Seen::Hidden(why) => Note::on_file(path, NoteKind::Hidden, why.clone()),
        Seen::Unparsed { note, .. } => {
            note.clone().unwrap_or_else(|| Note::on_file(path, NoteKind::Unreadable, "the file cannot be read".to_owned()))
        }
    };
    let looks_like_unit = matches!(sight.head, Seen::Unparsed { looks_like_unit: true, .. });
    // A program or a page whose text is there to read is no template, whatever its name and place: `template.test.js`, `tsconfig.json`.
    let is_legible = matches!(sight.head, Seen::Unparsed { .. }) && is_program_or_page(&head, path);
    let is_of_another_form = is_no_template(&head, path);
    let gave_values = matches!(&sight.base, Seen::NotJudged(format) if *format == formats::PARAMETERS);
    let claims = was_unit
        || looks_like_unit
        || gave_values
        || !is_legible
            && !is_of_another_form
            && (formats::is_default_name(path) || formats::is_structured(path) && stands_beside_units(change, settings, path, needs));
    if !claims {
        return Fate::Nothing;
    }
    let is_filled_in_again = is_filled_in_on_both_sides(change, path, sight, &hidden);
    let is_source = is_filled_in_again || is_source_template(&head, path, &hidden) && !was_ever_unit(change, settings, path, needs);
    if !was_unit && is_source {
        return Fate::NotJudged(SOURCE_TEMPLATE);
    }
    Fate::Repair(hidden)
}

fn is_program_or_page(view: &TreeView<'_>, path: &RepoPath) -> bool {
    match view.state(path) {
        FileState::Text(text) => formats::is_program_or_page(path, text),
        _ => false,
    }
}

/// Whether a file is called a template, of a page or a server, and nothing in it could be one that is deployed.
fn is_no_template(view: &TreeView<'_>, path: &RepoPath) -> bool {
    match view.state(path) {
        FileState::Text(text) | FileState::Undecodable { text, .. } => formats::is_no_template(path, text),
        _ => false,
    }
}

/// Whether the folder of a file has a unit on the base.
fn stands_beside_units(change: &Change, settings: &Settings, path: &RepoPath, needs: &mut Needs) -> bool {
    let base = TreeView { side: &change.base, blobs: &change.blobs };
    let folder = if path.folder().is_empty() { String::new() } else { format!("{}/", path.folder()) };
    let beside = change.base.listing.from(&folder).map(|(other, _)| other);
    let mut beside = beside
        .take_while(|other| other.as_str().starts_with(&folder))
        .filter(|other| other.folder() == path.folder() && *other != path && formats::is_structured(other));
    beside.any(|other| look(&base, other, settings, &change.readings, &mut needs.base).is_unit())
}

/// Whether the parser stopped at a line that another tool fills in.
fn is_source_template(view: &TreeView<'_>, path: &RepoPath, hidden: &Note) -> bool {
    stops_at(view, path, hidden, |line| MARKERS.iter().any(|marker| line.contains(marker)) || is_filled_in(line))
}

/// Whether the parser stops at a value that another tool fills in, and did so before: whoever changed something else cannot mend that, whatever older
/// versions were. Where the base was whole, it may be a mistake.
fn is_filled_in_on_both_sides(change: &Change, path: &RepoPath, sight: &Sight, hidden: &Note) -> bool {
    let Seen::Unparsed { note: Some(before), .. } = &sight.base else { return false };
    let [base, head] = [&change.base, &change.head].map(|side| TreeView { side, blobs: &change.blobs });
    stops_at(&base, path, before, has_value_to_fill_in) && stops_at(&head, path, hidden, has_value_to_fill_in)
}

/// Whether a line at which the parser stopped is of this kind.
fn stops_at(view: &TreeView<'_>, path: &RepoPath, hidden: &Note, kind: impl Fn(&str) -> bool) -> bool {
    let FileState::Text(text) = view.state(path) else { return false };
    let line = usize::try_from(hidden.place.line).unwrap_or(usize::MAX).saturating_sub(1);
    // An error at the end of a block is often seen on the next line.
    text.lines().skip(line.saturating_sub(1)).take(2).map(without_comment).any(kind)
}

/// Whether a line is nothing but a name that another tool replaces, `{{Functions}}`: no entry of a mapping looks like that.
fn is_filled_in(line: &str) -> bool {
    let name = line.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    name.is_some_and(|name| !name.contains(['{', '}', ':']) && name.bytes().any(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether a value has a name that another tool replaces, outside of quotes and of collections: `Value: {{version}}`, `fn/{{version}}/x.zip`.
fn has_value_to_fill_in(line: &str) -> bool {
    let Some((before, (name, _))) = line.split_once("{{").and_then(|(before, rest)| Some((before, rest.split_once("}}")?))) else {
        return false;
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !before.contains(['{', '[', '"', '\'']) && !name.trim().is_empty() && name.trim().chars().all(is_name)
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') { "" } else { line.split_once(" #").map_or(line, |(before, _)| before) }
}

/// Whether a version of the file among the base's ancestors was read.
fn was_ever_unit(change: &Change, settings: &Settings, path: &RepoPath, needs: &mut Needs) -> bool {
    let Some(versions) = change.history.get(path) else {
        needs.history.insert(path.clone());
        return false;
    };
    versions.iter().any(|version| {
        let view = TreeView { side: version, blobs: &change.blobs };
        look(&view, path, settings, &change.readings, &mut BTreeSet::new()).is_unit()
    })
}

/// Names what a change moves out of sight.
pub(super) fn name_moved(change: &Change, settings: &Settings, sights: &BTreeMap<&RepoPath, Sight>, units: &mut Units, needs: &mut Needs) {
    for (path, unit) in find_moved_out_of_sight(change, settings, sights, needs) {
        let text = format!("the file holds most of what `{unit}` had on the base, and is not read as a template");
        let note = Note::on_file(&path, NoteKind::Unreadable, text);
        units.repairs.push(repairs::of(change, &note, "give it a name and a form that can be read"));
    }
}

/// Names files that gave values to a unit on the base, were changed, and give none to it any more: whoever deploys may hand them over still. One
/// with environments says itself which template it is for.
pub(super) fn name_dropped_values(change: &Change, units: &mut Units) {
    let before = |unit: &RepoPath| {
        let old = units.moved.iter().find(|(_, new)| new == unit).map_or(unit, |(old, _)| old);
        units.base.iter().find(|base| base.unit == *old).filter(|base| !base.choices.has_all)
    };
    let differs = |path: &RepoPath| change.base.listing.get(path) != change.head.listing.get(path);
    let mut dropped: BTreeSet<(RepoPath, &RepoPath)> = BTreeSet::new();
    for head in &units.head {
        let given = before(&head.unit).map_or(&[][..], |base| &base.choices.handed);
        let is_kept = |file: &str| head.choices.handed.iter().any(|values| values.file == file);
        let is_dropped = |values: &&Values| values.environment.is_none() && !is_kept(&values.file);
        let files = given.iter().filter(is_dropped).map(|values| RepoPath::new(&values.file));
        let is_silent = |path: &RepoPath| units.repairs.iter().all(|repair| repair.place.path != *path);
        let is_there = |path: &RepoPath| differs(path) && change.head.listing.contains_key(path);
        // What is another unit's by now may have fitted this one by chance.
        let is_taken =
            |path: &RepoPath| units.head.iter().any(|unit| unit.choices.handed.iter().any(|values| values.file == path.as_str()));
        dropped.extend(files.filter(|path| is_there(path) && is_silent(path) && !is_taken(path)).map(|path| (path, &head.unit)));
    }
    let repair = |(path, unit): (RepoPath, &RepoPath)| {
        let text = format!("the file gave values to the parameters of `{unit}` on the base, and is not read as such any more");
        repairs::of(change, &Note::on_file(&path, NoteKind::Unreadable, text), "keep in it what the template declares, and nothing else")
    };
    let repairs: Vec<_> = dropped.into_iter().map(repair).collect();
    units.repairs.extend(repairs);
}

/// Files of the head that hold most of what a unit of the base has lost, and that are no units or are excluded: where, and which unit. Prose
/// quotes what its unit still is, and what a program had before did not come there.
fn find_moved_out_of_sight(
    change: &Change,
    settings: &Settings,
    sights: &BTreeMap<&RepoPath, Sight>,
    needs: &mut Needs,
) -> Vec<(RepoPath, RepoPath)> {
    let base = TreeView { side: &change.base, blobs: &change.blobs };
    let head = TreeView { side: &change.head, blobs: &change.blobs };
    // A file with configuration is read as a part of its folder: one of variables alone too, where another of that folder has resources.
    let types = settings.own.types();
    let has_unit_in = |view: &TreeView<'_>, path: &RepoPath| text_of(view, path).is_some_and(|text| formats::has_unit(path, text, types));
    let has_unit = |path: &RepoPath| [&base, &head].iter().any(|view| has_unit_in(view, path));
    let configuration = sights.keys().filter(|path| signs::is_configuration(path));
    let folders: BTreeSet<&str> = configuration.filter(|path| has_unit_in(&head, path)).map(|path| path.folder()).collect();
    let is_part = |path: &RepoPath, seen: &Seen| {
        matches!(seen, Seen::NotJudged(_)) && signs::is_configuration(path) && (has_unit(path) || folders.contains(path.folder()))
    };
    let is_read = |path: &RepoPath, seen: &Seen| seen.is_unit() || is_part(path, seen);
    let is_unread = |path: &RepoPath, sight: &Sight| !is_read(path, &sight.head) && !matches!(sight.head, Seen::Missing);
    let came = |path: &RepoPath| {
        let before = if is_program_or_page(&base, path) { lines(&base, path) } else { BTreeSet::new() };
        lines(&head, path).difference(&before).cloned().collect::<BTreeSet<String>>()
    };
    let mut unread: Vec<(&RepoPath, BTreeSet<String>)> =
        sights.iter().filter(|(path, sight)| is_unread(path, sight)).map(|(path, _)| (*path, came(path))).collect();
    if sights.iter().any(|(path, sight)| is_read(path, &sight.base) && matches!(sight.head, Seen::Missing)) {
        for path in newly_excluded(change, settings) {
            if let FileState::NotFetched(missing) = head.state(path) {
                needs.head.insert(missing);
            }
            unread.push((path, lines(&head, path)));
        }
    }
    let parts: BTreeSet<String> =
        sights.iter().filter(|(path, sight)| is_part(path, &sight.head)).flat_map(|(path, _)| lines(&head, path)).collect();
    let mut found = Vec::new();
    for (unit, sight) in sights.iter().filter(|(path, sight)| is_read(path, &sight.base)) {
        let of_unit = lines(&head, unit);
        let kept = if is_part(unit, &sight.base) { &parts } else { &of_unit };
        let lost: BTreeSet<String> = lines(&base, unit).difference(kept).cloned().collect();
        // Of a file that is gone as a whole, less is enough.
        let stays = change.head.listing.contains_key(*unit);
        let few = if stays { FEW_LINES } else { FEW_LINES_OF_GONE };
        if lost.len() < few {
            continue;
        }
        let holds = |(path, lines): &&(&RepoPath, BTreeSet<String>)| {
            path != unit && !(stays && is_prose(path)) && lost.intersection(lines).count() * 100 >= lost.len() * SHARE
        };
        found.extend(unread.iter().filter(holds).map(|(path, _)| ((*path).clone(), (*unit).clone())));
    }
    found
}

/// Files that the change adds where the settings leave them out, and that could be templates.
fn newly_excluded<'c>(change: &'c Change, settings: &Settings) -> Vec<&'c RepoPath> {
    let is_new = |path: &&RepoPath| !change.base.listing.contains_key(*path);
    let is_excluded = |path: &&RepoPath| settings.excludes(path) && formats::may_be_unit(path);
    change.head.listing.keys().filter(is_excluded).filter(is_new).take(MAX_EXCLUDED).collect()
}

/// Whether a file of that name is for people to read.
pub(super) fn is_prose(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    [".md", ".mdx", ".markdown", ".rst", ".adoc"].iter().any(|ending| name.ends_with(ending))
}

/// The lines of a file that say something, however they are indented, aligned and quoted.
fn lines(view: &TreeView<'_>, path: &RepoPath) -> BTreeSet<String> {
    let written = text_of(view, path).into_iter().flat_map(str::lines);
    let bare = |line: &str| line.replace(['"', '\''], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    written.map(bare).filter(|line| line.len() > 2).collect()
}

fn text_of<'c>(view: &'c TreeView<'_>, path: &RepoPath) -> Option<&'c str> {
    match view.state(path) {
        FileState::Text(text) | FileState::Undecodable { text, .. } => Some(text),
        _ => None,
    }
}
