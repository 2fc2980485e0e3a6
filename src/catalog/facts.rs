//! Facts as entries spell them: readings tried in order over a resource's properties, then the provider's default.
//!
//! Comes in: a fact entry and the properties. Goes out: a reading, known or unresolved, with its origin.
//! An undecided condition is read in all its branches; where they disagree the fact is unresolved.

use crate::catalog::draft::Draft;
use crate::catalog::entry::{FactEntry, FactReading, Literal, Reader};
use crate::catalog::names::{Arn, canonical};
use crate::catalog::ranges;
use crate::catalog::runtimes;
use crate::catalog::secrets;
use crate::catalog::targets::Target;
use crate::model::fact::{Origin, Reading, Value as FactValue, Word};
use crate::model::resource::{Alternatives, External, ExternalKind, Property, Reference, Supplied, Value};
use crate::source::Span;

/// What facts are read from: the properties, and what stands beside them.
#[derive(Clone, Copy)]
pub struct Subject<'t> {
    pub properties: Property<'t>,
    pub attributes: Property<'t>,
    /// What of them nobody wrote.
    pub supplied: &'t [Supplied],
}

/// What one branch says.
#[derive(Clone, PartialEq)]
enum Said {
    Answer(FactValue, Option<Span>, Option<&'static str>),
    Unresolved(String, Span),
    /// A variable that nobody has given a value yet, where few would give it the worst one.
    Given(String, Span),
}

/// Properties of which a variable without a value is asked about, and not taken for the worst that could stand there: an ACL is one of a few
/// words, of which two are public.
const ASKED: [&str; 1] = ["AccessControl"];

impl Said {
    /// Nobody wrote it: the page says it.
    fn is_default(&mut self, page: &'static str) {
        if let Self::Answer(_, span, source) = self {
            (*span, *source) = (None, Some(page));
        }
    }
}

impl<'t> Draft<'t, '_> {
    /// The fact of an entry; `None` where nothing says anything.
    pub fn read_fact(&self, entry: &FactEntry, subject: &Subject<'t>) -> Option<Reading> {
        let mut said = Vec::new();
        self.read_from(entry, entry.readings, subject, &mut said);
        let mut branches = said.into_iter();
        let first = branches.next()?;
        let agree = |other: Said| match (&first, &other) {
            (Said::Answer(a, ..), Said::Answer(b, ..)) => a == b,
            (Said::Unresolved(..) | Said::Given(..), _) | (_, Said::Unresolved(..) | Said::Given(..)) => false,
        };
        let disagreement = branches.find(|other| !agree(other.clone()));
        Some(match (first, disagreement) {
            (Said::Unresolved(reason, span), _) | (Said::Answer(..), Some(Said::Unresolved(reason, span))) => {
                Reading::unresolved(reason, self.stated(span))
            }
            (Said::Given(reason, span), _) | (Said::Answer(..), Some(Said::Given(reason, span))) => {
                Reading::elsewhere(reason, self.stated(span))
            }
            (Said::Answer(_, span, _), Some(Said::Answer(_, other, _))) => {
                Reading::unresolved("depends on a condition", span.or(other).map_or(Origin::Derived(None), |span| self.stated(span)))
            }
            (Said::Answer(value, span, source), None) => {
                let origin = match (span, source) {
                    (Some(span), _) => self.stated(span),
                    (None, Some(source)) => Origin::Default(source),
                    (None, None) => Origin::Derived(None),
                };
                Reading::known(value, origin)
            }
        })
    }

    /// Appends what each branch says; the first reading that says something settles a branch.
    fn read_from(&self, entry: &FactEntry, readings: &'static [FactReading], subject: &Subject<'t>, said: &mut Vec<Said>) {
        let Some((reading, rest)) = readings.split_first() else {
            said.extend(entry.default.map(|(literal, source)| Said::Answer(value(literal), None, Some(source))));
            return;
        };
        let (root, path) = match reading.property.strip_prefix('@') {
            Some(path) => (subject.attributes, path),
            None => (subject.properties, reading.property),
        };
        let before = said.len();
        let is_silent = self.is_silent(Some(root), path, reading, subject, said);
        if let Some(supplied) = subject.supplied.iter().find(|supplied| supplied.path == reading.property) {
            said[before..].iter_mut().for_each(|said| said.is_default(supplied.page));
        }
        if is_silent {
            self.read_from(entry, rest, subject, said);
        }
    }

    /// Appends what each branch of the value under a path says, and tells whether one of them says nothing. Of a list the first item that
    /// says something speaks for all: entries put the answer that matters most into their first reading.
    fn is_silent(
        &self,
        value: Option<Property<'t>>,
        path: &str,
        reading: &FactReading,
        subject: &Subject<'t>,
        said: &mut Vec<Said>,
    ) -> bool {
        let Some(value) = value.filter(Property::is_present) else { return true };
        let is_one_answer = path.is_empty() && matches!(reading.reader, Reader::StandsIn | Reader::IsSetting);
        if let Value::Either(Alternatives { branches, .. }) = value.value
            && !is_one_answer
        {
            // Every branch is to be heard, also behind one that says nothing.
            let silent = branches.iter().filter(|branch| self.is_silent(Some(**branch), path, reading, subject, said)).count();
            return silent > 0;
        }
        if path.is_empty() {
            let value = if reading.key.is_empty() { Some(value) } else { pair(&value, reading.key) };
            let mut answer = value.and_then(|value| self.read_property(reading.reader, &value, subject));
            if let (Some(Said::Unresolved(reason, span)), true) =
                (&answer, ASKED.contains(&reading.property) && value.is_some_and(is_variable))
            {
                answer = Some(Said::Given(reason.clone(), *span));
            }
            let silent = answer.is_none();
            said.extend(answer);
            return silent;
        }
        // A whole part of the template that cannot be resolved may hold anything.
        if let Some(reason) = value.unresolved() {
            said.push(Said::Unresolved(reason, value.span));
            return false;
        }
        let (step, rest) = path.split_once('.').unwrap_or((path, ""));
        let list = step.strip_suffix("[]");
        let under = value.entries().iter().find(|entry| entry.key == list.unwrap_or(step)).map(|entry| entry.value);
        match (list, under) {
            (Some(_), Some(Property { value: Value::List(items), .. })) => {
                let before = said.len();
                for item in items {
                    let silent = self.is_silent(Some(*item), rest, reading, subject, said);
                    if said.len() > before {
                        return silent;
                    }
                }
                true
            }
            _ => self.is_silent(under, rest, reading, subject, said),
        }
    }

    fn read_property(&self, reader: Reader, property: &Property<'t>, subject: &Subject<'t>) -> Option<Said> {
        let answer = |literal| Some(Said::Answer(value(literal), Some(property.span), None));
        let word = |word| answer(Literal::Word(word));
        let unresolved = || unresolved(property).map(|reason| Said::Unresolved(reason, property.span));
        match reader {
            Reader::Present(_) if property.literal() == Some("") => None,
            Reader::Present(literal) => answer(literal),
            Reader::Map(pairs) => match property.literal() {
                Some(text) => pairs
                    .iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(text))
                    .or_else(|| pairs.iter().find(|(known, _)| *known == "*"))
                    .and_then(|(_, literal)| answer(*literal)),
                None => unresolved(),
            },
            Reader::Number => match property.literal().and_then(thousandths) {
                Some(number) => answer(Literal::Number(number)),
                None => unresolved(),
            },
            Reader::AboveZero(above, zero) => match property.literal().and_then(thousandths) {
                Some(number) => answer(if number > 0 { above } else { zero }),
                None => unresolved(),
            },
            Reader::KmsKey => match (property.value, canonical(property)) {
                (Value::Unknown(_), _) => unresolved(),
                (_, Some(key)) if key.contains("alias/aws/") => word(Word::ProviderKms),
                (_, _) => word(Word::Cmk),
            },
            Reader::Runtime => match property.literal() {
                Some(runtime) => word(runtimes::support(runtime)),
                None => unresolved(),
            },
            Reader::Image => match canonical(property) {
                Some(image) if image.contains("@sha256:") => word(Word::Digest),
                Some(_) if matches!(property.value, Value::External(_)) => unresolved(),
                Some(_) => word(Word::Tag),
                None => unresolved(),
            },
            Reader::LayerOwner => self.layer(property).map(|(owner, _)| owner).map_or_else(unresolved, word),
            Reader::LayerIntegrity => self.layer(property).map(|(_, integrity)| integrity).map_or_else(unresolved, word),
            Reader::Origins => self.origins(property, subject),
            // Every branch is searched at once, and each place is named: `written`.
            Reader::LiteralSecret => None,
            Reader::EchoedSecret => secrets::echo(property).map(|(word, span)| Said::Answer(FactValue::Word(word), Some(span), None)),
            Reader::ResolvedSecret => secrets::resolved(property).map(|span| Said::Answer(FactValue::Flag(true), Some(span), None)),
            Reader::Written => answer(Literal::Flag(secrets::is_written(property, &|_| true))),
            Reader::WrittenForGood => answer(Literal::Flag(secrets::is_written(property, &|text| !secrets::is_placeholder(text)))),
            Reader::StandsIn => answer(Literal::Flag(secrets::stands_in(property))),
            Reader::IsSetting => answer(Literal::Flag(secrets::is_setting_only(property))),
            Reader::SecretName => canonical(property).and_then(|name| answer(Literal::Flag(secrets::names_secret(&name)))),
            // Most parameters are no addresses: what cannot be told is none.
            Reader::WideRange => property.literal().and_then(|text| answer(Literal::Flag(ranges::lists_wide_range(text)))),
            Reader::Keys => {
                let mut keys: Vec<String> = property.entries().iter().map(|entry| entry.key.to_owned()).collect();
                keys.sort();
                Some(Said::Answer(FactValue::List(keys), Some(property.span), None))
            }
            Reader::PasswordPolicy => word(password_policy(property)),
            Reader::InsecureCallback => property.literal().filter(|address| is_insecure(address)).and_then(|_| answer(Literal::Flag(true))),
        }
    }

    /// Who owns a layer, and what pins it.
    fn layer(&self, property: &Property<'t>) -> Option<(Word, Word)> {
        match self.targets(property).into_iter().next()? {
            Target::Resource(_) => Some((Word::SameAccount, Word::Unsigned)),
            Target::Arn(Arn { account, .. }) if account == "${account}" => Some((Word::SameAccount, Word::Unsigned)),
            Target::Arn(arn) => Some(match arn.literal_account() {
                Some(account) if runtimes::LAYERS_OF_AWS.contains(&account) => (Word::Aws, Word::Digest),
                Some(_) => (Word::ThirdParty, Word::External),
                None => (Word::Unknown, Word::Unknown),
            }),
            Target::External(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_) => None,
        }
    }

    fn origins(&self, property: &Property<'t>, subject: &Subject<'t>) -> Option<Said> {
        let mut any = None;
        for origin in property.one_or_many_of() {
            match origin.literal() {
                // With a scheme alone before it, it is every site of the web all the same.
                Some(text) if matches!(text.trim_matches('\''), "*" | "http://*" | "https://*") => any = Some(origin.span),
                Some(_) => {}
                None => return origin.unresolved().map(|reason| Said::Unresolved(reason, origin.span)),
            }
        }
        let credentials = ["Cors.AllowCredentials", "CorsConfiguration.AllowCredentials"]
            .iter()
            .any(|path| subject.properties.at(path).and_then(|value| value.literal()) == Some("true"));
        let word = match any {
            Some(_) if credentials => Word::AnyCredentials,
            Some(_) => Word::Any,
            None => Word::Restricted,
        };
        Some(Said::Answer(FactValue::Word(word), Some(any.unwrap_or(property.span)), None))
    }
}

impl<'t> Property<'t> {
    /// `one_or_many` by value: the items of a list, or the value itself.
    fn one_or_many_of(&self) -> Vec<Self> {
        match self.value {
            Value::List(items) => items.to_vec(),
            _ => vec![*self],
        }
    }
}

/// Why the text of a value cannot be told; `None` where it can, or where it is no scalar at all.
fn unresolved(property: &Property<'_>) -> Option<String> {
    let reference = match property.value {
        Value::Reference(reference) => Some(reference),
        Value::Joined(pieces) => pieces.iter().find_map(Property::reference),
        _ => None,
    };
    let deployed = |reference: Reference<'_>| format!("what `{}` yields is known only at deployment", reference.address);
    property.unresolved().or_else(|| reference.map(deployed))
}

/// Whether a value is a variable of the unit, which whoever deploys it gives.
fn is_variable(value: Property<'_>) -> bool {
    matches!(value.value, Value::External(External { kind: ExternalKind::Variable, .. }))
}

/// The value of the pair with this key.
fn pair<'t>(list: &Property<'t>, key: &str) -> Option<Property<'t>> {
    let item = list.items().iter().find(|item| item.get("Key").and_then(Property::literal) == Some(key))?;
    item.get("Value").copied()
}

fn password_policy(policy: &Property<'_>) -> Word {
    let length: u32 = policy.get("MinimumLength").and_then(Property::literal).and_then(|length| length.parse().ok()).unwrap_or(8);
    let requires = |kind: &&str| policy.get(kind).and_then(Property::literal) == Some("true");
    let kinds = ["RequireLowercase", "RequireUppercase", "RequireNumbers", "RequireSymbols"].iter().filter(|kind| requires(kind)).count();
    if length >= 12 || (length >= 8 && kinds >= 3) { Word::Strong } else { Word::Weak }
}

fn is_insecure(address: &str) -> bool {
    let own = ["http://localhost", "http://127.0.0.1"].iter().any(|machine| address.starts_with(machine));
    (!address.starts_with("https://") && !own) || address.contains('*')
}

fn value(literal: Literal) -> FactValue {
    match literal {
        Literal::Word(word) => FactValue::Word(word),
        Literal::Set(words) => {
            let mut words = words.to_vec();
            words.sort_unstable();
            FactValue::Set(words)
        }
        Literal::Flag(flag) => FactValue::Flag(flag),
        Literal::Number(number) => FactValue::Number(number),
        Literal::Never => FactValue::Never,
    }
}

fn thousandths(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    whole.checked_mul(1000)?.checked_add(if text.starts_with('-') { -fraction } else { fraction })
}
