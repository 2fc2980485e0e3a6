//! GraphQL: whatever it has to say, a limit too, it answers with status 200.
//!
//! Comes in: a document and its variables. Goes out: the data, or the first of the errors.

use super::Client;
use crate::forge::error::ForgeError;
use http::Method;
use serde_json::Value;

/// What a limit is called: the documentation has the first, and GitHub answers with either.
const LIMITS: [&str; 2] = ["RATE_LIMITED", "RATE_LIMIT"];

impl Client {
    /// Sends a GraphQL document. Its errors come with status 200 and are those of REST here, but that a query may ask for too much.
    /// Source: <https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>.
    ///
    /// # Errors
    /// As `write`.
    pub async fn graphql(&self, document: &str, variables: &Value) -> Result<Value, ForgeError> {
        let body = serde_json::json!({"query": document, "variables": variables});
        let url = self.forge.0.graphql.clone();
        let what = || "POST /graphql".to_owned();
        // A query writes nothing, whatever its method, and need not stand in line.
        let answer = if document.starts_with("query") {
            let sent = self.send(Method::POST, &url, &what(), None, Some(&body)).await;
            sent.and_then(|sent| self.succeeded(&what(), sent)).map_err(|error| self.noted(error))?
        } else {
            self.send_write(Method::POST, &url, "/graphql", &body).await?
        };
        let named = answer.named_limit(self.forge.0.clock.now());
        let mut value: Value =
            serde_json::from_slice(&answer.body).map_err(|error| ForgeError::Malformed { what: what(), message: error.to_string() })?;
        let error = value["errors"].get(0);
        let kind = error.and_then(|error| error["type"].as_str());
        if kind.is_some_and(|kind| LIMITS.contains(&kind)) {
            return Err(self.limited(what(), named.unwrap_or_else(|| self.unnamed_limit())));
        }
        self.note_answer();
        if let Some(error) = error {
            let message = error["message"].as_str().unwrap_or_default().to_owned();
            return Err(match kind {
                Some("NOT_FOUND") => ForgeError::NotFound { what: what() },
                Some("FORBIDDEN" | "INSUFFICIENT_SCOPES") => ForgeError::Forbidden { what: what(), message },
                Some("RESOURCE_LIMITS_EXCEEDED" | "MAX_NODE_LIMIT_EXCEEDED") if document.starts_with("query") => {
                    ForgeError::TooMuch { what: what(), message }
                }
                _ => ForgeError::Unprocessable { what: what(), message },
            });
        }
        match value.get_mut("data") {
            Some(data) => Ok(data.take()),
            None => Err(ForgeError::Malformed { what: what(), message: "there is no data in it".to_owned() }),
        }
    }
}
