//! The files of a tree by their paths, in order.
//!
//! Comes in: entries, or another listing and what differs from it. Goes out: look-ups, ranges, and where two listings differ. Nearly all of a
//! head is what its base has: what is made of another listing shares it, so that whatever asks for the difference need not look for it.

use crate::change::{Listed, ObjectId};
use crate::source::RepoPath;
use std::cmp::Ordering;
use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::iter::Peekable;
use std::ops::Bound;
use std::sync::Arc;

/// A listing is written out anew when one in so many of its paths differs from what it was made of.
const SHARED: usize = 8;

/// The files of a tree by their paths. Cheap to clone.
#[derive(Clone, Default)]
pub struct Listing {
    /// In order of the paths, each once.
    ground: Arc<Vec<(RepoPath, Listed)>>,
    /// What differs from that: `None` where a path is gone. Never what the ground has.
    above: BTreeMap<RepoPath, Option<Listed>>,
}

impl Listing {
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The number of paths.
    pub fn len(&self) -> usize {
        let change =
            |(path, listed): (&RepoPath, &Option<Listed>)| (usize::from(listed.is_some()), usize::from(self.grounded(path).is_some()));
        let (new, gone) = self.above.iter().map(change).fold((0, 0), |(new, gone), (more, less)| (new + more, gone + less));
        self.ground.len() + new - gone
    }

    pub fn get(&self, path: &(impl AsRef<str> + ?Sized)) -> Option<&Listed> {
        self.get_key_value(path).map(|(_, listed)| listed)
    }

    /// The entry of a path, with the path as it is listed.
    pub fn get_key_value(&self, path: &(impl AsRef<str> + ?Sized)) -> Option<(&RepoPath, &Listed)> {
        match self.above.get_key_value(path.as_ref()) {
            Some((path, listed)) => listed.as_ref().map(|listed| (path, listed)),
            None => self.grounded(path.as_ref()),
        }
    }

    pub fn contains_key(&self, path: &(impl AsRef<str> + ?Sized)) -> bool {
        self.get_key_value(path).is_some()
    }

    fn grounded(&self, path: &(impl AsRef<str> + ?Sized)) -> Option<(&RepoPath, &Listed)> {
        let index = self.ground.binary_search_by(|(known, _)| known.as_str().cmp(path.as_ref())).ok()?;
        let (path, listed) = &self.ground[index];
        Some((path, listed))
    }

    /// All paths, in order, with what stands there.
    pub fn iter(&self) -> Iter<'_> {
        self.from("")
    }

    pub fn keys(&self) -> impl Iterator<Item = &RepoPath> {
        self.iter().map(|(path, _)| path)
    }

    pub fn values(&self) -> impl Iterator<Item = &Listed> {
        self.iter().map(|(_, listed)| listed)
    }

    /// The paths from this text on.
    pub fn from(&self, start: &str) -> Iter<'_> {
        let at = if start.is_empty() { 0 } else { self.ground.partition_point(|(known, _)| known.as_str() < start) };
        let above = self.above.range::<str, _>((Bound::Included(start), Bound::Unbounded));
        Iter::new(&self.ground, at, above)
    }

    /// The paths that begin so.
    pub fn below(&self, prefix: &str) -> impl Iterator<Item = (&RepoPath, &Listed)> {
        self.from(prefix).take_while(move |(path, _)| path.as_str().starts_with(prefix))
    }

    /// What stood there before.
    pub fn insert(&mut self, path: RepoPath, listed: Listed) -> Option<Listed> {
        let before = self.get(&path).copied();
        self.put(path, Some(listed));
        before
    }

    /// What stood there.
    pub fn remove(&mut self, path: &RepoPath) -> Option<Listed> {
        let before = self.get(path).copied()?;
        self.put(path.clone(), None);
        Some(before)
    }

    pub fn retain(&mut self, mut keeps: impl FnMut(&RepoPath, &Listed) -> bool) {
        let gone: Vec<RepoPath> = self.iter().filter(|(path, listed)| !keeps(path, listed)).map(|(path, _)| path.clone()).collect();
        gone.into_iter().for_each(|path| self.put(path, None));
        self.settle();
    }

    /// This listing where some paths have other entries, or none.
    #[must_use]
    pub fn with(&self, differing: BTreeMap<RepoPath, Option<Listed>>) -> Self {
        let mut listing = self.clone();
        differing.into_iter().for_each(|(path, listed)| listing.put(path, listed));
        listing.settle();
        listing
    }

    /// A listing of entries that come in order, each once, made of this one: what is alike is shared.
    #[must_use]
    pub fn turned_into<'e>(&self, entries: impl Iterator<Item = (&'e str, Listed)>) -> Self {
        let mut differing = BTreeMap::new();
        let mut before = self.iter().peekable();
        for (path, listed) in entries {
            while let Some((gone, _)) = before.next_if(|(known, _)| known.as_str() < path) {
                differing.insert(gone.clone(), None);
            }
            let known = before.next_if(|(known, _)| known.as_str() == path);
            if known.is_none_or(|(_, known)| *known != listed) {
                differing.insert(RepoPath::new(path), Some(listed));
            }
        }
        differing.extend(before.map(|(gone, _)| (gone.clone(), None)));
        self.with(differing)
    }

    /// The same files, made of another listing: where most is alike, what is alike is shared from here on.
    #[must_use]
    pub fn over(self, other: &Self) -> Self {
        if Arc::ptr_eq(&self.ground, &other.ground) {
            return self;
        }
        let differing: BTreeMap<RepoPath, Option<Listed>> =
            other.differing(&self).into_iter().map(|path| (path.clone(), self.get(path).copied())).collect();
        if differing.len() > self.ground.len() / SHARED { self } else { other.with(differing) }
    }

    /// The paths whose entries differ between the two, in order. What both are made of is not gone through.
    pub fn differing<'l>(&'l self, other: &'l Self) -> Vec<&'l RepoPath> {
        if Arc::ptr_eq(&self.ground, &other.ground) {
            let mut paths: Vec<&RepoPath> = self.above.keys().chain(other.above.keys()).collect();
            paths.sort_unstable();
            paths.dedup();
            paths.retain(|path| self.get(*path) != other.get(*path));
            return paths;
        }
        let (mut before, mut now) = (self.iter().peekable(), other.iter().peekable());
        let mut differing = Vec::new();
        loop {
            let order = match (before.peek(), now.peek()) {
                (None, None) => return differing,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((old, _)), Some((new, _))) => old.cmp(new),
            };
            let old = if order == Ordering::Greater { None } else { before.next() };
            let new = if order == Ordering::Less { None } else { now.next() };
            if old.map(|(_, listed)| listed) != new.map(|(_, listed)| listed) {
                differing.extend(new.or(old).map(|(path, _)| path));
            }
        }
    }

    /// Whether a blob or another object stands somewhere in it, and where first.
    pub fn bearing(&self, id: ObjectId) -> impl Iterator<Item = (&RepoPath, &Listed)> {
        self.iter().filter(move |(_, listed)| listed.id == id)
    }

    fn put(&mut self, path: RepoPath, listed: Option<Listed>) {
        if self.grounded(&path).map(|(_, listed)| *listed) == listed {
            self.above.remove(&path);
        } else {
            self.above.insert(path, listed);
        }
    }

    /// Written out anew where hardly anything is shared.
    fn settle(&mut self) {
        if self.above.len() > self.ground.len() / SHARED {
            *self = Self { ground: Arc::new(self.iter().map(|(path, listed)| (path.clone(), *listed)).collect()), above: BTreeMap::new() };
        }
    }
}

/// Of doubled paths the last one counts.
impl FromIterator<(RepoPath, Listed)> for Listing {
    fn from_iter<I: IntoIterator<Item = (RepoPath, Listed)>>(entries: I) -> Self {
        let mut ground: Vec<(RepoPath, Listed)> = entries.into_iter().collect();
        if !ground.array_windows().all(|[(left, _), (right, _)]| left < right) {
            ground = ground.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
        }
        Self { ground: Arc::new(ground), above: BTreeMap::new() }
    }
}

impl PartialEq for Listing {
    fn eq(&self, other: &Self) -> bool {
        self.differing(other).is_empty()
    }
}

impl Eq for Listing {}

impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<'l> IntoIterator for &'l Listing {
    type Item = (&'l RepoPath, &'l Listed);
    type IntoIter = Iter<'l>;

    fn into_iter(self) -> Iter<'l> {
        self.iter()
    }
}

/// The entries of a listing, in order.
pub struct Iter<'l> {
    ground: &'l [(RepoPath, Listed)],
    at: usize,
    /// Where what comes next from above has its place.
    until: usize,
    above: Peekable<btree_map::Range<'l, RepoPath, Option<Listed>>>,
}

impl<'l> Iter<'l> {
    fn new(ground: &'l [(RepoPath, Listed)], at: usize, above: btree_map::Range<'l, RepoPath, Option<Listed>>) -> Self {
        let mut iter = Self { ground, at, until: at, above: above.peekable() };
        iter.look_ahead();
        iter
    }

    fn look_ahead(&mut self) {
        let rest = &self.ground[self.at..];
        self.until = self.at + self.above.peek().map_or(rest.len(), |(next, _)| rest.partition_point(|(path, _)| path < *next));
    }
}

impl<'l> Iterator for Iter<'l> {
    type Item = (&'l RepoPath, &'l Listed);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.at < self.until {
                let (path, listed) = &self.ground[self.at];
                self.at += 1;
                return Some((path, listed));
            }
            let (path, listed) = self.above.next()?;
            if self.ground.get(self.at).is_some_and(|(known, _)| known == path) {
                self.at += 1;
            }
            self.look_ahead();
            if let Some(listed) = listed {
                return Some((path, listed));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Listing;
    use crate::change::{Listed, Mode, ObjectId};
    use crate::source::RepoPath;
    use std::collections::BTreeMap;

    fn listed(byte: u8) -> Listed {
        Listed { mode: Mode::File, id: ObjectId([byte; 20]) }
    }

    fn listing(entries: &[(&str, u8)]) -> Listing {
        entries.iter().map(|(path, byte)| (RepoPath::new(path), listed(*byte))).collect()
    }

    fn shown(listing: &Listing) -> String {
        listing.iter().map(|(path, listed)| format!("{path}{} ", listed.id.0[0])).collect()
    }

    /// A ground that is large enough for a few differences to lie above it.
    fn base() -> Listing {
        ('a'..='z').map(|letter| (RepoPath::new(&letter.to_string()), listed(1))).collect()
    }

    #[test]
    fn what_differs_lies_above_what_is_shared() {
        let mut head = base();
        assert_eq!(head.insert(RepoPath::new("b"), listed(2)), Some(listed(1)));
        assert_eq!(head.insert(RepoPath::new("bb"), listed(3)), None);
        assert_eq!(head.remove(&RepoPath::new("a")), Some(listed(1)));
        assert_eq!(head.remove(&RepoPath::new("0")), None);
        assert!(shown(&head).starts_with("b2 bb3 c1 ") && shown(&head).ends_with("y1 z1 "), "{}", shown(&head));
        assert_eq!((head.len(), head.get("a"), head.get("bb"), head.get("c")), (26, None, Some(&listed(3)), Some(&listed(1))));
        let base = base();
        let paths = |listing: &Listing| -> String { base.differing(listing).iter().map(|path| format!("{path} ")).collect() };
        assert_eq!(paths(&head), "a b bb ");
        let above = head.clone().over(&base);
        assert_eq!((shown(&above), paths(&above)), (shown(&head), "a b bb ".to_owned()));
        assert_eq!(head, above);
        // What is put back differs no more.
        head.insert(RepoPath::new("a"), listed(1));
        head.insert(RepoPath::new("b"), listed(1));
        head.remove(&RepoPath::new("bb"));
        assert_eq!(head, base);
    }

    #[test]
    fn a_listing_turns_into_any_other() {
        let all = base();
        for entries in [&[][..], &[("a", 1), ("b", 2), ("bb", 1), ("z", 1)], &[("0", 1), ("zz", 1)]] {
            let turned = all.turned_into(entries.iter().map(|(path, byte)| (*path, listed(*byte))));
            assert_eq!(shown(&turned), shown(&listing(entries)));
        }
        let most = shown(&all).replace("c1 ", "").replace("d1", "d2");
        let entries: Vec<(String, u8)> = most.split_whitespace().map(|word| (word[..1].to_owned(), word[1..].parse().unwrap())).collect();
        let turned = all.turned_into(entries.iter().map(|(path, byte)| (path.as_str(), listed(*byte))));
        assert_eq!((shown(&turned), all.differing(&turned).len()), (most, 2));
        assert_eq!(Listing::default().turned_into(all.iter().map(|(path, listed)| (path.as_str(), *listed))), all);
    }

    #[test]
    fn ranges_begin_where_they_are_asked_to() {
        let differing = BTreeMap::from([(RepoPath::new("m/x"), Some(listed(2))), (RepoPath::new("m"), None), (RepoPath::new("z"), None)]);
        let head = base().with(differing);
        let from = |start: &str| -> String { head.from(start).map(|(path, _)| format!("{path} ")).collect() };
        assert_eq!((from("l").as_str(), from("m/x").as_str()), ("l m/x n o p q r s t u v w x y ", "m/x n o p q r s t u v w x y "));
        assert_eq!((from("y").as_str(), from("z").as_str(), from("zz").as_str()), ("y ", "", ""));
        assert_eq!(head.below("m/").count(), 1);
    }

    #[test]
    fn entries_come_in_any_order_and_often() {
        let mixed = listing(&[("b", 1), ("a", 2), ("b", 3)]);
        assert_eq!(shown(&mixed), "a2 b3 ");
        let mut few = listing(&[("a", 1), ("b", 1), ("c", 1)]);
        few.retain(|path, _| path.as_str() != "b");
        assert_eq!((shown(&few).as_str(), few.len(), few.is_empty(), listing(&[]).is_empty()), ("a1 c1 ", 2, false, true));
    }
}
