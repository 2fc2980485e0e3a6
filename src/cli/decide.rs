//! `astride decide`: one decision from the desk, in the words of a command on a pull request.
//!
//! Comes in: what `/stride` would take, a commit. Goes out: a commit on the local ledger branch with a block for each threat that is named.
//! Nothing is pushed. Whoever runs it is who decides.

use crate::change::{ObjectId, Reproductions};
use crate::cli::desk::{self, Signing};
use crate::cli::judging::{self, Judging};
use crate::cli::progress::Progress;
use crate::cli::threats::Tree;
use crate::cli::{Outcome, print};
use crate::command::grammar;
use crate::command::{Command, Target, Verb, resolve};
use crate::decisions::pin::{Pin, pattern};
use crate::decisions::{self, Block, Reviewed, Signature, Standing, Verdict, terms};
use crate::formats;
use crate::judge::reproduction::Budget;
use crate::report::text::plain;
use crate::source::{MemoryFiles, RepoPath};
use crate::stride::Threat;
use anyhow::{Context, Result, anyhow, bail};
use std::collections::BTreeMap;

/// Decide on threats of a commit from here: `astride decide accept ID why`, as `/stride accept ID why` on a pull request.
///
/// Takes accept, mitigate, defer, transfer, na, wrong, confirm, reopen and assign with whole IDs and the options of a comment: until=, see=,
/// ticket=, to=. The decision is committed to the local ledger branch; nothing is pushed, the command to do so is printed. An App that reads the branch
/// counts it only if whoever pushes it has the right to decide and is who it is signed by: see --user-id. Where the settings let teams decide, it
/// must be one of their members; where code owners decide, the App counts no answer that is pushed, and takes them by commands alone.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  astride decide accept IntakeFn/S-8b94e136 public on purpose until=2027-06-30\n  astride decide --rev 4f2c9d1 --user-id 583231 defer IntakeFn/S-8b94e136 the authorizer comes in May ticket=OPS-12"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    tree: Tree,
    #[command(flatten)]
    signing: Signing,
    /// Decide for all repositories of the organisation: the decision is written into the clone of its `.github` repository, to be merged there.
    #[arg(long, requires = "organisation")]
    for_organisation: bool,
    /// Print what would be decided, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// The command, without `/stride`.
    #[arg(required = true, trailing_var_arg = true, value_name = "WORDS")]
    words: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    if let Some(option) = arguments.words.iter().find(|word| word.starts_with("--") && word.len() > 2) {
        bail!(
            "`{option}` stands behind the words of the command and would be part of the reason\nhint: options come first: `astride decide {option} accept ID why`"
        )
    }
    let now = judging::now();
    let line = format!("/stride {}", arguments.words.join(" "));
    let parsed = grammar::parse(&line, now);
    let [parsed] = parsed.as_slice() else { bail!("one command at a time: `astride decide accept ID why`") };
    let command = parsed.as_ref().map_err(|refusal| anyhow!("{}", refusal.why))?;
    let verdict = verdict(command.verb)
        .context("this decides nothing: name accept, mitigate, defer, transfer, na, wrong, confirm, reopen or assign")?;
    let progress = Progress::start("listing the threats");
    let tree = arguments.tree.committed();
    let mut judging = Judging::open(&tree.repo, &tree.at)?.with(tree.organisation.read()?);
    let register = tree.register(&mut judging)?;
    drop(progress);
    let see = pin(&mut judging, register.commit, command)?;
    let by = arguments.signing.signature(&tree.repo)?;
    let mut blocks: BTreeMap<RepoPath, Vec<Block>> = BTreeMap::new();
    let mut out = String::new();
    let mut budget = Budget::default();
    for target in &command.what {
        let reviewed = find(target, &register.threats)?;
        check(verdict, &by, reviewed)?;
        let block = Block {
            reason: command.reason.clone(),
            until: terms::end(verdict, command.until, now.day(), reviewed.threat.severity, &register.review_after),
            ticket: command.ticket.clone(),
            to: command.to.clone(),
            see: see.clone(),
            reproduction: reproduction(&mut judging, register.commit, verdict, &reviewed.threat, &mut budget)?,
            ..Block::said(by.clone(), now, [register.commit; 2], verdict).on(&reviewed.threat)
        };
        out.push_str(&format!("{} {}, by {} ({})\n", plain(&block.threat), verdict.word(), plain(&by.login), by.right));
        if let Some(until) = block.until.filter(|_| command.until.is_none()) {
            out.push_str(&format!("open again after {until}: what becomes of a ticket is not seen here; `until=` names another day\n"));
        }
        if !block.reproduction.is_empty() {
            out.push_str(&format!("the least that raises it, with other names, is kept with the decision:\n\n{}\n", block.reproduction));
        }
        if verdict == Verdict::Wrong && block.reproduction.is_empty() {
            out.push_str(&format!("no reproduction of {} is kept: no small part of the template raises it, or looking for one takes more than is done for one command\n", plain(&block.threat)));
        }
        blocks.entry(decisions::scope(&reviewed.threat)).or_default().push(block);
    }
    if blocks.is_empty() {
        bail!("which threat? Name its ID: `astride threats --state open` lists them");
    }
    let of_organisation = tree.organisation.folder().filter(|_| arguments.for_organisation);
    if let Some(folder) = of_organisation {
        out.push_str(&desk::decide_for_organisation(folder, blocks.values().flatten(), arguments.dry_run)?);
    } else if arguments.dry_run {
        out.push_str(desk::DRY_RUN);
    } else {
        let message = format!("decision from the desk\n\n{out}");
        out.push_str(&desk::append(&mut judging, &tree, &by, &blocks, &message)?);
    }
    print(&out)?;
    Ok(Outcome::Clear)
}

fn verdict(verb: Verb) -> Option<Verdict> {
    match verb {
        Verb::Confirm => Some(Verdict::Confirmed),
        Verb::Reopen => Some(Verdict::Reopened),
        Verb::Assign => Some(Verdict::Assigned),
        verb => verb.verdict(),
    }
}

/// Of what was misread: what raises it by itself.
fn reproduction(judging: &mut Judging<'_>, commit: ObjectId, verdict: Verdict, threat: &Threat, budget: &mut Budget) -> Result<String> {
    if verdict != Verdict::Wrong {
        return Ok(String::new());
    }
    let side = judging.repository.side_of(&commit.to_string())?;
    let folder = formats::folder(&threat.unit);
    let is_of_unit = |path: &RepoPath| *path == threat.unit || path.folder() == folder.as_str();
    let mut files = BTreeMap::new();
    for path in side.listing.iter().map(|(path, _)| path).filter(|path| is_of_unit(path)) {
        files.extend(judging.repository.text_at(commit, path.as_str())?.map(|text| (path.clone(), text)));
    }
    Ok(budget.find(&MemoryFiles(files), threat, &Reproductions::default()).unwrap_or_default())
}

fn find<'t>(target: &Target, threats: &'t [Reviewed]) -> Result<&'t Reviewed> {
    if let Target::Rollup(id) = target {
        bail!("{} is a line of one change: name the threats that it stands for, `astride review` prints the ID of each", plain(id))
    }
    let Target::Threat { element, category, hash } = target else {
        bail!("name each threat by its whole ID, as `astride threats` prints it: IntakeFn/S-8b94e136")
    };
    let typed = format!("{element}/{category}-{hash}");
    let is_meant = |reviewed: &&Reviewed| {
        let id = reviewed.threat.id();
        let name = id.rsplit_once('-').map_or(id.as_str(), |(name, _)| name);
        name == format!("{element}/{category}") && reviewed.threat.fingerprint().to_string().starts_with(hash.as_str())
    };
    threats.iter().find(is_meant).ok_or_else(|| {
        let ids: Vec<String> = threats.iter().map(|reviewed| reviewed.threat.id()).collect();
        let meant = resolve::meant(&format!("{element}/{category}"), ids.iter().map(String::as_str));
        anyhow!("nothing has the ID {} at that commit.{}", plain(&typed), plain(&meant))
    })
}

/// Whether the verdict can be given on the threat as it stands.
fn check(verdict: Verdict, by: &Signature, reviewed: &Reviewed) -> Result<()> {
    let id = plain(&reviewed.threat.id());
    match (verdict, &reviewed.standing) {
        (_, Standing::Covered) => bail!("the template itself covers {id}"),
        (_, Standing::SwitchedOff) => bail!("{id} is switched off by the settings, so that nothing is asked"),
        (Verdict::Confirmed, Standing::Proposed(decided)) if decided.by.id == by.id => bail!("nobody confirms an own proposal"),
        (Verdict::Confirmed, Standing::Proposed(_)) | (Verdict::Reopened, Standing::Proposed(_) | Standing::Decided(_)) => Ok(()),
        (Verdict::Confirmed, _) => bail!("nothing is proposed for {id}"),
        (Verdict::Reopened, _) => bail!("nothing is decided on {id}"),
        (Verdict::Assigned, Standing::Decided(_)) => bail!("{id} is decided, and there is nothing left to ask for"),
        _ => Ok(()),
    }
}

/// The file that the decision rests on, as it is at the commit.
fn pin(judging: &mut Judging<'_>, commit: ObjectId, command: &Command) -> Result<Option<Pin>> {
    let Some(see) = &command.see else { return Ok(None) };
    let path = see.path.as_str();
    let side = judging.repository.side_of(&commit.to_string())?;
    let blob = side.listing.get(&see.path).map(|listed| listed.id).with_context(|| format!("there is no {path} at that commit"))?;
    if let Some(wanted) = &see.pattern {
        let text = judging.repository.text_at(commit, path)?.with_context(|| format!("{path} is no text"))?;
        let is_there = pattern(wanted).map_err(|why| anyhow!("{why}"))?.is_match(&text);
        if !is_there {
            bail!("nothing in {path} matches {wanted}");
        }
    }
    Ok(Some(Pin { path: see.path.clone(), blob, pattern: see.pattern.clone() }))
}
