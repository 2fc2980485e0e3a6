//! What stands on the pages, and what it cost to get there.

use astride::sandbox::github::StandIn;
use astride::sandbox::github::faults::Recorded;

/// What the App wrote on all pull requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) pulls: usize,
    /// Heads with a check that has a conclusion, with a green one, and all checks there.
    pub(crate) judged: usize,
    pub(crate) green: usize,
    pub(crate) checks: usize,
    pub(crate) comments: usize,
    pub(crate) threads: usize,
}

/// Counts what stands there.
pub(crate) fn written(standin: &StandIn) -> Written {
    standin.with(|github| {
        let mut all = Written::default();
        for repository in github.repositories.values() {
            let ours = repository.comments.values().filter(|comment| comment.author == github.bot);
            all.comments += ours.count();
            let threads = repository.review_comments.values();
            all.threads += threads.filter(|comment| comment.author == github.bot && comment.reply_to.is_none()).count();
            for pull in repository.pulls.values().filter(|pull| pull.open) {
                let checks: Vec<_> =
                    repository.checks.values().filter(|run| run.head == pull.head.sha && run.app == github.app.id).collect();
                all.pulls += 1;
                all.judged += usize::from(checks.iter().any(|run| run.conclusion.is_some()));
                all.green += usize::from(checks.iter().any(|run| run.conclusion.as_deref() == Some("success")));
                all.checks += checks.len();
            }
        }
        all
    })
}

/// Fails where a page has something twice or lacks it: a check on each head, a comment and a thread on each pull request.
pub(crate) fn assert_once(standin: &StandIn, pulls: usize) {
    let all = written(standin);
    let once = Written { pulls, judged: pulls, green: all.green, checks: pulls, comments: pulls, threads: pulls };
    assert_eq!(all, once, "nothing is lost, and nothing is there twice");
}

/// How often GitHub was asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    /// What the hour of an installation is charged with.
    pub(crate) charged: usize,
    /// Answered 304, which costs nothing.
    pub(crate) unchanged: usize,
    pub(crate) writes: usize,
}

pub(crate) fn asked(standin: &StandIn) -> Asked {
    let requests = standin.requests();
    let of_installation = |request: &&Recorded| request.caller == "installation";
    let count = |is: &dyn Fn(&Recorded) -> bool| requests.iter().filter(of_installation).filter(|request| is(request)).count();
    Asked {
        charged: count(&|request| request.status != Some(304)),
        unchanged: count(&|request| request.status == Some(304)),
        writes: count(&Recorded::is_write),
    }
}

impl Asked {
    /// For each of so many.
    pub(crate) fn each(self, number: usize) -> String {
        let each = |count: usize| count as f64 / number as f64;
        let Self { charged, unchanged, writes } = self;
        format!("{:.1} requests ({:.1} of them writes) and {:.1} answered 304 each", each(charged), each(writes), each(unchanged))
    }
}

/// The pages, line by line, without the ids of commits: those name the time at which they were made.
pub(crate) fn pages(standin: &StandIn) -> String {
    let is_id = |word: &str| matches!(word.len(), 7 | 40) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let dump = standin.dump();
    let words = dump.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()).map(|part| {
        let word = part.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        if is_id(word) { part.replace(word, "SHA") } else { part.to_owned() }
    });
    words.collect()
}

/// Fails at the first line in which two runs end differently.
pub(crate) fn assert_same(reference: &str, other: &str) {
    let differs = reference.lines().zip(other.lines()).find(|(left, right)| left != right);
    assert_eq!(differs, None, "the pages are those of one process without faults");
    assert_eq!(reference.lines().count(), other.lines().count());
}
