//! Data sources whose answer stands in the repository: a template that is filled in, a file that is read.
//!
//! <https://registry.terraform.io/providers/hashicorp/template/latest/docs/data-sources/file>,
//! <https://registry.terraform.io/providers/hashicorp/local/latest/docs/data-sources/file> (2026-11-29).

use crate::formats::terraform::expression::evaluate;
use crate::formats::terraform::root::frame::Frame;
use crate::formats::terraform::root::module::Object;
use crate::formats::terraform::root::paths;
use crate::formats::terraform::types::Type;
use crate::formats::terraform::value::{Kind, Value};
use crate::source::Span;
use crate::syntax::hcl::tree::{Call, ExprKind, Name};
use std::collections::BTreeMap;

/// What an attribute of a data source is; `None` where its provider alone can tell. What cannot be read is noted.
pub(super) fn attribute(frame: &Frame<'_, '_, '_>, data: &Object<'_>, attribute: &str, span: Span) -> Option<Value> {
    let argument = |name| data.block.body.attribute(name).map(|argument| evaluate(&argument.value, frame));
    let (function, arguments) = match (data.kind, attribute) {
        ("template_file", "rendered") => {
            let vars = argument("vars").unwrap_or_else(|| Value::new(Kind::object(BTreeMap::new()), data.block.span));
            match data.block.body.attribute("template")?.value.kind {
                // What is said of it stands in the file then.
                ExprKind::Call(Call { name: Name { text: "file", .. }, arguments: [path], .. }) => {
                    ("templatefile", vec![evaluate(path, frame), vars])
                }
                _ => ("templatestring", vec![argument("template")?, vars]),
            }
        }
        ("local_file", "content") => ("file", vec![argument("filename")?]),
        _ => return None,
    };
    let unread = || Value::new(Kind::Unknown(arguments[0].reason(), Some(Type::Text)), span);
    Some(paths::call(frame.context, function, &arguments, span).unwrap_or_else(unread))
}
