//! How requests reach the forge: HTTP/1.1 over TLS, through a proxy where the environment names one, and trusting an own authority where the
//! settings name one.
//!
//! Comes in: a request with its whole address. Goes out: the response. Redirects are followed, and lose their credentials where they lead to
//! another host. Nothing is tried again here, and nothing waited for.

use super::error::ForgeError;
use http::{Request, Response, Uri};
use http_body_util::combinators::BoxBody;
use hyper::body::Bytes;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioIo};
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tower::Service;
use tower_http::follow_redirect::FollowRedirect;

/// How long a connection may take to be there.
const CONNECT: Duration = Duration::from_secs(10);

/// What lies between us and the forge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Certificates in PEM that are trusted instead of the machine's own; empty for those.
    pub authorities: Vec<u8>,
    /// The proxy that HTTPS goes through, as `HTTPS_PROXY` or `ALL_PROXY` name it; empty for none.
    pub proxy: String,
    /// The hosts that are reached without it, as `NO_PROXY` names them.
    pub no_proxy: String,
}

impl Route {
    /// What the environment says of proxies, in upper or lower case; the lower one wins, as it does for curl.
    pub fn of_environment(environment: &BTreeMap<String, String>) -> Self {
        let named = |name: &str| {
            let found =
                [name.to_lowercase(), name.to_owned()].into_iter().find_map(|name| environment.get(&name).filter(|it| !it.is_empty()));
            found.cloned().unwrap_or_default()
        };
        let proxy = Some(named("HTTPS_PROXY")).filter(|proxy| !proxy.is_empty()).unwrap_or_else(|| named("ALL_PROXY"));
        Self { authorities: Vec::new(), proxy, no_proxy: named("NO_PROXY") }
    }
}

/// Sends requests. Cheap to clone.
///
/// octocrab over a connector of our own: the one that it makes itself knows no proxy and no authority but the machine's. Its retries are left
/// out, as they repeat POSTs.
#[derive(Clone, Debug)]
pub struct Transport(Octocrab);

impl Transport {
    /// To be called inside a runtime.
    ///
    /// # Errors
    /// `Setup`: there are no certificates to trust, or the proxy is none that is known.
    pub fn new(route: &Route) -> Result<Self, ForgeError> {
        let octocrab = OctocrabBuilder::new_empty().with_service(FollowRedirect::new(client(route)?)).with_auth(AuthState::None).build();
        match octocrab {
            Ok(octocrab) => Ok(Self(octocrab)),
            Err(never) => match never {},
        }
    }

    /// The same, but redirects are answers: what is sent goes where it was meant to go, or nowhere.
    ///
    /// # Errors
    /// As `new`.
    pub fn without_redirects(route: &Route) -> Result<Self, ForgeError> {
        match OctocrabBuilder::new_empty().with_service(client(route)?).with_auth(AuthState::None).build() {
            Ok(octocrab) => Ok(Self(octocrab)),
            Err(never) => match never {},
        }
    }

    /// # Errors
    /// There was no answer, or half of its head.
    pub async fn send(&self, request: Request<OctoBody>) -> Result<Response<BoxBody<Bytes, octocrab::Error>>, octocrab::Error> {
        self.0.send(request).await
    }
}

fn client(route: &Route) -> Result<Client<HttpsConnector<Connector>, OctoBody>, ForgeError> {
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(trust(&route.authorities)?)
        .https_or_http()
        .enable_http1()
        .wrap_connector(Connector { direct: direct(), proxy: proxy(route)?.map(Arc::new) });
    Ok(Client::builder(TokioExecutor::new()).build(connector))
}

fn trust(authorities: &[u8]) -> Result<ClientConfig, ForgeError> {
    let setup = |error: &dyn fmt::Display| ForgeError::Setup(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|error| setup(&error))?;
    if authorities.is_empty() {
        return Ok(builder.with_native_roots().map_err(|error| setup(&error))?.with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authorities) {
        let added = certificate.map_err(|error| error.to_string()).and_then(|it| roots.add(it).map_err(|error| error.to_string()));
        added.map_err(|error| setup(&format!("github.ca_file: {error}")))?;
    }
    if roots.is_empty() {
        return Err(setup(&"github.ca_file has no certificate in it"));
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn proxy(route: &Route) -> Result<Option<Matcher>, ForgeError> {
    if route.proxy.is_empty() {
        return Ok(None);
    }
    let matcher = Matcher::builder().https(route.proxy.as_str()).no(route.no_proxy.as_str()).build();
    // What it makes of the address shows only where it is used; and the address may hold a password.
    let probe = Matcher::builder().https(route.proxy.as_str()).build().intercept(&Uri::from_static("https://proxied.invalid"));
    match probe {
        Some(found) if found.uri().scheme_str() == Some("http") => Ok(Some(matcher)),
        _ => Err(ForgeError::Setup("the proxy that HTTPS_PROXY or ALL_PROXY names is no http:// address".to_owned())),
    }
}

fn direct() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(CONNECT));
    connector.set_nodelay(true);
    connector
}

/// Opens connections: to the host itself, or to the proxy, which is asked for a tunnel.
#[derive(Clone)]
struct Connector {
    direct: HttpConnector,
    proxy: Option<Arc<Matcher>>,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let Some(found) = self.proxy.as_ref().and_then(|proxy| proxy.intercept(&destination)) else {
            let connecting = self.direct.call(destination);
            return Box::pin(async move { Ok(connecting.await?) });
        };
        let tunnel = Tunnel::new(found.uri().clone(), self.direct.clone());
        let mut tunnel = match found.basic_auth() {
            Some(credentials) => tunnel.with_auth(credentials.clone()),
            None => tunnel,
        };
        Box::pin(async move { tunnel.call(destination).await.map_err(|error| format!("the proxy gives no tunnel: {error}").into()) })
    }
}

/// The error with its causes: hyper's own text says little.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        // Some errors say their cause themselves.
        if !text.ends_with(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text
}
