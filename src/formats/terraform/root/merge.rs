//! What an override file makes of a block.
//!
//! Arguments are replaced one by one, nested blocks by their type as a whole; `lifecycle` and the elements of `required_providers` are
//! merged. <https://developer.hashicorp.com/terraform/language/files/override#merging-behavior> (2026-11-28).

use crate::syntax::hcl::tree::{Block, Body, Item};
use bumpalo::Bump;

/// What tells blocks apart that one file may override in another.
pub(super) fn identity<'t>(block: &Block<'t>) -> Vec<&'t str> {
    let labels = block.labels.iter().map(|label| label.text);
    let alias = block.body.attribute("alias").filter(|_| block.kind.text == "provider").and_then(|alias| alias.value.text());
    [block.kind.text].into_iter().chain(labels).chain(alias).collect()
}

/// A block as another one overrides it.
pub(super) fn merged<'t>(base: &Block<'t>, over: &Block<'t>, arena: &'t Bump) -> Block<'t> {
    let is_overridden = |item: &&Item<'t>| match item {
        Item::Attribute(attribute) => over.body.attribute(attribute.name.text).is_some() && !stays(base, attribute.name.text),
        // Where the schema takes a list as an argument or as blocks, and in JSON, where both are written alike, the argument is what counts:
        // <https://github.com/hashicorp/terraform/blob/main/internal/configs/module_merge_body.go>, `internal/lang/blocktoattr` (2026-11-30).
        Item::Block(block) => {
            !is_merged(block) && (over.body.blocks().any(|other| kind(other) == kind(block)) || over.body.attribute(kind(block)).is_some())
        }
    };
    let kept = base.body.items.iter().filter(|item| !is_overridden(item)).map(|item| match item {
        Item::Block(block) if is_merged(block) => {
            let over = over.body.blocks_of(block.kind.text).next();
            Item::Block(over.map_or(*block, |over| merged(block, over, arena)))
        }
        Item::Attribute(_) | Item::Block(_) => *item,
    });
    let added = over.body.items.iter().filter(|item| match item {
        Item::Attribute(attribute) => !stays(base, attribute.name.text),
        Item::Block(block) => !is_merged(block) || base.body.blocks_of(block.kind.text).next().is_none(),
    });
    let items: Vec<Item<'t>> = kept.chain(added.copied()).collect();
    let body = Body { items: arena.alloc_slice_copy(&items), is_whole: base.body.is_whole && over.body.is_whole };
    Block { body, ..*base }
}

/// What kind of block a block is or makes.
fn kind<'t>(block: &Block<'t>) -> &'t str {
    if block.kind.text == "dynamic" { block.label(0).unwrap_or_default() } else { block.kind.text }
}

fn is_merged(block: &Block<'_>) -> bool {
    matches!(block.kind.text, "lifecycle" | "required_providers")
}

/// Terraform refuses an override of these, so that what stands in the base is what is in force.
fn stays(base: &Block<'_>, argument: &str) -> bool {
    argument == "depends_on" && base.body.attribute(argument).is_some()
}
