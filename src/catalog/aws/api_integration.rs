//! Integrations of API routes: what a route calls.
//!
//! Comes in: type, URI, templates and credentials of an integration. Goes out: flows from the API to what it calls.
//! URIs: <https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>.

use crate::catalog::aws::actions::{self, Access};
use crate::catalog::aws::{iam, record_template};
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex, FlowDraft};
use crate::catalog::names::{Arn, canonical};
use crate::catalog::targets::Target;
use crate::model::fact::Word;
use crate::model::resource::{Alternatives, Entry, Property, Value};
use crate::model::{Basis, FlowKind, Means};
use crate::source::Span;

#[derive(Clone, Debug)]
pub(crate) struct Integration<'t> {
    /// `lambda`, `http`, `aws_service` or `mock`.
    pub kind: Word,
    /// What is called; a service integration of an HTTP API has none.
    pub uri: Option<Property<'t>>,
    /// The service's action: `sqs:SendMessage`; empty where the URI says it.
    pub action: String,
    /// Where the target may stand besides the URI: request templates and parameters.
    pub details: Vec<Property<'t>>,
    /// The method by which the service is called.
    pub method: Option<Property<'t>>,
    /// What becomes of a body for which no template is stated.
    pub passthrough: Option<Property<'t>>,
    pub credentials: Option<Property<'t>>,
    pub private_link: bool,
    /// What names the private link.
    pub link: Option<Property<'t>>,
    /// The load balancers behind a private link, which say more than the URI: that is only the name which they are asked for.
    pub linked: Vec<Property<'t>>,
    pub span: Span,
}

impl<'t> Integration<'t> {
    /// `kind` as `Type` says it, `AWS_PROXY`; the URI tells functions from other services.
    pub(crate) fn new(written: &str, uri: Option<Property<'t>>, span: Span) -> Self {
        let text = uri.as_ref().and_then(canonical).unwrap_or_default();
        let kind = match written.to_ascii_uppercase().as_str() {
            "MOCK" => Word::Mock,
            "HTTP" | "HTTP_PROXY" => Word::Http,
            "AWS" if text.contains(":apigateway:") && !text.contains(":lambda:path/") => Word::AwsService,
            _ => Word::Lambda,
        };
        Self {
            kind,
            uri,
            action: String::new(),
            details: Vec::new(),
            method: None,
            passthrough: None,
            credentials: None,
            private_link: false,
            link: None,
            linked: Vec::new(),
            span,
        }
    }

    /// Whether requests go on in clear text.
    pub(crate) fn is_in_clear(&self) -> bool {
        self.goes_by("http://")
    }

    /// Whether requests go on over TLS. Of an address that only the deployment knows neither is said.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.goes_by("https://")
    }

    fn goes_by(&self, scheme: &str) -> bool {
        self.uri.as_ref().and_then(canonical).is_some_and(|text| text.to_ascii_lowercase().starts_with(scheme))
    }

    /// How the backend knows that it is called by this API.
    pub(crate) fn backend_auth(&self) -> Word {
        if self.private_link {
            Word::VpcLink
        } else if self.credentials.is_some() {
            Word::Iam
        } else {
            Word::None
        }
    }
}

impl Integration<'_> {
    /// Whether a service is called with something of the request; the error says why that is not known.
    pub(crate) fn puts_request_into_call(&self) -> Result<bool, String> {
        let mut unresolved = None;
        let mut texts = |value: &Property<'_>| {
            let text = canonical(value);
            if text.is_none() {
                unresolved = Some(value.unresolved().unwrap_or_else(|| "a part of the call is not a text".to_owned()));
            }
            text.unwrap_or_default()
        };
        // Templates are kept by media type, parameters by the place that they fill: `integration.request.path.key`.
        let details = self.details.iter().flat_map(Property::entries);
        let (parameters, templates): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) =
            details.partition(|entry| entry.key.starts_with("integration.request."));
        let parameters: Vec<(&str, String)> = parameters.iter().map(|entry| (entry.key, texts(&entry.value))).collect();
        let is_constant = |place: &str| {
            let filled_by = parameters.iter().find(|(key, _)| key.strip_prefix("integration.request.path.") == Some(place));
            filled_by.is_some_and(|(_, value)| !value.starts_with("method.request."))
        };
        let uri = self.uri.as_ref().map(&mut texts).unwrap_or_default();
        let filled: Vec<&str> = placeholders(&uri).filter(|place| !is_constant(place)).collect();
        let from_request: Vec<&str> =
            parameters.iter().filter(|(_, value)| value.starts_with("method.request.")).map(|(key, _)| *key).collect();
        let reads_an_object = self.gets() && is_object_of_a_folder(&uri, &filled, &from_request);
        let is_filled = !filled.is_empty() || !from_request.is_empty();
        let puts_records = self.puts_records();
        let crafts = |text: &str| reads_input(&without_escaped(text)) && !(puts_records && record_template::is_data_alone(text));
        let by_template = !reads_an_object && is_filled || templates.iter().any(|entry| crafts(&texts(&entry.value)));
        let passes = self.passes_body(templates.is_empty());
        // Who never said what becomes of other bodies is asked.
        if passes && !by_template && puts_records && !templates.is_empty() && self.passthrough.is_none() {
            return Err("a body of a media type for which no template is stated goes on as it is".to_owned());
        }
        let mapped = by_template || passes;
        let hidden = self.details.iter().find_map(Property::unresolved).or(unresolved);
        match hidden {
            Some(reason) if !mapped => Err(reason),
            Some(_) | None => Ok(mapped),
        }
    }

    /// Whether the call only puts records into a stream, by the action that the URI fixes.
    fn puts_records(&self) -> bool {
        let (service, action) = service_call(self);
        matches!(service.as_str(), "firehose" | "kinesis") && matches!(action.as_str(), "PutRecord" | "PutRecordBatch" | "PutRecords")
    }

    /// Whether the service is only asked for something.
    fn gets(&self) -> bool {
        self.method
            .as_ref()
            .and_then(Property::literal)
            .is_some_and(|method| matches!(method.to_ascii_uppercase().as_str(), "GET" | "HEAD"))
    }

    /// Whether a body can get into the call as it is: one of a media type that no template is stated for.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html>
    fn passes_body(&self, without_templates: bool) -> bool {
        let literal = |value: &Option<Property<'_>>| value.as_ref().and_then(Property::literal).unwrap_or_default().to_ascii_uppercase();
        match literal(&self.passthrough).as_str() {
            _ if matches!(literal(&self.method).as_str(), "GET" | "HEAD" | "DELETE" | "OPTIONS") => false,
            "NEVER" => false,
            "WHEN_NO_TEMPLATES" => without_templates,
            _ => true,
        }
    }
}

/// The names in braces of a URI that parameters of the request fill: `key` of `s3:path/${Files}/{key}`.
fn placeholders(uri: &str) -> impl Iterator<Item = &str> {
    let opened = uri.match_indices('{').filter(|(at, _)| !uri[..*at].ends_with('$'));
    opened.filter_map(|(at, _)| uri[at + 1..].split_once('}')).map(|(name, _)| name.trim_end_matches('+'))
}

/// Whether a call reads one object of a folder of a bucket, both of which are written, and the request says which of them, and nothing else: the
/// store takes a key as it is, so that no `..` leads out of the folder.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>
fn is_object_of_a_folder(uri: &str, filled: &[&str], from_request: &[&str]) -> bool {
    let [key] = filled else { return false };
    let Some((_, path)) = uri.split_once(":s3:path/") else { return false };
    let Some(before) = path.strip_suffix(&format!("{{{key}}}")).or_else(|| path.strip_suffix(&format!("{{{key}+}}"))) else { return false };
    let mut parts = before.strip_suffix('/').unwrap_or_default().split('/');
    let names_bucket = parts.next().is_some_and(|bucket| !bucket.is_empty());
    let is_folder = |part: &str| !part.is_empty() && !part.contains('{');
    let names_folder = parts.next().is_some_and(is_folder) && parts.all(is_folder);
    names_bucket && names_folder && from_request.iter().all(|place| place.strip_prefix("integration.request.path.") == Some(*key))
}

/// Whether a mapping template reads what the caller sent: `$input`, `$!input` or `$!{input}`.
pub(super) fn reads_input(template: &str) -> bool {
    let variables = template.split('$').skip(1);
    variables.map(|text| text.trim_start_matches(['!', '{'])).any(|name| name.starts_with("input"))
}

/// A mapping template without what it escapes: of `MessageBody=$util.urlEncode($input.body)` nothing of the request gets out of its field.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#util-template-reference>, read 2026-12-01.
fn without_escaped(template: &str) -> String {
    const ESCAPES: [&str; 3] = ["$util.urlEncode(", "$util.escapeJavaScript(", "$util.base64Encode("];
    let mut left = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((at, escape)) = ESCAPES.iter().filter_map(|escape| Some((rest.find(escape)?, escape.len()))).min() {
        left.push_str(&rest[..at]);
        rest = &rest[at + escape..];
        // Up to the bracket that closes it; one that nothing closes escapes nothing.
        let mut depth = 1_usize;
        let closing = rest.char_indices().find(|(_, letter)| {
            match letter {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        match closing {
            Some((end, _)) => rest = &rest[end + 1..],
            None => break,
        }
    }
    left.push_str(rest);
    left
}

/// Puts the flows of an integration into the draft and gives the elements that are called.
pub(crate) fn add_flows<'t>(
    draft: &mut Draft<'t, '_>,
    api: ElementIndex,
    route: &str,
    integration: &Integration<'t>,
    basis: Basis,
) -> Vec<ElementIndex> {
    let means = means(route, integration);
    let mut called = ends(draft, integration);
    called.sort_unstable();
    called.dedup();
    called.retain(|end| *end != api);
    for end in &called {
        for means in &means {
            let mut flow = FlowDraft::new(api, *end, *means, basis, integration.span).via(route);
            if integration.kind == Word::Http && !integration.private_link {
                flow.kind = FlowKind::Egress;
            }
            draft.flow(flow);
        }
    }
    called
}

fn means(route: &str, integration: &Integration<'_>) -> Vec<Means> {
    if integration.kind != Word::AwsService {
        return vec![Means::Invoke];
    }
    let (service, action) = service_call(integration);
    let by_access = actions::access(&format!("{service}:{action}")).into_iter().filter_map(|access| match access {
        Access::Read | Access::Receive => Some(Means::Read),
        Access::Write => Some(Means::Write),
        Access::Invoke => Some(Means::Invoke),
        Access::Publish => Some(Means::Publish),
        Access::Log | Access::Configure | Access::Describe => None,
    });
    match (service.as_str(), action.as_str()) {
        ("s3", "") if route.starts_with("GET") || route.starts_with("HEAD") => vec![Means::Read],
        ("s3", "") => vec![Means::Write],
        ("sqs" | "sns" | "events" | "kinesis", "") => vec![Means::Publish],
        (_, "") => vec![Means::Invoke],
        _ => Some(by_access.collect::<Vec<_>>()).filter(|means| !means.is_empty()).unwrap_or_else(|| vec![Means::Invoke]),
    }
}

/// Service and action that are called: `sqs` and `SendMessage`; the action is empty for calls by path.
fn service_call(integration: &Integration<'_>) -> (String, String) {
    if let Some((service, action)) = integration.action.split_once(':') {
        return (service.to_owned(), action.to_owned());
    }
    let text = integration.uri.as_ref().and_then(canonical).unwrap_or_default();
    let Some(arn) = Arn::parse(&text) else { return (String::new(), String::new()) };
    let service = match arn.account.rsplit('.').next().unwrap_or_default() {
        "email" => "ses",
        service => service,
    };
    let action = arn.resource.strip_prefix("action/").unwrap_or_default().to_owned();
    (service.to_owned(), action)
}

fn ends<'t>(draft: &mut Draft<'t, '_>, integration: &Integration<'t>) -> Vec<ElementIndex> {
    match integration.kind {
        Word::Mock => Vec::new(),
        Word::AwsService => service_ends(draft, integration),
        _ if !integration.linked.is_empty() => integration.linked.iter().flat_map(|linked| call_ends(draft, linked)).collect(),
        _ => integration.uri.as_ref().map(|uri| call_ends(draft, uri)).unwrap_or_default(),
    }
}

/// The function or host of a URI.
pub(crate) fn call_ends<'t>(draft: &mut Draft<'t, '_>, uri: &Property<'t>) -> Vec<ElementIndex> {
    let targets = draft.targets(uri);
    let referenced = targets.iter().any(|target| matches!(target, Target::Resource(_)));
    if let Some(arn) = canonical(uri).as_deref().and_then(function_arn).filter(|_| !referenced) {
        let target = draft.find_by_arn(&arn).map_or(Target::Arn(arn), Target::Resource);
        return draft.end(&target, uri.span).into_iter().collect();
    }
    // An invocation ARN whose function is only known at deployment names nothing that could be drawn.
    let targets = targets.into_iter().filter(|target| !matches!(target, Target::Arn(arn) if arn.service == "apigateway"));
    targets.collect::<Vec<_>>().iter().filter_map(|target| draft.end(target, uri.span)).collect()
}

/// The literal function within `arn:…:lambda:path/2015-03-31/functions/<function>/invocations`.
fn function_arn(text: &str) -> Option<Arn> {
    let (_, rest) = text.split_once("/functions/")?;
    let inner = rest.rsplit_once("/invocations").map_or(rest, |(inner, _)| inner);
    Arn::parse(inner).filter(|_| !inner.contains("${") || inner.contains(":function:"))
}

/// What a call of a service reaches: what the URI, the templates or the parameters name; otherwise the service.
fn service_ends<'t>(draft: &mut Draft<'t, '_>, integration: &Integration<'t>) -> Vec<ElementIndex> {
    let (service, action) = service_call(integration);
    let mut ends = Vec::new();
    for value in integration.uri.iter().chain(&integration.details) {
        mentioned(draft, value, &service, &mut ends);
        if !ends.is_empty() {
            return ends;
        }
    }
    if service.is_empty() {
        return ends;
    }
    let granted = granted(draft, integration, &service);
    if !granted.is_empty() {
        return granted;
    }
    let outsider = if service == "events" && action == "PutEvents" { Outsider::DefaultBus } else { Outsider::Service(&service) };
    vec![draft.external(outsider, integration.span)]
}

/// What the role of a call may use of a service: where the request says which of it, it can be nothing else.
fn granted<'t>(draft: &Draft<'t, '_>, integration: &Integration<'t>, service: &str) -> Vec<ElementIndex> {
    let role = integration.credentials.and_then(|credentials| credentials.reference());
    let Some(role) = role.and_then(|reference| draft.resource(reference.address)) else { return Vec::new() };
    let grants = iam::grants(draft, role);
    let resources = grants.statements.iter().flat_map(|statement| statement.resources.named());
    let targets = resources.flat_map(|resource| draft.targets(resource)).filter_map(|target| match target {
        Target::Resource(reference) => Some(reference.address),
        Target::External(_) | Target::Arn(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_) => None,
    });
    let of_service = |address: &&str| draft.entry(address).is_some_and(|entry| entry.arn == service);
    targets.filter(of_service).filter_map(|address| draft.element(address)).collect()
}

/// The elements of a service that a value refers to or spells by name, at any depth.
fn mentioned<'t>(draft: &mut Draft<'t, '_>, value: &Property<'t>, service: &str, ends: &mut Vec<ElementIndex>) {
    match value.value {
        Value::Reference(reference) => {
            let fits = draft.entry(reference.address).is_some_and(|entry| entry.arn == service);
            ends.extend(draft.element(reference.address).filter(|_| fits));
        }
        Value::List(items) | Value::Joined(items) | Value::Either(Alternatives { branches: items, .. }) => {
            items.iter().for_each(|item| mentioned(draft, item, service, ends))
        }
        Value::Map(entries) => entries.iter().for_each(|entry| mentioned(draft, &entry.value, service, ends)),
        Value::Text(text) => {
            let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.')));
            let found = words.filter(|word| word.len() > 2).find_map(|word| draft.find_named(word, Some(service)));
            ends.extend(found.and_then(|reference| draft.element(reference.address)));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::External(_) | Value::Ambient(_) | Value::Removed | Value::Unknown(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{is_object_of_a_folder, reads_input, without_escaped};

    #[test]
    fn what_is_escaped_does_not_get_out_of_its_field() {
        for (template, reads) in [
            ("Action=SendMessage&MessageBody=$util.urlEncode($input.body)", false),
            ("Action=SendMessage&MessageBody=$util.urlEncode($input.path('$.a').toString())&DelaySeconds=$input.params('d')", true),
            ("{\"data\": \"$util.base64Encode($input.json('$'))\"}", false),
            ("Action=SendMessage&MessageBody=$input.body", true),
            ("$util.urlEncode($input.body", true),
        ] {
            assert_eq!(reads_input(&without_escaped(template)), reads, "{template}");
        }
    }

    #[test]
    fn an_object_of_a_folder_is_named_by_its_key_alone() {
        const KEY: &str = "integration.request.path.key";
        for (uri, filled, from_request, expected) in [
            ("arn:aws:apigateway:eu-west-1:s3:path/${Files}/web/{key}", &["key"][..], &[KEY][..], true),
            ("arn:aws:apigateway:eu-west-1:s3:path/files/web/assets/{key+}", &["key"], &[KEY], true),
            ("arn:aws:apigateway:eu-west-1:s3:path/files/{key}", &["key"], &[KEY], false),
            ("arn:aws:apigateway:eu-west-1:s3:path/{bucket}/{key}", &["bucket", "key"], &[KEY], false),
            ("arn:aws:apigateway:eu-west-1:s3:path/files/web/{key}/list", &["key"], &[KEY], false),
            ("arn:aws:apigateway:eu-west-1:s3:path/files/web/{key}", &["key"], &[KEY, "integration.request.querystring.acl"], false),
            ("arn:aws:apigateway:eu-west-1:sqs:path/111122223333/web/{key}", &["key"], &[KEY], false),
        ] {
            assert_eq!(is_object_of_a_folder(uri, filled, from_request), expected, "{uri}");
        }
    }
}
