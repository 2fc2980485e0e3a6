//! What access logs of APIs write of who calls: whoever may read the log can call with a credential that stands in it.
//!
//! Comes in: a stage. Goes out: each variable of its format that is a credential, or all that a token says.
//! Variables: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html> and
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html>, read 2026-11-30.

use crate::catalog::paths;
use crate::catalog::spelled::spell;
use crate::catalog::unweighed::Collector;
use crate::model::resource::Resource;
use crate::model::unweighed::Kind;

const FORMATS: [&str; 2] = ["AccessLogSetting.Format", "AccessLogSettings.Format"];
const TOLD_AS: &str = "credentials in the access log";
/// Variables that are credentials, or everything that a token says of somebody.
const CREDENTIALS: [&str; 4] =
    ["$context.authorizer.claims", "$context.authorizer.jwt.claims", "$context.authorizer.scopes", "$context.identity.apikey"];
/// Words in a variable's name that say what it is.
const WORDS: [&str; 6] = ["authorization", "cookie", "credential", "password", "secret", "token"];

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, stage: &Resource<'t>) {
    for path in FORMATS {
        for format in paths::find(&stage.properties, path) {
            let mut text = String::new();
            spell(collector.draft, &format, &mut text);
            for variable in credentials(&text) {
                collector.add_text(stage, (Kind::Arrival, TOLD_AS), &variable, format.span);
            }
        }
    }
}

fn credentials(format: &str) -> impl Iterator<Item = String> {
    let ends = |letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-'));
    let variables = format.split('$').skip(1).map(move |rest| rest.trim_start_matches('{').split(ends).next().unwrap_or_default());
    variables
        .map(|name| format!("${}", name.to_ascii_lowercase().trim_end_matches('.')))
        .filter(|name| CREDENTIALS.contains(&name.as_str()) || WORDS.iter().any(|word| name.contains(word)) && !name.ends_with("error"))
}

#[cfg(test)]
mod tests {
    use super::credentials;

    #[test]
    fn a_credential_is_told_from_what_says_who_it_was() {
        for (format, expected) in [
            ("$context.requestId $context.identity.sourceIp", &[][..]),
            ("{\"key\":\"$context.identity.apiKey\",\"id\":\"$context.identity.apiKeyId\"}", &["$context.identity.apikey"]),
            ("$context.authorizer.claims.sub $context.authorizer.claims", &["$context.authorizer.claims"]),
            ("$context.authorizer.access_token", &["$context.authorizer.access_token"]),
            ("$request.header.Authorization", &["$request.header.authorization"]),
            ("$context.authorizer.error $context.authorizer.principalId", &[]),
        ] {
            assert_eq!(credentials(format).collect::<Vec<_>>(), expected, "{format}");
        }
    }
}
