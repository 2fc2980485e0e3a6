//! What a route answers: a status, headers and a JSON body, with GitHub's own words for refusals.

use http::StatusCode;
use serde_json::Value;
use serde_json::json;

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// `Null` is an empty body.
    pub(crate) body: Value,
}

/// A refusal is an answer like another; `?` passes it on.
pub(crate) type Answered = Result<Answer, Box<Answer>>;

impl Answer {
    pub(crate) fn new(status: StatusCode, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    pub(crate) fn ok(body: Value) -> Answered {
        Ok(Self::new(StatusCode::OK, body))
    }

    pub(crate) fn created(body: Value) -> Answered {
        Ok(Self::new(StatusCode::CREATED, body))
    }

    pub(crate) fn no_content() -> Answered {
        Ok(Self::new(StatusCode::NO_CONTENT, Value::Null))
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

pub(crate) fn refusal(status: StatusCode, message: &str) -> Box<Answer> {
    let body = json!({
        "message": message,
        "documentation_url": "https://docs.github.com/rest",
        "status": status.as_str(),
    });
    Box::new(Answer::new(status, body))
}

pub(crate) fn not_found() -> Box<Answer> {
    refusal(StatusCode::NOT_FOUND, "Not Found")
}

pub(crate) fn bad_credentials() -> Box<Answer> {
    refusal(StatusCode::UNAUTHORIZED, "Bad credentials")
}

pub(crate) fn not_accessible() -> Box<Answer> {
    refusal(StatusCode::FORBIDDEN, "Resource not accessible by integration")
}

/// 422 with a sentence only, as the git and checks routes answer.
pub(crate) fn unprocessable(message: &str) -> Box<Answer> {
    refusal(StatusCode::UNPROCESSABLE_ENTITY, message)
}

/// 422 "Validation Failed" with the field that was wrong.
pub(crate) fn invalid(resource: &str, field: &str, message: &str) -> Box<Answer> {
    let mut answer = refusal(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed");
    answer.body["errors"] = json!([{"resource": resource, "code": "custom", "field": field, "message": message}]);
    answer
}
