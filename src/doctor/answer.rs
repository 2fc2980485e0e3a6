//! What an address answers, asked from this machine.

use crate::forge::transport::chain;
use crate::forge::transport::{Route, Transport};
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use octocrab::OctoBody;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
/// Of an answer so many bytes are read at most.
const MAX_ANSWER: usize = 1024;

/// Status and body of a page.
///
/// # Errors
/// In words, to be read after "asked from here". A longer answer is none of ours, and is given without its body.
pub(super) async fn of(address: &str, route: &Route) -> Result<(StatusCode, Vec<u8>), String> {
    let address: Uri = address.parse().map_err(|_| "it is no address")?;
    let transport = Transport::new(route).map_err(|error| error.to_string())?;
    let request = Request::get(address).header(header::USER_AGENT, "astride").body(OctoBody::empty()).map_err(|error| error.to_string())?;
    let asked = async {
        let response = transport.send(request).await.map_err(|error| chain(&error))?;
        let status = response.status();
        match Limited::new(response.into_body(), MAX_ANSWER).collect().await {
            Ok(body) => Ok((status, body.to_bytes().to_vec())),
            Err(error) if error.is::<LengthLimitError>() => Ok((status, Vec::new())),
            Err(error) => Err(format!("the answer broke off: {}", chain(&*error))),
        }
    };
    tokio::time::timeout(TIMEOUT, asked).await.unwrap_or_else(|_| Err(format!("nothing came for {} seconds", TIMEOUT.as_secs())))
}
