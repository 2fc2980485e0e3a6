//! Groups and ways of signing in that a GraphQL schema asks for, type by type and field by field.
//!
//! Comes in: a schema, inline or in a file of the repository. Goes out: each type and field with the directives that decide who may use it.
//! Directives: <https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html>, and `@auth` of
//! <https://docs.amplify.aws/gen1/react/build-a-backend/graphqlapi/customize-authorization-rules/>, read 2026-11-30.

use crate::catalog::aws::graphql_api;
use crate::catalog::aws::graphql_schema::{self, Directive};
use crate::catalog::unweighed::Collector;
use crate::catalog::witnesses::fingerprint;
use crate::model::resource::Resource;
use crate::model::unweighed::{BARE, Kind};

/// Directives that decide who may use a type or a field.
const DECIDING: &[&str] = &["auth", "aws_api_key", "aws_auth", "aws_cognito_user_pools", "aws_iam", "aws_lambda", "aws_oidc"];

/// The directive of callers that show a key and do not sign in.
const KEY: &str = "aws_api_key";
/// What a type or field loses with its groups.
const GROUP: &str = "group check of";
/// What it loses where callers need not sign in any more.
const SIGN_IN: &str = "sign-in for";

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, schema: &Resource<'t>) {
    // What cannot be read is said by the API's facts.
    let Ok(Some(text)) = graphql_api::text(collector.draft, schema) else { return };
    for declared in graphql_schema::declared(text.text) {
        let place = text.at(declared.line);
        if !collector.draft.spend(1, place) {
            return;
        }
        let deciding = || declared.directives.iter().filter(|directive| DECIDING.contains(&directive.name.as_str()));
        let mut written: Vec<String> = deciding().map(|directive| format!("@{}({})", directive.name, directive.arguments)).collect();
        written.sort_unstable();
        let begins = |is_guarded: bool| if is_guarded { "" } else { BARE };
        let written = format!("{}{}", begins(deciding().any(asks_for_a_group)), fingerprint(&written.join(" ")));
        collector.add_digest(schema, (Kind::Value, &format!("{GROUP} {}", declared.path)), written, place);
        // Where a group is asked for, it is the group that goes.
        if !deciding().any(asks_for_a_group) {
            let signs_in = deciding().next().is_some() && deciding().all(|directive| directive.name != KEY);
            let written = format!("{}{SIGN_IN}", begins(signs_in));
            collector.add_digest(schema, (Kind::Value, &format!("{SIGN_IN} {}", declared.path)), written, place);
        }
    }
}

/// Whether a directive lets in some of those who signed in.
fn asks_for_a_group(directive: &Directive) -> bool {
    directive.name == "auth" || directive.arguments.contains("cognito_groups")
}
