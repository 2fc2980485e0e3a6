//! `astride baseline`: what is open today becomes accepted debt, with a reason and an end.
//!
//! Comes in: a commit of the repository, the ledger branch. Goes out: a commit on the local ledger branch with a decision on each open threat.
//! Nothing is pushed. The person who runs it is who decides; the number of an account is never made up.

use crate::change::Day;
use crate::cli::desk::{self, Signing};
use crate::cli::judging::{self, Judging};
use crate::cli::progress::Progress;
use crate::cli::threats::{Narrowing, Tree};
use crate::cli::{Outcome, complain, day, print};
use crate::decisions::{self, Block, Reviewed, Signature, Verdict};
use crate::report::markup::count;
use crate::report::register::State;
use crate::report::text::plain;
use crate::source::RepoPath;
use crate::stride::rule::RuleKind;
use anyhow::{Result, bail};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Accept what is open today as debt: a decision on each open threat, on the local ledger branch, until a day that you name.
///
/// Only committed facts are decided: name a revision, or HEAD is taken. Nothing is pushed; the command to do so is printed. An App that reads
/// the branch counts these decisions only if whoever pushes them has the right to decide and is who they are signed by: sign them with
/// --user-id, the number of your account.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  astride baseline --reason \"before the review of 2026\" --until 2027-06-30 --dry-run\n  astride baseline --reason \"SEC-12\" --until 2027-01-31 --unit 'legacy/**' --user-id 583231"
)]
pub(super) struct Arguments {
    /// Why this is accepted, for whoever asks later.
    #[arg(long, value_name = "WHY")]
    reason: String,
    /// The last day that the decisions hold; after it the threats are open again.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    until: Day,
    #[command(flatten)]
    tree: Tree,
    #[command(flatten)]
    narrowing: Narrowing,
    /// Only the threat with this ID, as `review` and `threats` print it; may be repeated.
    #[arg(long, value_name = "ID")]
    id: Vec<String>,
    #[command(flatten)]
    signing: Signing,
    /// Print what would be decided, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let now = judging::now();
    if arguments.until < now.day() {
        bail!("{} is past: name the last day that the decisions are to hold", arguments.until);
    }
    let reason = arguments.reason.trim();
    if matches!(reason, "" | "…" | "...") || reason.starts_with('<') && reason.ends_with('>') {
        bail!("--reason wants the words of a person, and no placeholder");
    }
    let progress = Progress::start("listing the threats");
    let tree = arguments.tree.committed();
    let mut judging = Judging::open(&tree.repo, &tree.at)?.with(tree.organisation.read()?);
    let register = tree.register(&mut judging)?;
    drop(progress);
    for repair in &register.repairs {
        complain(&format!("not read, and so not decided: {}:{}: {}", repair.place.path, repair.place.line, repair.what));
    }
    let open: Vec<&Reviewed> = register.threats.iter().filter(|reviewed| is_meant(arguments, reviewed)).collect();
    if let Some(id) = arguments.id.iter().find(|id| open.iter().all(|reviewed| reviewed.threat.id() != **id)) {
        bail!(
            "no open threat has the ID `{}` there\nhint: `astride threats --state open` lists them, with --rev for another revision",
            plain(id)
        );
    }
    if open.is_empty() {
        print("nothing is open: no decision is written\n")?;
        return Ok(Outcome::Clear);
    }
    let by = arguments.signing.signature(&tree.repo)?;
    let mut blocks: BTreeMap<RepoPath, Vec<Block>> = BTreeMap::new();
    for reviewed in &open {
        let said = Block::said(by.clone(), now, [register.commit; 2], Verdict::Accepted).on(&reviewed.threat);
        let block = Block { reason: arguments.reason.clone(), until: Some(arguments.until), ..said };
        blocks.entry(decisions::scope(&reviewed.threat)).or_default().push(block);
    }
    let mut out = String::new();
    for Reviewed { threat, .. } in &open {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "  {:<8} {}  {}", threat.severity.word(), plain(&threat.id()), plain(&threat.title()));
    }
    let number = count(open.len(), "open threat is", "open threats are");
    let what = format!("{number} accepted until {}, by {} ({})", arguments.until, plain(&by.login), by.right);
    if arguments.dry_run {
        print(&format!("{out}\n{what}: not written, this is a dry run\n"))?;
        return Ok(Outcome::Clear);
    }
    out.push_str(&format!("\n{what}: "));
    out.push_str(&desk::append(&mut judging, &tree, &by, &blocks, &message(&open, &by))?);
    print(&out)?;
    Ok(Outcome::Clear)
}

fn is_meant(arguments: &Arguments, reviewed: &Reviewed) -> bool {
    let Narrowing { min_severity, unit } = &arguments.narrowing;
    let threat = &reviewed.threat;
    State::of(&reviewed.standing) == State::Open
        && threat.rule.kind != RuleKind::Baseline
        && threat.severity >= *min_severity
        && unit.as_ref().is_none_or(|units| units.has(&threat.unit))
        && (arguments.id.is_empty() || arguments.id.contains(&threat.id()))
}

fn message(open: &[&Reviewed], by: &Signature) -> String {
    let lines = open.iter().map(|reviewed| format!("{} accepted by {} (id {})", plain(&reviewed.threat.id()), plain(&by.login), by.id.0));
    format!("baseline: {}\n\n{}\n", count(open.len(), "decision", "decisions"), lines.collect::<Vec<_>>().join("\n"))
}
