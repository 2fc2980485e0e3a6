//! Git objects: whether what the forge sent is what the id says that was asked for.
//!
//! Comes in: an id, and the bytes or the fields that the forge gave for it. Goes out: whether they hash to it. Blobs and trees can always
//! be hashed. Of a commit the API shows fields and not bytes: a signed one brings the bytes that were signed; of another one the bytes are
//! built from the fields, for every offset from UTC that there is, since the API may leave out that of author and committer.
//!
//! Source: <https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>

use super::wire;
use crate::change::{Day, ObjectId};
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;

/// Longest commit that is tried with many offsets, in bytes: hashing is fast, and not free.
const MAX_TRIED: usize = 16 * 1024;

pub(crate) fn blob_id(bytes: &[u8]) -> ObjectId {
    object_id("blob", &[bytes])
}

/// Whether a listing of one level is the tree of that id.
pub(super) fn is_tree(id: ObjectId, entries: &[wire::TreeEntry]) -> bool {
    let level: Vec<Entry<'_>> = entries.iter().map(|entry| Entry { name: &entry.path, entry }).collect();
    is_level(id, level)
}

/// Whether a listing of all levels is the tree of that id: each folder holds what its own id says, and nothing lies outside of one.
pub(super) fn is_whole_tree(id: ObjectId, entries: &[wire::TreeEntry]) -> bool {
    let mut levels: BTreeMap<&str, (ObjectId, Vec<Entry<'_>>)> = BTreeMap::from([("", (id, Vec::new()))]);
    for folder in entries.iter().filter(|entry| entry.kind == "tree") {
        let Some(id) = ObjectId::from_hex(&folder.sha) else { return false };
        levels.insert(&folder.path, (id, Vec::new()));
    }
    for entry in entries {
        let (folder, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
        let Some((_, level)) = levels.get_mut(folder) else { return false };
        level.push(Entry { name, entry });
    }
    levels.into_values().all(|(id, level)| is_level(id, level))
}

struct Entry<'e> {
    name: &'e str,
    entry: &'e wire::TreeEntry,
}

/// How old tools have written modes that git reads alike.
#[derive(Clone, Copy)]
enum Modes {
    Canonical,
    /// Folders as `040000`.
    Padded,
    /// Files as `100664`.
    GroupWritable,
}

fn is_level(id: ObjectId, mut entries: Vec<Entry<'_>>) -> bool {
    // JSON has no bytes: a name that is no UTF-8 comes with this character in the place of what it was, and no hash can be built.
    if entries.iter().any(|entry| entry.name.contains('\u{FFFD}')) {
        return true;
    }
    // Git sorts by bytes, a folder as if its name ended in a slash.
    entries.sort_by_cached_key(|entry| format!("{}{}", entry.name, if entry.entry.kind == "tree" { "/" } else { "" }).into_bytes());
    [Modes::Canonical, Modes::Padded, Modes::GroupWritable].into_iter().any(|modes| level_id(&entries, modes) == Some(id))
}

fn level_id(entries: &[Entry<'_>], modes: Modes) -> Option<ObjectId> {
    let mut bytes = Vec::new();
    for Entry { name, entry } in entries {
        let mode = match (modes, entry.mode.trim_start_matches('0')) {
            (Modes::Padded, "40000") => "040000",
            (Modes::GroupWritable, "100644") => "100664",
            (_, mode) => mode,
        };
        bytes.extend(format!("{mode} {name}\0").bytes());
        bytes.extend(ObjectId::from_hex(&entry.sha)?.0);
    }
    Some(object_id("tree", &[&bytes]))
}

/// What of a commit can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub tree: ObjectId,
    pub parents: Vec<ObjectId>,
}

impl Commit {
    /// What the fields say, whether or not they are true.
    pub(super) fn claimed(fields: &wire::CommitFields<'_>) -> Option<Self> {
        let parents = fields.parents.iter().map(|parent| ObjectId::from_hex(&parent.sha)).collect::<Option<_>>()?;
        Some(Self { tree: ObjectId::from_hex(fields.tree)?, parents })
    }

    /// What bytes of a commit say.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let head = String::from_utf8_lossy(bytes);
        let head = head.split("\n\n").next()?;
        let tree = ObjectId::from_hex(head.lines().next()?.strip_prefix("tree ")?)?;
        let parents = head.lines().skip(1).map_while(|line| line.strip_prefix("parent "));
        Some(Self { tree, parents: parents.map(ObjectId::from_hex).collect::<Option<_>>()? })
    }
}

/// Whether bytes are the commit of that id.
pub(super) fn is_commit(id: ObjectId, bytes: &[u8]) -> bool {
    object_id("commit", &[bytes]) == id
}

/// The bytes of a commit, where they can be built from what the forge shows of it; `None` where no way of building them hashes to its id.
pub(super) fn commit_bytes(id: ObjectId, fields: &wire::CommitFields<'_>) -> Option<Vec<u8>> {
    let verification = fields.verification?;
    let built = match (&verification.payload, &verification.signature) {
        (Some(payload), Some(signature)) => signed(payload, signature).into_iter().find(|bytes| is_commit(id, bytes)),
        _ => unsigned(id, fields),
    }?;
    // What was hashed must also be what is told.
    (Commit::parse(&built) == Commit::claimed(fields)).then_some(built)
}

/// The signed text with its signature put back, as the end of its headers.
fn signed(payload: &str, signature: &str) -> Vec<Vec<u8>> {
    let Some((head, message)) = payload.split_once("\n\n") else { return Vec::new() };
    let trimmed = signature.trim_end_matches('\n');
    let variants = [signature.to_owned(), trimmed.to_owned(), format!("{trimmed}\n")];
    let bytes = |signature: &String| format!("{head}\ngpgsig {}\n\n{message}", signature.replace('\n', "\n ")).into_bytes();
    variants.iter().map(bytes).collect()
}

fn unsigned(id: ObjectId, fields: &wire::CommitFields<'_>) -> Option<Vec<u8>> {
    let parents: String = fields.parents.iter().map(|parent| format!("parent {}\n", parent.sha)).collect();
    let head = format!("tree {}\n{parents}", fields.tree);
    let (author, committer) = (Moment::parse(&fields.author.date)?, Moment::parse(&fields.committer.date)?);
    // The API may cut the line's end off a message.
    let messages = [fields.message.to_owned(), format!("{}\n", fields.message), format!("{}\n", fields.message.trim_end())];
    let few = head.len() + fields.message.len() > MAX_TRIED;
    let both = |one: i32| if few { vec![one] } else { offsets().collect() };
    for author_offset in author.offsets() {
        // Mostly both are the same.
        let same = std::iter::once(author_offset);
        let others = both(author_offset).into_iter().filter(|offset| *offset != author_offset && committer.offset.is_none());
        for committer_offset in committer.offset.into_iter().chain(same).chain(others) {
            let people = format!(
                "author {} <{}> {}\ncommitter {} <{}> {}\n\n",
                fields.author.name,
                fields.author.email,
                author.words(author_offset),
                fields.committer.name,
                fields.committer.email,
                committer.words(committer_offset),
            );
            for message in &messages {
                if object_id("commit", &[head.as_bytes(), people.as_bytes(), message.as_bytes()]) == id {
                    return Some([head.as_bytes(), people.as_bytes(), message.as_bytes()].concat());
                }
            }
        }
    }
    None
}

/// Offsets from UTC in minutes, the most frequent first: every quarter of an hour from -12:00 to +14:00.
fn offsets() -> impl Iterator<Item = i32> {
    std::iter::once(0).chain((-48..=56).map(|quarter| quarter * 15).filter(|offset| *offset != 0))
}

/// A time as the API shows it: `2026-11-24T08:00:00Z`, or with the offset that it was written with.
struct Moment {
    seconds: i64,
    /// `None` where `Z` tells nothing of it.
    offset: Option<i32>,
}

impl Moment {
    fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.split_once('T')?;
        let clock = time.get(..8)?;
        let mut parts = clock.split(':').map(|part| part.parse::<i64>().ok());
        let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
        let local = Day::parse(day)?.0 * 86_400 + hours * 3600 + minutes * 60 + seconds;
        let zone = time[8..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
        if zone == "Z" {
            return Some(Self { seconds: local, offset: None });
        }
        let sign = match zone.get(..1)? {
            "+" => 1,
            "-" => -1,
            _ => return None,
        };
        let (hours, minutes) = zone[1..].split_once(':')?;
        let offset = sign * (hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?);
        Some(Self { seconds: local - i64::from(offset) * 60, offset: Some(offset) })
    }

    fn offsets(&self) -> Vec<i32> {
        self.offset.map_or_else(|| offsets().collect(), |offset| vec![offset])
    }

    fn words(&self, offset: i32) -> String {
        let (sign, minutes) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
        format!("{} {sign}{:02}{:02}", self.seconds, minutes / 60, minutes % 60)
    }
}

fn object_id(kind: &str, parts: &[&[u8]]) -> ObjectId {
    let mut hash = Sha1::new();
    hash.update(format!("{kind} {}\0", parts.iter().map(|part| part.len()).sum::<usize>()));
    parts.iter().for_each(|part| hash.update(part));
    ObjectId(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::{blob_id, commit_bytes, is_tree, is_whole_tree};
    use crate::change::ObjectId;
    use crate::forge::wire::{CommitFields, Person, Sha, TreeEntry, Verification};

    fn id(text: &str) -> ObjectId {
        ObjectId::from_hex(text).unwrap()
    }

    fn entry(path: &str, mode: &str, kind: &str, sha: &str) -> TreeEntry {
        TreeEntry { path: path.to_owned(), mode: mode.to_owned(), kind: kind.to_owned(), sha: sha.to_owned(), size: None }
    }

    // Ids as `git hash-object`, `git write-tree` and `git commit-tree` give them.
    const HELLO: &str = "ce013625030ba8dba906f756967f9e9ca394464a";
    const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    const INNER: &str = "aaa96ced2d9a1c8e72c56b253a0e2fe78393feb7";
    const WHOLE: &str = "bfa15e89933942886fe4eaa641cb0f76744d68cc";

    #[test]
    fn blobs_hash_to_their_ids() {
        assert_eq!(blob_id(b"hello\n"), id(HELLO));
        assert_ne!(blob_id(b"hello"), id(HELLO));
    }

    #[test]
    fn listings_hash_to_their_trees() {
        let inner = entry("hello.txt", "100644", "blob", HELLO);
        assert!(is_tree(id(INNER), std::slice::from_ref(&inner)));
        assert!(!is_tree(id(INNER), &[]), "an empty answer for a tree that is not empty");
        assert!(is_tree(id(EMPTY_TREE), &[]));
        assert!(!is_tree(id(INNER), &[entry("hello.txt", "100755", "blob", HELLO)]));
        assert!(is_tree(id(INNER), &[entry("n\u{FFFD}me", "100644", "blob", HELLO)]), "a name that is no UTF-8");
        let whole =
            [entry("a", "040000", "tree", INNER), entry("a/hello.txt", "100644", "blob", HELLO), entry("a.txt", "100644", "blob", HELLO)];
        assert!(is_whole_tree(id(WHOLE), &whole));
        assert!(!is_whole_tree(id(WHOLE), &whole[..1]), "a folder without what is in it");
        assert!(!is_whole_tree(id(WHOLE), &whole[1..]), "a file without its folder");
        assert!(!is_whole_tree(id(WHOLE), &[]));
    }

    fn person(name: &str, date: &str) -> Person {
        Person { name: name.to_owned(), email: format!("{name}@example.test"), date: date.to_owned() }
    }

    fn verification(payload: Option<&str>, signature: Option<&str>) -> Verification {
        Verification { verified: payload.is_some(), payload: payload.map(str::to_owned), signature: signature.map(str::to_owned) }
    }

    #[test]
    fn commits_are_built_whatever_their_offsets() {
        let unsigned = verification(None, None);
        let (author, committer) = (person("mona", "2026-11-24T08:00:00Z"), person("rita", "2026-11-24T09:00:00Z"));
        let fields = |message, tree| CommitFields {
            tree,
            parents: &[],
            author: &author,
            committer: &committer,
            message,
            verification: Some(&unsigned),
        };
        // `GIT_AUTHOR_DATE='1795507200 +0545' GIT_COMMITTER_DATE='1795510800 -0330' git commit-tree`
        let text = format!(
            "tree {WHOLE}\nauthor mona <mona@example.test> 1795507200 +0545\ncommitter rita <rita@example.test> 1795510800 -0330\n\nWords\n"
        );
        let commit = super::object_id("commit", &[text.as_bytes()]);
        assert_eq!(commit_bytes(commit, &fields("Words", WHOLE)), Some(text.clone().into_bytes()));
        assert_eq!(commit_bytes(commit, &fields("Words\n", WHOLE)), Some(text.into_bytes()));
        assert_eq!(commit_bytes(commit, &fields("Other words", WHOLE)), None);
        assert_eq!(commit_bytes(commit, &fields("Words", INNER)), None, "another tree than the commit's");
    }

    #[test]
    fn signed_commits_are_built_from_what_was_signed() {
        let payload = format!("tree {WHOLE}\nauthor a <a@x> 1 +1200\ncommitter GitHub <noreply@github.com> 1 +1200\n\nWords");
        let signature = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n";
        let text = format!(
            "tree {WHOLE}\nauthor a <a@x> 1 +1200\ncommitter GitHub <noreply@github.com> 1 +1200\n\
             gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n \n\nWords"
        );
        let commit = super::object_id("commit", &[text.as_bytes()]);
        let people = person("a", "1970-01-01T00:00:01Z");
        for signature in [signature, signature.trim_end()] {
            let verified = verification(Some(&payload), Some(signature));
            let fields = |tree, parents| CommitFields {
                tree,
                parents,
                author: &people,
                committer: &people,
                message: "Words",
                verification: Some(&verified),
            };
            assert!(commit_bytes(commit, &fields(WHOLE, &[])).is_some());
            assert!(commit_bytes(commit, &fields(INNER, &[])).is_none(), "another tree than the one that was signed");
            let parent = [Sha { sha: HELLO.to_owned() }];
            assert!(commit_bytes(commit, &fields(WHOLE, &parent)).is_none(), "a parent that was not signed");
        }
    }
}
