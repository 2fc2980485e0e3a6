//! The smallest client: it signs as the App, keeps one token, and calls the stand-in's router in process.

use astride::sandbox::github::StandIn;
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

pub struct Client {
    router: Router,
    key: &'static str,
}

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Client {
    pub fn new(standin: &StandIn) -> Self {
        Self { router: standin.router(), key: standin.private_key() }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.as_installation("GET", path, Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.as_installation("POST", path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.as_installation("PATCH", path, body).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.as_installation("DELETE", path, Value::Null).await
    }

    /// With a token for all that the first installation has.
    pub async fn as_installation(&self, method: &str, path: &str, body: Value) -> Reply {
        let token = self.token(Value::Null).await;
        self.call(method, path, body, &[("authorization", &format!("Bearer {token}"))]).await
    }

    pub async fn as_app(&self, method: &str, path: &str, body: Value) -> Reply {
        self.call(method, path, body, &[("authorization", &format!("Bearer {}", self.jwt(4242, 1_000, 1_500)))]).await
    }

    pub async fn token(&self, asked: Value) -> String {
        let answer = self.as_app("POST", "/app/installations/5001/access_tokens", asked).await;
        answer.body["token"].as_str().unwrap_or_default().to_owned()
    }

    pub async fn call(&self, method: &str, path: &str, body: Value, headers: &[(&str, &str)]) -> Reply {
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

    pub fn jwt(&self, app: u64, issued_at: i64, expires_at: i64) -> String {
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
