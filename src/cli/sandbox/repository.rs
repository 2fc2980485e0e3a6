//! The repository that is played with: the example, or a copy of one on this machine.

use crate::catalog::own_types::OwnTypes;
use crate::change::{self, Blobs, ObjectId, Right};
use crate::cli::git::Repository;
use crate::cli::judging::{self, Judging};
use crate::cli::ledger_at::LedgerAt;
use crate::cli::sandbox::{AUTHOR, REVIEWER};
use crate::formats;
use crate::report::text::plain;
use crate::sandbox::github::StandIn;
use crate::sandbox::github::people::{ActError, Push, Visibility};
use crate::sandbox::github::state::{Github, UserKind};
use crate::sandbox::import::{Change, import_repository, newest_changes};
use crate::sandbox::objects::{Content, Objects};
use crate::settings::{self, SettingsTexts};
use crate::source::RepoPath;
use anyhow::{Context, Result, anyhow, bail};
use std::fs;
use std::path::Path;

/// The example pull request: a function gets a public URL and a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Example {
    Sam,
    Terraform,
}

impl Example {
    /// The file that the pull request changes, before and after.
    fn file(self) -> (&'static str, [&'static str; 2]) {
        match self {
            Self::Sam => (
                "intake/template.yaml",
                [
                    include_str!("../../sandbox/example/base/intake/template.yaml"),
                    include_str!("../../sandbox/example/head/intake/template.yaml"),
                ],
            ),
            Self::Terraform => (
                "intake/main.tf",
                [include_str!("../../sandbox/terraform/base/intake/main.tf"), include_str!("../../sandbox/terraform/head/intake/main.tf")],
            ),
        }
    }
}

/// Most commits that are looked through for one that changes something that is read.
const MOST_BACK: usize = 500;

/// Most of those that are judged in the search for one that there is something to say of.
const MOST_JUDGED: usize = 25;

/// What there is to play with.
pub(super) struct Setting {
    pub(super) repository: String,
    pub(super) title: String,
    /// What people should know about it first; empty where that is nothing.
    pub(super) remark: String,
}

/// The pull request that the program ships.
pub(super) fn example(standin: &StandIn, example: Example) -> Result<Setting> {
    let name = "acme/intake";
    let (path, [base, head]) = example.file();
    let made = standin.with(|github| {
        github.add_repository(name, Visibility::Private, &[(path, base.into()), (settings::PATH, "mode: enforce\n".into())])?;
        people(github, name)?;
        let changes: [(&str, Option<Content>); 1] = [(path, Some(head.into()))];
        github.push(&Push { repository: name, branch: "change", by: AUTHOR, changes: &changes, message: "A form for submissions" })
    });
    made.map_err(|error| anyhow!("{error}"))?;
    Ok(Setting { repository: name.to_owned(), title: "A form for submissions".to_owned(), remark: String::new() })
}

/// A change of a repository on this machine; its objects are copied, and nothing is written to it. Where the two revisions are one, as in a
/// fresh clone, it is the newest change of something that is read.
pub(super) fn local(standin: &StandIn, folder: &Path, base: Option<&str>, head: &str) -> Result<Setting> {
    let mut opened = Repository::open(folder)?;
    let head_id = opened.commit(head)?;
    let base_id = base.map(|base| opened.commit(base)).transpose()?;
    let differs = base_id.is_some_and(|base| base != head_id);
    let (base, head, title, remark) = match base {
        Some(base) if differs => (base.to_owned(), head.to_owned(), format!("{head} into {base}"), String::new()),
        _ => {
            let Some(newest) = newest(&mut opened, folder, head_id)? else {
                bail!(
                    "nothing differs, and none of the last {MOST_BACK} commits changes a file that is read: `astride sandbox` alone plays an example"
                );
            };
            let short: String = newest.commit.chars().take(7).collect();
            let remark = format!(
                "{}: the newest change of something that is read is taken, {short} “{}”.\n",
                nothing_differs(base, head),
                plain(&newest.subject)
            );
            (format!("{}^", newest.commit), newest.commit, newest.subject, remark)
        }
    };
    let mut objects = Objects::default();
    let imported = import_repository(&mut objects, folder, &base, &head).with_context(|| format!("{}", folder.display()))?;
    let folder_name = fs::canonicalize(folder).ok().and_then(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()));
    let plain = |name: String| name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect::<String>();
    let repository = format!("local/{}", folder_name.map_or_else(|| "repository".to_owned(), plain));
    let branches: [(&str, ObjectId); 2] = [("main", imported.base), ("change", imported.head)];
    let made = standin.with(|github| {
        github.adopt_repository(&repository, Visibility::Private, objects, &branches)?;
        people(github, &repository)
    });
    made.map_err(|error| anyhow!("{error}"))?;
    Ok(Setting { repository, title, remark })
}

fn nothing_differs(base: Option<&str>, head: &str) -> String {
    base.map_or_else(|| "Without --base".to_owned(), |base| format!("{base} and {head} are the same"))
}

/// The newest change that there is something to say of, else the newest of a file that is read.
fn newest(repository: &mut Repository, folder: &Path, from: ObjectId) -> Result<Option<Change>> {
    let mut judging = Judging::open(folder, &LedgerAt::default())?;
    let mut quiet = None;
    let mut judged = 0;
    for change in newest_changes(folder, from, MOST_BACK)? {
        if judged == MOST_JUDGED {
            break;
        }
        if touches_unit(repository, &change)? {
            judged += 1;
            if speaks(repository, &mut judging, &change)? {
                return Ok(Some(change));
            }
            quiet.get_or_insert(change);
        }
    }
    Ok(quiet)
}

fn touches_unit(repository: &mut Repository, change: &Change) -> Result<bool> {
    let id = repository.commit(&change.commit)?;
    for path in change.paths.iter().map(|path| RepoPath::new(path)).filter(formats::may_be_unit) {
        let text = repository.text_at(id, path.as_str())?.unwrap_or_default();
        if formats::has_unit(&path, &text, OwnTypes::default()) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn speaks(repository: &mut Repository, judging: &mut Judging<'_>, change: &Change) -> Result<bool> {
    let (base, head) = (repository.side_of(&format!("{}^", change.commit))?, repository.side_of(&change.commit)?);
    let mut change = change::Change::between(base, head, Blobs::new());
    let report = judging.judge_by(&SettingsTexts::default(), &mut change, judging::now())?;
    Ok(report.arranged().lines().next().is_some())
}

fn people(github: &mut Github, repository: &str) -> Result<(), ActError> {
    let owner = repository.split_once('/').map_or(repository, |(owner, _)| owner);
    github.install(owner, None);
    for person in [AUTHOR, REVIEWER] {
        github.add_user(person, UserKind::Person);
        github.set_role(repository, person, Right::Write)?;
    }
    Ok(())
}
