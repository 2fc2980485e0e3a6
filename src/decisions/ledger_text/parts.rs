//! A scope's decisions in several files: the next one begins where the last one is full, or can be read no more.
//!
//! Comes in: the texts of a scope's files in order, blocks. Goes out: the files that change. A file only grows, so that without a next one whoever
//! fills it would end all decisions that belong to it.

use super::{file_name, is_known, parse, repository_scope, size};
use crate::decisions::Block;
use crate::source::RepoPath;

/// Largest file that another block is appended to, in bytes: less than what is read.
pub const FULL: usize = 4 * 1024 * 1024;

/// How the scopes of later parts begin: no path of git's begins with a stroke.
const PART: &str = "/part-";

/// The scope that names a part of a scope's files, from 1. The first one is the scope itself.
pub fn part(scope: &RepoPath, number: usize) -> RepoPath {
    if number < 2 { scope.clone() } else { RepoPath::new(&format!("{PART}{number}/{scope}")) }
}

/// The scope that a part belongs to, and its number.
pub fn of_part(path: &RepoPath) -> (&str, usize) {
    let later = path.as_str().strip_prefix(PART).and_then(|rest| rest.split_once('/'));
    later.and_then(|(number, scope)| Some((scope, number.parse::<usize>().ok()?))).unwrap_or((path.as_str(), 1))
}

/// The name of a part's file, by that of the first: `template.yaml+2.yml`. In the names of units a `+` is escaped.
pub(super) fn name_of_part(first: &str, number: usize) -> String {
    format!("{}+{number}.yml", first.strip_suffix(".yml").unwrap_or(first))
}

/// What the names of a scope's files begin with, and the part: in this order its blocks are in order of time.
pub fn stem(name: &str) -> (&str, usize) {
    let whole = name.strip_suffix(".yml").unwrap_or(name);
    let later = whole.rsplit_once('+').and_then(|(stem, number)| Some((stem, number.parse::<usize>().ok()?)));
    later.unwrap_or((whole, 1))
}

/// The scope of a file that holds decisions, by its name; `None` for records of merges and for any other name.
pub fn scope_of(name: &str) -> Option<RepoPath> {
    let (stem, number) = stem(name);
    let scope = if format!("{stem}.yml") == file_name(&repository_scope()) { repository_scope() } else { RepoPath::new(&unescaped(stem)?) };
    let scope = part(&scope, number);
    (file_name(&scope) == name).then_some(scope)
}

/// The path that was escaped to be a file's name.
fn unescaped(stem: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut pieces = stem.split('%');
    bytes.extend(pieces.next()?.bytes());
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).ok()
}

/// The files that change when blocks are appended behind what a scope's files have, each by the scope of its part. Blocks that stand in any of
/// them are left out.
pub fn grown(old: &[&str], scope: &RepoPath, blocks: &[Block], append: fn(&str, &RepoPath, &[Block]) -> String) -> Vec<(RepoPath, String)> {
    let known: Vec<Block> = old.iter().filter_map(|text| parse(text).ok()).flatten().collect();
    let last = old.last().copied().unwrap_or_default();
    let (mut number, mut text) = if parse(last).is_ok() { (old.len().max(1), last.to_owned()) } else { (old.len() + 1, String::new()) };
    let mut files = Vec::new();
    let (mut fitting, mut length): (Vec<Block>, usize) = (Vec::new(), text.len());
    for block in blocks.iter().filter(|block| !is_known(&known, block)) {
        let more = size(block);
        if length > 0 && length + more > FULL {
            if !fitting.is_empty() {
                files.push((part(scope, number), append(&text, &part(scope, number), &fitting)));
            }
            (number, text, fitting, length) = (number + 1, String::new(), Vec::new(), 0);
        }
        length += more;
        fitting.push(block.clone());
    }
    if !fitting.is_empty() || (files.is_empty() && !text.is_empty()) {
        files.push((part(scope, number), append(&text, &part(scope, number), &fitting)));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::{FULL, grown, of_part, part, scope_of, stem};
    use crate::change::{ObjectId, Timestamp, UserId};
    use crate::decisions::ledger_text::{append, file_name, merges_scope, parse, repository_scope};
    use crate::decisions::{Block, Signature, Verdict};
    use crate::source::RepoPath;

    fn block(comment: u64, length: usize) -> Block {
        let by = Signature { id: UserId(3), login: "rita".to_owned(), right: "write".to_owned() };
        let said = Block::said(by, Timestamp(1_780_000_000), [ObjectId([0; 20]); 2], Verdict::Accepted);
        Block { comment, url: format!("https://forge.example/1#{comment}"), reason: "x".repeat(length), ..said }
    }

    #[test]
    fn each_part_has_a_name_that_no_unit_has() {
        let merges = merges_scope(Timestamp(1_780_000_000));
        for (scope, number, name) in [
            (RepoPath::new("a/template.yaml"), 1, "a%2Ftemplate.yaml.yml"),
            (RepoPath::new("a/template.yaml"), 2, "a%2Ftemplate.yaml+2.yml"),
            (RepoPath::new("template.yaml+2"), 1, "template.yaml%2B2.yml"),
            (RepoPath::new("template.yaml.2"), 1, "template.yaml.2.yml"),
            (repository_scope(), 12, "+repository+12.yml"),
        ] {
            let of = part(&scope, number);
            assert_eq!(file_name(&of), name);
            assert_eq!(scope_of(name).as_ref(), Some(&of));
            assert_eq!(of_part(&of), (scope.as_str(), number));
        }
        assert_eq!(file_name(&part(&merges, 2)), "+merges-2026-05+2.yml");
        for name in ["+merges-2026-05.yml", "+repository+1.yml", "a%2.yml", "a%ZZ.yml", "%FF.yml", "notes.txt"] {
            assert_eq!(scope_of(name), None, "{name}");
        }
        assert!(stem("a+2.yml") > stem("a.yml") && stem("a+10.yml") > stem("a+9.yml"));
    }

    #[test]
    fn what_has_no_room_begins_another_file() {
        let unit = RepoPath::new("template.yaml");
        let first = grown(&[], &unit, &[block(1, 10)], append);
        assert_eq!(first.iter().map(|(part, _)| file_name(part)).collect::<Vec<_>>(), ["template.yaml.yml"]);
        let full = append("", &unit, &[block(2, FULL - 2_000)]);
        let next = grown(&[&full], &unit, &[block(2, FULL - 2_000), block(3, 2_000), block(4, FULL)], append);
        let names: Vec<String> = next.iter().map(|(part, _)| file_name(part)).collect();
        assert_eq!(names, ["template.yaml+2.yml", "template.yaml+3.yml"]);
        let comments = |text: &str| parse(text).unwrap().iter().map(|block| block.comment).collect::<Vec<_>>();
        assert_eq!((comments(&next[0].1), comments(&next[1].1)), (vec![3], vec![4]));
        // What stands in any of them is there.
        let again = grown(&[&full, &next[0].1, &next[1].1], &unit, &[block(3, 2_000)], append);
        assert_eq!(again, [(part(&unit, 3), next[1].1.clone())]);
        // What cannot be read is left as it is.
        let beside = grown(&["- [\n"], &unit, &[block(5, 10)], append);
        assert_eq!((file_name(&beside[0].0).as_str(), comments(&beside[0].1)), ("template.yaml+2.yml", vec![5]));
    }
}
