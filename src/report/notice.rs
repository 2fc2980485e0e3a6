//! What the outgoing webhook is told of a pull request: what has opened, what was decided, emergencies, decisions that ended.
//!
//! Comes in: a report. Goes out: notices, each with a key that is the same as long as it is about the same; whoever keeps them tells only what
//! is new. Every foreign word of a line has gone through `escape`; the JSON has them as they are.

use crate::change::Timestamp;
use crate::decisions::{Because, Decided, Reviewed, Ruling, Signature, Standing};
use crate::report::{Repair, Report, Weakened, escape};
use crate::source::Place;
use crate::stride::Threat;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What is said of settings that ask for less.
const WEAKENS: &str = "the pull request weakens the gate's settings";

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// The gate waits for an answer.
    Opened,
    /// Somebody's word on it counts.
    Decided,
    /// Somebody called an emergency.
    Emergency,
    /// A decision has ended.
    Expired,
}

impl Event {
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Decided => "decided",
            Self::Emergency => "emergency",
            Self::Expired => "expired",
        }
    }
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub event: Event,
    /// Hex digits that name what happened to what.
    pub key: String,
    /// 0 where it belongs to no pull request.
    pub pull: u64,
    /// Repository and pull request, as JSON.
    pub place: String,
    /// What is told, as JSON.
    pub item: String,
    /// The same for people, in Slack's markup.
    pub line: String,
}

/// Where it happened.
#[derive(Clone, Debug)]
pub struct Scene {
    pub repository: u64,
    /// `acme/shop`.
    pub name: String,
    /// `https://github.com/acme/shop`.
    pub web_url: String,
    pub private: bool,
    /// `None` for what belongs to no pull request.
    pub pull: Option<u64>,
}

/// What a pull request's report has to tell.
pub fn of_report(report: &Report, scene: &Scene) -> Vec<Notice> {
    let mut notices: Vec<Notice> = report.blocking().map(|reviewed| opened(&reviewed.threat, report.advise, scene)).collect();
    notices.extend(report.open_repairs().map(|repair| repair_opened(repair, report.advise, scene)));
    notices.extend(report.open_weakened().map(|weakened| weakened_opened(weakened, report.advise, scene)));
    notices.extend(report.reviewed.iter().filter_map(|reviewed| decided(reviewed, scene)));
    notices.extend(matters_decided(report, scene));
    notices.extend(expired(&report.reviewed, scene));
    notices.extend(report.emergency.as_ref().map(|emergency| {
        let item = EmergencyItem {
            ticket: &emergency.ticket,
            reason: &emergency.reason,
            by: By::of(&emergency.by),
            until: emergency.until.to_string(),
            url: &emergency.url,
        };
        let (ticket, by, reason) = (escape::slack(&emergency.ticket), escape::slack(&emergency.by.login), escape::slack(&emergency.reason));
        let line = format!("emergency {ticket} by {by} until {}: {reason}", emergency.until);
        notice(Event::Emergency, &[&emergency.url, &emergency.ticket, &emergency.head.to_string()], &item, line, scene)
    }));
    notices
}

/// The decisions of a register or of a pull request that have ended.
pub fn expired<'r>(threats: impl IntoIterator<Item = &'r Reviewed>, scene: &Scene) -> Vec<Notice> {
    let ended = threats.into_iter().filter_map(|reviewed| match &reviewed.standing {
        Standing::Reopened { was, because: Because::Expired(day) } => Some((&reviewed.threat, was, day)),
        Standing::Open
        | Standing::Unclear
        | Standing::Covered
        | Standing::SwitchedOff
        | Standing::Claimed
        | Standing::Proposed(_)
        | Standing::Decided(_)
        | Standing::Reopened { .. } => None,
    });
    let told = ended.map(|(threat, was, day)| {
        let item = DecisionItem::of(threat, was);
        let line = format!("{} ended on {day}: {}", threat_words(threat), said(was));
        // The same decision ends once, wherever that shows first.
        let anywhere = Scene { pull: None, ..scene.clone() };
        notice(Event::Expired, &[&threat.fingerprint().to_string(), &day.to_string()], &item, line, &anywhere)
    });
    told.collect()
}

fn opened(threat: &Threat, advise: bool, scene: &Scene) -> Notice {
    let line = format!("{} ({}): {}", threat_words(threat), threat.severity.word(), escape::slack(&threat.title()));
    notice(Event::Opened, &[&threat.fingerprint().to_string()], &ThreatItem::of(threat, Some(advise)), line, scene)
}

fn repair_opened(repair: &Repair, advise: bool, scene: &Scene) -> Notice {
    let item = MatterItem { id: &repair.id, what: &repair.what, file: repair.place.path.as_str(), line: repair.place.line, advise };
    let line = format!("`{}`: {}", escape::slack(&repair.id), escape::slack(&repair.what));
    notice(Event::Opened, &[&repair.id], &item, line, scene)
}

fn weakened_opened(weakened: &Weakened, advise: bool, scene: &Scene) -> Notice {
    let id = weakened.id();
    let item = MatterItem { id: &id, what: WEAKENS, file: weakened.place.path.as_str(), line: weakened.place.line, advise };
    notice(Event::Opened, &[&id], &item, format!("`{}`: {WEAKENS}", escape::slack(&id)), scene)
}

/// A decision of the pull request at hand; what was decided elsewhere was told there.
fn decided(reviewed: &Reviewed, scene: &Scene) -> Option<Notice> {
    let Standing::Decided(decided) = &reviewed.standing else { return None };
    if !reviewed.introduced || Some(decided.pull) != scene.pull {
        return None;
    }
    let threat = &reviewed.threat;
    let line = format!("{} {}", threat_words(threat), said(decided));
    let at = decided.at.to_string();
    let key = [threat.fingerprint().to_string(), decided.verdict.word().to_owned(), decided.url.clone(), at];
    Some(notice(Event::Decided, &key.each_ref().map(String::as_str), &DecisionItem::of(threat, decided), line, scene))
}

/// The same of what is no threat: a file that is accepted as it cannot be read, settings that may ask for less.
fn matters_decided(report: &Report, scene: &Scene) -> Vec<Notice> {
    let repairs = report.repairs.iter().map(|repair| (repair.id.clone(), repair.what.as_str(), &repair.place));
    let weakened = report.weakened.iter().map(|weakened| (weakened.id(), WEAKENS, &weakened.place));
    // One file may have several repairs under one ID.
    let matters: BTreeMap<String, (&str, &Place)> = repairs.chain(weakened).map(|(id, what, place)| (id, (what, place))).collect();
    let told = matters.iter().filter_map(|(id, (what, place))| {
        let Some(Ruling::Decided(decided)) = report.rulings.get(id) else { return None };
        if Some(decided.pull) != scene.pull {
            return None;
        }
        let item = MatterDecisionItem { id, what, file: place.path.as_str(), line: place.line, said: Said::of(decided) };
        let line = format!("`{}` {}", escape::slack(id), said(decided));
        let at = decided.at.to_string();
        Some(notice(Event::Decided, &[id, decided.verdict.word(), &decided.url, &at], &item, line, scene))
    });
    told.collect()
}

fn threat_words(threat: &Threat) -> String {
    format!("`{}`", escape::slack(&threat.id()).replace('`', "'"))
}

/// `accepted by rita until 2027-01-01: public form`.
fn said(decided: &Decided) -> String {
    let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
    let (terms, reason) = (escape::slack(&decided.terms()), escape::slack(&decided.reason));
    format!("{} by {}{terms}: {reason}", decided.verdict.word(), escape::slack(&by.words()))
}

fn notice(event: Event, named: &[&str], item: &impl Serialize, line: String, scene: &Scene) -> Notice {
    let pull = scene.pull.unwrap_or(0);
    let key = Sha256::digest(format!("{} {pull} {}", event.word(), named.join("\n")));
    let place = PlaceItem {
        repository: RepositoryItem { id: scene.repository, name: &scene.name, url: &scene.web_url, private: scene.private },
        pull: scene.pull.map(|number| PullItem { number, url: format!("{}/pull/{number}", scene.web_url) }),
    };
    Notice { event, key: key.iter().map(|byte| format!("{byte:02x}")).collect(), pull, place: written(&place), item: written(item), line }
}

fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("every key is a text, and no entry refuses to be written")
}

/// The edition of the message; a reader that knows another one must not guess.
const SCHEMA_VERSION: u32 = 1;
/// Most lines of the text for people.
const MOST_LINES: usize = 10;

/// One message: notices of one event on one pull request. `place` and the items are those of the notices, each item with its line.
///
/// # Errors
/// A part is no JSON: the store has lost something.
pub fn message(event: &str, delivery: &str, at: Timestamp, place: &str, items: &[(String, String)]) -> Result<String, serde_json::Error> {
    let place: serde_json::Value = serde_json::from_str(place)?;
    let parsed: Result<Vec<serde_json::Value>, serde_json::Error> = items.iter().map(|(item, _)| serde_json::from_str(item)).collect();
    let message = Message {
        text: text(event, &place, items),
        schema_version: SCHEMA_VERSION,
        event,
        delivery,
        at: at.to_string(),
        repository: &place["repository"],
        pull: &place["pull"],
        items: parsed?,
    };
    serde_json::to_string(&message)
}

/// For people, in Slack's markup: a line for where and what, and one for each item.
fn text(event: &str, place: &serde_json::Value, items: &[(String, String)]) -> String {
    let name = place["repository"]["name"].as_str().unwrap_or_default();
    let link = match (place["pull"]["url"].as_str(), place["pull"]["number"].as_u64()) {
        (Some(url), Some(number)) => format!("<{}|{}#{number}>", escape::slack(url), escape::slack(name)),
        _ => escape::slack(name),
    };
    let what = match event {
        "opened" => "waits for an answer",
        "decided" => "decided",
        "emergency" => "emergency",
        _ => "ended",
    };
    let mut lines = vec![format!("*{link}*: {} {what}", items.len())];
    lines.extend(items.iter().take(MOST_LINES).map(|(_, line)| format!("• {line}")));
    lines.extend((items.len() > MOST_LINES).then(|| format!("and {} more", items.len() - MOST_LINES)));
    lines.join("\n")
}

#[derive(Serialize)]
struct Message<'m> {
    text: String,
    schema_version: u32,
    event: &'m str,
    delivery: &'m str,
    at: String,
    repository: &'m serde_json::Value,
    pull: &'m serde_json::Value,
    items: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct PlaceItem<'p> {
    repository: RepositoryItem<'p>,
    pull: Option<PullItem>,
}

#[derive(Serialize)]
struct RepositoryItem<'p> {
    id: u64,
    name: &'p str,
    url: &'p str,
    private: bool,
}

#[derive(Serialize)]
struct PullItem {
    number: u64,
    url: String,
}

#[derive(Serialize)]
struct ThreatItem<'t> {
    id: String,
    fingerprint: String,
    rule: &'static str,
    category: char,
    severity: &'static str,
    element: &'t str,
    title: String,
    file: &'t str,
    line: u32,
    /// Whether the App's check only says so, and holds nothing up.
    #[serde(skip_serializing_if = "Option::is_none")]
    advise: Option<bool>,
}

impl<'t> ThreatItem<'t> {
    fn of(threat: &'t Threat, advise: Option<bool>) -> Self {
        Self {
            id: threat.id(),
            fingerprint: threat.fingerprint().to_string(),
            rule: threat.rule.id,
            category: threat.rule.category.letter(),
            severity: threat.severity.word(),
            element: &threat.on,
            title: threat.title(),
            file: threat.place.path.as_str(),
            line: threat.place.line,
            advise,
        }
    }
}

/// What holds a gate shut and is no threat: a file that cannot be read, settings that are weakened.
#[derive(Serialize)]
struct MatterItem<'m> {
    id: &'m str,
    what: &'m str,
    file: &'m str,
    line: u32,
    advise: bool,
}

#[derive(Serialize)]
struct DecisionItem<'d> {
    threat: ThreatItem<'d>,
    #[serde(flatten)]
    said: Said<'d>,
}

#[derive(Serialize)]
struct MatterDecisionItem<'d> {
    id: &'d str,
    what: &'d str,
    file: &'d str,
    line: u32,
    #[serde(flatten)]
    said: Said<'d>,
}

/// Somebody's word, with all that belongs to it.
#[derive(Serialize)]
struct Said<'d> {
    verdict: &'static str,
    reason: &'d str,
    by: By<'d>,
    confirmed_by: Option<By<'d>>,
    at: String,
    until: Option<String>,
    ticket: Option<&'d str>,
    to: Option<&'d str>,
    url: &'d str,
}

impl<'d> DecisionItem<'d> {
    fn of(threat: &'d Threat, decided: &'d Decided) -> Self {
        Self { threat: ThreatItem::of(threat, None), said: Said::of(decided) }
    }
}

impl<'d> Said<'d> {
    fn of(decided: &'d Decided) -> Self {
        Self {
            verdict: decided.verdict.word(),
            reason: &decided.reason,
            by: By::of(&decided.by),
            confirmed_by: decided.confirmed_by.as_ref().map(By::of),
            at: decided.at.to_string(),
            until: decided.until.map(|day| day.to_string()),
            ticket: decided.ticket.as_deref(),
            to: decided.to.as_deref(),
            url: &decided.url,
        }
    }
}

#[derive(Serialize)]
struct EmergencyItem<'e> {
    ticket: &'e str,
    reason: &'e str,
    by: By<'e>,
    until: String,
    url: &'e str,
}

/// Who, and by what right.
#[derive(Serialize)]
struct By<'b> {
    id: u64,
    login: &'b str,
    right: &'b str,
}

impl<'b> By<'b> {
    fn of(signature: &'b Signature) -> Self {
        Self { id: signature.id.0, login: &signature.login, right: &signature.right }
    }
}
