//! Resource types of an organisation's own: what Astride should take `Custom::Tenant` or `acme_tenant` for.
//!
//! Comes in: files, read by the reader of the catalogue. Goes out: types like those, under names that the product does not describe itself, or
//! what is wrong. What is asked of an organisation's types beyond what the reader asks is here: such a type speaks of its own resources
//! alone. Facts, flows and names of any other stay what they are, so that nothing is asked less of them.

use super::at;
use super::vocabulary::{Known, KnownFact, KnownWord};
use crate::catalog::own_types::{OwnTypes, PROVIDER, is_described};
use crate::dialects::terraform;
use crate::model::lined::{At, Mistake};
use crate::model::type_file::{self, ReadEnd, ReadFact, ReadFlow, ReadKeeps, ReadType, is_family};
use crate::settings::SettingsError;
use crate::source::RepoPath;
use std::collections::BTreeSet;

/// Most types.
const MAX_TYPES: usize = 200;
/// Most facts, parts, flows, and paths of one list, of one type each.
const MAX_LIST: usize = 40;
/// Longest name of a type, longest path, and most steps of one.
const MAX_NAME: usize = 200;
const MAX_PATH: usize = 200;
const MAX_STEPS: usize = 10;
/// Longest words for people, in characters, and longest address of a page.
const MAX_WORDS: usize = 60;
const MAX_SOURCE: usize = 300;
/// What an own type can be.
const ROLES: [&str; 4] = ["process", "store", "external", "silent"];
/// How data moves where the other end is not thereby said to be for something.
const NO_MEANS: [&str; 3] = ["dead-letter", "log", "authenticate"];
/// What is lost with a store or a process itself.
const KEPT: [&str; 3] = ["data", "records", "backups"];

/// Fields that are for the product's own types.
const NOT_OWN: [&str; 12] =
    ["absorbs", "admits", "arn", "attaches", "basis", "door", "folds", "joins", "of", "resolvers", "serves", "stands_for"];

/// Whether an own type can have a word in a field, or such a field where none is named.
pub(super) fn offers(field: &str, word: &str) -> bool {
    match field {
        "" => !NOT_OWN.contains(&word),
        "is" => ROLES.contains(&word),
        "means" => !NO_MEANS.contains(&word),
        "what" => KEPT.contains(&word),
        _ => true,
    }
}

/// A type as it was read.
pub type OwnTypeFile = ReadType<KnownFact, KnownWord>;

/// The types of the files, in their order.
///
/// # Errors
/// Everything that is wrong, in order of files and lines.
pub(super) fn check<'t>(
    files: impl Iterator<Item = (&'t RepoPath, &'t String)>,
    known: &Known,
) -> Result<Vec<At<OwnTypeFile>>, Vec<SettingsError>> {
    let (mut types, mut wrong, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (path, text) in files {
        let mut of_file = Vec::new();
        match type_file::read(text, known) {
            Ok(read) => {
                for stated in read {
                    of_file.extend(beyond(&stated, known));
                    if !seen.insert(stated.value.kind.clone()) {
                        of_file.push(Mistake::at(stated.line, format!("{} stands twice", stated.value.kind)));
                    }
                    if types.len() == MAX_TYPES {
                        of_file.push(Mistake::at(stated.line, format!("more than {MAX_TYPES} resource types, which are possible")));
                    }
                    types.push(stated);
                }
            }
            Err(mistakes) => of_file.extend(mistakes),
        }
        of_file.sort();
        wrong.extend(of_file.into_iter().map(|mistake| at(path, mistake)));
    }
    if wrong.is_empty() { Ok(types) } else { Err(wrong) }
}

/// What an organisation's type has to be besides what any type has to be.
fn beyond(stated: &At<OwnTypeFile>, known: &Known) -> Vec<Mistake> {
    let mut check = Check { stated: &stated.value, known, wrong: Vec::new() };
    // Of what is no name for an own type nothing else is worth a word.
    if check.name(stated.line) {
        check.role(stated.line);
        check.others(stated.line);
        check.texts(stated.line);
        check.facts(&stated.value.facts);
        check.parts();
        check.flows();
        check.keeps();
        check.lists(stated.line);
    }
    check.wrong
}

struct Check<'c> {
    stated: &'c OwnTypeFile,
    known: &'c Known,
    wrong: Vec<Mistake>,
}

impl Check<'_> {
    fn wants(&mut self, line: u32, holds: bool, message: impl AsRef<str>) {
        if !holds {
            let kind: String = self.stated.kind.chars().filter(|letter| !letter.is_control()).take(MAX_NAME).collect();
            self.wrong.push(Mistake::at(line, format!("{kind}: {}", message.as_ref())));
        }
    }

    /// Whether it is the name of a type of which the product says nothing.
    fn name(&mut self, line: u32) -> bool {
        let kind = self.stated.kind.as_str();
        let provider = kind.split('_').next().unwrap_or_default();
        let why = if kind.starts_with(PROVIDER) {
            Some("Astride describes the types of AWS itself: a type of an organisation's own takes the place of none".to_owned())
        } else if is_described(kind) {
            Some("Astride describes this type itself: a type of an organisation's own takes the place of none".to_owned())
        } else if !kind.contains("::") && terraform::is_judged(provider, OwnTypes::default()) {
            Some(format!("Astride describes the types of Terraform's provider `{provider}` itself"))
        } else if is_template_type(kind) || is_terraform_type(kind) {
            None
        } else {
            Some(
                "this is no name of a type: `Vendor::Service::Thing` or `Custom::Thing` in a template, `provider_thing` in Terraform"
                    .to_owned(),
            )
        };
        self.wants(line, why.is_none(), why.as_deref().unwrap_or_default());
        why.is_none()
    }

    fn role(&mut self, line: u32) {
        let role = self.stated.role;
        let is_own = ROLES.contains(&role);
        self.wants(
            line,
            is_own,
            format!("a type of an organisation's own is one of {}: it speaks of its own resources alone", ROLES.join(", ")),
        );
        if !is_own {
            return;
        }
        self.wants(line, role != "silent" || self.says_nothing(), "what is silent has no meaning, so that nothing else is said of it");
        if let Some(service) = &self.stated.service {
            let wrong = self.known.check_element(role, &service.value).err();
            self.wants(service.line, wrong.is_none(), wrong.unwrap_or_default());
        }
        for variant in &self.stated.variants {
            let wrong = self.known.check_element(role, &variant.value.service).err();
            self.wants(variant.line, wrong.is_none(), wrong.unwrap_or_default());
        }
    }

    fn says_nothing(&self) -> bool {
        let stated = self.stated;
        let lists = [&stated.ignores, &stated.credentials].into_iter().all(Vec::is_empty);
        let none = stated.facts.is_empty() && stated.parts.is_empty() && stated.flows.is_empty() && stated.keeps.is_none();
        lists && none && stated.paths().is_empty()
    }

    /// What would be said of something that is not of this type.
    fn others(&mut self, line: u32) {
        let stated = self.stated;
        let beyond = [
            ("folds", !stated.folds.is_empty()),
            ("absorbs", !stated.absorbs.is_empty()),
            ("attaches", !stated.attaches.is_empty()),
            ("admits", !stated.admits.is_empty()),
            ("stands_for", !stated.stands_for.is_empty()),
            ("joins", !stated.joins.is_empty()),
            ("arn", !stated.arn.is_empty()),
            ("resolvers", !stated.resolvers.is_empty()),
        ];
        for (key, _) in beyond.iter().filter(|(_, is_stated)| *is_stated) {
            self.wants(line, false, format!("`{key}` is for the product's own types"));
        }
    }

    fn texts(&mut self, line: u32) {
        let noun = &self.stated.noun;
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, ' ' | '-' | '_');
        let is_noun = (1..=MAX_WORDS).contains(&noun.len()) && noun.chars().all(plain);
        self.wants(line, is_noun, format!("the noun is no more than {MAX_WORDS} plain letters, digits and spaces"));
        let mut paths: Vec<String> = self.stated.paths().into_iter().collect();
        paths.extend(self.stated.ignores.iter().chain(&self.stated.credentials).cloned());
        paths.extend(self.stated.facts.iter().flat_map(|fact| &fact.value.readings).map(|reading| reading.property.clone()));
        paths.sort();
        paths.dedup();
        for path in paths.iter().filter(|path| !is_path(path)) {
            let shown: String = path.chars().filter(|letter| !letter.is_control()).take(MAX_WORDS).collect();
            let what =
                format!("`{shown}` is no path of properties: at most {MAX_STEPS} names of letters, digits, `_` and `-`, joined by dots");
            self.wants(line, false, what);
        }
        let all = self.stated.ignores.iter().any(|path| path.split('.').any(|step| step == "*"));
        self.wants(line, !all, "`ignores` names each property: what has no meaning at all is `silent`");
    }

    fn facts(&mut self, facts: &[At<ReadFact<KnownFact, KnownWord>>]) {
        for fact in facts {
            let wrong = fact.value.default.as_ref().is_some_and(|(_, source)| !is_page(source));
            self.wants(fact.line, !wrong, "the source of a default is the address of a page, `https://…`");
        }
    }

    fn parts(&mut self) {
        for part in &self.stated.parts {
            let wrong = self.known.check_part(&part.value.service).err();
            self.wants(part.line, wrong.is_none(), wrong.unwrap_or_default());
            self.facts(&part.value.facts);
        }
    }

    fn flows(&mut self) {
        for At { line, value } in &self.stated.flows {
            self.flow(*line, value);
        }
    }

    fn flow(&mut self, line: u32, flow: &ReadFlow<KnownFact, KnownWord>) {
        let touches = [&flow.from, &flow.to].into_iter().filter(|end| **end == ReadEnd::Itself).count() == 1;
        self.wants(line, touches, "a flow of an own type begins or ends with its own resource: one end is `self`, the other is not");
        let means = flow.means;
        self.wants(line, !NO_MEANS.contains(&means), format!("`{means}` says what the other end is for, which is not the type's to say"));
        self.wants(line, flow.facts.is_empty(), "facts of a flow are taken from its ends: state them of the resource");
        self.wants(line, flow.door.is_none() && flow.basis == "property", "`door` and `basis` are for the product's own types");
        let plain = |text: &str| text.len() <= MAX_WORDS && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let texts = [Some(&flow.via), flow.when.as_ref().map(|when| &when.is), flow.unless.as_ref().map(|unless| &unless.is)];
        let is_plain = texts.into_iter().flatten().all(|text| plain(text));
        self.wants(line, is_plain, format!("words on a flow are at most {MAX_WORDS} plain letters, digits and signs"));
        for end in [&flow.from, &flow.to] {
            let is_known = match end {
                ReadEnd::Itself | ReadEnd::Client | ReadEnd::Scheduler => true,
                ReadEnd::Property(path) => !path.is_empty(),
                ReadEnd::After(path, beginning) => !path.is_empty() && plain(beginning),
                ReadEnd::Devices | ReadEnd::Bus(_) | ReadEnd::Call(_) | ReadEnd::Service(_) => false,
            };
            self.wants(line, is_known, "a flow of an own type goes from or to `client`, `scheduler` or what a property names");
        }
    }

    fn keeps(&mut self) {
        let Some(At { line, value }) = &self.stated.keeps else { return };
        let ReadKeeps { what, serves, replaced, retained, .. } = value;
        self.wants(*line, KEPT.contains(what), format!("with a resource of an own type {} are lost", KEPT.join(", ")));
        self.wants(*line, serves.is_empty(), "`serves` is for the product's own types");
        let words = retained.iter().map(|retained| &retained.what).chain(replaced.iter().filter_map(|fixed| fixed.default.as_ref()));
        let is_plain = words.into_iter().all(|text| text.len() <= MAX_WORDS && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        self.wants(*line, is_plain, format!("words on what is kept are at most {MAX_WORDS} plain letters, digits and signs"));
    }

    fn lists(&mut self, line: u32) {
        let stated = self.stated;
        let lists = [&stated.credentials, &stated.environment, &stated.roles, &stated.keys, &stated.network, &stated.ignores];
        let readings = stated.facts.iter().map(|fact| fact.value.readings.len());
        let longest = lists.into_iter().map(Vec::len).chain(readings);
        let longest = longest.chain([stated.facts.len(), stated.parts.len(), stated.flows.len(), stated.variants.len()]).max();
        self.wants(line, longest.unwrap_or_default() <= MAX_LIST, format!("more than {MAX_LIST} of one kind"));
    }
}

/// `Datadog::Monitors::Monitor`, `Acme::Shop::Thing::MODULE`, `Custom::Tenant`, and beginnings of types.
fn is_template_type(kind: &str) -> bool {
    let whole = kind.strip_suffix("::").unwrap_or(kind);
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'@'));
    kind.len() <= MAX_NAME && kind.contains("::") && whole.split("::").all(is_word)
}

/// `acme_tenant`, and `acme_` for all of its provider.
fn is_terraform_type(kind: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    let (provider, rest) = kind.split_once('_').unwrap_or((kind, ""));
    let is_whole = is_family(kind) || !rest.is_empty();
    kind.len() <= MAX_NAME && provider.starts_with(|letter: char| letter.is_ascii_lowercase()) && is_whole && kind.bytes().all(known)
}

fn is_path(path: &str) -> bool {
    let name = |step: &str| step.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let is_step = |step: &str| step == "*" || step.strip_suffix("[]").map_or(!step.is_empty() && name(step), name);
    let path = path.strip_prefix('@').unwrap_or(path);
    (1..=MAX_PATH).contains(&path.len()) && path.split('.').count() <= MAX_STEPS && path.split('.').all(is_step)
}

fn is_page(source: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"' | b'`' | b'\\' | b'(' | b')' | b'[' | b']');
    source.len() <= MAX_SOURCE && source.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()) && source.bytes().all(plain)
}
