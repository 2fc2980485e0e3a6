//! One connection that is kept open: bytes of a request out, status and body of the answer in.

use std::fmt::Write;
use std::io::{Error, ErrorKind, Result};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub struct Connection(BufReader<TcpStream>);

impl Connection {
    pub async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    pub async fn get(&mut self, path: &str) -> Result<(u16, String)> {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await
    }

    /// Sends a whole request, and reads the whole answer, whose length is told.
    pub async fn send(&mut self, request: &[u8]) -> Result<(u16, String)> {
        self.0.write_all(request).await?;
        let (mut status, mut length, mut line) = (None, 0, String::new());
        loop {
            line.clear();
            if self.0.read_line(&mut line).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let text = line.trim_end().to_lowercase();
            match (status, text.split_once(": ")) {
                (None, _) => status = Some(text.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(malformed)?),
                (Some(_), Some(("content-length", value))) => length = value.parse().map_err(|_| malformed())?,
                (Some(_), Some(_)) => {}
                (Some(_), None) => break,
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        Ok((status.unwrap_or_default(), String::from_utf8_lossy(&body).into_owned()))
    }
}

fn malformed() -> Error {
    Error::new(ErrorKind::InvalidData, "no answer of HTTP")
}

/// The bytes of a request with a body.
pub fn post(path: &str, headers: &[(&str, String)], body: &str) -> Vec<u8> {
    let mut request = format!("POST {path} HTTP/1.1\r\nhost: x\r\n");
    for (name, value) in headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    let _ = write!(request, "content-length: {}\r\n\r\n{body}", body.len());
    request.into_bytes()
}
