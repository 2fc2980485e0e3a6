//! Reads a ZIP archive in memory, as far as an artifact of a workflow is one: files that are stored or deflated, under plain relative names.
//!
//! Comes in: bytes that anybody may have made. Goes out: the files, or why none of them is taken: an archive is never read by half. It writes
//! nothing to a disk, follows no link, and takes no more memory than the bounds say. Left out on purpose: encryption, ZIP64, archives in several
//! parts, every other compression.
//!
//! Source: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>, version 6.3.10, read 2026-11-29.

use crate::source::RepoPath;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use std::collections::BTreeMap;
use std::ops::Range;

/// Most entries, folders among them.
pub const MAX_ENTRIES: usize = 20_000;
/// Most bytes of all files together.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
/// A file larger than `SMALL` may be so many times as large as what it is packed in: text that repeats itself is packed 10 to 50 times smaller.
const MAX_RATIO: usize = 200;
/// In bytes.
const SMALL: usize = 1024 * 1024;
/// Longest name, in bytes.
const MAX_NAME: usize = 1_000;
/// Of a name that nobody chose to be read.
const SHOWN: usize = 80;

const END: u32 = 0x0605_4b50;
const END_BYTES: usize = 22;
const CENTRAL: u32 = 0x0201_4b50;
const CENTRAL_BYTES: usize = 46;
const LOCAL: u32 = 0x0403_4b50;
const LOCAL_BYTES: usize = 30;
/// Stands for a number that does not fit: then it is in a ZIP64 field.
const ELSEWHERE: u32 = u32::MAX;
/// In the flags: the data is encrypted; so are the names.
const ENCRYPTED: u16 = 1 | 1 << 13;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// The kind of a file in a mode of Unix, and those that may be.
const KIND: u32 = 0o170_000;
const PLAIN: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;

/// Why an archive is not taken, to be read after "the artifact".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

/// A plain file with its packed data.
type Packed<'a> = (RepoPath, Entry, &'a [u8]);

/// One entry of the central directory.
struct Entry {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: usize,
    size: usize,
    mode: u32,
    at: usize,
}

/// The files of an archive, ordered by path, each once.
///
/// # Errors
/// It is none, or has something that no input may have, or more than is read.
pub fn read(archive: &[u8]) -> Result<Vec<(RepoPath, Vec<u8>)>, Refused> {
    let mut files = BTreeMap::new();
    // Nothing is unpacked before everything is known to be as it should.
    for (path, entry, data) in packed(archive)? {
        let damaged = || refused(format!("has {}, which is damaged, or not as large as it says", shown(&entry.name)));
        if files.insert(path, content(&entry, data).ok_or_else(damaged)?).is_some() {
            return Err(refused(format!("has {} twice: nobody can tell which one is meant", shown(&entry.name))));
        }
    }
    if let Some(path) = files.keys().find(|path| lies_below_a_file(path, &files)) {
        return Err(refused(format!("has {}, which lies below another file", shown(path.as_str().as_bytes()))));
    }
    Ok(files.into_iter().collect())
}

/// The plain files, each with its packed data.
fn packed(archive: &[u8]) -> Result<Vec<Packed<'_>>, Refused> {
    let (entries, directory) = directory(archive).ok_or_else(|| refused("is no ZIP archive that can be read, or one of several parts"))?;
    let (mut files, mut spans, mut bytes) = (Vec::new(), Vec::new(), 0);
    for entry in entries {
        let name = shown(&entry.name);
        let path = path(&entry.name).ok_or_else(|| refused(format!("has {name}, which is no plain relative path")))?;
        let is_folder = entry.name.ends_with(b"/");
        check(&entry, is_folder).map_err(|why| refused(format!("has {name}, which {why}")))?;
        bytes += entry.size;
        if bytes > MAX_BYTES {
            return Err(refused(format!("holds more than the {MAX_BYTES} bytes that are read")));
        }
        let (span, data) =
            data(archive, &entry, directory).ok_or_else(|| refused(format!("has {name}, which is not where it should be")))?;
        spans.push(span);
        if !is_folder {
            files.push((path, entry, data));
        }
    }
    // One piece of data for many files is how a small archive becomes a large one.
    spans.sort_by_key(|span| span.start);
    if spans.windows(2).any(|pair| pair[0].end > pair[1].start) {
        return Err(refused("has files that share their data"));
    }
    Ok(files)
}

fn refused(why: impl Into<String>) -> Refused {
    Refused(why.into())
}

/// The entries, and where their directory begins.
fn directory(archive: &[u8]) -> Option<(Vec<Entry>, usize)> {
    let end = (0..=archive.len().checked_sub(END_BYTES)?).rev().take(usize::from(u16::MAX) + 1).find(|at| {
        let is_end = number(archive, *at) == Some(END);
        is_end && short(archive, at + 20).is_some_and(|comment| at + END_BYTES + usize::from(comment) == archive.len())
    })?;
    let count = short(archive, end + 10)?;
    let is_whole = short(archive, end + 4)? == 0 && short(archive, end + 6)? == 0 && short(archive, end + 8)? == count;
    let (length, start) = (size(archive, end + 12)?, size(archive, end + 16)?);
    if !is_whole || usize::from(count) > MAX_ENTRIES || start.checked_add(length)? != end {
        return None;
    }
    let (mut at, mut entries) = (start, Vec::with_capacity(usize::from(count)));
    for _ in 0..count {
        let (entry, next) = entry(archive, at)?;
        entries.push(entry);
        at = next;
    }
    (at == end).then_some((entries, start))
}

/// The entry at an offset, and where the next one begins.
fn entry(archive: &[u8], at: usize) -> Option<(Entry, usize)> {
    if number(archive, at)? != CENTRAL {
        return None;
    }
    let [name, extra, comment] = [28, 30, 32].map(|field| short(archive, at + field).map(usize::from));
    let (name, extra, comment) = (name?, extra?, comment?);
    let name_at = at + CENTRAL_BYTES;
    let entry = Entry {
        name: archive.get(name_at..name_at + name)?.to_vec(),
        flags: short(archive, at + 8)?,
        method: short(archive, at + 10)?,
        crc: number(archive, at + 16)?,
        packed: size(archive, at + 20)?,
        size: size(archive, at + 24)?,
        mode: number(archive, at + 38)? >> 16,
        at: size(archive, at + 42)?,
    };
    (short(archive, at + 34)? == 0).then_some((entry, name_at + name + extra + comment))
}

/// Whether an entry is one that is taken.
fn check(entry: &Entry, is_folder: bool) -> Result<(), &'static str> {
    let kind = entry.mode & KIND;
    if !(kind == 0 || kind == if is_folder { FOLDER } else { PLAIN }) {
        return Err("is a link or no plain file");
    }
    if is_folder && entry.size > 0 {
        return Err("is a folder with content");
    }
    if entry.flags & ENCRYPTED != 0 {
        return Err("is encrypted");
    }
    if entry.method != STORED && entry.method != DEFLATED {
        return Err("is packed in another way than `deflate`");
    }
    if entry.size > SMALL && entry.size / MAX_RATIO > entry.packed {
        return Err("is packed much smaller than any text is");
    }
    Ok(())
}

/// Where an entry lies with its header, and its packed data: before the directory, and under the same name.
fn data<'a>(archive: &'a [u8], entry: &Entry, directory: usize) -> Option<(Range<usize>, &'a [u8])> {
    let name = usize::from(short(archive, entry.at.checked_add(26)?)?);
    let extra = usize::from(short(archive, entry.at + 28)?);
    let name_at = entry.at + LOCAL_BYTES;
    let from = name_at + name + extra;
    let to = from.checked_add(entry.packed)?;
    let is_same = number(archive, entry.at)? == LOCAL
        && short(archive, entry.at + 8)? == entry.method
        && archive.get(name_at..name_at + name)? == entry.name.as_slice();
    (is_same && to <= directory).then_some((entry.at..to, archive.get(from..to)?))
}

fn content(entry: &Entry, data: &[u8]) -> Option<Vec<u8>> {
    let content = match entry.method {
        DEFLATED => decompress_to_vec_with_limit(data, entry.size).ok()?,
        _ => data.to_vec(),
    };
    (content.len() == entry.size && crc(&content) == entry.crc).then_some(content)
}

/// A name as a path of the repository; `None` for one that leads elsewhere, or that systems read in different ways.
fn path(name: &[u8]) -> Option<RepoPath> {
    let name = str::from_utf8(name).ok().filter(|name| name.len() <= MAX_NAME)?;
    let path = name.strip_suffix('/').unwrap_or(name);
    let is_plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.eq_ignore_ascii_case(".git");
    let is_odd = |c: char| c == '\\' || c == ':' || c.is_control();
    (path.split('/').all(is_plain) && !path.contains(is_odd)).then(|| RepoPath::new(path))
}

fn lies_below_a_file(path: &RepoPath, files: &BTreeMap<RepoPath, Vec<u8>>) -> bool {
    path.as_str().match_indices('/').any(|(end, _)| files.contains_key(&RepoPath::new(&path.as_str()[..end])))
}

fn shown(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    let cut: String = text.chars().take(SHOWN).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
    if text.chars().count() > SHOWN { format!("{cut}…") } else { cut }
}

fn short(archive: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*archive.get(at..)?.first_chunk()?))
}

fn number(archive: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*archive.get(at..)?.first_chunk()?))
}

/// A length or an offset; `None` where it is in a ZIP64 field.
fn size(archive: &[u8], at: usize) -> Option<usize> {
    number(archive, at).filter(|number| *number != ELSEWHERE).and_then(|number| usize::try_from(number).ok())
}

/// CRC-32 as ZIP has it (ISO 3309), bit by bit for each value of a byte once.
fn crc(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    !bytes.iter().fold(u32::MAX, |crc, byte| TABLE[usize::from(crc.to_le_bytes()[0] ^ byte)] ^ (crc >> 8))
}

const fn table() -> [u32; 256] {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    let mut table = [0; 256];
    let mut value = 0;
    while value < 256 {
        let (mut crc, mut bit) = (value as u32, 0);
        while bit < 8 {
            crc = if crc & 1 == 1 { POLYNOMIAL ^ (crc >> 1) } else { crc >> 1 };
            bit += 1;
        }
        table[value] = crc;
        value += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::crc;

    #[test]
    fn the_check_value_of_the_crc() {
        // <https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-32-iso-hdlc>
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
    }
}
