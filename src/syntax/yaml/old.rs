//! YAML read into the spanned tree.
//!
//! Comes in: text of any number of documents, with whatever libyaml accepts. Goes out: the root of each document. Anchors are shared,
//! merge keys (`<<`) are merged, scalars follow the core schema of YAML 1.2 and stay as written; tags are kept, not interpreted.
//! This is the only module that sees the YAML crate.

use crate::source::{FileId, MAX_DEPTH, MAX_NODES, NoteKind, Span};
use crate::syntax::mapping;
use crate::syntax::{Entry, Node, Notes, SyntaxError, Value, column, line};
use bumpalo::Bump;
use granit_parser::{Event, Options, Parser, ScalarStyle, StructureStyle, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Parses all documents of a text; an empty text is one `Null`. Errors carry the place; the caller notes them.
pub fn parse<'t>(text: &'t str, file: FileId, arena: &'t Bump, notes: &mut Notes<'_>) -> Result<Vec<Node<'t>>, SyntaxError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut tree = Tree::new(text, file, arena, notes);
    for event in Parser::new_from_str_with_options(text, options()) {
        let (event, span) = event.map_err(|error| syntax_error(&error))?;
        tree.take(event, span)?;
    }
    if tree.documents.is_empty() {
        tree.documents.push(Node { value: Value::Null, span: Span { line: 1, end_line: 1, column: 1, file }, tag: None });
    }
    Ok(tree.documents)
}

/// The comments of a text that parses, in its order: what stands behind `#`, and where. A text in which comments cannot be told gives an
/// error, though it may be valid otherwise.
pub fn comments(text: &str, file: FileId) -> Result<Vec<(Span, &str)>, SyntaxError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut with_comments = options();
    with_comments.emit_comments = true;
    let mut comments = Vec::new();
    for event in Parser::new_from_str_with_options(text, with_comments) {
        let (event, span) = event.map_err(|error| syntax_error(&error))?;
        if let Event::Comment(Cow::Borrowed(said), _) = event {
            let at = line(span.start.line());
            comments.push((Span { line: at, end_line: at, column: column(span.start.col() + 1), file }, said));
        }
    }
    Ok(comments)
}

/// As libyaml reads, which is what CloudFormation's own tools stand on.
fn options() -> Options {
    granit_parser::options! {
        emit_comments: false,
        bom_inside_document_as_content: true,
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    }
}

fn syntax_error(error: &granit_parser::ScanError) -> SyntaxError {
    let kind = match error.kind() {
        granit_parser::ErrorKind::RecursionLimitExceeded => NoteKind::Limit,
        _ => NoteKind::Unreadable,
    };
    SyntaxError { line: line(error.marker().line()), column: column(error.marker().col() + 1), message: error.kind().to_string(), kind }
}

/// A collection whose end has not come yet.
struct Open<'t> {
    kind: Collection,
    style: StructureStyle,
    /// Index of its first child in `Tree::nodes`.
    first: usize,
    span: Span,
    tag: Option<&'t str>,
    anchor: usize,
    /// How many nodes there were before it.
    weight_before: usize,
    /// Levels of collections below it.
    height: usize,
}

#[derive(Clone, Copy)]
enum Collection {
    List,
    Map,
}

/// A finished node that an alias may name.
#[derive(Clone, Copy)]
struct Anchored<'t> {
    node: Node<'t>,
    /// Nodes in it, aliases counted as often as they are used.
    weight: usize,
    height: usize,
}

struct Tree<'t, 'n, 'm> {
    text: &'t str,
    file: FileId,
    arena: &'t Bump,
    notes: &'n mut Notes<'m>,
    documents: Vec<Node<'t>>,
    open: Vec<Open<'t>>,
    /// Finished children of the open collections; of mappings key and value in turn.
    nodes: Vec<Child<'t>>,
    /// Entries of the mapping that is being finished; kept to spare an allocation for each.
    entries: Vec<Entry<'t>>,
    anchors: BTreeMap<usize, Anchored<'t>>,
    weight: usize,
}

#[derive(Clone, Copy)]
struct Child<'t> {
    node: Node<'t>,
    /// An unquoted, untagged `<<`.
    merges: bool,
}

impl<'t, 'n, 'm> Tree<'t, 'n, 'm> {
    fn new(text: &'t str, file: FileId, arena: &'t Bump, notes: &'n mut Notes<'m>) -> Self {
        Self {
            text,
            file,
            arena,
            notes,
            documents: Vec::new(),
            open: Vec::new(),
            nodes: Vec::new(),
            entries: Vec::new(),
            anchors: BTreeMap::new(),
            weight: 0,
        }
    }

    fn take(&mut self, event: Event<'t>, span: granit_parser::Span) -> Result<(), SyntaxError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag.as_deref(), &span),
            Event::SequenceStart(style, anchor, tag) => self.start(Collection::List, style, anchor, tag.as_deref(), &span),
            Event::MappingStart(style, anchor, tag) => self.start(Collection::Map, style, anchor, tag.as_deref(), &span),
            Event::SequenceEnd | Event::MappingEnd => self.end(&span),
            Event::Alias(anchor) => self.alias(anchor, &span),
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: &granit_parser::Span,
    ) -> Result<(), SyntaxError> {
        let text = match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.arena.alloc_str(&text),
        };
        let plain = matches!(style, ScalarStyle::Plain);
        let value = match tag {
            // An absent value comes as a plain `~` of no width.
            None if plain && span.is_empty() => Value::Null,
            Some(_) if plain && span.is_empty() => Value::Text(""),
            None if plain => plain_scalar(text),
            Some(tag) if tag.core_suffix().is_some_and(|suffix| suffix != "str") => plain_scalar(text),
            None | Some(_) => Value::Text(text),
        };
        let node = Node { value, span: self.scalar_span(style, span), tag: self.tag(tag, span) };
        self.weigh(1, span)?;
        let merges = plain && tag.is_none() && text == "<<" && !span.is_empty();
        self.finish(node, merges, anchor, 1, 0)
    }

    fn start(
        &mut self,
        kind: Collection,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: &granit_parser::Span,
    ) -> Result<(), SyntaxError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        let weight_before = self.weight;
        self.weigh(1, span)?;
        let (span, tag) = (self.span_from(span), self.tag(tag, span));
        self.open.push(Open { kind, style, first: self.nodes.len(), span, tag, anchor, weight_before, height: 0 });
        Ok(())
    }

    fn end(&mut self, span: &granit_parser::Span) -> Result<(), SyntaxError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let last_child = self.nodes[open.first..].last().map_or(open.span.line, |child| child.node.span.end_line);
        let end_line = match open.style {
            // A block collection ends with an empty span at the dedent, lines below its last child.
            StructureStyle::Block => last_child,
            StructureStyle::Flow => last_child.max(line(span.end.line())),
        };
        let value = match open.kind {
            Collection::List => Value::List(self.arena.alloc_slice_fill_iter(self.nodes[open.first..].iter().map(|child| child.node))),
            Collection::Map => Value::Map(self.map(open.first)),
        };
        self.nodes.truncate(open.first);
        let node = Node { value, span: Span { end_line: end_line.max(open.span.line), ..open.span }, tag: open.tag };
        self.finish(node, false, open.anchor, self.weight - open.weight_before, open.height + 1)
    }

    fn alias(&mut self, anchor: usize, span: &granit_parser::Span) -> Result<(), SyntaxError> {
        // The parser has refused names that no anchor bears, so what is missing here is not finished yet.
        let Some(anchored) = self.anchors.get(&anchor).copied() else {
            return Err(error_at(span, NoteKind::Unreadable, "an alias stands inside the node that it names".to_owned()));
        };
        if self.open.len() + anchored.height > MAX_DEPTH {
            return Err(too_deep(span));
        }
        self.weigh(anchored.weight, span)?;
        let node = Node { span: self.span_from(span), ..anchored.node };
        self.finish(node, false, 0, anchored.weight, anchored.height)
    }

    fn finish(&mut self, node: Node<'t>, merges: bool, anchor: usize, weight: usize, height: usize) -> Result<(), SyntaxError> {
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored { node, weight, height });
        }
        match self.open.last_mut() {
            Some(parent) => {
                parent.height = parent.height.max(height);
                self.nodes.push(Child { node, merges });
            }
            None => self.documents.push(node),
        }
        Ok(())
    }

    fn weigh(&mut self, nodes: usize, span: &granit_parser::Span) -> Result<(), SyntaxError> {
        self.weight = self.weight.saturating_add(nodes);
        if self.weight > MAX_NODES {
            return Err(error_at(span, NoteKind::Limit, format!("more than {MAX_NODES} nodes, aliases counted as often as they are used")));
        }
        Ok(())
    }

    /// The entries of the mapping whose keys and values begin at `first`.
    fn map(&mut self, first: usize) -> &'t [Entry<'t>] {
        let mut entries = std::mem::take(&mut self.entries);
        let mut merged = Vec::new();
        for pair in self.nodes[first..].chunks_exact(2) {
            let (key, value) = (pair[0], pair[1].node);
            if key.merges {
                merged.extend(merged_entries(value));
                continue;
            }
            match key_text(&key.node) {
                Some(text) => entries.push(Entry { key: text, key_span: key.node.span, value: on_line_of(value, key.node.span) }),
                None => {
                    let text = "a key that is a collection is not read, nor what stands under it".to_owned();
                    (self.notes)(key.node.span, NoteKind::Unsupported, text);
                }
            }
        }
        let own = mapping::unique(&entries, self.arena, self.notes);
        entries.clear();
        self.entries = entries;
        if merged.is_empty() { own } else { self.arena.alloc_slice_copy(&with_merged(own, merged)) }
    }

    fn tag(&self, tag: Option<&Tag>, span: &granit_parser::Span) -> Option<&'t str> {
        let tag = tag.filter(|tag| tag.core_suffix().is_none())?;
        let written = span.tag_span().and_then(|span| span.slice(self.text));
        written.or_else(|| Some(self.arena.alloc_str(&tag.original()))).filter(|written| *written != "!")
    }

    /// From the tag, where there is one, to the end of the event.
    fn span_from(&self, span: &granit_parser::Span) -> Span {
        let start = span.tag_start().filter(|tag| tag.line() <= span.start.line()).unwrap_or(span.start);
        Span {
            line: line(start.line()),
            end_line: line(span.start.line().max(start.line())),
            column: column(start.col() + 1),
            file: self.file,
        }
    }

    fn scalar_span(&self, style: ScalarStyle, span: &granit_parser::Span) -> Span {
        let from = self.span_from(span);
        let end_line = match style {
            ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => line(span.end.line()),
            // A block scalar's span ends where the next token stands: the empty lines before it are not content.
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let written = span.slice(self.text).unwrap_or_default();
                let content = written.trim_end();
                line(span.start.line() + content.bytes().filter(|byte| *byte == b'\n').count())
            }
        };
        Span { end_line: end_line.max(from.line), ..from }
    }
}

fn error_at(span: &granit_parser::Span, kind: NoteKind, message: String) -> SyntaxError {
    SyntaxError { line: line(span.start.line()), column: column(span.start.col() + 1), message, kind }
}

fn too_deep(span: &granit_parser::Span) -> SyntaxError {
    error_at(span, NoteKind::Limit, format!("nested deeper than {MAX_DEPTH}"))
}

fn key_text<'t>(key: &Node<'t>) -> Option<&'t str> {
    match key.value {
        Value::Null => Some("null"),
        Value::Bool(_) | Value::Number(_) | Value::Text(_) => key.scalar(),
        Value::List(_) | Value::Map(_) => None,
    }
}

/// An absent value has its place where the parser noticed the absence, lines below; it stands on the line of its key.
fn on_line_of<'t>(value: Node<'t>, key: Span) -> Node<'t> {
    match value.value {
        Value::Null if value.span.line > key.end_line => {
            Node { span: Span { line: key.end_line, end_line: key.end_line, ..value.span }, ..value }
        }
        _ => value,
    }
}

/// What `<<` brings: the entries of one mapping, or of several of which the first has precedence.
fn merged_entries<'t>(value: Node<'t>) -> Vec<Entry<'t>> {
    match value.value {
        Value::Map(entries) => entries.to_vec(),
        Value::List(items) => items.iter().flat_map(Node::entries).copied().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => Vec::new(),
    }
}

/// Merged entries first, as far as the mapping's own keys do not stand before them; of equal ones the first.
fn with_merged<'t>(own: &[Entry<'t>], merged: Vec<Entry<'t>>) -> Vec<Entry<'t>> {
    let mut known: std::collections::BTreeSet<&str> = own.iter().map(|entry| entry.key).collect();
    let mut all: Vec<Entry<'t>> = merged.into_iter().filter(|entry| known.insert(entry.key)).collect();
    all.extend_from_slice(own);
    all
}

/// The core schema of YAML 1.2 (<https://yaml.org/spec/1.2.2/#1032-tag-resolution>): `yes`, `on` and `012` are what they look like to
/// people who do not know YAML 1.1.
fn plain_scalar(text: &str) -> Value<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text),
        _ => Value::Text(text),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let Some(first) = digits.bytes().next() else { return false };
    if !first.is_ascii_digit() && first != b'.' {
        return false;
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return !octal.is_empty() && octal.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    }
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return !hexadecimal.is_empty() && hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    matches!(digits, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") || is_decimal(digits)
}

/// `1`, `1.5`, `.5`, `1.`, `1e3`.
fn is_decimal(digits: &str) -> bool {
    let (mantissa, exponent) = digits.split_once(['e', 'E']).map_or((digits, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && all_digits(exponent)
    });
    (!whole.is_empty() || !fraction.is_empty()) && all_digits(whole) && all_digits(fraction) && exponent_fits
}

#[cfg(test)]
mod tests {
    use super::{Value, plain_scalar};

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for (text, kind) in [
            ("true", "bool"),
            ("yes", "text"),
            ("on", "text"),
            ("12", "number"),
            ("012", "number"),
            ("-1.5e3", "number"),
            ("2012-10-17", "text"),
            ("1_000", "text"),
            ("arn:aws", "text"),
            (".", "text"),
            ("0x1F", "number"),
            ("1e", "text"),
            ("~", "null"),
            ("10.0.0.0/16", "text"),
        ] {
            let found = match plain_scalar(text) {
                Value::Null => "null",
                Value::Bool(_) => "bool",
                Value::Number(_) => "number",
                Value::Text(_) => "text",
                Value::List(_) | Value::Map(_) => "collection",
            };
            assert_eq!(found, kind, "{text}");
        }
    }
}
