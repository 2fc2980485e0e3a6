//! A git object store in memory: blobs, trees and commits under their real SHA-1 ids.
//!
//! Comes in: bytes, paths, commits. Goes out: the same ids as `git hash-object`, `git mktree` and `git commit-tree` would give, and
//! listings. Never touches the disk. The formats are those of <https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>.

use crate::change::ObjectId;
use sha1::Digest;
use sha1::Sha1;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryMode {
    File,
    Executable,
    Symlink,
    Submodule,
    Directory,
}

impl EntryMode {
    /// Six digits, as GitHub and `git ls-tree` show it.
    pub fn digits(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Symlink => "120000",
            Self::Submodule => "160000",
            Self::Directory => "040000",
        }
    }

    /// Reads the digits, with or without the leading zero of a directory.
    pub fn from_digits(text: &str) -> Option<Self> {
        [Self::File, Self::Executable, Self::Symlink, Self::Submodule, Self::Directory]
            .into_iter()
            .find(|mode| mode.digits().trim_start_matches('0') == text.trim_start_matches('0'))
    }

    /// The type of the object that such an entry points to.
    pub fn kind(self) -> &'static str {
        match self {
            Self::File | Self::Executable | Self::Symlink => "blob",
            Self::Submodule => "commit",
            Self::Directory => "tree",
        }
    }
}

/// One entry of a tree, or of a listing, where `path` has slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub path: String,
    pub mode: EntryMode,
    pub id: ObjectId,
}

/// Who wrote or committed, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub name: String,
    pub email: String,
    /// Seconds since 1970.
    pub at: i64,
    /// `+0000`.
    pub zone: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    pub tree: ObjectId,
    /// May name commits that are not in the store: where a history was imported in part.
    pub parents: Vec<ObjectId>,
    pub author: Signature,
    pub committer: Signature,
    /// Further headers as they stand behind these, each line with its end: an encoding, a signature.
    pub headers: String,
    pub message: String,
}

impl Commit {
    /// The commit as GitHub makes it in somebody's name: with a signature of its own.
    pub fn signed(mut self) -> Self {
        self.headers.push_str("gpgsig -----BEGIN PGP SIGNATURE-----\n \n stand-in\n -----END PGP SIGNATURE-----\n \n");
        self
    }

    /// What was signed, and the signature, where there is one.
    pub fn signature(&self) -> Option<(String, String)> {
        let at = self.headers.find("gpgsig ")?;
        let folded = &self.headers[at + "gpgsig ".len()..];
        let mut lines = folded.split_inclusive('\n');
        let mut signature = lines.next()?.to_owned();
        signature.extend(lines.map_while(|line| line.strip_prefix(' ')));
        signature.pop();
        let length = "gpgsig ".len() + signature.replace('\n', "\n ").len() + 1;
        let headers = format!("{}{}", &self.headers[..at], &self.headers[at + length..]);
        Some((commit_text(&Self { headers, ..self.clone() }), signature))
    }
}

/// What a path of a tree that is to be built should hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Text(String),
    Bytes(Vec<u8>),
    Executable(String),
    Symlink(String),
    Submodule(ObjectId),
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

#[derive(Clone, Debug)]
enum Object {
    Blob(Arc<[u8]>),
    Tree(Vec<Entry>),
    Commit(Box<Commit>),
}

/// The entries of a tree to build, by path; directories are implied.
pub type Paths = BTreeMap<String, (EntryMode, ObjectId)>;

#[derive(Clone, Debug, Default)]
pub struct Objects {
    objects: BTreeMap<ObjectId, Object>,
}

impl Objects {
    pub fn blob(&self, id: ObjectId) -> Option<&[u8]> {
        match self.objects.get(&id)? {
            Object::Blob(bytes) => Some(bytes),
            Object::Tree(_) | Object::Commit(_) => None,
        }
    }

    pub fn tree(&self, id: ObjectId) -> Option<&[Entry]> {
        match self.objects.get(&id)? {
            Object::Tree(entries) => Some(entries),
            Object::Blob(_) | Object::Commit(_) => None,
        }
    }

    pub fn commit(&self, id: ObjectId) -> Option<&Commit> {
        match self.objects.get(&id)? {
            Object::Commit(commit) => Some(commit),
            Object::Blob(_) | Object::Tree(_) => None,
        }
    }

    pub fn add_blob(&mut self, bytes: &[u8]) -> ObjectId {
        let id = object_id("blob", bytes);
        self.objects.entry(id).or_insert_with(|| Object::Blob(Arc::from(bytes)));
        id
    }

    /// Adds one tree of entries without slashes, in whatever order they come.
    pub fn add_tree(&mut self, mut entries: Vec<Entry>) -> ObjectId {
        entries.sort_by(tree_order);
        let id = object_id("tree", &tree_bytes(&entries));
        self.objects.entry(id).or_insert(Object::Tree(entries));
        id
    }

    pub fn add_commit(&mut self, commit: Commit) -> ObjectId {
        let id = object_id("commit", commit_text(&commit).as_bytes());
        self.objects.entry(id).or_insert_with(|| Object::Commit(Box::new(commit)));
        id
    }

    /// Adds a commit as another repository has it, under the id of exactly those bytes (signatures and encodings included).
    /// `None` where they are no commit.
    pub fn add_raw_commit(&mut self, bytes: &[u8]) -> Option<ObjectId> {
        let commit = parse_commit(&String::from_utf8_lossy(bytes))?;
        let id = object_id("commit", bytes);
        self.objects.entry(id).or_insert_with(|| Object::Commit(Box::new(commit)));
        Some(id)
    }

    /// Builds all the trees that these paths need, and gives the root's id.
    pub fn add_paths(&mut self, paths: &Paths) -> ObjectId {
        let flat: Vec<(&str, EntryMode, ObjectId)> = paths.iter().map(|(path, (mode, id))| (path.as_str(), *mode, *id)).collect();
        self.add_level(&flat)
    }

    fn add_level(&mut self, paths: &[(&str, EntryMode, ObjectId)]) -> ObjectId {
        let mut entries = Vec::new();
        let mut directories: BTreeMap<&str, Vec<(&str, EntryMode, ObjectId)>> = BTreeMap::new();
        for (path, mode, id) in paths {
            match path.split_once('/') {
                Some((first, rest)) => directories.entry(first).or_default().push((rest, *mode, *id)),
                None => entries.push(Entry { path: (*path).to_owned(), mode: *mode, id: *id }),
            }
        }
        for (name, inner) in directories {
            let id = self.add_level(&inner);
            entries.push(Entry { path: name.to_owned(), mode: EntryMode::Directory, id });
        }
        self.add_tree(entries)
    }

    /// Adds the blobs too; what a caller that has contents wants.
    pub fn add_contents<'c>(&mut self, contents: impl IntoIterator<Item = (&'c str, &'c Content)>) -> ObjectId {
        let paths = contents.into_iter().map(|(path, content)| (path.to_owned(), self.add_content(content))).collect();
        self.add_paths(&paths)
    }

    pub fn add_content(&mut self, content: &Content) -> (EntryMode, ObjectId) {
        match content {
            Content::Text(text) => (EntryMode::File, self.add_blob(text.as_bytes())),
            Content::Bytes(bytes) => (EntryMode::File, self.add_blob(bytes)),
            Content::Executable(text) => (EntryMode::Executable, self.add_blob(text.as_bytes())),
            Content::Symlink(target) => (EntryMode::Symlink, self.add_blob(target.as_bytes())),
            Content::Submodule(commit) => (EntryMode::Submodule, *commit),
        }
    }

    /// All entries below a tree, directories too, each before what it holds: the order of GitHub's recursive listing.
    pub fn listing(&self, tree: ObjectId) -> Vec<Entry> {
        let mut listed = Vec::new();
        let mut open: Vec<Entry> = self.tree(tree).unwrap_or_default().iter().rev().cloned().collect();
        while let Some(entry) = open.pop() {
            if entry.mode == EntryMode::Directory {
                let inner = self.tree(entry.id).unwrap_or_default().iter().rev();
                open.extend(inner.map(|child| Entry { path: format!("{}/{}", entry.path, child.path), ..child.clone() }));
            }
            listed.push(entry);
        }
        listed
    }

    /// The listing without directories, as it goes into `add_paths`.
    pub fn paths(&self, tree: ObjectId) -> Paths {
        let files = self.listing(tree).into_iter().filter(|entry| entry.mode != EntryMode::Directory);
        files.map(|entry| (entry.path, (entry.mode, entry.id))).collect()
    }

    /// The files of a commit as text, by path; bytes that are no UTF-8 are shown as such.
    pub fn texts(&self, commit: ObjectId) -> Vec<(String, String)> {
        let Some(commit) = self.commit(commit) else { return Vec::new() };
        let text = |id: ObjectId| Some(String::from_utf8_lossy(self.blob(id)?).into_owned());
        self.paths(commit.tree).into_iter().filter_map(|(path, (_, id))| Some((path, text(id)?))).collect()
    }

    /// The entry at a path; `None` where there is none.
    pub fn find(&self, tree: ObjectId, path: &str) -> Option<Entry> {
        let mut entry = Entry { path: String::new(), mode: EntryMode::Directory, id: tree };
        for name in path.split('/') {
            entry = self.tree(entry.id)?.iter().find(|child| child.path == name)?.clone();
        }
        Some(Entry { path: path.to_owned(), ..entry })
    }
}

fn object_id(kind: &str, bytes: &[u8]) -> ObjectId {
    let mut hash = Sha1::new();
    hash.update(format!("{kind} {}\0", bytes.len()));
    hash.update(bytes);
    ObjectId(hash.finalize().into())
}

/// Git sorts a tree's entries by bytes, a directory as if its name ended in a slash.
fn tree_order(left: &Entry, right: &Entry) -> Ordering {
    let bytes = |entry: &Entry| {
        let mut name = entry.path.clone().into_bytes();
        if entry.mode == EntryMode::Directory {
            name.push(b'/');
        }
        name
    };
    bytes(left).cmp(&bytes(right))
}

fn tree_bytes(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend(entry.mode.digits().trim_start_matches('0').bytes());
        bytes.push(b' ');
        bytes.extend(entry.path.bytes());
        bytes.push(0);
        bytes.extend(entry.id.0);
    }
    bytes
}

fn commit_text(commit: &Commit) -> String {
    let mut text = format!("tree {}\n", commit.tree);
    for parent in &commit.parents {
        text.push_str(&format!("parent {parent}\n"));
    }
    for (role, signature) in [("author", &commit.author), ("committer", &commit.committer)] {
        text.push_str(&format!("{role} {} <{}> {} {}\n", signature.name, signature.email, signature.at, signature.zone));
    }
    text.push_str(&commit.headers);
    text.push('\n');
    text.push_str(&commit.message);
    text
}

fn parse_commit(text: &str) -> Option<Commit> {
    let (head, message) = text.split_once("\n\n")?;
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let parents = head.lines().filter_map(|line| ObjectId::from_hex(line.strip_prefix("parent ")?));
    let further = head.split_once("\ncommitter ").and_then(|(_, rest)| rest.split_once('\n')).map(|(_, further)| format!("{further}\n"));
    Some(Commit {
        tree: ObjectId::from_hex(field("tree")?)?,
        parents: parents.collect(),
        author: parse_signature(field("author")?)?,
        committer: parse_signature(field("committer")?)?,
        headers: further.unwrap_or_default(),
        message: message.to_owned(),
    })
}

fn parse_signature(text: &str) -> Option<Signature> {
    let (who, when) = text.rsplit_once("> ")?;
    let (name, email) = who.split_once('<')?;
    let (at, zone) = when.split_once(' ')?;
    Some(Signature { name: name.trim_end().to_owned(), email: email.to_owned(), at: at.parse().ok()?, zone: zone.to_owned() })
}
