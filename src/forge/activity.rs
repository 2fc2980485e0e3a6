//! Who moved a branch: its activity, to the end.
//!
//! Comes in: a repository and one of its branches. Goes out: what happened to the branch, newest first. The list is paged by cursors, which
//! the `Link` header alone tells.
//!
//! Source: <https://docs.github.com/en/rest/repos/repos#list-repository-activities>, read 2026-11-28.

use super::client::Client;
use super::error::ForgeError;
use super::tree::escape;
use super::wire;
use http::{HeaderMap, Method, header};

/// Acts on a page.
const PAGE: usize = 100;
/// Pages that are read. Who brought what came before is not known.
const MAX_PAGES: usize = 20;

/// What happened to a branch. `repository` is `/repos/owner/name`.
///
/// # Errors
/// Of the forge.
pub(crate) async fn of_branch(client: &Client, repository: &str, branch: &str) -> Result<Vec<wire::Activity>, ForgeError> {
    let first = format!("{repository}/activity?ref={}&per_page={PAGE}", query(&format!("refs/heads/{branch}")));
    // One false "not found" would make nobody of everybody.
    let all: Vec<wire::Activity> = client.get_fresh(&first).await?;
    if all.len() < PAGE {
        return Ok(all);
    }
    // What is kept with an ETag has no headers: such a branch is read afresh.
    let mut all = Vec::new();
    let mut path = first.clone();
    for _ in 0..MAX_PAGES {
        let (page, cursor) = read_page(client, &path).await?;
        all.extend(page);
        let Some(cursor) = cursor else { break };
        path = format!("{first}&after={cursor}");
    }
    Ok(all)
}

async fn read_page(client: &Client, path: &str) -> Result<(Vec<wire::Activity>, Option<String>), ForgeError> {
    let what = format!("GET {path}");
    let answer = client.checked(&what, client.send(Method::GET, &client.url(path), &what, None, None).await?)?;
    let page = serde_json::from_slice(&answer.body).map_err(|error| ForgeError::Malformed { what, message: error.to_string() })?;
    Ok((page, cursor(&answer.headers)))
}

/// The cursor of the next page, as it stands encoded in its address. Nothing else of the address is believed.
fn cursor(headers: &HeaderMap) -> Option<String> {
    let links = headers.get(header::LINK)?.to_str().ok()?;
    let next = links.split(',').find(|link| link.contains("rel=\"next\""))?;
    let (_, after) = next.split_once("after=")?;
    let cursor = after.split(['&', '>', '#']).next()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~%=".contains(&byte);
    (!cursor.is_empty() && cursor.bytes().all(is_plain)).then(|| cursor.to_owned())
}

/// Percent-encodes a value of a query, slashes and all.
pub(crate) fn query(text: &str) -> String {
    escape(text).replace('/', "%2F")
}

#[cfg(test)]
mod tests {
    use super::cursor;
    use http::{HeaderMap, header};

    #[test]
    fn the_next_page() {
        for (link, expected) in [
            (r#"<https://api.test/repositories/1/activity?per_page=100&after=Y3Vyc29y>; rel="next""#, Some("Y3Vyc29y")),
            (r#"<https://api.test/a?before=Y3>; rel="prev", <https://api.test/a?after=Y3Vy%3D&ref=x>; rel="next""#, Some("Y3Vy%3D")),
            (r#"<https://api.test/a?before=Y3>; rel="prev""#, None),
        ] {
            let headers = HeaderMap::from_iter([(header::LINK, link.parse().unwrap())]);
            assert_eq!(cursor(&headers).as_deref(), expected, "{link}");
        }
    }
}
