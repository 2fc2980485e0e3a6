//! Memories of agents: whether what one person says can come back to another.
//!
//! Comes in: an AgentCore memory. Goes out: `memory_isolation`, with the namespaces that are not kept apart by actor. What only lasts for a
//! session is filed under actor and session whatever the template says.
//! Namespaces: <https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/session-actor-namespace.html>.

use crate::catalog::draft::Draft;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Fact, Origin, Reading, Word};
use crate::model::resource::{Property, Resource};

const PAGE: &str = "https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/memory-organization.html";

/// Where strategies name their namespaces.
const NAMESPACES: &[&str] = &["MemoryStrategies[].*.Namespaces[]", "MemoryStrategies[].*.NamespaceTemplates[]"];

/// The resolver of `AWS::BedrockAgentCore::Memory`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, memory: &Resource<'t>) {
    let Some(element) = draft.element(memory.address) else { return };
    let named: Vec<Property<'t>> = NAMESPACES.iter().flat_map(|path| paths::find(&memory.properties, path)).collect();
    let shared: Vec<(&Property<'t>, String)> = named
        .iter()
        .filter_map(|namespace| Some((namespace, canonical(namespace)?)))
        .filter(|(_, text)| !text.contains("{actorId}") && !text.contains("${"))
        .collect();
    let unclear = named.iter().find(|namespace| canonical(namespace).is_none_or(|text| text.contains("${") && !text.contains("{actorId}")));
    let reading = match (shared.first(), unclear, named.first()) {
        (Some((first, _)), _, _) => {
            let witnesses = shared.iter().map(|(_, text)| text.clone()).collect();
            Reading::word(Word::Off, draft.stated(first.span)).witnessed(bounded(witnesses))
        }
        (None, Some(namespace), _) => Reading::unresolved("a namespace of the memory cannot be told", draft.stated(namespace.span)),
        (None, None, Some(first)) => Reading::word(Word::On, draft.stated(first.span)),
        (None, None, None) => Reading::word(Word::On, Origin::Default(PAGE)),
    };
    draft.set_fact(element, Fact::MemoryIsolation, reading);
}
