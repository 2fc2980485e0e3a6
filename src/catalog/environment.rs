//! Variables of an environment: whom they name.
//!
//! Comes in: the properties of a resource and where its variables stand. Goes out: evidence of who is called, in the draft. What is named
//! within the template always counts; of what is outside only what could not be granted, which is an address on the network. Never a flow:
//! that takes what else is known of the two.

use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::targets::Target;
use crate::catalog::{admission, paths};
use crate::model::resource::{Property, Value};
use crate::source::Span;

/// How names of variables, parameters and secrets end that carry an address.
const ADDRESSES: [&str; 4] = ["url", "uri", "endpoint", "webhook"];
/// How names end that carry an address which may go without a scheme.
const HOSTS: [&str; 11] =
    ["url", "uri", "endpoint", "host", "hosts", "hostname", "server", "servers", "broker", "brokers", "bootstrapservers"];
/// Endings of files, which look like hosts where a variable says so.
const FILES: [&str; 12] = ["json", "yml", "yaml", "xml", "html", "js", "py", "txt", "pem", "conf", "properties", "sqlite"];

/// A variable by its name, which is empty where none can be told.
pub(super) struct Variable<'t> {
    pub name: &'t str,
    pub value: Property<'t>,
}

/// Variables that name elements are evidence; so are addresses outside that could not be granted.
pub(super) fn read<'t>(draft: &mut Draft<'t, '_>, holder: ElementIndex, properties: &Property<'t>, path: &str) {
    let variables = variables(properties, path);
    admission::state(draft, holder, &variables);
    for variable in variables {
        let span = variable.value.span;
        // A text of several lines, or a connection string, may name more than one.
        let pieces = if let Value::Joined(pieces) = variable.value.value { pieces } else { &[] };
        for reference in pieces.iter().filter_map(Property::reference) {
            add(draft, holder, &Target::Resource(reference), span);
        }
        for target in draft.targets(&variable.value) {
            let named = match &target {
                Target::Resource(_) => {
                    add(draft, holder, &target, span);
                    None
                }
                Target::Name(name) if is_address(name) => match record(draft, name) {
                    Some(record) => {
                        add(draft, holder, &record, span);
                        None
                    }
                    None => draft.end(&target, span),
                },
                Target::External(external) if carries_address(external.name) || carries_host(variable.name) => draft.end(&target, span),
                Target::Name(name) if carries_host(variable.name) => {
                    for host in name.split(',').filter_map(host) {
                        match draft.find_named(host, None).map(Target::Resource) {
                            Some(record) => add(draft, holder, &record, span),
                            None => {
                                let host = draft.external(Outsider::Host(host), span);
                                draft.add_evidence(holder, host, span);
                            }
                        }
                    }
                    None
                }
                Target::External(_) | Target::Name(_) | Target::Arn(_) | Target::Wildcard | Target::Unknown(_) => None,
            };
            if let Some(named) = named {
                draft.add_evidence(holder, named, span);
            }
        }
    }
}

/// Adds what a resource of the unit is, or stands for as a name of the DNS does.
fn add<'t>(draft: &mut Draft<'t, '_>, holder: ElementIndex, target: &Target<'t>, span: Span) {
    for element in draft.ends(target, span) {
        draft.add_evidence(holder, element, span);
    }
}

/// The resource of the unit that an address names by its host.
fn record<'t>(draft: &Draft<'t, '_>, address: &str) -> Option<Target<'t>> {
    let (_, rest) = address.split_once("://")?;
    let host = rest.split(['/', ':', '?']).next().filter(|host| host.contains('.'))?;
    draft.find_named(host, None).map(Target::Resource)
}

/// All values of a map, or each of a list of names and values.
pub(super) fn variables<'t>(properties: &Property<'t>, path: &str) -> Vec<Variable<'t>> {
    if let Some(map) = path.strip_suffix(".*") {
        let maps = paths::find(properties, map);
        return maps.iter().flat_map(Property::entries).map(|entry| Variable { name: entry.key, value: entry.value }).collect();
    }
    let Some(list) = path.strip_suffix(".Value") else {
        return paths::find(properties, path).into_iter().map(|value| Variable { name: "", value }).collect();
    };
    let named = |item: Property<'t>| {
        let name = item.get("Name").and_then(Property::literal).unwrap_or_default();
        paths::find(&item, "Value").into_iter().map(move |value| Variable { name, value })
    };
    paths::find(properties, list).into_iter().flat_map(named).collect()
}

fn is_address(text: &str) -> bool {
    let rest = ["https://", "http://", "wss://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    rest.is_some_and(|rest| {
        !rest.starts_with("${?}")
            && !rest.starts_with(['/', ':', '?', '#'])
            && !rest.is_empty()
            && !is_own_machine(rest)
            && !is_picture(rest)
    })
}

/// Whether an address, without its scheme, leads to whoever calls it: nobody else.
fn is_own_machine(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let is_number = name.split('.').count() == 4 && name.split('.').all(|octet| octet.parse::<u8>().is_ok());
    let is_loopback = is_number && (name.starts_with("127.") || name == "0.0.0.0");
    is_loopback || name == "localhost" || name.ends_with(".localhost") || host.starts_with("[::1]") || name == "host.docker.internal"
}

/// Whether an address is that of a picture, which is shown and told nothing.
fn is_picture(rest: &str) -> bool {
    const PICTURES: [&str; 7] = [".gif", ".ico", ".jpeg", ".jpg", ".png", ".svg", ".webp"];
    let path = rest.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    path.contains('/') && PICTURES.iter().any(|ending| path.ends_with(ending)) && !rest.contains('?')
}

/// Whether a parameter's name says that it carries the address of something to call.
fn carries_address(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ADDRESSES.iter().any(|word| name.ends_with(word))
}

/// Whether a variable's name says that it carries a host to call. `HOST` alone is the own one.
fn carries_host(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    HOSTS.iter().any(|word| name.len() > word.len() && name.ends_with(word))
}

/// A host of others, with its port: `search.example:9200`. Of the provider's own endpoints another variable or a grant tells more.
fn host(text: &str) -> Option<&str> {
    let text = text.trim().split('/').next()?;
    let (name, port) = text.split_once(':').unwrap_or((text, "0"));
    let labels: Vec<&str> = name.split('.').collect();
    let is_label =
        |label: &&str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let top = labels.last()?;
    let is_named = top.len() > 1 && top.bytes().all(|byte| byte.is_ascii_alphabetic()) && !FILES.contains(top);
    let is_host = labels.len() > 1 && labels.iter().all(is_label) && is_named && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_host && !name.ends_with(".amazonaws.com")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::{carries_host, host, is_address};

    #[test]
    fn addresses_of_others_are_told_from_ones_own() {
        for (text, expected) in [
            ("https://api.example.com/v1", true),
            ("http://localhost:9200", false),
            ("https://127.0.0.1:8080/x", false),
            ("http://localhost.example.com", true),
            ("http://localhost@example.com/", true),
            ("https://img.example.com/logo.png", false),
            ("https://track.example.com/pixel.gif?user=1", true),
            ("https://example.png", true),
        ] {
            assert_eq!(is_address(text), expected, "{text}");
        }
    }

    #[test]
    fn hosts_are_told_from_what_looks_like_them() {
        for (text, expected) in [
            ("my.elastic.host", Some("my.elastic.host")),
            (" b-1.example:9092", Some("b-1.example:9092")),
            ("api.example.com/v1", Some("api.example.com")),
            ("localhost", None),
            ("10.0.0.1", None),
            ("1.2", None),
            ("settings.json", None),
            ("sqs.eu-west-1.amazonaws.com", None),
            ("a..b", None),
            ("two words.example", None),
            ("", None),
        ] {
            assert_eq!(host(text), expected, "{text}");
        }
        for (name, expected) in
            [("DB_HOST", true), ("dbHost", true), ("HOST", false), ("MAIN_CLASS", false), ("KAFKA_BOOTSTRAP_SERVERS", true)]
        {
            assert_eq!(carries_host(name), expected, "{name}");
        }
    }
}
