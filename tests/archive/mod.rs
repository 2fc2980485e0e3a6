//! ZIP archives as workflows upload them, and as somebody makes them who means no good.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use miniz_oxide::deflate::compress_to_vec;

/// One entry, with all that its two headers may say.
#[derive(Clone)]
pub struct Entry {
    pub name: Vec<u8>,
    pub content: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    /// Of Unix, in the upper half of the external attributes.
    pub mode: u32,
    /// What the directory says of the size, where it is not so.
    pub size: Option<u32>,
    pub crc: Option<u32>,
    /// The name in the local header, where it is another one.
    pub local_name: Option<Vec<u8>>,
    /// Where it begins, instead of behind the others: within one of them.
    pub shares_at: Option<usize>,
}

/// A deflated plain file.
pub fn file(name: &str, content: &[u8]) -> Entry {
    Entry {
        name: name.as_bytes().to_vec(),
        content: content.to_vec(),
        method: 8,
        flags: 1 << 11,
        mode: 0o100_644,
        size: None,
        crc: None,
        local_name: None,
        shares_at: None,
    }
}

pub fn stored(name: &str, content: &[u8]) -> Entry {
    Entry { method: 0, ..file(name, content) }
}

pub fn folder(name: &str) -> Entry {
    Entry { mode: 0o040_755, method: 0, ..file(name, b"") }
}

pub fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let packed = if entry.method == 8 { compress_to_vec(&entry.content, 6) } else { entry.content.clone() };
        let at = entry.shares_at.unwrap_or(archive.len());
        let crc = entry.crc.unwrap_or_else(|| crc(&entry.content));
        let size = entry.size.unwrap_or(entry.content.len() as u32);
        let shorts = |numbers: &[u16]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
        let longs = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
        let common = [shorts(&[entry.flags, entry.method, 0, 0]), longs(&[crc, packed.len() as u32, size])].concat();
        let local_name = entry.local_name.as_ref().unwrap_or(&entry.name);
        if entry.shares_at.is_none() {
            archive.extend(longs(&[0x0403_4b50]));
            archive.extend(shorts(&[20]));
            archive.extend(&common);
            archive.extend(shorts(&[local_name.len() as u16, 0]));
            archive.extend(local_name);
            archive.extend(&packed);
        }
        directory.extend(longs(&[0x0201_4b50]));
        directory.extend(shorts(&[3 << 8 | 20, 20]));
        directory.extend(common);
        directory.extend(shorts(&[entry.name.len() as u16, 0, 0, 0, 0]));
        directory.extend(longs(&[entry.mode << 16, at as u32]));
        directory.extend(&entry.name);
    }
    let (at, count) = (archive.len() as u32, entries.len() as u16);
    archive.extend(&directory);
    archive.extend([0x0605_4b50_u32.to_le_bytes(), [0; 4]].concat());
    archive.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    archive.extend([(directory.len() as u32).to_le_bytes(), at.to_le_bytes()].concat());
    archive.extend([0, 0]);
    archive
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}
