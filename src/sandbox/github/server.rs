//! HTTP around the routes: records, faults, credentials, rate limit, ETags.
//!
//! Comes in: any request. Goes out: the route's answer with the headers that GitHub adds, unless a fault is planned.

use crate::change::Timestamp;
use crate::sandbox::github::StandIn;
use crate::sandbox::github::access::Caller;
use crate::sandbox::github::access::caller;
use crate::sandbox::github::actions::STORAGE;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::bad_credentials;
use crate::sandbox::github::answer::refusal;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::decode;
use crate::sandbox::github::faults::Recorded;
use crate::sandbox::github::faults::Then;
use crate::sandbox::github::limits::Resource;
use crate::sandbox::github::routes;
use crate::sandbox::github::state::Github;
use axum::body::Body;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use http::Method;
use http::Request;
use http::StatusCode;
use http::header;
use http_body_util::BodyStream;
use http_body_util::Full;
use http_body_util::Limited;
use http_body_util::StreamBody;
use serde_json::Value;
use sha1::Digest;
use sha1::Sha1;

/// A JWT is good for so many seconds after it was issued, and refused if that is further ahead than this.
const JWT_LIFE: i64 = 600;
const JWT_DRIFT: i64 = 0;
/// Larger than any blob that a test makes.
const MAX_REQUEST: usize = 128 << 20;

pub(crate) async fn answer(State(standin): State<StandIn>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(id) = parts.uri.path().strip_prefix(STORAGE) {
        return stored(&standin, id, &parts.headers);
    }
    let Ok(bytes) = axum::body::to_bytes(body, MAX_REQUEST).await else {
        return to_response(Answer::new(StatusCode::PAYLOAD_TOO_LARGE, Value::Null));
    };
    let incoming = Incoming::new(parts.method, parts.uri.path(), parts.uri.query().unwrap_or_default(), parts.headers, &bytes);
    let (number, fault) = standin.lock().faults.arrive(incoming.record());
    let answer = match fault {
        None => standin.execute(&incoming),
        Some(Then::Answer(planned)) => planned.into_answer(),
        Some(Then::ExecuteAndAnswer(planned)) => {
            standin.execute(&incoming);
            planned.into_answer()
        }
        Some(Then::ExecuteAndHang) => {
            standin.execute(&incoming);
            return standin.hang().await;
        }
        Some(Then::Hang) => return standin.hang().await,
        Some(Then::ExecuteAndDrop) => {
            standin.execute(&incoming);
            return broken();
        }
        Some(Then::Drop) => return broken(),
    };
    standin.lock().faults.answered(number, answer.status, &answer.body);
    to_response(answer)
}

/// An archive of the storage, which is another host than the API: it is no request of the API, and whoever shows it the API's credentials is refused.
fn stored(standin: &StandIn, id: &str, headers: &HeaderMap) -> Response {
    let archive = id.parse().ok().and_then(|id| standin.with(|github| github.stored_archive(id)));
    let (status, body) = match archive {
        _ if headers.contains_key(header::AUTHORIZATION) => (StatusCode::FORBIDDEN, Body::empty()),
        Some(archive) => (StatusCode::OK, Body::from(archive)),
        None => (StatusCode::NOT_FOUND, Body::empty()),
    };
    Response::builder().status(status).header(header::CONTENT_TYPE, "application/zip").body(body).unwrap_or_else(|_| broken())
}

/// A request, read as far as is needed before anybody is asked for credentials.
struct Incoming {
    method: Method,
    /// As it came, without `/api/v3`.
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    /// `Err` where it is no JSON.
    body: Result<Value, ()>,
}

impl Incoming {
    fn new(method: Method, path: &str, query: &str, headers: HeaderMap, bytes: &Bytes) -> Self {
        let path = path.strip_prefix("/api/v3").unwrap_or(path);
        let path = if path == "/api/graphql" { "/graphql" } else { path };
        let body = if bytes.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(bytes).map_err(|_| ()) };
        Self { method, path: path.to_owned(), query: read_query(query), headers, body }
    }

    fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn record(&self) -> Recorded {
        let caller = match self.header(header::AUTHORIZATION) {
            None => "nobody",
            Some(value) if value.matches('.').count() == 2 => "app",
            Some(_) => "installation",
        };
        Recorded {
            number: 0,
            method: self.method.to_string(),
            path: self.path.clone(),
            query: self.query.clone(),
            body: self.body.clone().unwrap_or_default(),
            if_none_match: self.header(header::IF_NONE_MATCH).map(str::to_owned),
            caller,
            status: None,
            response: Value::Null,
        }
    }
}

impl StandIn {
    /// Carries out a request and hands out what it caused.
    fn execute(&self, incoming: &Incoming) -> Answer {
        let answer = respond(&mut self.lock(), incoming);
        self.hand_out();
        answer
    }

    async fn hang(&self) -> Response {
        self.on_hang().notify_one();
        std::future::pending().await
    }
}

fn respond(github: &mut Github, incoming: &Incoming) -> Answer {
    let known = match caller(incoming.header(header::AUTHORIZATION), &github.tokens, (github.app.id, &github.app_keys), github.now) {
        Ok(known) => known,
        Err(refused) => return dated(*refused, github),
    };
    if let Caller::App { issued_at } = known
        && github.hour_counts
        && !(-JWT_LIFE..=JWT_DRIFT).contains(&(issued_at - github.now.0))
    {
        let message = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
        return dated(*refusal(StatusCode::UNAUTHORIZED, message), github);
    }
    if let Caller::Installation(grant) = &known {
        match github.installations.get(&grant.installation) {
            None => return *bad_credentials(),
            Some(installation) if installation.suspended => return *refusal(StatusCode::FORBIDDEN, "This installation has been suspended"),
            Some(_) => {}
        }
    }
    // The rate of nobody and of the App itself is another one, and not played.
    let counted = matches!(known, Caller::Installation(_)) && incoming.path != "/rate_limit";
    let resource = Resource::of(&incoming.path);
    if counted && let Err(refused) = github.limits.count(resource, github.now) {
        return with_headers(*refused, github, resource);
    }
    let Ok(body) = incoming.body.clone() else {
        return with_headers(*refusal(StatusCode::BAD_REQUEST, "Problems parsing JSON"), github, resource);
    };
    let segments = incoming.path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
    let call = Call { method: incoming.method.clone(), segments, query: incoming.query.clone(), body, caller: known };
    let answer = routes::answer(github, &call).unwrap_or_else(|refused| *refused);
    let answer = if incoming.method == Method::GET { tagged(answer, incoming, github) } else { answer };
    with_headers(answer, github, resource)
}

/// Adds the ETag, and answers 304 to who knows it already.
fn tagged(answer: Answer, incoming: &Incoming, github: &mut Github) -> Answer {
    if answer.status != StatusCode::OK {
        return answer;
    }
    let hash: String = Sha1::digest(answer.body.to_string()).iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("W/\"{hash}\"");
    let known = incoming.header(header::IF_NONE_MATCH).is_some_and(|tags| tags.split(',').any(|other| weak(other) == weak(&tag)));
    if !known {
        return answer.with("etag", tag);
    }
    github.limits.give_back();
    Answer { body: Value::Null, status: StatusCode::NOT_MODIFIED, ..answer }.with("etag", tag)
}

fn weak(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/")
}

fn with_headers(mut answer: Answer, github: &Github, resource: Resource) -> Answer {
    answer.headers.extend(github.limits.headers(resource));
    dated(answer, github).with("x-github-request-id", "STANDIN").with("x-github-media-type", "github.v3; format=json")
}

/// A time as HTTP writes it: `Sat, 28 Nov 2026 18:00:00 GMT`.
fn http_date(at: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = at.to_string();
    let month = text[5..7].parse::<usize>().ok().and_then(|month| MONTHS.get(month - 1)).unwrap_or(&"Jan");
    let day = DAYS[usize::try_from(at.0.div_euclid(86_400).rem_euclid(7)).unwrap_or_default()];
    format!("{day}, {} {month} {} {} GMT", &text[8..10], &text[..4], &text[11..19])
}

fn dated(answer: Answer, github: &Github) -> Answer {
    if github.hour_counts { answer.with("date", http_date(github.now)) } else { answer }
}

fn to_response(answer: Answer) -> Response {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let (kind, body) = match answer.body {
        Value::Null => ("application/json; charset=utf-8", Body::empty()),
        // Only what broke before it reached the API is no JSON.
        Value::String(page) => ("text/html; charset=utf-8", Body::from(page)),
        json => ("application/json; charset=utf-8", Body::from(json.to_string())),
    };
    response.header(header::CONTENT_TYPE, kind).body(body).unwrap_or_else(|_| broken())
}

/// A response whose body fails at once, and whose length is not known: the server closes the connection in the middle of it.
fn broken() -> Response {
    let failing = Limited::new(Full::new(Bytes::from_static(b"{}")), 0);
    Response::new(Body::new(StreamBody::new(BodyStream::new(failing))))
}

fn read_query(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (decode(name), decode(&value.replace('+', " ")))).collect()
}
