//! Conditions, decided only where every deployer would come to the same answer.
//!
//! Comes in: the functions of a condition. Goes out: `true`, `false`, or `None` for what depends on a parameter or on the deployment.

use crate::formats::cloudformation::intrinsic;
use crate::formats::cloudformation::intrinsic::Intrinsic;
use crate::formats::cloudformation::parameter::Declared;
use crate::formats::cloudformation::scope::{Scope, unknown};
use crate::formats::cloudformation::text;
use crate::model::resource::{Case, Entry, Property, Value};
use crate::source::{NoteKind, Span};
use crate::syntax;
use crate::syntax::Node;
use std::collections::BTreeSet;

/// Deepest nesting of a condition's functions, named conditions followed.
const MAX_FUNCTIONS: usize = 64;

/// Most comparisons that are tried in every combination, and most conditions that are looked at for them.
const MAX_COMPARISONS: usize = 5;
const MAX_LOOKED_AT: usize = 64;

/// What conditions compare: what the deployment fills in, with a text.
#[derive(Default)]
struct Comparisons<'t> {
    comparisons: Vec<(&'t str, &'t str)>,
    looked_at: usize,
    is_too_much: bool,
}

impl<'t> Scope<'t, '_> {
    /// The answer of a named condition.
    pub(super) fn holds(&self, name: &'t str, span: Span) -> Option<bool> {
        self.named(name, span, 0)
    }

    fn named(&self, name: &'t str, span: Span, depth: usize) -> Option<bool> {
        if let Some(known) = self.decided.borrow().get(name) {
            return *known;
        }
        let Some((node, loops)) = self.conditions.get(name).copied() else {
            self.note(span, NoteKind::Dangling, format!("condition `{name}` is not defined"));
            return None;
        };
        // Stands while it is worked out, so that a condition that names itself stays undecided.
        self.decided.borrow_mut().insert(name, None);
        let before = self.loops.replace(loops);
        let answer = self.decide(node, depth + 1).or_else(|| self.in_every_case(node));
        self.loops.set(before);
        self.decided.borrow_mut().insert(name, answer);
        answer
    }

    fn decide(&self, node: Node<'t>, depth: usize) -> Option<bool> {
        if depth > MAX_FUNCTIONS {
            return None;
        }
        let (function, argument) = match intrinsic::find(&node) {
            Some(call) => call,
            None => match node.value {
                syntax::Value::Map([entry]) if entry.key == "Condition" => (Intrinsic::Condition, entry.value),
                _ => return None,
            },
        };
        self.evaluate(function, argument, depth)
    }

    fn evaluate(&self, function: Intrinsic<'t>, argument: Node<'t>, depth: usize) -> Option<bool> {
        let mut answers = argument.items().iter().map(|item| self.decide(*item, depth + 1));
        match function {
            Intrinsic::Condition => self.named(self.looped(argument.scalar()?), argument.span, depth),
            Intrinsic::Not => answers.next().flatten().map(|answer| !answer),
            Intrinsic::And => all(answers),
            Intrinsic::Or => all(answers.map(|answer| answer.map(|answer| !answer))).map(|answer| !answer),
            Intrinsic::Equals => {
                let [left, right] = argument.items() else { return None };
                Some(self.certain(*left).literal()? == self.certain(*right).literal()?)
            }
            _ => None,
        }
    }

    /// The answer that conditions joined by `And` and `Or` have whatever the deployment fills in: never `IsLive` and not `IsLive`.
    fn in_every_case(&self, node: Node<'t>) -> Option<bool> {
        let (Intrinsic::And | Intrinsic::Or, _) = intrinsic::find(&node)? else { return None };
        let mut found = Comparisons::default();
        self.compare_all(node, &mut found, 0);
        let number = found.comparisons.len();
        if found.is_too_much || number == 0 {
            return None;
        }
        let mut same = None;
        for bits in 0..1_usize << number {
            let holds = |index: usize| bits >> index & 1 == 1;
            // One thing has one value.
            let clash = |(index, (question, _)): (usize, &(&str, &str))| {
                holds(index) && found.comparisons[..index].iter().enumerate().any(|(other, (asked, _))| holds(other) && asked == question)
            };
            if found.comparisons.iter().enumerate().any(clash) {
                continue;
            }
            let answer = self.assumed(node, &found, &holds, 0)?;
            if *same.get_or_insert(answer) != answer {
                return None;
            }
        }
        same
    }

    /// Gathers what the conditions behind one compare; what is anything else is too much.
    fn compare_all(&self, node: Node<'t>, found: &mut Comparisons<'t>, depth: usize) {
        found.looked_at += 1;
        if depth > MAX_FUNCTIONS || found.looked_at > MAX_LOOKED_AT || found.comparisons.len() > MAX_COMPARISONS {
            found.is_too_much = true;
            return;
        }
        match self.parts_of(node) {
            Some((Intrinsic::And | Intrinsic::Or | Intrinsic::Not, parts)) => {
                parts.iter().for_each(|part| self.compare_all(*part, found, depth + 1));
            }
            Some((Intrinsic::Condition, [inner])) => self.compare_all(*inner, found, depth + 1),
            _ => match self.comparison(node, MAX_FUNCTIONS) {
                Some((question, value, _)) if !found.comparisons.contains(&(question, value)) => found.comparisons.push((question, value)),
                Some(_) => {}
                None => found.is_too_much |= self.decide(node, 0).is_none(),
            },
        }
    }

    fn assumed(&self, node: Node<'t>, found: &Comparisons<'t>, holds: &impl Fn(usize) -> bool, depth: usize) -> Option<bool> {
        if depth > MAX_FUNCTIONS {
            return None;
        }
        match self.parts_of(node) {
            Some((Intrinsic::Not, [inner])) => self.assumed(*inner, found, holds, depth + 1).map(|answer| !answer),
            Some((Intrinsic::And, parts)) => all(parts.iter().map(|part| self.assumed(*part, found, holds, depth + 1))),
            Some((Intrinsic::Or, parts)) => {
                let fails = parts.iter().map(|part| self.assumed(*part, found, holds, depth + 1).map(|answer| !answer));
                all(fails).map(|answer| !answer)
            }
            Some((Intrinsic::Condition, [inner])) => self.assumed(*inner, found, holds, depth + 1),
            _ => match self.comparison(node, MAX_FUNCTIONS) {
                Some((question, value, equal)) => {
                    let index = found.comparisons.iter().position(|known| *known == (question, value))?;
                    Some(holds(index) == equal)
                }
                None => self.decide(node, 0),
            },
        }
    }

    /// A named condition written out, as the catalogue reads it: `{All: […]}`, `{Any: […]}`, `{Not: …}`, `{Is: [question, answer]}`; a text where
    /// that is all that is known of it, true where it always holds.
    pub(super) fn made_when(&self, name: &'t str, span: Span) -> Property<'t> {
        let opaque = |scope: &Self| {
            let words = scope.arena().alloc_str(&[scope.frame.scope, "the condition ", name].concat());
            Property { value: Value::Text(words), span }
        };
        if self.holds(name, span) == Some(true) {
            return Property { value: Value::Bool(true), span };
        }
        let definition = self.conditions.get(name).filter(|(_, loops)| loops.is_empty());
        definition.and_then(|(definition, _)| self.written_out(*definition, span, 0)).unwrap_or_else(|| opaque(self))
    }

    /// The values that may be had by what such a condition asks, where the template lists them: a map of lists.
    pub(super) fn values_asked(&self, made_when: &Property<'t>) -> Option<Property<'t>> {
        let mut asked = BTreeSet::new();
        questions(made_when, &mut asked);
        let arena = self.arena();
        let span = made_when.span;
        let named = |name: &str| -> &'t str { arena.alloc_str(&[self.frame.scope, name].concat()) };
        let listed = self.parameters.values().filter(|declared| !declared.allowed.is_empty() && asked.contains(named(declared.name)));
        let entry = |declared: &Declared<'t>| {
            let values: Vec<Property<'t>> = declared.allowed.iter().map(|text| Property { value: Value::Text(text), span }).collect();
            let value = Property { value: Value::List(arena.alloc_slice_copy(&values)), span };
            Entry { key: named(declared.name), key_span: span, value }
        };
        let entries: Vec<Entry<'t>> = listed.map(entry).collect();
        (!entries.is_empty()).then(|| Property { value: Value::Map(arena.alloc_slice_copy(&entries)), span })
    }

    fn written_out(&self, node: Node<'t>, span: Span, depth: usize) -> Option<Property<'t>> {
        if depth > MAX_COMPARISONS {
            return None;
        }
        let arena = self.arena();
        let list = |items: &[Property<'t>]| Property { value: Value::List(arena.alloc_slice_copy(items)), span };
        let map = |key: &'t str, value: Property<'t>| {
            let entry = Entry { key, key_span: span, value };
            Property { value: Value::Map(arena.alloc_slice_copy(&[entry])), span }
        };
        let text = |text: &'t str| Property { value: Value::Text(text), span };
        match self.parts_of(node) {
            Some((Intrinsic::Condition, [inner])) => self.written_out(*inner, span, depth + 1),
            Some((Intrinsic::Not, [inner])) => Some(map("Not", self.written_out(*inner, span, depth + 1)?)),
            Some((function @ (Intrinsic::And | Intrinsic::Or), parts)) => {
                let parts = parts.iter().map(|part| self.written_out(*part, span, depth + 1)).collect::<Option<Vec<_>>>()?;
                Some(map(if matches!(function, Intrinsic::And) { "All" } else { "Any" }, list(&parts)))
            }
            _ => {
                let (question, answer, equal) = self.comparison(node, MAX_FUNCTIONS)?;
                let is = map("Is", list(&[text(question), text(answer)]));
                Some(if equal { is } else { map("Not", is) })
            }
        }
    }

    /// The function of a condition and what it is made of; a named condition is made of its definition.
    fn parts_of(&self, node: Node<'t>) -> Option<(Intrinsic<'t>, &'t [Node<'t>])> {
        let (function, argument) = match intrinsic::find(&node) {
            Some(call) => call,
            None => match node.value {
                syntax::Value::Map([entry]) if entry.key == "Condition" => (Intrinsic::Condition, entry.value),
                _ => return None,
            },
        };
        match function {
            Intrinsic::Condition => {
                // What a loop makes is not followed.
                let (definition, _) = self.conditions.get(argument.scalar()?).filter(|(_, loops)| loops.is_empty())?;
                Some((function, self.arena().alloc_slice_copy(&[*definition])))
            }
            _ => Some((function, argument.items())),
        }
    }

    /// A condition function where a value stands.
    pub(super) fn condition_as_value(&self, function: Intrinsic<'t>, argument: Node<'t>, span: Span) -> Property<'t> {
        match self.evaluate(function, argument, 0) {
            Some(answer) => Property { value: Value::Bool(answer), span },
            None => unknown("depends on a condition", span),
        }
    }

    /// `Fn::If`: `[condition, then, else]`.
    pub(super) fn choose(&self, argument: Node<'t>, span: Span) -> Option<Property<'t>> {
        let [condition, then, otherwise] = argument.items() else { return None };
        let answer = match condition.scalar() {
            Some(name) => self.holds(self.looped(name), condition.span),
            None => self.decide(*condition, 0),
        };
        Some(match answer {
            Some(true) => self.value(*then),
            Some(false) => self.value(*otherwise),
            None => {
                let [holds, fails] = [true, false].map(|answer| self.cases_of(condition, answer));
                let [then, otherwise] =
                    [(then, true), (otherwise, false)].map(|(branch, answer)| self.under(*condition, answer, &|| self.value(*branch)));
                text::either_by_case(&[(then, &holds), (otherwise, &fails)], span, self.arena())
            }
        })
    }

    /// Resolves what is there only where a condition has an answer: a default that the answer rules out is nobody's value there.
    pub(super) fn under<R>(&self, condition: Node<'t>, answer: bool, resolve: &dyn Fn() -> R) -> R {
        let before = self.ruled_out.borrow().len();
        self.rule_out(condition, answer, MAX_FUNCTIONS);
        let resolved = resolve();
        self.ruled_out.borrow_mut().truncate(before);
        resolved
    }

    /// Notes what parameters surely are not, where a condition has an answer: all of what is joined by `And` holds, none of what is joined by `Or`
    /// where that fails.
    fn rule_out(&self, condition: Node<'t>, answer: bool, depth: usize) {
        if depth == 0 || self.ruled_out.borrow().len() > MAX_LOOKED_AT {
            return;
        }
        if let Some(name) = condition.scalar() {
            // What a loop makes is not followed.
            let definition = self.conditions.get(self.looped(name)).filter(|(_, loops)| loops.is_empty());
            return definition.into_iter().for_each(|(definition, _)| self.rule_out(*definition, answer, depth - 1));
        }
        match self.parts_of(condition) {
            Some((Intrinsic::Condition, [inner])) => self.rule_out(*inner, answer, depth - 1),
            Some((Intrinsic::Not, [inner])) => self.rule_out(*inner, !answer, depth - 1),
            Some((Intrinsic::And, parts)) if answer => parts.iter().for_each(|part| self.rule_out(*part, true, depth - 1)),
            Some((Intrinsic::Or, parts)) if !answer => parts.iter().for_each(|part| self.rule_out(*part, false, depth - 1)),
            Some((Intrinsic::Equals, _)) => {
                if let Some((question, value, equal)) = self.comparison(condition, MAX_FUNCTIONS)
                    && equal != answer
                {
                    self.ruled_out.borrow_mut().push((question, value));
                }
            }
            _ => {}
        }
    }

    /// What must be so for a condition to have an answer.
    fn cases_of(&self, condition: &Node<'t>, answer: bool) -> Vec<Case<'t>> {
        let arena = self.arena();
        let mut cases = Vec::new();
        if let Some(name) = condition.scalar().map(|name| self.looped(name)) {
            let question = &*arena.alloc_str(&[self.frame.scope, "the condition ", name].concat());
            cases.push(Case { question, answers: arena.alloc_slice_copy(&[if answer { "true" } else { "false" }]) });
        }
        // Whoever compares a value says what it is, and otherwise only what it is not.
        if let Some((question, value, equal)) = self.comparison(*condition, MAX_FUNCTIONS)
            && equal == answer
        {
            cases.insert(0, Case { question, answers: arena.alloc_slice_copy(&[value]) });
        }
        cases
    }

    /// A condition that compares what the deployment fills in with a text: what, with which, and whether it is true where they are equal.
    fn comparison(&self, condition: Node<'t>, depth: usize) -> Option<(&'t str, &'t str, bool)> {
        let depth = depth.checked_sub(1)?;
        if let Some(name) = condition.scalar() {
            return self.comparison(self.conditions.get(self.looped(name))?.0, depth);
        }
        let (function, argument) = intrinsic::find(&condition)?;
        match (function, argument.items()) {
            (Intrinsic::Condition, _) => self.comparison(argument, depth),
            (Intrinsic::Not, [inner]) => self.comparison(*inner, depth).map(|(question, value, equal)| (question, value, !equal)),
            (Intrinsic::Equals, [left, right]) => {
                let [left, right] = [left, right].map(|side| self.certain(*side));
                let (question, value) = match (left.literal(), right.literal()) {
                    (None, Some(value)) => (self.question(&left)?, value),
                    (Some(value), None) => (self.question(&right)?, value),
                    (None, None) | (Some(_), Some(_)) => return None,
                };
                Some((question, value, true))
            }
            _ => None,
        }
    }
}

/// What a condition that is written out asks.
fn questions<'t>(made_when: &Property<'t>, asked: &mut BTreeSet<&'t str>) {
    for entry in made_when.entries() {
        match (entry.key, entry.value.items()) {
            ("Is", [question, ..]) => asked.extend(question.literal()),
            ("Not", _) => questions(&entry.value, asked),
            (_, parts) => parts.iter().for_each(|part| questions(part, asked)),
        }
    }
}

/// Three-valued and: one `false` decides.
fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut undecided = false;
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            Some(true) => {}
            None => undecided = true,
        }
    }
    (!undecided).then_some(true)
}
