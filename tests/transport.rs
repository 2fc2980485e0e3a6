//! The way to the forge: an authority of the operator's own, and a proxy that is asked for a tunnel.
//!
//! `tests/cases/transport` holds an authority and a certificate for localhost that are good for a hundred years and for nothing else.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use astride::forge::transport::{Route, Transport};
use http::Request;
use http_body_util::BodyExt;
use octocrab::OctoBody;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{JoinHandle, spawn};

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/transport").join(name)
}

fn authority() -> Vec<u8> {
    std::fs::read(case("ca.pem")).unwrap()
}

fn server_config() -> Arc<ServerConfig> {
    let certificates = CertificateDer::pem_file_iter(case("server.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(case("server.key")).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    Arc::new(builder.with_single_cert(certificates, key).unwrap())
}

/// Greets whoever asks over TLS, until the connection fails.
fn greet(stream: TcpStream) {
    let mut stream = StreamOwned::new(ServerConnection::new(server_config()).unwrap(), stream);
    if read_head(&mut stream).is_some() {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
        stream.conn.send_close_notify();
        let _ = stream.flush();
    }
}

fn read_head(stream: &mut impl Read) -> Option<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    Some(String::from_utf8(head).unwrap())
}

/// Serves a number of connections over TLS; gives the port.
fn serve(connections: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    spawn(move || listener.incoming().take(connections).for_each(|stream| greet(stream.unwrap())));
    port
}

/// A proxy that opens one tunnel to that port, wherever it was asked to; gives its port, and what it was asked.
fn tunnel_to(port: u16) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let asked = spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let head = read_head(&mut stream).unwrap();
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let target = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (mut from, mut to) = (stream.try_clone().unwrap(), target.try_clone().unwrap());
        spawn(move || std::io::copy(&mut from, &mut to));
        let (mut from, mut to) = (target, stream);
        spawn(move || std::io::copy(&mut from, &mut to));
        head
    });
    (own, asked)
}

/// What an error says, and what its causes say.
fn all_of(error: &dyn Error) -> String {
    let (mut said, mut cause) = (error.to_string(), error.source());
    while let Some(inner) = cause {
        said = format!("{said}: {inner}");
        cause = inner.source();
    }
    said
}

async fn ask(route: &Route, url: &str) -> Result<String, String> {
    let transport = Transport::new(route).map_err(|error| error.to_string())?;
    let response = transport.send(Request::get(url).body(OctoBody::empty()).unwrap()).await;
    let response = response.map_err(|error| all_of(&error))?;
    let body = response.into_body().collect().await.map_err(|error| error.to_string())?;
    Ok(String::from_utf8(body.to_bytes().to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_of_ones_own_is_trusted_instead_of_the_machines() {
    let url = format!("https://localhost:{}/", serve(2));
    let refused = ask(&Route::default(), &url).await.unwrap_err();
    assert!(refused.contains("certificate"), "{refused}");
    assert_eq!(ask(&Route { authorities: authority(), ..Route::default() }, &url).await.as_deref(), Ok("hello"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn https_goes_through_the_proxy_as_a_tunnel() {
    let (proxy, asked) = tunnel_to(serve(1));
    let route = Route { authorities: authority(), proxy: format!("http://ann:s3cret@127.0.0.1:{proxy}"), no_proxy: String::new() };
    // The name is resolved by the proxy alone: here nobody could.
    assert_eq!(ask(&route, "https://localhost:4443/meta").await.as_deref(), Ok("hello"));
    let head = asked.join().unwrap();
    assert!(head.starts_with("CONNECT localhost:4443 HTTP/1.1\r\n"), "{head}");
    assert!(head.to_lowercase().contains("proxy-authorization: basic yw5uonmzy3jlda=="), "{head}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_proxy_names_is_reached_directly() {
    let port = serve(1);
    let nobody = "http://127.0.0.1:1".to_owned();
    let route = Route { authorities: authority(), proxy: nobody, no_proxy: "localhost".to_owned() };
    assert_eq!(ask(&route, &format!("https://localhost:{port}/")).await.as_deref(), Ok("hello"));
    let through = ask(&Route { no_proxy: String::new(), ..route }, &format!("https://localhost:{port}/")).await;
    assert!(through.unwrap_err().contains("proxy gives no tunnel"));
}

#[tokio::test]
async fn what_cannot_work_is_said_at_the_start() {
    let route =
        |authorities: &[u8], proxy: &str| Route { authorities: authorities.to_vec(), proxy: proxy.to_owned(), no_proxy: String::new() };
    for (route, why) in [
        (route(b"no certificate", ""), "has no certificate in it"),
        (route(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ""), "github.ca_file: "),
        (route(b"", "https://proxy.acme.example:3128"), "is no http:// address"),
        (route(b"", "socks5://proxy.acme.example"), "is no http:// address"),
    ] {
        let error = Transport::new(&route).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}
