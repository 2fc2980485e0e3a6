//! The payload of a delivery: the body itself, or the field `payload` of a form, as GitHub sends where a hook asks for it.
//!
//! Source: <https://docs.github.com/en/webhooks/using-webhooks/creating-webhooks>, "Content type"; the signature is over the raw body.

use http::{HeaderMap, header};
use std::borrow::Cow;

/// `None` for a form without that field.
pub(super) fn payload<'b>(headers: &HeaderMap, body: &'b [u8]) -> Option<Cow<'b, [u8]>> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Some(Cow::Borrowed(body));
    }
    let value = body.split(|byte| *byte == b'&').find_map(|field| field.strip_prefix(b"payload="))?;
    Some(Cow::Owned(decode(value)))
}

/// What is no encoding stays as it is: then the payload is no JSON, and refused for that.
fn decode(value: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, after)) = rest.split_first() {
        let hex = || u8::from_str_radix(str::from_utf8(after.get(..2)?).ok().filter(|hex| !hex.starts_with('+'))?, 16).ok();
        match (first, if *first == b'%' { hex() } else { None }) {
            (_, Some(byte)) => {
                decoded.push(byte);
                rest = &after[2..];
            }
            (b'+', None) => {
                decoded.push(b' ');
                rest = after;
            }
            (_, None) => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::payload;
    use http::{HeaderMap, HeaderValue, header};

    #[test]
    fn payloads_of_forms_are_decoded() {
        for (kind, body, expected) in [
            ("application/json", "payload=%7B%7D", Some("payload=%7B%7D")),
            ("application/x-www-form-urlencoded", "payload=%7B%22a%22%3A+%22%2B%22%7D", Some("{\"a\": \"+\"}")),
            ("application/x-www-form-urlencoded; charset=utf-8", "x=1&payload=%7b%7d", Some("{}")),
            ("Application/X-WWW-Form-Urlencoded", "payload=100%", Some("100%")),
            ("application/x-www-form-urlencoded", "body={}", None),
        ] {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
            let read = payload(&headers, body.as_bytes()).map(|payload| String::from_utf8_lossy(&payload).into_owned());
            assert_eq!(read.as_deref(), expected, "{kind} {body}");
        }
    }
}
