//! What a machine runs when it starts: scripts that are fetched and run as they come, and secrets in clear text.
//!
//! Comes in: an instance, a launch template or a launch configuration, with its user data and its `AWS::CloudFormation::Init`. Goes out:
//! `remote_script` with the addresses, `secrets_literal` with the names, and `code_integrity` where everything that is run was checked.
//! A parameter with `NoEcho`, or a secret that is looked up, is in clear text once it is in user data: anybody on the machine can ask the
//! metadata service for it, and anybody who may describe the instance reads it.
//! Sources: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html> and the notes on `NoEcho` in
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>.

use crate::catalog::aws::shell::{self, Fetched};
use crate::catalog::draft::Draft;
use crate::catalog::paths;
use crate::catalog::secrets;
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Fact, Origin, Reading, Value as Answer, Word};
use crate::model::resource::{Alternatives, ExternalKind, Property, Resource, Value};
use crate::model::strength::is_weaker;
use crate::source::Span;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const USER_DATA: &[&str] = &["UserData", "LaunchTemplateData.UserData"];

/// Where scripts stand, in properties and beside them.
pub(in crate::catalog) const SCRIPTS: &[&str] = &["UserData", "LaunchTemplateData.UserData", "Metadata.AWS::CloudFormation::Init"];

/// A script, flattened: what is symbolic in it reads `${…}`.
#[derive(Default)]
struct Script {
    text: String,
    /// Secrets and masked parameters whose value is put into it, and parameters whose name says that they should be, with where.
    given: Vec<(String, Span)>,
    /// Why a part of it cannot be told.
    unresolved: Option<String>,
}

/// What all scripts of a machine come to.
#[derive(Default)]
struct Findings {
    fetched: Fetched,
    fetched_at: Option<Span>,
    secrets: Vec<String>,
    secret_at: Option<Span>,
    unresolved: Option<(String, Span)>,
}

/// The resolver of machines and of what they are launched from.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, machine: &Resource<'t>) {
    let Some(element) = draft.element(machine.address) else { return };
    let mut findings = Findings::default();
    let mut first = None;
    for script in USER_DATA.iter().flat_map(|path| paths::find(&machine.properties, path)) {
        first.get_or_insert(script.span);
        findings.read(draft, &script);
    }
    let init = machine.attributes.at("Metadata").and_then(|metadata| metadata.get("AWS::CloudFormation::Init"));
    for config in init.map_or(&[][..], Property::entries) {
        first.get_or_insert(config.value.span);
        findings.read_config(draft, &config.value);
    }
    let Some(first) = first else { return };
    for (fact, reading) in findings.readings(draft, first) {
        // A group and what it launches may both say something.
        if draft.element_at(element).facts.get(fact).is_none_or(|known| is_weaker(fact, &reading, known)) {
            draft.set_fact(element, fact, reading);
        }
    }
}

impl Findings {
    fn read(&mut self, draft: &Draft<'_, '_>, property: &Property<'_>) {
        let mut script = Script::default();
        script.append(draft, property);
        if is_encoded(&script.text) {
            match decoded(&script.text) {
                Some(text) => script.text = text,
                None => {
                    script.unresolved.get_or_insert_with(|| "the user data is encoded".to_owned());
                }
            }
        }
        if let Value::External(_) = property.value {
            script.unresolved = property.unresolved();
        }
        if let Some(reason) = script.unresolved {
            self.unresolved.get_or_insert((reason, property.span));
        }
        let known = self.fetched.unchecked.len() + self.fetched.checked.len();
        shell::follow(&script.text, &mut self.fetched);
        if self.fetched.unchecked.len() + self.fetched.checked.len() > known {
            self.fetched_at.get_or_insert(property.span);
        }
        if let Some(name) = secrets::in_script(&script.text) {
            self.secret_at.get_or_insert(property.span);
            self.secrets.push(name);
        }
        for (name, span) in script.given {
            self.secret_at.get_or_insert(span);
            self.secrets.push(name);
        }
    }

    /// One configuration of the helper that the provider runs on a machine.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-init.html>
    fn read_config(&mut self, draft: &Draft<'_, '_>, config: &Property<'_>) {
        for file in config.get("files").map_or(&[][..], Property::entries) {
            if let Some(address) = file.value.get("source").and_then(Property::literal) {
                shell::download(address, file.key, &mut self.fetched);
            }
            if let Some(content) = file.value.get("content") {
                self.read(draft, content);
            }
        }
        for command in config.get("commands").map_or(&[][..], Property::entries) {
            if let Some(command) = command.value.get("command") {
                self.read(draft, command);
            }
        }
    }

    fn readings(self, draft: &Draft<'_, '_>, first: Span) -> Vec<(Fact, Reading)> {
        let flag = |at: Option<Span>, shown: Vec<String>| match (at, &self.unresolved) {
            (Some(span), _) => Reading::known(Answer::Flag(true), draft.stated(span)).witnessed(bounded(shown)),
            (None, Some((reason, span))) => Reading::unresolved(reason.clone(), draft.stated(*span)),
            (None, None) => Reading::known(Answer::Flag(false), Origin::Derived(Some(draft.sources.place(first)))),
        };
        let all_checked = self.fetched.unchecked.is_empty() && !self.fetched.checked.is_empty();
        let shown = if all_checked { self.fetched.checked } else { self.fetched.unchecked };
        let mut readings =
            vec![(Fact::SecretsLiteral, flag(self.secret_at, self.secrets)), (Fact::RemoteScript, flag(self.fetched_at, shown))];
        if let Some(span) = self.fetched_at {
            let word = if all_checked { Word::Digest } else { Word::External };
            readings.push((Fact::CodeIntegrity, Reading::word(word, draft.stated(span))));
        }
        readings
    }
}

impl Script {
    /// Of an undecided condition every branch may be run.
    fn append(&mut self, draft: &Draft<'_, '_>, value: &Property<'_>) {
        match value.value {
            Value::Text(text) | Value::Number(text) if draft.spend_text(text.len(), value.span) => self.text.push_str(text),
            Value::Text(_) | Value::Number(_) => {
                self.unresolved.get_or_insert_with(|| "the unit has more scripts than are read".to_owned());
            }
            Value::Joined(pieces) => pieces.iter().for_each(|piece| self.append(draft, piece)),
            // The words of a command that is written as a list.
            Value::List(items) => items.iter().for_each(|item| {
                self.append(draft, item);
                self.text.push(' ');
            }),
            Value::Either(Alternatives { branches, .. }) => branches.iter().for_each(|branch| {
                self.append(draft, branch);
                self.text.push('\n');
            }),
            Value::External(external) => {
                let secret = match external.kind {
                    ExternalKind::Secret
                    | ExternalKind::SecureParameter
                    | ExternalKind::HiddenParameter
                    | ExternalKind::StandInParameter
                    | ExternalKind::WrittenParameter => true,
                    ExternalKind::Parameter | ExternalKind::Variable | ExternalKind::DecryptedParameter => {
                        secrets::names_secret(external.name)
                    }
                    ExternalKind::Import | ExternalKind::StoredParameter | ExternalKind::SecretDetail | ExternalKind::NestedOutput => false,
                };
                if secret {
                    self.given.push((format!("{} {}", external.kind.words(), external.name), value.span));
                }
                self.text.push_str("${}");
            }
            Value::Reference(_) | Value::Ambient(_) => self.text.push_str("${}"),
            Value::Unknown(reason) if let Some(secret) = secret_behind(reason) => {
                self.given.push((format!("secret {secret}"), value.span));
                self.text.push_str("${}");
            }
            Value::Unknown(reason) => {
                self.unresolved.get_or_insert_with(|| reason.to_owned());
                self.text.push_str("${}");
            }
            // A file that is written as a document: keys and values, a line each.
            Value::Map(entries) => entries.iter().for_each(|entry| {
                self.text.push_str(&format!("\n{}: ", entry.key));
                self.append(draft, &entry.value);
            }),
            Value::Null | Value::Bool(_) | Value::Removed => {}
        }
    }
}

/// What shows secrets to whoever reads it.
const SHOWS_SECRETS: [&str; 2] = ["data.aws_secretsmanager_secret_version.", "ephemeral.aws_secretsmanager_secret_version."];

/// The secret that a value is a part of, by why it is not known: a key of its document, as `jsondecode(…)["TOKEN"]`. Which key that is the reason
/// does not say; a user's name alone is no reason to read a secret on the way to a machine.
fn secret_behind(reason: &str) -> Option<&str> {
    let on = reason.strip_prefix("depends on ")?;
    let is_shown = |attribute: &str| attribute.starts_with("secret_string") || attribute.starts_with("secret_binary");
    let start = SHOWS_SECRETS.iter().find_map(|kind| on.find(kind))?;
    let is_own = start == 0 || on[..start].ends_with('.');
    (is_own && on[start..].split('.').any(is_shown)).then_some(on)
}

/// Whether a text is one word of the alphabet in which user data travels, rather than a script.
fn is_encoded(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 24 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\n'))
}

/// The script that is written in that alphabet; `None` where it is packed besides.
fn decoded(text: &str) -> Option<String> {
    let bare: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    String::from_utf8(STANDARD.decode(bare).ok()?).ok()
}
