//! `config/dialects/terraform/aws.arguments`: which arguments a type of the provider takes, as its newest schema says.
//!
//! One type a line: `aws_x: name list* map% block{name} blocks[name]`. Blocks that may stand once are in braces, others in brackets.

use std::collections::BTreeMap;

/// How an argument is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Value,
    List,
    Map,
    Block,
    Blocks,
}

pub struct Argument {
    pub name: String,
    pub form: Form,
    /// Of a block.
    pub inner: Vec<Self>,
}

/// Arguments by type.
pub type Arguments = BTreeMap<String, Vec<Argument>>;

pub fn read(text: &str) -> Result<Arguments, String> {
    let mut types = Arguments::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
        let at = |what: &str| format!("line {}: {what}", number + 1);
        let (kind, rest) = line.split_once(':').ok_or_else(|| at("no type"))?;
        let mut rest = rest;
        let arguments = block(&mut rest, None).map_err(|error| at(&error))?;
        if types.insert(kind.trim().to_owned(), arguments).is_some() {
            return Err(at(&format!("{kind} stands twice")));
        }
    }
    Ok(types)
}

/// The arguments up to the closing bracket, or to the end.
fn block(rest: &mut &str, close: Option<char>) -> Result<Vec<Argument>, String> {
    let mut found = Vec::new();
    loop {
        *rest = rest.trim_start_matches(' ');
        let Some(first) = rest.chars().next() else {
            return if close.is_none() { Ok(found) } else { Err("a bracket is open".to_owned()) };
        };
        if Some(first) == close {
            *rest = &rest[1..];
            return Ok(found);
        }
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
        if end == 0 {
            return Err(format!("`{first}` is out of place"));
        }
        let name = rest[..end].to_owned();
        *rest = &rest[end..];
        let (form, close) = match rest.chars().next() {
            Some('*') => (Form::List, None),
            Some('%') => (Form::Map, None),
            Some('{') => (Form::Block, Some('}')),
            Some('[') => (Form::Blocks, Some(']')),
            _ => (Form::Value, None),
        };
        if form != Form::Value {
            *rest = &rest[1..];
        }
        let inner = if close.is_some() { block(rest, close)? } else { Vec::new() };
        found.push(Argument { name, form, inner });
    }
}
