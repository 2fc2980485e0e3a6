//! Which keys of a configuration are blocks: what JSON notation does not say itself.
//!
//! These are the blocks of the language. Those of providers are in their schemas: `"ingress": [{…}]` of a resource in JSON is an
//! attribute. <https://developer.hashicorp.com/terraform/language/syntax/json>, <https://opentofu.org/docs/language/syntax/json>
//! (2026-11-28).

use crate::syntax::hcl::BlockType;

/// The blocks of a file.
pub static BLOCKS: &[BlockType] = &[
    block("action", 2, &[block("config", 0, &DYNAMIC)]),
    block("check", 1, &[block("assert", 0, &[]), block("data", 2, &RESOURCE)]),
    block("data", 2, &RESOURCE),
    block("ephemeral", 2, &RESOURCE),
    block("import", 0, &[]),
    block("locals", 0, &[]),
    block("module", 1, &[LIFECYCLE]),
    block("moved", 0, &[]),
    block("output", 1, &[block("precondition", 0, &[])]),
    block("provider", 1, &DYNAMIC),
    block("removed", 0, &[LIFECYCLE, CONNECTION, PROVISIONER]),
    block("resource", 2, &RESOURCE),
    block(
        "terraform",
        0,
        &[
            block("backend", 1, &[]),
            block("cloud", 0, &[block("workspaces", 0, &[])]),
            block("encryption", 0, &ENCRYPTION),
            block("provider_meta", 1, &[]),
            block("required_providers", 0, &[]),
        ],
    ),
    // A default in JSON is no template: `"${x}"` is that text (Terraform 1.11.4, run 2026-11-28).
    BlockType { kind: "variable", labels: 1, blocks: &[block("validation", 0, &[])], plain: &["default", "description"] },
];

static RESOURCE: [BlockType; 4] = [LIFECYCLE, CONNECTION, PROVISIONER, block("dynamic", 1, &CONTENT)];
static DYNAMIC: [BlockType; 1] = [block("dynamic", 1, &CONTENT)];
static CONTENT: [BlockType; 1] = [block("content", 0, &DYNAMIC)];
/// OpenTofu's.
static ENCRYPTION: [BlockType; 5] = [
    block("key_provider", 2, &[]),
    block("method", 2, &[]),
    block("plan", 0, &[block("fallback", 0, &[])]),
    block("remote_state_data_sources", 0, &[block("default", 0, &[]), block("remote_state_data_source", 1, &[])]),
    block("state", 0, &[block("fallback", 0, &[])]),
];

const CONNECTION: BlockType = block("connection", 0, &[]);
const PROVISIONER: BlockType = block("provisioner", 1, &[CONNECTION]);
const LIFECYCLE: BlockType =
    block("lifecycle", 0, &[block("action_trigger", 0, &[]), block("postcondition", 0, &[]), block("precondition", 0, &[])]);

const fn block(kind: &'static str, labels: usize, blocks: &'static [BlockType]) -> BlockType {
    BlockType { kind, labels, blocks, plain: &[] }
}
