//! What HTTP APIs and function URLs allow pages of other origins.
//!
//! Comes in: `cors`, which is `true` or says more. Goes out: CloudFormation's configuration.

use crate::formats::serverless::pen::{Fields, Pen};
use crate::syntax::Node;

/// Everybody may call with these headers and methods, as far as `cors` does not say otherwise.
pub(super) fn configuration<'t>(pen: Pen<'t>, cors: Node<'t>, headers: &[&str], methods: &[&str]) -> Node<'t> {
    let mut fields = Fields::new(pen);
    fields.put("AllowOrigins", pen.texts(&["*"]));
    fields.put("AllowHeaders", pen.texts(headers));
    fields.put("AllowMethods", pen.texts(methods));
    fields.rename(
        cors,
        &[
            ("allowedOrigins", "AllowOrigins"),
            ("allowedHeaders", "AllowHeaders"),
            ("allowedMethods", "AllowMethods"),
            ("allowCredentials", "AllowCredentials"),
            ("exposedResponseHeaders", "ExposeHeaders"),
            ("maxAge", "MaxAge"),
        ],
    );
    fields.done()
}
