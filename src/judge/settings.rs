//! The settings in force, and what the change makes of them.
//!
//! Comes in: the settings' texts on the base, the head's own file. Goes out: the settings to judge by, warnings, what must be repaired, and in
//! what the change weakens the gate: that is a threat of the change, and needs somebody's answer like any other.

use crate::change::{Change, Mode, ObjectId, Side, TreeView};
use crate::judge::placed::{self, Placed};
use crate::judge::{Needs, own, own_accounts, repairs};
use crate::report::{Repair, Weakened, Whose, escape};
use crate::settings::owners::{self, CodeOwners};
use crate::settings::{self, Settings, SettingsError, SettingsTexts, Weakening};
use crate::source::{FileState, Files, Note, NoteKind, Place, RepoPath};
use sha2::{Digest, Sha256};

/// Most statements that say nothing and are named.
const MAX_UNSTATED: usize = 5;
/// Most lines of a changed CODEOWNERS file that are named.
const MAX_OWNER_LINES: usize = 50;

/// What is to be judged by, and what there is to say of it.
#[derive(Debug, Default)]
pub(super) struct InForce {
    pub(super) settings: Settings,
    pub(super) warnings: Vec<String>,
    pub(super) repairs: Vec<Repair>,
    pub(super) weakened: Option<Weakened>,
    /// What the head's settings state and that would count for nothing.
    pub(super) remarks: Vec<Note>,
}

/// Reads the settings in force, and compares the head's with them. What is not at hand is added to `needs`.
pub(super) fn read(change: &Change, texts: &SettingsTexts, needs: &mut Needs) -> InForce {
    let (mut settings, error) = texts.read();
    settings.own_accounts = own_accounts::of(&change.base, &change.blobs);
    let mut read = InForce { settings, ..InForce::default() };
    let mut weakened: Vec<(RepoPath, bool, Placed)> = Vec::new();
    // By whom they name it is decided, or will be in the place of teams.
    let mut asks_owners = read.settings.owners;
    let mut changed = guarded(change);
    changed.retain(|path| change.base.listing.get(path) != change.head.listing.get(path));
    for path in changed.iter().cloned() {
        let now = in_force(texts, &path, &read.settings);
        if let Some(head) = compare(change, texts, &path, needs, &mut read) {
            let remark =
                |error: &SettingsError| Note { place: error.place.clone(), kind: NoteKind::Annotation, text: error.message.clone() };
            read.remarks.extend(head.settings.unstated.iter().map(remark));
            read.repairs.extend(refused(change, &read.settings, &head.settings));
            let causes = brought(change, texts, &path, (&now, &head), needs);
            asks_owners |= read.settings.puts_owners_in_place_of_teams(&head.settings);
            let causes = placed::in_settings(change, &path, &head.settings, causes);
            weakened.push((path, head.stays, causes));
        }
    }
    if asks_owners {
        let (path, causes) = owners_changed(change, texts, needs);
        let causes = placed::in_owners(change, &path, causes);
        weakened.push((path, true, causes));
    }
    let own = own::changed(change, &texts.own, needs);
    weakened.push((RepoPath::new(settings::own::FOLDER), true, own.weakened));
    weakened.retain(|(_, _, causes)| !causes.is_empty());
    if let Some((path, stays)) = weakened.first().map(|(path, stays, _)| (path.clone(), *stays)) {
        read.weakened = Weakened::of(path, stays, weakened.into_iter().flat_map(|(_, _, causes)| causes).collect());
    }
    read.warnings.extend(
        texts
            .unread
            .as_ref()
            .map(|why| format!("The organisation's settings cannot be read ({}); the last that could be read apply.", escape::text(why))),
    );
    let (warning, repair) = own::broken(texts, own.is_sound);
    read.warnings.extend(warning.into_iter().chain(own::undecided(&texts.own)));
    read.repairs.extend(own.repairs.into_iter().chain(repair));
    read.warnings.extend(read.settings.refused.iter().chain(&read.settings.unstated).take(MAX_UNSTATED).map(|error| {
        let Place { path, line, .. } = &error.place;
        format!("{} line {line} counts for nothing: {}", escape::code(path.as_str()), escape::text(&error.message))
    }));
    if let Some(error) = error {
        let is_repaired = changed.contains(&error.place.path) && read.repairs.is_empty();
        invalid(change, texts, &error, is_repaired, &mut read);
    }
    read
}

/// What the head's own settings bring and the organisation locks. It would count for nothing, so that nobody may take it for something that counts.
fn refused(change: &Change, now: &Settings, head: &Settings) -> Vec<Repair> {
    let is_known = |error: &&SettingsError| now.refused.iter().any(|known| known.message == error.message);
    let repair = |error: &SettingsError| {
        let note = Note { place: error.place.clone(), kind: NoteKind::Refused, text: error.message.clone() };
        repairs::of(change, &note, "take it out, or have the organisation's settings say it")
    };
    head.refused.iter().filter(|error| !is_known(error)).map(repair).collect()
}

/// The settings files that a change may not weaken unseen: the repository's own, and the organisation's where they stand.
fn guarded(change: &Change) -> Vec<RepoPath> {
    let (repository, file) = settings::ORGANISATION;
    let holds = change.repository.name.eq_ignore_ascii_case(repository);
    [Some(settings::PATH), holds.then_some(file)].into_iter().flatten().map(RepoPath::new).collect()
}

/// What a settings file asks for as things are: the repository's own together with what the organisation adds, or the organisation's alone.
fn in_force(texts: &SettingsTexts, path: &RepoPath, all: &Settings) -> Settings {
    let is_own = path.as_str() == settings::PATH;
    let is_in_force = texts.in_force.as_ref().is_some_and(|(in_force, _)| in_force == path);
    if is_own || is_in_force { all.clone() } else { texts.asked_for().and_then(Result::ok).unwrap_or_default() }
}

/// The head's settings.
struct Head {
    settings: Settings,
    stays: bool,
}

/// In what the head asks for less than what is in force, as far as it brings that itself: what the base has changed since, and the head has as
/// it was before, is the base's when they are merged.
fn brought(change: &Change, texts: &SettingsTexts, path: &RepoPath, (now, head): (&Settings, &Head), needs: &mut Needs) -> Vec<Weakening> {
    let causes = now.weakened_by(&head.settings);
    if causes.is_empty() || !head.stays {
        return causes;
    }
    let view = TreeView { side: &change.base, blobs: &change.blobs };
    let is_file = change.base.listing.get(path).is_some_and(|listed| listed.mode == Mode::File);
    let before = match view.state(path) {
        FileState::NotFetched(missing) => {
            needs.base.insert(missing);
            return causes;
        }
        FileState::Text(text) if is_file => settings::parse(path, text),
        _ => return causes,
    };
    let Ok(mut before) = before else { return causes };
    add_organisation(texts, path, &mut before);
    let before = before.with_own(&texts.own);
    let (down, up) = (before.weakened_by(&head.settings), head.settings.weakened_by(&before));
    let is_brought = |cause: &Weakening| match cause.setting {
        // Of lists each entry is one.
        "exclude" | "facts" | "lock" | "trust" => down.contains(cause),
        // What an entry takes the place of may be another one by now.
        "rules" => down.iter().any(|other| other.setting == "rules" && other.to == cause.to),
        setting => down.iter().chain(&up).any(|other| other.setting == setting),
    };
    causes.into_iter().filter(is_brought).collect()
}

/// The owners that a file of one side names, or the path that must be fetched first. What cannot be read, and a link, names nobody.
fn owners_of(change: &Change, side: &Side, path: Option<RepoPath>) -> Result<CodeOwners, RepoPath> {
    let view = TreeView { side, blobs: &change.blobs };
    match path.as_ref().map(|path| view.state(path)) {
        Some(FileState::NotFetched(missing)) => Err(missing),
        Some(FileState::Text(text)) => Ok(CodeOwners::read(text)),
        _ => Ok(CodeOwners::default()),
    }
}

/// In what the change makes others the code owners, where they decide: whom each line names, and in which order they stand.
fn owners_changed(change: &Change, texts: &SettingsTexts, needs: &mut Needs) -> (RepoPath, Vec<Weakening>) {
    let paths = owners::PATHS.map(RepoPath::new);
    let first = |side: &Side| paths.iter().find(|path| side.listing.get(*path).is_some_and(|listed| listed.mode == Mode::File)).cloned();
    let path = first(&change.head).or_else(|| first(&change.base)).unwrap_or_else(|| RepoPath::new(owners::PATHS[0]));
    if paths.iter().all(|path| change.base.listing.get(path) == change.head.listing.get(path)) {
        return (path, Vec::new());
    }
    let head = match owners_of(change, &change.head, first(&change.head)) {
        Ok(owners) => owners,
        Err(missing) => {
            needs.head.insert(missing);
            return (path, Vec::new());
        }
    };
    let base = match &texts.code_owners {
        Some(text) => text.as_ref().map(|text| CodeOwners::read(text)).unwrap_or_default(),
        // Whoever has the files at hand has nobody who loads them.
        None => match owners_of(change, &change.base, first(&change.base)) {
            Ok(owners) => owners,
            Err(missing) => {
                needs.base.insert(missing);
                return (path, Vec::new());
            }
        },
    };
    let (before, after): (Vec<String>, Vec<String>) = (base.lines().collect(), head.lines().collect());
    let cause = |from: &str, to: &str| Weakening { setting: "CODEOWNERS", from: from.to_owned(), to: to.to_owned() };
    let gained = after.iter().filter(|line| !before.contains(line)).map(|line| cause("", line));
    let lost = before.iter().filter(|line| !after.contains(line)).map(|line| cause(line, ""));
    let mut causes: Vec<Weakening> = gained.chain(lost).collect();
    if causes.is_empty() && before != after {
        causes.push(cause("", "its lines in another order"));
    }
    if causes.len() > MAX_OWNER_LINES {
        let more = causes.len() - MAX_OWNER_LINES;
        causes.truncate(MAX_OWNER_LINES);
        causes.push(cause("", &format!("{more} other lines")));
    }
    (path, causes)
}

/// What the organisation adds to the repository's own settings.
fn add_organisation(texts: &SettingsTexts, path: &RepoPath, settings: &mut Settings) {
    if path.as_str() == settings::PATH
        && let Some(organisation) = of_organisation(texts)
    {
        settings.tighten(&organisation);
    }
}

/// What the organisation asks for: beside the repository's own file, or instead of one that is not there yet.
fn of_organisation(texts: &SettingsTexts) -> Option<Settings> {
    let (organisation, alone) = (RepoPath::new(settings::ORGANISATION.1), texts.in_force.as_ref());
    let alone = alone.filter(|(path, _)| *path == organisation).map(|(path, text)| settings::parse(path, text));
    texts.asked_for().or(alone)?.ok()
}

/// Settings of the base that do not parse: those before them apply, or else somebody must repair them first.
fn invalid(change: &Change, texts: &SettingsTexts, error: &SettingsError, is_repaired: bool, read: &mut InForce) {
    let Place { path, line, .. } = &error.place;
    let is_in_force = texts.in_force.as_ref().is_some_and(|(in_force, _)| in_force == path);
    let last_valid = texts.last_valid.is_some() && is_in_force;
    read.warnings.push(format!(
        "{} line {line} is not valid ({}); {} until it is repaired.",
        escape::code(path.as_str()),
        escape::text(&error.message),
        if last_valid { "the last valid settings apply" } else { "the gate is enforced by the defaults" },
    ));
    if last_valid || is_repaired {
        return;
    }
    let others = [&texts.organisation, &texts.unread].into_iter().flatten().next().map_or("", String::as_str);
    let text = texts.in_force.as_ref().filter(|_| is_in_force).map_or(others, |(_, text)| text);
    let digest: [u8; 32] = Sha256::digest(text).into();
    let mut content = [0; 20];
    content.copy_from_slice(&digest[..20]);
    let what = format!("the settings in force are not valid, and no earlier ones are known: {}", error.message);
    let content = Some(ObjectId(content));
    let id = Repair::id_of(path, content);
    // It is not the head's file, so that its ID names the text itself.
    if !change.head.listing.contains_key(path) || change.base.listing.get(path) == change.head.listing.get(path) {
        let way_out = "repair the settings".to_owned();
        read.repairs.push(Repair { id, content, place: error.place.clone(), whose: Whose::Tree, what, way_out, acceptable: true });
    }
}

/// The head's settings where they differ and can be read; what cannot be read is to be repaired.
fn compare(change: &Change, texts: &SettingsTexts, path: &RepoPath, needs: &mut Needs, read: &mut InForce) -> Option<Head> {
    let view = TreeView { side: &change.head, blobs: &change.blobs };
    let is_known = texts.in_force.as_ref().is_some_and(|(in_force, _)| in_force == path)
        || (path.as_str() == settings::ORGANISATION.1 && texts.organisation.is_some());
    let mut repair = |place: Place, what: String, way_out: &str| {
        let note = Note { place, kind: NoteKind::Unreadable, text: what };
        read.repairs.push(repairs::of(change, &note, way_out));
        None
    };
    let is_file = change.head.listing.get(path).is_some_and(|listed| listed.mode == Mode::File);
    let mut settings = match view.state(path) {
        FileState::NotFetched(missing) => {
            needs.head.insert(missing);
            return None;
        }
        FileState::Text(text) if is_file => match settings::parse(path, text) {
            Ok(head) => head,
            Err(error) => return repair(error.place, error.message, "fix the settings and push"),
        },
        // Without the repository's own, the organisation's are in force as they are.
        FileState::Absent if is_known && path.as_str() == settings::PATH => texts.asked_for().and_then(Result::ok).unwrap_or_default(),
        FileState::Absent if is_known => Settings::default(),
        FileState::Absent => return None,
        // What a link leads to is read here and would not be read on the base.
        FileState::Text(_)
        | FileState::TooLarge(_)
        | FileState::LfsPointer
        | FileState::Encrypted
        | FileState::Submodule
        | FileState::BrokenLink(_)
        | FileState::Undecodable { .. } => {
            let place = Place { path: path.clone(), line: 1, end_line: 1 };
            return repair(place, "the settings are no plain text file".to_owned(), "make them one");
        }
    };
    add_organisation(texts, path, &mut settings);
    Some(Head { settings: settings.with_own(&texts.own), stays: is_file })
}
