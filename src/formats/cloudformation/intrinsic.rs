//! Which nodes are intrinsic functions.
//!
//! Comes in: a node. Goes out: the function and its argument, whether written short (`!Ref X`) or long (`Ref: X`).

use crate::syntax::{Node, Value};

/// The functions of <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>, read 2026-11-24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intrinsic<'t> {
    And,
    Base64,
    Cidr,
    Condition,
    Equals,
    FindInMap,
    GetAtt,
    GetAzs,
    GetStackOutput,
    If,
    ImportValue,
    Join,
    Length,
    Not,
    Or,
    Ref,
    Select,
    Split,
    Sub,
    ToJsonString,
    Transform,
    /// Written like a function, but not one that we know.
    Other(&'t str),
}

impl<'t> Intrinsic<'t> {
    /// `!Sub` where the tag is short, `Fn::Sub` where it is a key; `name` is without its prefix.
    fn named(name: &'t str) -> Self {
        match name {
            "And" => Self::And,
            "Base64" => Self::Base64,
            "Cidr" => Self::Cidr,
            "Condition" => Self::Condition,
            "Equals" => Self::Equals,
            "FindInMap" => Self::FindInMap,
            "GetAtt" => Self::GetAtt,
            "GetAZs" => Self::GetAzs,
            "GetStackOutput" => Self::GetStackOutput,
            "If" => Self::If,
            "ImportValue" => Self::ImportValue,
            "Join" => Self::Join,
            "Length" => Self::Length,
            "Not" => Self::Not,
            "Or" => Self::Or,
            "Ref" => Self::Ref,
            "Select" => Self::Select,
            "Split" => Self::Split,
            "Sub" => Self::Sub,
            "ToJsonString" => Self::ToJsonString,
            "Transform" => Self::Transform,
            other => Self::Other(other),
        }
    }
}

/// The function that a node calls. `Condition: X` counts only as the short `!Condition X`: IAM statements have a key of that name.
pub(super) fn find<'t>(node: &Node<'t>) -> Option<(Intrinsic<'t>, Node<'t>)> {
    if let Some(tag) = node.tag {
        let name = tag.trim_start_matches('!');
        return Some((Intrinsic::named(name.strip_prefix("Fn::").unwrap_or(name)), Node { tag: None, ..*node }));
    }
    let Value::Map([entry]) = node.value else { return None };
    match entry.key.strip_prefix("Fn::") {
        Some(name) if name.starts_with("ForEach::") => None,
        Some(name) => Some((Intrinsic::named(name), entry.value)),
        None if entry.key == "Ref" => Some((Intrinsic::Ref, entry.value)),
        None => None,
    }
}
