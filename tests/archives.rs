//! The reader of artifacts: what it takes, and what it refuses as a whole.

mod archive;

use archive::{Entry, file, folder, stored, zip};
use astride::forge::input::zip::read;

/// What is refused, and a word of why; beside each what is like it and is taken.
#[test]
fn archives_are_taken_whole_or_not_at_all() {
    let template = b"Resources: {}\n";
    let pairs: Vec<(&str, Vec<Entry>, &str, Vec<Entry>)> = vec![
        ("a way up", vec![file("../template.yaml", template)], "plain relative path", vec![file("..template.yaml", template)]),
        ("a way up within", vec![file("out/../../x", template)], "plain relative path", vec![file("out/..x/y", template)]),
        ("an absolute name", vec![file("/etc/passwd", template)], "plain relative path", vec![file("etc/passwd", template)]),
        ("a drive", vec![file("C:/template.yaml", template)], "plain relative path", vec![file("C/template.yaml", template)]),
        ("a backslash", vec![file("out\\..\\x", template)], "plain relative path", vec![file("out-x", template)]),
        ("an empty part", vec![file("out//x", template)], "plain relative path", vec![file("out/x", template)]),
        ("the name of git's folder", vec![file(".git/config", template)], "plain relative path", vec![file(".gitignore", template)]),
        ("a line break", vec![file("out/a\nb", template)], "plain relative path", vec![file("out/a b", template)]),
        (
            "a name that is no text",
            vec![Entry { name: vec![0xff, 0xfe], ..file("", template) }],
            "plain relative path",
            vec![file("é", template)],
        ),
        (
            "a link",
            vec![Entry { mode: 0o120_777, ..stored("out/x", b"/etc/passwd") }],
            "link",
            vec![Entry { mode: 0, ..stored("out/x", b"/etc/passwd") }],
        ),
        ("a device", vec![Entry { mode: 0o020_666, ..file("out/x", b"") }], "link", vec![file("out/x", b"")]),
        (
            "a folder with content",
            vec![Entry { content: template.to_vec(), ..folder("out/") }],
            "folder with content",
            vec![folder("out/"), file("out/x", template)],
        ),
        (
            "what is encrypted",
            vec![Entry { flags: 1, ..file("out/x", template) }],
            "encrypted",
            vec![Entry { flags: 1 << 3, ..file("out/x", template) }],
        ),
        ("another compression", vec![Entry { method: 12, ..file("out/x", template) }], "deflate", vec![stored("out/x", template)]),
        ("a name twice", vec![file("out/x", template), file("out/x", b"{}")], "twice", vec![file("out/x", template), file("out/X", b"{}")]),
        (
            "a file below a file",
            vec![file("out", template), file("out/x", template)],
            "below another file",
            vec![file("out.x", template), file("out/x", template)],
        ),
        ("one piece under two names", overlapping(template), "share", vec![file("a", template), file("b", template)]),
        (
            "another name in the file's own header",
            vec![Entry { local_name: Some(b"y".to_vec()), ..file("x", template) }],
            "where it should be",
            vec![Entry { local_name: Some(b"x".to_vec()), ..file("x", template) }],
        ),
        ("a wrong checksum", vec![Entry { crc: Some(1), ..file("x", template) }], "damaged", vec![file("x", template)]),
        ("more than it says", vec![Entry { size: Some(3), ..file("x", template) }], "damaged", vec![file("x", b"Res")]),
        ("less than it says", vec![Entry { size: Some(90), ..file("x", template) }], "damaged", vec![file("x", &[b'x'; 90])]),
        ("a bomb", vec![file("x", &vec![b' '; 8 << 20])], "smaller than any text", vec![file("x", &vec![b' '; 1 << 20])]),
        (
            "many that are small",
            vec![large("x"), large("y")],
            "more than the",
            vec![stored("x", &[b'x'; 4096]), stored("y", &[b'x'; 4096])],
        ),
    ];
    for (what, hostile, why, innocent) in pairs {
        let refused = read(&zip(&hostile)).expect_err(what).to_string();
        assert!(refused.contains(why), "{what}: {refused}");
        let files = innocent.iter().filter(|entry| !entry.name.ends_with(b"/")).count();
        assert_eq!(read(&zip(&innocent)).map(|taken| taken.len()), Ok(files), "beside {what}");
    }
}

/// A stored file whose content is the whole of another entry, to which the directory points too: as small bombs are made.
fn overlapping(template: &[u8]) -> Vec<Entry> {
    let inner = zip(&[stored("b", template)]);
    let header = 30 + 1 + template.len();
    let outer = stored("a", &inner[..header]);
    vec![outer, Entry { shares_at: Some(30 + 1), ..stored("b", template) }]
}

/// More than half of what is read; its checksum is never looked at.
fn large(name: &str) -> Entry {
    Entry { crc: Some(0), ..stored(name, &vec![b'x'; 17 << 20]) }
}

#[test]
fn what_is_no_archive_is_refused() {
    let whole = zip(&[file("out/x", b"Resources: {}\n"), folder("out/")]);
    assert_eq!(read(&whole).map(|files| files.len()), Ok(1));
    for cut in 0..whole.len() {
        assert!(read(&whole[..cut]).is_err(), "cut at {cut}");
    }
    for junk in [&b""[..], b"<html>sign in</html>", &[0; 22], &[0xff; 200]] {
        assert!(read(junk).is_err());
    }
    // A second directory behind the first, a comment that holds one, something before it: one reader would see other files than the next.
    let mut behind = whole.clone();
    behind.extend(b"more");
    let before = [b"more".to_vec(), whole.clone()].concat();
    let two = [whole.clone(), zip(&[file("y", b"y")])].concat();
    for odd in [behind, before, two] {
        assert!(read(&odd).is_err());
    }
    assert_eq!(read(&zip(&[])).map(|files| files.len()), Ok(0));
}

/// Whatever one byte becomes, it is refused or read as it was: nothing panics, and nothing is read that the checksums do not cover.
#[test]
fn a_byte_that_changes_changes_no_content() {
    let content = b"Resources: {Fn: {Type: AWS::Lambda::Function}}\n";
    let whole = zip(&[file("out/template.yaml", content), stored("out/other.yaml", content)]);
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] = value;
            if let Ok(files) = read(&changed) {
                assert!(files.iter().all(|(_, bytes)| bytes == content), "byte {at} as {value}");
            }
        }
    }
}
