//! The smallest client: it signs as the App, takes a token per call, and calls the stand-in's router in process; and a world to try.

#![allow(dead_code, reason = "each suite uses a part")]
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use astride::change::ObjectId;
use astride::change::Right;
use astride::sandbox::github::Options;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::people::Opening;
use astride::sandbox::github::people::Push;
use astride::sandbox::github::people::Visibility;
use astride::sandbox::objects::Content;
use axum::Router;
use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::Request;
use ring::rand::SystemRandom;
use ring::signature::RSA_PKCS1_SHA256;
use ring::signature::RsaKeyPair;
use rustls_pki_types::PrivatePkcs1KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;
use serde_json::json;
use tower::ServiceExt;

pub(crate) const SHOP: &str = "acme/shop";
pub(crate) const PULL: &str = "/repos/acme/shop/pulls/1";

/// A private repository with one open pull request that changes a file, adds one and removes one.
pub(crate) fn shop() -> (StandIn, Client) {
    let standin = StandIn::new(Options::default());
    standin.act(|github| {
        let long: String = (1..=40).map(|line| format!("line{line}: {line}\n")).collect();
        let files = [
            ("README.md", "shop\n".into()),
            ("long.yaml", Content::Text(long.clone())),
            ("old.yaml", "old: true\n".into()),
            ("bin/run", Content::Executable("#!/bin/sh\n".to_owned())),
            ("link", Content::Symlink("README.md".to_owned())),
        ];
        github.add_repository(SHOP, Visibility::Private, &files).unwrap();
        github.install("acme", None);
        github.set_role(SHOP, "mona", Right::Write).unwrap();
        github.set_role(SHOP, "rita", Right::Maintain).unwrap();
        let changed = long.replace("line20: 20\n", "line20: twenty\nline20b: more\n");
        let changes =
            [("long.yaml", Some(Content::Text(changed))), ("new/template.yaml", Some("Resources: {}\n".into())), ("old.yaml", None)];
        github.push(&Push { repository: SHOP, branch: "orders", by: "mona", changes: &changes, message: "Orders" }).unwrap();
        let opening =
            Opening { repository: SHOP, by: "mona", head: "orders", base: "main", title: "Orders", body: "Adds orders", draft: false };
        github.open_pull(&opening).unwrap();
    });
    let client = Client::new(&standin);
    (standin, client)
}

pub(crate) fn head(standin: &StandIn) -> ObjectId {
    standin.with(|github| github.repository_named(SHOP).unwrap().branch("orders").unwrap())
}

pub(crate) struct Client {
    router: Router,
    key: &'static str,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Client {
    pub(crate) fn new(standin: &StandIn) -> Self {
        Self { router: standin.router(), key: standin.private_key() }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.as_installation("GET", path, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.as_installation("POST", path, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.as_installation("PATCH", path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.as_installation("DELETE", path, Value::Null).await
    }

    /// With a token for all that the first installation has.
    pub(crate) async fn as_installation(&self, method: &str, path: &str, body: Value) -> Reply {
        let token = self.token(Value::Null).await;
        self.call(method, path, body, &[("authorization", &format!("Bearer {token}"))]).await
    }

    pub(crate) async fn as_app(&self, method: &str, path: &str, body: Value) -> Reply {
        self.call(method, path, body, &[("authorization", &format!("Bearer {}", self.jwt(4242, 1_000, 1_500)))]).await
    }

    pub(crate) async fn token(&self, asked: Value) -> String {
        let answer = self.as_app("POST", "/app/installations/5001/access_tokens", asked).await;
        answer.body["token"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value, headers: &[(&str, &str)]) -> Reply {
        let bytes = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(bytes).unwrap()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Reply { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    pub(crate) fn jwt(&self, app: u64, issued_at: i64, expires_at: i64) -> String {
        let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!(
            "{}.{}",
            encode(json!({"alg": "RS256", "typ": "JWT"})),
            encode(json!({"iss": app, "iat": issued_at, "exp": expires_at}))
        );
        let der = PrivatePkcs1KeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        let pair = RsaKeyPair::from_der(der.secret_pkcs1_der()).unwrap();
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
