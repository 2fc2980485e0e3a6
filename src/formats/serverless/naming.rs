//! How the framework names what it makes.
//!
//! Comes in: the names of functions, paths, topics and so on. Goes out: logical ids, without the digests that versions and deployments bear.
//!
//! <https://github.com/serverless/serverless/blob/v3.40.0/lib/plugins/aws/lib/naming.js>, read 2026-11-24.

/// A name in a logical id: `hello-world` is `HelloDashworld`.
pub(super) fn normalized(name: &str) -> String {
    upper_first(&name.replace('-', "Dash").replace('_', "Underscore"))
}

/// A name of which only letters and digits are left: `my.bucket` is `Mybucket`.
pub(super) fn alphanumeric(name: &str) -> String {
    upper_first(&name.chars().filter(char::is_ascii_alphanumeric).collect::<String>())
}

/// A path of an API: `users/{id}` is `UsersIdVar`.
pub(super) fn path(path: &str) -> String {
    path.split('/').map(path_part).collect()
}

fn path_part(part: &str) -> String {
    let capitalized = upper_first(&part.to_lowercase()).replace('-', "Dash");
    let variable = match (capitalized.split_once('{'), capitalized.rsplit_once('}')) {
        (Some((before, _)), Some((_, after))) => {
            let inner = &capitalized[before.len() + 1..capitalized.len() - after.len() - 1];
            [before, inner, "Var", after].concat()
        }
        _ => capitalized,
    };
    alphanumeric(&variable)
}

/// An HTTP method: `get` is `Get`.
pub(super) fn method(method: &str) -> String {
    upper_first(&method.to_lowercase())
}

/// The key of a route of a WebSocket API: `$connect` is `Sconnect`.
pub(super) fn socket_route(route: &str) -> String {
    route.replace('$', "S").replace('/', "Slash").replace('-', "Dash").replace('_', "Underscore").replace('.', "Period")
}

pub(super) fn function(name: &str) -> String {
    normalized(name) + "LambdaFunction"
}

/// The last part of a name that is written as an ARN or as a path in one.
pub(super) fn last_part(arn: &str) -> &str {
    arn.rsplit([':', '/']).next().unwrap_or(arn)
}

pub(super) fn upper_first(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{alphanumeric, last_part, normalized, path, socket_route};

    #[test]
    fn names_become_logical_ids() {
        for (name, expected) in [("hello", "Hello"), ("get-user_by.id", "GetDashuserUnderscoreby.id"), ("", "")] {
            assert_eq!(normalized(name), expected);
        }
        for (name, expected) in [("my.bucket-1", "Mybucket1"), ("analyzeNote", "AnalyzeNote")] {
            assert_eq!(alphanumeric(name), expected);
        }
        for (written, expected) in [
            ("", ""),
            ("users/{userId}/posts-all", "UsersUseridVarPostsDashall"),
            ("{proxy+}", "ProxyVar"),
            ("GET /user/{id}", "GetUserIdVar"),
        ] {
            assert_eq!(path(written), expected);
        }
        assert_eq!(socket_route("$connect"), "Sconnect");
        assert_eq!(last_part("arn:aws:sns:eu-west-1:1:topic"), "topic");
    }
}
