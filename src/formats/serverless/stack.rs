//! The template that the framework makes, while it is made.
//!
//! Comes in: resources, and what roles are granted, each with the lines that cause it. Goes out: the sections of a CloudFormation template.

use crate::formats::serverless::pen::{Fields, Pen, merged};
use crate::source::Span;
use crate::syntax::{Entry, Node};
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Stack<'t> {
    arena: &'t Bump,
    resources: Vec<Entry<'t>>,
    index: BTreeMap<&'t str, usize>,
    /// What the functions' roles may do because of settings, by the function's name.
    grants: Vec<(&'t str, Node<'t>)>,
    /// What whoever has the provider's statements may do.
    common: Vec<Node<'t>>,
    /// What they may do because of events and of where their results go.
    implied: Vec<(&'t str, Node<'t>)>,
}

impl<'t> Stack<'t> {
    pub(super) fn new(arena: &'t Bump) -> Self {
        Self { arena, resources: Vec::new(), index: BTreeMap::new(), grants: Vec::new(), common: Vec::new(), implied: Vec::new() }
    }

    pub(super) fn pen(&self, span: Span) -> Pen<'t> {
        Pen::new(self.arena, span)
    }

    /// Adds a resource for the lines of the properties. Where another of that name was made, that one stays.
    pub(super) fn add(&mut self, address: &str, kind: &str, properties: Node<'t>) {
        self.add_with(address, kind, properties, &[]);
    }

    /// The same, with what stands beside the properties.
    pub(super) fn add_with(&mut self, address: &str, kind: &str, properties: Node<'t>, beside: &[(&str, Node<'t>)]) {
        if self.has(address) {
            return;
        }
        let pen = self.pen(properties.span);
        let mut fields = Fields::new(pen);
        fields.put("Type", pen.text(kind));
        beside.iter().for_each(|(key, value)| fields.put(key, *value));
        fields.put("Properties", properties);
        let key = pen.name(address);
        self.index.insert(key, self.resources.len());
        self.resources.push(Entry { key, key_span: properties.span, value: fields.done() });
    }

    /// What `over` says of a resource counts before what was made.
    pub(super) fn merge(&mut self, address: &str, over: Node<'t>) {
        if let Some(position) = self.index.get(address) {
            let resource = &mut self.resources[*position];
            resource.value = merged(self.arena, resource.value, over);
        }
    }

    pub(super) fn has(&self, address: &str) -> bool {
        self.index.contains_key(address)
    }

    /// Lets the role of a function do something, unless the function names a role of its own.
    pub(super) fn grant(&mut self, function: &'t str, statement: Node<'t>) {
        self.grants.push((function, statement));
    }

    /// Lets every role do something that has the provider's statements.
    pub(super) fn grant_all(&mut self, statement: Node<'t>) {
        self.common.push(statement);
    }

    pub(super) fn granted_to_all(&self) -> &[Node<'t>] {
        &self.common
    }

    /// Lets the role of a function do what Lambda does for one of its events, destinations or failures. Who else holds the role is not
    /// shown to do it: that no file says.
    pub(super) fn imply(&mut self, function: &'t str, statement: Node<'t>) {
        self.implied.push((function, statement));
    }

    /// What a role may do that these functions hold.
    pub(super) fn granted(&self, functions: &BTreeSet<&str>) -> Vec<Node<'t>> {
        let implied = if functions.len() == 1 { self.implied.as_slice() } else { &[] };
        let granted = self.grants.iter().chain(implied).filter(|(function, _)| functions.contains(function));
        granted.map(|(_, statement)| *statement).collect()
    }

    /// The resources in the order in which they were added.
    pub(super) fn into_resources(self) -> Vec<Entry<'t>> {
        self.resources
    }
}
