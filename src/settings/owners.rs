//! Code owners: whom a repository's CODEOWNERS file names for a path.
//!
//! Comes in: the file's text on the base branch. Goes out: the owners of a path, by the last line that matches. As on GitHub there are no sections,
//! no `!` and no character ranges; a line that has such a pattern, or an owner that is none, is skipped. Who is in a team is the forge's to say.
//!
//! Source: <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>,
//! read 2026-11-29.

use crate::source::RepoPath;

/// Where the file is looked for: the first that is there counts.
pub const PATHS: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
/// Largest file, in bytes: a larger one is not loaded.
pub const MAX_BYTES: usize = 3 * 1024 * 1024;

/// The lines of a file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeOwners(Vec<Line>);

/// A pattern and whom it names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    pattern: Pattern,
    /// As it is written.
    written: String,
    owners: Vec<Owner>,
}

/// Somebody who owns code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A login, without the `@`.
    Person(String),
    /// `organisation/team`.
    Team(String),
    /// Nobody can tell whose account has it.
    Email(String),
}

impl Owner {
    pub(super) fn read(word: &str) -> Option<Self> {
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        match word.strip_prefix('@') {
            Some(name) => match name.split_once('/') {
                Some((organisation, team)) => (is_name(organisation) && is_name(team)).then(|| Self::Team(name.to_owned())),
                None => is_name(name).then(|| Self::Person(name.to_owned())),
            },
            None => {
                let (name, host) = word.split_once('@')?;
                (!name.is_empty() && is_name(host)).then(|| Self::Email(word.to_owned()))
            }
        }
    }

    /// As the file names them, without the `@`: nobody is mentioned by it.
    pub fn name(&self) -> &str {
        match self {
            Self::Person(name) | Self::Team(name) | Self::Email(name) => name,
        }
    }
}

impl CodeOwners {
    /// Reads a file. Lines that say nothing are skipped, as on GitHub.
    pub fn read(text: &str) -> Self {
        Self(text.trim_start_matches('\u{feff}').lines().filter_map(line).collect())
    }

    /// Whom the last line that matches names; empty where no line does, or where it names nobody.
    pub fn of(&self, path: &RepoPath) -> &[Owner] {
        let found = self.0.iter().rev().find(|line| line.pattern.matches(path.as_str()));
        found.map_or(&[], |line| &line.owners)
    }

    /// Its lines, each as a pattern with its owners.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|line| {
            let owners: Vec<&str> = line.owners.iter().map(Owner::name).collect();
            format!("{} {}", line.written, owners.join(" ")).trim_end().to_owned()
        })
    }
}

fn line(text: &str) -> Option<Line> {
    let (written, rest) = split(text.trim_start())?;
    let pattern = Pattern::read(&written)?;
    let words = rest.split_whitespace().take_while(|word| !word.starts_with('#'));
    let owners: Option<Vec<Owner>> = words.map(Owner::read).collect();
    Some(Line { pattern, written, owners: owners? })
}

/// The pattern, which ends at the first space that no backslash stands before, and what follows; `None` for a comment and an empty line.
fn split(text: &str) -> Option<(String, &str)> {
    let mut pattern = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '#' if pattern.is_empty() => return None,
            letter if letter.is_whitespace() => return Some((pattern, &text[at..])),
            '\\' => {
                let (_, escaped) = letters.next()?;
                pattern.extend(['\\', escaped]);
            }
            letter => pattern.push(letter),
        }
    }
    (!pattern.is_empty()).then_some((pattern, ""))
}

/// A pattern, taken apart at its slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    parts: Vec<Part>,
    end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// `**`: any folders, or none.
    Folders,
    /// A name, in which `*` and `?` stand for letters.
    Name(Vec<Letter>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letter {
    Exactly(char),
    /// `?`
    Any,
    /// `*`
    Many,
}

/// What may follow what a pattern's parts match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Nothing: `docs/*` owns the files of the folder, and not those below.
    Here,
    /// Anything: a name may be a file's or a folder's.
    HereOrBelow,
    /// Something: `docs/` owns what is in the folder.
    Below,
}

impl Pattern {
    /// `None` for what GitHub does not take.
    fn read(text: &str) -> Option<Self> {
        if text.starts_with(['!', '\\']) || text.contains(['[', ']']) {
            return None;
        }
        let inner = text.strip_prefix('/').unwrap_or(text);
        let (inner, is_folder) = inner.strip_suffix('/').map_or((inner, false), |inner| (inner, true));
        if inner.is_empty() {
            return None;
        }
        let names: Vec<&str> = inner.split('/').collect();
        let is_anywhere = names.len() == 1 && !text.starts_with('/');
        let mut parts: Vec<Part> = is_anywhere.then_some(Part::Folders).into_iter().collect();
        for name in &names {
            parts.push(if *name == "**" { Part::Folders } else { Part::Name(letters(name)) });
        }
        let end = match (is_folder, names.last().copied()) {
            (true, _) | (false, Some("**")) => End::Below,
            // Of all files anywhere nothing is left out.
            (false, Some("*")) if !is_anywhere => End::Here,
            (false, _) => End::HereOrBelow,
        };
        if names.last() == Some(&"**") {
            parts.pop();
        }
        Some(Self { parts, end })
    }

    fn matches(&self, path: &str) -> bool {
        let names: Vec<&str> = path.split('/').collect();
        // How many of the path's names may be used up by the parts so far.
        let mut at = vec![0];
        for part in &self.parts {
            at = match part {
                Part::Folders => at.first().map_or_else(Vec::new, |first| (*first..=names.len()).collect()),
                Part::Name(letters) => {
                    let fits = |used: &usize| names.get(*used).is_some_and(|name| fits(letters, name));
                    at.into_iter().filter(fits).map(|used| used + 1).collect()
                }
            };
        }
        at.into_iter().any(|used| match self.end {
            End::Here => used == names.len(),
            End::HereOrBelow => true,
            End::Below => used < names.len(),
        })
    }
}

fn letters(name: &str) -> Vec<Letter> {
    let mut out = Vec::new();
    let mut rest = name.chars();
    while let Some(letter) = rest.next() {
        out.push(match letter {
            '\\' => Letter::Exactly(rest.next().unwrap_or('\\')),
            '*' => Letter::Many,
            '?' => Letter::Any,
            letter => Letter::Exactly(letter),
        });
    }
    out
}

/// Whether a name is one of the pattern's. Goes back to the last `*` alone, so that no name takes long.
fn fits(pattern: &[Letter], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(Letter::Many) => {
                star = Some((p, n));
                p += 1;
            }
            Some(Letter::Any) => (p, n) = (p + 1, n + 1),
            Some(Letter::Exactly(letter)) if *letter == name[n] => (p, n) = (p + 1, n + 1),
            Some(Letter::Exactly(_)) | None => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, n) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == Letter::Many)
}

#[cfg(test)]
mod tests {
    use super::{CodeOwners, Owner};
    use crate::source::RepoPath;

    fn owners(text: &str, path: &str) -> Vec<String> {
        CodeOwners::read(text).of(&RepoPath::new(path)).iter().map(|owner| owner.name().to_owned()).collect()
    }

    #[test]
    fn patterns_match_as_github_documents() {
        for (pattern, path, expected) in [
            ("*", "a/b/c.js", true),
            ("*.js", "a/b/c.js", true),
            ("*.js", "a/b/c.ts", false),
            ("/build/logs/", "build/logs/a/b.txt", true),
            ("/build/logs/", "x/build/logs/a.txt", false),
            ("/build/logs/", "build/logs", false),
            ("docs/*", "docs/getting-started.md", true),
            ("docs/*", "docs/build-app/troubleshooting.md", false),
            ("docs/*", "x/docs/getting-started.md", false),
            ("apps/", "apps/a.js", true),
            ("apps/", "x/y/apps/b/a.js", true),
            ("/docs/", "docs/a/b.md", true),
            ("/docs/", "x/docs/a.md", false),
            ("/scripts/", "scripts/a.sh", true),
            ("**/logs", "build/logs/a.log", true),
            ("**/logs", "deeply/nested/logs/a.log", true),
            ("**/logs", "logs/a.log", true),
            ("/apps/github", "apps/github/a.js", true),
            ("/apps/github", "apps/github2/a.js", false),
            ("a/**/z.yaml", "a/z.yaml", true),
            ("a/**/z.yaml", "a/b/c/z.yaml", true),
            ("a/**", "a/b/c", true),
            ("a/**", "a", false),
            ("**", "a/b", true),
            ("template.yaml", "x/template.yaml", true),
            ("/template.yaml", "x/template.yaml", false),
            ("in?ra/", "infra/a.yaml", true),
            ("Infra/", "infra/a.yaml", false),
            ("with\\ space/", "with space/a.yaml", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("/infra#old", "infra#old/a.yaml", true),
            ("/infra#old", "infra/a.yaml", false),
        ] {
            let text = format!("{pattern} @rita\n");
            assert_eq!(!owners(&text, path).is_empty(), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn the_last_line_that_matches_counts() {
        let text = "# all\n* @rita\n\n/infra/ @acme/platform ops@example.com # them\n/infra/free/\n/infra/[ab]/ @mona\n!/infra/x @mona\n/infra/y mona\n\\#x @mona\n";
        assert_eq!(owners(text, "src/a.rs"), ["rita"]);
        assert_eq!(owners(text, "infra/a.yaml"), ["acme/platform", "ops@example.com"]);
        assert_eq!(owners(text, "infra/a/b.yaml"), ["acme/platform", "ops@example.com"], "ranges are skipped");
        assert_eq!(owners(text, "infra/x"), ["acme/platform", "ops@example.com"], "exclusions are skipped");
        assert_eq!(owners(text, "infra/y"), ["acme/platform", "ops@example.com"], "lines with an owner that is none are skipped");
        assert!(owners(text, "infra/free/a.yaml").is_empty(), "a line without owners takes them away");
        let read = CodeOwners::read(text);
        assert_eq!(read.of(&RepoPath::new("infra/a.yaml"))[0], Owner::Team("acme/platform".to_owned()));
        assert_eq!(read.lines().collect::<Vec<_>>(), ["* rita", "/infra/ acme/platform ops@example.com", "/infra/free/"]);
    }
}
