//! Writes nodes of a CloudFormation template into the unit's arena: what the framework says that `serverless.yml` does not spell out.
//!
//! Comes in: names, texts and nodes of the file. Goes out: nodes that share their children with the file.
//! Never changes a node: what is written is new, and bears the span of the lines that caused it.

use crate::source::{MAX_DEPTH, Span};
use crate::syntax::{Entry, Node, Value};
use bumpalo::Bump;
use std::collections::BTreeMap;

/// Everything that one pen writes bears the same span.
#[derive(Clone, Copy)]
pub(super) struct Pen<'t> {
    arena: &'t Bump,
    span: Span,
}

impl<'t> Pen<'t> {
    pub(super) fn new(arena: &'t Bump, span: Span) -> Self {
        Self { arena, span }
    }

    pub(super) fn span(self) -> Span {
        self.span
    }

    /// The same pen for other lines.
    pub(super) fn at(self, span: Span) -> Self {
        Self { span, ..self }
    }

    pub(super) fn name(self, text: &str) -> &'t str {
        self.arena.alloc_str(text)
    }

    pub(super) fn node(self, value: Value<'t>) -> Node<'t> {
        Node { value, span: self.span, tag: None }
    }

    pub(super) fn text(self, text: &str) -> Node<'t> {
        self.node(Value::Text(self.name(text)))
    }

    pub(super) fn number(self, number: u32) -> Node<'t> {
        self.node(Value::Number(self.name(&number.to_string())))
    }

    pub(super) fn flag(self, flag: bool) -> Node<'t> {
        self.node(Value::Bool(flag))
    }

    pub(super) fn list(self, items: &[Node<'t>]) -> Node<'t> {
        self.node(Value::List(self.arena.alloc_slice_copy(items)))
    }

    pub(super) fn texts(self, texts: &[&str]) -> Node<'t> {
        let items: Vec<_> = texts.iter().map(|text| self.text(text)).collect();
        self.list(&items)
    }

    pub(super) fn map(self, entries: &[(&str, Node<'t>)]) -> Node<'t> {
        let mut fields = Fields::new(self);
        entries.iter().for_each(|(key, value)| fields.put(key, *value));
        fields.done()
    }

    /// `Ref`.
    pub(super) fn reference(self, address: &str) -> Node<'t> {
        self.map(&[("Ref", self.text(address))])
    }

    /// `Fn::GetAtt`.
    pub(super) fn attribute(self, address: &str, attribute: &str) -> Node<'t> {
        self.map(&[("Fn::GetAtt", self.texts(&[address, attribute]))])
    }

    /// `Fn::Sub`.
    pub(super) fn pattern(self, pattern: &str) -> Node<'t> {
        self.map(&[("Fn::Sub", self.text(pattern))])
    }

    /// `Fn::Join` without a delimiter; one text where every piece is a scalar.
    pub(super) fn joined(self, pieces: &[Node<'t>]) -> Node<'t> {
        let texts: Option<Vec<&str>> = pieces.iter().map(|piece| piece.scalar().filter(|_| piece.tag.is_none())).collect();
        match texts {
            Some(texts) => self.text(&texts.concat()),
            None => self.map(&[("Fn::Join", self.list(&[self.text(""), self.list(pieces)]))]),
        }
    }

    /// `arn:<partition>:<service>:<region>:<account>:` and then the pieces.
    pub(super) fn arn(self, service: &str, tail: &[Node<'t>]) -> Node<'t> {
        let head = [
            self.text("arn:"),
            self.reference("AWS::Partition"),
            self.text(&[":", service, ":"].concat()),
            self.reference("AWS::Region"),
            self.text(":"),
            self.reference("AWS::AccountId"),
            self.text(":"),
        ];
        self.joined(&[&head, tail].concat())
    }

    /// A statement that allows actions.
    pub(super) fn allow(self, actions: &[&str], resources: &[Node<'t>]) -> Node<'t> {
        self.map(&[("Effect", self.text("Allow")), ("Action", self.texts(actions)), ("Resource", self.list(resources))])
    }

    /// The document of a policy of such statements.
    pub(super) fn document(self, statements: &[Node<'t>]) -> Node<'t> {
        self.map(&[("Version", self.text("2012-10-17")), ("Statement", self.list(statements))])
    }

    /// The document by which services may assume a role.
    pub(super) fn trust(self, services: &[&str]) -> Node<'t> {
        let statement = self.map(&[
            ("Effect", self.text("Allow")),
            ("Principal", self.map(&[("Service", self.texts(services))])),
            ("Action", self.texts(&["sts:AssumeRole"])),
        ]);
        self.document(&[statement])
    }
}

/// A map in the making. What is put under a key that is already there replaces it.
pub(super) struct Fields<'t> {
    pen: Pen<'t>,
    entries: Vec<Entry<'t>>,
    index: BTreeMap<&'t str, usize>,
}

impl<'t> Fields<'t> {
    pub(super) fn new(pen: Pen<'t>) -> Self {
        Self { pen, entries: Vec::new(), index: BTreeMap::new() }
    }

    pub(super) fn put(&mut self, key: &str, value: Node<'t>) {
        self.put_entry(Entry { key: self.pen.name(key), key_span: value.span, value });
    }

    pub(super) fn put_some(&mut self, key: &str, value: Option<Node<'t>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// Takes over entries of `map`, each under its other name.
    pub(super) fn rename(&mut self, map: Node<'t>, names: &[(&str, &str)]) {
        for (from, to) in names {
            self.put_some(to, present(map, from));
        }
    }

    /// Takes over all entries of `map`.
    pub(super) fn extend(&mut self, map: Node<'t>) {
        map.entries().iter().for_each(|entry| self.put_entry(*entry));
    }

    pub(super) fn put_entry(&mut self, entry: Entry<'t>) {
        match self.index.get(entry.key) {
            Some(position) => self.entries[*position] = entry,
            None => {
                self.index.insert(entry.key, self.entries.len());
                self.entries.push(entry);
            }
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<Node<'t>> {
        self.index.get(key).map(|position| self.entries[*position].value)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn done(self) -> Node<'t> {
        self.pen.node(Value::Map(self.pen.arena.alloc_slice_copy(&self.entries)))
    }
}

/// Whether a node is a call of one of CloudFormation's functions, short or long.
pub(super) fn is_intrinsic(node: Node<'_>) -> bool {
    let called = |entries: &[Entry<'_>]| matches!(entries, [only] if only.key == "Ref" || only.key.starts_with("Fn::"));
    node.tag.is_some() || called(node.entries())
}

/// The value under a key, unless it is null.
pub(super) fn present<'t>(map: Node<'t>, key: &str) -> Option<Node<'t>> {
    map.get(key).filter(|value| !matches!(value.value, Value::Null))
}

/// The value under a dotted path of keys, unless it is null.
pub(super) fn at<'t>(map: Node<'t>, path: &str) -> Option<Node<'t>> {
    path.split('.').try_fold(map, present)
}

/// Whether JavaScript takes a value for `false`, as the framework does where it asks whether something is stated.
pub(super) fn is_falsy(value: Node<'_>) -> bool {
    value.tag.is_none() && matches!(value.value, Value::Null | Value::Bool(false) | Value::Text("") | Value::Number("0"))
}

/// The text of a scalar under a key.
pub(super) fn word<'t>(map: Node<'t>, key: &str) -> Option<&'t str> {
    present(map, key)?.scalar()
}

/// Whether a switch stands at `true`.
pub(super) fn is_on(map: Node<'_>, key: &str) -> bool {
    word(map, key) == Some("true")
}

/// The items of a list, or the value itself where one may stand for a list of one.
pub(super) fn one_or_many(value: Option<Node<'_>>) -> Vec<Node<'_>> {
    match value {
        Some(Node { value: Value::List(items), tag: None, .. }) => items.to_vec(),
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

/// Both values in one as lodash's `merge` has it: what `over` says counts, maps are merged by key and lists by position
/// (<https://lodash.com/docs/4.17.15#merge>, read 2026-11-28).
pub(super) fn merged<'t>(arena: &'t Bump, base: Node<'t>, over: Node<'t>) -> Node<'t> {
    merge(arena, base, over, MAX_DEPTH)
}

fn merge<'t>(arena: &'t Bump, base: Node<'t>, over: Node<'t>, depth: usize) -> Node<'t> {
    let Some(depth) = depth.checked_sub(1) else { return over };
    if is_intrinsic(base) || is_intrinsic(over) {
        return over;
    }
    match (base.value, over.value) {
        (Value::Map(_), Value::Map(entries)) => {
            let mut fields = Fields::new(Pen::new(arena, base.span));
            fields.extend(base);
            for entry in entries {
                let value = match fields.get(entry.key) {
                    Some(known) => merge(arena, known, entry.value, depth),
                    None => entry.value,
                };
                fields.put_entry(Entry { value, ..*entry });
            }
            fields.done()
        }
        (Value::List(below), Value::List(above)) => {
            let both = below.iter().zip(above).map(|(below, above)| merge(arena, *below, *above, depth));
            let rest = below.iter().skip(above.len()).chain(above.iter().skip(below.len()));
            let items: Vec<_> = both.chain(rest.copied()).collect();
            Pen::new(arena, over.span).list(&items)
        }
        _ => over,
    }
}

/// From the key to the last line of the value.
pub(super) fn lines(entry: &Entry<'_>) -> Span {
    let same_file = entry.key_span.file == entry.value.span.file;
    let end_line = if same_file { entry.value.span.end_line.max(entry.key_span.end_line) } else { entry.key_span.end_line };
    Span { end_line, ..entry.key_span }
}
