//! Where the settings ask for less: the line of what is new or weaker, or of the section that has lost something.
//!
//! Comes in: a settings file as it was read and as it is written, and in what it asks for less. Goes out: a place in it.

use super::{Settings, Weakening, facts};
use crate::source::{FileId, Place, RepoPath, Span};
use crate::syntax::yaml::{self, Dialect};
use bumpalo::Bump;

impl Settings {
    /// The line of these settings, whose text this is, that asks for less.
    pub fn place_of(&self, path: &RepoPath, text: &str, cause: &Weakening) -> Place {
        let of_entry = match cause.setting {
            "exclude" => self.excluded.iter().find(|entry| entry.pattern == cause.to).map(|entry| &entry.place),
            "facts" => self.facts.iter().find(|statement| facts::words(statement) == cause.to).map(|statement| &statement.place),
            "rules" => self.rules.own.iter().find(|entry| entry.words() == cause.to).map(|entry| &entry.place),
            "decide.bots" => self.bots.iter().find(|bot| bot.id.0.to_string() == cause.to).map(|bot| &bot.place),
            "trust" => self.trust.iter().find(|trusted| trusted.words() == cause.to).map(|trusted| &trusted.place),
            _ => None,
        };
        of_entry.filter(|place| place.path == *path).cloned().unwrap_or_else(|| key(path, text, cause.setting))
    }
}

/// Where a key stands, or the nearest above it that does; the first line where there is none.
fn key(path: &RepoPath, text: &str, key: &str) -> Place {
    let arena = Bump::new();
    let documents = yaml::parse(text, Dialect::Js, FileId::default(), &arena, &mut |_: Span, _, _: String| {}).unwrap_or_default();
    let mut node = documents.first().copied();
    let mut line = 1;
    for part in key.split('.') {
        let entry = node.and_then(|node| node.entries().iter().find(|entry| entry.key == part));
        line = entry.map_or(line, |entry| entry.key_span.line.max(1));
        node = entry.map(|entry| entry.value);
    }
    Place { path: path.clone(), line, end_line: line }
}

#[cfg(test)]
mod tests {
    use crate::settings::{PATH, parse};
    use crate::source::RepoPath;

    #[test]
    fn what_asks_for_less_has_its_line() {
        const BASE: &str = "mode: enforce\ngate:\n  findings: high\ndecide:\n  right: maintain\n  owners: true\n";
        const HEAD: &str = "# Of the shop.\nmode: advise\ngate:\n  findings: critical\nexclude:\n- a/**\n- b/**\ntrust:\n  '111122223333': our log archive\nfacts:\n  '**#OrdersFn': {signature_check: on}\nrules:\n- {rule: STR-FURL-D-01, severity: low, why: x}\n- {rule: STR-FURL-S-01, off: true, why: x}\n";
        let path = RepoPath::new(PATH);
        let (base, head) = (parse(&path, BASE).unwrap(), parse(&path, HEAD).unwrap());
        let causes = base.weakened_by(&head);
        let lines: Vec<(&str, u32)> = causes.iter().map(|cause| (cause.setting, head.place_of(&path, HEAD, cause).line)).collect();
        assert_eq!(
            lines,
            [
                ("mode", 2),
                ("gate.findings", 4),
                ("decide.right", 1),
                ("decide.owners", 1),
                ("exclude", 6),
                ("exclude", 7),
                ("facts", 11),
                ("rules", 13),
                ("rules", 14),
                ("trust", 9),
            ]
        );
    }
}
