//! What was read of files, kept for the next change of the same repository.
//!
//! Comes in: a path of a tree. Goes out: its reading, made now or at hand already. A reading is at hand for as long as every path that it
//! looked up leads to what it led to then, and the same is stated elsewhere: reading again would give the same. Whoever judges one change
//! keeps the last ones, for what is alike on both sides.

use crate::catalog::claims::Claims;
use crate::change::tree::Trace;
use crate::change::{ObjectId, TreeView};
use crate::formats::terraform::signs::{self, Signs};
use crate::formats::{self, Reading};
use crate::source::listing::Entry;
use crate::source::{FileState, Files, RepoPath};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Most readings of one text at one path: what lies around it, or is stated of it, differs.
const MAX_VARIANTS: usize = 4;
/// Most texts of which it is known whether they could open another file.
const MAX_OPENERS: usize = 500_000;
/// What a reading without a model takes, in bytes, about.
const LEAST_BYTES: usize = 1024;

/// Readings to come back to. Clones share them.
#[derive(Clone, Default)]
pub struct Readings(Option<Arc<Mutex<Store>>>);

#[derive(Default)]
struct Store {
    most: usize,
    /// What was used lately, and what was used before: when the first is half of what may be kept, it takes the place of the second.
    lately: Generation,
    before: Generation,
    /// Of texts, whether reading them could open another file.
    openers: BTreeMap<ObjectId, bool>,
    /// Of files with configuration, what they say of their folder; by whether they are JSON.
    signs: BTreeMap<(ObjectId, bool), Arc<Signs>>,
}

#[derive(Default)]
struct Generation {
    kept: BTreeMap<(RepoPath, ObjectId), Vec<Kept>>,
    bytes: usize,
}

#[derive(Clone)]
struct Kept {
    reading: Arc<Reading>,
    /// Every path that was looked up, with where that led.
    looked_up: Arc<BTreeMap<RepoPath, Trace>>,
    /// Every folder that was listed, with what stood in it.
    listed: Arc<BTreeMap<RepoPath, Option<Vec<Entry>>>>,
    claims: Arc<Claims>,
}

/// A reading, and the files that must be fetched before it may be used.
pub struct Read {
    pub reading: Arc<Reading>,
    pub needs: BTreeSet<RepoPath>,
}

impl Readings {
    /// Keeps readings of about so many bytes.
    pub fn keeping(bytes: usize) -> Self {
        Self(Some(Arc::new(Mutex::new(Store { most: bytes, ..Store::default() }))))
    }

    /// These; where nothing is kept, the last ones, so that what is alike on both sides of a change is read once.
    #[must_use]
    pub fn for_both_sides(&self) -> Self {
        if self.0.is_some() { self.clone() } else { Self::keeping(0) }
    }

    /// Reads a file, as `formats::read` does.
    pub fn read(&self, path: &RepoPath, view: &TreeView<'_>, claims: Claims) -> Read {
        // A folder has no entry of its own: what it holds is looked up.
        let entry = (path.clone(), view.side.listing.get(path).map_or(ObjectId([0; 20]), |listed| listed.id));
        // A plan is of one change.
        let Some(store) = self.0.as_ref().filter(|_| view.plan(path).is_none()) else {
            return Read::of(formats::read(path, view, &claims));
        };
        let at_hand = store.lock().unwrap_or_else(PoisonError::into_inner).find(&entry, view, &claims);
        if let Some(kept) = at_hand {
            return Read { needs: kept.unfetched(view), reading: kept.reading };
        }
        let recorder = Recorder { view, looked_up: RefCell::default(), listed: RefCell::default() };
        let read = Read::of(formats::read(path, &recorder, &claims));
        if read.needs.is_empty() {
            let kept = Kept {
                reading: read.reading.clone(),
                looked_up: Arc::new(recorder.looked_up.into_inner()),
                listed: Arc::new(recorder.listed.into_inner()),
                claims: Arc::new(claims),
            };
            store.lock().unwrap_or_else(PoisonError::into_inner).keep(entry, kept);
        }
        read
    }

    /// Whether reading this text could open another file, as `formats::may_open_others` says.
    pub fn may_open_others(&self, id: ObjectId, text: &str) -> bool {
        let Some(store) = &self.0 else { return formats::may_open_others(text) };
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        if store.openers.len() > MAX_OPENERS {
            store.openers.clear();
        }
        *store.openers.entry(id).or_insert_with(|| formats::may_open_others(text))
    }

    /// What a file with configuration says of its folder, as `signs::signs` does. Without an id nothing is kept.
    pub fn signs(&self, id: Option<ObjectId>, path: &RepoPath, text: &str) -> Arc<Signs> {
        let made = || Arc::new(signs::signs(path, text));
        let (Some(store), Some(id)) = (&self.0, id) else { return made() };
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        if store.signs.len() > MAX_OPENERS {
            store.signs.clear();
        }
        Arc::clone(store.signs.entry((id, path.file_name().ends_with(".json"))).or_insert_with(made))
    }
}

impl Read {
    fn of(reading: Reading) -> Self {
        Self { needs: reading.needs.clone(), reading: Arc::new(reading) }
    }
}

impl Store {
    fn find(&mut self, entry: &(RepoPath, ObjectId), view: &TreeView<'_>, claims: &Claims) -> Option<Kept> {
        let holds = |kept: &&Kept| *kept.claims == *claims && kept.holds(view);
        if let Some(kept) = self.lately.kept.get(entry).and_then(|variants| variants.iter().find(holds)) {
            return Some(kept.clone());
        }
        let kept = self.before.kept.get(entry).and_then(|variants| variants.iter().find(holds)).cloned()?;
        self.keep(entry.clone(), kept.clone());
        Some(kept)
    }

    fn keep(&mut self, entry: (RepoPath, ObjectId), kept: Kept) {
        if self.lately.bytes > self.most / 2 {
            self.before = std::mem::take(&mut self.lately);
        }
        self.lately.bytes += kept.reading.spent.bytes + LEAST_BYTES;
        let variants = self.lately.kept.entry(entry).or_default();
        if variants.len() == MAX_VARIANTS {
            variants.remove(0);
        }
        variants.push(kept);
    }
}

impl Kept {
    /// Whether reading again would meet the same.
    fn holds(&self, view: &TreeView<'_>) -> bool {
        self.looked_up.iter().all(|(path, trace)| view.trace(path) == *trace)
            && self.listed.iter().all(|(folder, entries)| view.list(folder) == *entries)
    }

    /// The files that it was read from and that are not at hand in this change.
    fn unfetched(&self, view: &TreeView<'_>) -> BTreeSet<RepoPath> {
        let missing = self.looked_up.keys().filter_map(|path| match view.state(path) {
            FileState::NotFetched(missing) => Some(missing),
            _ => None,
        });
        missing.collect()
    }
}

/// The files of a side, which remembers what was looked up.
struct Recorder<'v, 'c> {
    view: &'v TreeView<'c>,
    looked_up: RefCell<BTreeMap<RepoPath, Trace>>,
    listed: RefCell<BTreeMap<RepoPath, Option<Vec<Entry>>>>,
}

impl Files for Recorder<'_, '_> {
    fn state(&self, path: &RepoPath) -> FileState<'_> {
        self.looked_up.borrow_mut().entry(path.clone()).or_insert_with(|| self.view.trace(path));
        self.view.state(path)
    }

    fn behind(&self, path: &RepoPath) -> Vec<RepoPath> {
        self.looked_up.borrow_mut().entry(path.clone()).or_insert_with(|| self.view.trace(path));
        self.view.behind(path)
    }

    fn list(&self, folder: &RepoPath) -> Option<Vec<Entry>> {
        let entries = self.view.list(folder);
        self.listed.borrow_mut().insert(folder.clone(), entries.clone());
        entries
    }
}

impl fmt::Debug for Readings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Readings(kept)" } else { "Readings(none)" })
    }
}

#[cfg(test)]
mod tests {
    use super::Readings;
    use crate::catalog::claims::Claims;
    use crate::change::{Blob, Blobs, Listed, Mode, ObjectId, Side, TreeView};
    use crate::source::RepoPath;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    const HOST: &str = "Resources:\n  Shop:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: nested.yaml}\n";
    const NESTED: &str = "Resources:\n  Jobs: {Type: AWS::SQS::Queue}\n";

    fn side(files: &[(&str, &str)], blobs: &mut Blobs) -> Side {
        let listed = files.iter().map(|(path, text)| {
            let sum = text.bytes().fold(0_u64, |sum, letter| sum.wrapping_mul(31).wrapping_add(letter.into()));
            let mut id = [0; 20];
            id[..8].copy_from_slice(&sum.to_be_bytes());
            blobs.insert(ObjectId(id), Blob::from_bytes(text.as_bytes().to_vec()));
            (RepoPath::new(path), Listed { mode: Mode::File, id: ObjectId(id) })
        });
        Side { commit: ObjectId([0; 20]), listing: listed.collect(), truncated: false, plans: BTreeMap::new() }
    }

    #[test]
    fn what_is_alike_on_both_sides_is_read_once() {
        let other = NESTED.replace("Jobs", "Tasks");
        for (head, is_shared) in [
            (&[("host.yaml", HOST), ("nested.yaml", NESTED), ("page.md", "# New\n")][..], true),
            (&[("host.yaml", HOST), ("nested.yaml", &other)], false),
            (&[("host.yaml", HOST)], false),
        ] {
            let mut blobs = Blobs::new();
            let base = side(&[("host.yaml", HOST), ("nested.yaml", NESTED)], &mut blobs);
            let head = side(head, &mut blobs);
            let readings = Readings::default().for_both_sides();
            let read = |side| readings.read(&RepoPath::new("host.yaml"), &TreeView { side, blobs: &blobs }, Claims::default());
            let (before, now) = (read(&base), read(&head));
            assert!(before.needs.is_empty() && now.needs.is_empty());
            assert_eq!(Arc::ptr_eq(&before.reading, &now.reading), is_shared, "{:?}", head.listing);
        }
    }

    #[test]
    fn texts_of_a_side_are_those_at_hand() {
        let mut blobs = Blobs::new();
        let side = side(&[("a.yaml", HOST), ("b.yaml", NESTED), ("c.yaml", HOST)], &mut blobs);
        let texts = |blobs: &Blobs| {
            side.texts(blobs, |text| !text.starts_with('#')).map(|(path, text)| format!("{path} {} ", text.len())).collect::<String>()
        };
        assert_eq!(texts(&blobs), format!("a.yaml {0} b.yaml {1} c.yaml {0} ", HOST.len(), NESTED.len()));
        let large = side.listing.get("a.yaml").unwrap().id;
        blobs.insert(large, Blob::TooLarge(9));
        assert_eq!(texts(&blobs), format!("b.yaml {} ", NESTED.len()));
        assert_eq!(texts(&Blobs::new()), "");
    }
}
