//! The register as the body of one issue, which is edited in place: what is due, what was said since the last edition, what is owed, open and
//! decided.
//!
//! Comes in: the register with the words of its ledger, the day, and the edition: its own day, and what the edition before it counted. Goes out:
//! Markdown. It names no commit and no time: of the same tree, decisions and edition it has the same bytes, as long as nothing becomes due.
//! Every foreign word has gone through `escape`, and nobody is mentioned.

use crate::change::{Day, Timestamp};
use crate::decisions::trail::{Entry, State};
use crate::decisions::{Reviewed, Signature, Verdict};
use crate::model::category::Category;
use crate::report::audit;
use crate::report::register::due::{Due, Group, due};
use crate::report::register::{Stock, asked, counts, decision, said, spoken};
use crate::report::ruled::{self, SwitchedOff};
use crate::report::{escape, marker, percent};
use crate::settings;
use crate::source::Place;
use std::fmt::Write;

/// The title: by it, or by the marker in its body, and by its author it is found again.
pub const TITLE: &str = "Threat register";
/// Characters that the body may have; GitHub takes 65,536.
const BUDGET: usize = 60_000;
/// Rows of a table, and characters of a reason, from the first that fit: the last of them always do.
const FITS: [(usize, usize); 7] = [(500, 400), (250, 300), (120, 200), (60, 200), (25, 120), (10, 80), (3, 40)];
/// What stands in the tables besides the groups' names.
const WORDS: &str = "| proposed | said by somebody whose word is not enough: an author of the change, or the first of two; it answers nothing until somebody else confirms it |
| merged unanswered | it waited for an answer when its pull request was merged: past the gate, under an emergency, or while the gate only advised |
| (maintain), (author, write) | by which right somebody spoke; an author only proposes |
";
/// How far back the first edition looks, in days.
const LATELY: i64 = 30;

/// How many threats each group of the register has, in the order of `Group::ALL`.
pub type Counts = [usize; Group::ALL.len()];

/// Which edition of the issue a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition {
    pub on: Day,
    /// What was said since this day is listed.
    pub since: Day,
    /// What the edition before it counted; `None` for the first.
    pub was: Option<Counts>,
}

impl Edition {
    pub fn first(today: Day) -> Self {
        Self { on: today, since: Day(today.0 - LATELY), was: None }
    }

    /// The one that follows a body that stands; the first where nobody can tell which one that is.
    pub fn after(standing: &str, today: Day) -> Self {
        match marker::read_register(standing) {
            Some((before, now)) => Self { on: today, since: before.on, was: Some(now) },
            None => Self::first(today),
        }
    }

    /// Which edition a body is.
    pub fn of(standing: &str) -> Option<Self> {
        marker::read_register(standing).map(|(edition, _)| edition)
    }
}

/// Where what the issue names is found.
pub struct Places<'p> {
    /// `https://github.com/acme/shop`.
    pub web_url: &'p str,
    /// The branch that was read.
    pub branch: &'p str,
    /// The branch with the decisions.
    pub ledger: &'p str,
    /// How often there is an edition at most: `weekly`.
    pub every: &'p str,
}

/// The body.
pub fn render(stock: &Stock, places: &Places<'_>, edition: &Edition, today: Day) -> String {
    let page = Page { stock, places, edition, due: due(&stock.register, today), counts: counts(&stock.register) };
    let bodies = FITS.iter().map(|(rows, words)| page.body(*rows, *words));
    let mut last = String::new();
    for body in bodies {
        if body.chars().count() <= BUDGET {
            return body;
        }
        last = body;
    }
    last.chars().take(BUDGET).collect()
}

struct Page<'p> {
    stock: &'p Stock,
    places: &'p Places<'p>,
    edition: &'p Edition,
    due: Vec<Due<'p>>,
    counts: Counts,
}

impl Page<'_> {
    fn body(&self, rows: usize, words: usize) -> String {
        let mut sections = vec![format!("{}\n{}", marker::register(self.edition, &self.counts), self.head())];
        sections.extend(self.unread(rows));
        sections.push(self.sums());
        sections.push(self.due(rows, words));
        sections.push(self.said(rows, words));
        for group in Group::ALL.into_iter().filter(|group| *group != Group::Covered) {
            sections.extend(self.group(group, rows, words));
        }
        sections.extend(self.switched_off(rows, words));
        sections.push(self.categories());
        sections.push(meanings());
        sections.push(self.footer());
        sections.join("\n\n") + "\n"
    }

    fn head(&self) -> String {
        let whole = if self.stock.register.is_whole() { "" } else { " **Something could not be read, so that threats may be missing.**" };
        let count = |group: Group| self.counts[group as usize];
        format!(
            "**{} due, {} owed, {} open.** As of {}.{whole}",
            self.due.len(),
            count(Group::Debt),
            count(Group::Open) + count(Group::Unclear),
            self.edition.on
        )
    }

    /// How many there are of each group, and how many there were.
    fn sums(&self) -> String {
        let before = self.edition.was.map_or_else(String::new, |_| format!(" {} |", self.edition.since));
        let mut out = format!("| | now |{before}\n|---|--:|{}\n", if before.is_empty() { "" } else { "--:|" });
        for (index, group) in Group::ALL.into_iter().enumerate() {
            let was = self.edition.was.map_or_else(String::new, |was| format!(" {} |", was[index]));
            // Writing to a string cannot fail, here and below.
            let _ = writeln!(out, "| {} | {} |{was}", group.words(), self.counts[index]);
        }
        out.trim_end().to_owned()
    }

    fn due(&self, rows: usize, words: usize) -> String {
        if self.due.is_empty() {
            return "### Due: 0\n\nNo decision has ended, ends within 30 days, or is so old that the settings want it looked at again."
                .to_owned();
        }
        let mut out = format!("### Due: {}\n\n| when | threat | decision |\n|---|---|---|\n", self.due.len());
        for Due { reviewed, decided, day, why } in self.due.iter().take(rows) {
            let on = decided.at.day();
            let _ = writeln!(out, "| {day}, {why} | {} | {}, on {on} |", self.threat(reviewed), said(decided, &cut(words)));
        }
        (out + &more(self.due.len(), rows)).trim_end().to_owned()
    }

    fn said(&self, rows: usize, words: usize) -> String {
        let since = self.edition.since;
        let entries: Vec<&Entry> = self.stock.said.iter().filter(|entry| entry.block.at.day() >= since).collect();
        let entries: Vec<&Entry> = entries.iter().filter(|entry| !is_told(entry, &entries)).copied().collect();
        if entries.is_empty() {
            return format!("### Said since {since}: nothing");
        }
        // The newest are the last to be left out.
        let shown = &entries[entries.len().saturating_sub(rows)..];
        let pulls = format!("{}/pull", self.places.web_url);
        let table = audit::markdown::table(shown, &pulls, words) + &more(entries.len(), rows);
        format!("### Said since {since}: {}\n\n{}", entries.len(), table.trim_end())
    }

    /// What needs somebody is open to the eye, and what is answered is folded; `None` where there is nothing.
    fn group(&self, group: Group, rows: usize, words: usize) -> Option<String> {
        let threats = &self.stock.register.threats;
        let of_group: Vec<&Reviewed> = threats.iter().filter(|reviewed| Group::of(reviewed) == Some(group)).collect();
        if of_group.is_empty() {
            return None;
        }
        let mut out = String::from("| severity | threat | whose | since | what was said |\n|---|---|---|---|---|\n");
        of_group.iter().take(rows).for_each(|reviewed| self.row(reviewed, words, &mut out));
        out.push_str(&more(of_group.len(), rows));
        let title = format!("{}: {}", group.words(), of_group.len());
        Some(match group {
            Group::Debt | Group::Open => format!("### {title}\n\n{}", out.trim_end()),
            Group::Unclear | Group::Accepted | Group::Transferred | Group::Settled | Group::Covered => folded(&title, &out),
        })
    }

    fn row(&self, reviewed: &Reviewed, words: usize, out: &mut String) {
        let decided = decision(&reviewed.standing);
        let debt = reviewed.debt();
        let whose = asked(reviewed).or_else(|| decided.and_then(|decided| decided.to.as_deref())).unwrap_or_default();
        let since =
            debt.map(|debt| debt.at).or(decided.map(|decided| decided.at)).map_or_else(|| "–".to_owned(), |at| at.day().to_string());
        let owed = debt.map(|debt| escape::clipped(&debt.words(), words));
        let said = owed.into_iter().chain(spoken(&reviewed.standing, &cut(words))).chain(ruled::all(&reviewed.threat, cut(words)));
        let words = said.collect::<Vec<_>>().join("; ");
        let (severity, threat) = (reviewed.threat.severity.word(), self.threat(reviewed));
        let _ = writeln!(out, "| {severity} | {threat} | {} | {since} | {words} |", escape::text(whose));
    }

    /// What the settings have not asked, by the entry that says so; `None` where that is nothing.
    fn switched_off(&self, rows: usize, words: usize) -> Option<String> {
        let switched_off = ruled::switched_off(&self.stock.register.threats);
        let number: usize = switched_off.iter().map(|off| off.threats.len()).sum();
        let line = |off: &SwitchedOff<'_>| format!("- {}: {}\n", off.rules(escape::code), off.why(cut(words)));
        let lines: String = switched_off.iter().take(rows).map(line).collect();
        let title = format!("Switched off by the settings: {number}");
        (number > 0).then(|| folded(&title, &format!("{lines}{}", more(switched_off.len(), rows))))
    }

    fn threat(&self, reviewed: &Reviewed) -> String {
        let threat = &reviewed.threat;
        format!("{} {} ({})", escape::code(&threat.id()), escape::clipped(&threat.title(), 300), self.line(&threat.place))
    }

    /// On the branch: a commit would be another one at each edition, though nothing has changed.
    fn line(&self, place: &Place) -> String {
        let percent = |text: &str| text.bytes().map(percent).collect::<String>();
        let (branch, path) = (percent(self.places.branch), percent(place.path.as_str()));
        let words = words(place);
        format!("[{words}]({}/blob/{branch}/{path}#L{})", self.places.web_url, place.line)
    }

    fn unread(&self, rows: usize) -> Option<String> {
        let register = &self.stock.register;
        let at = |place: &Place, what: &str| format!("- {}: {}\n", self.line(place), escape::clipped(what, 300));
        let repairs = register.repairs.iter().map(|repair| match repair.in_tree() {
            Some(place) => at(place, &repair.what),
            None => format!("- {}: {}\n", words(&repair.place), escape::clipped(&repair.what, 300)),
        });
        let notes = register.notes.iter().filter(|note| note.kind.hides()).map(|note| at(&note.place, &note.text));
        let others = register.not_judged.iter();
        let others = others.map(|other| format!("- {} ({})\n", escape::code(other.path.as_str()), escape::text(&other.format)));
        let settings = register.warnings.iter().map(|warning| format!("- settings: {}\n", escape::clipped(warning, 300)));
        let all: Vec<String> = repairs.chain(notes).chain(others).chain(settings).collect();
        let shown: String = all.iter().take(rows).map(String::as_str).collect();
        (!all.is_empty()).then(|| format!("### Not read: {}\n\n{shown}{}", all.len(), more(all.len(), rows)).trim_end().to_owned())
    }

    fn categories(&self) -> String {
        let groups = [Group::Debt, Group::Open, Group::Unclear, Group::Accepted, Group::Covered];
        let names: String = groups.iter().map(|group| format!(" {} |", group.words().to_lowercase())).collect();
        let mut out = format!("| category |{names}\n|---|{}\n", "--:|".repeat(groups.len()));
        for category in Category::ALL {
            let threats = self.stock.register.threats.iter().filter(|reviewed| reviewed.threat.rule.category == category);
            let of_category: Vec<Option<Group>> = threats.map(Group::of).collect();
            let numbers = groups.iter().map(|group| format!(" {} |", of_category.iter().filter(|of| **of == Some(*group)).count()));
            let _ = writeln!(out, "| {} |{}", category.words(), numbers.collect::<String>());
        }
        folded("By STRIDE category", &out)
    }

    fn footer(&self) -> String {
        let Places { branch, ledger, every, .. } = self.places;
        format!(
            "<sub>Read from {}, decisions from {}. Astride edits this issue, {every} at most and only where something changed; what others write \
             into it is replaced. Decide on a pull request, or with `astride decide`. Close it to pause it; `register.issue` in `{}` ends it. \
             Version {}, catalogue {}.</sub>",
            escape::code(branch),
            escape::code(ledger),
            settings::PATH,
            env!("CARGO_PKG_VERSION"),
            crate::CATALOGUE_VERSION,
        )
    }
}

/// Text that is cut after so many characters, as Markdown.
fn cut(words: usize) -> impl Fn(&str) -> String {
    move |text| escape::clipped(text, words)
}

/// For whoever reads it for the first time.
fn meanings() -> String {
    let groups: String = Group::ALL.iter().map(|group| format!("| {} | {} |\n", group.words(), group.meaning())).collect();
    folded("What the words mean", &format!("| | |\n|---|---|\n{groups}{WORDS}"))
}

fn folded(title: &str, table: &str) -> String {
    format!("<details><summary>{title}</summary>\n\n{}\n\n</details>", table.trim_end())
}

/// What was left out for size, and where it is whole.
fn more(all: usize, rows: usize) -> String {
    if all <= rows {
        return String::new();
    }
    format!("\n… and {} more; `astride threats --format html` lists all of them.", all - rows)
}

/// Whether the row of what it is about says already that this confirmed it or took it back, or the row of a merge that it left this unanswered.
fn is_told(entry: &Entry, entries: &[&Entry]) -> bool {
    let said = &entry.block;
    if said.verdict == Verdict::MergedOpen {
        let merges = entries.iter().filter(|other| other.block.pull == said.pull).filter_map(|other| other.block.merge.as_ref());
        return merges.flat_map(|merge| &merge.open).any(|id| *id == said.threat);
    }
    let is_this = |by: &Signature, at: &Timestamp| by.id == said.by.id && *at == said.at;
    entries.iter().filter(|other| other.block.fingerprint == said.fingerprint).any(|other| match (said.verdict, &other.state) {
        (Verdict::Confirmed, _) => other.confirmed.iter().any(|(by, at)| is_this(by, at)),
        (Verdict::Undone, State::TakenBack(by, at)) => is_this(by, at),
        _ => false,
    })
}

fn words(place: &Place) -> String {
    format!("{}, line {}", escape::clipped(place.path.as_str(), 120), place.line)
}
