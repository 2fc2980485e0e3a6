//! Task definitions: the rights of their containers, and what the weakest of them gives away.
//!
//! Comes in: an ECS task definition. Goes out: facts of the element that runs it. Of several containers the weakest counts, with its name.

use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::entry::{FactEntry, FactReading, Literal, Reader};
use crate::catalog::facts::Subject;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::catalog::secrets::{self, Search};
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Fact, Origin, Reading, Value as Answer, Word};
use crate::model::resource::{Property, Resource};
use crate::model::strength::is_weaker;
use crate::source::Span;

/// Where the provider says what a task definition leaves out means.
const PAGE: &str =
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-ecs-taskdefinition-containerdefinition.html";

/// What each container says by itself.
const OF_CONTAINER: &[FactEntry] = &[
    FactEntry { fact: Fact::CodeIntegrity, readings: &[FactReading { property: "Image", key: "", reader: Reader::Image }], default: None },
    FactEntry {
        fact: Fact::Rootfs,
        readings: &[FactReading { property: "ReadonlyRootFilesystem", key: "", reader: Reader::Map(&[("true", RO), ("false", RW)]) }],
        default: Some((RW, PAGE)),
    },
    FactEntry {
        fact: Fact::ExecLog,
        readings: &[FactReading { property: "LogConfiguration", key: "", reader: Reader::Present(Literal::Word(Word::All)) }],
        default: Some((Literal::Word(Word::Off), PAGE)),
    },
];

const RO: Literal = Literal::Word(Word::Ro);
const RW: Literal = Literal::Word(Word::Rw);

/// The resolver of `AWS::ECS::TaskDefinition`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, task: &Resource<'t>) {
    let Some(element) = draft.element(task.address) else { return };
    let containers = paths::find(&task.properties, "ContainerDefinitions[]");
    for entry in OF_CONTAINER {
        let readings = containers.iter().filter_map(|container| {
            let reading = draft.read_fact(entry, &Subject { properties: *container, attributes: *container, supplied: &[] })?;
            Some(if containers.len() > 1 { reading.witnessed(named(container)) } else { reading })
        });
        let weakest = readings.reduce(|known, other| if is_weaker(entry.fact, &other, &known) { other } else { known });
        if let Some(reading) = weakest {
            draft.set_fact(element, entry.fact, reading);
        }
    }
    state_secrets(draft, element, task, &containers);
    state_rights(draft, element, task, &containers);
    state_volumes(draft, element, task);
    state_agent_role(draft, element, task);
}

/// Whether every file system is mounted over an encrypted connection. Off where nothing is said.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/tutorial-efs-volumes.html>
fn state_volumes<'t>(draft: &mut Draft<'t, '_>, element: ElementIndex, task: &Resource<'t>) {
    let volumes = paths::find(&task.properties, "Volumes[].EFSVolumeConfiguration");
    let readings = volumes.iter().map(|volume| match volume.get("TransitEncryption") {
        None => Reading::word(Word::Off, draft.stated(volume.span)),
        Some(value) => match value.literal() {
            Some(text) => Reading::word(if text == "ENABLED" { Word::Enforced } else { Word::Off }, draft.stated(value.span)),
            None => {
                Reading::unresolved(value.unresolved().unwrap_or_else(|| "the setting is no text".to_owned()), draft.stated(value.span))
            }
        },
    });
    let weakest = readings.reduce(|known, other| if is_weaker(Fact::MountInTransit, &other, &known) { other } else { known });
    if let Some(reading) = weakest {
        draft.set_fact(element, Fact::MountInTransit, reading);
    }
}

/// Whether the role that pulls images and looks secrets up for the containers is the one that their code has.
fn state_agent_role<'t>(draft: &mut Draft<'t, '_>, element: ElementIndex, task: &Resource<'t>) {
    let Some((own, agent)) = task.properties.get("TaskRoleArn").zip(task.properties.get("ExecutionRoleArn")) else { return };
    let reading = match (canonical(own), canonical(agent)) {
        (Some(own), Some(role)) if !own.contains("${?}") && !role.contains("${?}") => {
            let word = if own == role { Word::Same } else { Word::Apart };
            Reading::word(word, draft.stated(agent.span))
        }
        _ => Reading::unresolved("a role of the task cannot be told", draft.stated(agent.span)),
    };
    draft.set_fact(element, Fact::AgentRole, reading);
}

fn named(container: &Property<'_>) -> Vec<String> {
    container.get("Name").and_then(canonical).into_iter().collect()
}

/// Variables of containers are pairs of a name and a value.
fn state_secrets<'t>(draft: &mut Draft<'t, '_>, element: ElementIndex, task: &Resource<'t>, containers: &[Property<'t>]) {
    let environments = || containers.iter().filter_map(|container| container.get("Environment"));
    let spend = |bytes, span| draft.spend_text(bytes, span);
    let found: Vec<_> = environments().flat_map(|variables| Search::variables(variables, &spend)).collect();
    let reading = match found.first() {
        Some(first) => {
            let names = found.iter().map(|place| place.name.clone()).collect();
            Reading::known(Answer::Flag(true), draft.stated(first.span)).witnessed(bounded(names))
        }
        None => Reading::known(Answer::Flag(false), Origin::Derived(Some(draft.sources.place(task.span)))),
    };
    draft.set_fact(element, Fact::SecretsEnv, reading);
    let stood_in: Vec<_> = environments().flat_map(secrets::stood_in).collect();
    if let Some(first) = stood_in.first() {
        let names = stood_in.iter().map(|place| place.name.clone()).collect();
        let reading = Reading::known(Answer::Flag(true), draft.stated(first.span)).witnessed(bounded(names));
        draft.set_fact(element, Fact::SecretStandIn, reading);
        if found.is_empty() {
            draft.unset_fact(element, Fact::SecretsEnv);
        }
    }
    let resolved: Vec<(String, Span)> = environments().flat_map(secrets::resolved_by_name).collect();
    if let Some((_, span)) = resolved.first() {
        let reading = Reading::known(Answer::Flag(true), draft.stated(*span));
        let names = resolved.iter().map(|(name, _)| name.clone()).collect();
        draft.set_fact(element, Fact::SecretResolved, reading.witnessed(bounded(names)));
    }
    let injected = || containers.iter().filter_map(|container| container.get("Secrets"));
    let mut names: Vec<String> =
        injected().flat_map(|secrets| paths::find(secrets, "[].Name")).filter_map(|name| canonical(&name)).collect();
    if let Some(first) = injected().next().filter(|_| !names.is_empty()) {
        names.sort();
        names.dedup();
        let reading = Reading::known(Answer::List(names), draft.stated(first.span));
        draft.set_fact(element, Fact::SecretsInjected, reading);
    }
}

/// Whether a task runs on machines of its own, where the provider takes no definition that shares the host's namespaces or files, and none of a
/// privileged container. <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>,
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html>
fn runs_alone(task: &Resource<'_>) -> bool {
    paths::find(&task.properties, "RequiresCompatibilities[]").iter().any(|platform| platform.literal() == Some("FARGATE"))
}

fn state_rights<'t>(draft: &mut Draft<'t, '_>, element: ElementIndex, task: &Resource<'t>, containers: &[Property<'t>]) {
    let mut found: Vec<(Word, String, Span)> = Vec::new();
    let mut unresolved = None;
    for container in containers {
        let name = container.get("Name").and_then(canonical).unwrap_or_default();
        for (word, value) in rights(container) {
            match value.unresolved() {
                Some(reason) => unresolved = Some((reason, value.span)),
                None => found.push((word, name.clone(), value.span)),
            }
        }
    }
    let shared = ["PidMode", "IpcMode", "NetworkMode"].iter().filter_map(|key| Some((*key, task.properties.get(key)?)));
    for (key, mode) in shared.filter(|(_, mode)| mode.literal() == Some("host") && !runs_alone(task)) {
        found.push((Word::HostNs, format!("{key} host"), mode.span));
    }
    for path in paths::find(&task.properties, "Volumes[].Host.SourcePath") {
        let word = if path.literal().is_some_and(|path| path.ends_with("docker.sock")) { Word::DockerSock } else { Word::HostPath };
        found.push((word, canonical(&path).unwrap_or_default(), path.span));
    }
    let reading = match (found.first(), unresolved) {
        (None, Some((reason, span))) => {
            // Whatever is hidden there, this much the provider takes.
            let among = if runs_alone(task) { vec![Word::Root] } else { Vec::new() };
            Reading { among, ..Reading::unresolved(reason, draft.stated(span)) }
        }
        (first, _) => {
            let mut words: Vec<Word> = found.iter().map(|(word, _, _)| *word).collect();
            words.sort_unstable();
            words.dedup();
            let shown = found.iter().map(|(_, shown, _)| shown.clone()).filter(|shown| !shown.is_empty()).collect();
            let span = first.map_or(task.span, |(_, _, span)| *span);
            Reading::known(Answer::Set(words), draft.stated(span)).witnessed(bounded(shown))
        }
    };
    draft.set_fact(element, Fact::Priv, reading);
}

/// What a container may do beyond its own walls, and where that is said. Undeclared is not privileged; whom an image runs as is not known.
fn rights<'t>(container: &Property<'t>) -> Vec<(Word, Property<'t>)> {
    let mut rights = Vec::new();
    if let Some(value) = container.get("Privileged").filter(|value| value.literal() != Some("false")) {
        rights.push((Word::Privileged, *value));
    }
    if let Some(user) = container.get("User").filter(|user| matches!(user.literal(), Some("root" | "0" | "0:0" | "root:root"))) {
        rights.push((Word::Root, *user));
    }
    rights.extend(paths::find(container, "LinuxParameters.Capabilities.Add[]").into_iter().map(|added| (Word::CapAdd, added)));
    rights
}
