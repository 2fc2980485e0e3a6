//! GraphQL APIs: which operations the weaker ways of signing in open, whether any check of permission shows, and whether a resolver puts a
//! caller's argument into a query as it comes.
//!
//! Comes in: an API with its schema, inline or in a file of the repository, and its resolvers. Goes out: `extra_auth_modes`,
//! `authn_weak_routes` (changes that a mere API key makes), `authz`, `raw_input`. A schema that lies elsewhere leaves the answers open.
//! Directives: <https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html>, read 2026-11-24.

use crate::catalog::aws::graphql_schema::{self, Directive, Field, Operation};
use crate::catalog::aws::role_facts::bounded;
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::model::fact::{Fact, Origin, Reading, Value as Answer, Word};
use crate::model::resource::{Property, Resource, Value};
use crate::source::Span;

/// Directives that name a way of signing in.
const MODES: &[&str] = &["aws_api_key", "aws_auth", "aws_cognito_user_pools", "aws_iam", "aws_lambda", "aws_oidc"];

/// What is known of a schema.
enum Schema {
    Read(Vec<Field>, Span),
    /// Why it cannot be read.
    Elsewhere(String, Span),
    Absent,
}

/// The resolver of `AWS::AppSync::GraphQLApi`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, api: &Resource<'t>) {
    let Some(element) = draft.element(api.address) else { return };
    let additional = paths::find(&api.properties, "AdditionalAuthenticationProviders[].AuthenticationType");
    let mut modes: Vec<String> = additional.iter().filter_map(canonical).collect();
    modes.sort();
    modes.dedup();
    let origin = draft.stated(additional.first().map_or(api.span, |mode| mode.span));
    draft.set_fact(element, Fact::ExtraAuthModes, Reading::known(Answer::List(modes.clone()), origin));
    let schema = schema(draft, api);
    let keyed = api.properties.get("AuthenticationType").and_then(Property::literal) == Some("API_KEY");
    if !modes.is_empty() {
        state_open_changes(draft, element, &schema, keyed);
    }
    state_permissions(draft, element, api, &schema);
    state_raw_input(draft, element, api);
}

fn schema<'t>(draft: &Draft<'t, '_>, api: &Resource<'t>) -> Schema {
    let Some(schema) = draft.mentioning(api.address).find(|other| other.kind == "AWS::AppSync::GraphQLSchema") else {
        return Schema::Absent;
    };
    if let Some(definition) = schema.properties.get("Definition") {
        return match definition.value {
            Value::Text(text) => read(draft, text, definition.span, definition.span),
            _ => Schema::Elsewhere("the schema is put together from what is not known here".to_owned(), definition.span),
        };
    }
    let Some(location) = schema.properties.get("DefinitionS3Location") else { return Schema::Absent };
    let path = location.literal().and_then(|relative| draft.sources.path(location.span.file).sibling(relative));
    match path.and_then(|path| draft.sources.open(&path, Some(location.span))) {
        Some((file, text)) => read(draft, text, Span { line: 1, end_line: 1, column: 1, file }, location.span),
        None => Schema::Elsewhere("the schema lies outside the repository".to_owned(), location.span),
    }
}

fn read(draft: &Draft<'_, '_>, text: &str, span: Span, named: Span) -> Schema {
    if draft.spend_text(text.len()) {
        Schema::Read(graphql_schema::fields(text), span)
    } else {
        Schema::Elsewhere("the unit has more schemas than are read".to_owned(), named)
    }
}

/// Where a field stands: in a file by its line, in a template with its schema.
fn span_of(field: &Field, schema: Span) -> Span {
    if schema.line == 1 && schema.end_line == 1 {
        return Span { line: field.line + 1, end_line: field.line + 1, ..schema };
    }
    schema
}

/// The changes that an API key makes. A field without a directive of a mode is open in the API's first mode alone.
fn state_open_changes(draft: &mut Draft<'_, '_>, element: ElementIndex, schema: &Schema, keyed: bool) {
    let reading = match schema {
        Schema::Read(fields, span) => {
            let open = |field: &&Field| {
                let mut modes = field.directives.iter().filter(|directive| MODES.contains(&directive.name.as_str())).peekable();
                let unmarked = modes.peek().is_none();
                unmarked && keyed || modes.any(|directive| directive.name == "aws_api_key")
            };
            let open: Vec<&Field> = fields.iter().filter(|field| field.operation == Operation::Mutation).filter(open).collect();
            let at = open.first().map_or(*span, |field| span_of(field, *span));
            let names = bounded(open.iter().map(|field| field.name.clone()).collect());
            Reading::known(Answer::List(names), draft.stated(at))
        }
        Schema::Elsewhere(reason, span) => Reading::unresolved(reason.clone(), draft.stated(*span)),
        Schema::Absent => return,
    };
    draft.set_fact(element, Fact::AuthnWeakRoutes, reading);
}

/// Whether anything checks what a caller may do: groups in the schema, or resolvers that look at who calls.
fn state_permissions(draft: &mut Draft<'_, '_>, element: ElementIndex, api: &Resource<'_>, schema: &Schema) {
    let holds = |directive: &Directive| directive.arguments.contains("cognito_groups") || directive.name == "auth";
    let names_caller = |code: &str| draft.spend_text(code.len()) && code.contains("identity.");
    let asks = resolvers(draft, api).find(|(_, code)| code.literal().is_some_and(names_caller));
    let reading = match schema {
        Schema::Read(fields, span) => {
            let changes = fields.iter().any(|field| field.operation == Operation::Mutation);
            let weighed = || fields.iter().filter(|field| !changes || field.operation == Operation::Mutation);
            let held: Vec<&Field> = weighed().filter(|field| field.directives.iter().any(holds)).collect();
            match (held.first(), asks) {
                (Some(first), _) if held.len() == weighed().count() => Reading::word(Word::Scoped, draft.stated(span_of(first, *span))),
                (Some(first), _) => Reading::word(Word::Coarse, draft.stated(span_of(first, *span))),
                (None, Some((_, code))) => Reading::word(Word::Coarse, draft.stated(code.span)),
                (None, None) => Reading::word(Word::None, draft.stated(*span)),
            }
        }
        Schema::Elsewhere(..) | Schema::Absent if asks.is_some() => Reading::word(Word::Coarse, Origin::Derived(None)),
        Schema::Elsewhere(reason, span) => Reading::unresolved(reason.clone(), draft.stated(*span)),
        Schema::Absent => return,
    };
    draft.set_fact(element, Fact::Authz, reading);
}

/// The resolvers and functions of an API with each inline text of theirs.
fn resolvers<'a, 't>(draft: &'a Draft<'t, '_>, api: &'a Resource<'t>) -> impl Iterator<Item = (&'t str, Property<'t>)> + use<'a, 't> {
    let kinds = ["AWS::AppSync::Resolver", "AWS::AppSync::FunctionConfiguration"];
    let own = draft.mentioning(api.address).filter(move |other| kinds.contains(&other.kind));
    own.flat_map(|resolver| {
        let texts = ["RequestMappingTemplate", "Code"].into_iter().filter_map(|key| resolver.properties.get(key));
        texts.map(|text| (resolver.address, *text))
    })
}

fn state_raw_input(draft: &mut Draft<'_, '_>, element: ElementIndex, api: &Resource<'_>) {
    let mut unresolved = None;
    let mut first = None;
    let mut raw: Vec<(String, Span)> = Vec::new();
    for (address, text) in resolvers(draft, api) {
        first.get_or_insert(text.span);
        match text.literal() {
            Some(code) if !draft.spend_text(code.len()) => unresolved = Some("the unit has more resolvers than are read".to_owned()),
            Some(code) if puts_input_into_a_query(code) => raw.push((address.to_owned(), text.span)),
            Some(_) => {}
            None => unresolved = unresolved.or_else(|| text.unresolved()),
        }
    }
    let Some(first) = first else { return };
    let reading = match (raw.first(), unresolved) {
        (Some((_, span)), _) => {
            let origin = draft.stated(*span);
            let shown = bounded(raw.into_iter().map(|(address, _)| address).collect());
            Reading::known(Answer::Flag(true), origin).witnessed(shown)
        }
        (None, Some(reason)) => Reading::unresolved(reason, draft.stated(first)),
        (None, None) => Reading::known(Answer::Flag(false), Origin::Derived(None)),
    };
    draft.set_fact(element, Fact::RawInput, reading);
}

/// Whether a line of a resolver writes a caller's argument into a statement, an expression or a path. Values that go in by a map of
/// variables, or through a helper that quotes them, stand on lines of their own.
fn puts_input_into_a_query(code: &str) -> bool {
    code.lines().any(|line| {
        let lower = line.to_ascii_lowercase();
        let input = ["ctx.args", "ctx.arguments", "context.args", "context.arguments"].iter().filter_map(|name| lower.find(name)).min();
        let Some(input) = input else { return false };
        let query =
            ["select ", "insert into ", "update ", "delete from ", "\"expression\"", "expression:", "\"resourcepath\"", "resourcepath:"];
        let begins = query.iter().filter_map(|word| lower.find(word)).min().is_some_and(|at| at < input);
        let quoted = ["tojson(", "urlencode(", "todynamodb", "sql`", "createpgstatement(", "createmysqlstatement(", "encodeuri"];
        begins && !quoted.iter().any(|helper| lower.contains(helper))
    })
}

#[cfg(test)]
mod tests {
    use super::puts_input_into_a_query;

    #[test]
    fn arguments_in_statements_are_told_from_bound_ones() {
        for (code, expected) in [
            (r#""statements": ["select * from t where id = '$ctx.args.id'"]"#, true),
            (r#""statements": ["select * from t where id = :id"], "variableMap": {":id": $util.toJson($ctx.args.id)}"#, false),
            (r#""expression": "$ctx.args.filter""#, true),
            ("  \"expressionValues\": { \":id\": $util.dynamodb.toDynamoDBJson($ctx.args.id) }", false),
            ("const query = `SELECT * FROM t WHERE id = ${ctx.args.id}`;", true),
            ("const query = sql`SELECT * FROM t WHERE id = ${ctx.args.id}`;", false),
            (r#""resourcePath": "/users/$ctx.args.id""#, true),
            (r#""resourcePath": "/users/$util.urlEncode($ctx.args.id)""#, false),
            (r#""key": {"id": $util.dynamodb.toDynamoDBJson($ctx.args.id)}"#, false),
        ] {
            assert_eq!(puts_input_into_a_query(code), expected, "{code}");
        }
    }
}
