//! A repository's settings as people write them, and the schema that is made from these types.
//!
//! The comments here are the schema's descriptions, so that they speak to whoever writes the file.

use super::generated::WrittenGenerated;
use super::review_after::{MAX_DAYS, ReviewAfter};
use super::{Cadence, DOCUMENT, Excluded, Lock, Mode, Settings, Unread, bots, facts, rules, trust};
use crate::change::Right;
use crate::settings::own::Own;
use crate::settings::talk::{Ask, CommentMode, Talk, read_whom};
use crate::source::{Place, RepoPath};
use crate::stride::policy::Policy;
use crate::stride::rule::Severity;
use globset::{Glob, GlobSet, GlobSetBuilder};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::collections::BTreeMap;

/// The one edition of the file.
const VERSION: u32 = 1;
const MAX_THREADS: usize = 20;
const MAX_NEEDED: usize = 5;
/// Each of them is asked whether somebody is in it.
const MAX_TEAMS: usize = 10;

/// What blocks, who decides, what is left out, and what people state. Read from the base branch, or from the organisation's `.github` repository.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "Settings of a repository for Astride", extend("$id" = "urn:astride:settings"))]
pub(super) struct Written {
    /// The edition of this file.
    #[schemars(range(min = VERSION, max = VERSION), extend("default" = VERSION))]
    version: Option<u32>,
    /// `advise`: the App's check is always green, and its title says what is open. `enforce`: it is red until that is answered.
    #[schemars(extend("default" = "advise"))]
    mode: Option<WrittenMode>,
    gate: Gate,
    decide: Decide,
    comment: Comment,
    register: Register,
    generated: Option<WrittenGenerated>,
    wrong: Wrong,
    /// Patterns of paths that are not judged.
    exclude: Vec<String>,
    /// In the organisation's settings alone: keys under which a repository's own entries may not ask for less than the organisation's.
    lock: Vec<Lock>,
    /// What people state of elements: a pattern of ids, `path/of/template.yaml#Element`, and facts with their answers.
    // Read by a parser that keeps the lines of what is stated.
    #[schemars(schema_with = "facts::schema")]
    facts: IgnoredAny,
    /// Accounts and organisations that may be let in, and who that is: they are drawn, and not asked about.
    // Likewise.
    #[schemars(schema_with = "trust::schema")]
    trust: IgnoredAny,
    /// Which threats weigh more or less here, wait for an answer or not, or are not asked: by rule, category, kind and path, each with a
    /// reason. The first entry that fits counts.
    // Likewise.
    #[schemars(schema_with = "rules::schema")]
    rules: IgnoredAny,
}

#[derive(Deserialize, Clone, Copy, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum WrittenMode {
    Enforce,
    Advise,
}

/// What blocks.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Gate {
    /// Findings of this severity and above block.
    #[schemars(extend("default" = "high"))]
    findings: Option<Threshold>,
    /// Questions of this severity and above block.
    #[schemars(extend("default" = "none"))]
    questions: Option<Threshold>,
    /// Files of formats that are not judged: `note` names them, `fail` has them accepted one by one.
    #[schemars(extend("default" = "note"))]
    unread: Option<WrittenUnread>,
    /// The team that may call `/stride emergency`, as its slug or `organisation/slug`; without it, administrators of the repository.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?$"))]
    emergency_team: Option<String>,
}

#[derive(Deserialize, Clone, Copy, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum WrittenUnread {
    Note,
    Fail,
}

#[derive(Deserialize, Clone, Copy, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Threshold {
    Critical,
    High,
    Medium,
    Low,
    None,
}

/// Who decides.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Decide {
    /// The least permission that decides.
    #[schemars(extend("default" = "write"))]
    right: Option<WrittenRight>,
    /// Teams whose members alone decide, if they have that permission too: a team's slug, or `organisation/slug`.
    #[schemars(inner(regex(pattern = r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?$")))]
    #[schemars(length(max = MAX_TEAMS))]
    teams: Option<Vec<String>>,
    /// Bots whose commands propose, and never decide or confirm: the numbers of their accounts.
    // Read by a parser that keeps the lines.
    #[schemars(schema_with = "bots::schema")]
    bots: IgnoredAny,
    /// Whether of what has code owners (CODEOWNERS on the base branch) they alone decide, if they have that permission too.
    #[schemars(extend("default" = false))]
    owners: Option<bool>,
    /// How many people must agree, by severity: what is asked of one holds for those above it too.
    needed: Option<Needed>,
    /// After how many days a decision without an end is looked at again, by severity: what is said of one holds for those above it too.
    review_after: Option<WrittenReviewAfter>,
    /// Whether an approving review by somebody who may decide confirms what was proposed and shown before it. An organisation's `false` forbids it.
    #[schemars(extend("default" = false))]
    approvals: Option<bool>,
    /// How people are told, once a pull request, that something waits for them: by a mention or by a review request.
    #[schemars(extend("default" = "none"))]
    ask: Option<Ask>,
    /// Who is asked, as `@login` or `@organisation/team`; without it, the code owners of what waits, or the teams that decide on it.
    #[schemars(inner(regex(pattern = r"^@[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?$")))]
    ask_whom: Option<Vec<String>>,
}

/// How many must agree.
#[derive(Deserialize, Default, Clone, Copy, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Needed {
    /// On critical threats.
    #[schemars(range(min = 1, max = MAX_NEEDED))]
    critical: Option<usize>,
    /// On high and critical threats.
    #[schemars(range(min = 1, max = MAX_NEEDED))]
    high: Option<usize>,
    /// On medium threats and above.
    #[schemars(range(min = 1, max = MAX_NEEDED))]
    medium: Option<usize>,
    /// On all threats.
    #[schemars(range(min = 1, max = MAX_NEEDED))]
    low: Option<usize>,
}

impl Needed {
    /// # Errors
    /// A number that nobody can reach, in words.
    fn read(self) -> Result<BTreeMap<Severity, usize>, String> {
        let written =
            [(Severity::Critical, self.critical), (Severity::High, self.high), (Severity::Medium, self.medium), (Severity::Low, self.low)];
        let mut read = BTreeMap::new();
        for (severity, needed) in written.into_iter().filter_map(|(severity, needed)| Some((severity, needed?))) {
            if !(1..=MAX_NEEDED).contains(&needed) {
                return Err(format!("decide.needed.{} is {needed}, and 1 to {MAX_NEEDED} are possible", severity.word()));
            }
            read.insert(severity, needed);
        }
        Ok(read)
    }
}

/// After how many days.
#[derive(Deserialize, Default, Clone, Copy, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct WrittenReviewAfter {
    /// Decisions on critical threats.
    #[schemars(range(min = 1, max = MAX_DAYS), extend("default" = 180))]
    critical: Option<i64>,
    /// On high and critical threats.
    #[schemars(range(min = 1, max = MAX_DAYS), extend("default" = 180))]
    high: Option<i64>,
    /// On medium threats and above.
    #[schemars(range(min = 1, max = MAX_DAYS))]
    medium: Option<i64>,
    /// On all threats.
    #[schemars(range(min = 1, max = MAX_DAYS))]
    low: Option<i64>,
}

impl WrittenReviewAfter {
    /// # Errors
    /// A number of days that is none, in words.
    fn read(self) -> Result<ReviewAfter, String> {
        let written =
            [(Severity::Critical, self.critical), (Severity::High, self.high), (Severity::Medium, self.medium), (Severity::Low, self.low)];
        let mut read = BTreeMap::new();
        for (severity, days) in written.into_iter().filter_map(|(severity, days)| Some((severity, days?))) {
            if !(1..=MAX_DAYS).contains(&days) {
                return Err(format!("decide.review_after.{} is {days}, and 1 to {MAX_DAYS} days are possible", severity.word()));
            }
            read.insert(severity, days);
        }
        Ok(ReviewAfter(read))
    }
}

#[derive(Deserialize, Clone, Copy, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum WrittenRight {
    Write,
    Maintain,
    Admin,
}

/// How much is said.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Comment {
    /// Review threads at most.
    #[schemars(range(max = MAX_THREADS), extend("default" = 5))]
    threads: Option<usize>,
    /// `update` keeps one comment, which is edited; `new` writes a new one when what is asked has changed; `check` writes neither comment nor threads.
    #[schemars(extend("default" = "update"))]
    mode: Option<CommentMode>,
    /// Whether the comment ends with its open threats as JSON, folded, for coding agents.
    #[schemars(extend("default" = true))]
    agents: Option<bool>,
}

/// What becomes of what Astride misread.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Wrong {
    /// `OWNER/REPOSITORY` on the same forge: whoever answers `wrong` is offered a new issue there, filled in with a reproduction without names.
    /// Nothing is sent.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"))]
    issues: Option<String>,
}

/// Where the register is kept.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Register {
    /// The Markdown file in which `astride threats --write` keeps its block.
    #[schemars(regex(pattern = r"^(\.?[A-Za-z0-9_][A-Za-z0-9_. -]*/)*\.?[A-Za-z0-9_][A-Za-z0-9_. -]*\.md$"), extend("default" = DOCUMENT))]
    document: Option<String>,
    /// How often the register is written into an issue of the repository, where something has changed: `weekly`, `daily` or `never`. The App
    /// needs permission to write issues.
    #[schemars(extend("default" = "never"))]
    issue: Option<WrittenCadence>,
}

#[derive(Deserialize, Clone, Copy, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum WrittenCadence {
    Never,
    Daily,
    Weekly,
}

/// Whether it is a path inside the repository, of a Markdown file.
fn is_document(path: &str) -> bool {
    let is_name = |name: &str| {
        let name = name.strip_prefix('.').unwrap_or(name);
        name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_. -".contains(&byte))
    };
    let file = path.rsplit('/').next().and_then(|file| file.strip_suffix(".md"));
    file.is_some_and(|file| !file.trim_start_matches('.').is_empty()) && path.split('/').all(is_name)
}

/// The JSON Schema of the file.
pub fn schema() -> Schema {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let mut schema = settings.into_generator().into_root_schema_for::<Written>();
    // `serde(default)` leaves the empty values of sections here, which say nothing.
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for described in properties.values_mut().filter_map(Value::as_object_mut) {
            if described.get("default").is_some_and(|default| default.is_object() || default.is_null()) {
                described.remove("default");
            }
        }
    }
    schema
}

/// The sections with keys, for suggestions.
pub(super) fn sections() -> Vec<(String, Vec<String>)> {
    let schema = schema();
    let properties = |value: &Value| value["properties"].as_object().cloned().unwrap_or_default();
    let keys = |described: Value| properties(&described).into_iter().map(|(key, _)| key).collect();
    properties(schema.as_value()).into_iter().map(|(section, described)| (section, keys(described))).collect()
}

impl Written {
    /// What it asks for, with the defaults where it says nothing.
    ///
    /// # Errors
    /// A value that is none, in words.
    pub(super) fn settings(self, path: &RepoPath) -> Result<Settings, String> {
        let defaults = Settings::default();
        // What has lines of its own gets them from a parser that keeps lines.
        let first = Place { path: path.clone(), line: 1, end_line: 1 };
        if let Some(version) = self.version.filter(|version| *version != VERSION) {
            return Err(format!("version {version} is not known, write {VERSION}"));
        }
        if let Some(threads) = self.comment.threads.filter(|threads| *threads > MAX_THREADS) {
            return Err(format!("comment.threads is {threads}, at most {MAX_THREADS} are possible"));
        }
        let is_name = |part: &str| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        let is_team = |team: &str| team.split('/').count() <= 2 && team.split('/').all(is_name);
        if let Some(teams) = self.decide.teams.as_ref().filter(|teams| teams.len() > MAX_TEAMS) {
            return Err(format!("decide.teams has {} teams, at most {MAX_TEAMS} are possible", teams.len()));
        }
        if let Some(team) = self.decide.teams.iter().flatten().find(|team| !is_team(team)) {
            return Err(format!("decide.teams has `{team}`, and no team: write its slug, or `organisation/slug`"));
        }
        if let Some(team) = self.gate.emergency_team.as_ref().filter(|team| !is_team(team)) {
            return Err(format!("gate.emergency_team is `{team}`, and no team: write its slug, or `organisation/slug`"));
        }
        let is_repository = |name: &str| name.split('/').count() == 2 && name.split('/').all(is_name);
        if let Some(issues) = self.wrong.issues.as_ref().filter(|issues| !is_repository(issues)) {
            return Err(format!("wrong.issues is `{issues}`, and no repository: write `OWNER/REPOSITORY`"));
        }
        if let Some(document) = self.register.document.as_ref().filter(|document| !is_document(document)) {
            return Err(format!("register.document is `{document}`, and no path of a Markdown file in the repository"));
        }
        Ok(Settings {
            mode: match self.mode {
                Some(WrittenMode::Enforce) => Mode::Enforce,
                Some(WrittenMode::Advise) | None => Mode::Advise,
            },
            findings: self.gate.findings.map_or(defaults.findings, Threshold::severity),
            questions: self.gate.questions.map_or(defaults.questions, Threshold::severity),
            unread: match self.gate.unread {
                Some(WrittenUnread::Fail) => Unread::Fail,
                Some(WrittenUnread::Note) | None => Unread::Note,
            },
            decide: match self.decide.right {
                Some(WrittenRight::Admin) => Right::Admin,
                Some(WrittenRight::Maintain) => Right::Maintain,
                Some(WrittenRight::Write) | None => Right::Write,
            },
            teams: self.decide.teams.unwrap_or_default(),
            owners: self.decide.owners.unwrap_or(defaults.owners),
            code_owners: None,
            needed: self.decide.needed.unwrap_or_default().read()?,
            review_after: self.decide.review_after.unwrap_or_default().read()?,
            emergency_team: self.gate.emergency_team,
            threads: self.comment.threads.unwrap_or(defaults.threads),
            talk: Talk {
                mode: self.comment.mode,
                approvals: self.decide.approvals,
                ask: self.decide.ask,
                whom: self.decide.ask_whom.as_deref().map(read_whom).transpose()?,
            },
            agents: self.comment.agents.unwrap_or(defaults.agents),
            document: self.register.document.unwrap_or(defaults.document),
            issue: match self.register.issue {
                Some(WrittenCadence::Daily) => Cadence::Daily,
                Some(WrittenCadence::Weekly) => Cadence::Weekly,
                Some(WrittenCadence::Never) | None => Cadence::Never,
            },
            misread_issues: self.wrong.issues,
            exclude: globs("exclude", self.exclude.iter().map(String::as_str))?,
            excluded: self.exclude.into_iter().map(|pattern| Excluded { pattern, place: first.clone() }).collect(),
            lock: self.lock.into_iter().collect(),
            refused: Vec::new(),
            facts: Vec::new(),
            trust: Vec::new(),
            rules: Policy::default(),
            generated: self.generated.map(WrittenGenerated::read).transpose()?,
            own: Own::default(),
            ..Settings::default()
        })
    }
}

/// The patterns of paths that stand under a key, as one matcher.
///
/// # Errors
/// A pattern that is none, in words.
pub(super) fn globs<'p>(key: &str, patterns: impl Iterator<Item = &'p str>) -> Result<GlobSet, String> {
    let mut globs = GlobSetBuilder::new();
    for pattern in patterns {
        globs.add(Glob::new(pattern).map_err(|error| format!("{key}: {error}"))?);
    }
    globs.build().map_err(|error| format!("{key}: {error}"))
}

impl Threshold {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::High => Some(Severity::High),
            Self::Medium => Some(Severity::Medium),
            Self::Low => Some(Severity::Low),
            Self::None => None,
        }
    }
}
