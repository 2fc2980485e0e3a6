//! The check of a commit that is the head of several pull requests: the worst of what is to be said of each.
//!
//! Comes in: the check of one of them, and those of its neighbours. Goes out: the check of all. It is the same whichever of them is
//! judged last, so that they never write over each other.

use super::{Neighbour, Page};
use crate::report::{Check, Conclusion, escape};

/// GitHub shows the title on one line.
const TITLE: usize = 120;
/// Pull requests that are listed.
const LISTED: usize = 20;

/// The check as it should stand for all pull requests with this head.
pub(super) fn shared(own: Check, pull: Option<u64>, page: &Page) -> Check {
    let Some(number) = pull.filter(|_| !page.neighbours.is_empty()) else { return own };
    let own = Neighbour { number, base: page.base.clone(), check: own, is_untold: false };
    let mut all: Vec<&Neighbour> = page.neighbours.iter().chain([&own]).collect();
    all.sort_by_key(|neighbour| neighbour.number);
    let Some(worst) = all.iter().rev().max_by_key(|neighbour| weight(neighbour.check.conclusion)) else { return own.check };
    let lines: Vec<String> = all.iter().take(LISTED).map(|neighbour| line(neighbour)).collect();
    let way_out = match worst.check.conclusion {
        Conclusion::Success => String::new(),
        Conclusion::ActionRequired | Conclusion::Failure if worst.is_group() => {
            format!("Close #{number}, or push another commit to it: the merge queue has this one for itself.\n\n")
        }
        Conclusion::ActionRequired | Conclusion::Failure => {
            format!("#{} counts until it is answered or closed, or goes to another base.\n\n", worst.number)
        }
    };
    Check {
        conclusion: worst.check.conclusion,
        title: title(worst),
        summary: format!(
            "This commit is the head of {}, and a check belongs to a commit: it says the worst of what is to be said of them.\n\n\
             {}\n\n{way_out}What follows is about {}.\n\n{}",
            heads(&all),
            lines.join("\n"),
            name(worst),
            worst.check.summary
        ),
        text: worst.check.text.clone(),
        // A page is of one pull request, and the check of all of them.
        details: None,
        annotations: worst.check.annotations.clone(),
    }
}

fn weight(conclusion: Conclusion) -> u8 {
    match conclusion {
        Conclusion::Success => 0,
        Conclusion::ActionRequired => 1,
        Conclusion::Failure => 2,
    }
}

fn title(worst: &Neighbour) -> String {
    let base = if worst.is_group() { String::new() } else { format!(" into {}", worst.base) };
    let title = format!("{}{base}: {}", name(worst), worst.check.title);
    title.chars().take(TITLE).collect()
}

fn line(neighbour: &Neighbour) -> String {
    let Neighbour { base, check, .. } = neighbour;
    let base = if neighbour.is_group() { String::new() } else { format!(" into {}", escape::code(base)) };
    format!("- {}{base}: {}, {}", name(neighbour), check.conclusion.word().replace('_', " "), escape::text(&check.title))
}

fn name(neighbour: &Neighbour) -> String {
    if neighbour.is_group() { "the merge group".to_owned() } else { format!("#{}", neighbour.number) }
}

fn heads(all: &[&Neighbour]) -> String {
    let pulls = all.iter().filter(|neighbour| !neighbour.is_group()).count();
    let plural = if pulls == 1 { "" } else { "s" };
    let group = if pulls < all.len() { " and of a merge group" } else { "" };
    format!("{pulls} pull request{plural}{group}")
}

#[cfg(test)]
mod tests {
    use super::{Neighbour, Page, shared};
    use crate::report::{Check, Conclusion};

    fn check(conclusion: Conclusion, title: &str) -> Check {
        Check {
            conclusion,
            title: title.to_owned(),
            summary: format!("{title}, in short"),
            text: format!("{title}, at length"),
            details: None,
            annotations: Vec::new(),
        }
    }

    fn neighbour(number: u64, base: &str, check: &Check) -> Neighbour {
        Neighbour { number, base: base.to_owned(), check: check.clone(), is_untold: false }
    }

    #[test]
    fn the_worst_is_said_whoever_is_judged_last() {
        let clear = check(Conclusion::Success, "clear");
        let open = check(Conclusion::ActionRequired, "1 threat needs an answer");
        let broken = check(Conclusion::Failure, "1 file needs repair");
        for (checks, worst, way_out) in [
            ([&clear, &clear, &clear], "#1 into a: clear", false),
            ([&clear, &open, &clear], "#2 into b: 1 threat needs an answer", true),
            ([&open, &open, &clear], "#1 into a: 1 threat needs an answer", true),
            ([&open, &clear, &broken], "#3 into c: 1 file needs repair", true),
        ] {
            let all: Vec<Neighbour> =
                (1..).zip(["a", "b", "c"]).zip(checks).map(|((number, base), check)| neighbour(number, base, check)).collect();
            let said: Vec<Check> = all
                .iter()
                .map(|own| {
                    let neighbours = all.iter().filter(|other| other.number != own.number).cloned().collect();
                    let page = Page { base: own.base.clone(), neighbours, ..Page::default() };
                    shared(own.check.clone(), Some(own.number), &page)
                })
                .collect();
            assert!(said.iter().all(|check| *check == said[0]), "{said:#?}");
            assert_eq!(said[0].title, worst);
            assert!(said[0].summary.contains("- #2 into `b`: "), "{}", said[0].summary);
            assert_eq!(said[0].summary.contains("until it is answered or closed"), way_out);
        }
    }

    #[test]
    fn alone_it_says_its_own() {
        let own = check(Conclusion::ActionRequired, "1 threat needs an answer");
        assert_eq!(shared(own.clone(), Some(1), &Page::default()), own);
    }
}
