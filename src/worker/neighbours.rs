//! Pull requests with the same head: one check stands on their commit, and the worst of them counts.
//!
//! Comes in: numbers. Goes out: for each that is still open at that head what its check would be.

use super::Bench;
use super::failure::failure;
use super::run::RunError;
use crate::change::ObjectId;
use crate::decisions::{Reviewed, Standing};
use crate::forge::error::{ForgeError, found};
use crate::forge::site::Site;
use crate::forge::wire;
use crate::plan::Neighbour;
use crate::report::check;
use crate::report::{Check, Conclusion, Report};
use std::collections::BTreeMap;

/// Pull requests with one head that are looked at together.
const MAX_SAME_HEAD: usize = 100;
/// Those of them that are judged: many that are into the same commit, and that nobody had to answer for, are judged once.
const MAX_NEIGHBOURS: usize = 20;

/// The other pull requests with a head, each with the check that it would have alone.
///
/// # Errors
/// Of the forge and of the judgement.
pub(super) async fn find(bench: &Bench, site: &Site, head: ObjectId, numbers: Vec<u64>) -> Result<Vec<Neighbour>, RunError> {
    let too_many = |most: usize| failure(&RunError::TooMuch(format!("more than {most} pull requests have this head")));
    let mut neighbours = Vec::new();
    let mut tips: BTreeMap<String, Option<ObjectId>> = BTreeMap::new();
    let mut clear: BTreeMap<ObjectId, Check> = BTreeMap::new();
    let mut listed = None;
    let mut judged = 0;
    for (index, number) in numbers.into_iter().enumerate() {
        if index == MAX_SAME_HEAD {
            neighbours.push(Neighbour { number, base: String::new(), check: too_many(MAX_SAME_HEAD), is_untold: false });
            break;
        }
        let is_there = |pull: &wire::Pull| pull.state == "open" && pull.head.sha == head.to_string();
        let pull = match found(site.pull(number, None).await)?.filter(is_there) {
            Some(pull) => pull,
            None => {
                let at_head = match &listed {
                    Some(at_head) => at_head,
                    None => listed.insert(site.pulls_at(head).await?),
                };
                // Two answers that contradict each other say nothing, least of all that what was red counts no longer.
                if at_head.contains(&number) {
                    return Err(untrue(number).into());
                }
                continue;
            }
        };
        let base = pull.base.branch.clone();
        let tip = match tips.get(&base) {
            Some(tip) => *tip,
            None => {
                let tip = site.branch_tip(&base).await?;
                tips.insert(base.clone(), tip);
                tip
            }
        };
        let known = tip.and_then(|tip| clear.get(&tip)).cloned();
        let (check, is_untold) = match known {
            Some(check) => (check, false),
            None if judged == MAX_NEIGHBOURS => (too_many(MAX_NEIGHBOURS), false),
            None => {
                judged += 1;
                let aside = judged_aside(bench, site, &pull).await?;
                clear.extend(tip.filter(|_| aside.of_all).map(|tip| (tip, aside.check.clone())));
                (aside.check, aside.is_untold)
            }
        };
        neighbours.push(Neighbour { number, base, check, is_untold });
    }
    Ok(neighbours)
}

fn untrue(number: u64) -> ForgeError {
    ForgeError::Untrue { what: format!("pull request {number}, which is listed as open at this head and by itself is not,") }
}

/// A pull request as it would be if it were alone.
struct Aside {
    check: Check,
    /// Any other one into the same commit has the same check: it is clear, and nobody's word has made it so.
    of_all: bool,
    /// The forge refused to say what it is about. That may be another time, so that the next sweep asks again.
    is_untold: bool,
}

impl Aside {
    /// What cannot be judged is not clear.
    fn failed(error: &RunError) -> Self {
        Self { check: failure(error), of_all: false, is_untold: matches!(error, RunError::Forge(_)) }
    }
}

async fn judged_aside(bench: &Bench, site: &Site, pull: &wire::Pull) -> Result<Aside, RunError> {
    let mut seen = match site.see_aside(pull).await {
        Ok(seen) => seen,
        // What will not pass by itself at once must hold up nobody's red.
        Err(error) if !error.is_passing() => return Ok(Aside::failed(&error.into())),
        Err(error) => return Err(error.into()),
    };
    match bench.judgement.report(site, &mut seen, bench.clock.timestamp()).await {
        Ok(report) => {
            let check = check::render(&report);
            let of_all = check.conclusion == Conclusion::Success && !rests_on_words(&report);
            Ok(Aside { check, of_all, is_untold: false })
        }
        Err(error @ (RunError::Panicked | RunError::TooMuch(_) | RunError::TooHeavy(_))) => Ok(Aside::failed(&error)),
        Err(RunError::Forge(error)) if !error.is_passing() => Ok(Aside::failed(&error.into())),
        Err(error) => Err(error),
    }
}

/// Whether anybody has said anything that counts for or against a change: then another pull request with the same change may be judged otherwise.
fn rests_on_words(report: &Report) -> bool {
    let is_said =
        |reviewed: &Reviewed| !matches!(reviewed.standing, Standing::Open | Standing::Unclear | Standing::Covered | Standing::SwitchedOff);
    report.emergency.is_some() || !report.rulings.is_empty() || report.reviewed.iter().any(is_said)
}

/// The others with the same head and their bases, in order: what a pull request was judged with.
pub(super) fn words<'n>(neighbours: impl Iterator<Item = (u64, &'n str)>) -> String {
    let mut neighbours: Vec<(u64, &str)> = neighbours.collect();
    neighbours.sort_unstable();
    neighbours.iter().map(|(number, base)| format!("{number}:{base}")).collect::<Vec<_>>().join(" ")
}
