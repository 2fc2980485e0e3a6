//! A tree as one number, so that two of them can be compared wherever they stand.

use crate::syntax::{Node, Value};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The digest of what a node holds, whatever lines and comments are around it. Each node takes one of `left`; what is behind the last of them does
/// not count.
pub fn digest(node: Node<'_>, left: &mut usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    write(node, left, &mut hasher);
    hasher.finish()
}

fn write(node: Node<'_>, left: &mut usize, hasher: &mut DefaultHasher) {
    *left = left.saturating_sub(1);
    if *left == 0 {
        return;
    }
    node.tag.hash(hasher);
    match node.value {
        Value::Null => 0_u8.hash(hasher),
        Value::Bool(flag) => (1_u8, flag).hash(hasher),
        Value::Number(number) => (2_u8, number).hash(hasher),
        Value::Text(text) => (3_u8, text).hash(hasher),
        Value::List(items) => {
            (4_u8, items.len()).hash(hasher);
            items.iter().for_each(|item| write(*item, left, hasher));
        }
        Value::Map(entries) => {
            (5_u8, entries.len()).hash(hasher);
            for entry in entries {
                entry.key.hash(hasher);
                write(entry.value, left, hasher);
            }
        }
    }
}
